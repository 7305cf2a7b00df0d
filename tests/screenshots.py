"""Makes the pictures of the README from the real pages: `python -m tests.screenshots` from the top of the checkout.

A `parley up` on a folder of its own reads the seeds; its pages are taken in windows of fixed sizes, in light and dark.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, sync_playwright

from tests.browser.test_browser_up import Service
from tests.browser.visiting import visit
from tests.machine import chromium

FOLDER = Path(__file__).parents[1] / "docs" / "screenshots"
_DESK = (1280, 760)
_PHONE = (390, 844)


class Picture(NamedTuple):
    """A page, and the window that it is taken in."""

    path: str
    size: tuple[int, int] = _DESK
    scheme: str = "light"


PICTURES = {
    "status": Picture("?topic=pti"),
    "status-dark": Picture("?topic=pti", scheme="dark"),
    "status-phone": Picture("?topic=pti", _PHONE),
    "timeline": Picture("timeline?topic=pti&range=all"),
    "alerts": Picture("alerts?topic=pti"),
    "evidence": Picture("evidence?topic=pti&view=both"),
}
"""By the name of the file."""


def take(browser: Browser, address: str, folder: Path) -> None:
    """Take every picture into the folder."""
    for name, picture in PICTURES.items():
        width, height = picture.size
        window: dict[str, Any] = {
            "viewport": {"width": width, "height": height},
            "color_scheme": picture.scheme,
            "reduced_motion": "reduce",
            "locale": "en-GB",
            "timezone_id": "Asia/Karachi",
        }
        with browser.new_context(**window) as context:
            page = context.new_page()
            visit(page, picture.path, address)
            page.screenshot(path=folder / f"{name}.png", animations="disabled")


def main() -> int:
    """Take them all; 1 where there is no browser."""
    path = chromium()
    if path is None:
        sys.stderr.write("no Chromium; install one (Debian: apt-get install chromium)\n")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ps-") as scratch, sync_playwright() as play:
        service = Service(Path(scratch) / "data")
        service.start()
        try:
            browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
            take(browser, service.address, FOLDER)
            browser.close()
        finally:
            service.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Prepares a machine for the tests: finds or installs what pip cannot bring (a Chromium for the browser tests).

Order: a Chromium on PATH; as root on Debian, apt's; else Playwright's own download; else it says what to install, and
the browser tests are skipped (with CI=true a skip is a failure).
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "fonts-noto-core")


def chromium() -> str | None:
    """The Chromium to use, or None."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "~/.cache/ms-playwright")).expanduser()
    return next((str(path) for path in sorted(cache.glob("chromium-*/chrome-linux*/chrome"))), None)


def _run(*command: str) -> bool:
    sys.stderr.write(f"+ {' '.join(command)}\n")
    return subprocess.run(command, check=False, stdout=subprocess.DEVNULL, timeout=900).returncode == 0


def _install_with_apt() -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        os.environ["DEBIAN_FRONTEND"] = "noninteractive"
        _run("apt-get", "update", "-qq")
        _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES)


def _install_with_playwright() -> None:
    _run(sys.executable, "-m", "playwright", "install", "chromium")


def main() -> int:
    for install in (_install_with_apt, _install_with_playwright):
        if chromium():
            break
        install()
    found = chromium()
    if found is None:
        sys.stderr.write(
            "no Chromium: the browser tests will be skipped. Install one (Debian: apt-get install chromium).\n"
        )
        return int(os.environ.get("CI") == "true")
    return 0


if __name__ == "__main__":
    sys.exit(main())

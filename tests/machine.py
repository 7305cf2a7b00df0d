"""Prepares a machine for the tests: finds or installs what pip cannot bring (a Chromium, a PostgreSQL, a Redis).

Order: what is there; as root on Debian, apt's; for a Chromium, Playwright's own download; else it says what to install,
and the tests that need it are skipped (with CI=true a skip is a failure).
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """The Chromium to use, or None."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "~/.cache/ms-playwright")).expanduser()
    return next((str(path) for path in sorted(cache.glob("chromium-*/chrome-linux*/chrome"))), None)


def postgres() -> Path | None:
    """The folder of PostgreSQL's programs: on PATH, or where Debian puts the newest; or None."""
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((path.parent for path in found), key=lambda folder: int(folder.parent.name), default=None)


def _run(*command: str) -> bool:
    sys.stderr.write(f"+ {' '.join(command)}\n")
    return subprocess.run(command, check=False, stdout=subprocess.DEVNULL, timeout=900).returncode == 0


def _install_with_apt(*packages: str) -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        os.environ["DEBIAN_FRONTEND"] = "noninteractive"
        _run("apt-get", "update", "-qq")
        _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages)


def _install_with_playwright() -> None:
    _run(sys.executable, "-m", "playwright", "install", "chromium")


def main() -> int:
    """Install what is missing; 1 where CI promises what is missing still."""
    missing = [
        *(["chromium", "fonts-noto-core"] if not chromium() else []),
        *([] if postgres() else ["postgresql"]),
        *([] if shutil.which("redis-server") else ["redis-server"]),
    ]
    if missing:
        _install_with_apt(*missing)
    if not chromium():
        _install_with_playwright()
    wanted = {"chromium": chromium(), "postgresql": postgres(), "redis-server": shutil.which("redis-server")}
    lacking = [name for name, found in wanted.items() if not found]
    for name in lacking:
        sys.stderr.write(
            f"no {name}: its tests will be skipped. Install it (Debian: apt-get install {name}).\n"
        )
    return int(bool(lacking) and os.environ.get("CI") == "true")


if __name__ == "__main__":
    sys.exit(main())

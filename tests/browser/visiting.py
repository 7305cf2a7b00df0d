"""Every page of the dashboard and every plain one, as its own code names them: a new one is looked at by itself."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

DASHBOARD = Path(__file__).parents[2] / "dashboard"
PAGES = ("", *re.findall(r'url_path="([\w-]+)"', (DASHBOARD / "app.py").read_text()))
"""Paths of the pages in the order of the navigation, those that it hides too; the first is the default."""
_ROUTES = r'(?m)(?:\bRoute\(\s*|^[A-Z]+ = )"/([\w.-]+)"'
PLAIN = tuple(
    dict.fromkeys(
        path for file in sorted(DASHBOARD.glob("*.py")) for path in re.findall(_ROUTES, file.read_text())
    )
)
"""Paths of what the dashboard's process answers without Streamlit and without a script."""
NOT_WIDER = (
    "[document.documentElement.scrollWidth - innerWidth,"
    " (e => e ? e.scrollWidth - e.clientWidth : 0)(document.querySelector('[data-testid=stMain]'))]"
)
"""Pixels by which a page is wider than its window, and its main part wider than its place."""


def visit(page: Page, path: str, address: str = "") -> None:
    """Open a page, of another dashboard than the story's by its address, and wait until all of it is there."""
    page.goto(f"{address}/{path}")
    expect(page.locator(".parley :is(h1, h2)").first).to_be_visible()
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(state="attached")
    page.evaluate("document.fonts.ready")

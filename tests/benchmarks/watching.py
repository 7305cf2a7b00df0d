"""What a watcher waits for, in a real browser over years of news: the first sight, the next page, the refresh.

The budgets are those of a wired desk, and of a phone on a slow line: 1.6 Mbit/s, 150 ms there and back, a quarter of
this machine's speed. The phone is measured behind nginx, for Streamlit compresses nothing; where there is no nginx, the
phone is left out and said to be.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.benchmarks import many
from tests.benchmarks import viewers as watched
from tests.benchmarks.measure import Figure, p95
from tests.benchmarks.proxy import nginx, proxied
from tests.browser.conftest import served
from tests.machine import chromium

SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
_CONTENT = ".parley .hero h1"
_WITHIN_MS = 60_000


def figures(*, quick: bool) -> Iterator[Figure]:
    """All figures; `quick` only shows that they can be taken, and leaves the phone out."""
    path = chromium()
    if path is None:
        sys.stderr.write("no Chromium: what a watcher waits for is not measured\n")
        return
    with (
        sync_playwright() as play,
        play.chromium.launch(executable_path=path, args=["--no-sandbox"]) as browser,
    ):
        yield from seen_in(browser, quick=quick)


def seen_in(browser: Browser, *, quick: bool) -> Iterator[Figure]:
    """The figures, seen in this browser: a process has room for one Playwright only."""
    articles, alerts, turns = (200, 20, 1) if quick else (100_000, 10_000, 5)
    with ExitStack() as stack:
        folder = many.folder(articles, alerts)
        with served(folder) as fresh:
            yield from _crowd(fresh, *((2, 3, 1) if quick else (50, 100, 6)))
        address = stack.enter_context(served(folder))
        yield from _desk(browser, address, turns)
        if quick:
            return
        if nginx() is None:
            sys.stderr.write(
                "no nginx: the phone on a slow line is not measured (Debian: apt-get install nginx)\n"
            )
        else:
            conf = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pw-")))
            yield from _phone(browser, stack.enter_context(proxied(address, conf)), turns)


def _desk(browser: Browser, address: str, turns: int) -> Iterator[Figure]:
    """A wired desk: the first sight with nothing kept, the next with everything kept, and the way between pages."""
    cold, warm, change, chosen = [], [], [], []
    with browser.new_context() as context:
        _sight(context.new_page(), address)  # the server has just started, and loads what it needs
    for _ in range(turns):
        with browser.new_context() as context:
            page = context.new_page()
            cold.append(_sight(page, address))
            warm.append(_sight(page, address))
            change += [_change(page, name) for name in ("Timeline", "Alerts", "Sources")]
            chosen += [_choose(page, address, status) for status in ("stalled", "rejected")]
    yield Figure("first sight of Status", statistics.median(cold), "s", 1.5)
    yield Figure("another sight of Status", statistics.median(warm), "s", 0.6)
    yield Figure("from page to page", statistics.median(change) * 1000, "ms", 300)
    yield Figure("from a filter to what it lets pass", statistics.median(chosen) * 1000, "ms", 250)


def _crowd(address: str, viewers: int, more: int, rounds: int) -> Iterator[Figure]:
    """Many viewers at once: how long their refreshes take, and the memory of the process that serves them."""
    held: list[float] = []
    watched.refreshes(address, more, 1, lambda: held.append(watched.resident_megabytes(address)))
    took = watched.refreshes(address, viewers, rounds, lambda: None)
    yield Figure(f"refresh with {viewers} viewers, p95", p95(took) * 1000, "ms", 400)
    yield Figure(f"memory of the dashboard with {more} viewers", held[0], "MB", 300)


def _phone(browser: Browser, address: str, turns: int) -> Iterator[Figure]:
    """A phone on a slow line, through the proxy; and what goes over the line."""
    cold, warm = [], []
    for _ in range(turns):
        with browser.new_context(**PHONE) as context:
            page = context.new_page()
            _slow(page)
            cold.append(_sight(page, address))
            warm.append(_sight(page, address))
    yield Figure("first sight of Status on a slow phone", statistics.median(cold), "s", 8)
    yield Figure("another sight of Status on a slow phone", statistics.median(warm), "s", 2)
    # Streamlit's start loads its whole icon font, 376 kB, used or not; the aims are those without it.
    for name, path, most, aim in (("Status", "", 1.3, 0.8), ("Timeline", "timeline", 2.0, 1.5)):
        with browser.new_context() as context:
            yield Figure(
                f"transfer of {name}, cold", _megabytes(context, f"{address}/{path}"), "MB", most, aim
            )


def _sight(page: Page, address: str) -> float:
    """Seconds from the address to the status."""
    begun = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator(_CONTENT).first.wait_for(timeout=_WITHIN_MS)
    taken = time.perf_counter() - begun
    page.wait_for_load_state("networkidle")
    return taken


def _change(page: Page, name: str) -> float:
    """Seconds from a click in the navigation to that page's heading."""
    link = page.get_by_role("navigation", name="App pages").get_by_role("link", name=name, exact=True)
    heading = page.locator(".parley h1", has_text=name)
    begun = time.perf_counter()
    link.click()
    heading.wait_for(timeout=_WITHIN_MS)
    return time.perf_counter() - begun


def _choose(page: Page, address: str, words: str) -> float:
    """Seconds from the key that ends a search of Alerts to what was found."""
    page.goto(f"{address}/alerts")
    field, found = page.get_by_label("Search words"), page.locator(".parley .fresh", has_text=words)
    page.locator(".parley .fresh").first.wait_for(timeout=_WITHIN_MS)
    page.wait_for_load_state("networkidle")
    field.fill(words)
    begun = time.perf_counter()
    field.press("Enter")
    found.wait_for(timeout=_WITHIN_MS)
    return time.perf_counter() - begun


def _slow(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})


def _megabytes(context: BrowserContext, address: str) -> float:
    """What is loaded until nothing more is, compressed as it goes over the line."""
    page, sizes = context.new_page(), list[float]()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda done: sizes.append(done["encodedDataLength"]))
    page.goto(address)
    page.locator(".parley h1").first.wait_for(timeout=_WITHIN_MS)
    page.wait_for_load_state("networkidle")
    return sum(sizes) / 1e6

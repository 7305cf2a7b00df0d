"""Every page for those who see little, see no colours, use no mouse, or listen: in light and dark, wide and narrow.

The pages are opened once, in one window, and everything is noted about each; the tests then say what must hold.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.visiting import NOT_WIDER, PAGES, visit

pytestmark = pytest.mark.browser
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
RUN_AXE = """async () => (await axe.run(document, {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations']
})).violations.map(one => [one.id, one.nodes.slice(0, 3).map(node => `${node.html} ${node.failureSummary}`)])"""
HEADINGS = "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(e => Number(e.tagName[1]))"
LANDMARKS = """[...document.querySelectorAll('main, nav, [role=main], [role=navigation]')]
  .map(e => [e.tagName.toLowerCase(), e.getAttribute('aria-label') || ''])"""
MOVING = """document.getAnimations().filter(one => one.effect.target.closest('.parley')
  && Number(one.effect.getComputedTiming().duration) > 10).map(one => one.effect.target.outerHTML.slice(0, 90))"""
FORCED = """[...document.querySelectorAll('.parley *')].filter(e => !e.closest('[aria-hidden=true], [role=img], svg')
  && getComputedStyle(e).forcedColorAdjust === 'none'
  && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())).map(e => e.outerHTML.slice(0, 90))"""
CHIPS = """[...document.querySelectorAll('.parley .chip, .parley .strip span, .parley .meter i.on')]
  .filter(e => getComputedStyle(e).forcedColorAdjust !== 'none').map(e => e.outerHTML.slice(0, 90))"""
CONTROLS = """(() => { let number = 0;
  for (const e of document.querySelectorAll(
    'main :is(a[href], button, input, select, textarea, summary, [tabindex="0"]), nav a[href]')) {
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    // Of a group of radio buttons one takes the tab, and the arrows lead on.
    const passed = e.disabled || e.tabIndex < 0 || (e.type === 'radio' && !e.checked) || e.closest('[inert]')
      || e.closest('details:not([open]) > :not(summary)');
    if (passed || !box.width || !box.height || style.visibility === 'hidden') continue;
    e.dataset.wanted = number++;
  } return number; })()"""
FOCUS = """(() => { const look = e => { const found = [];
    for (let at = e, up = 0; at && up < 4; at = at.parentElement, up++) {
      const s = getComputedStyle(at), a = getComputedStyle(at, '::after'), b = getComputedStyle(at, '::before');
      for (const one of [s, a, b]) found.push(one.outlineStyle, one.outlineWidth, one.outlineColor, one.boxShadow,
        one.borderColor, one.backgroundColor, one.textDecorationLine, one.opacity); }
    return found.join('|'); };
  const e = document.activeElement, before = window.focused;
  const shown = before ? look(before[0]) !== before[1] : true;
  const last = before && before[0];
  window.focused = [e, look(e)];
  return [e.dataset.wanted ?? null, e.closest('nav') ? 'nav' : e.closest('main') ? 'main' : 'else',
    shown ? '' : last.outerHTML.slice(0, 120), e.innerText?.slice(0, 40) || '', e === document.body]; })()"""
# Within a group of choices the arrows lead on; and what a refresh has replaced meanwhile is not asked for.
LEFT = """([left, reached]) => left.map(n => document.querySelector(`[data-wanted="${n}"]`)).filter(e => e
  && !reached.some(n =>
    e.closest("[role=radiogroup], [role=toolbar], [role=tablist]")?.querySelector(`[data-wanted="${n}"]`)))
  .map(e => e.outerHTML.slice(0, 120))"""
MOST_TABS = 150


@dataclass
class Found:
    """What was noted of one page."""

    violations: dict[str, list[Any]] = field(default_factory=dict)
    wider: dict[str, list[int]] = field(default_factory=dict)
    headings: list[int] = field(default_factory=list)
    landmarks: list[list[str]] = field(default_factory=list)
    moving: list[str] = field(default_factory=list)
    forced: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)
    way: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def found(
    browser: Browser, base_url: str, browser_context_args: dict[str, Any]
) -> Iterator[dict[str, Found]]:
    """Every page of the navigation by its path, looked at in every way."""
    # Axe comes from the test, and the page's own policy would refuse it.
    context = browser.new_context(**{**browser_context_args, "base_url": base_url, "bypass_csp": True})
    with context:
        page = context.new_page()
        yield {path: look(page, path) for path in PAGES}


def look(page: Page, path: str) -> Found:
    """Open a page and note what it is like."""
    noted = Found()
    page.set_viewport_size({"width": 1280, "height": 760})
    page.emulate_media(color_scheme="light", forced_colors="none")
    visit(page, path)
    noted.headings = page.evaluate(HEADINGS)
    noted.landmarks = page.evaluate(LANDMARKS)
    noted.moving = page.evaluate(MOVING)
    page.evaluate(AXE)
    noted.violations["light"] = page.evaluate(RUN_AXE)
    tab_through(page, noted)
    # 200 % of 1280, a phone, and 400 % of 1280 (WCAG 1.4.10).
    for name, width in (("200 %", 640), ("phone", 390), ("400 %", 320)):
        page.set_viewport_size({"width": width, "height": 760})
        noted.wider[name] = page.evaluate(NOT_WIDER)
        if name == "phone":
            noted.violations["phone"] = page.evaluate(RUN_AXE)
    page.set_viewport_size({"width": 1280, "height": 760})
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("getComputedStyle(document.querySelector('.stApp')).colorScheme.includes('dark')")
    noted.violations["dark"] = page.evaluate(RUN_AXE)
    page.emulate_media(color_scheme="light", forced_colors="active")
    noted.forced = page.evaluate(FORCED) + page.evaluate(CHIPS)
    return noted


def tab_through(page: Page, noted: Found) -> None:
    """Go over the whole page by the Tab key."""
    wanted = page.evaluate(CONTROLS)
    reached: set[int] = set()
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        number, where, unseen, text, is_over = page.evaluate(FOCUS)
        if unseen:
            noted.unseen.append(unseen)
        if is_over:
            break
        if number is not None:
            if int(number) in reached:
                break
            reached.add(int(number))
        if not noted.way or noted.way[-1] != where:
            noted.way.append(where if where != "else" else text)
    left = [number for number in range(wanted) if number not in reached]
    noted.unreached = page.evaluate(LEFT, [left, sorted(reached)])


def test_axe_finds_nothing_in_light_in_dark_and_on_a_phone(found: dict[str, Found]) -> None:
    wrong = {
        (path, look): violations
        for path, one in found.items()
        for look, violations in one.violations.items()
        if violations
    }
    assert not wrong
    assert {len(one.violations) for one in found.values()} == {3}


def test_no_page_scrolls_sideways_enlarged_or_on_a_phone(found: dict[str, Found]) -> None:
    wide = {(path, size): by for path, one in found.items() for size, by in one.wider.items() if max(by) > 0}
    assert not wide


def test_who_listens_hears_one_heading_first_and_no_level_left_out(found: dict[str, Found]) -> None:
    for path, one in found.items():
        assert one.headings[:1] == [1], path
        assert one.headings.count(1) == 1, path
        steps = zip(one.headings, one.headings[1:], strict=False)
        assert all(after - before <= 1 for before, after in steps), (path, one.headings)
        assert [tag for tag, _ in one.landmarks].count("main") == 1, path
        names = [name for tag, name in one.landmarks if tag == "nav"]
        assert "" not in names, path
        assert len(set(names)) == len(names), path


def test_the_keyboard_alone_reaches_everything_and_shows_where_it_is(found: dict[str, Found]) -> None:
    for path, one in found.items():
        assert one.way[0] == "Skip to main content", path
        assert one.way[1] == "nav", path
        assert "main" in one.way[2:], path
        assert one.unreached == [], path
        assert one.unseen == [], path


def test_nothing_moves_for_who_wants_no_motion(found: dict[str, Found]) -> None:
    assert not {path: one.moving for path, one in found.items() if one.moving}


def test_forced_colours_are_used_for_all_text_and_for_no_mark(found: dict[str, Found]) -> None:
    assert not {path: one.forced for path, one in found.items() if one.forced}

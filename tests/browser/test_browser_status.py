"""Status while somebody looks: what loads, ticks, is announced and printed, and the page without scripts."""

import re
import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import fakeredis
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import Session

from monitor.log.stream import EventLog
from monitor.readmodel.files import current_path
from monitor.readmodel.model import ReadModel
from monitor.sources.state import SourceState, SourceStates, stamp
from monitor.vocabulary import Position, Precision, Status
from tests.browser.conftest import TODAY, served
from tests.readmodel.story import Story, claim, project, tell_all

pytestmark = pytest.mark.browser
URDU = "ذرائع کے مطابق یونین نے بندرگاہ کی مذاکرات کی پیشکش مسترد کر دی اور ارکان کو ہڑتال کی ہدایت کی۔"


@pytest.fixture
def own(data_dir: Path) -> tuple[Story, ReadModel]:
    """A story of this test alone, whose sources were just read."""
    log = EventLog(fakeredis.FakeRedis(protocol=2, legacy_responses=False, server=fakeredis.FakeServer()))
    story, model = Story(log), ReadModel(data_dir)
    tell_all(story, moved=TODAY - timedelta(days=2) - date(2026, 2, 26))
    project(story, model)
    engine, now = model.store.service(), datetime.now(UTC)
    SourceStates(engine)
    with Session(engine) as session:
        read = {"polled_once": True, "last_poll_at": stamp(now), "last_ok_at": stamp(now)}
        due = stamp(now + timedelta(minutes=15))
        session.add(SourceState(source_id="a", place="", host="", topics="docks", due_at=due, **read))
        session.commit()
    engine.dispose()
    return story, model


def test_status_loads_without_a_jump_ticks_apart_and_announces_a_shift_once(
    page: Page, own: tuple[Story, ReadModel]
) -> None:
    story, model = own
    model.close()
    path = current_path(model.data_dir)
    assert path is not None
    with served(model.data_dir) as address:
        blocker = sqlite3.connect(str(path), isolation_level=None)
        blocker.execute("PRAGMA locking_mode=EXCLUSIVE")
        blocker.execute("BEGIN EXCLUSIVE")
        blocker.execute("CREATE TABLE other (x)")
        page.goto(address)
        skeleton = page.get_by_role("region", name="Loading where the talks stand")
        expect(skeleton).to_be_visible()
        before = skeleton.bounding_box()
        blocker.execute("ROLLBACK")
        blocker.close()
        hero = page.get_by_role("region", name="Current status")
        expect(hero.locator("h1")).to_contain_text("Talks rejected")
        after = hero.bounding_box()
        assert before is not None
        assert after is not None
        assert (before["x"], before["width"]) == (after["x"], after["width"])
        assert abs(before["y"] - after["y"]) < 40
        assert abs(before["height"] - after["height"]) < 120

        fresh = page.locator(".fresh")
        expect(fresh).to_have_text(re.compile(r"Checked \d+ s ago · 1 of 1 source OK"))
        said = fresh.inner_text()
        page.evaluate("document.querySelector('.hero').kept = true")
        page.locator(".foot a").focus()
        expect(fresh).not_to_have_text(said, timeout=8000)
        assert page.evaluate("document.querySelector('.hero').kept")
        assert page.evaluate("document.activeElement.textContent") == "This page without JavaScript"

        tab = page.locator('head link[rel*="icon"]').first
        rejected = tab.get_attribute("href") or ""
        assert rejected.startswith("data:image/svg+xml")
        assert page.get_by_text("New:").count() == 0

        text = "At dawn the dockers signed an accord on pay with the port authority, both sides said."
        article = story.article("dawn", "Harbour Post", TODAY, "Accord at dawn", text)
        found = claim(
            article, "pay", "agreement", "signed an accord on pay", TODAY, TODAY, position=Position.HEADLINE
        )
        story.claims(article, found)
        story.shift(
            article, "pay", Status.REJECTED, Status.AGREED, "agreement reached", (TODAY, TODAY), [found]
        )
        project(story, model)
        toast = page.get_by_test_id("stToast")
        expect(toast).to_contain_text("New: ★ Agreement reached", timeout=6000)
        assert page.evaluate("document.activeElement.dataset.testid") != "stToast"
        expect(page).to_have_title("★ Agreement reached – Dock workers – Port")
        page.wait_for_timeout(3500)  # the next refresh neither takes it away nor says it again
        expect(toast).to_have_count(1)
        assert tab.get_attribute("href") != rejected


def fonts_of(page: Page, selector: str) -> set[tuple[str, bool]]:
    """The fonts that an element's letters are drawn with, and whether a page brought them."""
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
    used = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    return {(one["familyName"], one["isCustomFont"]) for one in used}


def test_urdu_runs_from_right_to_left_in_a_font_that_no_other_page_fetches(
    page: Page, own: tuple[Story, ReadModel]
) -> None:
    story, model = own
    fetched: list[str] = []
    page.on("requestfinished", lambda request: fetched.append(request.url.rpartition("/")[2]))
    at = datetime.now(UTC) - timedelta(hours=3)
    article = story.article(
        "ur", "روزنامہ ساحل", at.date(), "پیشکش مسترد", URDU, published_at=at, precision=Precision.TIME
    )
    quote = "بندرگاہ کی مذاکرات کی پیشکش مسترد کر دی"
    story.claims(
        article,
        claim(article, "pay", "rejected", quote, at.date(), at.date(), position=Position.HEADLINE, confidence=0.95),
    )  # fmt: skip
    with served(model.data_dir) as address:
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(address)
        expect(page.locator(".hero blockquote").first).to_be_visible()
        page.evaluate("document.fonts.ready")
        assert not [name for name in fetched if "Noto" in name]
        project(story, model)
        quote = page.locator('.hero blockquote[lang="ur"]')
        expect(quote).to_be_visible()
        page.evaluate("document.fonts.ready")
        assert [name for name in fetched if "Noto" in name] == ["NotoNastaliqUrdu.woff2"]
        assert ("Noto Nastaliq Urdu", True) in fonts_of(page, '.hero blockquote[lang="ur"]')
        direction = quote.evaluate("e => getComputedStyle(e).direction")
        lines = "e => [parseFloat(getComputedStyle(e).lineHeight), parseFloat(getComputedStyle(e).fontSize)]"
        line, size = quote.evaluate(lines)
        assert direction == "rtl"
        assert line / size >= 2.5
        assert "gradient" in quote.locator("mark").evaluate("e => getComputedStyle(e).backgroundImage")
        edge = "e => [getComputedStyle(e).borderRightWidth, getComputedStyle(e).borderLeftWidth]"
        assert quote.evaluate(edge) == ["3px", "0px"]
        box = page.locator(".hero h1").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 400
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
        links = page.get_by_role("navigation", name="More about these talks").get_by_role("link")
        assert links.all_inner_texts() == ["Timeline", "Alerts", "Evidence", "Sources"]

        page.emulate_media(media="print", color_scheme="dark")
        expect(page.get_by_role("navigation", name="More about these talks")).to_be_hidden()
        expect(page.locator('[data-testid="stHeader"]')).to_be_hidden()
        white = "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
        assert page.evaluate(white) == "rgb(255, 255, 255)"
        ink = page.locator(".hero h1").evaluate("e => getComputedStyle(e).color")
        assert ink == "rgb(20, 24, 29)"
        page.goto(f"{address}/now")
        page.evaluate("document.fonts.ready")
        assert ("Noto Nastaliq Urdu", True) in fonts_of(page, 'blockquote[lang="ur"]')


def test_the_plain_page_works_without_scripts_and_leads_to_the_full_one(
    browser: Browser, browser_context_args: dict[str, Any], base_url: str
) -> None:
    context = browser.new_context(
        **{**browser_context_args, "java_script_enabled": False, "base_url": base_url}
    )
    with context:
        page = context.new_page()
        page.goto("/now?topic=docks")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Talks rejected")
        expect(page).to_have_title("✕ Talks rejected – Dock workers – Port")
        expect(page.get_by_role("link", name="The full page")).to_have_attribute("href", "./?topic=docks")
        assert page.request.get("/now.png?topic=docks").headers["content-type"] == "image/png"
        assert page.request.get("/readyz").json() == {"ready": True}


def test_a_link_that_is_shared_says_the_state_before_any_script_has_run(page: Page, base_url: str) -> None:
    for path in ("/?topic=docks", "/alerts?topic=docks"):
        answer = page.request.get(path, headers={"Accept": "text/html"})
        assert "<title>✕ Talks rejected – Dock workers – Port</title>" in answer.text()
        assert f'<meta property="og:image" content="{base_url}/now.png?topic=docks">' in answer.text()
        assert int(answer.headers["content-length"]) == len(answer.body())
    unknown = page.request.get("/?topic=%3Cscript%3E", headers={"Accept": "text/html"})
    assert "<title>Parley</title>" in unknown.text()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto("/?topic=docks")
    expect(page.locator(".hero h1")).to_contain_text("Talks rejected")
    assert complaints == [], "the page's own script is still the one that its policy names"

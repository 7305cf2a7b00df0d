"""The dashboard as a watcher sees it."""

import re
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard import words
from monitor.readmodel.files import current_path
from monitor.readmodel.model import ReadModel
from monitor.readmodel.rebuild import rebuild
from monitor.vocabulary import Position
from tests.browser.conftest import TODAY, served
from tests.readmodel.story import HOSTILE, TOPIC, Story, claim, project, tell_all

pytestmark = pytest.mark.browser
World = tuple[Story, ReadModel]
PAGES = ("", "timeline", "alerts")
SINCE = words.day(TODAY - timedelta(days=2))


def test_status_tells_in_five_seconds_what_since_when_how_sure_and_why(page: Page) -> None:
    page.goto("/")
    hero = page.get_by_role("region", name="Current status")
    expect(hero.get_by_role("heading", level=1)).to_contain_text("Talks rejected")
    expect(page).to_have_title("✕ Talks rejected – Dock workers – Port")
    for text in (
        f"since {SINCE}",
        "for 2 days",
        "Reported, not yet confirmed",
        "Evening Anchor",
        "Talks stalled",
    ):
        expect(hero).to_contain_text(text)
    expect(hero.locator("mark")).to_have_text("The dockers’ leader rejected a new round of talks")
    source = hero.get_by_role("link", name="Evening Anchor")
    expect(source).to_have_attribute("href", "https://eveninganchor.example/a4")
    expect(source).to_have_attribute("rel", re.compile("noopener noreferrer"))
    expect(page.get_by_role("region", name="Latest alerts").get_by_role("listitem")).to_have_count(3)
    expect(page.locator(".foot")).to_contain_text("PKT")


def test_the_pages_lead_to_each_other(page: Page) -> None:
    page.goto("/?topic=docks")
    page.get_by_role("link", name="The whole timeline").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Timeline")
    expect(page.get_by_role("table")).to_have_count(2)
    page.get_by_role("link", name="Alerts", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Alerts")
    expect(page.get_by_text("not sent", exact=True)).to_have_count(2)


@pytest.mark.parametrize("path", PAGES)
def test_hostile_text_is_shown_as_text_and_does_nothing(page: Page, path: str) -> None:
    page.goto(f"/{path}")
    expect(page.locator(".parley").get_by_text(HOSTILE[:60]).first).to_be_visible()
    assert page.locator(".parley").locator("script, img, form, iframe, input, style, [onerror]").count() == 0
    assert page.locator('a[href^="javascript"]').count() == 0


@pytest.mark.parametrize(("width", "height", "scheme"), [(1280, 760, "light"), (390, 844, "dark")])
def test_every_page_fits_its_window(
    browser: Browser, base_url: str, width: int, height: int, scheme: str
) -> None:
    context = browser.new_context(
        base_url=base_url,
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    with context:
        page = context.new_page()
        for path in PAGES:
            page.goto(f"/{path}")
            heading = page.locator(".parley h1")
            expect(heading).to_be_visible(timeout=30_000)
            box = heading.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] < 400, "what it says is seen without scrolling"
            wider = "document.documentElement.scrollWidth - innerWidth"
            inner = "(e => e.scrollWidth - e.clientWidth)(document.querySelector('[data-testid=stMain]'))"
            assert page.evaluate(f"[{wider}, {inner}]") == [0, 0], path


def test_an_unchanged_page_keeps_its_elements_and_a_changed_one_comes_by_itself(
    page: Page, world: World
) -> None:
    story, model = world
    page.goto("/")
    heading = page.locator(".hero h1")
    expect(heading).to_contain_text("Talks rejected")
    page.evaluate("document.querySelector('.hero').kept = true")
    tick = page.locator("[data-tick]")
    for _ in range(2):
        expect(tick).not_to_have_attribute("data-tick", tick.get_attribute("data-tick") or "", timeout=8000)
    assert page.evaluate("document.querySelector('.hero').kept"), "two refreshes replaced nothing"

    text = "At dawn the dockers signed an accord on pay with the port authority, both sides said."
    article = story.article("dawn", "Harbour Post", TODAY, "Accord at dawn", text)
    quote = "signed an accord on pay"
    found = claim(article, "pay", "agreement", quote, TODAY, TODAY, position=Position.HEADLINE)
    detected = story.claims(article, found)
    project(story, model)
    expect(heading).to_contain_text("Agreement reached", timeout=5000)
    expect(page).to_have_title(re.compile("★ Agreement reached"))

    rebuild(model, story.log, [TOPIC])
    story.claims(article, version="2")
    project(story, model)
    expect(heading).to_contain_text("Talks rejected", timeout=5000)
    assert detected.id


def test_a_page_that_is_no_longer_refreshed_says_so(page: Page) -> None:
    page.goto("/")
    stopped = page.locator(".stopped")
    stopped.wait_for(state="attached")
    assert stopped.evaluate("e => getComputedStyle(e).opacity") == "0"
    stopped.evaluate("e => e.getAnimations().forEach(a => { a.currentTime = 46000 })")
    assert stopped.evaluate("e => [getComputedStyle(e).opacity, e.offsetHeight > 20]") == ["1", True]


def test_an_address_that_leads_nowhere_says_what_there_is(page: Page) -> None:
    page.goto("/?topic=%3Cimg%20src=x%3E")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing under this address")
    page.get_by_role("link", name="Dock workers – Port").click()
    expect(page.locator(".hero h1")).to_contain_text("Talks rejected")


def test_an_empty_dashboard_fills_by_itself_and_says_when_it_cannot_be_shown(
    page: Page, data_dir: Path, world: World, tmp_path: Path
) -> None:
    log, model = tmp_path / "dashboard.log", ReadModel(data_dir)
    with served(data_dir, log=log) as address:
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_have_text("Nothing has been read yet")
        story = Story(world[0].log, TOPIC.model_copy(update={"id": "later", "label": "Later"}))
        tell_all(story)
        project(story, model)
        expect(page.locator(".hero h1")).to_contain_text("rejected", timeout=5000)

        model.close()
        file = current_path(data_dir)
        assert file is not None
        whole = file.read_bytes()
        file.write_bytes(b"no database" * 999)
        page.reload()
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_have_text("What Parley knows cannot be read at the moment")
        file.write_bytes(whole)
        expect(page.locator(".hero h1")).to_contain_text("rejected", timeout=5000)

        with sqlite3.connect(file) as database:  # as no version of Parley writes it
            database.execute("UPDATE volume SET day = 'some day'")
        database.close()
        page.goto(f"{address}/timeline?range=all")
        expect(heading.last).to_have_text("This page cannot be shown at the moment")
        expect(page).to_have_title("This page cannot be shown at the moment – Parley")
        expect(page.get_by_text("Traceback")).to_have_count(0)
        expect(page.get_by_text("some day")).to_have_count(0)
        expect(page.locator(".skeleton")).to_be_hidden()
        assert "some day" in log.read_text()
        page.get_by_role("link", name="The page without JavaScript").click()
        expect(heading).to_contain_text("rejected")

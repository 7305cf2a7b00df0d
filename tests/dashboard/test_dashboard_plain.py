"""The page without JavaScript, its pictures, and readiness: from the read model alone."""

import sqlite3
import time
import warnings
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from io import BytesIO

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request

from dashboard import plain, words
from dashboard.gate import Access, Gate
from dashboard.pictures import Preview, preview
from monitor.log.stream import EventLog
from monitor.readmodel.files import current_path
from monitor.readmodel.model import ReadModel
from monitor.vocabulary import Attribution, Position
from tests.dashboard.conftest import FRESH, TODAY
from tests.dashboard.test_dashboard_status import read
from tests.readmodel.story import HOSTILE, Story, claim, project, tell_all

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it would rather have httpx2
    from starlette.testclient import TestClient


@pytest.fixture
def browser(model: ReadModel) -> TestClient:
    gate = Middleware(Gate, access=Access())
    return TestClient(Starlette(routes=plain.ROUTES, middleware=[gate]), base_url="http://desk.example")


class Seen(HTMLParser):
    """Tags, the text between them, and what is linked."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "action"}]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_now_says_what_since_when_how_sure_and_who_says_so_in_a_few_kilobytes(
    told: Story, browser: TestClient
) -> None:
    answer = browser.get("/now?topic=docks")
    seen = Seen(answer.text)
    assert answer.status_code == 200
    for said in (
        "✕ Talks rejected",
        "for 2 days · since",
        words.day(TODAY - timedelta(days=2)),
        "Very likely (85%): Reported, not yet confirmed.",
        f"Union and port authority · now, {words.day(TODAY)}",
        "The dockers’ leader rejected a new round of talks, three delegates said",
        "Evening Anchor",
        "Union and ministry: Talks proposed",
        "Articles are added by hand",
    ):
        assert said in seen.text, said
    assert "script" not in seen.tags
    assert '<html lang="en">' in answer.text
    assert '<meta http-equiv="refresh" content="60">' in answer.text
    assert "<title>✕ Talks rejected – Dock workers – Port</title>" in answer.text
    assert len(answer.content) < 4096
    assert "./?topic=docks" in seen.links
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_now_says_stale_contested_and_unchecked_each_in_its_words(
    fake_log: EventLog, model: ReadModel, browser: TestClient
) -> None:
    story = Story(fake_log)
    tell_all(story, moved=FRESH)
    project(story, model)
    day = TODAY - timedelta(days=2)
    text = "Talks on pay are going on, the port authority’s chief said on the quay."
    article = story.article("other", "Daily Tide", day, "Talks go on", text)
    quote = "Talks on pay are going on, the port authority’s chief said"
    found = claim(
        article, "pay", "underway", quote, day, day, attribution=Attribution.OFFICIALS, confidence=0.6
    )
    story.claims(article, found)
    project(story, model)
    contested = Seen(browser.get("/now").text).text
    assert "Contested: 1 outlet says “talks rejected”; 1 outlet says “talks under way”." in contested
    assert quote in contested
    assert "Last known" not in contested
    read(model, timedelta(hours=5, minutes=2))
    unchecked = Seen(browser.get("/now").text).text
    assert "Not current: last check 5 h 2 min ago." in unchecked
    assert "Last known: talks rejected" in unchecked
    assert "Union and ministry: Talks proposed (last known)" in unchecked
    assert "Union and ministry: Talks proposed (" not in contested
    assert "No new evidence" not in unchecked


def test_now_says_that_a_status_is_stale(fake_log: EventLog, model: ReadModel, browser: TestClient) -> None:
    story = Story(fake_log)
    tell_all(story, moved=FRESH - timedelta(days=90))
    project(story, model)
    text = Seen(browser.get("/now").text).text
    assert "No new evidence since" in text
    assert "Last known: talks rejected" in text
    assert "Not current" not in text


def test_hostile_text_stays_text(told: Story, model: ReadModel, browser: TestClient) -> None:
    evil = told.article(
        "b", 'Evil "<b>', TODAY, "x", f"{HOSTILE} The dockers rejected talks.", url="javascript:x"
    )
    quote = f"{HOSTILE} The dockers rejected talks"
    told.claims(
        evil, claim(evil, "pay", "rejected", quote, TODAY, TODAY, position=Position.HEADLINE, confidence=0.99)
    )
    project(told, model)
    page = browser.get("/now").text
    assert "&lt;script&gt;window.__x=1" in page
    seen = Seen(page)
    assert {"script", "img", "form", "input"}.isdisjoint(seen.tags)
    assert not [one for one in seen.links if one.startswith("javascript")]
    wrong = browser.get("/now", params={"topic": '"><script>x</script>'})
    assert (wrong.status_code, "<script>" in wrong.text) == (404, False)
    assert "There is no topic" in wrong.text


def test_topics_are_chosen_by_plain_links(told: Story, model: ReadModel, browser: TestClient) -> None:
    other = Story(told.log, told.topic.model_copy(update={"id": "rail", "label": "Rail & Road"}))
    other.define()
    project(other, model)
    page = browser.get("/now").text
    assert '<a href="now?topic=rail" target="_self">Rail &amp; Road</a>' in page
    assert "No reports on this topic yet" in Seen(browser.get("/now?topic=rail").text).text


def test_what_is_shared_carries_the_state(told: Story, browser: TestClient) -> None:
    page = browser.get("/now", headers={"X-Forwarded-Proto": "https"}).text
    assert '<meta property="og:title" content="✕ Talks rejected – Dock workers – Port">' in page
    assert '<meta property="og:image" content="https://desk.example/now.png?topic=docks">' in page
    icon = browser.get("/now.svg?topic=docks")
    assert icon.headers["content-type"] == "image/svg+xml"
    assert words.STATUSES["rejected"].light in icon.text
    picture = browser.get("/now.png?topic=docks")
    with Image.open(BytesIO(picture.content)) as image:
        assert (image.size, image.format) == ((1200, 630), "PNG")
        red = tuple(int(words.STATUSES["rejected"].light[at : at + 2], 16) for at in (1, 3, 5))
        assert image.getpixel((50, 300)) == red


def test_a_line_of_any_length_is_drawn_at_once() -> None:
    """Each letter less is measured anew: the label of a hostile topic kept a server busy for a quarter of a minute."""
    endless = Preview(
        "rejected", is_old=False, over="x " * 1_000_000, word="Talks rejected", lines=["y" * 1_000_000]
    )
    short = replace(endless, over="x " * 150, lines=["y" * 300])
    begun = time.process_time()
    assert preview(endless) == preview(short)
    assert time.process_time() - begun < 5


def test_it_is_ready_as_soon_as_there_is_something_to_show(
    fake_log: EventLog, model: ReadModel, browser: TestClient
) -> None:
    empty = browser.get("/readyz")
    assert (empty.status_code, empty.json()["reason"]) == (503, "nothing has been read yet")
    assert browser.get("/now").status_code == 503
    story = Story(fake_log)
    tell_all(story)
    project(story, model)
    ready = browser.get("/readyz?topic=nope")
    assert (ready.status_code, ready.json()) == (200, {"ready": True})


def test_a_store_that_cannot_be_read_is_told_and_no_place_is_named(
    told: Story, model: ReadModel, browser: TestClient
) -> None:
    model.close()
    path = current_path(model.data_dir)
    assert path is not None
    path.write_bytes(b"no database" * 999)
    answer = browser.get("/readyz")
    assert (answer.status_code, answer.json()["reason"]) == (503, "the read model cannot be read")
    page = browser.get("/now")
    assert page.status_code == 503
    assert "cannot be read at the moment" in page.text
    assert '<meta http-equiv="refresh" content="60">' in page.text, "it tries again"


def test_what_fails_is_told_in_plain_words_and_noted_down_and_the_app_still_comes(
    told: Story, model: ReadModel, browser: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    file = current_path(model.data_dir)
    assert file is not None
    model.close()
    with closing(sqlite3.connect(file)) as database, database:  # as no version of Parley writes it
        database.execute("UPDATE segment SET status = 'odd'")
    answer = browser.get("/now?topic=docks")
    assert answer.status_code == 500
    assert "This page cannot be shown at the moment" in answer.text
    assert "odd" not in answer.text
    assert plain.head_of_app(Request({"type": "http", "query_string": b"", "headers": []})).startswith(
        "<title>Parley</title>"
    )
    assert ["'odd' is not a valid Status" in (one.exc_text or "") for one in caplog.records] == [True, True]


def test_readiness_is_for_everybody_and_the_page_for_those_who_may_read(told: Story) -> None:
    access = Access("token", "a-token-of-more-than-20-letters")
    routes = Starlette(routes=plain.ROUTES, middleware=[Middleware(Gate, access=access)])
    browser = TestClient(routes, base_url="http://desk.example")
    assert browser.get("/readyz").status_code == 200
    for path in ("/now", "/now.svg", "/now.png"):
        assert browser.get(path).status_code == 401

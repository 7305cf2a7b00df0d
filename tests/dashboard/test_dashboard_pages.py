"""The pages and their states, run by Streamlit without a browser."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session
from streamlit.testing.v1 import AppTest

from dashboard import words
from monitor.ids import fact_id
from monitor.log.stream import EventLog
from monitor.readmodel import queries, roles, store
from monitor.readmodel.files import current_path
from monitor.readmodel.model import ReadModel
from monitor.readmodel.roles import note_health
from monitor.readmodel.store import SERVICE_FILE
from monitor.topics.model import Channel, Party, Topic
from monitor.vocabulary import Attribution, Position
from tests.dashboard.conftest import TODAY
from tests.readmodel.story import HOSTILE, Story, claim, project, tell_all

Shown = Callable[[], str]


def test_status_says_what_since_when_how_sure_and_who_says_so(told: Story, shown: Shown) -> None:
    page = shown()
    since = words.day(TODAY - timedelta(days=2))
    assert "Talks rejected</h1>" in page
    assert "for <b>2 days</b> · <time" in page
    assert f"since {since}</time>" in page
    assert "Reported, not yet confirmed" in page
    assert "<mark>The dockers’ leader rejected a new round of talks</mark>, three delegates said" in page
    assert '<a href="https://eveninganchor.example/a4" target="_blank"' in page
    assert "Before that" in page
    for label in ("Union and port authority", "Union and ministry", "Through the mediator"):
        assert label in page
    assert "Not current" not in page
    assert "Contested" not in page


@pytest.mark.parametrize("page", ["status", "timeline", "alerts", "evidence"])
def test_where_a_removed_article_was_quoted_it_says_so_with_outlet_and_day(
    told: Story, model: ReadModel, app: AppTest, shown: Shown, page: str
) -> None:
    shown()
    app.switch_page(f"pages_/{page}.py")
    before = shown()
    assert "rejected a new round of talks" in before
    told.remove(fact_id("test-article", "a4"))
    project(told, model)
    after = shown()
    for words_ in ("rejected a new round", "three delegates said", "Dockers reject new round"):
        assert words_ not in after
    assert queries.WITHHELD in after
    assert f"“{queries.WITHHELD}" not in after
    assert "Evening Anchor</a>" in after
    assert words.day(TODAY - timedelta(days=2)) in after
    assert after.count("Talks rejected") == before.count("Talks rejected")


def test_a_stale_status_is_shown_as_last_known(fake_log: EventLog, model: ReadModel, shown: Shown) -> None:
    story = Story(fake_log)
    tell_all(story, moved=TODAY - timedelta(days=400) - datetime(2026, 2, 26, tzinfo=UTC).date())
    project(story, model)
    page = shown()
    assert "Last known: talks rejected</h1>" in page
    assert "for <b>13 months</b>" in page
    assert f'No new evidence</b> since <time datetime="{(TODAY - timedelta(days=400)).isoformat()}' in page
    assert 'class="hero s-rejected stale"' in page
    assert "last known status" in page
    assert "Not current" not in page


def test_a_contested_status_says_so_and_quotes_the_other_side(
    told: Story, model: ReadModel, shown: Shown
) -> None:
    day = TODAY - timedelta(days=2)
    for number, outlet in enumerate(("Daily Tide", "Port Gazette")):
        text = f"Talks on pay are going on, the port authority’s chief said on the quay, number {number}."
        article = told.article(f"other{number}", outlet, day, "Talks go on", text)
        quote = f"Talks on pay are going on, the port authority’s chief said on the quay, number {number}"
        told.claims(
            article,
            claim(
                article, "pay", "underway", quote, day, day, attribution=Attribution.OFFICIALS, position=Position.LEAD,
                confidence=0.6,
            ),
        )  # fmt: skip
    project(told, model)
    page = shown()
    assert "Contested:</b> 2 outlets say “talks under way”; 1 outlet says “talks rejected”." in page
    both = "evidence?topic=docks&amp;view=both&amp;channel=pay"
    assert f'<a href="{both}" target="_self">See both sides</a>' in page
    assert 'Against it:</p><figure><blockquote dir="auto"><mark>The dockers’ leader rejected' in page


def test_a_party_that_contradicts_a_status_is_named(told: Story, model: ReadModel, shown: Shown) -> None:
    day = TODAY - timedelta(days=2)
    article = told.article(
        "other", "Daily Tide", day, "Talks go on", "Talks on pay are going on, the authority said."
    )
    own = {"attribution": Attribution.PARTY, "speaker": "port", "confidence": 0.8}
    told.claims(article, claim(article, "pay", "underway", "Talks on pay are going on", day, day, **own))
    project(told, model)
    assert "“talks under way”. On the record against it: Port authority." in shown()


def test_timeline_lists_every_channel_with_its_articles(told: Story, app: AppTest, shown: Shown) -> None:
    shown()
    app.switch_page("pages_/timeline.py")
    page = shown()
    order = [page.index(f"<b>{word}</b>") for word in ("Talks rejected", "Talks stalled", "Talks under way")]
    assert order == sorted(order), "newest first"
    assert 'role="img" tabindex="0" aria-label="Talks proposed · since' in page
    assert "Dockers reject new round" in page
    assert "Through the mediator</h2><p class='meta'>Nothing known yet.</p>" in page
    assert f"by {words.day(TODAY - timedelta(days=19))}</time><br>until" in page


@pytest.mark.parametrize("page", ["status", "timeline", "alerts", "evidence"])
def test_hostile_text_stays_text_on_every_page(told: Story, app: AppTest, shown: Shown, page: str) -> None:
    shown()
    app.switch_page(f"pages_/{page}.py")
    html = shown()
    assert "&lt;script&gt;window.__x=1&lt;/script&gt;" in html
    assert HOSTILE not in html
    for tag in ("<script", "<img", "<form", "<style", "<b>&quot;Outlet", 'href="javascript:'):
        assert tag not in html


def test_the_same_answer_is_the_same_html_to_the_byte(told: Story, app: AppTest, shown: Shown) -> None:
    for page in ("status", "timeline", "alerts"):
        shown()
        app.switch_page(f"pages_/{page}.py")
        assert shown() == shown()


def test_what_has_not_changed_is_not_read_again(
    told: Story, model: ReadModel, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = shown()
    asked: list[str] = []
    front = queries.front

    def counted(model: ReadModel, topic: str, channel: str, **past: Any) -> queries.Front:
        asked.append(topic)
        return front(model, topic, channel, **past)

    monkeypatch.setattr(queries, "front", counted)
    assert shown() == page
    assert asked == []
    told.article("b1", "Post", TODAY, "A title", "Nothing about talks")
    project(told, model)
    assert "6 articles read" in shown()
    assert asked == ["docks"]


def test_new_articles_appear(told: Story, model: ReadModel, shown: Shown) -> None:
    assert "Talks rejected</h1>" in shown()
    text = "The dockers and the port authority signed an accord on pay at dawn, both sides said."
    article = told.article("a9", "Harbour Post", TODAY, "Accord at dawn", text)
    quote = "signed an accord on pay"
    told.claims(article, claim(article, "pay", "agreement", quote, TODAY, TODAY, position=Position.HEADLINE))
    project(told, model)
    page = shown()
    assert "Agreement reached</h1>" in page
    assert "for <b>less than a day</b>" in page


def test_before_anything_was_read_the_page_says_what_to_do(model: ReadModel, shown: Shown) -> None:
    page = shown()
    assert "Nothing has been read yet" in page
    assert "parley up" in page


def test_a_topic_without_reports_says_so(fake_log: EventLog, model: ReadModel, shown: Shown) -> None:
    story = Story(fake_log)
    story.define()
    project(story, model)
    assert "No reports on this topic yet" in shown()
    story.article("x", "Post", TODAY, "A title", "Nothing about talks")
    project(story, model)
    assert "1 article read, and it does not say where the talks stand" in shown()


def test_an_unknown_topic_names_the_known_ones(told: Story, app: AppTest, shown: Shown) -> None:
    app.query_params["topic"] = "<i>nope</i>"
    page = shown()
    assert "There is nothing under this address" in page
    assert "&lt;i&gt;nope&lt;/i&gt;" in page
    assert '<a href="?topic=docks" target="_self">Dock workers – Port</a>' in page


def test_a_data_folder_that_is_not_named_says_what_to_set(
    app: AppTest, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PARLEY_DATA", raising=False)
    assert "set PARLEY_DATA" in shown()


@pytest.mark.parametrize("damage", ["damaged", "locked"])
def test_a_store_that_cannot_be_read_is_explained_and_comes_back(
    told: Story, model: ReadModel, shown: Shown, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.close()  # the service has ended
    path = current_path(model.data_dir)
    assert path is not None
    whole = path.read_bytes()
    blocker = sqlite3.connect(str(path), isolation_level=None)
    if damage == "damaged":
        blocker.close()
        path.write_bytes(b"no database" * 999)
    else:
        monkeypatch.setattr(store, "BUSY_TIMEOUT_S", 0.1)
        blocker.execute("PRAGMA locking_mode=EXCLUSIVE")
        blocker.execute("BEGIN EXCLUSIVE")
        blocker.execute("CREATE TABLE other (x)")
    page = shown()
    assert "cannot be read at the moment" in page
    assert "parley doctor" in page
    if damage == "damaged":
        path.write_bytes(whole)
    else:
        blocker.execute("ROLLBACK")
        blocker.close()
    assert "Talks rejected</h1>" in shown()


def test_trouble_of_the_service_is_shown_above_what_may_be_old(
    told: Story, model: ReadModel, shown: Shown
) -> None:
    engine = store.open_engine(model.data_dir / SERVICE_FILE)
    roles.METADATA.create_all(engine)
    note_health(engine, "watch", datetime.now(UTC), "Redis does not answer at <unix>")
    with Session(engine) as session:
        session.commit()
    page = shown()
    assert "Taking in what was read is in trouble:</b> Redis does not answer at &lt;unix&gt;" in page
    assert page.index("in trouble") < page.index("Talks rejected")


def test_topics_are_switched_by_links_and_the_choice_stays(
    told: Story, model: ReadModel, app: AppTest, shown: Shown
) -> None:
    rail = Topic(
        id="rail",
        label="Rail & Road",
        parties=(Party(id="a", label="A", aliases=("a",)), Party(id="b", label="B", aliases=("b",))),
        channels=(Channel(id="ab", label="A and B", parties=("a", "b")),),
    )
    other = Story(told.log, rail)
    other.define()
    project(other, model)
    assert '<a aria-current="true" href="?topic=docks"' in shown()
    app.query_params["topic"] = "rail"
    page = shown()
    assert "No reports on this topic yet" in page
    assert "Rail &amp; Road" in page
    del app.query_params["topic"]
    assert "No reports on this topic yet" in shown()


def test_the_dashboard_reads_queries_and_topics_only() -> None:
    """The room's own rule; import-linter knows it too, but reads packages, and `pages_` is none."""
    allowed = ("monitor.readmodel.queries", "monitor.topics", "monitor.readmodel import queries")
    for path in (Path(__file__).parents[2] / "dashboard").rglob("*.py"):
        for line in path.read_text().splitlines():
            if line.startswith(("from monitor", "import monitor")):
                assert any(name in line for name in allowed), f"{path.name}: {line}"


@pytest.mark.parametrize("name", ["status", "timeline", "evidence", "method"])
def test_every_tab_says_the_state_and_which_day_it_is_of(
    told: Story, app: AppTest, shown: Shown, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tabs: list[tuple[str, str]] = []

    def record(page_title: str, page_icon: str, layout: str = "") -> None:
        if not layout:  # the app's own, before its page has an answer
            tabs.append((page_title, page_icon))

    shown()
    app.switch_page(f"pages_/{name}.py")
    monkeypatch.setattr("streamlit.set_page_config", record)
    shown()
    app.query_params["as_of"] = TODAY.isoformat()
    shown()
    (now, icon), (then, _) = tabs[0], tabs[-1]
    assert now.startswith("✕ Talks rejected ")
    assert now.endswith("– Dock workers – Port")
    assert words.STATUSES["rejected"].light in icon
    assert then == f"{words.day(TODAY)}: {now}"


def test_another_topic_is_shown_on_the_same_page(
    told: Story, model: ReadModel, app: AppTest, shown: Shown
) -> None:
    other = Story(told.log, told.topic.model_copy(update={"id": "rail", "label": "Rail"}))
    other.define()
    project(other, model)
    shown()
    app.switch_page("pages_/timeline.py")
    shown()
    [head] = [one.proto.body for one in app.get("html") if 'aria-label="Topics"' in one.proto.body]
    switch, heading, _ = head.partition("<h1")
    assert 'href="timeline?topic=rail"' in switch
    assert heading, "above the page's heading and filters"


def test_status_leads_to_days_past_and_days_past_say_so(told: Story, app: AppTest, shown: Shown) -> None:
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    assert f'<a href="?topic=docks&amp;as_of={yesterday}" target="_self">yesterday</a>' in shown()
    app.query_params["as_of"] = yesterday
    page = shown()
    assert f"<span>{words.day(TODAY - timedelta(days=1))}</span></p>" in page, "the strip ends then"
    for of_now in (">yesterday</a>", "articles read", "now</p>", "<span>now</span>"):
        assert of_now not in page, of_now


def test_alerts_that_were_told_stand_before_those_that_were_not(
    told: Story, model: ReadModel, shown: Shown
) -> None:
    found = queries.alerts(model, "docks")
    held = [one.alert for one in found if one.state == "suppressed"]
    assert held
    assert len(held) < len(found)
    page = shown()
    assert not [one for one in held if f"alert={one}" in page]


def test_every_page_says_which_past_it_shows_and_leads_back(told: Story, app: AppTest, shown: Shown) -> None:
    app.query_params["as_of"] = (TODAY - timedelta(days=400)).isoformat()
    app.query_params["known_at"] = TODAY.isoformat()
    page = shown()
    assert f"As it was on {words.day(TODAY - timedelta(days=400))}:" in page
    assert f"As Parley knew it on {words.day(TODAY)}:" in page
    assert "Nothing known yet" in page
    day = (TODAY - timedelta(days=400)).isoformat()
    assert f'href="?topic=docks&amp;known_at={TODAY}" target="_self">Back to today</a>' in page
    assert f'href="?topic=docks&amp;as_of={day}" target="_self">Back to what Parley knows now</a>' in page
    assert "by everything that Parley knows now" not in page
    assert "Nothing was known of these talks then." in page
    del app.query_params["as_of"]
    assert 'href="?topic=docks" target="_self">Back to now</a>' in shown()
    app.query_params["as_of"] = "yesterday"
    assert "is no day. Write it like" in shown()

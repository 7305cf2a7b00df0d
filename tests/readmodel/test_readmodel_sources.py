"""How the sources fare, read from a database that polling's own tables were written to."""

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

import monitor.sources
from monitor.errors import SourceError, StoreError
from monitor.readmodel import queries, roles, sources
from monitor.readmodel.display import METADATA as DISPLAYS
from monitor.readmodel.display import note_displays
from monitor.readmodel.forms import SourceForm
from monitor.readmodel.model import ReadModel
from monitor.readmodel.store import SERVICE_FILE
from monitor.sources.config import SourceConfig
from monitor.sources.desk import Handed
from monitor.sources.model import ArticleFound
from monitor.sources.outcome import after_failure, after_success
from monitor.sources.seen import Entries, Judged
from monitor.sources.state import SourceState, SourceStates, stamp
from monitor.sources.visit import Visit
from monitor.vocabulary import Precision
from tests.postgres import IN_FILES
from tests.readmodel.story import Story, project

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FEED = "https://harbourpost.example/feed"


def feed(source_id: str = "post", url: str = FEED, **more: object) -> SourceConfig:
    return SourceConfig.model_validate({"id": source_id, "url": url, "outlet": "Harbour Post", **more})


def article(name: str, published_at: datetime | None = None, url: str | None = None) -> ArticleFound:
    return ArticleFound(
        url=url, outlet="Harbour Post", source="post", title=f"Headline {name}", text="Words", language="en",
        published_at=published_at, precision=Precision.DAY, first_seen_at=NOW, guid=name,
    )  # fmt: skip


class Polled:
    """The service's database, written as polls write it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.states, self.entries = SourceStates(self.engine), Entries(self.engine, "topics")

    def succeeds(
        self, source: SourceConfig, at: datetime, judged: Sequence[Judged] = (), note: str = ""
    ) -> None:
        found = tuple(one.found for one in judged)
        self.entries.note(source.id, found, judged, at)
        visit, handed = Visit(found, note=note), Handed(tuple(judged))
        self._write(source, at, after_success(self._row(source), source, visit, handed, at))

    def fails(self, source: SourceConfig, at: datetime, error: SourceError) -> None:
        outcome = after_failure(self._row(source), source, error.reason, str(error), error.retry_after, at)
        self._write(source, at, outcome)

    def _row(self, source: SourceConfig) -> SourceState:
        return next(row for row in self.states.rows() if row.source_id == source.id)

    def _write(self, source: SourceConfig, at: datetime, values: object) -> None:
        self.states.hurry(source.id, at)
        [claim] = self.states.claim([source.id], at, HOUR, 1)
        assert isinstance(values, dict)
        assert self.states.let_go(claim, at, values)


@pytest.fixture
def polled(service: Engine) -> Polled:
    return Polled(service)


def only(model: ReadModel, now: datetime = NOW) -> SourceForm:
    [form] = queries.sources(model, now)
    return form


@IN_FILES
def test_without_a_database_or_its_tables_there_are_no_sources(
    model: ReadModel, request: pytest.FixtureRequest
) -> None:
    assert queries.sources(model, NOW) == []
    assert queries.passed_over(model, NOW, limit=9) == []
    roles.METADATA.create_all(request.getfixturevalue("service"))
    assert queries.sources(model, NOW) == []
    assert queries.passed_over(model, NOW, limit=9) == []


@IN_FILES
def test_a_database_that_cannot_be_read_is_named(model: ReadModel) -> None:
    model.data_dir.mkdir()
    (model.data_dir / SERVICE_FILE).write_bytes(b"no database" * 999)
    with pytest.raises(StoreError, match=SERVICE_FILE):
        queries.sources(model, NOW)
    with pytest.raises(StoreError, match=SERVICE_FILE):
        queries.passed_over(model, NOW, limit=9)


def test_of_a_new_source_nothing_is_known_and_nothing_is_nought(model: ReadModel, polled: Polled) -> None:
    polled.states.enrol([feed(topics=["pti", "rail-uk"])], NOW)
    assert only(model).to_json() == {
        "id": "post", "outlet": "Harbour Post", "kind": "feed", "topics": ["pti", "rail-uk"], "place": FEED,
        "state": "new", "since": None, "problem": None, "last_ok_at": None, "last_poll_at": None,
        "next_poll_at": "2026-03-04T12:00:00Z", "error_streak": 0, "entries_per_week": None, "entries_seen": None,
        "entries_relevant": None, "share_relevant": None, "newest_at": None, "note": "",
    }  # fmt: skip


def test_a_source_that_is_well_tells_its_rhythm_and_what_was_taken_in(
    model: ReadModel, polled: Polled
) -> None:
    source = feed()
    polled.states.enrol([source], NOW)
    judged = [
        Judged(article(f"{day}", NOW - day * DAY), "" if day == 1 else "pti: names nobody")
        for day in range(4)
    ]
    polled.succeeds(source, NOW - HOUR, judged, note="one entry without a title")
    form = only(model)
    assert (form.state, form.since, form.problem) == ("well", None, None)
    assert (form.last_ok_at, form.last_poll_at, form.newest_at) == (NOW - HOUR, NOW - HOUR, NOW - HOUR)
    assert form.next_poll_at is not None
    assert form.next_poll_at > NOW - HOUR
    assert (form.entries_seen, form.entries_relevant, form.share_relevant) == (4, 1, 0.25)
    assert form.entries_per_week == pytest.approx(7, abs=1)
    assert form.note == "one entry without a title"


def test_a_source_that_was_empty_has_seen_nought_and_no_share(model: ReadModel, polled: Polled) -> None:
    source = feed()
    polled.states.enrol([source], NOW)
    polled.succeeds(source, NOW)
    form = only(model)
    assert (form.entries_seen, form.entries_relevant) == (0, 0)
    assert (form.share_relevant, form.entries_per_week, form.newest_at) == (None, None, None)


def test_a_source_that_fails_says_since_when_why_and_what_to_do(model: ReadModel, polled: Polled) -> None:
    source = feed()
    polled.states.enrol([source], NOW)
    polled.succeeds(source, NOW - 3 * HOUR)
    for hours in (2, 1):
        polled.fails(source, NOW - hours * HOUR, SourceError("not_found", f"{FEED} answered 404: Not Found"))
    form = only(model)
    assert (form.state, form.since, form.error_streak) == ("failing", NOW - 2 * HOUR, 2)
    assert (form.last_ok_at, form.last_poll_at) == (NOW - 3 * HOUR, NOW - HOUR)
    assert form.problem is not None
    assert (form.problem.reason, form.problem.words) == ("not_found", f"{FEED} answered 404: Not Found")
    assert "parley sources add" in form.problem.advice


def test_what_is_gone_or_paused_has_no_next_poll(model: ReadModel, polled: Polled) -> None:
    gone, paused = feed("gone"), feed("paused", "https://tide.example/feed")
    polled.states.enrol([gone, paused], NOW)
    polled.fails(gone, NOW - DAY, SourceError("gone", f"{FEED} answered 410 Gone"))
    polled.states.pause("paused")
    forms = {form.id: form for form in queries.sources(model, NOW)}
    assert (forms["gone"].state, forms["gone"].since, forms["gone"].next_poll_at) == ("gone", NOW - DAY, None)
    assert (forms["paused"].state, forms["paused"].since, forms["paused"].next_poll_at) == (
        "paused",
        None,
        None,
    )
    assert forms["paused"].problem is None


def test_a_silent_source_says_since_when_and_what_it_used_to_bring(model: ReadModel, polled: Polled) -> None:
    source = feed()
    polled.states.enrol([source], NOW)
    polled.succeeds(source, NOW, [Judged(article(str(at), NOW - at * DAY)) for at in range(20)])
    assert only(model).state == "well"
    assert only(model, NOW + 9 * DAY).state == "well"  # nobody has asked it since
    polled.succeeds(source, NOW + 9 * DAY, [])
    form = only(model, NOW + 9 * DAY)
    assert (form.state, form.since) == ("silent", NOW)
    assert form.problem is not None
    assert form.problem.reason == "silent"
    assert "about 8 a week" in form.problem.words


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("https://user:pass@news.example:8443/feed.xml?key=pass#pass", "https://news.example:8443/feed.xml"),
        ("https://pass@word@news.example/feed", "https://news.example/feed"),
        ("http://[2001:db8::1]:80/feed?token=pass", "http://[2001:db8::1]:80/feed"),
        ("https://[pass/feed", "an address that cannot be read"),
        ("/home/reader/news", "/home/reader/news"),
    ],
)
def test_a_place_is_shown_without_what_may_be_secret(place: str, shown: str) -> None:
    assert sources.shown_place(place) == shown


def test_no_secret_of_an_address_is_in_an_answer(model: ReadModel, polled: Polled) -> None:
    polled.states.enrol([feed(url="https://me:pass@news.example/feed?key=pass")], NOW)
    assert only(model).place == "https://news.example/feed"
    assert "pass" not in json.dumps(only(model).to_json())


def test_a_source_that_the_settings_no_longer_name_is_left_out(model: ReadModel, polled: Polled) -> None:
    polled.states.enrol([feed("kept"), feed("removed", "https://tide.example/feed")], NOW)
    assert [form.id for form in queries.sources(model, NOW)] == ["kept", "removed"], "nothing was noted yet"
    DISPLAYS.create_all(polled.engine)
    note_displays(polled.engine, {"kept": "text", "not polled yet": "text"})
    assert [form.id for form in queries.sources(model, NOW)] == ["kept"]


def test_headlines_passed_over_come_newest_first_so_many_of_each_source(
    model: ReadModel, polled: Polled
) -> None:
    for name, hours in (("a", 30), ("b", 20), ("c", 10)):
        polled.entries.note(
            "post",
            [],
            [Judged(article(name, url=f"https://a.example/{name}"), f"pti: {name}")],
            NOW - hours * HOUR,
        )
    polled.entries.note("tide", [], [Judged(article("d"), "pti: d")], NOW - 40 * HOUR)
    polled.entries.note("post", [], [Judged(article("taken in"))], NOW)
    post, tide = queries.passed_over(model, NOW, limit=2)
    assert (post.source, post.count, tide.source, tide.count) == ("post", 3, "tide", 1)
    assert [(one.title, one.url, one.why) for one in post.headlines] == [
        ("Headline c", "https://a.example/c", "pti: c"),
        ("Headline b", "https://a.example/b", "pti: b"),
    ]
    assert post.headlines[0].seen_at == NOW - 10 * HOUR
    assert tide.headlines[0].url is None
    assert queries.passed_over(model, NOW, "tide", limit=2) == [tide]
    assert queries.passed_over(model, NOW, "other", limit=2) == []


def test_the_headline_of_a_removed_article_that_concerns_no_topic_any_more_is_not_shown(
    told: Story, model: ReadModel, polled: Polled
) -> None:
    gone = told.article("b1", "Post", NOW.date(), "A herring speaks", "A herring spoke.")
    told.remove(gone.data["article_id"])
    project(told, model)
    again = article("speaks", url=f"{gone.data['url']}?utm_source=rss")
    polled.entries.note("post", [], [Judged(again, "docks: no talks"), Judged(article("else"), "docks")], NOW)
    [post] = queries.passed_over(model, NOW, limit=9)
    assert {one.title for one in post.headlines} == {queries.WITHHELD, "Headline else"}


def test_what_is_older_than_a_week_is_not_shown_even_if_nobody_has_cleared_it(
    model: ReadModel, polled: Polled
) -> None:
    polled.entries.note("post", [], [Judged(article("old"), "pti: nobody")], NOW - 7 * DAY - HOUR)
    polled.entries.note("tide", [], [Judged(article("new"), "pti: nobody")], NOW - 7 * DAY + HOUR)
    assert [one.source for one in queries.passed_over(model, NOW, limit=9)] == ["tide"]


def test_reading_writes_nothing_and_waits_for_nobody(model: ReadModel, polled: Polled) -> None:
    polled.states.enrol([feed()], NOW)
    with polled.engine.begin() as writing:
        writing.execute(text("UPDATE source_polls SET outlet = 'Other'"))
        assert only(model).outlet == "Harbour Post"
    assert only(model).outlet == "Other"
    assert only(model).next_poll_at == datetime.fromisoformat(stamp(NOW))


def test_every_reason_has_one_sentence_of_advice_and_an_unknown_one_has_too() -> None:
    table = tomllib.loads(Path(sources.__file__).with_name("advice.toml").read_text(encoding="utf-8"))
    for reason, said in table.items():
        assert said[0].isupper(), reason
        assert said.endswith("."), reason
        assert ". " not in said, reason
    assert sources.advice("not_a_feed") == table["not_a_feed"]
    assert sources.advice("of a later version") == table["other"]


def test_every_reason_that_sources_fail_for_has_advice_of_its_own() -> None:
    table = tomllib.loads(Path(sources.__file__).with_name("advice.toml").read_text(encoding="utf-8"))
    raised = {
        call.args[0].value
        for path in Path(monitor.sources.__path__[0]).glob("*.py")
        if path.stem != "fulltext"  # its errors end as notes on an article
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "SourceError"
        if isinstance(call.args[0], ast.Constant)
    }
    assert "timeout" in raised
    assert raised <= set(table)


def test_the_queries_do_not_load_what_only_polling_needs() -> None:
    heavy = ("httpx", "feedparser", "lxml", "trafilatura", "apscheduler")
    asked = f"import sys, monitor.readmodel.queries; print([n for n in {heavy!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

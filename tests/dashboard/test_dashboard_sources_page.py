"""The page Sources, run by Streamlit without a browser over a real database."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from monitor.readmodel import queries, roles, store
from monitor.readmodel.forms import PassedOver
from monitor.readmodel.model import ReadModel
from monitor.readmodel.roles import note_health
from monitor.readmodel.store import SERVICE_FILE
from monitor.sources.config import SourceConfig
from monitor.sources.model import ArticleFound
from monitor.sources.seen import Entries, Judged
from monitor.sources.state import SourceStates
from monitor.vocabulary import Precision
from tests.dashboard.conftest import at_the_next_refresh

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Parts = Callable[[], list[str]]


@pytest.fixture
def states(model: ReadModel) -> SourceStates:
    """The service's database with the sources' tables and those that every page asks."""
    engine = store.open_engine(model.data_dir / SERVICE_FILE)
    roles.METADATA.create_all(engine)
    Entries(engine, "topics").note("post", [], [Judged(_article(), "pti: names nobody")], datetime.now(UTC))
    return SourceStates(engine)


def _article() -> ArticleFound:
    return ArticleFound(
        url=None, outlet="", source="post", title="Rain at the quay", text="Words", language="en",
        published_at=None, precision=Precision.DAY, first_seen_at=NOW, guid="rain",
    )  # fmt: skip


@pytest.fixture
def parts(app: AppTest) -> Parts:
    """Runs the page Sources and gives its parts, the ticking one left out."""

    def run() -> list[str]:
        at_the_next_refresh()
        app.run()
        app.switch_page("pages_/sources.py")
        app.run()
        assert not app.exception, app.exception
        bodies = [element.proto.body for element in app.get("html")]
        return [
            body for body in bodies if body.startswith('<div class="parley">') and "data-tick" not in body
        ]

    return run


def test_the_page_needs_no_topic_and_follows_what_polls_write(
    model: ReadModel, states: SourceStates, parts: Parts
) -> None:
    assert "No sources yet" in parts()[0]
    states.enrol([SourceConfig(id="post", url="https://post.example/feed")], datetime.now(UTC))
    main, head, folded = parts()
    assert "Nothing has been polled yet" in main
    assert "Passed over" in head
    assert "Rain at the quay" in folded
    states.pause("post")
    assert "<b>Paused</b>" in parts()[0]


def test_the_page_stays_the_same_to_the_byte_within_a_minute(
    states: SourceStates, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock(datetime):
        present = NOW

        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return cls.present

    monkeypatch.setattr("dashboard.live.datetime", Clock)
    states.enrol([SourceConfig(id="post", url="https://post.example/feed")], NOW + 12 * MINUTE)
    first = parts()
    Clock.present = NOW + timedelta(seconds=59)
    assert parts() == first
    Clock.present = NOW + MINUTE
    later = parts()
    assert "in 11 minutes" in later[0]
    assert later[1:] == first[1:], "what is unfolded stays so"


def test_a_database_that_cannot_be_read_is_explained(model: ReadModel, parts: Parts) -> None:
    model.data_dir.mkdir()
    (model.data_dir / SERVICE_FILE).write_bytes(b"no database" * 999)
    [shown] = parts()
    assert "cannot be read at the moment" in shown
    assert "parley doctor" in shown
    assert "parley rebuild" not in shown, "it is not made from the log"


def test_trouble_of_the_service_stands_above_its_sources(
    model: ReadModel, states: SourceStates, parts: Parts
) -> None:
    note_health(
        store.open_engine(model.data_dir / SERVICE_FILE),
        "ingest",
        datetime.now(UTC),
        "the disk is full",
    )
    shown = parts()[0]
    assert shown.index("Reading the sources is in trouble:</b> the disk is full") < shown.index(
        "Sources</h1>"
    )


def test_headlines_are_read_once_a_minute_for_all_viewers(
    states: SourceStates, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    passed_over = queries.passed_over

    def counted(*args: Any, **named: Any) -> list[PassedOver]:
        asked.append(1)
        return passed_over(*args, **named)

    monkeypatch.setattr(queries, "passed_over", counted)
    for _ in range(3):
        parts()
    assert len(asked) <= 2, "the minute may have turned once"

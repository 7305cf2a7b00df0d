"""Unchecked: none of a topic's sources was read for more than three of its intervals."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from monitor.readmodel import queries
from monitor.readmodel.checks import Checks
from monitor.readmodel.model import ReadModel
from monitor.sources.state import SourceState, SourceStates, stamp

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def polled(source: str, ago: timedelta, every: timedelta = QUARTER, **more: object) -> SourceState:
    """A source that was read so long ago."""
    fields: dict[str, object] = {
        "source_id": source,
        "place": f"https://{source}.example/feed",
        "host": f"{source}.example",
        "topics": "docks",
        "polled_once": True,
        "last_poll_at": stamp(NOW - ago),
        "last_ok_at": stamp(NOW - ago),
        "due_at": stamp(NOW - ago + every),
        **more,
    }
    return SourceState(**fields)


def failed(times: int, ok: timedelta, every: timedelta = QUARTER) -> SourceState:
    """A source that has failed so often since it was read: each time the wait doubled."""
    wait = every * 2 ** (times - 1)
    return polled(
        "failed",
        timedelta(minutes=1),
        wait,
        last_ok_at=stamp(NOW - ok),
        error_streak=times,
        last_error="http: 500",
        failing_since=stamp(NOW - ok + every),
    )


def asked(model: ReadModel, service: Engine, *rows: SourceState, topic: str = "docks") -> Checks:
    SourceStates(service)
    with Session(service) as session:
        for row in rows:
            session.merge(row)
        session.commit()
    return queries.checks(model, topic, NOW)


@pytest.mark.parametrize(
    ("row", "is_current"),
    [
        pytest.param(polled("a", timedelta(seconds=28)), True, id="just read"),
        pytest.param(polled("a", timedelta(minutes=44)), True, id="within three intervals"),
        pytest.param(polled("a", timedelta(minutes=46)), False, id="more than three intervals"),
        pytest.param(polled("a", timedelta(hours=30), timedelta(hours=12)), True, id="a slow source"),
        pytest.param(polled("a", timedelta(minutes=14), timedelta(minutes=1)), True, id="a very fast source"),
        pytest.param(failed(1, timedelta(minutes=16)), True, id="failed once"),
        pytest.param(failed(3, timedelta(minutes=50)), False, id="failed for longer than three intervals"),
        pytest.param(
            polled("a", timedelta(), last_poll_at="", last_ok_at="", due_at=stamp(NOW), polled_once=False),
            True,
            id="new",
        ),
        pytest.param(
            polled("a", timedelta(), last_poll_at="", last_ok_at="", due_at=stamp(NOW - QUARTER * 2)),
            False,
            id="new, and nobody polls it",
        ),
        pytest.param(polled("a", timedelta(days=9), is_paused=True), True, id="paused: it is not to be read"),
    ],
)
def test_a_topic_is_unchecked_when_its_source_was_not_read_for_three_intervals(
    model: ReadModel, service: Engine, row: SourceState, is_current: bool
) -> None:
    assert asked(model, service, row).is_current is is_current


def test_one_source_that_is_read_keeps_a_topic_current_and_the_others_are_counted(
    model: ReadModel, service: Engine
) -> None:
    fresh, old = polled("a", timedelta(seconds=28)), polled("b", timedelta(hours=9))
    rows = fresh, old, failed(4, timedelta(hours=5)), polled("c", timedelta(hours=1), topics="other")
    assert asked(model, service, *rows) == Checks(
        last_at=NOW - timedelta(seconds=28), well=2, total=3, is_current=True
    )


def test_where_no_source_is_named_nothing_is_unchecked(model: ReadModel, service: Engine) -> None:
    assert queries.checks(model, "docks", NOW) == Checks(last_at=None, well=0, total=0, is_current=True)
    assert asked(model, service, polled("a", timedelta(hours=9)), topic="other").is_current

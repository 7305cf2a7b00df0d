"""What is told of sources' health, and when it is not worth a word."""

from datetime import UTC, datetime, timedelta

from monitor.sources.health import FAILURES_TOLD, Change, changes, standing
from monitor.sources.state import SourceState, stamp

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EARLIER = NOW - 3 * HOUR


def row(source_id: str = "news", **more: object) -> SourceState:
    return SourceState(
        source_id=source_id, place="x", host=source_id, due_at=stamp(NOW), last_ok_at=stamp(NOW)
    ).model_copy(update=more)


def failing(source_id: str, streak: int, reason: str = "server", **more: object) -> SourceState:
    return row(
        source_id, error_streak=streak, failing_since=stamp(EARLIER), last_error=f"{reason}: words", **more
    )


def told(*rows: SourceState) -> list[tuple[str, str]]:
    return [(change.source_id, change.to) for change in changes(rows, NOW)]


def test_a_source_that_works_is_not_worth_a_word() -> None:
    assert told(row(newest_at=stamp(NOW - HOUR), entries_per_week=70.0)) == []
    assert told(row()) == []


def test_a_third_failure_in_a_row_is_told_once() -> None:
    assert told(failing("news", FAILURES_TOLD - 1)) == []
    [change] = changes([failing("news", FAILURES_TOLD)], NOW)
    assert change == Change("news", "failing", EARLIER, "server: words")
    assert told(failing("news", FAILURES_TOLD + 5, told=change.told)) == []


def test_what_is_gone_is_told_at_once_and_a_pause_of_an_operator_is_not() -> None:
    assert told(failing("news", 1, "gone", is_paused=True)) == [("news", "failing")]
    assert told(row(is_paused=True, newest_at=stamp(NOW - 300 * DAY))) == []
    assert told(failing("news", 1, is_paused=True), failing("other", 9, is_paused=True)) == []


def test_silence_is_measured_by_the_sources_own_rhythm() -> None:
    since = NOW - 5 * DAY
    [change] = changes([row(newest_at=stamp(since), entries_per_week=70.0)], NOW)
    assert (change.to, change.since) == ("silent", since)
    assert "about 70 a week" in change.reason
    assert told(row(newest_at=stamp(since), entries_per_week=7.0)) == []
    assert told(row(newest_at=stamp(since), entries_per_week=70.0, told=change.told)) == []


def test_a_source_is_not_silent_while_nobody_listens() -> None:
    """After a week in which Parley did not run, no source is silent before it was asked again."""
    quiet = {"newest_at": stamp(NOW - 7 * DAY), "entries_per_week": 70.0, "polled_once": True}
    unheard = row(last_ok_at=stamp(NOW - 7 * DAY + HOUR), **quiet)
    assert (told(unheard), standing(unheard, NOW)) == ([], "well")
    assert told(row(last_ok_at=stamp(NOW - HOUR), **quiet)) == [("news", "silent")]
    wrong_clock = row(last_ok_at=stamp(NOW + 400 * DAY), newest_at=stamp(NOW - HOUR), entries_per_week=70.0)
    assert told(wrong_clock) == []


def test_a_source_with_another_address_is_not_well_again_before_it_was_read_there() -> None:
    assert told(row(told=f"failing {stamp(EARLIER)}", last_ok_at="")) == []
    assert told(row(told=f"failing {stamp(EARLIER)}")) == [("news", "recovered")]


def test_a_source_that_works_again_is_told_of_if_its_trouble_was() -> None:
    well = {"newest_at": stamp(NOW - HOUR), "entries_per_week": 70.0}
    [change] = changes([row(told=f"failing {stamp(EARLIER)}", **well)], NOW)
    assert change == Change("news", "recovered", EARLIER, "was failing")
    assert change.told == ""
    assert (
        told(failing("news", 1, told=f"silent {stamp(EARLIER)}")) == []
    )  # it neither works nor fails for sure


def test_a_network_that_is_down_is_told_of_all_sources_at_once() -> None:
    rows = [failing(f"s{at}", 1, "connection") for at in range(9)] + [row("s9")]
    assert told(*rows) == []
    rows[0] = failing("s0", FAILURES_TOLD, "timeout")
    assert told(*rows) == [(f"s{at}", "failing") for at in range(9)]


def test_what_needs_no_network_or_is_not_polled_says_nothing_about_it() -> None:
    rows = [failing("s0", FAILURES_TOLD, "timeout"), *(failing(f"s{at}", 1, "timeout") for at in (1, 2, 3))]
    others = [row("box", kind="folder"), *(row(f"p{at}", is_paused=True) for at in range(9))]
    assert told(*rows, *others) == [(f"s{at}", "failing") for at in range(4)]


def test_a_few_of_many_without_a_link_are_told_of_one_by_one() -> None:
    rows = [failing("a", FAILURES_TOLD, "connection"), failing("b", 1, "connection")]
    assert told(*rows, *(row(f"w{at}") for at in range(9))) == [("a", "failing")]


def test_a_server_that_fails_is_no_sign_of_the_network() -> None:
    rows = [failing(f"s{at}", 1, "server") for at in range(8)]
    assert told(*rows, failing("s8", FAILURES_TOLD, "connection")) == [("s8", "failing")]


def test_how_a_source_fares_is_one_word() -> None:
    quiet = {"polled_once": True, "newest_at": stamp(NOW - 30 * DAY), "entries_per_week": 70.0}
    rows = [
        row(),
        row(polled_once=True, newest_at=stamp(NOW)),
        row(**quiet),
        failing("news", 1, **quiet),
        failing("news", 1, "gone", is_paused=True),
        row(is_paused=True, **quiet),
    ]
    assert [standing(one, NOW) for one in rows] == ["new", "well", "silent", "failing", "gone", "paused"]

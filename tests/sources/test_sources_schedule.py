"""When a source is polled next: its rhythm, its wishes, its failures."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.sources.config import SourceConfig
from monitor.sources.desk import Handed
from monitor.sources.model import ArticleFound
from monitor.sources.outcome import MOVES_BELIEVED, after_failure, after_success, bounds_of
from monitor.sources.schedule import (
    Bounds,
    Wishes,
    backed_off,
    entries_per_week,
    interval,
    jittered,
    next_due,
    past_skipped,
    silent_after,
)
from monitor.sources.seen import Judged
from monitor.sources.state import SourceState
from monitor.sources.visit import Visit
from monitor.vocabulary import Precision

NOW = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)  # a Wednesday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BOUNDS = Bounds(start=15 * MINUTE, shortest=5 * MINUTE, longest=6 * HOUR, heeded=6 * HOUR)
FEED = SourceConfig(id="news", url="https://news.example/feed")
STATE = SourceState(source_id="news", place=FEED.place, host="news.example", due_at="")


def test_a_rhythm_is_read_off_the_days_of_the_entries() -> None:
    assert entries_per_week([NOW - day * DAY for day in range(20)], NOW) == 8
    assert entries_per_week([NOW - hour * HOUR for hour in range(1, 13)], NOW) == pytest.approx(168, rel=0.01)
    assert entries_per_week([NOW - 30 * DAY], NOW) == 0
    assert entries_per_week([NOW + DAY], NOW) is None
    assert entries_per_week([], NOW) is None


def test_much_news_is_asked_for_often_and_little_rarely() -> None:
    assert interval(None, BOUNDS) == 15 * MINUTE
    assert interval(0, BOUNDS) == 6 * HOUR
    assert interval(7 * 24, BOUNDS) == 15 * MINUTE
    assert interval(10_000, BOUNDS) == 5 * MINUTE
    assert interval(1, BOUNDS) == 6 * HOUR


def test_what_a_feed_asks_for_is_heeded_up_to_the_operators_bound() -> None:
    wait = next_due(NOW, 5 * MINUTE, Wishes(at_least=2 * HOUR), BOUNDS, "a") - NOW
    assert 1.8 * HOUR <= wait <= 2.2 * HOUR
    wait = next_due(NOW, 5 * MINUTE, Wishes(at_least=30 * DAY), BOUNDS, "a") - NOW
    assert wait <= 6.6 * HOUR


def test_hours_and_days_to_skip_are_passed() -> None:
    assert past_skipped(NOW, Wishes()) == NOW
    assert past_skipped(NOW, Wishes(skip_hours=frozenset({12, 13}))) == NOW.replace(hour=14, minute=0)
    assert past_skipped(NOW, Wishes(skip_days=frozenset({2, 3}))) == datetime(2026, 3, 6, tzinfo=UTC)
    assert past_skipped(NOW, Wishes(skip_hours=frozenset(range(24)))) == NOW


@given(st.frozensets(st.integers(0, 23)), st.frozensets(st.integers(0, 6)), st.integers(0, 10_000))
def test_nothing_is_put_off_by_more_than_a_week(hours: frozenset[int], days: frozenset[int], at: int) -> None:
    moment = NOW + at * MINUTE
    later = past_skipped(moment, Wishes(skip_hours=hours, skip_days=days))
    assert moment <= later <= moment + timedelta(days=7, hours=1)
    if len(hours) < 24 and len(days) < 7:
        assert later.hour not in hours
        assert later.weekday() not in days


def test_the_waits_double_up_to_a_day_and_up_to_an_hour_where_nothing_answers() -> None:
    quarter = 15 * MINUTE
    waits = [backed_off(quarter, streak, "server") / MINUTE for streak in (0, 1, 2, 3, 7, 8, 500)]
    assert waits == [15, 15, 30, 60, 960, 1440, 1440]
    assert backed_off(timedelta(days=7), 3) == timedelta(days=7)
    assert [backed_off(quarter, streak, "timeout") / MINUTE for streak in (1, 2, 5, 500)] == [15, 30, 60, 60]
    assert [backed_off(MINUTE, streak) / MINUTE for streak in (1, 2, 3)] == [1, 2, 4]


@given(st.text(max_size=9), st.integers(0, 100_000))
def test_jitter_is_a_tenth_at_most(source_id: str, minutes: int) -> None:
    wait = jittered(100 * MINUTE, source_id, NOW + minutes * MINUTE)
    assert 90 * MINUTE <= wait <= 110 * MINUTE


def test_silence_is_odd_after_ten_gaps_but_not_before_two_days() -> None:
    assert silent_after(700) == 2 * DAY
    assert silent_after(7) == 10 * DAY
    assert silent_after(0) == silent_after(0.1) == 60 * DAY


def test_without_a_rarest_interval_a_feed_may_still_ask_for_an_hour() -> None:
    assert bounds_of(FEED) == Bounds(15 * MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR)
    rarely = FEED.model_copy(update={"max_interval_minutes": 30, "interval_minutes": 2})
    assert bounds_of(rarely) == Bounds(2 * MINUTE, 2 * MINUTE, 30 * MINUTE, 30 * MINUTE)


def moved(state: SourceState, moved_to: str) -> SourceState:
    values = after_success(state, FEED, Visit((), moved_to=moved_to), Handed(), NOW)
    return state.model_copy(update=dict(values))


def test_a_move_is_believed_when_it_was_named_several_times_in_a_row() -> None:
    state = STATE
    for times in range(1, MOVES_BELIEVED):
        state = moved(state, "https://new.example/feed")
        assert (state.moved_times, state.address) == (times, "")
    assert moved(moved(state, ""), "https://new.example/feed").moved_times == 1
    assert moved(state, "https://other.example/feed").moved_times == 1
    state = moved(state, "https://new.example/feed")
    assert state.address == "https://new.example/feed"
    assert moved(state, "https://new.example/feed").moved_times == 0


def test_an_address_that_was_moved_to_and_fails_gives_way_to_the_configured_one() -> None:
    state = STATE.model_copy(update={"address": "https://new.example/feed"})
    values = after_failure(state, FEED, "gone", "answered 410", None, NOW)
    assert values["address"] == ""
    assert "is_paused" not in values
    assert after_failure(STATE, FEED, "gone", "answered 410", None, NOW)["is_paused"] is True


def test_a_streak_keeps_the_moment_at_which_it_began() -> None:
    values = after_failure(STATE, FEED, "server", "answered 500", None, NOW)
    state = STATE.model_copy(update=dict(values))
    later = after_failure(state, FEED, "server", "answered 500", 7200.0, NOW + HOUR)
    assert (later["error_streak"], later["failing_since"]) == (2, values["failing_since"])
    assert datetime.fromisoformat(str(later["due_at"])) == NOW + 3 * HOUR


def test_a_pause_during_a_visit_that_fails_stays() -> None:
    """The operator's word may have come after the row was read."""
    assert "is_paused" not in after_failure(STATE, FEED, "server", "answered 500", None, NOW)


def test_validators_are_forgotten_where_they_may_be_what_is_wrong() -> None:
    """They belong to an address, and there are servers that fail on any that they are sent."""
    asked = STATE.model_copy(update={"etag": '"a"', "last_modified": "Mon, 1 Jan 2024"})
    gone = {"etag": "", "last_modified": ""}
    moved_away = asked.model_copy(update={"address": "https://new.example/feed"})
    assert gone.items() <= after_failure(moved_away, FEED, "timeout", "slow", None, NOW).items()
    assert gone.items() <= after_failure(asked, FEED, "http", "answered 412", None, NOW).items()
    assert "etag" not in after_failure(asked, FEED, "server", "answered 500", None, NOW)
    again = asked.model_copy(update={"error_streak": 1})
    assert gone.items() <= after_failure(again, FEED, "server", "answered 500", None, NOW).items()
    assert "etag" not in after_failure(again, FEED, "rate_limited", "answered 429", None, NOW)


def article(days: float) -> ArticleFound:
    published = NOW - days * DAY
    return ArticleFound(
        url=f"https://news.example/{days}",
        outlet="News",
        source="news",
        title="Talks",
        text="Talks go on.",
        language="en",
        published_at=published,
        precision=Precision.TIME,
        first_seen_at=NOW,
    )


def test_a_rhythm_stays_while_nothing_new_comes_so_that_silence_is_measured_by_it() -> None:
    shown = tuple(article(days) for days in (5.0, 5.1, 5.2))
    known = STATE.model_copy(update={"entries_per_week": 70.0, "newest_at": "2026-02-27T12:30:00+00:00"})
    for judged in ((), (Judged(shown[0], again=True),)):
        values = after_success(known, FEED, Visit(shown), Handed(judged), NOW)
        assert (values["entries_per_week"], values["newest_at"]) == (70.0, known.newest_at)
        assert values["entries_seen"] == 0
    values = after_success(known, FEED, Visit(shown), Handed((Judged(shown[0]),)), NOW)
    assert (values["entries_per_week"], values["newest_at"]) == (4.04, "2026-03-04T12:30:00+00:00")
    assert after_success(STATE, FEED, Visit(shown), Handed(), NOW)["entries_per_week"] == 4.04


def test_a_part_of_a_feed_says_nothing_of_its_rhythm() -> None:
    known = STATE.model_copy(update={"entries_per_week": 7.0})
    part = (article(0.1),)
    values = after_success(known, FEED, Visit(part, is_part=True), Handed((Judged(part[0]),)), NOW)
    assert values["entries_per_week"] == 7.0


def test_a_flood_is_noted() -> None:
    values = after_success(STATE, FEED, Visit((), note="broken: x"), Handed(flooded=40), NOW)
    assert values["note"] == "broken: x; 40 articles came at once and are kept as history"

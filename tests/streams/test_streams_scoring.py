"""How a stream is scored: what counts as right, missed, false, told twice."""

from datetime import UTC, date, datetime

import pytest

from tests.streams.scoring import Expected, Shift, Told, score


def shift(status: str, earliest: int, latest: int, *, also: bool = False, channel: str = "c") -> Shift:
    return Shift(channel, status, date(2025, 3, earliest), date(2025, 3, latest), also, "a reason")


def told(status: str, day: int, *, until: int | None = None, channel: str = "c") -> Told:
    latest = date(2025, 3, until or day)
    moment = datetime(2025, 3, until or day, tzinfo=UTC)
    return Told(f"{status} {day}", channel, status, date(2025, 3, day), latest, moment, "words")


def figures(alerts: list[Told], *shifts: Shift) -> tuple[int, int, int, int]:
    found = score(alerts, Expected(shifts, {}))
    return len(found.right), len(found.missed), len(found.false), len(found.twice)


@pytest.mark.parametrize(
    ("alert", "right"),
    [
        (told("underway", 10), 1),
        (told("underway", 9), 1),
        (told("underway", 13), 1),
        (told("underway", 14), 0),
        (told("underway", 1, until=9), 1),
        (told("underway", 1, until=8), 0),
        (told("stalled", 10), 0),
        (told("underway", 10, channel="d"), 0),
    ],
)
def test_an_alert_is_right_about_its_channel_its_status_and_a_day_in_the_window(
    alert: Told, right: int
) -> None:
    assert figures([alert], shift("underway", 10, 12)) == (right, 1 - right, 1 - right, 0)


def test_what_a_fair_reader_may_tell_counts_neither_way() -> None:
    maybe = shift("stalled", 10, 10, also=True)
    assert figures([], maybe) == (0, 0, 0, 0)
    assert figures([told("stalled", 10)], maybe) == (0, 0, 0, 0)


def test_a_shift_that_is_told_again_is_a_false_alarm_told_twice() -> None:
    assert figures([told("agreed", 10), told("agreed", 11)], shift("agreed", 10, 10)) == (1, 0, 1, 1)


def test_the_best_assignment_counts_whatever_the_order() -> None:
    narrow, wide = shift("underway", 10, 10), shift("underway", 10, 20)
    for shifts in ((narrow, wide), (wide, narrow)):
        for alerts in (
            [told("underway", 10), told("underway", 15)],
            [told("underway", 15), told("underway", 10)],
        ):
            assert figures(alerts, *shifts) == (2, 0, 0, 0)


def test_a_shift_that_must_be_told_goes_before_one_that_may() -> None:
    may, must = shift("underway", 10, 12, also=True), shift("underway", 11, 11)
    assert figures([told("underway", 11)], may, must) == (1, 0, 0, 0)


def test_f1_is_the_harmonic_mean_and_nothing_told_scores_nothing() -> None:
    shifts = (shift("underway", 10, 10), shift("stalled", 20, 20))
    found = score([told("underway", 10), told("agreed", 1), told("agreed", 5)], Expected(shifts, {}))
    assert (found.precision, found.recall) == (pytest.approx(1 / 3), 0.5)
    assert found.f1 == pytest.approx(0.4)
    assert score([], Expected(shifts, {})).f1 == 0.0

"""Days named by their weekday: "on Sunday", "last Sunday", "the Monday before last", "the last Thursday of May"."""

from collections.abc import Mapping
from datetime import date, timedelta

from monitor.detection.when_days import (
    Caught,
    Reading,
    Rule,
    around,
    month_days,
    offset_of,
    past_or_coming,
    shifted,
    week_days,
)
from monitor.detection.when_words import WORDS, count_of, month_of, year_of


def _number(caught: Caught) -> int:
    """0 is Monday; of a short form ("Thurs") its first three letters tell."""
    name = (caught.get("weekday") or caught["short_day"] or "").lower()
    return next(number for full, number in WORDS.weekdays.items() if full.startswith(name[:3]))


def _weekday(caught: Caught, published: date) -> Reading:
    """In a report "on Sunday" is the last one, publication day included."""
    number = _number(caught)
    back, on = (published.weekday() - number) % 7, (number - published.weekday()) % 7
    return Reading(shifted(published, -back, -back), shifted(published, on, on))


def _back(caught: Caught, published: date) -> int:
    """How many days ago that weekday was last, publication day not included."""
    return (published.weekday() - _number(caught)) % 7 or 7


def _weekday_past(caught: Caught, published: date) -> Reading:
    back = _back(caught, published)
    return Reading(shifted(published, -back, -back))


def _weekday_before_last(caught: Caught, published: date) -> Reading:
    back = _back(caught, published) + 7
    return Reading(shifted(published, -back, -back))


def _weekdays_ago(caught: Caught, published: date) -> Reading:
    back = _back(caught, published) + 7 * (count_of(caught["number"]) - 1)
    return Reading(shifted(published, -back, -back))


def _weekday_future(caught: Caught, published: date) -> Reading:
    on = (_number(caught) - published.weekday()) % 7
    if on == 0 and offset_of(caught["future"]):
        on = 7
    return Reading(shifted(published, on, on))


def _weekday_after_next(caught: Caught, published: date) -> Reading:
    on = ((_number(caught) - published.weekday()) % 7 or 7) + 7
    return Reading(shifted(published, on, on))


def _weekday_of_week(caught: Caught, published: date) -> Reading:
    monday, _ = week_days(published, offset_of(caught["which"]))
    number = _number(caught)
    return Reading(shifted(monday, number, number))


def _weekday_of_month(caught: Caught, published: date) -> Reading:
    ordinal, number = WORDS.ordinals[(caught["ordinal"] or "").lower()], _number(caught)

    def of(first: date) -> tuple[date, date]:
        _, last = month_days(first.year, first.month)
        if ordinal < 0:
            day = last - timedelta(days=(last.weekday() - number) % 7)
        else:
            day = first + timedelta(days=(number - first.weekday()) % 7 + 7 * (ordinal - 1))
        if day > last:
            raise ValueError(f"{first:%B %Y} has no such day")
        return day, day

    if caught["which"] is not None:
        return Reading(of(month_days(published.year, published.month + offset_of(caught["which"]))[0]))
    month, year = month_of(caught), year_of(caught, published)
    if year is not None:
        return around(*of(date(year, month, 1)), published)
    return past_or_coming(lambda candidate: of(date(candidate, month, 1)), published)


WEEKDAYS: Mapping[str, Rule] = {
    "weekday": _weekday,
    "weekday_short": _weekday,
    "weekday_past": _weekday_past,
    "weekday_before_last": _weekday_before_last,
    "weekdays_ago": _weekdays_ago,
    "weekday_future": _weekday_future,
    "weekday_after_next": _weekday_after_next,
    "weekday_of_week": _weekday_of_week,
    "weekday_of_month": _weekday_of_month,
}
"""The rules of this module by their names in times.toml."""

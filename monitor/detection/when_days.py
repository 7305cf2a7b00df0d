"""Stretches of days: months, weeks and parts of them, in the past or ahead. Weeks begin on Monday."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

Days = tuple[date | None, date | None]
"""First and last day, both included; None is unknown."""
UNKNOWN: Days = (None, None)
_YEARS_TO_TRY = 10
"""Leap years are at most eight years apart."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The days meant: `ahead` is the other reading, for a clause that looks ahead (None: there is but one)."""

    days: Days
    ahead: Days | None = None


Caught = Mapping[str, str | None]
Rule = Callable[[Caught, date], Reading]


def exactly(year: int, month: int, day: int) -> Days:
    """One day; ValueError if the calendar has no such day."""
    exact = date(year, month, day)
    return exact, exact


def month_days(year: int, month: int) -> tuple[date, date]:
    """First and last day of a month; month 0 is December of the year before, 13 January of the next."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def week_days(day: date, offset: int = 0) -> tuple[date, date]:
    """Monday and Sunday of the week of a day, or of so many weeks later."""
    monday = day + timedelta(days=7 * offset - day.weekday())
    return monday, monday + timedelta(days=6)


def shifted(day: date, first: int, last: int) -> Days:
    """The days from so many to so many days after a day."""
    return day + timedelta(days=first), day + timedelta(days=last)


def around(first: date, last: date, published: date) -> Reading:
    """A stretch that holds the day of publication has happened up to it and lies ahead from it on."""
    if first <= published < last:
        return Reading((first, published), (published, last))
    return Reading((first, last))


def past_or_coming(of_year: Callable[[int], tuple[date, date]], published: date) -> Reading:
    """A stretch named without its year: the newest that has begun, or, looking ahead, the first that has not ended."""
    past = _first_found(of_year, published.year, -1, lambda days: days[0] <= published)
    coming = _first_found(of_year, published.year - 1, 1, lambda days: days[1] >= published)
    return Reading((past[0], min(past[1], published)), (max(coming[0], published), coming[1]))


def _first_found(
    of_year: Callable[[int], tuple[date, date]],
    year: int,
    step: int,
    fits: Callable[[tuple[date, date]], bool],
) -> tuple[date, date]:
    """The first that fits, year by year; years that have no such day (29 February) are passed over."""
    for candidate in range(year, year + step * _YEARS_TO_TRY, step):
        try:
            days = of_year(candidate)
        except ValueError:
            continue
        if fits(days):
            return days
    raise ValueError(f"no such day in {_YEARS_TO_TRY} years around {year}")


def third_of_month(first: date, part: int) -> tuple[date, date]:
    """Early is the 1st to the 10th, mid the 11th to the 20th, late the 21st to the end."""
    _, last = month_days(first.year, first.month)
    return first.replace(day=10 * part - 9), last if part == 3 else first.replace(day=10 * part)


def third_of_year(year: int, part: int) -> tuple[date, date]:
    """Early is January to April, mid May to August, late September to December."""
    return month_days(year, 4 * part - 3)[0], month_days(year, 4 * part)[1]


def piece_of_month(first: date, ordinal: int, piece: str) -> tuple[date, date]:
    """The third week is the 15th to the 21st."""
    _, last = month_days(first.year, first.month)
    length = 7 if piece in {"week", "weekend"} else 15
    if ordinal < 0:
        return last - timedelta(days=length - 1), last
    begin = first + timedelta(days=length * (ordinal - 1))
    is_rest = piece in {"half", "fortnight"} and ordinal == 2
    return min(begin, last), last if is_rest else min(begin + timedelta(days=length - 1), last)


def offset_of(which: str | None) -> int:
    """-1 for the last, 0 for this, 1 for the next."""
    words = (which or "this").split()
    if any(word in {"last", "past", "previous"} for word in words):
        return -1
    return 1 if any(word in {"next", "coming", "upcoming"} for word in words) else 0

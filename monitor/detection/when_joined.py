"""Times that belong together: "Sunday, November 24" is one day, "from May 3 to May 7" one stretch."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from monitor.detection.when_days import UNKNOWN, Days, Reading


@dataclass(frozen=True, slots=True)
class Found:
    """A time found at `start` .. `end`, by which rule, and the days it means."""

    start: int
    end: int
    rule: str
    reading: Reading


_JOINED_DATE = re.compile(r",?\s?\(?(?:the )?")
STRETCHES = frozenset({"stretch", "days_of_month"})
_STRETCH = re.compile(r"\s?(to|until|till|through|-|and)\s?(?:the )?", re.IGNORECASE)
OPENING = re.compile(r"\b(between|from)\s(?:the )?$", re.IGNORECASE)


def joined(folded: str, found: Iterator[Found]) -> Iterator[Found]:
    """One time each for "Sunday, November 24" and "from May 3 to May 7"."""
    current: Found | None = None
    for item in found:
        if current is None:
            current = item
            continue
        both = (
            _one_day(folded, current, item)
            or _date_and_day(folded, current, item)
            or _one_stretch(folded, current, item)
        )
        if both is None:
            yield current
        current = both or item
    if current is not None:
        yield current


def _one_day(folded: str, day: Found, named: Found) -> Found | None:
    """A weekday or "today" with its date: the date counts, in the reading that falls on that day."""
    is_pair = day.rule in {"weekday", "weekday_short", "day_word"} and named.rule in {
        "date",
        "iso",
        "numeric",
        "ordinal_day",
    }
    if not is_pair or _JOINED_DATE.fullmatch(folded, day.end, named.start) is None:
        return None
    end = named.end + (
        folded[day.end : named.start].endswith("(") and folded[named.end : named.end + 1] == ")"
    )
    reading = named.reading
    if reading.days == UNKNOWN:
        reading = day.reading
    elif reading.ahead and _same_weekday(day, reading.ahead[0]) and not _same_weekday(day, reading.days[0]):
        reading = Reading(reading.ahead)
    return Found(day.start, end, named.rule, reading)


def _date_and_day(folded: str, named: Found, day: Found) -> Found | None:
    """A date with its weekday behind it, "May 28 (Wednesday)": one time if it is that weekday."""
    if named.rule not in {"date", "iso", "numeric"} or day.rule not in {"weekday", "weekday_short"}:
        return None
    if _JOINED_DATE.fullmatch(folded, named.end, day.start) is None:
        return None
    for days in filter(None, (named.reading.days, named.reading.ahead)):
        if _same_weekday(day, days[0]):
            end = day.end + (
                folded[named.end : day.start].endswith("(") and folded[day.end : day.end + 1] == ")"
            )
            return Found(named.start, end, named.rule, Reading(days))
    return None


def _same_weekday(day: Found, exact: date | None) -> bool:
    first = day.reading.days[0]
    return first is not None and exact is not None and first.weekday() == exact.weekday()


def _one_stretch(folded: str, first: Found, last: Found) -> Found | None:
    joint = _STRETCH.fullmatch(folded, first.end, last.start)
    opening = OPENING.search(folded, max(0, first.start - 16), first.start)
    if joint is None:
        return None
    dates = joint[1] == "-" and {first.rule, last.rule} <= {"date", "month", "part_of_month"}
    if not dates and (opening is None or (joint[1] == "and") != (opening[1].lower() == "between")):
        return None
    reading = Reading(_from_to(first.reading, last.reading), _from_to_ahead(first.reading, last.reading))
    return Found(first.start, last.end, "stretch", reading)


def _from_to(first: Reading, last: Reading) -> Days:
    """First day of one to last day of the other, moved into order: "from March to May", said in April."""
    begin, end = first.days[0], last.days[1]
    if begin is None or end is None or begin <= end:
        return begin, end
    if last.ahead and last.ahead[1] and begin <= last.ahead[1]:
        return begin, last.ahead[1]
    months = 12 * end.year + end.month - (12 if begin.month > end.month else 0)
    return begin.replace(year=(months - 1) // 12, day=min(begin.day, 28)), end


def _from_to_ahead(first: Reading, last: Reading) -> Days | None:
    """The stretch to come: "between Tuesday and Thursday" of this week, or from its Friday to next week's Monday."""
    if first.ahead is None or last.ahead is None:
        return None
    begin, end = first.ahead[0], last.ahead[1]
    if begin and end and end < begin and begin - end < timedelta(days=7):
        end += timedelta(days=7)
    return (begin, end) if begin and end and begin <= end else None

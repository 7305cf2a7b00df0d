"""What each way of naming a time means in days: one small function per rule of times.toml.

A rule gets the words that its pattern caught and the day of publication, and gives a `Reading`: the days that are meant
in a report of what happened, and, where that differs, in a clause that looks ahead. Weeks begin on Monday.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from monitor.detection.when_counted import COUNTED
from monitor.detection.when_days import (
    UNKNOWN,
    Caught,
    Reading,
    Rule,
    around,
    exactly,
    month_days,
    offset_of,
    past_or_coming,
    piece_of_month,
    shifted,
    third_of_month,
    third_of_year,
    week_days,
)
from monitor.detection.when_words import WORDS

COMING_DATE = timedelta(days=45)
"""A date without a year that lies so far ahead or less is the coming one, not that of a year ago."""


def _year_of(caught: Caught, published: date, key: str = "year") -> int | None:
    """The year as a number: "2024", "last year", "of this year"."""
    text = caught.get(key)
    if text is None:
        return None
    if text[-4:].isdigit():
        return int(text[-4:])
    offsets = {"last": -1, "previous": -1, "this": 0, "next": 1}
    return published.year + next(offset for word, offset in offsets.items() if word in text)


def _month_of(caught: Caught, key: str = "month") -> int:
    name = (caught.get(key) or caught["month_name"] or "")[:3].title()
    return WORDS.months[name]


def _iso(caught: Caught, _: date) -> Reading:
    return Reading(exactly(*(int(caught[part] or "") for part in ("year4", "mm", "dd"))))


def _numeric(caught: Caught, _: date) -> Reading:
    """Day first, as in South Asia and Britain, unless the second number can only be a day."""
    first, second, year = (int(caught[part] or "") for part in ("d1", "d2", "year4"))
    return Reading(exactly(year, first, second) if second > 12 else exactly(year, second, first))


def _date(caught: Caught, published: date) -> Reading:
    return _days_between(caught, published, "day", "day")


def _days_of_month(caught: Caught, published: date) -> Reading:
    return _days_between(caught, published, "day", "day2")


def _days_between(caught: Caught, published: date, first: str, last: str) -> Reading:
    month, days = _month_of(caught), (_number(caught[first]), _number(caught[last]))
    year = _year_of(caught, published)
    if year is not None:
        return Reading((date(year, month, days[0]), date(year, month, days[1])))

    def of_year(candidate: int) -> tuple[date, date]:
        return date(candidate, month, days[0]), date(candidate, month, days[1])

    reading = past_or_coming(of_year, published)
    soon = reading.ahead[0] - published if reading.ahead and reading.ahead[0] else timedelta()
    return Reading(reading.ahead or UNKNOWN) if timedelta() < soon <= COMING_DATE else reading


def _number(text: str | None) -> int:
    digits = "".join(sign for sign in text or "" if sign.isdigit())
    return int(digits)


def _ordinal_day(caught: Caught, published: date) -> Reading:
    day = _number(caught["ordinal_day"])
    if caught["of"] in {"last", "this", "next"}:
        first, _ = month_days(published.year, published.month + offset_of(caught["of"]))
        return Reading(exactly(first.year, first.month, day))
    past = next(
        found for back in range(3) if (found := _in_month(published, -back, day)) and found <= published
    )
    coming = next(found for on in range(3) if (found := _in_month(published, on, day)) and found >= published)
    return Reading((past, past), (coming, coming))


def _in_month(published: date, offset: int, day: int) -> date | None:
    first, last = month_days(published.year, published.month + offset)
    return first.replace(day=day) if day <= last.day else None


def _day_word(caught: Caught, published: date) -> Reading:
    first, last = WORDS.day_words[" ".join((caught["day_word"] or "").lower().split())]
    return Reading(shifted(published, first, last))


def _feast(caught: Caught, published: date) -> Reading:
    month, day = WORDS.feasts[" ".join((caught["feast"] or "").lower().split())]
    year = _year_of(caught, published)
    if year is not None:
        return Reading(exactly(year, month, day))
    return past_or_coming(
        lambda candidate: (date(candidate, month, day), date(candidate, month, day)), published
    )


def _clock(_: Caught, published: date) -> Reading:
    return Reading((published, published))


def _weekday(caught: Caught, published: date) -> Reading:
    """In a report "on Sunday" is the last one, publication day included."""
    number = WORDS.weekdays[(caught["weekday"] or "").lower()]
    back, on = (published.weekday() - number) % 7, (number - published.weekday()) % 7
    return Reading(shifted(published, -back, -back), shifted(published, on, on))


def _weekday_past(caught: Caught, published: date) -> Reading:
    number = WORDS.weekdays[(caught["weekday"] or "").lower()]
    back = (published.weekday() - number) % 7 or 7
    return Reading(shifted(published, -back, -back))


def _weekday_future(caught: Caught, published: date) -> Reading:
    number = WORDS.weekdays[(caught["weekday"] or "").lower()]
    on = (number - published.weekday()) % 7
    if on == 0 and offset_of(caught["future"]):
        on = 7
    return Reading(shifted(published, on, on))


def _weekday_of_week(caught: Caught, published: date) -> Reading:
    monday, _ = week_days(published, offset_of(caught["which"]))
    number = WORDS.weekdays[(caught["weekday"] or "").lower()]
    return Reading(shifted(monday, number, number))


def _month_rule(caught: Caught, published: date) -> Reading:
    month, year = _month_of(caught), _year_of(caught, published)
    if year is not None:
        return around(*month_days(year, month), published)
    return past_or_coming(lambda candidate: month_days(candidate, month), published)


def _month_this(caught: Caught, published: date) -> Reading:
    return around(*month_days(published.year, _month_of(caught)), published)


def _month_past(caught: Caught, published: date) -> Reading:
    month = _month_of(caught)
    return Reading(month_days(published.year - (month >= published.month), month))


def _month_future(caught: Caught, published: date) -> Reading:
    month = _month_of(caught)
    return Reading(month_days(published.year + (month <= published.month), month))


def _part(caught: Caught) -> int:
    return WORDS.parts[" ".join((caught["part"] or "").lower().split())]


def _part_of_month(caught: Caught, published: date) -> Reading:
    month, part, year = _month_of(caught), _part(caught), _year_of(caught, published)
    if year is not None:
        return around(*third_of_month(month_days(year, month)[0], part), published)
    return past_or_coming(lambda candidate: third_of_month(month_days(candidate, month)[0], part), published)


def _part_of_period(caught: Caught, published: date) -> Reading:
    part, offset = _part(caught), offset_of(caught["which"])
    match (caught["period"] or "").lower():
        case "week":
            monday, _ = week_days(published, offset)
            first, last = ((0, 1), (2, 3), (4, 6))[part - 1]
            days = monday + timedelta(days=first), monday + timedelta(days=last)
        case "month":
            days = third_of_month(month_days(published.year, published.month + offset)[0], part)
        case _:
            days = third_of_year(published.year + offset, part)
    return around(*days, published)


def _part_of_year(caught: Caught, published: date) -> Reading:
    year = _year_of(caught, published) or published.year
    return around(*third_of_year(year, _part(caught)), published)


def _week_of_month(caught: Caught, published: date) -> Reading:
    ordinal, piece = WORDS.ordinals[(caught["ordinal"] or "").lower()], (caught["piece"] or "").lower()

    def of(first: date) -> tuple[date, date]:
        return piece_of_month(first, ordinal, piece)

    if caught["which"] is not None:
        return around(
            *of(month_days(published.year, published.month + offset_of(caught["which"]))[0]), published
        )
    month, year = _month_of(caught), _year_of(caught, published)
    if year is not None:
        return around(*of(month_days(year, month)[0]), published)
    return past_or_coming(lambda candidate: of(month_days(candidate, month)[0]), published)


def _piece_of_year(caught: Caught, published: date) -> Reading:
    year = _year_of(caught, published) or published.year
    months = 6 if (caught["piece"] or "").lower() == "half" else 3
    ordinal = WORDS.ordinals[(caught["ordinal"] or "").lower()]
    ordinal = 12 // months if ordinal < 0 else min(ordinal, 12 // months)
    return around(
        month_days(year, months * (ordinal - 1) + 1)[0], month_days(year, months * ordinal)[1], published
    )


def _season(caught: Caught, published: date) -> Reading:
    """Three months each, as in the north; winter begins in December."""
    begin, year = WORDS.seasons[(caught["season"] or "").lower()], _year_of(caught, published)

    def of_year(candidate: int) -> tuple[date, date]:
        return month_days(candidate, begin)[0], month_days(candidate, begin + 2)[1]

    if year is not None:
        return around(*of_year(year), published)
    if caught.get("past"):
        ended = (of_year(published.year - back) for back in range(3))
        return Reading(next(days for days in ended if days[1] < published))
    if caught.get("future"):
        begun = (of_year(published.year + on) for on in range(-1, 3))
        return Reading(next(days for days in begun if days[0] > published))
    return past_or_coming(of_year, published)


def _year_rule(caught: Caught, published: date) -> Reading:
    year = _year_of(caught, published) or published.year
    return around(date(year, 1, 1), date(year, 12, 31), published)


def _decade(caught: Caught, published: date) -> Reading:
    first = int(caught["decade"] or "")
    return around(date(first, 1, 1), date(first + 9, 12, 31), published)


RULES: Mapping[str, Rule] = {
    **COUNTED,
    "iso": _iso,
    "numeric": _numeric,
    "date": _date,
    "days_of_month": _days_of_month,
    "ordinal_day": _ordinal_day,
    "day_word": _day_word,
    "feast": _feast,
    "clock": _clock,
    "weekday": _weekday,
    "weekday_past": _weekday_past,
    "weekday_future": _weekday_future,
    "weekday_of_week": _weekday_of_week,
    "month": _month_rule,
    "month_this": _month_this,
    "month_past": _month_past,
    "month_future": _month_future,
    "part_of_month": _part_of_month,
    "part_of_period": _part_of_period,
    "part_of_year": _part_of_year,
    "week_of_month": _week_of_month,
    "piece_of_year": _piece_of_year,
    "month_last_year": _month_rule,
    "season": _season,
    "year": _year_rule,
    "decade": _decade,
}
"""Name of a rule in times.toml -> what dates it; it may raise ValueError or OverflowError for an impossible day."""

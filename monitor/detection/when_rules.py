"""What each way of naming a time means in days: one small function per rule of times.toml.

A rule gets the words that its pattern caught and the day of publication, and gives a `Reading`: the days that are meant
in a report of what happened, and, where that differs, in a clause that looks ahead. Weeks begin on Monday.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from monitor.detection.when_absolute import ABSOLUTE
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
from monitor.detection.when_weekdays import WEEKDAYS
from monitor.detection.when_words import WORDS, month_of, year_of

COMING_DATE = timedelta(days=45)
"""A date without a year that lies so far ahead or less is the coming one, not that of a year ago."""


def _date(caught: Caught, published: date) -> Reading:
    return _days_between(caught, published, "day", "day")


def _days_of_month(caught: Caught, published: date) -> Reading:
    return _days_between(caught, published, "day", "day2")


def _days_between(caught: Caught, published: date, first: str, last: str) -> Reading:
    month, days = month_of(caught), (_number(caught[first]), _number(caught[last]))
    year = year_of(caught, published)
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


def _nth_of_month(caught: Caught, published: date) -> Reading:
    """The day of "the ninth of May"."""
    day, month, year = WORDS.nth[(caught["nth"] or "").lower()], month_of(caught), year_of(caught, published)
    if year is not None:
        return Reading(exactly(year, month, day))
    return past_or_coming(
        lambda candidate: (date(candidate, month, day), date(candidate, month, day)), published
    )


def _day_word(caught: Caught, published: date) -> Reading:
    first, last = WORDS.day_words[" ".join((caught["day_word"] or "").lower().split())]
    return Reading(shifted(published, first, last))


def _feast(caught: Caught, published: date) -> Reading:
    month, day = WORDS.feasts[" ".join((caught["feast"] or "").lower().split())]
    year = year_of(caught, published)
    if year is not None:
        return Reading(exactly(year, month, day))
    return past_or_coming(
        lambda candidate: (date(candidate, month, day), date(candidate, month, day)), published
    )


def _clock(_: Caught, published: date) -> Reading:
    return Reading((published, published))


def _month_rule(caught: Caught, published: date) -> Reading:
    month, year = month_of(caught), year_of(caught, published)
    if year is not None:
        return around(*month_days(year, month), published)
    return past_or_coming(lambda candidate: month_days(candidate, month), published)


def _month_this(caught: Caught, published: date) -> Reading:
    return around(*month_days(published.year, month_of(caught)), published)


def _month_past(caught: Caught, published: date) -> Reading:
    month = month_of(caught)
    return Reading(month_days(published.year - (month >= published.month), month))


def _month_future(caught: Caught, published: date) -> Reading:
    month = month_of(caught)
    return Reading(month_days(published.year + (month <= published.month), month))


def _part(caught: Caught) -> int:
    return WORDS.parts[" ".join((caught["part"] or "").lower().split())]


def _part_of_month(caught: Caught, published: date) -> Reading:
    month, part, year = month_of(caught), _part(caught), year_of(caught, published)
    if year is not None:
        return around(*third_of_month(month_days(year, month)[0], part), published)
    return past_or_coming(lambda candidate: third_of_month(month_days(candidate, month)[0], part), published)


def _part_of_period(caught: Caught, published: date) -> Reading:
    if caught.get("year_end"):
        return around(*third_of_year(published.year, 3), published)
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
    year = year_of(caught, published) or published.year
    return around(*third_of_year(year, _part(caught)), published)


def _week_of_month(caught: Caught, published: date) -> Reading:
    ordinal, piece = WORDS.ordinals[(caught["ordinal"] or "").lower()], (caught["piece"] or "").lower()

    def of(first: date) -> tuple[date, date]:
        return piece_of_month(first, ordinal, piece)

    if caught["which"] is not None:
        return around(
            *of(month_days(published.year, published.month + offset_of(caught["which"]))[0]), published
        )
    month, year = month_of(caught), year_of(caught, published)
    if year is not None:
        return around(*of(month_days(year, month)[0]), published)
    return past_or_coming(lambda candidate: of(month_days(candidate, month)[0]), published)


def _piece_of_year(caught: Caught, published: date) -> Reading:
    year = year_of(caught, published) or published.year
    if short := caught.get("short_piece"):
        months, ordinal = 6 if short[0] in "Hh" else 3, int(short[1])
    else:
        months = 6 if (caught["piece"] or "").lower() == "half" else 3
        ordinal = WORDS.ordinals[(caught["ordinal"] or "").lower()]
    ordinal = 12 // months if ordinal < 0 else min(ordinal, 12 // months)
    return around(
        month_days(year, months * (ordinal - 1) + 1)[0], month_days(year, months * ordinal)[1], published
    )


def _season(caught: Caught, published: date) -> Reading:
    """Three months each, as in the north; winter begins in December."""
    begin, year = WORDS.seasons[(caught["season"] or "").lower()], year_of(caught, published)

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


def _turn_of_year(caught: Caught, published: date) -> Reading:
    """From the last week of December to the first of January."""

    def of_year(candidate: int) -> tuple[date, date]:
        return date(candidate - 1, 12, 25), date(candidate, 1, 7)

    year = year_of(caught, published)
    return past_or_coming(of_year, published) if year is None else around(*of_year(year), published)


def _years(caught: Caught, published: date) -> Reading:
    """The years "2024-25"; "2024-11" is a month, and "2024-19" nothing."""
    first, second = int(caught["year4"] or ""), caught["second"] or ""
    if len(second) == 2 and int(second) <= min(12, first % 100):
        return around(*month_days(first, int(second)), published)
    last = int(second) if len(second) == 4 else first - first % 100 + int(second)
    if last <= first:
        raise ValueError(f"{first}-{second} runs backwards")
    return around(date(first, 1, 1), date(last, 12, 31), published)


def _year_rule(caught: Caught, published: date) -> Reading:
    year = year_of(caught, published) or published.year
    return around(date(year, 1, 1), date(year, 12, 31), published)


def _decade(caught: Caught, published: date) -> Reading:
    first = int(caught["decade"] or "")
    return around(date(first, 1, 1), date(first + 9, 12, 31), published)


RULES: Mapping[str, Rule] = {
    **COUNTED,
    **ABSOLUTE,
    **WEEKDAYS,
    "date": _date,
    "days_of_month": _days_of_month,
    "ordinal_day": _ordinal_day,
    "nth_of_month": _nth_of_month,
    "day_word": _day_word,
    "feast": _feast,
    "clock": _clock,
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
    "turn_of_year": _turn_of_year,
    "years": _years,
    "year": _year_rule,
    "decade": _decade,
}
"""Name of a rule in times.toml -> what dates it; it may raise ValueError or OverflowError for an impossible day."""

"""Times that count from the day of publication: "last week", "two nights ago", "in the coming days"."""

from collections.abc import Mapping
from datetime import date, timedelta

from monitor.detection.when_days import (
    UNKNOWN,
    Caught,
    Reading,
    Rule,
    around,
    month_days,
    offset_of,
    shifted,
    week_days,
)
from monitor.detection.when_words import WORDS


def _period(caught: Caught, published: date) -> Reading:
    offset = offset_of(caught["past"] or caught["present"] or caught["future"])
    match (caught["period"] or "").lower():
        case "week" if "past" in (caught["past"] or "").split():
            return Reading(shifted(published, -7, 0))
        case "week":
            return around(*week_days(published, offset), published)
        case "weekend":
            return _weekend_of(caught, published, offset)
        case "fortnight":
            return Reading(shifted(published, 14 * min(offset, 0), 14 * max(offset, 0)))
        case "month":
            return around(*month_days(published.year, published.month + offset), published)
        case _:
            begin = 3 * ((published.month - 1) // 3 + offset) + 1
            return around(
                month_days(published.year, begin)[0], month_days(published.year, begin + 2)[1], published
            )


def _weekend_of(caught: Caught, published: date, offset: int) -> Reading:
    reading = _weekend(caught, published)
    if offset < 0:
        return Reading(reading.days)
    return reading if offset == 0 else Reading(reading.ahead or reading.days)


def _weekend(_: Caught, published: date) -> Reading:
    """The last Saturday and Sunday, of which at least one has come; looking ahead, the next that has not passed."""
    saturday = published - timedelta(days=(published.weekday() - 5) % 7)
    past = saturday, min(saturday + timedelta(days=1), published)
    coming = shifted(saturday, 7, 8) if published > saturday + timedelta(days=1) else shifted(saturday, 0, 1)
    return Reading(past, coming)


def _period_so_far(caught: Caught, published: date) -> Reading:
    return Reading((_begin(caught["period"], published), published))


def _begin(period: str | None, published: date) -> date:
    match (period or "").lower():
        case "week":
            return week_days(published)[0]
        case "month":
            return published.replace(day=1)
        case "year":
            return published.replace(month=1, day=1)
        case _:
            return published


def _period_to_come(caught: Caught, published: date) -> Reading:
    ends = {
        "week": week_days(published)[1],
        "month": month_days(published.year, published.month)[1],
        "year": date(published.year, 12, 31),
        "day": published,
    }
    return Reading((published, ends[(caught["period"] or "").lower()]))


def _unit(caught: Caught, key: str = "units") -> str:
    text = (caught[key] or "").lower()
    return WORDS.units[text.removesuffix("s")]


def _count(text: str | None) -> int:
    word = " ".join((text or "").lower().split())
    return int(word) if word.isdigit() else WORDS.numbers[word]


_DAYS_IN = {"hour": 0, "day": 1, "week": 7, "fortnight": 14, "month": 30, "year": 365, "decade": 3652}


def _ago(caught: Caught, published: date) -> Reading:
    """The unit is the precision: N weeks ago is the seven days around that day, N months ago is that calendar month."""
    count = _count(caught["number"])
    match _unit(caught):
        case "hour":
            return Reading(shifted(published, -(count // 24) - 1, -(count // 24)))
        case "day":
            return Reading(shifted(published, -count, -count))
        case "week" | "fortnight" as unit:
            middle = -count * _DAYS_IN[unit]
            return Reading(shifted(published, middle - 3, middle + 3))
        case "month":
            return Reading(month_days(published.year, published.month - count))
        case "year":
            return Reading((date(published.year - count, 1, 1), date(published.year - count, 12, 31)))
        case _:
            middle_year = published.year - 10 * count
            return Reading((date(middle_year - 2, 1, 1), date(middle_year + 2, 12, 31)))


def _ago_vaguely(caught: Caught, published: date) -> Reading:
    least, most = WORDS.vague_numbers[" ".join((caught["vague"] or "few").lower().split())]
    days = _DAYS_IN[_unit(caught)]
    return Reading(shifted(published, -most * days, -least * days))


def _past_stretch(caught: Caught, published: date) -> Reading:
    vague = caught["vague"]
    count = WORDS.vague_numbers[" ".join(vague.lower().split())][1] if vague else _count(caught["number"])
    return Reading(shifted(published, -_length(_unit(caught), count), 0))


def _length(unit: str, count: int) -> int:
    return max(1, count // 24) if unit == "hour" else count * _DAYS_IN[unit]


def _recent(_: Caught, published: date) -> Reading:
    return Reading((None, published))


def _hence(caught: Caught, published: date) -> Reading:
    """Counted from publication when the clause looks ahead; in a report from something else ("within a week")."""
    unit, count = _unit(caught, "near_units"), _count(caught["number"])
    return Reading(UNKNOWN, shifted(published, 0, _length(unit, count)))


def _from_now(caught: Caught, published: date) -> Reading:
    return Reading(_hence(caught, published).ahead or UNKNOWN)


def _coming(_: Caught, published: date) -> Reading:
    return Reading((published, None))


COUNTED: Mapping[str, Rule] = {
    "period": _period,
    "weekend": _weekend,
    "period_so_far": _period_so_far,
    "period_to_come": _period_to_come,
    "ago": _ago,
    "ago_vaguely": _ago_vaguely,
    "past_stretch": _past_stretch,
    "recent": _recent,
    "hence": _hence,
    "from_now": _from_now,
    "coming": _coming,
}
"""The rules of this module by their names in times.toml."""

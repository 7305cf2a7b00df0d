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
from monitor.detection.when_words import WORDS, count_of


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


_DAYS_IN = {"hour": 0, "day": 1, "week": 7, "fortnight": 14, "month": 30, "year": 365, "decade": 3652}


def _ago(caught: Caught, published: date) -> Reading:
    """The unit is the precision: N weeks ago is the seven days around that day, N months ago is that calendar month."""
    count = count_of(caught["number"])
    if caught["and_half"] or caught["half"]:
        return _halves_ago(2 * count + 1, _unit(caught), published)
    if caught["period"]:
        return _ago_this(caught, published)
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


def _half_ago(caught: Caught, published: date) -> Reading:
    return _halves_ago(1, _unit(caught), published)


def _halves_ago(halves: int, unit: str, published: date) -> Reading:
    """So many half units ago: three months around it for years, a fortnight for months."""
    if unit in {"year", "decade"}:
        months = halves * (6 if unit == "year" else 60)
        first, _ = month_days(published.year, published.month - months - 1)
        return Reading((first, month_days(published.year, published.month - months + 1)[1]))
    days, slack = halves * _DAYS_IN[unit] // 2, {"month": 7, "fortnight": 2}.get(unit, 1)
    return Reading(shifted(published, -days - slack, min(-days + slack, 0)))


def _ago_this(caught: Caught, published: date) -> Reading:
    """The month or week of "four years ago this month"."""
    count, is_year = count_of(caught["number"]), _unit(caught) == "year"
    months = 12 * count if is_year else count
    month = month_days(published.year, published.month - months)
    if (caught["period"] or "").lower() == "month" or not is_year:
        return Reading(month)
    same = month[0] + timedelta(days=min(published.day, month[1].day) - 1)
    return Reading(shifted(same, -6, 6))


def _this_time(caught: Caught, published: date) -> Reading:
    """About the same day a week, a month or a year ago."""
    match (caught["period"] or "").lower():
        case "week":
            return Reading(shifted(published, -8, -6))
        case "month":
            return Reading(shifted(published, -34, -27))
        case _:
            return Reading(month_days(published.year - 1, published.month))


def _past_period(caught: Caught, published: date) -> Reading:
    """The stretch up to now: "over the past year"."""
    period = (caught["period"] or "").lower()
    return Reading(shifted(published, -{**_DAYS_IN, "quarter": 91}[period], 0))


def _vague_past(_: Caught, published: date) -> Reading:
    return Reading((None, published - timedelta(days=1)))


def _before_last(caught: Caught, published: date) -> Reading:
    return _two_on(caught, published, -2)


def _after_next(caught: Caught, published: date) -> Reading:
    return _two_on(caught, published, 2)


def _two_on(caught: Caught, published: date, offset: int) -> Reading:
    match (caught["period"] or "").lower():
        case "week":
            return Reading(week_days(published, offset))
        case "weekend":
            last = published - timedelta(days=published.weekday() + 2)  # the Saturday of last week
            return Reading(shifted(last, 7 * (offset + (offset < 0)), 7 * (offset + (offset < 0)) + 1))
        case "fortnight":
            return Reading(shifted(published, *sorted((14 * offset, 7 * offset))))
        case "month":
            return Reading(month_days(published.year, published.month + offset))
        case "quarter":
            begin = 3 * ((published.month - 1) // 3 + offset) + 1
            return Reading((month_days(published.year, begin)[0], month_days(published.year, begin + 2)[1]))
        case _:
            return Reading((date(published.year + offset, 1, 1), date(published.year + offset, 12, 31)))


def _ago_vaguely(caught: Caught, published: date) -> Reading:
    least, most = WORDS.vague_numbers[" ".join((caught["vague"] or "few").lower().split())]
    days = _DAYS_IN[_unit(caught)]
    return Reading(shifted(published, -most * days, -least * days))


def _past_stretch(caught: Caught, published: date) -> Reading:
    vague = caught["vague"]
    count = WORDS.vague_numbers[" ".join(vague.lower().split())][1] if vague else count_of(caught["number"])
    return Reading(shifted(published, -_length(_unit(caught), count), 0))


def _length(unit: str, count: int) -> int:
    return max(1, count // 24) if unit == "hour" else count * _DAYS_IN[unit]


def _recent(_: Caught, published: date) -> Reading:
    return Reading((None, published))


def _hence(caught: Caught, published: date) -> Reading:
    """Counted from publication when the clause looks ahead; in a report from something else ("within a week")."""
    unit, count = _unit(caught, "near_units"), count_of(caught["number"])
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
    "half_ago": _half_ago,
    "this_time": _this_time,
    "past_period": _past_period,
    "vague_past": _vague_past,
    "before_last": _before_last,
    "after_next": _after_next,
    "past_stretch": _past_stretch,
    "recent": _recent,
    "hence": _hence,
    "from_now": _from_now,
    "coming": _coming,
}
"""The rules of this module by their names in times.toml."""

"""Full dates in figures, read by a library: ISO 8601, timestamps with their offset, day or month first, short years.

Where they stand and what makes them a date is the grammar's; what the figures mean, dateutil's. Stretches and dates
without a year are not its business: it fills in what is missing from today.
"""

from collections.abc import Mapping
from datetime import UTC, date

from dateutil import parser

from monitor.detection.when_days import Caught, Reading, Rule


def _iso(caught: Caught, _: date) -> Reading:
    return _day(f"{caught['year4']}-{caught['mm']}-{caught['dd']}", day_first=False)


def _timestamp(caught: Caught, _: date) -> Reading:
    """The day in UTC: what is stamped 02:30+05:00 was on the day before."""
    return _day(caught["whole"] or "", day_first=False)


def _numeric(caught: Caught, _: date) -> Reading:
    """Day first, as in South Asia and Britain, unless the second number can only be a day."""
    return _day(caught["whole"] or "", day_first=True)


def _day(text: str, *, day_first: bool) -> Reading:
    moment = parser.parse(text, dayfirst=day_first)
    day = (moment.astimezone(UTC) if moment.tzinfo else moment).date()
    return Reading((day, day))


ABSOLUTE: Mapping[str, Rule] = {"iso": _iso, "timestamp": _timestamp, "numeric": _numeric}
"""The rules of this module by their names in times.toml."""

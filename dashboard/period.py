"""Which days a page shows, a range up to today or any days, as an address asks; and where a day lies in them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard import links, words
from dashboard.catalogue import say
from monitor.readmodel.queries import BadInputError

RANGES: Mapping[str, int | None] = {"30d": 30, "90d": 90, "1y": 365, "all": None}
"""Range -> its days; None: from the first day of which anything is known."""
DEFAULT = "90d"
_DAILY, _WEEKLY = 100, 750
"""Up to so many days they are counted singly, and by weeks; more by months."""
_QUARTER = 3
_MOST_YEARS = 8


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both inside. `range` is the one asked for; None: the address names the days."""

    first: date
    last: date
    range: str | None = None

    @classmethod
    def asked(cls, parameters: Mapping[str, str], today: date, known: date | None) -> "Period":
        """As an address asks for it, seen from `today`; `known` is the first day of which anything is known.

        Raises:
            BadInputError: there is no such range, it names no day, or the days stand in the wrong order.
        """
        range_ = parameters.get("range") or DEFAULT
        if range_ not in RANGES:
            raise BadInputError(say("period.no_range", value=range_[:40], known=", ".join(RANGES)))
        first, last = links.day(parameters.get("from")), links.day(parameters.get("until"))
        named = first is not None or last is not None
        last = last or max(today, first or today)
        if first is None:
            length = RANGES[range_]
            first = min(known or last, last) if length is None else last - timedelta(days=length - 1)
        if first > last:
            raise BadInputError(say("period.turned", first=words.day(first), last=words.day(last)))
        return cls(first, last, None if named else range_)

    @property
    def days(self) -> int:
        """How many days they are."""
        return (self.last - self.first).days + 1

    @property
    def after(self) -> date:
        """The day after the last."""
        return self.last + timedelta(days=1)

    def place(self, day: date) -> float:
        """Where a day begins, in per cent of the whole; what lies outside is at the edge."""
        return min(max(100 * (day - self.first).days / self.days, 0), 100)

    def holds(self, day: date) -> bool:
        """Whether the day is one of them."""
        return self.first <= day <= self.last

    def bucket(self, day: date) -> date:
        """The first day of the day, the week or the month that counts as one where so many days are shown."""
        if self.days <= _DAILY:
            return day
        return day - timedelta(days=day.weekday()) if self.days <= _WEEKLY else day.replace(day=1)

    def bucket_end(self, bucket: date) -> date:
        """The last day of a bucket."""
        if self.days <= _DAILY:
            return bucket
        if self.days <= _WEEKLY:
            return bucket + timedelta(days=6)
        return (bucket + timedelta(days=31)).replace(day=1) - timedelta(days=1)

    def ticks(self) -> Iterator[tuple[date, str]]:
        """Days that are named along the axis, a handful, with their labels."""
        if self.days <= 14:
            yield from ((day, _day(day)) for day in self._each() if (day - self.first).days % 3 == 1)
        elif self.days <= 45:
            yield from ((day, _day(day)) for day in self._each() if day.weekday() == 0)
        elif self.days <= 200:
            yield from ((day, _day(day)) for day in self._each() if day.day == 1)
        elif self.days <= _WEEKLY:
            yield from (
                (day, _month(day)) for day in self._each() if day.day == 1 and day.month % _QUARTER == 1
            )
        else:
            step = self.days // 365 // _MOST_YEARS + 1
            years = range(self.first.year + 1, self.last.year + 1, step)
            yield from ((date(year, 1, 1), str(year)) for year in years)

    def _each(self) -> Iterator[date]:
        return (self.first + timedelta(days=number) for number in range(self.days))


def _day(day: date) -> str:
    return say("period.day", day=day.day, month=words.month(day))


def _month(day: date) -> str:
    return say("period.month", month=words.month(day), year=day.year)

"""Addresses within the dashboard, and what an address asks for. Everything that a page shows can be linked to.

Addresses are relative, so that they work under any path. What stays from page to page is the topic and the past.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from dashboard.catalogue import say
from dashboard.markup import e
from monitor.readmodel.queries import BadInputError


class Past(NamedTuple):
    """Which past is shown: how things stood on a day (valid time), by what was known at a moment (knowledge time)."""

    as_of: date | None = None
    known_at: datetime | None = None

    @classmethod
    def asked(cls, parameters: Mapping[str, str], now: datetime) -> "Past":
        """As an address asks for it, at the moment `now` (UTC-aware); a day known means its end, in UTC.

        Raises:
            BadInputError: it names no day, or one that has begun nowhere on earth yet.
        """
        as_of, known = day(parameters.get("as_of")), day(parameters.get("known_at"))
        for asked in (as_of, known):
            if asked and asked > (now + _AHEAD).date():
                raise BadInputError(say("past.future", day=asked.isoformat()))
        return cls(as_of, datetime.combine(known, time.max, UTC) if known else None)

    def parameters(self) -> dict[str, str]:
        """What `asked` reads."""
        days = {"as_of": self.as_of, "known_at": self.known_at and self.known_at.date()}
        return {name: value.isoformat() for name, value in days.items() if value}

    def today(self, now: datetime) -> date:
        """The day from which things are looked at."""
        return self.as_of or (self.known_at or now).date()


_NOW = Past()
_AHEAD = timedelta(hours=14)
"""How far the earliest clocks are ahead of UTC."""


@dataclass(frozen=True)
class Links:
    """Links to pages that show the same topic and the same past."""

    topic: str
    past: Past = _NOW

    def address(self, page: str, **parameters: str | Sequence[str]) -> str:
        """A page's address; an empty parameter is left out."""
        asked = {"topic": self.topic, **self.past.parameters(), **parameters}
        return f"{page}?{urlencode({key: value for key, value in asked.items() if value}, doseq=True)}"

    def to(self, label: str, page: str, **parameters: str | Sequence[str]) -> str:
        """A link; the label is plain text."""
        return f'<a href="{e(self.address(page, **parameters))}" target="_self">{e(label)}</a>'


def day(value: str | None) -> date | None:
    """A day like 2025-05-29 from an address; None when it says nothing.

    Raises:
        BadInputError: it is no day, or lies outside `KNOWN`.
    """
    if not value:
        return None
    try:
        found = date.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or len(value) != len("2025-05-29") or not KNOWN[0] <= found <= KNOWN[1]:
        raise BadInputError(say("past.no_day", value=value[:40]))
    return found


KNOWN = (date(1900, 1, 1), date.max - timedelta(days=366))
"""The first and the last day that an address can name."""

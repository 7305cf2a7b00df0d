"""What the screens say: statuses, days, certainty and reasons in plain words. No HTML here, and nothing is escaped."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dashboard.catalogue import said_of, say, template


class Zones(NamedTuple):
    """Whose clocks a moment is shown by: the viewer's (None: the browser names none), then the topic's, then UTC."""

    viewer: str | None = None
    topic: str | None = None


@dataclass(frozen=True)
class Look:
    """How something looks and is called."""

    glyph: str
    word: str
    light: str
    dark: str
    shape: Sequence[str] = ()
    """The glyph drawn, see `statuses.toml`."""


STATUSES: Mapping[str, Look] = {
    status: Look(word=said_of("statuses", status), **look)
    for status, look in tomllib.loads(
        Path(__file__).with_name("statuses.toml").read_text(encoding="utf-8")
    ).items()
}
"""Every status there is, from agreement to the furthest from it."""

KNOWN = frozenset(STATUSES) - {"none"}
"""The statuses that say something."""
_CONFIDENCE = (
    (0.95, "almost_certain"),
    (0.8, "very_likely"),
    (0.6, "likely"),
    (0.4, "uncertain"),
    (0.0, "unclear"),
)
LEAST = {word: least for least, word in _CONFIDENCE}
"""Word for a confidence -> from which confidence on it is said."""

_DAYS_OF_A_MONTH, _DAYS_OF_A_YEAR = 30.44, 365.25
_MONTHS_FROM, _YEARS_FROM = 100, 731
"""From so many days on, a length of time is told in months and in years."""

_UNKNOWN = replace(STATUSES["none"], word=said_of("statuses", "unknown"))


def look(status: str) -> Look:
    """How a status looks; one that this version does not know says so."""
    return STATUSES.get(status, _UNKNOWN)


def state(status: str, *, is_old: bool) -> str:
    """A status in words; what is old is the last known."""
    said = look(status).word
    return say("status.last_known", word=said.lower()) if is_old and status in KNOWN else said


def silence(last: date | None, stale_from: date | None, until: date) -> str:
    """What says that nothing after its `last` evidence bore a status out that held `until`; empty where it was new."""
    return say("status.no_report", day=day(last)) if last and stale_from and stale_from <= until else ""


def day(value: date) -> str:
    """29 May 2025."""
    return f"{value.day} {month(value)} {value.year}"


def month(value: date) -> str:
    """A month's short name."""
    return template("months.short").split()[value.month - 1]


def month_or_day(value: date, precision: str) -> str:
    """A publication day as exactly as it is known: "29 May 2025", "about 14 Apr 2025", "Apr 2025"."""
    if precision == "month":
        return f"{month(value)} {value.year}"
    return say("time.about", day=day(value)) if precision == "week" else day(value)


def start(earliest: date | None, latest: date | None, *, word: bool = True) -> str:
    """When a segment began: "since 29 May 2025", "by 24 May 2025", "some time between 22 and 24 May 2025".

    Without the `word`, "29 May 2025" and "between 22 and 24 May 2025".
    """
    if earliest is None:
        return say("time.by", day=day(latest)) if latest else say("time.start_unknown")
    if latest is None or earliest == latest:
        return say("time.since", day=day(earliest)) if word else day(earliest)
    between = span(earliest, latest)
    return say("time.some_time", span=between) if word else between


def span(first: date, last: date) -> str:
    """Between 22 and 24 May 2025; the parts that both days share are said once."""
    begin = day(first)
    if first.year == last.year:
        begin = str(first.day) if first.month == last.month else f"{first.day} {month(first)}"
    return say("time.between", first=begin, last=day(last))


def days(number: int) -> str:
    """A number of days as roughly as people say it: 33 days, 5 months, 3 years."""
    if not number:
        return say("time.less_than_a_day")
    if number < _MONTHS_FROM:
        return say("time.days", count=number)
    if number < _YEARS_FROM:
        return say("time.months", count=round(number / _DAYS_OF_A_MONTH))
    return say("time.years", count=round(number / _DAYS_OF_A_YEAR))


def held(earliest: date | None, latest: date | None, until: date) -> str:
    """How long something that began then has held: "2 days", "3 to 5 days", "2 days or more"; empty where unknown."""
    known = latest or earliest
    if known is None or known > until:
        return ""
    least = (until - known).days
    if earliest is None:
        return say("time.or_more", length=days(least))
    most = (until - earliest).days
    if most == least or days(most) == days(least):
        return days(least)
    return say("time.from_to", least=least if least and most < _MONTHS_FROM else days(least), most=days(most))


def lasting(gap: timedelta) -> str:
    """A length of time in its two greatest units: 28 s, 12 min, 3 h 12 min, 2 d 4 h."""
    seconds = max(int(gap.total_seconds()), 0)
    units = list(zip(template("time.units").split(), (1, 60, 3600, 86_400), strict=True))
    if seconds < 60:
        return f"{seconds} {units[0][0]}"
    name, size = max((unit for unit in units if unit[1] <= seconds), key=lambda unit: unit[1])
    rest, lower = seconds % size, units[units.index((name, size)) - 1]
    more = rest // lower[1] if lower != units[0] else 0
    return f"{seconds // size} {name}" + (f" {more} {lower[0]}" if more else "")


def moment(value: datetime, zones: Zones) -> str:
    """29 May 2025, 09:40 BST (13:40 PKT · 08:40 UTC): by the viewer's clock, then the topic's and UTC's if they differ.

    The day is said again where it is another one by that clock.
    """
    local = value.astimezone(_zone(zones.viewer))
    others: dict[str, str] = {}
    for name in (zones.topic, None):
        there = value.astimezone(_zone(name))
        if there.replace(tzinfo=None) != local.replace(tzinfo=None):
            date_too = "" if there.date() == local.date() else f"{there.day} {month(there)}, "
            others.setdefault(f"{there:%Y-%m-%d %H:%M}", f"{date_too}{_clock(there)}")
    return f"{day(local)}, {_clock(local)}" + (f" ({' · '.join(others.values())})" if others else "")


def moment_here(value: datetime, zones: Zones) -> str:
    """29 May 2025, 09:40 BST: by the viewer's clock alone, for lists."""
    local = value.astimezone(_zone(zones.viewer))
    return f"{day(local)}, {_clock(local)}"


def local_day(value: datetime, zones: Zones) -> date:
    """The day that a moment lies on by the viewer's calendar."""
    return value.astimezone(_zone(zones.viewer)).date()


def day_begins(value: date, zones: Zones) -> datetime:
    """When a day begins by the viewer's calendar, in UTC."""
    return datetime.combine(value, time.min, _zone(zones.viewer)).astimezone(UTC)


def clock(value: datetime, zones: Zones) -> str:
    """09:40 BST, by the viewer's clock."""
    return _clock(value.astimezone(_zone(zones.viewer)))


def long_day(value: date) -> str:
    """Wednesday 28 May 2025."""
    return f"{template('weekdays.long').split()[value.weekday()]} {day(value)}"


def _clock(local: datetime) -> str:
    """09:40 BST; a zone without a name of its own is called by its distance from UTC."""
    name = local.tzname() or "UTC"
    distance = f"UTC{name[:3]}{':' * bool(name[3:])}{name[3:]}"
    return f"{local:%H:%M} {name if name[:1].isalpha() else distance}"


def confidence(value: float) -> str:
    """A confidence as a word; the screens show the percentage beside it."""
    return said_of("confidence", next(word for least, word in _CONFIDENCE if value >= least))


def certainty(word: str) -> str:
    """How a status is known."""
    return said_of("certainty", word)


def page(name: str) -> str:
    """What a page is called."""
    return said_of("pages", name)


def role(name: str) -> str:
    """What a role of the service does."""
    return said_of("roles", name, otherwise=name)


def sentence(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def alert_state(state: str) -> str:
    """What became of an alert."""
    return said_of("alert_states", state)


def reason(word: str) -> str:
    """Why an alert is in its state; what stands before a colon is the short form."""
    return said_of("reasons", word)


def _zone(name: str | None) -> tzinfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):  # the name comes from the browser
        return UTC

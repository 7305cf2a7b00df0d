"""What the screens say: statuses, days, certainty and reasons in plain words. No HTML here, and nothing is escaped."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True)
class Look:
    """How a status looks and is called."""

    glyph: str
    word: str
    light: str
    dark: str


STATUSES: Mapping[str, Look] = {
    status: Look(**look)
    for status, look in tomllib.loads(
        Path(__file__).with_name("statuses.toml").read_text(encoding="utf-8")
    ).items()
}
"""Every status there is, from agreement to the furthest from it."""

_CONFIDENCE = (
    (0.95, "Almost certain"),
    (0.8, "Very likely"),
    (0.6, "Likely"),
    (0.4, "Uncertain"),
    (0.0, "Unclear"),
)

CERTAINTY: Mapping[str, str] = {
    "confirmed": "Confirmed by a party or by two outlets",
    "reported": "Reported, not yet confirmed",
}

_ALERT_STATES: Mapping[str, str] = {
    "raised": "Alert raised",
    "updated": "Alert updated",
    "cancelled": "Taken back",
    "suppressed": "Not sent",
}

_REASONS: Mapping[str, str] = {
    "new_shift": "new",
    "confirmed": "now confirmed",
    "contested": "now contested",
    "settled": "no longer contested",
    "evidence_changed": "its start or its evidence changed",
    "confidence_changed": "surer or less sure than before",
    "history_changed": "what went before is known better now",
    "withdrawn": "the evidence fell away",
    "history": "history: it came with articles that were there before Parley watched",
    "redetected": "read again: it was found in articles that had been read before",
    "told": "told: an alert was raised on the same words, before older news came in",
    "late": "late: it was already old when Parley first read of it",
    "past": "past: it was already over when Parley first read of it",
    "unplaceable": "no date: the articles do not say when it happened",
    "silenced": "silenced: somebody wanted no alerts at that time",
    "flapping": "back and forth: it was told already that reports turn this way and that, unconfirmed",
    "cool_down": "told lately: the same was told some days before, and nobody has confirmed that it is so again",
}
"""Reason of an alert -> in words; what stands before a colon is the short form."""

ROLES: Mapping[str, str] = {
    "ingest": "Reading the sources",
    "watch": "Taking in what was read",
    "notify": "Sending alerts",
    "api": "The HTTP interface",
}


_UNKNOWN = replace(STATUSES["none"], word="Unknown status")


def look(status: str) -> Look:
    """How a status looks; one that this version does not know says so."""
    return STATUSES.get(status, _UNKNOWN)


def day(value: date) -> str:
    """29 May 2025."""
    return f"{value.day} {value:%b %Y}"


def month_or_day(value: date, precision: str) -> str:
    """A publication day as exactly as it is known: "29 May 2025", "about 14 Apr 2025", "Apr 2025"."""
    if precision == "month":
        return f"{value:%b %Y}"
    return f"about {day(value)}" if precision == "week" else day(value)


def start(earliest: date | None, latest: date | None, *, word: str = "since") -> str:
    """When a segment began: "since 29 May 2025", "by 24 May 2025", "some time between 22 and 24 May 2025"."""
    if earliest is None and latest is None:
        return "start unknown"
    if earliest is None:
        return f"by {day(latest)}" if latest else ""
    if latest is None or earliest == latest:
        return f"{word} {day(earliest)}".strip()
    return f"some time {span(earliest, latest)}" if word else span(earliest, latest)


def span(first: date, last: date) -> str:
    """Between 22 and 24 May 2025; the parts that both days share are said once."""
    if (first.year, first.month) == (last.year, last.month):
        return f"between {first.day} and {day(last)}"
    if first.year == last.year:
        return f"between {first.day} {first:%b} and {day(last)}"
    return f"between {day(first)} and {day(last)}"


def moment(value: datetime, zone: str | None) -> str:
    """29 May 2025, 09:40 PKT: in the viewer's zone where the browser names one, else in UTC."""
    local = value.astimezone(_zone(zone))
    return f"{day(local.date())}, {local:%H:%M} {local.tzname() or 'UTC'}"


def confidence(value: float) -> str:
    """A confidence as a word; the screens show the percentage beside it."""
    return next(word for least, word in _CONFIDENCE if value >= least)


def count(number: int, one: str, many: str = "") -> str:
    """1 article, 2 articles."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def sentence(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def alert_state(state: str) -> str:
    """What became of an alert."""
    return _ALERT_STATES.get(state, state)


def reason(word: str) -> str:
    """Why an alert is in its state."""
    return _REASONS.get(word, word.replace("_", " "))


def _zone(name: str | None) -> tzinfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):  # the name comes from the browser
        return UTC

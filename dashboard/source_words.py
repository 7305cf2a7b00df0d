"""What the page Sources says: how a source fares, and how long ago or ahead a moment is. No HTML, nothing escaped."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from dashboard.words import Look, count

STANDINGS: Mapping[str, Look] = {
    standing: Look(**look)
    for standing, look in tomllib.loads(
        Path(__file__).with_name("standings.toml").read_text(encoding="utf-8")
    ).items()
}
"""Every way in which a source may fare, the worst first."""
LATE = timedelta(hours=1)
"""So long after it was due, a source that runs has been polled; a machine that sleeps or a busy one is no excuse."""
_MINUTES_OF_AN_HOUR = 60
_TWO_HOURS, _TWO_DAYS = 2 * _MINUTES_OF_AN_HOUR, 2 * 24 * _MINUTES_OF_AN_HOUR


def look(standing: str) -> Look:
    """How a standing looks; one that this version does not know is shown by its own word."""
    return STANDINGS.get(standing) or replace(STANDINGS["paused"], glyph="?", word=standing)


def lasting(gap: timedelta) -> str:
    """A length of time as roughly as people say it: 12 minutes, 5 hours, 3 days."""
    minutes = int(gap.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < _TWO_HOURS:
        return count(minutes, "minute")
    if minutes < _TWO_DAYS:
        return count(minutes // _MINUTES_OF_AN_HOUR, "hour")
    return count(minutes // (24 * _MINUTES_OF_AN_HOUR), "day")


def ago(moment: datetime, now: datetime) -> str:
    """12 minutes ago."""
    return "just now" if now - moment < timedelta(minutes=1) else f"{lasting(now - moment)} ago"


def ahead(due: datetime, now: datetime) -> str:
    """In 12 minutes; due now; overdue for 3 days."""
    if due > now:
        return f"in {lasting(due - now)}"
    return f"overdue for {lasting(now - due)}" if is_late(due, now) else "due now"


def is_late(due: datetime, now: datetime) -> bool:
    """Whether what was due should have happened by now."""
    return now - due > LATE


def a_week(per_week: float | None) -> str:
    """How many entries a week."""
    if per_week is None:
        return "rhythm not known yet"
    return (
        f"about {count(round(per_week), 'entry', 'entries')} a week"
        if per_week >= 1
        else "less than one a week"
    )


def share(part: float) -> str:
    """A share as a percentage that does not call a few none, or nearly all all."""
    if 0 < part < 0.01:
        return "less than 1%"
    return f"{min(int(part * 100 + 0.5), 99) if part < 1 else 100}%"

"""What the page Sources says: how a source fares, and how long ago or ahead a moment is. No HTML, nothing escaped."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from dashboard.catalogue import said_of, say
from dashboard.words import Look, sentence

STANDINGS: Mapping[str, Look] = {
    standing: Look(word=sentence(said_of("standings", standing)), **look)
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


def within(standing: str) -> str:
    """A standing's word within a sentence."""
    return said_of("standings", standing, otherwise=standing)


def lasting(gap: timedelta) -> str:
    """A length of time as roughly as people say it: 12 minutes, 5 hours, 3 days."""
    minutes = int(gap.total_seconds() // 60)
    if minutes < 1:
        return say("time.less_than_a_minute")
    if minutes < _TWO_HOURS:
        return say("time.minutes", count=minutes)
    if minutes < _TWO_DAYS:
        return say("time.hours", count=minutes // _MINUTES_OF_AN_HOUR)
    return say("time.days", count=minutes // (24 * _MINUTES_OF_AN_HOUR))


def ago(moment: datetime, now: datetime) -> str:
    """12 minutes ago."""
    if now - moment < timedelta(minutes=1):
        return say("time.just_now")
    return say("time.ago", length=lasting(now - moment))


def ahead(due: datetime, now: datetime) -> str:
    """In 12 minutes; due now; overdue for 3 days."""
    if due > now:
        return say("time.in", length=lasting(due - now))
    return say("time.overdue", length=lasting(now - due)) if is_late(due, now) else say("time.due")


def is_late(due: datetime, now: datetime) -> bool:
    """Whether what was due should have happened by now."""
    return now - due > LATE


def a_week(per_week: float | None) -> str:
    """How many entries a week."""
    if per_week is None:
        return say("sources.no_rhythm")
    return say("sources.a_week", count=round(per_week)) if per_week >= 1 else say("sources.rare")


def share(part: float) -> str:
    """A share as a percentage that does not call a few none, or nearly all all."""
    if 0 < part < 0.01:
        return say("sources.share_least")
    return f"{min(int(part * 100 + 0.5), 99) if part < 1 else 100}%"

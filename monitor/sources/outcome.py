"""What a poll's outcome makes of its source's row (next due time, rhythm, streak), and how polls are counted. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.sources.config import SourceConfig
from monitor.sources.desk import Handed
from monitor.sources.schedule import GONE, Bounds, backed_off, entries_per_week, interval, jittered, next_due
from monitor.sources.state import SourceState, stamp
from monitor.sources.visit import Visit

MOVES_BELIEVED = 5
"""A permanent redirect is followed as one for a while: many are put up by mistake, or by a hotel's network."""
AGAIN_SOON = timedelta(minutes=1)
"""Where it is not the source's fault that not all of it could be taken in."""
HEEDED = timedelta(hours=1)
"""So long a feed may ask to be left alone, where the operator has not said how rarely it may be polled."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """What polling did: sources polled and failed, articles handed on."""

    polled: int = 0
    failed: int = 0
    published: int = 0

    def __add__(self, other: "Ticked") -> "Ticked":
        return Ticked(
            self.polled + other.polled, self.failed + other.failed, self.published + other.published
        )


def after_success(
    state: SourceState, source: SourceConfig, visit: Visit, handed: Handed, now: datetime
) -> Mapping[str, object]:
    """The row's values after a visit all of whose articles are in the log."""
    bounds = bounds_of(source)
    usual = state.entries_per_week or None
    lately = _lately(visit, now, usual)
    fresh = [one for one in handed.judged if not one.again]
    return {
        "due_at": stamp(next_due(now, interval(lately, bounds), visit.wishes, bounds, state.source_id)),
        "etag": visit.validators.etag,
        "last_modified": visit.validators.last_modified,
        "body_digest": visit.digest or state.body_digest,
        "polled_once": True,
        "last_poll_at": stamp(now),
        "last_ok_at": stamp(now),
        "error_streak": 0,
        "failing_since": "",
        "last_error": "",
        "note": _note(visit, handed),
        "entries_seen": state.entries_seen + len(fresh),
        "entries_relevant": state.entries_relevant + sum(not one.why for one in fresh),
        # Silence is measured by the rhythm that was broken: while nothing comes, what a feed shows tells of none.
        "entries_per_week": round((lately if fresh else usual or lately) or 0.0, 2),
        "newest_at": stamp(now) if fresh else state.newest_at,
        **_moved(state, source, visit.moved_to),
        **(_unfinished(state, now) if handed.put_off else {}),
    }


def _lately(visit: Visit, now: datetime, usual: float | None) -> float | None:
    """How many entries a week the feed brings by what it shows now; as usual where it does not show all it has."""
    if visit.articles is None or visit.is_part:
        return usual
    published = [found.published_at for found in visit.articles if found.published_at]
    return entries_per_week(published, now) if published else usual


def _unfinished(state: SourceState, now: datetime) -> Mapping[str, object]:
    """What differs where some pages wait for the next poll: it comes soon, and is not told that nothing has changed.

    What a first poll puts off is as much history as the rest, and what any poll puts off is judged with what it has
    brought: until all is there, the source counts as last read before.
    """
    return {
        "due_at": stamp(now + AGAIN_SOON),
        "last_ok_at": state.last_ok_at,
        "etag": "",
        "last_modified": "",
        "body_digest": "",
        "polled_once": state.polled_once,
    }


def _note(visit: Visit, handed: Handed) -> str:
    """What was odd about the poll."""
    waiting = f"{handed.put_off} pages wait for the next poll" if handed.put_off else ""
    flood = f"{handed.flooded} articles came at once and are kept as history" if handed.flooded else ""
    return "; ".join(filter(None, (visit.note, waiting, flood)))


def _moved(state: SourceState, source: SourceConfig, moved_to: str) -> Mapping[str, object]:
    """The address that is fetched from now on: another one only after it was named several times in a row."""
    if not moved_to or moved_to == (state.address or source.url):
        return {"moved_to": "", "moved_times": 0}
    times = state.moved_times + 1 if moved_to == state.moved_to else 1
    adopted = {"address": moved_to} if times >= MOVES_BELIEVED else {}
    return {"moved_to": moved_to, "moved_times": times, **adopted}


def after_failure(
    state: SourceState,
    source: SourceConfig,
    reason: str,
    words: str,
    retry_after: float | None,
    now: datetime,
) -> Mapping[str, object]:
    """The row's values after a visit that failed: `reason` in a word, `words` for people, seconds the server asks for.

    What is gone for good (410) is polled no more until a person resumes it. Where a feed was fetched from the address
    that it had moved to, the configured one is tried again. Validators are forgotten with the address that they belong
    to, and where they may be what a server fails on.
    """
    streak = state.error_streak + 1
    wait = jittered(backed_off(bounds_of(source).start, streak, reason), state.source_id, now)
    if retry_after is not None:
        wait = max(wait, timedelta(seconds=retry_after))
    forgets = state.address or reason == "http" or (reason == "server" and streak > 1)
    return {
        "due_at": stamp(now + wait),
        "last_poll_at": stamp(now),
        "error_streak": streak,
        "failing_since": state.failing_since or stamp(now),
        "last_error": f"{reason}: {words}",
        "address": "",
        "moved_to": "",
        "moved_times": 0,
        **({"is_paused": True} if reason == GONE and not state.address else {}),
        **({"etag": "", "last_modified": ""} if forgets else {}),
    }


def bounds_of(source: SourceConfig) -> Bounds:
    """How often the operator lets the source be polled."""
    usual = timedelta(minutes=source.interval_minutes)
    rarest = source.max_interval_minutes
    longest = timedelta(minutes=rarest) if rarest else usual
    return Bounds(
        start=usual,
        shortest=min(timedelta(minutes=source.min_interval_minutes), usual),
        longest=longest,
        heeded=longest if rarest else max(usual, HEEDED),
    )

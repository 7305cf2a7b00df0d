"""When a source is polled next, by what it brings, what it asks for, and how it fares; when its silence is odd. Pure.

A feed that brings much is asked often, one that brings little rarely; never more often than the operator or the feed
itself allows. What fails is asked ever more rarely, but for ever.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.ids import fact_id

WEEK = timedelta(days=7)
LONGEST_BACK_OFF = timedelta(hours=24)
LONGEST_WITHOUT_LINK = timedelta(hours=1)
"""The back-off where nothing answered: as a rule it is our own network, and that is back at once."""
GONE = "gone"
"""The reason of a failure that says that there will never be anything again."""
NO_LINK = frozenset({"connection", "timeout"})
POLLS_PER_ENTRY = 4
"""So many polls for each entry that is to be expected: an entry waits for a quarter of the usual gap at most."""
JITTER = 0.1
_LEAST_SPAN = timedelta(hours=6)
_SILENT_GAPS = 10
_SILENT_AT_LEAST, _SILENT_AT_MOST = timedelta(days=2), timedelta(days=60)
_HOURS_OF_A_WEEK = 7 * 24


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a feed asks of those who poll it. Hours are UTC; Monday is day 0."""

    at_least: timedelta = timedelta()
    """Its `ttl`, or for how long the answer stays fresh: the longer of them."""
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Bounds:
    """How often the operator lets a source be polled.

    `start` holds while its rhythm is unknown, and it is never polled more rarely than every `longest` for its rhythm
    alone, or than every `heeded` because it asks for it; but the hours and days that it wants skipped are.
    """

    start: timedelta
    shortest: timedelta
    longest: timedelta
    heeded: timedelta


def entries_per_week(published: Iterable[datetime], now: datetime) -> float | None:
    """How many entries a week the feed brings, by the days of those it shows; None where it shows no days.

    A feed shows its newest entries only: where they reach back less than a week, they stand for their own span.
    """
    moments = sorted(moment for moment in published if moment <= now)
    if not moments:
        return None
    span = max(min(now - moments[0], WEEK), _LEAST_SPAN)
    return sum(moment >= now - WEEK for moment in moments) * (WEEK / span)


def interval(per_week: float | None, bounds: Bounds) -> timedelta:
    """How long to wait between two polls of a source with that rhythm."""
    if per_week is None:
        return bounds.start
    wished = WEEK / (per_week * POLLS_PER_ENTRY) if per_week else bounds.longest
    return max(bounds.shortest, min(wished, bounds.longest))


def next_due(now: datetime, wait: timedelta, wishes: Wishes, bounds: Bounds, source_id: str) -> datetime:
    """When to poll after a success: after `wait` or what the feed asks for, spread out, outside hours to skip."""
    longer = max(wait, min(wishes.at_least, bounds.heeded))
    return past_skipped(now + jittered(longer, source_id, now), wishes)


def past_skipped(moment: datetime, wishes: Wishes) -> datetime:
    """The moment, or the next full hour that the feed does not skip; a feed that skips every hour is not heeded."""
    for hours in range(_HOURS_OF_A_WEEK + 1):
        later = moment if not hours else _full_hour(moment) + timedelta(hours=hours)
        if later.hour not in wishes.skip_hours and later.weekday() not in wishes.skip_days:
            return later
    return moment


def _full_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def backed_off(usual: timedelta, error_streak: int, reason: str = "") -> timedelta:
    """How long to wait after so many failures in a row: as usual, then twice as long each time; never for ever.

    What fails once may have hiccuped, and is asked again as soon as any source is.
    """
    longest = LONGEST_WITHOUT_LINK if reason in NO_LINK else LONGEST_BACK_OFF
    doubled: int = 2 ** min(max(error_streak - 1, 0), 12)
    return max(usual, min(usual * doubled, longest))


def jittered(wait: timedelta, source_id: str, now: datetime) -> timedelta:
    """The wait, longer or shorter by up to a tenth, by lot (of source and moment), so that sources spread out."""
    lot = int(fact_id(source_id, now.isoformat())[:8], 16) / 0xFFFF_FFFF
    return wait * (1 + JITTER * (2 * lot - 1))


def silent_after(per_week: float) -> timedelta:
    """How long a source that brings so many entries a week may bring none before that is odd."""
    if not per_week:
        return _SILENT_AT_MOST
    return max(_SILENT_AT_LEAST, min(_SILENT_GAPS * WEEK / per_week, _SILENT_AT_MOST))

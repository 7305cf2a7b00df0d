"""Claim records in, timelines out: `timeline` at once, `Timelines` step by step. Both give the same.

Records become statements per article, copies of a story fall away, each channel's statements are swept in order, and
what the sweep finds becomes segments. The order in which records come never matters.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from monitor.status.channel import ChannelTimeline
from monitor.status.model import ClaimRecord, Segment
from monitor.status.statement import Statement, without_copies
from monitor.status.statements import statements_of


def timeline(
    records: Iterable[ClaimRecord], *, as_of: date | None = None, known_at: datetime | None = None
) -> dict[str, list[Segment]]:
    """The segments of every channel that has any, oldest first.

    Args:
        records: claim records in any order; one that comes twice counts once.
        as_of: leave out what had not certainly begun by the end of this day (UTC).
        known_at: what was known at this moment (timezone-aware); None: what is known now.
    """
    timelines = Timelines()
    for record in records:
        if _is_known(record, known_at):
            timelines.add(record)
    found = {channel: list(timelines.segments(channel)) for channel in timelines.channels}
    if as_of is not None:
        found = {channel: _until(segments, as_of) for channel, segments in found.items()}
    return {channel: segments for channel, segments in sorted(found.items()) if segments}


class Timelines:
    """The timelines of what is held true now, kept up to date; a change costs as much as what lies around it."""

    def __init__(self) -> None:
        self._records: dict[str, dict[str, ClaimRecord]] = defaultdict(dict)
        self._articles: dict[str, str] = {}
        self._dirty: set[str] = set()
        self._stories = _Stories()
        self._channels: dict[str, ChannelTimeline] = defaultdict(ChannelTimeline)

    def add(self, record: ClaimRecord) -> None:
        """Hold a record true. A claim that is already held is replaced if the new record is the younger one."""
        known = self._records[record.article_id].get(record.claim.id)
        if known is None or _age(known) < _age(record):
            self._records[record.article_id][record.claim.id] = record
            self._articles[record.claim.id] = record.article_id
            self._dirty.add(record.article_id)

    def close(self, claim_id: str) -> None:
        """Hold a claim true no longer; one that is not held is passed over."""
        article = self._articles.pop(claim_id, None)
        if article is not None:
            del self._records[article][claim_id]
            self._dirty.add(article)

    @property
    def channels(self) -> list[str]:
        """The channels about which anything is said."""
        self._settle()
        return sorted(self._channels)

    def segments(self, channel: str) -> Sequence[Segment]:
        """A channel's segments, oldest first; the same sequence for as long as nothing changes."""
        self._settle()
        return self._channels[channel].segments if channel in self._channels else []

    def _settle(self) -> None:
        """Bring the sweeps up to date with the records."""
        for article in sorted(self._dirty):
            records = self._records[article]
            gone, come = self._stories.replace(article, statements_of(records.values()))
            for statement in gone:
                self._channels[statement.channel].remove(statement)
            for statement in come:
                self._channels[statement.channel].add(statement)
            if not records:
                del self._records[article]
        self._dirty.clear()


class _Stories:
    """Every story's statements, so that its copies count once."""

    def __init__(self) -> None:
        self._stories: dict[str, dict[str, list[Statement]]] = defaultdict(dict)
        self._story_of: dict[str, str] = {}

    def replace(self, article: str, now: list[Statement]) -> tuple[list[Statement], list[Statement]]:
        """Which statements fall away and which come when an article says `now` instead of what it said."""
        known = self._story_of.pop(article, None)
        touched = {story for story in (known, now[0].story if now else None) if story is not None}
        before = self._spoken(touched)
        for story in touched:
            self._stories[story].pop(article, None)
        if now:
            self._stories[now[0].story][article] = now
            self._story_of[article] = now[0].story
        after = self._spoken(touched)
        return sorted(before - after, key=_order), sorted(after - before, key=_order)

    def _spoken(self, stories: Iterable[str]) -> set[Statement]:
        return {
            statement
            for story in stories
            for statement in without_copies(s for said in self._stories[story].values() for s in said)
        }


def _until(segments: list[Segment], day: date) -> list[Segment]:
    """What had certainly begun by `day`, seen from that day."""
    begun = [segment for segment in segments if segment.start_latest and segment.start_latest <= day]
    if begun:
        last = begun[-1]
        seen = min(last.last_evidence, day) if last.last_evidence else None
        begun[-1] = replace(last, end=None, last_evidence=seen)
    return begun


def _is_known(record: ClaimRecord, known_at: datetime | None) -> bool:
    if known_at is None:
        return record.known_until is None
    return record.known_from <= known_at and (record.known_until is None or known_at < record.known_until)


def _age(record: ClaimRecord) -> tuple[datetime, str, str]:
    """Which of two records of one claim is the younger, whatever the order they come in."""
    return (record.known_from, record.article_event, record.claim.model_dump_json())


def _order(statement: Statement) -> tuple[object, ...]:
    return (statement.channel, *statement.key)

"""Which segment of a channel was announced as which shift, kept so that a change asks only for what it may touch.

A segment and a shift of one status and one start belong together, in order. Those that find nobody so are loose:
nearest starts find each other, if they are of one time or share a claim.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import compress, count
from operator import is_not
from typing import Literal, NamedTuple

from monitor.log.events import StatusChange
from monitor.status.model import Segment
from monitor.vocabulary import Status

AlertState = Literal["raised", "updated", "suppressed", "cancelled"]
Start = tuple[Status, date | None]


@dataclass(frozen=True, slots=True)
class Announced:
    """A shift as it was last told, and what became of its alert (None: the alert has not been decided yet).

    `alert_reason` is why it is in that state; `messages` are the events that told of it, oldest first.
    """

    change: StatusChange
    withdrawn: bool = False
    alert: AlertState | None = None
    alert_reason: str = ""
    messages: tuple[str, ...] = ()

    @property
    def start(self) -> Start:
        """What it has in common with its segment."""
        return (self.change.to_status, self.change.start_latest)


class Pairs(NamedTuple):
    """What there may be something to say of; all else is as it was told."""

    segments: list[tuple[int, Announced | None]]
    """Place of a segment, oldest first, with its shift; None: it has none yet."""
    fallen: list[Announced]
    """The shifts that have no segment any more, oldest first."""


@dataclass(slots=True)
class _Group:
    """The segments (by identity) and the shifts of one status and one start."""

    segments: dict[int, Segment] = field(default_factory=dict)
    shifts: dict[str, Announced] = field(default_factory=dict)

    @property
    def is_loose(self) -> bool:
        return len(self.segments) != len(self.shifts)


class Pairing:
    """The pairs of one channel."""

    def __init__(self) -> None:
        self._segments: Sequence[Segment] = ()
        self._groups: dict[Start, _Group] = defaultdict(_Group)
        self._loose: set[Start] = set()
        self._open: set[Start] = set()

    def tell(self, before: Announced | None, now: Announced) -> None:
        """A shift was announced, updated or withdrawn, or something became of its alert."""
        if before is not None:
            self._groups[before.start].shifts.pop(before.change.shift_id, None)
            self._touch(before.start)
        if not now.withdrawn:
            self._groups[now.start].shifts[now.change.shift_id] = now
            self._touch(now.start)

    def look(self, segments: Sequence[Segment]) -> Pairs:
        """What there may be something to say of, when these are the segments; `settle` says that it was said."""
        self._take(segments)
        if not self._open:
            return Pairs([], [])
        pairs: dict[int, Announced | None] = {}
        unpaired: list[int] = []
        fallen: list[Announced] = []
        for start in (self._open | self._loose) & self._groups.keys():
            held = sorted(map(self._place, self._groups[start].segments.values()))
            told = [shift for _, shift in sorted(self._groups[start].shifts.items())]
            pairs.update(zip(held, told, strict=False))
            unpaired += held[len(told) :]
            fallen += told[len(held) :]
        found = _nearest([(at, segments[at]) for at in unpaired], fallen)
        pairs.update((at, found.get(at)) for at in unpaired)
        taken = {told.change.shift_id for told in found.values()}
        left = [told for told in fallen if told.change.shift_id not in taken]
        return Pairs(sorted(pairs.items(), key=lambda pair: pair[0]), sorted(left, key=_age))

    def has_told(self, segment: Segment) -> bool:
        """Whether an alert was raised that rests on all the claims of a segment, and maybe on others."""
        return any(
            shift.alert in {"raised", "updated"} and set(segment.claim_ids) <= set(shift.change.claim_ids)
            for (status, _), group in self._groups.items()
            if status is segment.status
            for shift in group.shifts.values()
        )

    def settle(self, said: Iterable[Start]) -> None:
        """All is as it was told but what was `said` just now: that is settled when the shifts tell of it."""
        self._open = set(said)

    def _take(self, segments: Sequence[Segment]) -> None:
        gone, come = changed(self._segments, segments)
        for segment in self._segments[gone]:
            start = start_of(segment)
            del self._groups[start].segments[id(segment)]
            self._touch(start)
        for segment in segments[come]:
            start = start_of(segment)
            self._groups[start].segments[id(segment)] = segment
            self._touch(start)
        self._segments = segments

    def _touch(self, start: Start) -> None:
        group = self._groups[start]
        self._open.add(start)
        (self._loose.add if group.is_loose else self._loose.discard)(start)
        if not group.segments and not group.shifts:
            del self._groups[start]

    def _place(self, segment: Segment) -> int:
        at = bisect_left(self._segments, _latest(segment), key=_latest)
        while self._segments[at] is not segment:
            at += 1
        return at


def changed(before: Sequence[Segment], now: Sequence[Segment]) -> tuple[slice, slice]:
    """Where two states of a timeline differ: the part of the one that became the part of the other."""
    shorter = min(len(before), len(now))
    first = next(_differing(before, now), shorter)
    last = min(next(_differing(reversed(before), reversed(now)), shorter), shorter - first)
    return slice(first, len(before) - last), slice(first, len(now) - last)


def _differing(before: Iterable[Segment], now: Iterable[Segment]) -> Iterator[int]:
    return compress(count(), map(is_not, before, now))


def start_of(segment: Segment) -> Start:
    """What a segment has in common with its shift."""
    return (segment.status, segment.start_latest)


def days_moved(told: StatusChange, segment: Segment) -> int:
    """How far the segment's start lies from where it was told to lie."""
    if told.start_latest is None or segment.start_latest is None:
        return 0
    return abs((told.start_latest - segment.start_latest).days)


def _nearest(unpaired: list[tuple[int, Segment]], told: list[Announced]) -> dict[int, Announced]:
    """Place of a segment -> the shift it was announced as; nearest starts find each other first."""
    left = {shift.change.shift_id: shift for shift in told}
    candidates = sorted(
        (days_moved(shift.change, segment), at, id_)
        for at, segment in unpaired
        for id_, shift in left.items()
        if _is_same(shift.change, segment)
    )
    pairs: dict[int, Announced] = {}
    for _, at, id_ in candidates:
        if at not in pairs and id_ in left:
            pairs[at] = left.pop(id_)
    return pairs


def _is_same(told: StatusChange, segment: Segment) -> bool:
    """Channel and status are the same, and the announced start meets the segment's time, or a claim carries both."""
    if told.to_status is not segment.status:
        return False
    if set(told.claim_ids) & set(segment.claim_ids):
        return True
    start, latest = told.start_earliest or told.start_latest, told.start_latest
    if start is None or latest is None:
        return False
    began = segment.start is None or segment.start_earliest is None or segment.start_earliest <= latest
    return began and (segment.end is None or start <= segment.end)


def _age(told: Announced) -> tuple[date, str]:
    return (told.change.start_latest or date.min, told.change.shift_id)


def _latest(segment: Segment) -> date:
    return segment.start_latest or date.min

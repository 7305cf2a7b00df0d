"""What differs between two states of a topic, as its log tells it and as it would be read now. Pure.

Claims are the same when their ids are. Shifts are matched as the reader matches them (`monitor.status.pairing`): by
channel, new status and overlapping time.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from monitor.status.model import ClaimRecord, Segment
from monitor.status.pairing import Announced, Pairing, days_moved
from monitor.status.rules import RULES
from monitor.status.state import TopicState
from monitor.vocabulary import Claim

_READ = (
    "mood",
    "when",
    "background",
    "attribution",
    "speaker",
    "principal",
    "parties",
    "position",
    "confidence",
)
"""What a detector can read otherwise in the same passage."""


class Reread(NamedTuple):
    """A claim before and after, with the names of the fields that differ."""

    before: ClaimRecord
    after: ClaimRecord
    differs: tuple[str, ...]


@dataclass(frozen=True)
class ClaimsDifference:
    """Which claims came, went, and are read otherwise."""

    kept: int
    """Those that both have, also those that are read otherwise."""
    changed: tuple[Reread, ...]
    gained: tuple[ClaimRecord, ...]
    lost: tuple[ClaimRecord, ...]


Kind = Literal["moved", "changed", "appeared", "vanished"]


@dataclass(frozen=True)
class ShiftDifference:
    """A shift that was announced otherwise than it would be, or that only one side has."""

    kind: Kind
    channel: str
    differs: tuple[str, ...]
    """Of `start`, `certainty`, `contested`, `name`, `confidence`, for what is moved or changed."""
    told: Announced | None
    """As it was announced; None: it appeared."""
    segment: Segment | None
    """As the timeline has it now; None: it vanished."""
    now: Announced | None
    """As it would have been announced, with what would have become of its alert; None: it vanished."""


@dataclass(frozen=True)
class ShiftsDifference:
    """The shifts that differ, channel by channel, oldest first; and how many do not."""

    same: int
    differing: tuple[ShiftDifference, ...]


def claims_between(before: Mapping[str, ClaimRecord], after: Mapping[str, ClaimRecord]) -> ClaimsDifference:
    """What became of the claims that were held true; both by claim id (`TopicState.standing`)."""
    kept = before.keys() & after.keys()
    pairs = ((before[id_], after[id_]) for id_ in kept)
    changed = [
        Reread(one, other, differs) for one, other in pairs if (differs := _differs(one.claim, other.claim))
    ]
    return ClaimsDifference(
        kept=len(kept),
        changed=tuple(sorted(changed, key=lambda reread: _by_day(reread.after))),
        gained=tuple(sorted((after[id_] for id_ in after.keys() - kept), key=_by_day)),
        lost=tuple(sorted((before[id_] for id_ in before.keys() - kept), key=_by_day)),
    )


def shifts_between(told: TopicState, now: TopicState) -> ShiftsDifference:
    """What `now` would have announced otherwise than `told` did, as far as it is worth telling."""
    channels = dict.fromkeys([*now.channels, *told.channels])
    found = [list(_of_channel(told, now, channel)) for channel in channels]
    standing = sum(not one.withdrawn for one in told.announced.values())
    differing = tuple(one for part in found for one in part)
    return ShiftsDifference(standing - sum(one.told is not None for one in differing), differing)


def _of_channel(told: TopicState, now: TopicState, channel: str) -> Iterator[ShiftDifference]:
    segments = now.segments(channel)
    matched, vanished = _matched(told, channel, segments)
    would, _ = _matched(now, channel, segments)
    was = {shift.change.shift_id: segment for segment, shift in _told_segments(told, channel)}
    found: list[tuple[date, ShiftDifference]] = []
    for at, segment in enumerate(segments):
        shift = matched.get(at)
        if shift is None:
            difference = ShiftDifference("appeared", channel, (), None, segment, would.get(at))
        elif differs := _worth_telling(shift, segment, was.get(shift.change.shift_id)):
            kind: Kind = "moved" if "start" in differs else "changed"
            difference = ShiftDifference(kind, channel, differs, shift, segment, would.get(at))
        else:
            continue
        found.append((segment.start or date.min, difference))
    for shift in vanished:
        start = shift.change.start_earliest or shift.change.start_latest or date.min
        found.append((start, ShiftDifference("vanished", channel, (), shift, None, None)))
    yield from (difference for _, difference in sorted(found, key=lambda pair: pair[0]))


def _matched(
    state: TopicState, channel: str, segments: Iterable[Segment]
) -> tuple[dict[int, Announced], list[Announced]]:
    """Place of a segment -> the state's shift that tells of it; and the shifts that tell of none."""
    pairing = Pairing()
    for shift in state.announced.values():
        if shift.change.channel == channel:
            pairing.tell(None, shift)
    pairs = pairing.look(list(segments))
    return {at: shift for at, shift in pairs.segments if shift is not None}, pairs.fallen


def _told_segments(told: TopicState, channel: str) -> Iterator[tuple[Segment, Announced]]:
    segments = told.segments(channel)
    matched, _ = _matched(told, channel, segments)
    yield from ((segments[at], shift) for at, shift in matched.items())


def _worth_telling(shift: Announced, segment: Segment, was: Segment | None) -> tuple[str, ...]:
    """What of the shift would be told otherwise. `was` is its segment by the claims that the log holds.

    Where small moves are concerned, what was told may lag behind what is known; that is no difference.
    """
    told = shift.change
    moved = (told.start_earliest, told.start_latest) != _start(segment)
    far = days_moved(told, segment) >= RULES.update.start_days
    differs = {
        "start": moved and (far or was is None or _start(was) != _start(segment)),
        "certainty": told.certainty is not segment.certainty,
        "contested": told.contested != segment.contested,
        "name": told.name != segment.name,
        "confidence": abs(told.confidence - segment.confidence) >= RULES.update.confidence,
    }
    return tuple(field for field, differ in differs.items() if differ)


def _start(segment: Segment) -> tuple[date | None, date | None]:
    return (segment.start_earliest, segment.start_latest)


def _differs(one: Claim, other: Claim) -> tuple[str, ...]:
    return tuple(field for field in _READ if getattr(one, field) != getattr(other, field))


def _by_day(record: ClaimRecord) -> tuple[object, ...]:
    return (
        record.published_at is None,
        record.published_at,
        record.article_id,
        record.claim.span.start,
        record.claim.id,
    )

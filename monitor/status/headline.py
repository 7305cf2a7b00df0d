"""Which channel speaks for the topic today, and whether what it says is old. Asked at query time, never stored."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from monitor.status.model import Segment
from monitor.topics.model import Topic


class Headline(NamedTuple):
    """The topic's status: that of one channel, or nothing known."""

    channel: str | None
    segment: Segment | None
    stale: bool


def is_stale(segment: Segment, today: date, days: int) -> bool:
    """True when the newest evidence is more than `days` days old, so that the status is only the last known."""
    return segment.last_evidence is None or (today - segment.last_evidence).days > days


def stale_from(segment: Segment, days: int) -> date | None:
    """First day on which the status was only the last known, as `is_stale` has it; None: it ended before that."""
    if segment.last_evidence is None:
        return segment.start
    try:
        day = segment.last_evidence + timedelta(days=days + 1)
    except OverflowError:
        return None
    return day if segment.end is None or day < segment.end else None


def headline(topic: Topic, timelines: Mapping[str, Sequence[Segment]], today: date) -> Headline:
    """The status of the first channel, in the topic's order, that is not stale, else of the first that has any."""
    current = [
        (channel.id, timelines[channel.id][-1]) for channel in topic.channels if timelines.get(channel.id)
    ]
    fresh = [found for found in current if not is_stale(found[1], today, topic.stale_after_days)]
    for channel, segment in fresh or current:
        return Headline(channel, segment, stale=not fresh)
    return Headline(None, None, stale=False)

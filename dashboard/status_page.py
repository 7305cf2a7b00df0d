"""Everything that the Status page shows, and its twin without JavaScript: asked at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from dashboard.links import Links, Past
from dashboard.words import Zones
from monitor.readmodel import queries
from monitor.readmodel.queries import (
    AlertEntry,
    AlertFilter,
    ChannelStatus,
    Freshness,
    Front,
    ReadModel,
    SegmentForm,
    TopicEntry,
    TopicStatus,
)

_LATEST = 5
_TOLD = ("raised", "updated", "cancelled")


@dataclass(frozen=True)
class StatusPage:
    """Everything that the page shows; `is_current` is false where the sources are not being read."""

    topic: TopicEntry
    status: TopicStatus
    leading: ChannelStatus | None
    front: Front
    alerts: Sequence[AlertEntry]
    """The latest that were told; where none was, the latest that were not."""
    freshness: Freshness
    is_current: bool
    now: datetime
    zones: Zones
    past: Past

    @property
    def today(self) -> date:
        """The day from which things are looked at."""
        return self.past.today(self.now)

    @property
    def is_old(self) -> bool:
        """Whether what is shown is the last that was known, not what is known to be."""
        return self.status.stale or not self.is_current

    @property
    def others(self) -> list[ChannelStatus]:
        """The channels beside the leading one; all where none leads."""
        leading = self.leading.channel if self.leading else None
        return [one for one in self.status.channels if one.channel != leading]

    def is_last_known(self, channel: ChannelStatus) -> bool:
        """Whether what is shown of a channel is the last that was known of it."""
        return channel.status != "none" and (channel.stale or not self.is_current)

    @property
    def links(self) -> Links:
        """Links to the other pages."""
        return Links(self.topic.topic, self.past)

    def segments(self, channel: str) -> list[SegmentForm]:
        """A channel's segments, oldest first."""
        return next((part.segments for part in self.front.channels if part.channel == channel), [])


def ask(
    model: ReadModel, topic: TopicEntry, *, is_current: bool, now: datetime, zones: Zones, past: Past
) -> StatusPage:
    """Ask the read model for it; raises as `queries.status` does."""
    as_of, known_at = past
    status = queries.status(model, topic.topic, now=now, as_of=as_of, known_at=known_at)
    leading = queries.leading(status)
    channel = leading.channel if leading else ""
    told = AlertFilter(as_of=as_of, known_at=known_at, state=_TOLD)
    alerts = queries.alerts(model, topic.topic, told, limit=_LATEST)
    return StatusPage(
        topic=topic,
        status=status,
        leading=leading,
        front=queries.front(model, topic.topic, channel, as_of=as_of, known_at=known_at),
        alerts=alerts or queries.alerts(model, topic.topic, replace(told, state=()), limit=_LATEST),
        freshness=queries.freshness(model, topic.topic),
        is_current=is_current,
        now=now,
        zones=zones,
        past=past,
    )

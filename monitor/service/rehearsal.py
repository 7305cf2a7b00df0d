"""Articles arrive one by one, as if each were new on the day of its publication: what would Parley have told?

The real way (intake, log, reader) with a clock that jumps from article to article. A rehearsal has a scratch folder and
a server of its own, and a topic that need not be watched; nothing is sent, since no role `notify` runs there.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from monitor.log.connect import connect
from monitor.log.embedded import EmbeddedServer
from monitor.log.events import Event
from monitor.log.stream import START, EventLog
from monitor.readmodel import queries
from monitor.readmodel.model import ReadModel
from monitor.readmodel.store import Store
from monitor.service.ingest import intake_of, take_in
from monitor.service.settings import Settings
from monitor.service.watch import watches
from monitor.service.wiring import Parley, open_service
from monitor.sources.intake import Taken
from monitor.sources.model import ArticleFound
from monitor.topics import Topic


class JumpingClock:
    """A clock that stands at `now` until it is set."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The moment at which it stands, UTC-aware."""
        return self.now


class Arrived(NamedTuple):
    """What came of one article: what the logs made of it, and the `alert.*` events that followed."""

    taken: Taken
    told: tuple[Event, ...]


@dataclass(frozen=True)
class Rehearsed:
    """What Parley would have told, and where it would see the talks in the end."""

    taken: Taken
    irrelevant: int
    told: tuple[Event, ...]
    """The `alert.*` events in their order, held back ones too."""
    timeline: queries.TopicTimeline
    alerts: list[queries.AlertEntry]


def arrivals(parley: Parley, clock: JumpingClock, found: Iterable[ArticleFound]) -> Iterator[Arrived]:
    """Let articles (oldest first) arrive, each at the moment of its publication and first seen then.

    `clock` must be the clock of `parley`, whose logs nobody else reads.
    """
    intake, watching, read = intake_of(parley), watches(parley), dict.fromkeys(parley.topics, START)
    for article in found:
        clock.now = article.moment
        taken = take_in(parley, [replace(article, first_seen_at=clock.now)], intake=intake)
        for watch in watching:
            watch.tick()
        told: list[Event] = []
        for topic, position in read.items():
            for recorded in parley.log.read_all(topic, position):
                read[topic] = recorded.position
                if recorded.event.type.startswith("alert."):
                    told.append(recorded.event)
        yield Arrived(taken, tuple(told))


def rehearse(
    topic: Topic, found: list[ArticleFound], folder: Path, passed: Callable[[], None] = lambda: None
) -> Rehearsed:
    """Take articles (at least one, oldest first) through everything in the empty folder `folder`.

    `passed` is called after each article. The folder holds a whole data folder afterwards.

    Raises:
        LogError: no server of our own can be started there.
    """
    clock = JumpingClock(found[0].moment)
    settings = Settings(data=folder, topics=(topic.id,), seeds=False)
    total, told = Taken(), list[Event]()
    with EmbeddedServer(folder, durable=False) as server, connect(server.url) as client:
        service, model = open_service(Store(folder), durable=False), ReadModel(folder)
        parley = Parley(settings, {topic.id: topic}, EventLog(client), model, service, clock)
        for arrived in arrivals(parley, clock, found):
            total.add(arrived.taken)
            told += arrived.told
            passed()
        model.close()
        service.dispose()
    return Rehearsed(
        taken=total,
        irrelevant=len(found) - total.ingested - total.revised - total.known,
        told=tuple(told),
        timeline=queries.timeline(model, topic.id),
        alerts=queries.alerts(model, topic.id),
    )

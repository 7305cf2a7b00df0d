"""The role `watch`: one thread per bucket of topics reads their logs as they grow.

Where several processes watch, each reads the topics that it holds a lease of, and waits for the others.
"""

import logging
from collections.abc import Iterable
from functools import partial
from threading import Event as Signal

from monitor.errors import LogUnavailableError
from monitor.log.keys import bucket_of
from monitor.readmodel.projector import Projector
from monitor.readmodel.rebuild import rebuild
from monitor.service.health import Watched
from monitor.service.leases import alone
from monitor.service.reader import TopicReader
from monitor.service.tables import reaction_of
from monitor.service.wiring import Parley
from monitor.topics import Topic
from monitor.tracing import about

ROLE = "watch"
WAIT_MS = 1000
RETRY_S = 1.0
_log = logging.getLogger(__name__)


class Watch:
    """Reads the logs of some topics, which share a bucket: on a cluster, one blocking read serves them all."""

    def __init__(self, parley: Parley, topics: Iterable[Topic]) -> None:
        self._parley = parley
        self._topics = list(topics)
        self._readers: dict[str, TopicReader] = {}
        self._stop = Signal()

    def tick(self) -> int:
        """Project and react to all that is there in the topics that are ours; returns the number of events read."""
        return sum(self._work(topic) for topic in self._topics)

    def run(self, stop: Signal) -> None:
        """Go on until told to stop; trouble is noted and tried again.

        Raises:
            DataLostError: a person must decide.
        """
        parley = self._parley
        tick = Watched(self.name, self.tick, parley.service, parley.clock, parley.pulse)
        self._stop = stop
        while not stop.is_set():
            if not (tick() and self.positions):
                stop.wait(RETRY_S)
                continue
            try:
                parley.log.wait(self.positions, WAIT_MS)
            except LogUnavailableError as error:
                _log.debug("waiting was cut short: %s", error)  # the next tick says so aloud
        tick.stopped()
        _log.info("%s stopped", self.name)

    @property
    def name(self) -> str:
        """How operators are told of it: the role, and the topics."""
        return f"watch {','.join(topic.id for topic in self._topics)}"

    @property
    def positions(self) -> dict[str, str]:
        """How far each topic is read."""
        return {name: reader.position for name, reader in self._readers.items()}

    def _may_work(self, topic: Topic) -> bool:
        return self._parley.leases.holds(ROLE, topic.id) and not self._stop.is_set()

    def _work(self, topic: Topic) -> int:
        if not self._may_work(topic):
            self._readers.pop(topic.id, None)
            return 0
        reader = self._readers.get(topic.id)
        try:
            with about(topic=topic.id):
                if reader is None:
                    reader = self._start(topic)
                return reader.work(partial(self._may_work, topic))
        except Exception:
            self._readers.pop(topic.id, None)  # its state may be half way through an event: fold it anew
            raise

    def _start(self, topic: Topic) -> TopicReader:
        parley = self._parley
        reader = TopicReader(
            parley.log, topic, Projector(parley.read_model, topic), parley.service, parley.clock
        )
        reader.start()
        self._readers[topic.id] = reader
        return reader


def renew(parley: Parley) -> None:
    """Make the read model again from the log if another version of Parley, with other tables, made it.

    Raises:
        StoreError: it cannot be read, or the new one cannot be written.
        LogError: the log cannot be read.
    """
    if not parley.read_model.is_outdated():
        return
    with alone(parley.settings.store, parley.service, "renewal"):
        if parley.read_model.is_outdated():  # still: another process may have made it meanwhile
            _log.warning("the read model was made by another version of Parley; making it again from the log")
            counts = rebuild(parley.read_model, parley.log, parley.topics.values())
            _log.warning("made the read model again: %d events", sum(counts.values()))


def settled(parley: Parley) -> bool:
    """Whether every watched topic's log is read to its end, and all of it was reacted to."""
    for topic in parley.topics:
        reacted = reaction_of(parley.service, topic)
        if reacted is None or reacted.position != parley.log.head(topic):
            return False
    return True


def watches(parley: Parley) -> list[Watch]:
    """A watch for each bucket that has watched topics."""
    buckets: dict[str, list[Topic]] = {}
    for topic in parley.topics.values():
        buckets.setdefault(bucket_of(topic.id), []).append(topic)
    return [Watch(parley, topics) for topics in buckets.values()]

"""The way of found articles into a topic's log: what is new or changed is appended, what is known is passed over.

The log itself is the memory: what it holds is folded into `Known` before each decision, so that articles appended by
another process count too, and an append that failed has left no trace.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from monitor.errors import CorruptEventError
from monitor.log.events import Event
from monitor.log.stream import START, pass_over
from monitor.sources.article import Known, to_event
from monitor.sources.model import ArticleFound


class _Recorded(Protocol):
    @property
    def position(self) -> str: ...
    @property
    def event(self) -> Event: ...


class Log(Protocol):
    """What the intake needs of the event log."""

    def append(self, topic: str, events: Sequence[Event]) -> object:
        """Append events; those that are there already change nothing."""

    def read_all(
        self, topic: str, after: str, *, corrupt: Callable[[CorruptEventError], None] | None
    ) -> Iterator[_Recorded]:
        """Every event after a position, in order; entries that are none go to `corrupt`."""


@dataclass(slots=True)
class Taken:
    """What became of articles."""

    ingested: int = 0
    revised: int = 0
    known: int = 0
    undated: int = 0
    """How many of them all have no day of publication."""

    def add(self, more: "Taken") -> None:
        """Count what became of more articles."""
        self.ingested += more.ingested
        self.revised += more.revised
        self.known += more.known
        self.undated += more.undated


class Intake:
    """Puts articles into the logs of topics. Not for several threads at once.

    Args:
        log: the event log.
        by: the component and version that stands in the events.
        clock: the present moment, UTC.
    """

    def __init__(self, log: Log, *, by: str, clock: Callable[[], datetime]) -> None:
        self._log = log
        self._by = by
        self._clock = clock
        self._known: dict[str, Known] = {}
        self._position: dict[str, str] = {}

    def publish(self, topic: str, found: Sequence[ArticleFound]) -> Taken:
        """Append what is new of the articles, one by one in their order; returns when they are in the log.

        Raises:
            LogError: the log did not take one; those before it are in, and doing it again is harmless.
        """
        taken = Taken()
        for article in found:
            taken.undated += article.published_at is None
            event = to_event(article, topic, by=self._by, known=self.known(topic), now=self._clock())
            if event is None:
                taken.known += 1
                continue
            self._log.append(topic, [event])
            if event.type == "article.ingested":
                taken.ingested += 1
            else:
                taken.revised += 1
        return taken

    def known(self, topic: str) -> Known:
        """What the topic's log says of its articles by now."""
        known = self._known.setdefault(topic, Known())
        for recorded in self._log.read_all(topic, self._position.get(topic, START), corrupt=pass_over):
            known.apply(recorded.event)
            self._position[topic] = recorded.position
        return known

"""The way of found articles into a topic's log: what is new or changed is appended, what is known is passed over.

The log itself is the memory: what it holds is folded into `Known` before each decision, so that articles appended by
another process count too, and an append that failed has left no trace.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from monitor.errors import CorruptEventError, PartialDuplicateError
from monitor.log.events import Event
from monitor.log.stream import START, pass_over
from monitor.metrics import ARTICLES_INGESTED, DUPLICATES
from monitor.sources.article import ALONE, Known, Shown, shown_together, to_event
from monitor.sources.flood import flood
from monitor.sources.language import with_language
from monitor.sources.likeness import forget_texts
from monitor.sources.model import ArticleFound
from monitor.sources.recognise import Met

BATCH = 100
"""So many articles are decided on and appended together."""


class _Recorded(Protocol):
    @property
    def position(self) -> str: ...
    @property
    def event(self) -> Event: ...


class Log(Protocol):
    """What the intake needs of the event log."""

    def append(self, topic: str, events: Sequence[Event]) -> object:
        """Append events, all or none; those that are there already change nothing.

        Raises:
            PartialDuplicateError: some of them are there, and others are not.
        """

    def read_all(
        self, topic: str, after: str, *, corrupt: Callable[[CorruptEventError], None] | None
    ) -> Iterator[_Recorded]:
        """Every event after a position, in order; entries that are none go to `corrupt`."""

    def epoch(self, topic: str) -> str | None:
        """The name of the topic's log, another one after a restore; None while it has none."""


@dataclass(frozen=True, slots=True)
class Polled:
    """Where articles come from that a source showed in a poll.

    `shown` is everything that it showed, what is known and what concerns no topic too. `since` is when it was last read
    before, UTC; None: never.
    """

    shown: Sequence[ArticleFound]
    since: datetime | None = None


@dataclass(slots=True)
class Taken:
    """What became of articles."""

    ingested: int = 0
    revised: int = 0
    known: int = 0
    undated: int = 0
    """How many of them all have no day of publication."""
    flooded: int = 0
    """How many of them all came in a flood, and were taken in as history."""

    def add(self, more: "Taken") -> None:
        """Count what became of more articles."""
        self.ingested += more.ingested
        self.revised += more.revised
        self.known += more.known
        self.undated += more.undated
        self.flooded += more.flooded


class Intake:
    """Puts articles into the logs of topics. Not for several threads at once.

    Args:
        log: the event log.
        by: the component and version that stands in the events.
        clock: the present moment, UTC.
        topics: all topics, by id: what was removed from one is not taken in by another.
    """

    def __init__(
        self, log: Log, *, by: str, clock: Callable[[], datetime], topics: Collection[str] = ()
    ) -> None:
        self._log = log
        self._topics = topics
        self._by = by
        self._clock = clock
        self._known: dict[str, Known] = {}
        self._position: dict[str, str] = {}
        self._epoch: dict[str, str | None] = {}

    def publish(self, topic: str, found: Sequence[ArticleFound], polled: Polled | None = None) -> Taken:
        """Append what is new of the articles, in their order and with their language; returns when they are in the log.

        `polled` tells of the poll that brought them; without it they came by hand, each by itself.

        Raises:
            LogError: the log did not take some; those before them are in, and doing it again is harmless.
        """
        try:
            self._notice_restore(topic)
            return self._publish(topic, found, polled)
        finally:
            forget_texts()

    def _notice_restore(self, topic: str) -> None:
        """Forget what is known of a log that is another one now: what was in it may be missing."""
        epoch = self._log.epoch(topic)
        if self._epoch.get(topic) not in (None, epoch):
            self._known.pop(topic, None)
            self._position.pop(topic, None)
        self._epoch[topic] = epoch

    def _publish(self, topic: str, found: Sequence[ArticleFound], polled: Polled | None) -> Taken:
        shown = shown_together(_whole(polled.shown, found), self.known(topic)) if polled else ALONE
        flooded = self._flooded(topic, found, polled, shown)
        taken = Taken(undated=sum(one.published_at is None for one in found), flooded=len(flooded))
        elsewhere = [self.known(other) for other in self._topics if other != topic]
        removing = [other for other in elsewhere if other.has_removed]
        rest = [
            with_language(replace(one, history=True) if at in flooded else one)
            for at, one in enumerate(found)
            if not any(Met.of(one, other).is_removed for other in removing)
        ]
        taken.known = len(found) - len(rest)
        for start in range(0, len(rest), BATCH):
            batch = rest[start : start + BATCH]
            try:
                events = self._append(topic, batch, shown)
            except PartialDuplicateError:
                # Another process takes in the same articles: one by one, each is in the log or is not.
                events = []
                for one in batch:
                    events += self._append(topic, [one], shown)
                    shown = _with(shown, events[-1:])
            shown = _with(shown, events)
            taken.ingested += sum(event.type == "article.ingested" for event in events)
            taken.revised += sum(event.type == "article.revised" for event in events)
            taken.known += len(batch) - len(events)
            DUPLICATES.labels("copy").inc(sum(_is_copy(event) for event in events))
        ARTICLES_INGESTED.inc(taken.ingested)
        DUPLICATES.labels("known").inc(taken.known)
        return taken

    def known(self, topic: str) -> Known:
        """What the topic's log says of its articles by now."""
        known = self._known.setdefault(topic, Known())
        for recorded in self._log.read_all(topic, self._position.get(topic, START), corrupt=pass_over):
            known.apply(recorded.event)
            self._position[topic] = recorded.position
        return known

    def _append(self, topic: str, batch: Sequence[ArticleFound], shown: Shown) -> list[Event]:
        """Append what the log needs of a batch, all or nothing."""
        # Decided upon what is only added: if it is not appended, nothing has happened.
        pending, events = Known(self.known(topic)), list[Event]()
        for one in batch:
            event = to_event(one, topic, by=self._by, known=pending, now=self._clock(), shown=shown)
            if event is not None:
                pending.apply(event)
                events.append(event)
        if events:
            self._log.append(topic, events)
        return events

    def _flooded(
        self, topic: str, found: Sequence[ArticleFound], polled: Polled | None, shown: Shown
    ) -> frozenset[int]:
        if polled is None or polled.since is None:
            return frozenset()
        return flood(found, self.known(topic), since=polled.since, shown=shown)


def _whole(shown: Sequence[ArticleFound], found: Sequence[ArticleFound]) -> list[ArticleFound]:
    """What was shown, with the texts that were found where the source only shows their beginnings."""
    whole = {(one.source, one.guid, one.url): one for one in found}
    return [whole.get((one.source, one.guid, one.url), one) for one in shown]


def _is_copy(event: Event) -> bool:
    """Whether it is an article that tells what another has told before."""
    return event.type == "article.ingested" and event.data["story_id"] != event.data["article_id"]


def _with(shown: Shown, events: Sequence[Event]) -> Shown:
    """What was shown, of which some is known by now."""
    ids = {event.data["article_id"] for event in events}
    return replace(shown, present=shown.present | ids) if shown is not ALONE else ALONE

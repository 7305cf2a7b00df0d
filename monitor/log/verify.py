"""Does the log agree with itself? And what is in it? Both read every entry of every topic, a page at a time."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.errors import CorruptEventError
from monitor.log.keys import Stream
from monitor.log.stream import START, EventLog, Recorded, order


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that does not agree, at a position of a topic's stream (None: about the stream as a whole)."""

    topic: str
    stream: Stream
    position: str | None
    what: str

    def __str__(self) -> str:
        where = f" at {self.position}" if self.position else ""
        return f"{self.topic} ({self.stream}){where}: {self.what}"


def verify(log: EventLog) -> list[Problem]:
    """Everything that does not agree; nothing while the log is sound.

    Entry by entry: it validates and upcasts, belongs to this topic and stream, stands where the id index says, and its
    cause is there and came first. As a whole: the index has as many ids as the stream has entries, the counter as many
    decisions as were made, and the log has an epoch. What was archived counts in: its segments are what was written.
    """
    return [
        problem for topic in log.topics() for stream in Stream for problem in _problems(log, topic, stream)
    ]


def stats(log: EventLog) -> dict[str, Any]:
    """`{topics: {<topic>: {events, first, last, by_type}}}`: how many events of a topic there are, and from when.

    `first` and `last` are the earliest and the latest `recorded_at` (ISO 8601, UTC); deliveries are counted in.

    Raises:
        CorruptEventError: an entry is no event; `verify` names them all.
    """
    return {"topics": {topic: _counted(log, topic) for topic in log.topics()}}


def _counted(log: EventLog, topic: str) -> dict[str, Any]:
    by_type: Counter[str] = Counter()
    first: datetime | None = None
    last: datetime | None = None
    for stream in Stream:
        for recorded in log.read_all(topic, stream=stream):
            at = recorded.event.recorded_at
            first, last = min(first or at, at), max(last or at, at)
            by_type[recorded.event.type] += 1
    return {
        "events": by_type.total(),
        "first": first.isoformat() if first else None,
        "last": last.isoformat() if last else None,
        "by_type": dict(sorted(by_type.items())),
    }


def _problems(log: EventLog, topic: str, stream: Stream) -> Iterator[Problem]:
    damaged = log.entries.damaged(topic, stream)
    if damaged:
        yield from (Problem(topic, stream, None, what) for what in damaged)
        return  # nothing can be read past it
    entries = decisions = 0
    for page in _pages(log, topic, stream):
        if isinstance(page, CorruptEventError):
            entries += 1
            yield Problem(topic, stream, page.position, str(page))
            continue
        entries += len(page)
        decisions += sum(recorded.event.is_decision for recorded in page)
        yield from _misplaced(log, topic, stream, page)
        yield from _without_cause(log, topic, stream, page)
    indexed = log.indexed(topic, stream=stream)
    if indexed != entries:
        yield Problem(topic, stream, None, f"the id index has {indexed} ids for {entries} entries")
    if stream is Stream.LOG:
        if decisions != log.decisions(topic):
            yield Problem(
                topic,
                stream,
                None,
                f"the counter says {log.decisions(topic)} decisions, there are {decisions}",
            )
        if log.epoch(topic) is None:
            yield Problem(topic, stream, None, "the log has no epoch: checkpoints cannot be checked")


def _pages(log: EventLog, topic: str, stream: Stream) -> Iterator[list[Recorded] | CorruptEventError]:
    """The pages of a stream, with each unreadable entry as the error that it makes."""
    after = START
    while True:
        try:
            page = log.read(topic, after, stream=stream)
        except CorruptEventError as error:
            if error.position is None:
                raise
            yield error
            after = error.position
            continue
        if not page:
            return
        yield page
        after = page[-1].position


def _misplaced(log: EventLog, topic: str, stream: Stream, page: list[Recorded]) -> Iterator[Problem]:
    known = log.positions_of(topic, [recorded.event.id for recorded in page], stream=stream)
    for recorded, position in zip(page, known, strict=True):
        event = recorded.event
        if event.topic != topic or Stream.of_type(event.type) is not stream:
            yield Problem(
                topic, stream, recorded.position, f"{event.type} of {event.topic} does not belong here"
            )
        if position != recorded.position:
            yield Problem(
                topic,
                stream,
                recorded.position,
                f"the id index has {event.id} at {position or 'no position'}",
            )


def _without_cause(log: EventLog, topic: str, stream: Stream, page: list[Recorded]) -> Iterator[Problem]:
    caused = [recorded for recorded in page if recorded.event.cause is not None]
    causes = [str(recorded.event.cause) for recorded in caused]
    here = log.positions_of(topic, causes, stream=stream)
    # A delivery is caused by an alert, which stands in the topic's log.
    elsewhere = log.positions_of(topic, causes) if stream is not Stream.LOG else [None] * len(causes)
    for recorded, cause, position, other in zip(caused, causes, here, elsewhere, strict=True):
        if position is None and other is None:
            yield Problem(topic, stream, recorded.position, f"its cause {cause} is not in the log")
        elif position is not None and order(position) >= order(recorded.position):
            yield Problem(
                topic, stream, recorded.position, f"its cause {cause} comes after it, at {position}"
            )

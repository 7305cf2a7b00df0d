"""The event log on Redis Streams: append through one script, read in order, and notice when data was lost.

Plain XADD is never used: a client that resends after a lost reply would double the entry. The script knows every id.
"""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, Literal, NamedTuple, cast

import redis

from monitor.errors import (
    CorruptEventError,
    DataLostError,
    LogConflictError,
    NewerLogError,
    PartialDuplicateError,
)
from monitor.failpoints import reached
from monitor.log.batch import encoded, stream_of
from monitor.log.connect import redis_errors
from monitor.log.entries import Entries
from monitor.log.events import Event, missing_upcasters
from monitor.log.keys import LOG_KEYS, Stream, ids_key, ids_keys, key, topic_of
from monitor.log.place import Place
from monitor.log.position import FIELD, Entry
from monitor.log.position import START as START
from monitor.log.position import order as order
from monitor.metrics import APPEND_CONFLICTS

PAGE = 500
_APPEND = files("monitor.log").joinpath("append.lua").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of a batch. `duplicate` is success: all of it was there, at these positions.

    `decisions` is the topic's decision counter now.
    """

    outcome: Literal["appended", "duplicate"]
    positions: tuple[str, ...]
    decisions: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event and its position in its stream."""

    position: str
    event: Event


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a reader has come: the last entry that it has dealt with, in the log that had this epoch."""

    position: str
    event_id: str
    epoch: str


class Server(NamedTuple):
    """A Redis server: its version, and what time it is there (UTC-aware)."""

    version: str
    now: datetime


class EventLog:
    """The logs of all topics on one Redis. Its methods raise LogUnavailableError when Redis does not answer.

    Args:
        client: where it is.
        archive: where the beginnings of streams lie that were archived; reading goes on there.

    Raises:
        CorruptEventError: an older schema has no upcaster (a defect of this build).
    """

    def __init__(self, client: redis.Redis, archive: Place | None = None) -> None:
        if missing := missing_upcasters():
            raise CorruptEventError(f"this Parley cannot read older events: nothing upcasts {missing}")
        # redis-py types every command for its synchronous and its asynchronous client at once.
        self._redis = cast("Any", client)
        self.client = client
        """For what moves whole entries in and out with scripts of its own."""
        self.entries = Entries(client, archive)
        """The entries as they stand in the streams, for what copies or moves them."""
        self._script = self._redis.register_script(_APPEND)

    def append(
        self, topic: str, events: Sequence[Event], *, expected_decisions: int | None = None
    ) -> Appended:
        """Append a batch to the topic's log, or to its deliveries; all of it or nothing.

        A batch with decisions (`status.*`, `alert.*`) names the counter's value that they were made at; others do not.

        Raises:
            LogConflictError: the decisions moved on; nothing was written.
            PartialDuplicateError: some events are in the log and others are not; nothing was written.
            CorruptEventError: an event could not be read again; nothing was written.
            ValueError: the batch itself is wrong (empty, a double, two streams, decisions without expectation).
        """
        stream = stream_of(topic, events, expected_decisions)
        arguments: list[str | bytes | int] = [
            "" if expected_decisions is None else expected_decisions,
            sum(event.is_decision for event in events),
            secrets.token_hex(16),
        ]
        for event in events:
            arguments += [bytes.fromhex(event.id), encoded(event)]
        keys = [key(topic, stream), key(topic, "decisions"), key(topic, "epoch")]
        keys += [ids_key(topic, stream, event.id) for event in events]
        reached("append.before")
        with redis_errors(self._redis):
            outcome, decisions, found = self._script(keys=keys, args=arguments)
        reached("append.after")
        positions = tuple(position.decode() for position in found)
        if outcome == b"conflict":
            APPEND_CONFLICTS.inc()
            raise LogConflictError(
                f"{topic} has {decisions} decisions, not {expected_decisions}: read on and decide again"
            )
        if outcome == b"partial":
            known = [event.id for event, position in zip(events, positions, strict=True) if position]
            raise PartialDuplicateError(
                f"of {len(events)} events for {topic} these are in the log: {', '.join(known)}"
            )
        return Appended("appended" if outcome == b"appended" else "duplicate", positions, decisions)

    def read(
        self, topic: str, after: str = START, count: int = PAGE, *, stream: Stream = Stream.LOG
    ) -> list[Recorded]:
        """Up to `count` events after a position, in order; none at the end.

        Raises:
            CorruptEventError: the first entry after the position is no event; its `position` says where to go on. A
                corrupt entry further on ends the page before it.
            NewerLogError: as well, when a newer Parley wrote it; nobody may go on after it.
        """
        page: list[Recorded] = []
        for entry in self.entries.page(topic, stream, after, count):
            try:
                page.append(_recorded(topic, entry))
            except (CorruptEventError, NewerLogError):
                if page:
                    break
                raise
        return page

    def read_all(
        self,
        topic: str,
        after: str = START,
        *,
        stream: Stream = Stream.LOG,
        corrupt: Callable[[CorruptEventError], None] | None = None,
    ) -> Iterator[Recorded]:
        """All events after a position, in order; corrupt entries as in `pages`."""
        for page in self.pages(topic, after, stream=stream, corrupt=corrupt):
            yield from page

    def pages(
        self,
        topic: str,
        after: str = START,
        *,
        stream: Stream = Stream.LOG,
        corrupt: Callable[[CorruptEventError], None] | None = None,
    ) -> Iterator[list[Recorded]]:
        """All events after a position, page by page.

        An entry that is no event is handed to `corrupt` and passed over; without it, CorruptEventError is raised there.
        """
        while True:
            try:
                page = self.read(topic, after, stream=stream)
            except CorruptEventError as error:
                if corrupt is None or error.position is None:
                    raise
                corrupt(error)
                after = error.position
                continue
            if not page:
                return
            yield page
            after = page[-1].position

    def tail(self, topic: str, count: int, *, stream: Stream = Stream.LOG) -> list[Recorded]:
        """The newest `count` events, oldest first; raises CorruptEventError when one of them is no event."""
        return [_recorded(topic, entry) for entry in self.entries.newest(topic, stream, count)]

    def wait(
        self, after: Mapping[str, str], block_ms: int = 1000, *, stream: Stream = Stream.LOG
    ) -> frozenset[str]:
        """Wait until a topic has entries after its position (topic -> position); which topics have some.

        Empty when the time is up. On a cluster, the topics of one call must share their bucket (`bucket_of`).
        """
        if not after:
            raise ValueError("no topics to wait for")
        # A block that outlasts the socket's time-out would look like a dead server.
        limit = self._redis.connection_pool.connection_kwargs.get("socket_timeout")
        if limit is not None:
            block_ms = min(block_ms, int(limit * 800))
        topics = {key(topic, stream).encode(): topic for topic in after}
        with redis_errors(self._redis):
            reply = self._redis.xread(
                {key(topic, stream): position for topic, position in after.items()},
                count=1,
                block=max(block_ms, 1),
            )
        return frozenset(topics[name] for name in dict(reply))

    def get(self, topic: str, position: str, *, stream: Stream = Stream.LOG) -> Recorded | None:
        """The event at a position, or None."""
        entry = self.entries.at(topic, stream, position)
        return _recorded(topic, entry) if entry else None

    def positions_of(
        self, topic: str, event_ids: Sequence[str], *, stream: Stream = Stream.LOG
    ) -> list[str | None]:
        """The positions of many events at once, None for each that the log does not have."""
        with redis_errors(self._redis):
            lookups = self._redis.pipeline(transaction=False)
            for event_id in event_ids:
                lookups.hget(ids_key(topic, stream, event_id), bytes.fromhex(event_id))
            return [found.decode() if found else None for found in lookups.execute()]

    def indexed(self, topic: str, *, stream: Stream = Stream.LOG) -> int:
        """How many ids the stream's index holds: as many as the stream has entries, or something is wrong."""
        with redis_errors(self._redis):
            sizes = self._redis.pipeline(transaction=False)
            for bucket in self._redis.scan_iter(match=ids_keys(topic, stream), count=1000):
                sizes.hlen(bucket)
            return sum(sizes.execute())

    def head(self, topic: str, *, stream: Stream = Stream.LOG) -> str:
        """The highest position ever given in the stream; "0-0" when it is empty."""
        with redis_errors(self._redis):
            if not self._redis.exists(key(topic, stream)):
                return START
            last: bytes = self._redis.xinfo_stream(key(topic, stream))["last-generated-id"]
        return last.decode()

    def length(self, topic: str, *, stream: Stream = Stream.LOG) -> int:
        """How many entries the stream holds, archived ones too."""
        return self.entries.count(topic, stream)

    def count(self, topic: str, after: str, limit: int) -> int:
        """How many entries follow a position, counted up to `limit`."""
        return len(self.entries.page(topic, Stream.LOG, after, limit))

    def server(self) -> Server:
        """What the server says of itself."""
        with redis_errors(self._redis):
            version = str(self._redis.info("server")["redis_version"])
            seconds, microseconds = self._redis.time()
        return Server(version, datetime.fromtimestamp(seconds + microseconds / 1e6, UTC))

    def decisions(self, topic: str) -> int:
        """The topic's decision counter: how many `status.*` and `alert.*` events it has."""
        with redis_errors(self._redis):
            return int(self._redis.get(key(topic, "decisions")) or 0)

    def epoch(self, topic: str) -> str | None:
        """The random name that the log got with its first entry; None when it has none yet."""
        with redis_errors(self._redis):
            found = self._redis.get(key(topic, "epoch"))
        return found.decode() if found else None

    def topics(self) -> list[str]:
        """The topics that have a log, `_system` among them, in alphabetical order."""
        with redis_errors(self._redis):
            names = [
                name.decode() for name in self._redis.scan_iter(match=LOG_KEYS, count=1000, _type="stream")
            ]
        return sorted({topic for name in names if (topic := topic_of(name))})

    def checkpoint_at(self, topic: str, position: str, *, stream: Stream = Stream.LOG) -> Checkpoint:
        """The checkpoint of having dealt with the entry at a position, be it one that does not validate.

        Raises:
            DataLostError: there is no such entry.
        """
        event_id, epoch = self._id_at(topic, position, stream), self.epoch(topic)
        if event_id is None or epoch is None:
            raise DataLostError(f"the log of {topic} has no entry at {position}")
        return Checkpoint(position, event_id, epoch)

    def check(self, topic: str, checkpoint: Checkpoint, *, stream: Stream = Stream.LOG) -> None:
        """Make sure that the log still holds what the checkpoint saw. To be called at start and after a reconnect.

        Raises:
            DataLostError: it does not; going on would skip or repeat events in silence.
        """
        event_id = self._id_at(topic, checkpoint.position, stream)
        if self.epoch(topic) != checkpoint.epoch:
            lost = "the log is another one than before (its epoch differs)"
        elif event_id is None:
            lost = (
                f"the entry {checkpoint.position} is gone; the log ends at {self.head(topic, stream=stream)}"
            )
        elif event_id != checkpoint.event_id:
            lost = f"the entry {checkpoint.position} is {event_id or 'unreadable'}, not {checkpoint.event_id}"
        else:
            return
        raise DataLostError(
            f"data of the log of {topic} was lost: {lost}. Stop Parley and restore a backup of the log, or accept the "
            "loss with `parley rebuild --accept-loss`"
        )

    def _id_at(self, topic: str, position: str, stream: Stream) -> str | None:
        """The id that an entry carries, "" when it carries none, None when there is no entry."""
        entry = self.entries.at(topic, stream, position)
        if entry is None:
            return None
        try:
            return str(json.loads(entry.fields[FIELD])["id"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return ""


def pass_over(error: CorruptEventError) -> None:
    """Nothing: for readers to whom an entry that is no event says nothing; the topic's reader tells the operator."""


def _recorded(topic: str, entry: Entry) -> Recorded:
    try:
        event = Event.from_json(entry.fields[FIELD])
    except NewerLogError as error:
        raise NewerLogError(f"{topic} at {entry.position}: {error}") from error
    except (CorruptEventError, KeyError) as error:
        raise CorruptEventError(f"{topic} at {entry.position}: {error}", position=entry.position) from error
    return Recorded(entry.position, event)

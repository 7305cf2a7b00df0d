"""The entries of all streams as they stand there: in Redis, and where the archive took a stream's beginning, in there.

What Redis holds is asked for first and how far the archive goes after it. Entries leave Redis in the same script that
says so, so whoever found them gone learns where they are.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, cast

import redis

from monitor.errors import ArchiveError
from monitor.log.connect import redis_errors
from monitor.log.keys import Stream, archive_key, key
from monitor.log.place import Place
from monitor.log.position import Entry, order
from monitor.log.segments import Segment, is_chained, read_segment

KEPT = 4
"""So many segments stay decoded: a reader takes one in many pages, and several read at a time."""


class Entries:
    """Reads entries. Threads may share it.

    Args:
        client: where the log is.
        archive: where the archived beginnings of streams lie; None: there is no archive.
    """

    def __init__(self, client: redis.Redis, archive: Place | None = None) -> None:
        self._redis = cast("Any", client)
        self._archive = archive
        self._listed: dict[str, list[Segment]] = {}
        self._kept: OrderedDict[str, list[Entry]] = OrderedDict()
        self._lock = threading.Lock()

    def page(self, topic: str, stream: Stream, after: str, count: int) -> list[Entry]:
        """Up to `count` entries after a position, in order; none at the end of the stream.

        Raises:
            ArchiveError: they are archived, and the archive does not have them as they were.
            LogUnavailableError: Redis or the archive's place does not answer.
        """
        both = self._redis.pipeline(transaction=False)
        both.xrange(key(topic, stream), min=f"({after}", count=count)
        both.lindex(archive_key(topic, stream), -1)
        with redis_errors(self._redis):
            found, moved = both.execute()
        newest = _segment(moved)
        if newest is None or order(newest.last) <= order(after):
            return _entries(found)
        here = order(after)
        for segment in self._segments(topic, stream, newest):
            if order(segment.last) > here:
                entries = self._read(topic, segment)
                return [entry for entry in entries if order(entry.position) > here][:count]
        return []

    def at(self, topic: str, stream: Stream, position: str) -> Entry | None:
        """The entry at a position, or None; raises as `page` does."""
        with redis_errors(self._redis):
            found = self._redis.xrange(key(topic, stream), min=position, max=position)
        if found:
            return _entries(found)[0]
        if (newest := self.archived(topic, stream)) is None:
            return None
        for segment in self._segments(topic, stream, newest):
            if order(segment.first) <= order(position) <= order(segment.last):
                return next((one for one in self._read(topic, segment) if one.position == position), None)
        return None

    def newest(self, topic: str, stream: Stream, count: int) -> list[Entry]:
        """The newest `count` entries, oldest first; raises as `page` does."""
        with redis_errors(self._redis):
            found = self._redis.xrevrange(key(topic, stream), count=count)
        entries = _entries(reversed(found))
        if len(entries) < count and (newest := self.archived(topic, stream)):
            for segment in reversed(self._segments(topic, stream, newest)):
                older = self._read(topic, segment)
                known = order(entries[0].position) if entries else None
                entries = [one for one in older if known is None or order(one.position) < known] + entries
                if len(entries) >= count:
                    break
        return entries[-count:]

    def count(self, topic: str, stream: Stream) -> int:
        """How many entries the stream has, archived ones too."""
        # No MULTI: a server that is full answers readers, but takes nothing in a transaction.
        while True:
            asked = self._redis.pipeline(transaction=False)
            asked.lindex(archive_key(topic, stream), -1)
            asked.xlen(key(topic, stream))
            asked.lindex(archive_key(topic, stream), -1)
            with redis_errors(self._redis):
                before, there, after = asked.execute()
            if before == after:  # else some left Redis in between
                newest = _segment(after)
                return int(there) + (newest.end if newest else 0)

    def archived(self, topic: str, stream: Stream) -> Segment | None:
        """The newest segment that has left Redis for the archive; None when nothing has."""
        with redis_errors(self._redis):
            return _segment(self._redis.lindex(archive_key(topic, stream), -1))

    def segments(self, topic: str, stream: Stream) -> list[Segment]:
        """All segments of the stream that have left Redis, oldest first."""
        newest = self.archived(topic, stream)
        return self._segments(topic, stream, newest) if newest else []

    def damaged(self, topic: str, stream: Stream) -> list[str]:
        """What is wrong with the segments of the stream that have left Redis; each is read anew."""
        segments = self.segments(topic, stream)
        found = [] if is_chained(segments) else [f"the archived segments of {topic} are no chain"]
        for segment in segments:
            try:
                read_segment(self._place(topic, segment), segment)
            except ArchiveError as error:
                found.append(str(error))
        return list(dict.fromkeys(found))

    def _segments(self, topic: str, stream: Stream, newest: Segment) -> list[Segment]:
        name = archive_key(topic, stream)
        known = self._listed.get(name)
        if known is None or known[-1] != newest:
            with redis_errors(self._redis):
                known = [Segment.model_validate_json(one) for one in self._redis.lrange(name, 0, -1)]
            self._listed[name] = known
        return known

    def _place(self, topic: str, segment: Segment) -> Place:
        if self._archive is None:
            raise ArchiveError(
                f"the log of {topic} up to {segment.last} was moved to an archive, and none is set: "
                "give its place in the setting archive.place"
            )
        return self._archive

    def _read(self, topic: str, segment: Segment) -> list[Entry]:
        with self._lock:
            if segment.file in self._kept:
                self._kept.move_to_end(segment.file)
                return self._kept[segment.file]
        entries = read_segment(self._place(topic, segment), segment)
        with self._lock:
            self._kept[segment.file] = entries
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return entries


def _segment(raw: bytes | None) -> Segment | None:
    return None if raw is None else Segment.model_validate_json(raw)


def _entries(found: Any) -> list[Entry]:
    return [Entry(position.decode(), cast("Mapping[bytes, bytes]", fields)) for position, fields in found]

"""Where a topic's log lies in Redis. All keys of a topic share one hash slot, so one script may touch them all.

`parley:{b07}:pti:log` is the stream, `...:ids:a3f` one bucket of the index from event id to position (4096 small hashes
stay in Redis's compact form, 45 bytes an event), `...:decisions` the counter, `...:epoch` the random name of this log,
`...:archive` the list of the segments that hold the beginning of the stream, where that has left Redis.
"""

import re
import zlib
from enum import StrEnum

from monitor.errors import BadInputError

BUCKETS = 64
_TOPIC = re.compile(r"[a-z][a-z0-9-]{0,40}|_system")
_LOG_KEY = re.compile(r"parley:\{b\d\d\}:([^:]+):log")
LOG_KEYS = "parley:{b??}:*:log"
"""Redis pattern of the keys of all topics' logs."""


class Stream(StrEnum):
    """The two streams of a topic; the second keeps many subscribers from flooding the first."""

    LOG = "log"
    DELIVERIES = "deliveries"

    @classmethod
    def of_type(cls, event_type: str) -> "Stream":
        """The stream that events of this type go to."""
        return cls.DELIVERIES if event_type.startswith("delivery.") else cls.LOG


def bucket_of(topic: str) -> str:
    """`b00` to `b63`: topics of one bucket can be waited for in one blocking read, also on a cluster."""
    return f"b{zlib.crc32(topic.encode()) % BUCKETS:02d}"


def key(topic: str, part: str) -> str:
    """The key of one part of a topic's log.

    Raises:
        BadInputError: no topic can have that name.
    """
    if not _TOPIC.fullmatch(topic):
        raise BadInputError(
            f"no topic can be called {topic!r}: lower-case letters, digits and hyphens, please"
        )
    return f"parley:{{{bucket_of(topic)}}}:{topic}:{part}"


def ids_key(topic: str, stream: Stream, event_id: str) -> str:
    """The key of the bucket of the id index that holds this event."""
    return key(topic, f"{_ids_part(stream)}:{event_id[:3]}")


def ids_keys(topic: str, stream: Stream) -> str:
    """Redis pattern of all buckets of a stream's id index."""
    return key(topic, f"{_ids_part(stream)}:???")


def archive_key(topic: str, stream: Stream) -> str:
    """The key of the list of a stream's segments that have left Redis for the archive."""
    return key(topic, "archive" if stream is Stream.LOG else "deliveries:archive")


def topic_of(log_key: str) -> str | None:
    """The topic whose log has this key; None when it is no log's key."""
    found = _LOG_KEY.fullmatch(log_key)
    return found[1] if found else None


def _ids_part(stream: Stream) -> str:
    return "ids" if stream is Stream.LOG else "deliveries:ids"

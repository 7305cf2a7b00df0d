"""Positions in a stream, and what stands there. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

START = "0-0"
"""The position before the first entry."""

FIELD = b"event"
"""The one field of an entry; its value is the event's canonical JSON."""


class Entry(NamedTuple):
    """What stands at a position of a stream, as it stands there: it may be no event."""

    position: str
    fields: Mapping[bytes, bytes]


def order(position: str) -> tuple[int, int]:
    """A position as something that compares in the order of the log."""
    milliseconds, _, sequence = position.partition("-")
    return int(milliseconds), int(sequence)

"""Connections that are kept for the next delivery to the same place, for a few seconds and one user at a time."""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

IDLE_S = 4.0
"""Shorter than servers commonly wait (5 s and more), so that a kept connection is seldom one that was just closed."""
MOST = 32

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class _Idle(Generic[C]):
    connection: C
    since: float


class Kept(Generic[C]):
    """Idle connections by place. What nobody takes is closed after `idle_s`; threads may share it.

    Args:
        close: closes a connection, without raising.
        idle_s: how long one is kept.
        most: how many are kept, of all places together.
    """

    def __init__(self, close: Callable[[C], None], *, idle_s: float = IDLE_S, most: int = MOST) -> None:
        self._close = close
        self._idle_s = idle_s
        self._most = most
        self._idle: dict[Hashable, list[_Idle[C]]] = {}
        self._lock = threading.Lock()
        self._broom: threading.Timer | None = None

    def take(self, place: Hashable) -> C | None:
        """The connection to this place that was used last, now the caller's; None when there is none."""
        self._sweep()
        with self._lock:
            there = self._idle.get(place)
            return there.pop().connection if there else None

    def keep(self, place: Hashable, connection: C) -> None:
        """Keep a connection on which nothing is on its way; the caller uses it no more."""
        with self._lock:
            is_room = sum(map(len, self._idle.values())) < self._most
            if is_room:
                self._idle.setdefault(place, []).append(_Idle(connection, time.monotonic()))
                self._call_broom()
        if not is_room:
            self._close(connection)

    def close(self) -> None:
        """Close all that are idle."""
        self._sweep(everything=True)

    def _call_broom(self) -> None:
        if self._broom is None:
            self._broom = threading.Timer(self._idle_s, self._brush)
            self._broom.daemon = True
            self._broom.start()

    def _brush(self) -> None:
        with self._lock:
            self._broom = None
        self._sweep()
        with self._lock:
            if self._idle:
                self._call_broom()

    def _sweep(self, *, everything: bool = False) -> None:
        before = time.monotonic() - self._idle_s
        with self._lock:
            old = [
                one.connection
                for there in self._idle.values()
                for one in there
                if everything or one.since <= before
            ]
            self._idle = {
                place: left
                for place, there in self._idle.items()
                if (left := [] if everything else [one for one in there if one.since > before])
            }
        for connection in old:
            self._close(connection)

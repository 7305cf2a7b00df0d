"""A total time-out for talking to a server that may answer a byte at a time: sockets' own time-outs start anew then."""

import contextlib
import heapq
import itertools
import os
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self


class _Alarms:
    """Calls what is due, in one thread for all: a thread for each would cost more than the delivery that it guards."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, list[Callable[[], None]]]] = []
        self._count = itertools.count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def set(self, seconds: float, call: Callable[[], None]) -> list[Callable[[], None]]:
        """Call it in so many seconds, unless what is returned has been emptied by then."""
        call_or_none = [call]
        entry = (time.monotonic() + seconds, next(self._count), call_or_none)
        with self._changed:
            heapq.heappush(self._waiting, entry)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            elif self._waiting[0] is entry:
                self._changed.notify()
        return call_or_none

    def _run(self) -> None:
        while True:
            for call in self._due():
                call()

    def _due(self) -> list[Callable[[], None]]:
        with self._changed:
            while not self._waiting or self._waiting[0][0] > time.monotonic():
                self._changed.wait(self._waiting[0][0] - time.monotonic() if self._waiting else None)
            return heapq.heappop(self._waiting)[2].copy()


_alarms = _Alarms()


class Deadline:
    """Within `with`, cuts the watched connection off when the time is over; its reader then gets an error."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._alarm: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._watched: list[socket.socket] = []
        self.over = False

    def watch(self, connection: socket.socket) -> None:
        """Cut this connection off too when the time is over."""
        # A duplicate: TLS takes the original's descriptor away, and the connection is shut down through either.
        duplicate = socket.socket(fileno=os.dup(connection.fileno()))
        with self._lock:
            self._watched.append(duplicate)
        if self.over:
            self._cut()

    def _cut(self) -> None:
        with self._lock:
            self.over = True
            for connection in self._watched:
                with contextlib.suppress(OSError):  # the other side was faster
                    connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._alarm = _alarms.set(self._seconds, self._cut)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._alarm.clear()
        with self._lock:
            for connection in self._watched:
                connection.close()
            self._watched.clear()

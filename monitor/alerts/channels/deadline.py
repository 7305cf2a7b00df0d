"""A total time-out for talking to a server that may answer a byte at a time: sockets' own time-outs start anew then."""

import contextlib
import os
import socket
import threading
from types import TracebackType
from typing import Self


class Deadline:
    """Within `with`, cuts the watched connection off when the time is over; its reader then gets an error."""

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
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
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for connection in self._watched:
                connection.close()
            self._watched.clear()

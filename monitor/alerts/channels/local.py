"""For trying Parley out, and for programs on this machine: alerts in a file of JSON lines, or on the console."""

import errno
import fcntl
import json
import os
import stat
import sys
import threading
import time
from pathlib import Path
from typing import IO

from monitor.alerts.delivery import Delivery
from monitor.errors import DeliveryError

_LOCK_S = 5.0


class FileChannel:
    """Appends one line per delivery to a file: the webhook's payload, and the delivery's `id`."""

    def send(self, delivery: Delivery) -> None:
        """Append the delivery, unless an earlier attempt has.

        Raises:
            DeliveryError: the file cannot be written; that can be mended.
        """
        line = json.dumps(
            {"id": delivery.delivery_id, **delivery.message.payload},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        try:
            _append(Path(delivery.recipient.target), line, delivery)
        except OSError as error:
            raise DeliveryError(
                "unwritable", f"cannot append to the file: {error.strerror}", retry=True
            ) from error

    def close(self) -> None:
        """Nothing is kept."""


def _append(path: Path, line: str, delivery: Delivery) -> None:
    # Without blocking: a pipe that nobody reads would keep the hand for ever.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK | os.O_CLOEXEC, 0o640)
    with os.fdopen(descriptor, "r+b") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise DeliveryError("unwritable", "the path is no plain file's", retry=True)
        _lock(descriptor)
        # A first attempt cannot have been here before, so only repeats read the file.
        if delivery.attempt > 1 and _holds(file, delivery.delivery_id):
            return
        size = file.seek(0, os.SEEK_END)
        is_torn = (
            size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        )  # by what died in the middle of a line
        _write_whole(descriptor, size, f"{chr(10) * is_torn}{line}\n".encode())


def _lock(descriptor: int) -> None:
    end = time.monotonic() + _LOCK_S
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > end:
                raise DeliveryError(
                    "unwritable", "another program keeps the file locked", retry=True
                ) from error
            time.sleep(0.02)


def _holds(file: IO[bytes], delivery_id: str) -> bool:
    start = f'{{"id":"{delivery_id}"'.encode()
    file.seek(0)
    return any(row.startswith(start) and row.endswith(b"\n") for row in file)


def _write_whole(descriptor: int, size: int, data: bytes) -> None:
    """Append all of it, or leave the file (of this size) as it was."""
    try:
        if os.write(descriptor, data) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, size)
        raise


class ConsoleChannel:
    """Writes the message to the service's stderr, where its log is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def send(self, delivery: Delivery) -> None:
        """Write the message.

        Raises:
            DeliveryError: stderr is closed.
        """
        message = delivery.message
        lines = [
            f"── {message.subject} ── {delivery.delivery_id}",
            *message.text.rstrip().split("\n")[1:],
            "──",
        ]
        try:
            with self._lock:
                sys.stderr.write("\n".join(lines) + "\n")
                sys.stderr.flush()
        except (OSError, ValueError) as error:  # a closed stream raises the latter
            raise DeliveryError("unwritable", "cannot write to the console", retry=True) from error

    def close(self) -> None:
        """Nothing is kept."""

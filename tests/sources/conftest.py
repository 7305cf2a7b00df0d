"""A web server that misbehaves on purpose, a log in memory, and a clock that a test moves."""

import gzip
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

import pytest
from sqlalchemy import Engine

from monitor.log.events import Event
from monitor.readmodel.store import Store


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
    """A Content-Length that differs from the body's: too long or too short."""
    framed: bool = False
    """The body is framed in chunks already, well or badly, and goes out as it is."""
    reset: Literal["", "headers", "body"] = ""
    """Reset the connection halfway through the headers or the body."""
    cut: bool = False
    """Close the connection after the body without having announced a length or an end."""
    etag: str = ""
    """Answer 304 to a request that has this validator."""

    @classmethod
    def moved(cls, location: str, status: int = 301, **how: object) -> "Answer":
        """A redirect."""
        return cls(status=status, headers={"Location": location}, **how)

    @classmethod
    def packed(cls, body: bytes, *, layers: int = 1, declared: str = "gzip", **how: object) -> "Answer":
        """A body in so many layers of gzip, declared as the server likes ("" for not at all)."""
        for _ in range(layers):
            body = gzip.compress(body)
        return cls(body, headers={"Content-Encoding": declared} if declared else {}, **how)

    @classmethod
    def robots(cls, *lines: str) -> "Answer":
        """A robots.txt."""
        return cls("\n".join(lines).encode(), headers={"Content-Type": "text/plain"})


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
        with suppress(OSError), site.counted():  # a client that gives up is what some tests want
            self._send(answer)

    def _send(self, answer: Answer) -> None:
        self.server.site.closing.wait(answer.delay)
        headers = dict(answer.headers)
        status, body = answer.status, answer.body
        if answer.etag:
            headers["ETag"] = answer.etag
            if self.headers.get("If-None-Match") == answer.etag:
                status, body = 304, b""
        if answer.framed:
            headers["Transfer-Encoding"] = "chunked"
        elif not answer.cut:
            headers["Content-Length"] = str(len(body) if answer.length is None else answer.length)
        head = f"HTTP/1.1 {status} X\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items())
        packed_head = head.encode("latin-1") + b"Connection: close\r\n\r\n"
        if answer.reset == "headers":
            self._reset_after(packed_head[: len(packed_head) // 2])
        elif answer.reset == "body":
            self._reset_after(packed_head + body[: len(body) // 2])
        else:
            self._write(packed_head, answer.drip_headers)
            self._write(body, answer.drip)

    def _reset_after(self, data: bytes) -> None:
        self.wfile.write(data)
        self.server.site.closing.wait(0.1)  # a reset takes what the client has not read yet with it
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

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
    request_queue_size = 128

    def __init__(self, site: "Site") -> None:
        self.site = site
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        pass


class Site:
    """A site on 127.0.0.1: `routes` says what each path answers, `requests` what was asked.

    `most_at_once` is the highest number of requests that it was answering at one time.
    """

    def __init__(self) -> None:
        self.routes: dict[str, Answer | Callable[[], Answer]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.closing = threading.Event()
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_port

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """The address of a path; `localhost` is the same server under another name."""
        return f"http://{host}:{self.port}{path}"

    def chain(self, *statuses: int, end: Answer) -> str:
        """The address that a chain of redirects with these statuses starts at; `end` is what it leads to."""
        for number, status in enumerate(statuses):
            self.routes[f"/hop/{number}"] = Answer.moved(f"/hop/{number + 1}", status)
        self.routes[f"/hop/{len(statuses)}"] = end
        return self.url("/hop/0")

    @contextmanager
    def counted(self) -> Iterator[None]:
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            yield
        finally:
            with self._lock:
                self._at_once -= 1

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

    def epoch(self, topic: str) -> str | None:
        return "epoch"

    def read_all(self, topic: str, after: str, *, corrupt: object = None) -> Iterator[_Recorded]:
        start = int(after.partition("-")[0])
        for number, event in enumerate(list(self.events)[start:], start + 1):
            if event.topic == topic:
                yield _Recorded(f"{number}-0", event)


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
def engine(store: Store) -> Iterator[Engine]:
    """The service's database."""
    engine = store.service()
    yield engine
    engine.dispose()

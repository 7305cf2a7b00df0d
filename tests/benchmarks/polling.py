"""What is promised of polling: the cost of an unchanged feed, many sources at once, memory that stays flat."""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import feedparser

from monitor.log.connect import connect
from monitor.log.stream import EventLog
from monitor.readmodel.store import open_engine
from monitor.sources.config import SourceConfig
from monitor.sources.fetch import Fetched, Fetcher, Validators
from monitor.sources.intake import Intake, Polled, Taken
from monitor.sources.model import ArticleFound
from monitor.sources.parsing import FeedParser
from monitor.sources.poll import Poller
from monitor.sources.request import NO_VALIDATORS
from monitor.topics import ANY, load_topics
from tests.benchmarks.measure import Case, Figure
from tests.benchmarks.news import feed

TOPICS = load_topics()
NOW = datetime(2026, 1, 1, tzinfo=UTC)
_SERVER = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
body = sys.stdin.buffer.read()
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        known = self.headers.get("If-None-Match") == '"1"'
        self.send_response(304 if known else 200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", "0" if known else str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if known else body)
    def log_message(self, *args):
        pass
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""


class _Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def cases(folder: Path, redis_url: str, entries: int) -> Iterator[Case]:
    """Polls of a large feed that was not fetched now, against bare feedparser on the same bytes."""
    with connect(redis_url) as client, FeedParser() as parser:
        intake = Intake(EventLog(client), by="benchmark", clock=lambda: NOW)
        for name, is_new, at_most in (("new", True, 1 / 0.15), ("known", False, 1 / 0.5)):
            yield Case(
                f"poll {entries} {name} entries",
                "entries",
                _polls(folder / name, entries, parser, intake, is_new=is_new),
                _parses(entries, is_new=is_new),
                "feedparser alone",
                at_most,
            )


class _Given:
    """A fetcher that has the answer already: a feed, other from one fetch to the next."""

    def __init__(self) -> None:
        self.body = b""
        self._fetches = count()

    def get(self, url: str, validators: Validators = NO_VALIDATORS, **_: object) -> Fetched:
        body = self.body + f"<!-- {next(self._fetches)} -->".encode()
        return Fetched(url, body, "application/rss+xml", NO_VALIDATORS)


def _polls(
    folder: Path, entries: int, parser: FeedParser, intake: Intake, *, is_new: bool
) -> Iterator[Callable[[], int]]:
    """Each turn one poll, everything included: parsing, identity, story, the log, the notes of it."""
    clock, given = _Clock(), _Given()
    engine = open_engine(folder / "service.sqlite")
    source = SourceConfig(id="large", url="https://news.example/feed", topics=("any",))
    poller = Poller(engine, [source], {"any": ANY}, given, intake.publish, clock, parse=parser.parse)
    for seed in count(1):
        given.body = feed(entries, seed if is_new else 1)
        clock.now += timedelta(hours=2)

        def turn() -> int:
            assert poller.poll_due().failed == 0
            return entries

        yield turn


def _parses(entries: int, *, is_new: bool) -> Iterator[Callable[[], int]]:
    for seed in count(1):
        body = feed(entries, seed if is_new else 1)
        yield lambda body=body: len(feedparser.parse(body).entries)


def figures(*, quick: bool) -> Iterator[Figure]:
    """All figures; `quick` only shows that they can be taken."""
    with _served(feed(30)) as address, tempfile.TemporaryDirectory() as folder:
        yield _unchanged(Path(folder), address, 20 if quick else 300)
        yield _many(Path(folder), address, 20 if quick else 500)
        yield _growth(Path(folder), address, 100 if quick else 10_000)


@contextmanager
def _served(body: bytes) -> Iterator[str]:
    """The address of a feed that a process of its own serves; it answers 304 to who has it."""
    with subprocess.Popen(
        [sys.executable, "-c", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as server:
        assert server.stdin
        assert server.stdout
        server.stdin.write(body)
        server.stdin.close()
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}/feed"
        finally:
            server.kill()


@contextmanager
def _poller(folder: Path, address: str, sources: int, clock: _Clock) -> Iterator[Poller]:
    engine = open_engine(folder / f"{sources}-{time.monotonic_ns()}.sqlite")
    configs = [
        SourceConfig(id=f"s{number}", url=f"{address}?{number}", allow_private=True, interval_minutes=15)
        for number in range(sources)
    ]
    poller = Poller(engine, configs, TOPICS, Fetcher(), _publish, clock, host_pause=timedelta())
    try:
        yield poller
    finally:
        poller.stop()
        engine.dispose()


def _publish(topic: str, found: Sequence[ArticleFound], polled: Polled) -> Taken:
    """Nothing of the feed concerns a topic."""
    return Taken()


def _unchanged(folder: Path, address: str, polls: int) -> Figure:
    """Milliseconds of the processor for a poll that is answered 304."""
    clock = _Clock()
    with _poller(folder, address, 1, clock) as poller:
        poller.poll_due()
        begun = time.process_time()
        for _ in range(polls):
            clock.now += timedelta(hours=2)
            assert poller.poll_due().polled == 1
        taken = time.process_time() - begun
    return Figure("poll of an unchanged feed (304), CPU", 1000 * taken / polls, "ms", 5)


def _many(folder: Path, address: str, sources: int) -> Figure:
    """The share of their interval of a quarter of an hour that it takes to poll so many sources, one host for all."""
    clock = _Clock()
    with _poller(folder, address, sources, clock) as poller:
        poller.poll_due()
        clock.now += timedelta(hours=2)
        begun = time.monotonic()
        assert poller.poll_due().polled == sources
        taken = time.monotonic() - begun
    return Figure(f"{sources} sources polled, of their interval of 15 min", 100 * taken / 900, "%", 50)


def _growth(folder: Path, address: str, polls: int) -> Figure:
    """By how much the process grows over so many polls, after as many as a tenth of them."""
    clock = _Clock()
    with _poller(folder, address, 1, clock) as poller:
        for number in range(polls):
            if number == polls // 10:
                before = _peak()
            clock.now += timedelta(hours=2)
            poller.poll_due()
    return Figure(f"growth over {polls} polls", _peak() - before, "MB", 10)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

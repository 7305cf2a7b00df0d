"""Feeds are parsed in a process of its own: what goes wrong there ends a poll, never the service."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from monitor.errors import SourceError
from monitor.sources.feed import parse_feed
from monitor.sources.parsing import FeedParser

URL = "https://news.example/feeds/all.xml"
HEAVY = {
    "apscheduler",
    "httpx",
    "numpy",
    "redis",
    "sqlalchemy",
    "sqlmodel",
    "starlette",
    "streamlit",
    "trafilatura",
}


def rss(name: str = "Bugle", entries: int = 1) -> bytes:
    items = "".join(
        f"<item><title>{name} {n}</title><link>/{n}</link><guid>{n}</guid><description>&lt;p>They met.</description>"
        "<pubDate>Sat, 24 May 2025 13:05:00 +0500</pubDate></item>"
        for n in range(entries)
    )
    channel = f"<title>{name}</title><ttl>90</ttl><skipHours><hour>3</hour></skipHours>{items}"
    return f"<rss version='2.0'><channel>{channel}</channel></rss>".encode()


def children_of(pid: int) -> list[int]:
    """The worker processes of a process."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):  # a thread that has just ended
            found += [int(child) for child in (task / "children").read_text().split()]
    return [child for child in found if b"parse_worker" in Path(f"/proc/{child}/cmdline").read_bytes()]


def workers() -> list[int]:
    return children_of(os.getpid())


def is_gone(pid: int, within: float = 10.0) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


@pytest.fixture
def parser() -> Iterator[FeedParser]:
    with FeedParser(workers=1) as parser:
        yield parser


@contextlib.contextmanager
def stopped(pid: int) -> Iterator[None]:
    """A worker that does nothing for as long as the block lasts, as one that has met bytes without end."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def test_the_worker_reads_what_this_process_would(parser: FeedParser) -> None:
    feed = parser.parse(rss(entries=3), URL, "application/xml")
    assert feed == parse_feed(rss(entries=3), URL, "application/xml")
    assert len(feed.entries) == 3
    assert feed.skip_hours == {3}


def test_a_refusal_comes_back_as_the_same_error(parser: FeedParser) -> None:
    with pytest.raises(SourceError, match="a page titled 'Log in'") as raised:
        parser.parse(b"<html><title>Log in</title>", URL)
    assert raised.value.reason == "not_a_feed"


def test_a_worker_is_kept_between_feeds(parser: FeedParser) -> None:
    assert workers() == []
    parser.parse(rss(), URL)
    first = workers()
    with pytest.raises(SourceError):
        parser.parse(b"no feed", URL)
    parser.parse(rss(), URL)
    assert workers() == first
    assert len(first) == 1


def test_a_feed_that_takes_too_long_ends_its_worker_and_the_next_gets_another() -> None:
    with FeedParser(0.5, workers=1) as parser:
        parser.parse(rss(), URL)
        (first,) = workers()
        started = time.monotonic()
        with stopped(first), pytest.raises(SourceError, match=r"took longer than 0\.5 s") as raised:
            parser.parse(rss(entries=2_000), URL)  # more than a pipe holds: writing waits as well
        assert raised.value.reason == "too_slow"
        assert time.monotonic() - started < 5
        assert is_gone(first)
    with FeedParser(30, workers=1) as parser:
        assert parser.parse(rss(), URL).title == "Bugle"


def test_bytes_that_hold_feedparser_do_not_hold_the_thread() -> None:
    names = "".join(f"<author>{'a.a' * 200_000}@</author>" for _ in range(20))
    hostile = rss().replace(b"</item>", f"{names}</item>".encode())
    with FeedParser(1.0, workers=1) as parser:
        parser.parse(rss(), URL)
        started = time.monotonic()
        with pytest.raises(SourceError) as raised:
            parser.parse(hostile, URL)
        assert raised.value.reason == "too_slow"
        assert time.monotonic() - started < 5
        assert parser.parse(rss(), URL).title == "Bugle"


def test_a_feed_that_needs_too_much_memory_ends_its_worker_only() -> None:
    with FeedParser(60, memory_mb=120, workers=1) as parser:
        with pytest.raises(SourceError, match="more than 120 MB of memory") as raised:
            parser.parse(rss().replace(b"They met.", b"They met again. " * 1_000_000), URL)
        assert raised.value.reason == "parser_died"
        assert parser.parse(rss(), URL).title == "Bugle"


def test_a_worker_that_died_while_it_was_idle_is_replaced_unseen(parser: FeedParser) -> None:
    parser.parse(rss(), URL)
    (first,) = workers()
    os.kill(first, signal.SIGKILL)
    assert is_gone(first)
    assert parser.parse(rss(), URL).title == "Bugle"
    assert workers() != [first]


def test_a_crash_of_the_parser_is_an_error_with_its_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import feedparser, os\nwhole = feedparser.parse\n"
        "def parse(file, **options):\n"
        "    return os.abort() if b'crash' in file.getvalue() else whole(file, **options)\n"
        "feedparser.parse = parse\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with FeedParser(workers=1) as parser:
        with pytest.raises(SourceError, match="died over a feed: ended by SIGABRT") as raised:
            parser.parse(rss("crash"), URL)
        assert raised.value.reason == "parser_died"
        assert parser.parse(rss(), URL).title == "Bugle"


def test_a_defect_of_ours_leaves_its_traceback_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import monitor.sources.feed as feed\n"
        "def parse(*_):\n    raise KeyError('a defect')\n"
        "feed.parse_xml_feed = parse\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with FeedParser(workers=1) as parser, pytest.raises(SourceError, match="exit code 1") as raised:
        parser.parse(rss(), URL)
    assert raised.value.reason == "parser_died"
    assert "KeyError: 'a defect'" in capfd.readouterr().err


def test_a_worker_that_cannot_start_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with FeedParser(workers=1) as parser, pytest.raises(SourceError, match="died over its start") as raised:
        parser.parse(rss(), URL)
    assert raised.value.reason == "parser_died"


def test_threads_share_the_parser_and_each_gets_its_own_feed() -> None:
    with FeedParser(60, workers=2) as parser:

        def read(number: int) -> list[str]:
            return [parser.parse(rss(f"Outlet {number}", entries=5), URL).entries[4].title for _ in range(10)]

        with ThreadPoolExecutor(8) as pool:
            titles = list(pool.map(read, range(8)))
        assert titles == [[f"Outlet {number} 4"] * 10 for number in range(8)]
        assert len(workers()) <= 2


def test_a_thread_that_waits_for_a_slow_feed_has_its_own_time() -> None:
    with FeedParser(1.0, workers=1) as parser:
        parser.parse(rss(), URL)
        (first,) = workers()
        with ThreadPoolExecutor(2) as pool, stopped(first):
            slow = pool.submit(parser.parse, rss("slow"), URL)
            time.sleep(0.2)
            waiting = pool.submit(parser.parse, rss("waiting"), URL)
            assert isinstance(slow.exception(), SourceError)
            assert waiting.result().title == "waiting"


def test_close_ends_a_parse_under_way_and_all_workers() -> None:
    parser = FeedParser(60, workers=2)
    parser.parse(rss(), URL)
    (worker,) = workers()
    with ThreadPoolExecutor(1) as pool, stopped(worker):
        under_way = pool.submit(parser.parse, rss(), URL)
        time.sleep(0.2)
        started = time.monotonic()
        parser.close()
        assert time.monotonic() - started < 5
        error = under_way.exception()
    assert isinstance(error, SourceError)
    assert error.reason == "parser_died"
    assert is_gone(worker)
    with pytest.raises(SourceError, match="closed") as raised:
        parser.parse(rss(), URL)
    assert raised.value.reason == "parser_closed"
    assert workers() == []
    parser.close()


def test_nothing_is_left_open_by_workers_that_die() -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    with FeedParser(60, workers=1) as parser:
        parser.parse(rss(), URL)
        before = descriptors(), threading.active_count()
        for _ in range(3):
            (worker,) = workers()
            os.kill(worker, signal.SIGKILL)
            assert is_gone(worker)
            parser.parse(rss(), URL)
        assert descriptors() == before[0]
        assert threading.active_count() <= before[1] + 1  # the last timer may be on its way out


def test_the_worker_dies_with_its_parent_even_while_it_parses(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom monitor.sources.parsing import FeedParser\n"
        "parser = FeedParser(600, workers=1)\n"
        f"parser.parse({rss()!r}, {URL!r})\nprint('ready', flush=True)\nsys.stdin.readline()\n"
        f"parser.parse({rss()!r}, {URL!r})\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == b"ready\n"
        (worker,) = children_of(parent.pid)
        os.kill(worker, signal.SIGSTOP)  # it neither reads nor sees the end of its pipe
        parent.kill()
    assert is_gone(worker)


def test_the_worker_knows_none_of_the_services_secrets(
    parser: FeedParser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_SMTP_PASSWORD", "secret-of-the-service")
    parser.parse(rss(), URL)
    (worker,) = workers()
    assert b"secret-of-the-service" not in Path(f"/proc/{worker}/environ").read_bytes()
    limits = Path(f"/proc/{worker}/limits").read_text()
    assert "Max address space         512000000" in limits


def test_the_worker_starts_without_the_rest_of_the_service() -> None:
    listed = subprocess.run(
        [sys.executable, "-c", "import sys, monitor.sources.parse_worker\nprint(*sys.modules)"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in listed.stdout.split()}
    assert loaded & HEAVY == set()
    assert "feedparser" in loaded

"""A whole stream of news through feeds that misbehave, while the service is killed, its Redis hangs and its disk fills.

A server plays the articles of a stream, outlet by outlet, faster than they came; `parley run` polls it. In the end
every relevant article is in the log once, revised ones are revised once, and the timeline is that of a rehearsal.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from monitor.log.embedded import open_log, read_record
from monitor.log.events import Event
from monitor.readmodel.store import SERVICE_FILE, open_engine
from monitor.service.rehearsal import rehearse
from monitor.sources.lines import read_lines
from monitor.sources.model import ArticleFound
from monitor.sources.state import SourceStates
from monitor.topics import is_relevant, load_topics
from tests.processes import free_port

pytestmark = [pytest.mark.drill, pytest.mark.timeout(900)]
STREAM = Path(__file__).parents[1] / "streams" / "rail.jsonl"
TOPIC = load_topics()["rail-uk"]
SHOWN = 40
"""Entries that a feed shows."""
AT_ONCE = 4
REVISED_EVERY = 9


class Press:
    """A host for each outlet, all of them one server; `faults` is the share of requests that go wrong."""

    def __init__(self, chance: random.Random) -> None:
        self.entries: dict[str, list[ArticleFound]] = defaultdict(list)
        self.faults = 0.0
        self._chance = chance
        press = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.close_connection = True
                with suppress(OSError):
                    press.answer(self)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("0.0.0.0", 0), Handler)  # every address of the loopback network
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def url(self, number: int, name: str) -> str:
        return f"http://127.0.0.{number + 2}:{self._server.server_port}/{name}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = self._feed(request.path.lstrip("/"))
        etag = f'"{hash(body)}"'
        fault = self._chance.choice(["500", "429", "reset", "cut", "slow"]) if self._lot() else ""
        if fault in {"500", "429"}:
            request.send_response(int(fault))
            request.send_header("Retry-After", "0")
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        if fault == "reset":
            return
        if request.headers.get("If-None-Match") == etag:
            request.send_response(304)
            request.send_header("ETag", etag)
            request.end_headers()
            return
        request.send_response(200)
        request.send_header("Content-Type", "application/rss+xml")
        request.send_header("Content-Length", str(len(body)))
        request.send_header("ETag", etag)
        request.end_headers()
        if fault == "slow":
            time.sleep(1.5)
        request.wfile.write(body[: len(body) // 2] if fault == "cut" else body)

    def _lot(self) -> bool:
        return self._chance.random() < self.faults

    def _feed(self, name: str) -> bytes:
        items = "".join(
            f"<item><guid>{article.guid}</guid><link>{escape(article.url or '')}</link>"
            f"<title>{escape(article.title)}</title><pubDate>{format_datetime(article.moment)}</pubDate>"
            f"<description>{escape(article.text)}</description></item>"
            for article in self.entries[name][-SHOWN:][::-1]
        )
        return f"<rss version='2.0'><channel><title>{name}</title>{items}</channel></rss>".encode()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def press() -> Iterator[Press]:
    press = Press(random.Random(20230427))
    yield press
    press.close()


def stream() -> list[ArticleFound]:
    """The articles in the order of publication, each in its last version and with an id."""
    articles = (replace(article, guid=article.guid or article.url) for article in read_lines(STREAM))
    last = {article.guid: article for article in articles}
    return sorted(last.values(), key=lambda article: article.moment)


def identity(outlet: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in outlet.lower())


class Service:
    """`parley run --role all` on a data folder, in a process group of its own; `command` begins every command on it."""

    def __init__(self, data: Path, config: Path) -> None:
        self.data = data
        self.command = [sys.executable, "-m", "monitor", "--config", str(config), "--data", str(data)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        port = str(free_port())
        clean = {key: value for key, value in os.environ.items() if not key.startswith("PARLEY_")}
        self._process = subprocess.Popen(
            [*self.command, "run", "--role", "all"],
            env={**clean, "PARLEY_API_PORT": port},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def kill(self) -> None:
        assert self._process
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        assert self._process
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(40)

    def redis(self) -> int:
        """The process id of its Redis."""
        record = read_record(self.data / "log")
        assert record is not None
        assert record.process is not None
        return record.process.pid

    def ask(self, *arguments: str) -> Any:
        done = subprocess.run(
            [*self.command, *arguments, "--json"], capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout)


@contextmanager
def played(press: Press, data: Path, config: Path) -> Iterator[tuple[Service, SourceStates]]:
    """A service that knows the feeds of all outlets, each shown its first article; and the table of its sources."""
    outlets = list(dict.fromkeys(article.outlet for article in stream()))
    tables = "".join(
        f'[[sources]]\nid = "{identity(outlet)}"\nurl = "{press.url(number, identity(outlet))}"\n'
        f'topics = ["{TOPIC.id}"]\noutlet = "{outlet}"\nallow_private = true\n'
        for number, outlet in enumerate(outlets)
    )
    config.write_text(f'topics = ["{TOPIC.id}"]\nseeds = false\n{tables}', encoding="utf-8")
    service = Service(data, config)
    service.start()
    engine = open_engine(data / SERVICE_FILE)
    try:
        yield service, SourceStates(engine)
    finally:
        engine.dispose()
        with suppress(ProcessLookupError):
            service.kill()


def hurry(states: SourceStates) -> None:
    """Have all sources polled now, as after an interval."""
    for row in states.rows():
        states.hurry(row.source_id, datetime.now(UTC) - timedelta(seconds=1))


def events(data: Path) -> list[Event]:
    with open_log(data) as log:
        return [recorded.event for recorded in log.read_all(TOPIC.id)]


def settle(
    service: Service, states: SourceStates, wanted: Counter[str], patience_s: float = 120
) -> list[Event]:
    """Poll until the log holds so many events of articles, or for a while; then look whether more come."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        hurry(states)
        time.sleep(3)
        found = Counter(event.type for event in events(service.data) if event.type.startswith("article."))
        if found == wanted:
            break
    for _ in range(3):
        hurry(states)
        time.sleep(4)
    return events(service.data)


def revise(press: Press, article: ArticleFound) -> None:
    shown = press.entries[identity(article.outlet)]
    at = next(place for place, one in enumerate(shown) if one.guid == article.guid)
    shown[at] = replace(
        article, text=article.text + "\n\nThis report was brought up to date by the night desk."
    )


def check_log(found: list[Event], shown: list[ArticleFound], revised: list[ArticleFound]) -> None:
    """Each relevant article once, each revision once, and nothing else."""
    ingested = Counter(event.data["title"] for event in found if event.type == "article.ingested")
    again = Counter(event.data["title"] for event in found if event.type == "article.revised")
    relevant = [article for article in shown if is_relevant(TOPIC, article.title, article.text)]
    assert ingested == Counter(article.title for article in relevant)
    assert again == Counter(article.title for article in revised)


def segments(timeline: Any) -> dict[str, list[tuple[str, str | None, str | None]]]:
    return {
        channel["channel"]: [
            (segment["status"], segment["start_earliest"], segment["start_latest"])
            for segment in channel["segments"]
        ]
        for channel in timeline["channels"]
    }


def test_a_stream_through_bad_feeds_and_kills_is_the_stream(press: Press) -> None:
    chance = random.Random(20221001)
    articles = stream()
    relevant = [article for article in articles if is_relevant(TOPIC, article.title, article.text)]
    revised = relevant[::REVISED_EVERY]
    press.faults = 0.3
    with (
        tempfile.TemporaryDirectory(prefix="pt-") as folder,
        played(press, Path(folder) / "data", Path(folder) / "parley.toml") as (service, states),
    ):
        for start in range(0, len(articles), AT_ONCE):
            batch = articles[start : start + AT_ONCE]
            for article in batch:
                press.entries[identity(article.outlet)].append(article)
            hurry(states)
            time.sleep(chance.uniform(0.5, 3.0))
            if chance.random() < 0.35:
                service.kill()
                service.start()
            if start == 6 * AT_ONCE:
                redis = service.redis()
                os.kill(redis, signal.SIGSTOP)
                time.sleep(60)
                with suppress(ProcessLookupError):  # its keeper may have replaced it
                    os.kill(redis, signal.SIGCONT)
        press.faults = 0.0
        settle(service, states, Counter({"article.ingested": len(relevant)}))
        for article in revised:
            revise(press, article)
        wanted = Counter({"article.ingested": len(relevant), "article.revised": len(revised)})
        found = settle(service, states, wanted)
        check_log(found, articles, revised)
        timeline = service.ask("timeline", TOPIC.id)
        assert service.stop() == 0
        rehearsed = rehearse(TOPIC, articles, Path(folder) / "rehearsal")
        assert segments(timeline) == segments(rehearsed.timeline.to_json())


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A folder on a disk of its own that is soon full; only root can have one."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"cannot mount a small disk: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Leave nothing free."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return filler


def test_a_full_disk_loses_nothing_and_is_said(press: Press, tmp_path: Path) -> None:
    articles = stream()[:24]
    relevant = [article for article in articles if is_relevant(TOPIC, article.title, article.text)]
    with (
        tempfile.TemporaryDirectory(prefix="pt-") as folder,
        small_disk(Path(folder), "24m") as disk,
        played(press, disk / "data", tmp_path / "parley.toml") as (service, states),
    ):
        for article in articles[:8]:
            press.entries[identity(article.outlet)].append(article)
        taken = [article for article in relevant if article in articles[:8]]
        settle(service, states, Counter({"article.ingested": len(taken)}))
        hurry(states)
        filler = fill(disk)
        for article in articles[8:]:
            press.entries[identity(article.outlet)].append(article)
        time.sleep(20)
        said = subprocess.run(
            [*service.command, "doctor"], capture_output=True, text=True, check=False, timeout=60
        )
        filler.unlink()
        found = settle(service, states, Counter({"article.ingested": len(relevant)}), patience_s=240)
        check_log(found, articles, [])
        assert said.returncode == 1, said.stdout + said.stderr
        assert service.stop() == 0

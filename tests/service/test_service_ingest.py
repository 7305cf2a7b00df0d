"""The role `ingest`: what it tells the log of its sources' health."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from monitor.log.events import SYSTEM_TOPIC, SourceHealth, data_of
from monitor.log.stream import EventLog
from monitor.readmodel.display import display_of
from monitor.readmodel.store import Store
from monitor.service.ingest import Ingest
from monitor.service.settings import Settings
from monitor.service.wiring import assemble

FEED = b"<rss version='2.0'><channel><title>News</title><item><title>Weather</title></item></channel></rss>"


asked: list[str] = []
"""The key with which each request came."""


class Clock:
    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def feed() -> Iterator[tuple[list[int], str]]:
    """The status with which a feed answers, which a test may change, and its address."""
    status = [500]
    asked.clear()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers.get("X-Key", ""))
            self.send_response(status[0])
            self.end_headers()
            self.wfile.write(FEED)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield status, f"http://127.0.0.1:{server.server_port}/feed"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_source_that_fails_is_told_once_and_told_again_when_it_is_well(
    tmp_path: Path, embedded_log: EventLog, feed: tuple[list[int], str]
) -> None:
    status, address = feed
    clock = Clock()
    source = {"id": "news", "url": address, "allow_private": True}
    settings = Settings.model_validate({"data": tmp_path, "seeds": False, "sources": [source]})
    ingest = Ingest(assemble(settings, embedded_log, clock))
    for _ in range(4):
        ingest.poll_due()
        clock.ahead += timedelta(days=1, hours=3)
        ingest.tell_health()
    status[0] = 200
    for _ in range(2):
        ingest.poll_due()
        clock.ahead += timedelta(hours=1)
        ingest.tell_health()
    told = [recorded.event for recorded in embedded_log.read_all(SYSTEM_TOPIC)]
    assert [event.type for event in told] == ["source.failing", "source.recovered"]
    failing = data_of(told[0], SourceHealth)
    assert (failing.source, failing.reason.partition(":")[0]) == ("news", "server")
    assert data_of(told[1], SourceHealth).since == failing.since
    ingest.close()


def test_a_silent_source_that_fails_for_a_while_is_told_to_be_silent_again(
    tmp_path: Path, embedded_log: EventLog, feed: tuple[list[int], str]
) -> None:
    status, address = feed
    status[0] = 200
    clock = Clock()
    source = {"id": "news", "url": address, "allow_private": True}
    settings = Settings.model_validate({"data": tmp_path, "seeds": False, "sources": [source]})
    ingest = Ingest(assemble(settings, embedded_log, clock))
    for answer, days in ((200, 0), (200, 61), (500, 2), (500, 2), (500, 2), (200, 2)):
        status[0] = answer
        clock.ahead += timedelta(days=days)
        ingest.poll_due()
        ingest.tell_health()
        ingest.tell_health()
    told = [recorded.event.type for recorded in embedded_log.read_all(SYSTEM_TOPIC)]
    assert told == ["source.silent", "source.failing", "source.silent"]
    ingest.close()


def test_a_source_that_is_called_as_the_seeds_are_leaves_all_sources_as_they_were(
    tmp_path: Path, embedded_log: EventLog, feed: tuple[list[int], str], caplog: pytest.LogCaptureFixture
) -> None:
    ingest = Ingest(assemble(Settings.model_validate({"data": tmp_path}), embedded_log, Clock()))
    assert ingest.poll_due().polled == 1
    (tmp_path / "sources.toml").write_text(f'[[sources]]\nid = "seeds"\nurl = "{feed[1]}"\n')
    for _ in range(2):
        assert ingest.poll_due().polled == 0
    assert caplog.text.count("two sources are called 'seeds'") == 1
    (tmp_path / "sources.toml").write_text(
        f'[[sources]]\nid = "other"\nurl = "{feed[1]}"\nallow_private = true\n'
    )
    assert ingest.poll_due().polled == 1
    ingest.close()


def test_a_source_that_is_added_while_it_runs_is_polled_with_its_headers(
    tmp_path: Path, embedded_log: EventLog, feed: tuple[list[int], str]
) -> None:
    status, address = feed
    status[0] = 200
    settings = Settings.model_validate({"data": tmp_path, "seeds": False})
    ingest = Ingest(assemble(settings, embedded_log, Clock()))
    assert ingest.poll_due().polled == 0
    (tmp_path / "sources.toml").write_text(
        f'[[sources]]\nid = "new"\nurl = "{address}"\nallow_private = true\ndisplay = "text"\n'
        'headers = { X-Key = "open sesame" }\n'
    )
    assert ingest.poll_due().polled == 1
    assert asked == ["open sesame"]
    assert display_of(Store(tmp_path), "new") == "text"
    (tmp_path / "sources.toml").write_text("broken [")
    assert ingest.poll_due().failed == 0
    ingest.close()

"""The dead man's switch: asked for while all is well, and only then."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import redis

from monitor.errors import SettingsError
from monitor.log.stream import EventLog
from monitor.readmodel.roles import note_health
from monitor.service.heartbeat import Heartbeat, hindrance
from monitor.service.settings import Settings, load_settings
from monitor.service.watch import watches
from monitor.service.wiring import Parley, assemble
from monitor.sources.config import SourceConfig
from monitor.sources.intake import Intake
from monitor.sources.state import SourceStates, stamp
from tests.service.test_service_reader import ARTICLES

SECRET_PATH = "/ping/3f1c-secret"
EVERY = timedelta(seconds=60)


class Switch:
    """What waits for the heartbeat, on this machine; `status` is what it answers."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200
        switch = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                switch.asked.append(self.path)
                self.send_response(switch.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}{SECRET_PATH}"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()


class Clock:
    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def switch() -> Iterator[Switch]:
    switch = Switch()
    yield switch
    switch.server.shutdown()
    switch.server.server_close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def assembled(switch: Switch, clock: Clock, tmp_path: Path) -> Iterator[Callable[..., Parley]]:
    opened: list[Parley] = []

    def make(log: EventLog, **heartbeat: object) -> Parley:
        told = {"url": switch.url, "allow_private": True, **heartbeat}
        settings = Settings.model_validate({"data": tmp_path / "data", "seeds": False, "heartbeat": told})
        opened.append(assemble(settings, log, clock))
        return opened[-1]

    yield make
    for parley in opened:
        parley.service.dispose()


@pytest.fixture
def parley(assembled: Callable[..., Parley], embedded_log: EventLog) -> Parley:
    return assembled(embedded_log)


def dead_log() -> EventLog:
    """A log on a Redis that is not there."""
    return EventLog(redis.Redis(port=1, socket_timeout=1, retry=None))


def beat(heartbeat: Heartbeat, clock: Clock, times: int = 1) -> None:
    for _ in range(times):
        clock.ahead += EVERY
        heartbeat.tick()
        assert heartbeat._beating is not None
        heartbeat._beating.result(20)


def test_it_beats_once_an_interval_while_all_is_well(parley: Parley, switch: Switch, clock: Clock) -> None:
    heartbeat = Heartbeat(parley)
    for _ in range(5):
        heartbeat.tick()
    beat(heartbeat, clock)
    for _ in range(5):
        heartbeat.tick()
    assert switch.asked == [SECRET_PATH]
    beat(heartbeat, clock)
    assert switch.asked == [SECRET_PATH] * 2
    heartbeat.close()


def test_it_does_not_beat_while_redis_is_dead(
    assembled: Callable[..., Parley], switch: Switch, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    heartbeat = Heartbeat(assembled(dead_log()))
    beat(heartbeat, clock, times=3)
    assert switch.asked == []
    (said,) = caplog.messages
    assert said.startswith("the heartbeat is withheld: ")
    heartbeat.close()


def test_it_does_not_beat_while_a_role_is_in_trouble_or_silent(
    parley: Parley, switch: Switch, clock: Clock
) -> None:
    note_health(parley.service, "watch gone", clock() - timedelta(days=1))  # of a topic watched no more
    heartbeat = Heartbeat(parley)
    beat(heartbeat, clock)
    assert len(switch.asked) == 1
    note_health(parley.service, "ingest", clock(), "cannot read a feed")
    beat(heartbeat, clock)
    note_health(parley.service, "ingest", clock() + EVERY)
    beat(heartbeat, clock)
    assert len(switch.asked) == 2
    beat(heartbeat, clock)  # nothing more was heard of it
    assert len(switch.asked) == 2
    heartbeat.close()


def test_it_does_not_beat_while_a_reader_is_behind(
    parley: Parley, embedded_log: EventLog, switch: Switch, clock: Clock
) -> None:
    heartbeat = Heartbeat(parley)
    Intake(embedded_log, by="test", clock=clock).publish("pti", ARTICLES[:1])
    beat(heartbeat, clock, times=6)
    assert len(switch.asked) == 4  # the first five minutes
    for watch in watches(parley):
        watch.tick()
    beat(heartbeat, clock)
    assert len(switch.asked) == 5
    heartbeat.close()


def test_all_is_not_well_when_no_source_brings_anything(parley: Parley, clock: Clock) -> None:
    sources = [
        SourceConfig(id=f"paper-{at}", url=f"https://{at}.example/feed", topics=("pti",)) for at in range(2)
    ]
    states = SourceStates(parley.service)
    states.enrol(sources, clock())
    now = clock()
    assert hindrance(parley, now, now) == ""
    failing = {"error_streak": 3, "last_error": "timeout: slow", "failing_since": stamp(now)}
    states._set("paper-0", **failing)
    assert hindrance(parley, now, now) == ""
    states._set("paper-1", **failing)
    assert hindrance(parley, now, now) == "none of the 2 sources brings anything"
    states.pause("paper-0")
    assert hindrance(parley, now, now) == "none of the 1 sources brings anything"
    states.pause("paper-1")
    assert hindrance(parley, now, now) == ""


def test_what_goes_wrong_is_logged_once_without_the_address(
    parley: Parley, switch: Switch, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "monitor")
    heartbeat = Heartbeat(parley)
    switch.status = 503
    beat(heartbeat, clock, times=3)
    switch.status = 200
    beat(heartbeat, clock, times=2)
    assert caplog.messages == [
        "the heartbeat does not arrive: it was answered with 503",
        "the heartbeat arrives again",
    ]
    switch.server.shutdown()
    switch.server.server_close()
    beat(heartbeat, clock, times=2)
    assert caplog.messages[2:] == ["the heartbeat does not arrive: ConnectError"]
    heartbeat.close()


def test_it_does_not_lead_into_a_private_network_unless_it_may(
    assembled: Callable[..., Parley],
    embedded_log: EventLog,
    switch: Switch,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    heartbeat = Heartbeat(assembled(embedded_log, allow_private=False))
    beat(heartbeat, clock)
    assert switch.asked == []
    assert "allow_private" in caplog.text
    heartbeat.close()


def test_without_an_address_it_does_nothing(
    assembled: Callable[..., Parley], embedded_log: EventLog, clock: Clock
) -> None:
    heartbeat = Heartbeat(assembled(embedded_log, url=""))
    clock.ahead += 10 * EVERY
    heartbeat.tick()
    assert heartbeat._beating is None
    heartbeat.close()


def test_a_switch_that_hangs_keeps_nobody_waiting(parley: Parley, clock: Clock) -> None:
    heartbeat = Heartbeat(parley)
    go_on = threading.Event()
    heartbeat._ask = lambda: str(go_on.wait(20))[:0]
    began = time.monotonic()
    clock.ahead += EVERY
    heartbeat.tick()
    first = heartbeat._beating
    clock.ahead += EVERY
    heartbeat.tick()  # the one before is still on its way
    assert heartbeat._beating is first
    assert time.monotonic() - began < 5
    go_on.set()
    heartbeat.close()


def test_the_address_comes_from_a_file_too_and_is_shown_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("https://switch.example/secret\n")
    settings = load_settings(environ={"PARLEY_HEARTBEAT_URL_FILE": str(file)})
    assert settings.heartbeat.url.get_secret_value() == "https://switch.example/secret"
    assert "secret" not in repr(settings.heartbeat)
    with pytest.raises(SettingsError, match="begins with https:// or http://") as refused:
        load_settings(environ={"PARLEY_HEARTBEAT_URL": "ftp://switch.example/secret"})
    assert "secret" not in str(refused.value)

"""The live stream of a topic, read over a real server as a browser's EventSource does."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import fakeredis
import httpx
import pytest

from monitor.api import stream
from monitor.errors import StoreError
from monitor.ids import fact_id
from monitor.log.stream import EventLog
from monitor.readmodel.decisions import BEGINNING
from monitor.readmodel.model import ReadModel
from monitor.readmodel.rebuild import rebuild
from monitor.service.roles import Roles
from monitor.service.settings import ApiSettings, Settings
from monitor.service.wiring import assemble
from monitor.vocabulary import WITHHELD
from tests.api.docks import QUOTE, Docks
from tests.api.serving import NOW, served

PATH = "/v1/topics/docks/stream"


@dataclass
class Received:
    """One event as a browser hands it on."""

    type: str
    id: str
    data: dict[str, Any]


class Source:
    """The events and the comments of an open stream."""

    def __init__(self, response: httpx.Response) -> None:
        self.lines = response.iter_lines()
        self.comments: list[str] = []

    def __iter__(self) -> Iterator[Received]:
        fields: dict[str, str] = {}
        for line in self.lines:
            name, _, value = line.partition(": ")
            if line and not name:
                self.comments.append(value)
            elif line:
                fields[name] = value
            elif fields:
                yield Received(fields["event"], fields["id"], json.loads(fields["data"]))
                fields = {}

    def take(self, count: int) -> list[Received]:
        every = iter(self)
        return [next(every) for _ in range(count)]


@pytest.fixture
def docks(fake_log: EventLog, data_dir: Path) -> Docks:
    return Docks(fake_log, data_dir)


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


@contextmanager
def api(docks: Docks, stop: threading.Event) -> Iterator[httpx.Client]:
    with served(docks.context(stop.is_set)) as client:
        try:
            yield client
        finally:
            stop.set()
    stop.clear()


@pytest.fixture
def client(docks: Docks, stop: threading.Event) -> Iterator[httpx.Client]:
    with api(docks, stop) as client:
        yield client


@contextmanager
def following(client: httpx.Client, last: str | None = None) -> Iterator[Source]:
    headers = {} if last is None else {"Last-Event-ID": last}
    with client.stream("GET", PATH, headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Source(response)


def ids(events: list[Received]) -> list[str]:
    return [event.id for event in events]


def test_what_happens_is_told_as_it_happens(client: httpx.Client, docks: Docks) -> None:
    docks.report("before")
    with following(client) as source:
        [start] = source.take(1)
        told = docks.report("b1")
        updated = docks.confirm(told)
        cancelled = docks.withdraw(told)
        events = source.take(6)
    assert start.type == "start"
    assert [event.type for event in events] == [
        "status.shifted", "alert.raised", "status.updated", "alert.updated", "status.withdrawn", "alert.cancelled",
    ]  # fmt: skip
    assert [events[number].id for number in (1, 3, 5)] == [told.alert.id, updated.id, cancelled.id]
    shift, alert = events[0].data, events[1].data
    assert (shift["type"], shift["data"]["to"], shift["data"]["topic"]) == (
        "status.shifted",
        "proposed",
        "docks",
    )
    assert alert["data"]["evidence"][0]["quote"] == QUOTE
    assert (
        alert["data"]["link"]
        == f"https://dash.example/parley/alerts?topic=docks&alert={told.alert.data['alert_id']}"
    )


def test_what_was_held_back_is_not_streamed(client: httpx.Client, docks: Docks) -> None:
    with following(client) as source:
        source.take(1)
        docks.withdraw(docks.report("b1", type_="alert.suppressed"))
        docks.report("b2")
        events = source.take(4)
    assert [event.type for event in events] == [
        "status.shifted",
        "status.withdrawn",
        "status.shifted",
        "alert.raised",
    ]


def test_a_stream_goes_on_after_the_last_event_that_came(client: httpx.Client, docks: Docks) -> None:
    for key in ("b1", "b2"):
        docks.report(key)
    with following(client, BEGINNING) as source:
        every = source.take(5)[1:]
    for number, event in enumerate(every):
        with following(client, event.id) as source:
            start, *rest = source.take(4 - number)
            assert (start.type, start.id) == ("start", event.id)
            assert ids(rest) == ids(every[number + 1 :])
    docks.report("b3")
    with following(client, every[-1].id) as source:
        assert source.take(2)[1].data["data"]["name"] == "talks proposed"


def test_the_first_event_has_the_place_to_come_back_to(client: httpx.Client, docks: Docks) -> None:
    """Else what happens between the first connection and the second would be lost."""
    with following(client) as source:
        [empty] = source.take(1)
    assert empty.id == BEGINNING
    told = docks.report("b1")
    with following(client, empty.id) as source:
        assert ids(source.take(3)[1:]) == [told.shift.id, told.alert.id]
    with following(client) as source:
        assert source.take(1)[0].id == told.alert.id


def test_a_restart_and_a_rebuild_lose_and_double_nothing(docks: Docks, stop: threading.Event) -> None:
    first = docks.report("b1")
    with api(docks, stop) as client, following(client, BEGINNING) as source:
        assert ids(source.take(3)[1:]) == [first.shift.id, first.alert.id]
    second = docks.report("b2")
    rebuild(docks.model, docks.story.log, [docks.story.topic])
    with api(docks, stop) as client, following(client, first.alert.id) as source:
        assert ids(source.take(3)[1:]) == [second.shift.id, second.alert.id]


def test_a_rebuild_is_not_seen_in_an_open_stream(client: httpx.Client, docks: Docks) -> None:
    docks.report("b1")
    with following(client) as source:
        source.take(1)
        rebuild(docks.model, docks.story.log, [docks.story.topic])
        time.sleep(2 * stream._POLL_S)
        told = docks.report("b2")
        assert ids(source.take(2)) == [told.shift.id, told.alert.id]


def test_an_id_that_is_not_known_is_told_so_and_the_stream_is_from_now_on(
    client: httpx.Client, docks: Docks
) -> None:
    newest = docks.report("b1").alert.id
    for unknown in (fact_id("never"), "13", "x" * 5000):
        with following(client, unknown) as source:
            [reset] = source.take(1)
            assert (reset.type, reset.id) == ("reset", newest)
            assert unknown[:100] in reset.data["detail"]
    with following(client, unknown) as source:
        source.take(1)
        told = docks.report("b2")
        assert ids(source.take(2)) == [told.shift.id, told.alert.id]


def test_an_open_stream_is_told_that_the_log_lost_its_place(
    client: httpx.Client, docks: Docks, data_dir: Path
) -> None:
    docks.report("b1")
    with following(client) as source:
        source.take(1)
        redis = fakeredis.FakeRedis(protocol=2, legacy_responses=False, server=fakeredis.FakeServer())
        shorter = Docks(EventLog(redis), data_dir.parent / "other")
        told = shorter.report("b9")
        rebuild(ReadModel(data_dir), shorter.story.log, [docks.story.topic])
        [reset] = source.take(1)
    assert (reset.type, reset.id) == ("reset", told.alert.id)


def test_a_stream_ends_when_its_topic_is_gone(client: httpx.Client, docks: Docks) -> None:
    docks.report("b1")
    with following(client) as source:
        source.take(1)
        rebuild(docks.model, docks.story.log, [])
        assert list(source) == []
    assert client.get(PATH).status_code == 404


def test_a_long_history_comes_whole_and_in_order(
    client: httpx.Client, docks: Docks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "_PAGE", 4)
    told = [docks.report(f"b{number}", f"{QUOTE}, report {number} said") for number in range(10)]
    with following(client, BEGINNING) as source:
        events = source.take(21)[1:]
    assert ids(events) == [event.id for one in told for event in (one.shift, one.alert)]


def test_the_words_of_a_removed_article_are_not_streamed(client: httpx.Client, docks: Docks) -> None:
    docks.remove(docks.report("b1"))
    with following(client, BEGINNING) as source:
        alert = source.take(3)[2]
    assert [one["quote"] for one in alert.data["data"]["evidence"]] == [WITHHELD]


def test_hostile_words_stay_in_their_event(client: httpx.Client, docks: Docks) -> None:
    words = "two lines\r\ndata: {}\n\nid: 1\revent: alert.cancelled \u2028 and more"
    docks.report("b1", words, outlet=words)
    with following(client, BEGINNING) as source:
        events = source.take(3)
    assert [event.type for event in events] == ["start", "status.shifted", "alert.raised"]
    assert events[2].data["data"]["evidence"][0]["quote"].startswith("two lines data: {} id: 1")


def test_the_head_of_a_stream_has_an_end(client: httpx.Client) -> None:
    head = client.head(PATH)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"].startswith("text/event-stream")
    assert client.head("/v1/topics/dokcs/stream").status_code == 404


def test_an_unknown_topic_is_a_problem(client: httpx.Client) -> None:
    answer = client.get("/v1/topics/dokcs/stream")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_quiet_stream_is_kept_alive(
    client: httpx.Client, docks: Docks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.05)
    with following(client) as source:
        source.take(1)
        for _ in range(6):
            next(source.lines)
        time.sleep(0.2)
        docks.report("b1")
        source.take(1)
    assert source.comments
    assert set(source.comments) == {"still here"}


def test_there_are_only_so_many_streams(
    client: httpx.Client, docks: Docks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "MOST_STREAMS", 2)
    with ExitStack() as stack:
        open_ = [stack.enter_context(following(client)) for _ in range(2)]
        for source in open_:
            source.take(1)
        refused = client.get(PATH)
        assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
        assert int(refused.headers["retry-after"]) > 0
    deadline = time.monotonic() + 10
    while True:  # those who hang up make room, once that is noticed
        with client.stream("GET", PATH) as response:
            if response.status_code == 200:
                break
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_process_stops_though_somebody_follows(docks: Docks, fake_log: EventLog) -> None:
    settings = Settings(data=docks.model.data_dir, api=ApiSettings(port=0))
    parley = assemble(settings, fake_log, lambda: NOW)
    failures: list[BaseException] = []
    roles = Roles(parley, ["api"], failures.append)
    roles.start()
    server, [thread] = roles._server, roles._threads
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=address, trust_env=False) as client, ExitStack() as stack:
        sources = [stack.enter_context(following(client)) for _ in range(5)]
        for source in sources:
            source.take(1)
        began = time.monotonic()
        roles.stop()
        assert time.monotonic() - began < 5
        assert [list(source) for source in sources] == [[]] * 5  # a clean end, no broken connection
    assert not thread.is_alive()
    assert failures == []
    parley.service.dispose()


def test_who_does_not_read_is_hung_up_on(
    client: httpx.Client, docks: Docks, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(stream, "SEND_TIMEOUT_S", 0.3)
    monkeypatch.setattr(stream, "render", lambda *_: SimpleNamespace(payload={"pad": "x" * 2_000_000}))
    monkeypatch.setattr(stream, "MOST_STREAMS", 1)
    for number in range(10):
        docks.report(f"b{number}")
    with socket.create_connection((client.base_url.host, client.base_url.port)) as deaf:
        deaf.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\nLast-Event-ID: 0\r\n\r\n".encode())
        deadline = time.monotonic() + 10
        while "hung up on a stream" not in caplog.text:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        with following(client) as source:  # its place is free again
            assert source.take(1)


def test_a_slow_database_stops_neither_the_loop_nor_the_stream(
    client: httpx.Client, docks: Docks, monkeypatch: pytest.MonkeyPatch
) -> None:
    with following(client) as source:
        source.take(1)
        blocked, go_on, found = threading.Event(), threading.Event(), stream.after

        def slow(*arguments: object, **more: int) -> object:
            blocked.set()
            assert go_on.wait(10)
            return found(*arguments, **more)

        monkeypatch.setattr(stream, "after", slow)
        told = docks.report("b1")
        assert blocked.wait(10)
        assert client.get("/healthz").status_code == 200
        go_on.set()
        assert ids(source.take(2)) == [told.shift.id, told.alert.id]


def test_a_read_model_that_cannot_be_read_for_a_while_ends_no_stream(
    client: httpx.Client, docks: Docks, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with following(client) as source:
        source.take(1)
        read = stream.version

        def broken(model: ReadModel, topic: str) -> tuple[str, str]:
            raise StoreError("the disk is away")

        monkeypatch.setattr(stream, "version", broken)
        told = docks.report("b1")
        time.sleep(3 * stream._POLL_S)
        monkeypatch.setattr(stream, "version", read)
        assert ids(source.take(2)) == [told.shift.id, told.alert.id]
    assert caplog.text.count("the disk is away") == 1


def test_many_streams_ask_for_the_version_once(
    client: httpx.Client, docks: Docks, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, read = [], stream.version

    def counted(model: ReadModel, topic: str) -> tuple[str, str]:
        asked.append(topic)
        return read(model, topic)

    monkeypatch.setattr(stream, "version", counted)
    with ExitStack() as stack:
        open_ = [stack.enter_context(following(client)) for _ in range(10)]
        for source in open_:
            source.take(1)
        asked.clear()
        time.sleep(4 * stream._POLL_S)
    assert 1 <= len(asked) <= 6


def test_a_caller_who_comes_and_goes_while_things_happen_has_each_event_once(
    client: httpx.Client, docks: Docks
) -> None:
    told: list[str] = []

    def happen() -> None:
        for number in range(25):
            one = docks.report(f"b{number}", f"{QUOTE}, report {number} said")
            told.extend((one.shift.id, one.alert.id))

    had, last, chance = [], BEGINNING, Random(7)
    with ThreadPoolExecutor(1) as service:
        happening = service.submit(happen)
        while len(had) < 50:
            with following(client, last) as source:
                start, *events = source.take(1 + chance.randint(0, min(7, 50 - len(had))))
            assert (start.type, start.id) == ("start", last)
            had += ids(events)
            last = had[-1] if had else last
        happening.result()
    assert had == told

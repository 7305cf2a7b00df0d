"""The role `notify` tells operators what they must know, also when the log is lost or does not answer."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis
from sqlmodel import Session, select

from monitor.alerts.delivery import State
from monitor.alerts.tables import DeliveryRow, MessageRow
from monitor.alerts.troubles import BEHIND, GATHERED_FOR, Found, notice, tell_troubles
from monitor.errors import DataLostError, LogUnavailableError
from monitor.log.events import SYSTEM_TOPIC
from monitor.log.keys import key
from monitor.log.stream import EventLog, Stream
from monitor.log.verify import verify
from monitor.service.lookout import LOOK_EVERY, behind
from monitor.service.loss import accept_loss
from monitor.service.notify import Notify
from monitor.service.roles import Roles
from monitor.service.settings import Settings
from monitor.service.watch import watches
from monitor.service.wiring import Parley, assemble
from monitor.sources.intake import Intake
from tests.alerts.conftest import SECRET, Receiver
from tests.service.test_service_reader import ARTICLES

MINUTE = timedelta(minutes=1)


class Clock:
    """The time, and what it is ahead."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def assembled(receiver: Receiver, clock: Clock, tmp_path: Path) -> Iterator[Callable[[EventLog], Parley]]:
    """Parley on a log, with one subscription for operators."""
    opened: list[Parley] = []

    def make(log: EventLog) -> Parley:
        operators = {
            "id": "ops",
            "kind": "webhook",
            "url": f"{receiver.url}/ops",
            "secret": SECRET,
            "allow_private": True,
            "topics": [SYSTEM_TOPIC],
        }
        settings = Settings.model_validate(
            {"data": tmp_path / "data", "seeds": False, "subscriptions": [operators]}
        )
        opened.append(assemble(settings, log, clock))
        return opened[-1]

    yield make
    for parley in opened:
        parley.service.dispose()


def dead_log() -> EventLog:
    """A log on a Redis that is not there."""
    return EventLog(redis.Redis(port=1, socket_timeout=1, retry=None))


def texts(receiver: Receiver) -> list[str]:
    return [received.json["data"]["text"] for received in receiver.requests]


def take_in(parley: Parley, log: EventLog) -> None:
    Intake(log, by="test", clock=parley.clock).publish("pti", ARTICLES[:1])


def read(parley: Parley) -> None:
    for watch in watches(parley):
        watch.tick()


def test_what_is_queued_goes_out_while_redis_is_dead(
    assembled: Callable[[EventLog], Parley], receiver: Receiver, clock: Clock
) -> None:
    parley = assembled(dead_log())
    notify = Notify(parley)
    notice(parley.service, BEHIND, {"pti": Found(clock(), "it waits")}, clock())
    clock.ahead += GATHERED_FOR
    assert tell_troubles(parley.service, "https://parley.example", clock()) == 1
    with pytest.raises(LogUnavailableError):
        notify.tick()
    assert notify.drain(10)
    assert len(texts(receiver)) == 1
    notify.close()


def test_what_is_queued_goes_out_while_redis_hangs(
    assembled: Callable[[EventLog], Parley], receiver: Receiver, clock: Clock
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        parley = assembled(EventLog(redis.Redis(port=silent.getsockname()[1], socket_timeout=20, retry=None)))
        notify = Notify(parley)
        stop = threading.Event()
        thread = threading.Thread(target=notify.run, args=(stop,))
        thread.start()
        time.sleep(1.5)  # it hangs
        notice(parley.service, BEHIND, {"pti": Found(clock(), "it waits")}, clock())
        later = clock() + GATHERED_FOR
        assert tell_troubles(parley.service, "https://parley.example", later) == 1
        clock.ahead += GATHERED_FOR
        with receiver.arrived:
            arrived = receiver.arrived.wait_for(lambda: receiver.requests, 10)
        stop.set()
    thread.join(60)
    assert arrived
    assert not thread.is_alive()


def test_deliveries_given_up_are_noticed_while_redis_is_dead(
    assembled: Callable[[EventLog], Parley], receiver: Receiver, clock: Clock
) -> None:
    parley = assembled(dead_log())
    notify = Notify(parley)
    looked = []
    clock.ahead += LOOK_EVERY
    notify._lookout._look = looked.append
    with pytest.raises(LogUnavailableError):
        notify.tick()
    assert len(looked) == 1
    notify.close()


def test_a_reader_that_is_behind_is_told_and_that_it_has_caught_up(
    assembled: Callable[[EventLog], Parley], embedded_log: EventLog, receiver: Receiver, clock: Clock
) -> None:
    parley = assembled(embedded_log)
    notify = Notify(parley)
    read(parley)
    take_in(parley, embedded_log)
    assert behind(parley, clock()) == {}

    def minutes(count: int) -> None:
        for _ in range(count):
            notify.tick()
            clock.ahead += MINUTE
        notify.tick()
        assert notify.drain(10)

    minutes(5)
    assert texts(receiver) == []
    minutes(4)
    assert texts(receiver) == ["[Parley] The reader of pti is behind the log"]
    read(parley)
    minutes(4)
    assert texts(receiver)[1:] == ["[Parley] The reader of pti has caught up"]
    notify.tick()  # the log learns what was told, and what became of it
    events = [recorded.event.type for recorded in embedded_log.read_all(SYSTEM_TOPIC)]
    assert events == ["trouble.began", "trouble.ended"]
    outcomes = embedded_log.read_all(SYSTEM_TOPIC, stream=Stream.DELIVERIES)
    assert [recorded.event.type for recorded in outcomes] == ["delivery.succeeded"] * 2
    assert verify(embedded_log) == []
    notify.close()


def test_entries_that_no_reader_understands_are_told(
    assembled: Callable[[EventLog], Parley], embedded_log: EventLog, receiver: Receiver, clock: Clock
) -> None:
    parley = assembled(embedded_log)
    notify = Notify(parley)
    read(parley)
    embedded_log._redis.xadd(key("pti", Stream.LOG), {"event": "{"})
    read(parley)
    for _ in range(3):
        clock.ahead += MINUTE
        notify.tick()
    assert notify.drain(10)
    assert texts(receiver) == ["[Parley] The log of pti holds entries that could not be read"]
    (one,) = receiver.requests[0].json["data"]["notices"]
    assert (one["about"], one["reason"]) == ("The log of pti", "1 entry")
    notify.close()


def test_when_a_reader_stops_since_data_was_lost_the_word_gets_out_before_all_ends(
    assembled: Callable[[EventLog], Parley], embedded_log: EventLog, receiver: Receiver
) -> None:
    parley = assembled(embedded_log)
    take_in(parley, embedded_log)
    read(parley)
    embedded_log._redis.flushall()
    ended = threading.Event()
    failures: list[BaseException] = []

    def failed(error: BaseException) -> None:
        failures.append(error)
        ended.set()

    for _ in range(2):  # whoever starts it again is not told again
        ended.clear()
        roles = Roles(parley, ["watch", "notify"], failed)
        roles.start()
        assert ended.wait(20)
        roles.stop()
    assert isinstance(failures[0], DataLostError)
    lost = [text for text in texts(receiver) if "watch pti has stopped" in text]
    assert lost == ["[Parley] The role watch pti has stopped: the log has lost data"]
    assert "parley rebuild --accept-loss" in str(receiver.requests[0].json)


def test_when_the_fan_out_itself_stops_the_word_gets_out_and_that_it_goes_on_too(
    assembled: Callable[[EventLog], Parley], embedded_log: EventLog, receiver: Receiver
) -> None:
    parley = assembled(embedded_log)
    take_in(parley, embedded_log)
    notify = Notify(parley)
    notify.tick()
    notify.close()
    embedded_log._redis.flushall()

    def run() -> BaseException | None:
        ended = threading.Event()
        failures: list[BaseException] = []

        def failed(error: BaseException) -> None:
            failures.append(error)
            ended.set()

        roles = Roles(parley, ["notify"], failed)
        roles.start()
        ended.wait(3)
        roles.stop()
        return failures[0] if failures else None

    assert isinstance(run(), DataLostError)
    assert texts(receiver) == ["[Parley] The role notify has stopped: the log has lost data"]
    accept_loss(parley.service, embedded_log, ["pti"])
    assert run() is None
    assert texts(receiver)[1:] == ["[Parley] The role notify goes on with the log"]


def test_a_stop_waits_for_nothing_that_need_not_be_told(
    assembled: Callable[[EventLog], Parley], embedded_log: EventLog
) -> None:
    parley = assembled(embedded_log)
    notify = Notify(parley)
    notify.tick()
    began = time.monotonic()
    notify.close()
    assert time.monotonic() - began < 2
    with Session(parley.service) as session:
        assert session.exec(select(MessageRow)).all() == []
        assert session.exec(select(DeliveryRow).where(DeliveryRow.state == State.PENDING)).all() == []

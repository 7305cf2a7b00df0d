"""The contract of reading: pages, waiting, checkpoints; the same on every server."""

import threading
import time
from collections.abc import Callable

import pytest
import redis

from monitor.errors import BadInputError, DataLostError, LogError, LogUnavailableError
from monitor.log.connect import address_of, connect
from monitor.log.events import Event
from monitor.log.keys import Stream, bucket_of, key
from monitor.log.stream import START, Checkpoint, EventLog

Make = Callable[..., Event]


def test_an_empty_log_reads_as_nothing(log: EventLog) -> None:
    assert log.read("pti") == list(log.read_all("pti")) == log.topics() == []
    assert (log.head("pti"), log.decisions("pti"), log.epoch("pti"), log.length("pti")) == (START, 0, None, 0)
    assert log.get("pti", "1-0") is None
    assert log.positions_of("pti", ["0" * 32])[0] is None


def test_pages_follow_each_other_without_gap_or_overlap(log: EventLog, fact: Make) -> None:
    log.append("pti", [fact(n) for n in range(7)])
    first = log.read("pti", count=3)
    second = log.read("pti", first[-1].position, count=3)
    third = log.read("pti", second[-1].position, count=3)
    assert [recorded.event.id for page in (first, second, third) for recorded in page] == [
        fact(n).id for n in range(7)
    ]
    assert log.read("pti", third[-1].position) == []


def test_all_of_a_long_log_is_read(fake_log: EventLog, fact: Make) -> None:
    fake_log.append("pti", [fact(n) for n in range(1203)])
    assert [recorded.event.id for recorded in fake_log.read_all("pti")] == [fact(n).id for n in range(1203)]


def test_an_event_is_found_by_id_and_by_position(log: EventLog, fact: Make) -> None:
    appended = log.append("pti", [fact(n) for n in range(3)])
    assert log.positions_of("pti", [fact(1).id])[0] == appended.positions[1]
    found = log.get("pti", appended.positions[1])
    assert found is not None
    assert found.event == fact(1)
    assert log.positions_of("pti", [fact(2).id, fact(9).id]) == [appended.positions[2], None]
    assert log.head("pti") == appended.positions[2]
    assert log.indexed("pti") == 3


def test_the_epoch_is_made_once(log: EventLog, fact: Make) -> None:
    log.append("pti", [fact(1)])
    epoch = log.epoch("pti")
    log.append("pti", [fact(2)])
    assert epoch is not None
    assert len(epoch) == 32
    assert log.epoch("pti") == epoch


def test_waiting_ends_at_once_when_there_is_something(log: EventLog, fact: Make) -> None:
    log.append("pti", [fact(1)])
    log.append("rail-strike", [fact(2, "rail-strike")])
    assert log.wait({"pti": START, "rail-strike": log.head("rail-strike")}, 10_000) == {"pti"}
    assert log.wait({"pti": START, "rail-strike": START}, 10_000) == {"pti", "rail-strike"}


def test_waiting_ends_with_nothing_when_the_time_is_up(log: EventLog, fact: Make) -> None:
    log.append("pti", [fact(1)])
    started = time.monotonic()
    assert log.wait({"pti": log.head("pti"), "rail-strike": START}, 100) == frozenset()
    assert 0.05 < time.monotonic() - started < 5


def test_waiting_ends_when_something_comes(real_url: str, fact: Make, delivery: Make) -> None:
    with connect(real_url) as reader, connect(real_url) as writer:
        for stream, event in ((Stream.LOG, fact(1)), (Stream.DELIVERIES, delivery(1))):
            timer = threading.Timer(0.2, EventLog(writer).append, ("pti", [event]))
            timer.start()
            started = time.monotonic()
            assert EventLog(reader).wait({"pti": START}, 8000, stream=stream) == {"pti"}
            assert 0.1 < time.monotonic() - started < 4
            timer.join()


def test_waiting_never_outlasts_the_sockets_time_out(real_url: str) -> None:
    with connect(real_url, socket_timeout=2, retries=0) as client:  # a time-out would raise
        assert EventLog(client).wait({"pti": START}, 60_000) == frozenset()


def test_waiting_for_no_topics_is_refused(fake_log: EventLog) -> None:
    with pytest.raises(ValueError, match="no topics"):
        fake_log.wait({})


BUCKETS = {"pti": "b12", "_system": "b08", "rail-strike": "b36"}


def test_a_topics_bucket_never_changes() -> None:
    assert {topic: bucket_of(topic) for topic in ("pti", "_system", "rail-strike")} == BUCKETS
    assert key("pti", "log") == f"parley:{{{BUCKETS['pti']}}}:pti:log"


def test_a_checkpoint_of_an_entry_that_is_there_passes(log: EventLog, fact: Make, delivery: Make) -> None:
    positions = log.append("pti", [fact(n) for n in range(3)]).positions
    for position in positions:
        log.check("pti", log.checkpoint_at("pti", position))
    sent = log.append("pti", [delivery(1)]).positions[0]
    checkpoint = log.checkpoint_at("pti", sent, stream=Stream.DELIVERIES)
    log.check("pti", checkpoint, stream=Stream.DELIVERIES)
    assert checkpoint == Checkpoint(sent, delivery(1).id, str(log.epoch("pti")))


def test_a_log_that_was_emptied_is_told(log: EventLog, client: redis.Redis, fact: Make) -> None:
    checkpoint = log.checkpoint_at("pti", log.append("pti", [fact(1)]).positions[0])
    client.flushall()
    with pytest.raises(DataLostError, match=r"epoch.*parley rebuild"):
        log.check("pti", checkpoint)


def test_a_log_that_was_begun_anew_is_told_although_it_has_the_entry(
    log: EventLog, client: redis.Redis, fact: Make
) -> None:
    position = log.append("pti", [fact(1)]).positions[0]
    checkpoint = log.checkpoint_at("pti", position)
    client.set(key("pti", "epoch"), "another")
    with pytest.raises(DataLostError, match="epoch"):
        log.check("pti", checkpoint)


def test_a_lost_tail_is_told(log: EventLog, client: redis.Redis, fact: Make) -> None:
    kept, lost = log.append("pti", [fact(1), fact(2)]).positions
    checkpoint = log.checkpoint_at("pti", lost)
    client.xdel(key("pti", "log"), lost)
    with pytest.raises(DataLostError, match=f"{lost} is gone"):
        log.check("pti", checkpoint)
    log.check("pti", log.checkpoint_at("pti", kept))


def test_another_entry_at_the_same_position_is_told(log: EventLog, fact: Make) -> None:
    position = log.append("pti", [fact(1)]).positions[0]
    with pytest.raises(DataLostError, match=f"is {fact(1).id}, not {fact(2).id}"):
        log.check("pti", Checkpoint(position, fact(2).id, str(log.epoch("pti"))))


def test_there_is_no_checkpoint_of_nothing(log: EventLog, fact: Make) -> None:
    log.append("pti", [fact(1)])
    with pytest.raises(DataLostError, match="no entry at 1-0"):
        log.checkpoint_at("pti", "1-0")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("unix:///nowhere/redis.sock", "/nowhere/redis.sock"),
        ("redis://user:secret@127.0.0.1:1/0", "127.0.0.1:1"),
    ],
)
def test_a_server_that_is_not_there_is_told_in_one_line_without_the_password(
    url: str, address: str, fact: Make
) -> None:
    with connect(url, retries=0) as client:
        log = EventLog(client)
        for command in (lambda: log.append("pti", [fact(1)]), lambda: log.read("pti"), log.topics):
            with pytest.raises(LogUnavailableError) as caught:
                command()
            message = str(caught.value)
            assert message.startswith(f"Redis at {address} does not answer: ")
            assert "\n" not in message
            assert "secret" not in message
        assert address_of(client) == address


@pytest.mark.parametrize("url", ["", "http://localhost", "localhost:6379", "redis://localhost:port"])
def test_what_is_no_redis_url_is_refused(url: str) -> None:
    with pytest.raises(BadInputError, match="not a Redis URL"):
        connect(url)


def test_a_full_server_is_unavailable_and_writes_nothing(real_url: str, fact: Make) -> None:
    with connect(real_url) as client:
        log = EventLog(client)
        log.append("pti", [fact(0)])
        client.config_set("maxmemory", "1")
        try:
            with pytest.raises(LogUnavailableError, match=r"refuses: .*OOM"):
                log.append("pti", [fact(1), fact(2)])
            assert log.length("pti") == log.indexed("pti") == 1
        finally:
            client.config_set("maxmemory", "0")
        assert log.append("pti", [fact(1), fact(2)]).outcome == "appended"


def test_a_command_that_redis_refuses_is_an_error_of_the_log(log: EventLog, client: redis.Redis) -> None:
    client.set(key("pti", "log"), "not a stream")
    with pytest.raises(LogError, match="WRONGTYPE") as caught:
        log.read("pti")
    assert not isinstance(caught.value, LogUnavailableError)


def test_the_script_is_loaded_again_after_the_server_forgot_it(real_url: str, fact: Make) -> None:
    with connect(real_url) as client:
        log = EventLog(client)
        log.append("pti", [fact(1)])
        client.script_flush()
        assert log.append("pti", [fact(2)]).outcome == "appended"

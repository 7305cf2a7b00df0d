"""The contract of append, the same on every server."""

from collections.abc import Callable
from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.errors import BadInputError, CorruptEventError, LogConflictError, LogError, PartialDuplicateError
from monitor.log.events import Event
from monitor.log.keys import Stream, ids_key, key
from monitor.log.stream import EventLog, order
from monitor.log.verify import verify

Make = Callable[..., Event]


def ids(log: EventLog, topic: str = "pti", stream: Stream = Stream.LOG) -> list[str]:
    return [recorded.event.id for recorded in log.read_all(topic, stream=stream)]


def test_a_batch_is_appended_in_order(log: EventLog, fact: Make) -> None:
    batch = [fact(n) for n in range(5)]
    appended = log.append("pti", batch)
    assert appended.outcome == "appended"
    assert [(recorded.position, recorded.event) for recorded in log.read("pti")] == list(
        zip(appended.positions, batch, strict=True)
    )
    assert sorted(appended.positions, key=order) == list(appended.positions)


def test_a_batch_that_is_known_returns_its_positions_and_changes_nothing(log: EventLog, fact: Make) -> None:
    first = log.append("pti", [fact(1), fact(2)])
    again = log.append("pti", [fact(1), fact(2)])
    assert (again.outcome, again.positions) == ("duplicate", first.positions)
    assert log.length("pti") == 2


def test_known_events_may_be_sent_again_in_another_cut(log: EventLog, fact: Make) -> None:
    first = log.append("pti", [fact(1), fact(2), fact(3)])
    assert log.append("pti", [fact(3), fact(1)]).positions == (first.positions[2], first.positions[0])


def test_a_batch_known_in_part_is_refused_whole(log: EventLog, fact: Make) -> None:
    log.append("pti", [fact(1)])
    with pytest.raises(PartialDuplicateError, match=fact(1).id):
        log.append("pti", [fact(0), fact(1), fact(2)])
    assert ids(log) == [fact(1).id]
    assert verify(log) == []


def test_decisions_move_the_counter_and_facts_do_not(log: EventLog, fact: Make, decision: Make) -> None:
    log.append("pti", [fact(1)])
    assert log.decisions("pti") == 0
    assert (
        log.append("pti", [decision(1), fact(2), decision(2)], expected_decisions=0).decisions
        == log.decisions("pti")
        == 2
    )


def test_a_decision_made_at_an_older_count_is_refused(log: EventLog, decision: Make) -> None:
    log.append("pti", [decision(1)], expected_decisions=0)
    with pytest.raises(LogConflictError, match="has 1 decisions, not 0"):
        log.append("pti", [decision(2), decision(3)], expected_decisions=0)
    assert ids(log) == [decision(1).id]
    assert log.decisions("pti") == 1


def test_a_decision_made_at_a_count_that_was_never_reached_is_refused(log: EventLog, decision: Make) -> None:
    with pytest.raises(LogConflictError):
        log.append("pti", [decision(1)], expected_decisions=3)
    assert log.topics() == []


def test_a_retry_gets_its_positions_although_the_counter_moved_on(log: EventLog, decision: Make) -> None:
    first = log.append("pti", [decision(1)], expected_decisions=0)
    log.append("pti", [decision(2)], expected_decisions=1)
    again = log.append("pti", [decision(1)], expected_decisions=0)
    assert (again.outcome, again.positions, again.decisions) == ("duplicate", first.positions, 2)


def test_a_partial_duplicate_is_told_before_a_conflict(log: EventLog, decision: Make) -> None:
    log.append("pti", [decision(1)], expected_decisions=0)
    with pytest.raises(PartialDuplicateError):
        log.append("pti", [decision(1), decision(2)], expected_decisions=0)


def test_deliveries_have_a_stream_of_their_own(log: EventLog, fact: Make, delivery: Make) -> None:
    log.append("pti", [fact(1)])
    first = log.append("pti", [delivery(1), delivery(2)])
    assert log.append("pti", [delivery(1)]).outcome == "duplicate"
    assert ids(log) == [fact(1).id]
    assert ids(log, stream=Stream.DELIVERIES) == [delivery(1).id, delivery(2).id]
    assert log.positions_of("pti", [delivery(2).id], stream=Stream.DELIVERIES)[0] == first.positions[1]
    assert log.positions_of("pti", [delivery(2).id])[0] is None
    with pytest.raises(PartialDuplicateError):
        log.append("pti", [delivery(2), delivery(3)])


def test_topics_do_not_know_each_other(log: EventLog, decision: Make) -> None:
    log.append("pti", [decision(1)], expected_decisions=0)
    log.append("rail-strike", [decision(2, "rail-strike")], expected_decisions=0)
    assert (log.decisions("pti"), log.decisions("rail-strike")) == (1, 1)
    assert log.topics() == ["pti", "rail-strike"]
    assert log.epoch("pti") != log.epoch("rail-strike")


def test_what_belongs_to_no_topic_has_a_log_too(log: EventLog, fact: Make) -> None:
    log.append("_system", [fact(1, "_system")])
    assert log.topics() == ["_system"]


@pytest.mark.parametrize("name", ["", "PTI", "a:b", "a{b}", "a b", "-a", "_other", "a" * 42, "pti\n"])
def test_a_name_that_no_topic_can_have_is_refused(fake_log: EventLog, fact: Make, name: str) -> None:
    with pytest.raises(BadInputError, match="no topic can be called"):
        fake_log.append(name, [fact(1, name)])


def test_a_batch_that_is_wrong_in_itself_is_never_sent(
    fake_log: EventLog, fact: Make, decision: Make, delivery: Make
) -> None:
    wrong: list[tuple[list[Event], dict[str, Any]]] = [
        ([], {}),
        ([fact(1), fact(1)], {}),
        ([fact(1), delivery(1)], {}),
        ([fact(1, "rail-strike")], {}),
        ([decision(1)], {}),
        ([fact(1)], {"expected_decisions": 0}),
        ([delivery(1)], {"expected_decisions": 0}),
    ]
    for batch, options in wrong:
        with pytest.raises(ValueError, match=r"batch|belong|decisions"):
            fake_log.append("pti", batch, **options)
    assert fake_log.topics() == []


@pytest.mark.parametrize(
    "change",
    [
        {"type": "article.eaten"},
        {"schema_version": 3},
        {"data": {"article_id": "x"}},
        {"data": {"article_id": "0" * 32, "reason": "lone \ud800 surrogate"}},
        {"data": {"article_id": "0" * 32, "reason": "more", "than": "known"}},
    ],
)
def test_an_event_that_could_not_be_read_again_is_never_written(
    fake_log: EventLog, fact: Make, change: dict[str, Any]
) -> None:
    with pytest.raises(CorruptEventError):
        fake_log.append("pti", [fact(0), fact(1).model_copy(update=change)])
    assert fake_log.topics() == []


def test_nothing_is_written_when_a_key_is_of_another_kind(
    log: EventLog, client: redis.Redis, fact: Make
) -> None:
    client.set(ids_key("pti", Stream.LOG, fact(2).id), "not a hash")
    with pytest.raises(LogError):
        log.append("pti", [fact(1), fact(2)])
    assert log.length("pti") == 0
    assert log.positions_of("pti", [fact(1).id])[0] is None


def test_all_keys_of_a_topic_share_a_hash_slot(log: EventLog, client: redis.Redis, decision: Make) -> None:
    log.append("pti", [decision(n) for n in range(20)], expected_decisions=0)
    names = [name.decode() for name in client.scan_iter()]
    prefix, _ = key("pti", "log").rsplit(":", 1)
    assert prefix.startswith("parley:{b")
    assert all(name.startswith(prefix + ":") for name in names)
    assert {name.split(":")[3] for name in names} == {"log", "ids", "decisions", "epoch"}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(batches=st.lists(st.lists(st.integers(0, 12), min_size=1, max_size=4, unique=True), max_size=12))
def test_whatever_is_sent_the_log_holds_each_fact_once_and_batches_whole(
    fact: Make, client_factory: Callable[[], redis.Redis], batches: list[list[int]]
) -> None:
    log = EventLog(client_factory())
    expected: list[str] = []
    for batch in batches:
        events = [fact(n) for n in batch]
        known = [event.id in expected for event in events]
        if any(known) and not all(known):
            with pytest.raises(PartialDuplicateError):
                log.append("pti", events)
        else:
            appended = log.append("pti", events)
            assert appended.outcome == ("duplicate" if all(known) else "appended")
            expected += [event.id for event in events if event.id not in expected]
    assert ids(log) == expected
    assert verify(log) == []

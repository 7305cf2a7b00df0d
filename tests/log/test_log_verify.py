"""`verify` finds each kind of damage, and nothing in a sound log; `stats` counts what is there."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import redis

from monitor.errors import CorruptEventError
from monitor.log.events import Event
from monitor.log.keys import Stream, ids_key, key
from monitor.log.stream import EventLog
from monitor.log.verify import Problem, stats, verify

Make = Callable[..., Event]


@pytest.fixture
def filled(log: EventLog, fact: Make, decision: Make, delivery: Make) -> EventLog:
    """A sound log of two topics, with causes, decisions and deliveries."""
    log.append("pti", [fact(1), fact(2, cause=fact(1).id)])
    log.append("pti", [decision(1, cause=fact(2).id)], expected_decisions=0)
    log.append("pti", [delivery(1, cause=decision(1).id), delivery(2, cause=delivery(1).id)])
    log.append("rail-strike", [fact(3, "rail-strike")])
    return log


def test_a_sound_log_has_no_problems(filled: EventLog) -> None:
    assert verify(filled) == []


def test_stats_count_every_topic_by_type(filled: EventLog, fact: Make) -> None:
    later = fact(4).model_copy(update={"recorded_at": fact(4).recorded_at + timedelta(days=1)})
    filled.append("pti", [later])
    assert stats(filled) == {
        "topics": {
            "pti": {
                "events": 6,
                "first": "2025-05-29T12:00:00+00:00",
                "last": "2025-05-30T12:00:00+00:00",
                "by_type": {"article.removed": 3, "delivery.succeeded": 2, "status.withdrawn": 1},
            },
            "rail-strike": {
                "events": 1,
                "first": "2025-05-29T12:00:00+00:00",
                "last": "2025-05-29T12:00:00+00:00",
                "by_type": {"article.removed": 1},
            },
        }
    }


def test_an_empty_log_is_sound_and_counts_nothing(log: EventLog) -> None:
    assert verify(log) == []
    assert stats(log) == {"topics": {}}


def found(log: EventLog) -> list[tuple[str, str | None]]:
    return [(problem.what, problem.position) for problem in verify(log)]


def test_a_missing_entry_is_found(filled: EventLog, client: redis.Redis, fact: Make) -> None:
    position = str(filled.positions_of("pti", [fact(1).id])[0])
    effect = filled.positions_of("pti", [fact(2).id])[0]
    client.xdel(key("pti", "log"), position)
    assert found(filled) == [("the id index has 3 ids for 2 entries", None)]
    client.hdel(ids_key("pti", Stream.LOG, fact(1).id), bytes.fromhex(fact(1).id))
    assert found(filled) == [(f"its cause {fact(1).id} is not in the log", effect)]


def test_an_entry_that_bypassed_the_script_is_found(
    filled: EventLog, client: redis.Redis, decision: Make
) -> None:
    position = client.xadd(key("pti", "log"), {"event": decision(9).to_json()}).decode()
    assert found(filled) == [
        (f"the id index has {decision(9).id} at no position", position),
        ("the id index has 3 ids for 4 entries", None),
        ("the counter says 1 decisions, there are 2", None),
    ]


def test_a_doubled_entry_is_found(filled: EventLog, client: redis.Redis, fact: Make) -> None:
    first = filled.positions_of("rail-strike", [fact(3).id])[0]
    double = client.xadd(key("rail-strike", "log"), {"event": fact(3, "rail-strike").to_json()}).decode()
    assert found(filled) == [
        (f"the id index has {fact(3).id} at {first}", double),
        ("the id index has 1 ids for 2 entries", None),
    ]


def test_an_unreadable_entry_is_found_and_the_rest_is_read(
    filled: EventLog, client: redis.Redis, fact: Make
) -> None:
    position = client.xadd(key("pti", "log"), {"event": "nonsense"}).decode()
    other = client.xadd(key("pti", "log"), {"something": "else"}).decode()
    filled.append("pti", [fact(5, cause="f" * 32)])
    problems = verify(filled)
    assert [problem.position for problem in problems] == [
        position,
        other,
        filled.positions_of("pti", [fact(5).id])[0],
        None,
    ]
    with pytest.raises(CorruptEventError, match=position):
        stats(filled)


def test_an_event_in_the_wrong_log_is_found(filled: EventLog, client: redis.Redis, fact: Make) -> None:
    stray = fact(7, "rail-strike")
    position = client.xadd(key("pti", "deliveries"), {"event": stray.to_json()}).decode()
    client.hset(ids_key("pti", Stream.DELIVERIES, stray.id), bytes.fromhex(stray.id), position)
    assert verify(filled) == [
        Problem("pti", Stream.DELIVERIES, position, "article.removed of rail-strike does not belong here")
    ]


def test_a_cause_that_comes_after_its_effect_is_found(log: EventLog, fact: Make) -> None:
    log.append("pti", [fact(1, cause=fact(2).id), fact(2)])
    (problem,) = verify(log)
    assert str(problem).startswith(f"pti (log) at {problem.position}: its cause {fact(2).id} comes after it")


def test_a_counter_or_an_epoch_that_is_gone_is_found(filled: EventLog, client: redis.Redis) -> None:
    client.delete(key("pti", "decisions"), key("rail-strike", "epoch"))
    assert found(filled) == [
        ("the counter says 0 decisions, there are 1", None),
        ("the log has no epoch: checkpoints cannot be checked", None),
    ]

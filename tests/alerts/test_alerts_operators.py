"""What operators are told of sources: one message for what happens together, once."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from monitor.alerts.config import SubscriptionConfig
from monitor.alerts.notices import Notice, message
from monitor.alerts.operators import GATHERED_FOR, follow_sources
from monitor.alerts.subscriptions import Subscriptions
from monitor.alerts.tables import DeliveryRow, MessageRow, create_tables
from monitor.alerts.vault import Vault
from monitor.ids import fact_id
from monitor.log.events import SYSTEM_TOPIC, Event, SourceHealth
from monitor.log.stream import EventLog, Recorded
from monitor.readmodel.store import open_engine

DASHBOARD = "https://parley.example"
VAULT = Vault("a" * 43 + "=")
SINCE = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def now() -> datetime:
    return datetime.now(UTC)


def later() -> datetime:
    return now() + 2 * GATHERED_FOR


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(tmp_path / "service.sqlite")
    create_tables(engine)
    configs = [
        SubscriptionConfig(id="desk", kind="email", address="desk@example.org"),
        SubscriptionConfig(id="ops", kind="email", address="ops@example.org", topics=(SYSTEM_TOPIC,)),
    ]
    Subscriptions(engine, VAULT).sync(configs, now() - timedelta(days=1))
    yield engine
    engine.dispose()


def tell(log: EventLog, source: str, to: str, reason: str = "server: answered 500") -> None:
    data = SourceHealth(source=source, since=SINCE, reason=reason)
    id_ = fact_id("source", source, to, now().isoformat())
    event = Event.of(f"source.{to}", data, id_=id_, topic=SYSTEM_TOPIC, at=now(), cause=None, by="test")
    log.append(SYSTEM_TOPIC, [event])


def queued(engine: Engine) -> list[dict[str, object]]:
    with Session(engine) as session:
        rows = session.exec(
            select(MessageRow, DeliveryRow).where(MessageRow.event_id == DeliveryRow.event_id)
        )
        return [message.content for message, _ in rows]


def test_what_happens_together_is_one_message_to_the_operators_alone(
    engine: Engine, embedded_log: EventLog
) -> None:
    for number in range(50):
        tell(embedded_log, f"feed-{number}", "failing", "connection: no route to host")
    assert follow_sources(engine, embedded_log, DASHBOARD, now) == 0  # more may follow
    assert follow_sources(engine, embedded_log, DASHBOARD, later) == 1
    assert follow_sources(engine, embedded_log, DASHBOARD, later) == 0
    (content,) = queued(engine)
    assert content["subject"] == "[Parley] Sources: 50 fail"
    assert "feed-0 fails since 01 March 2026, 09:30 UTC: connection: no route to host" in str(content["text"])
    assert "and 20 more" in str(content["text"])
    assert f"{DASHBOARD}/sources" in str(content["text"])


def test_what_was_cured_meanwhile_is_not_worth_a_word(engine: Engine, embedded_log: EventLog) -> None:
    tell(embedded_log, "a", "failing")
    tell(embedded_log, "a", "recovered", "was failing")
    assert follow_sources(engine, embedded_log, DASHBOARD, later) == 0
    assert queued(engine) == []
    tell(embedded_log, "b", "recovered", "was failing")
    assert follow_sources(engine, embedded_log, DASHBOARD, later) == 1
    (content,) = queued(engine)
    assert content["subject"] == "[Parley] b is well again"
    assert "b is well again: it was failing since 01 March 2026, 09:30 UTC" in str(content["text"])


def test_two_processes_that_look_at_once_tell_of_it_once(
    engine: Engine, embedded_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(embedded_log, "a", "failing")
    read_all = embedded_log.read_all

    def another_is_faster(*args: object, **more: object) -> Iterator[Recorded]:
        monkeypatch.undo()
        assert follow_sources(engine, embedded_log, DASHBOARD, later) == 1
        tell(embedded_log, "b", "failing")
        return read_all(*args, **more)

    monkeypatch.setattr(embedded_log, "read_all", another_is_faster)
    follow_sources(engine, embedded_log, DASHBOARD, later)
    follow_sources(engine, embedded_log, DASHBOARD, later)
    assert [content["subject"] for content in queued(engine)] == ["[Parley] a fails", "[Parley] b fails"]


def test_who_wants_other_topics_too_is_told_of_sources_as_well(
    tmp_path: Path, embedded_log: EventLog
) -> None:
    engine = open_engine(tmp_path / "both.sqlite")
    create_tables(engine)
    both = SubscriptionConfig(id="both", kind="email", address="a@example.org", topics=("pti", SYSTEM_TOPIC))
    Subscriptions(engine, VAULT).sync([both], now() - timedelta(days=1))
    tell(embedded_log, "a", "failing")
    assert follow_sources(engine, embedded_log, DASHBOARD, later) == 1
    engine.dispose()


def test_strangers_words_are_escaped_and_cut() -> None:
    reason = "<script>alert(1)</script>\u202e" + "x" * 900
    made = message([Notice("source.failing", "a", SINCE, reason)], SINCE, DASHBOARD)
    assert "<script>" not in made.html
    assert "\u202e" not in made.text
    assert len(made.html) < 2_000


def test_a_message_says_what_to_do_once_for_all_with_the_same_trouble() -> None:
    told = [
        Notice("source.failing", name, SINCE, "timeout: too slow", "Wait, or take another feed.")
        for name in "abc"
    ]
    made = message(told, SINCE, DASHBOARD)
    assert made.text.count("Wait, or take another feed.") == 1
    assert made.html.count("Wait, or take another feed.") == 1


def test_the_webhooks_body_says_which_sources_and_why(engine: Engine, embedded_log: EventLog) -> None:
    tell(embedded_log, "a", "failing", "timeout: too slow")
    tell(embedded_log, "b", "silent", "no new entry since then")
    follow_sources(engine, embedded_log, DASHBOARD, later)
    (content,) = queued(engine)
    payload = json.loads(json.dumps(content["payload"]))
    assert payload["type"] == "operators.notice"
    assert [(one["about"], one["what"], one["change"]) for one in payload["data"]["notices"]] == [
        ("a", "source.failing", "begun"),
        ("b", "source.silent", "begun"),
    ]
    assert all(one["advice"] for one in payload["data"]["notices"])
    assert payload["data"]["text"] == "[Parley] Sources: 1 fails, 1 is silent"

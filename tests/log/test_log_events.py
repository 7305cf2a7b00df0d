"""Every schema version ever written stays readable: golden files, and upcasting on the way in."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor import __version__
from monitor.errors import CorruptEventError, NewerLogError
from monitor.log import events
from monitor.log.events import DATA, SCHEMA, UPCASTERS, Event
from monitor.log.keys import key
from monitor.log.stream import EventLog
from tests.log.newer import newer_entry

GOLDEN = Path(__file__).parent / "golden"
VERSIONS = [(type_, version) for type_ in DATA for version in range(1, SCHEMA[type_] + 1)]


@pytest.mark.parametrize(("type_", "version"), VERSIONS)
def test_every_version_ever_written_reads_as_todays(type_: str, version: int) -> None:
    event = Event.from_json((GOLDEN / f"{type_}.{version}.json").read_bytes())
    assert (event.type, event.schema_version) == (type_, SCHEMA[type_])
    DATA[type_].model_validate(event.data)


@pytest.mark.parametrize("type_", DATA)
def test_todays_version_is_written_as_it_was_read(type_: str) -> None:
    raw = (GOLDEN / f"{type_}.{SCHEMA[type_]}.json").read_text(encoding="utf-8").removesuffix("\n")
    assert Event.from_json(raw).to_json() == raw


@pytest.mark.parametrize(("reason", "contested"), [("new_shift", False), ("contested", True)])
def test_an_alert_of_the_first_schema_was_contested_when_that_was_why_it_was_told(
    reason: str, contested: bool
) -> None:
    old = json.loads((GOLDEN / "alert.updated.1.json").read_bytes())
    old["data"]["reason"] = reason
    data = Event.from_json(json.dumps(old)).data
    assert (data["contested"], data["references"], data["test"]) == (contested, [], False)


def test_no_golden_file_is_of_an_unknown_type_or_version() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {
        f"{type_}.{version}.json" for type_, version in VERSIONS
    }


def test_every_golden_event_goes_through_the_log_unchanged(fake_log: EventLog) -> None:
    for type_ in DATA:
        event = Event.from_json((GOLDEN / f"{type_}.{SCHEMA[type_]}.json").read_bytes())
        expected = fake_log.decisions(event.topic) if event.is_decision else None
        fake_log.append(event.topic, [event], expected_decisions=expected)
    written = [
        recorded.event.to_json()
        for topic in fake_log.topics()
        for stream in ("log", "deliveries")
        for recorded in fake_log.read_all(topic, stream=stream)
    ]
    assert sorted(written) == sorted(
        (GOLDEN / f"{type_}.{version}.json").read_text(encoding="utf-8").removesuffix("\n")
        for type_, version in SCHEMA.items()
    )


@pytest.fixture
def third_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    """`article.removed` as if it had been written `{article, why}`, then `{article_id, why}`, before today's shape."""
    monkeypatch.setattr(events, "SCHEMA", {**SCHEMA, "article.removed": 3})
    monkeypatch.setattr(
        events,
        "UPCASTERS",
        {
            **UPCASTERS,
            ("article.removed", 1): lambda data: {"article_id": data["article"], "why": data["why"]},
            ("article.removed", 2): lambda data: {"article_id": data["article_id"], "reason": data["why"]},
        },
    )


def written(version: int, data: dict[str, Any]) -> str:
    return json.dumps(
        {
            "id": "a" * 32,
            "type": "article.removed",
            "schema": version,
            "topic": "pti",
            "recorded_at": "2025-05-29T12:00:00Z",
            "cause": None,
            "by": "test",
            "data": data,
        }
    )


@pytest.mark.usefixtures("third_schema")
@pytest.mark.parametrize(
    ("version", "data"),
    [
        (1, {"article": "b" * 32, "why": "gone"}),
        (2, {"article_id": "b" * 32, "why": "gone"}),
        (3, {"article_id": "b" * 32, "reason": "gone"}),
    ],
)
def test_an_old_entry_is_upcast_step_by_step_when_it_is_read(
    client_factory: Callable[[], Any], version: int, data: dict[str, Any]
) -> None:
    client = client_factory()
    client.xadd(key("pti", "log"), {"event": written(version, data)})
    (recorded,) = EventLog(client).read("pti")
    assert recorded.event.schema_version == 3
    assert recorded.event.data == {"article_id": "b" * 32, "reason": "gone"}


@pytest.mark.usefixtures("third_schema")
def test_a_log_does_not_open_when_an_upcaster_is_missing(
    monkeypatch: pytest.MonkeyPatch, client_factory: Callable[[], Any]
) -> None:
    monkeypatch.setattr(events, "UPCASTERS", {**UPCASTERS, ("article.removed", 1): lambda data: data})
    with pytest.raises(CorruptEventError, match=r"nothing upcasts \[\('article.removed', 2\)\]"):
        EventLog(client_factory())


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"nonsense",
        b"[]",
        b"\xff\xfe",
        b"null",
        written(0, {}).encode(),
        written(1, {"article_id": "not an id", "reason": "r"}).encode(),
        written(1, {"article_id": "b" * 32}).encode(),
        ("[" * 100_000).encode(),
    ],
)
def test_what_is_no_event_is_told_and_where_it_stands(
    client_factory: Callable[[], Any], fact: Callable[..., Event], raw: bytes
) -> None:
    client = client_factory()
    log = EventLog(client)
    log.append("pti", [fact(1)])
    position = client.xadd(key("pti", "log"), {"event": raw}).decode()
    log.append("pti", [fact(2)])
    assert [recorded.event.id for recorded in log.read("pti")] == [fact(1).id]
    first = log.read("pti")[0].position
    with pytest.raises(CorruptEventError, match=f"pti at {position}") as caught:
        log.read("pti", first)
    assert caught.value.position == position
    assert [recorded.event.id for recorded in log.read("pti", position)] == [fact(2).id]
    log.check("pti", log.checkpoint_at("pti", position))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"schema": 3},
            "article.removed schema 3, by watch/9.1.0; this one ({}) knows schema 1. Upgrade to 9.1.0",
        ),
        ({"type": "article.eaten", "schema": 1}, "this one ({}) does not know that type. Upgrade to 9.1.0"),
        (
            {"schema": 1, "signed": "x"},
            "article.removed schema 1, by watch/9.1.0; this one is {}. Upgrade to 9.1.0",
        ),
        ({"by": "somebody"}, "this one ({}) knows schema 1. Upgrade to the version that wrote it"),
    ],
    ids=["a newer schema", "a new type", "another envelope", "by nobody with a version"],
)
def test_what_a_newer_parley_wrote_is_refused_with_the_version_that_is_needed(
    client_factory: Callable[[], Any], fact: Callable[..., Event], changes: dict[str, Any], told: str
) -> None:
    client = client_factory()
    log, passed = EventLog(client), []
    log.append("pti", [fact(1)])
    position = client.xadd(key("pti", "log"), {"event": newer_entry(**changes)}).decode()
    assert [recorded.event.id for recorded in log.read("pti")] == [fact(1).id]
    with pytest.raises(NewerLogError) as caught:
        list(log.read_all("pti", corrupt=passed.append))
    assert f"pti at {position}: this log was written by a newer Parley: " in str(caught.value)
    assert told.format(__version__) in str(caught.value)
    assert passed == []


def test_what_is_no_event_is_none_of_a_newer_parley_either(client_factory: Callable[[], Any]) -> None:
    for changes in ({"id": "1"}, {"schema": 0}, {"schema": "new"}, {"id": None}):
        with pytest.raises(CorruptEventError):
            Event.from_json(newer_entry(**changes))

"""A log that a newer Parley has written to: nobody goes on behind what only that one can read."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import NewerLogError
from monitor.log.events import SYSTEM_TOPIC, Event
from monitor.log.keys import key
from monitor.log.stream import EventLog
from monitor.readmodel import queries
from monitor.readmodel.rebuild import rebuild
from monitor.readmodel.roles import troubles
from monitor.service.roles import Roles
from monitor.service.settings import Settings
from monitor.service.wiring import Parley, assemble
from tests.log.newer import newer_entry
from tests.service.test_service_reader import ARTICLES, DAY, PTI, Desk, fresh_log


def write(log: EventLog, topic: str = "pti", **changes: Any) -> None:
    log._redis.xadd(key(topic, "log"), {"event": newer_entry(topic, **changes)})


@pytest.fixture
def desk(fake_log: EventLog, tmp_path: Path) -> Desk:
    return Desk(fake_log, tmp_path / "data")


def articles(tmp_path: Path) -> list[Event]:
    """The articles as another Parley took them in, which could."""
    other = Desk(fresh_log(), tmp_path / "other")
    other.take(ARTICLES)
    return [
        recorded.event for recorded in other.log.read_all("pti") if recorded.event.type == "article.ingested"
    ]


@pytest.mark.parametrize("changes", [{"type": "article.recalled"}, {"schema": 9}])
def test_a_reader_stops_before_it_and_decides_on_nothing_behind_it(
    desk: Desk, tmp_path: Path, changes: dict[str, object]
) -> None:
    first, *others = articles(tmp_path)
    desk.log.append("pti", [first])
    write(desk.log, **changes)
    desk.log.append("pti", others)
    for _ in range(2):  # whoever tries again fares no better
        with pytest.raises(NewerLogError, match=r"pti at .* newer Parley.*Upgrade to 9\.1\.0 or later"):
            desk.reader.work()
    raw = [fields[b"event"] for _, fields in desk.log._redis.xrange(key("pti", "log"))]
    assert sum(b'"claims.detected"' in one for one in raw) == 1
    assert queries.freshness(desk.model, "pti").dead_letters == 0
    with pytest.raises(NewerLogError):
        desk.open()  # it looks ahead for what was decided already


def test_a_rebuild_stops_and_leaves_the_old_read_model_in_use(desk: Desk) -> None:
    desk.take(ARTICLES)
    desk.reader.work()
    before, status = desk.model.in_use(), queries.status(desk.model, "pti", now=DAY)
    write(desk.log)
    with pytest.raises(NewerLogError):
        rebuild(desk.model, desk.log, [PTI])
    assert (desk.model.in_use(), queries.status(desk.model, "pti", now=DAY)) == (before, status)


@pytest.fixture
def parley(embedded_log: EventLog, tmp_path: Path) -> Iterator[Parley]:
    settings = Settings.model_validate({"data": tmp_path / "data", "topics": ["pti"]})
    assembled = assemble(settings, embedded_log, lambda: datetime.now(UTC))
    yield assembled
    assembled.service.dispose()


@pytest.mark.parametrize(
    ("role", "topic"), [("watch", "pti"), ("notify", "pti"), ("notify", SYSTEM_TOPIC), ("ingest", "pti")]
)
def test_every_role_that_reads_the_log_ends_with_one_clear_line(
    parley: Parley, role: str, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    write(parley.log, topic)
    ended = threading.Event()
    failures: list[BaseException] = []

    def failed(error: BaseException) -> None:
        failures.append(error)
        ended.set()

    roles = Roles(parley, [role], failed)
    roles.start()
    assert ended.wait(30)
    roles.stop()
    assert isinstance(failures[0], NewerLogError)
    assert failures[0].exit_code == 2
    [line] = [record for record in caplog.records if "has ended" in record.message]
    assert "Upgrade to 9.1.0 or later" in line.message
    assert not line.exc_info, "no traceback around it"
    if role == "watch":
        assert "newer Parley" in troubles(parley.settings.store, datetime.now(UTC))["watch pti"]

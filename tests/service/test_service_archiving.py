"""What may leave Redis: what is old, and what everybody has read."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, delete

from monitor.alerts.tables import FanOutRow
from monitor.errors import BadInputError
from monitor.log.embedded import EmbeddedServer
from monitor.log.keys import Stream, key
from monitor.log.stream import START, EventLog
from monitor.log.verify import verify
from monitor.readmodel.rebuild import rebuild
from monitor.service import roles, supervisor
from monitor.service.archiving import archive, lowest
from monitor.service.notify import Notify
from monitor.service.settings import Settings
from monitor.service.tables import Reaction
from monitor.service.watch import watches
from monitor.service.wiring import Parley, archive_of, assemble, open_event_log
from monitor.sources.intake import Intake
from tests.service.test_service_reader import ARTICLES

Assembled = Callable[..., Parley]


@pytest.fixture
def assembled(embedded_log: EventLog, tmp_path: Path) -> Iterator[Assembled]:
    """Parley with an archive in its data folder."""
    opened: list[Parley] = []

    def make(**options: Any) -> Parley:
        options = {"place": "archive", "keep_days": 0, **options}
        settings = Settings.model_validate({"data": tmp_path / "data", "seeds": False, "archive": options})
        log = EventLog(embedded_log.client, archive_of(settings))
        opened.append(assemble(settings, log, lambda: datetime.now(UTC)))
        return opened[-1]

    yield make
    for parley in opened:
        parley.service.dispose()


def live(parley: Parley) -> None:
    """Take articles in, read them, and fan out."""
    Intake(parley.log, by="test", clock=parley.clock).publish("pti", ARTICLES)
    for watch in watches(parley):
        watch.tick()
    notify = Notify(parley)
    notify.tick()
    notify.close()
    time.sleep(0.005)  # what was appended just now is older than now


def moved(parley: Parley) -> dict[str, int]:
    return archive(parley.settings, parley.log, parley.read_model, parley.service, parley.clock())


def in_redis(parley: Parley) -> int:
    return int(parley.log.client.xlen(key("pti", Stream.LOG)))


def test_what_everybody_has_read_leaves_redis_and_a_rebuild_still_sees_it(assembled: Assembled) -> None:
    parley = assembled()
    live(parley)
    events = [one.event.id for one in parley.log.read_all("pti")]
    assert moved(parley)["pti"] == len(events) - 1
    assert in_redis(parley) == 1, "the entry of the checkpoints stays"
    assert [one.event.id for one in parley.log.read_all("pti")] == events
    counts = rebuild(parley.read_model, parley.log, parley.topics.values())
    assert counts == {"pti": len(events)}
    assert verify(parley.log) == []
    assert moved(parley)["pti"] == 0


@pytest.mark.parametrize("table", [Reaction, FanOutRow])
def test_whoever_has_no_checkpoint_reads_from_the_beginning(assembled: Assembled, table: type) -> None:
    parley = assembled()
    live(parley)
    with Session(parley.service) as session:
        session.execute(delete(table))
        session.commit()
    assert lowest(parley.read_model, parley.service, "pti") == START
    before = in_redis(parley)
    assert moved(parley)["pti"] == 0
    assert in_redis(parley) == before


def test_the_slowest_reader_decides(assembled: Assembled) -> None:
    parley = assembled()
    live(parley)
    positions = [one.position for one in parley.log.read_all("pti")]
    with Session(parley.service) as session:
        row = session.get(Reaction, "pti")
        assert row is not None
        row.position = positions[2]
        session.commit()
    assert moved(parley)["pti"] == 2
    assert in_redis(parley) == len(positions) - 2


def test_what_is_young_stays(assembled: Assembled) -> None:
    parley = assembled(keep_days=1)
    live(parley)
    assert moved(parley)["pti"] == 0
    later = parley.clock() + timedelta(days=1, seconds=1)
    assert archive(parley.settings, parley.log, parley.read_model, parley.service, later)["pti"] > 0


def test_a_reader_that_starts_anew_goes_on_past_what_was_archived(assembled: Assembled) -> None:
    parley = assembled()
    live(parley)
    moved(parley)
    known = Intake(parley.log, by="test", clock=parley.clock).publish("pti", ARTICLES)
    assert known.ingested == 0, "an article that was archived is known when it comes again"
    (watch,) = watches(parley)
    assert watch.tick() >= 0
    assert verify(parley.log) == []


@pytest.mark.parametrize("opened", [open_event_log, lambda settings: supervisor._log_of(settings, [])])
def test_commands_and_the_service_read_through_the_archive(
    assembled: Assembled, embedded_server: EmbeddedServer, opened: Callable[[Settings], Any]
) -> None:
    parley = assembled()
    live(parley)
    events = list(parley.log.read_all("pti"))
    moved(parley)
    with opened(parley.settings.model_copy(update={"redis_url": embedded_server.url})) as log:
        assert list(log.read_all("pti")) == events


def test_without_a_place_nothing_is_archived(assembled: Assembled) -> None:
    parley = assembled(place="")
    with pytest.raises(BadInputError, match=r"archive\.place"):
        moved(parley)


def test_the_role_ingest_archives_by_itself(assembled: Assembled, monkeypatch: pytest.MonkeyPatch) -> None:
    parley = assembled()
    live(parley)
    before = in_redis(parley)
    monkeypatch.setattr(roles, "ARCHIVE_AFTER", timedelta())
    failures: list[BaseException] = []
    running = roles.Roles(parley, ["ingest"], failures.append)
    running.start()
    try:
        deadline = time.monotonic() + 20
        while in_redis(parley) == before and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        running.stop()
    assert in_redis(parley) == 1 < before
    assert failures == []

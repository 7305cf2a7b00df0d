"""Backups that are made while everything works restore to a sound state: nothing lost, nothing told again."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fakeredis
import pytest
from sqlmodel import Session, col, select

from monitor.alerts.delivery import COMING, KINDS, RESTORED, State
from monitor.alerts.tables import DeliveryRow, FanOutRow, SubscriptionRow
from monitor.errors import ArchiveError, BadInputError, StoreError
from monitor.log.connect import connect
from monitor.log.embedded import EmbeddedServer
from monitor.log.keys import Stream
from monitor.log.manifest import UNFINISHED, inspect, manifests
from monitor.log.place import Folder
from monitor.log.stream import EventLog, order
from monitor.log.verify import verify
from monitor.readmodel import queries
from monitor.readmodel.backups import Backup, last_backup
from monitor.readmodel.dialects import table_of
from monitor.service import kept
from monitor.service.backup import BackedUp, back_up
from monitor.service.kept import KEPT, LEFT_OUT, _plain, filled
from monitor.service.notify import Notify
from monitor.service.restore import Restored, restore, settled
from monitor.service.schema import tables
from monitor.service.settings import Settings
from monitor.service.tables import Reaction, reaction_of
from monitor.service.watch import settled as all_read
from monitor.service.watch import watches
from monitor.service.wiring import Parley, assemble
from monitor.sources.model import ArticleFound
from monitor.sources.state import HostState, SourceState
from tests.alerts.conftest import SECRET, Receiver

ROOT = Path(__file__).parents[2]
SAID = (
    (
        "PTI and the federal government are holding talks",
        "Teams of the PTI and the federal government are holding talks",
    ),
    ("PTI calls off talks with government", "The PTI has called off its talks with the federal government"),
    ("PTI offers talks to government", "The PTI has offered to hold talks with the federal government"),
    ("PTI rejects talks with government", "The PTI has rejected any talks with the federal government"),
)


def articles(count: int) -> list[ArticleFound]:
    """Two a day, up to today: each day's tell something else than the day before's."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return [
        ArticleFound(
            url=f"https://news{n % 2}.example/{n}",
            outlet=f"News {n % 2}",
            source="feed",
            title=SAID[n // 2 % 4][0],
            text=f"{SAID[n // 2 % 4][1]}, PTI chairman Barrister Gohar said in report {n} of this week.",
            language="en",
            published_at=today - timedelta(days=(count - n) // 2, minutes=n),
            precision="time",
            first_seen_at=datetime.now(UTC),
            guid=f"guid-{n}",
        )
        for n in range(count)
    ]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


Make = Callable[..., Parley]


@pytest.fixture
def made(receiver: Receiver, tmp_path: Path) -> Iterator[Make]:
    """Parley on a log and a data folder of that name, with one webhook; its SQL in the database `url`, if given."""
    opened: list[Parley] = []

    def make(log: EventLog, name: str, url: str = "") -> Parley:
        desk = {"id": "desk", "kind": "webhook", "url": receiver.url, "secret": SECRET, "allow_private": True}
        settings = Settings.model_validate(
            {
                "data": tmp_path / name,
                "database_url": url,
                "seeds": False,
                "subscriptions": [desk],
                "key": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",
            }
        )
        opened.append(assemble(settings, log, lambda: datetime.now(UTC)))
        return opened[-1]

    yield make
    for parley in opened:
        parley.service.dispose()


def another_log() -> EventLog:
    return EventLog(fakeredis.FakeRedis(protocol=2, legacy_responses=False, server=fakeredis.FakeServer()))


def backup_of(parley: Parley, place: Folder, **options: Any) -> BackedUp:
    now = options.pop("now", parley.clock())
    return back_up(parley.settings.store, parley.log, place, now, **options)


def restored(parley: Parley, place: Folder, **options: Any) -> Restored:
    return restore(
        parley.service,
        parley.read_model,
        parley.log,
        parley.topics.values(),
        place,
        parley.clock(),
        **options,
    )


def read(parley: Parley) -> None:
    for watch in watches(parley):
        watch.tick()
    assert all_read(parley)


def deliver(parley: Parley, ticks: int = 1) -> None:
    notify = Notify(parley)
    for _ in range(ticks):
        notify.tick()
        assert notify.drain(30)
    notify.tick()
    notify.close()


def take_in(parley: Parley, some: list[ArticleFound]) -> None:
    from monitor.service.ingest import take_in as take

    take(parley, some)


def readings(log: EventLog) -> dict[str, int]:
    """Article event -> how often it was read."""
    found: dict[str, int] = {}
    for recorded in log.read_all("pti"):
        event = recorded.event
        if event.type == "article.ingested":
            found.setdefault(event.id, 0)
        elif event.type.startswith("claims."):
            found[event.data["article_event"]] += 1
    return found


def standing(parley: Parley) -> list[tuple[str, str | None, str | None]]:
    """What is said of each channel, without the moments at which it was said."""
    said = queries.status(parley.read_model, "pti", now=parley.clock())
    return [(one.channel, str(one.status), str(one.since)) for one in said.channels]


def queued(parley: Parley) -> dict[str, DeliveryRow]:
    with Session(parley.service) as session:
        return {row.delivery_id: row for row in session.exec(select(DeliveryRow))}


@pytest.mark.drill
def test_backups_made_under_load_restore_to_a_sound_state(
    embedded_server: EmbeddedServer, embedded_log: EventLog, made: Make, receiver: Receiver, tmp_path: Path
) -> None:
    parley, place = made(embedded_log, "live"), Folder(tmp_path / "backups")
    Notify(parley).close()  # subscribed before anything happens
    time.sleep(0.01)
    ended, failures = threading.Event(), []
    news = articles(12)

    def at_work(work: Callable[[], object]) -> threading.Thread:
        def run() -> None:
            try:
                while not ended.is_set():
                    work()
            except BaseException as error:  # noqa: BLE001 - shown by the test
                failures.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    notify, watch = Notify(parley), watches(parley)[0]
    threads = [at_work(watch.tick), at_work(notify.tick)]
    backups = []
    try:
        for number, article in enumerate(news):
            take_in(parley, [article])
            if number % 2:
                backups.append(backup_of(parley, place, now=parley.clock() + timedelta(hours=number)))
        backups.append(backup_of(parley, place, now=parley.clock() + timedelta(days=1)))
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    notify.close()
    assert failures == []
    assert inspect(place).problems == []
    read(parley)
    told_live = len(receiver.requests)
    assert told_live >= 2, "something is told while backups are made"
    for number, backup in enumerate(backups[::2]):
        again = made(another_log(), f"restored-{number}")
        restored(again, place, name=backup.name)
        assert verify(again.log) == []
        head = again.log.head("pti")
        read(again)
        assert set(readings(again.log).values()) == {1}, "every article is read, and once"
        before = len(receiver.requests)
        deliver(again)
        new = [one.event.id for one in again.log.read_all("pti", head) if one.event.type in KINDS]
        assert len(receiver.requests) - before <= len(new), "nothing of the past is told again"
        take_in(again, news)
        read(again)
        assert standing(again) == standing(parley)
        assert verify(again.log) == []
        assert all(count == 1 for count in readings(again.log).values())


@pytest.fixture
def lived(embedded_log: EventLog, made: Make, receiver: Receiver) -> Parley:
    """An installation that has told something."""
    parley = made(embedded_log, "live")
    Notify(parley).close()
    time.sleep(0.01)
    for article in articles(8):
        take_in(parley, [article])
    read(parley)
    deliver(parley)
    assert len(receiver.requests) >= 2
    return parley


def test_what_was_on_its_way_is_for_review(
    lived: Parley, made: Make, receiver: Receiver, tmp_path: Path
) -> None:
    with Session(lived.service) as session:
        row = session.exec(select(DeliveryRow).where(DeliveryRow.state == State.SUCCEEDED)).first()
        assert row is not None
        on_its_way = row.delivery_id
        row.state, row.settled_at = State.LEASED, None
        row.delivery_id = on_its_way = "f" * 32  # of which the log has no outcome
        session.add(row)
        session.commit()
    backup_of(lived, Folder(tmp_path / "backups"))
    again = made(another_log(), "new")
    assert restored(again, Folder(tmp_path / "backups")).abandoned == 1
    before = len(receiver.requests)
    read(again)
    deliver(again)
    assert len(receiver.requests) == before
    row = queued(again)[on_its_way]
    assert (row.state, row.last_error) == (State.ABANDONED, RESTORED)
    assert verify(again.log) == []
    ends = [one.event for one in again.log.read_all("pti", stream=Stream.DELIVERIES)]
    assert "delivery.abandoned" in {event.type for event in ends if event.data["delivery_id"] == on_its_way}


def test_what_the_log_knows_to_have_arrived_needs_no_review(
    lived: Parley, made: Make, tmp_path: Path
) -> None:
    with Session(lived.service) as session:
        row = session.exec(select(DeliveryRow).where(DeliveryRow.state == State.SUCCEEDED)).first()
        assert row is not None
        row.state, row.settled_at = State.LEASED, None
        session.add(row)
        session.commit()
        arrived = row.delivery_id
    backup_of(lived, Folder(tmp_path / "backups"))
    again = made(another_log(), "new")
    assert restored(again, Folder(tmp_path / "backups")).abandoned == 0
    assert queued(again)[arrived].state == State.SUCCEEDED


def test_an_alert_that_the_tables_did_not_know_yet_is_for_review(
    lived: Parley, made: Make, receiver: Receiver, tmp_path: Path
) -> None:
    """The log is copied after the tables: it may tell an alert that the queue does not know."""
    with Session(lived.service) as session:
        known = session.exec(select(DeliveryRow).order_by(col(DeliveryRow.seq).desc())).first()
        assert known is not None
        session.delete(known)
        session.commit()
    backup_of(lived, Folder(tmp_path / "backups"))
    again = made(another_log(), "new")
    restored(again, Folder(tmp_path / "backups"))
    before = len(receiver.requests)
    read(again)
    deliver(again)
    assert len(receiver.requests) == before
    row = queued(again)[known.delivery_id]
    assert (row.state, row.last_error) == (State.ABANDONED, RESTORED)


def test_readers_go_on_where_they_were(lived: Parley, made: Make, tmp_path: Path) -> None:
    """An article that nobody had read when the backup was made is read after the restore."""
    take_in(lived, articles(10)[8:])
    backup_of(lived, Folder(tmp_path / "backups"))
    again = made(another_log(), "new")
    restored(again, Folder(tmp_path / "backups"))
    assert sorted(readings(again.log).values()) == [0, 0, *([1] * 8)]
    read(again)
    assert set(readings(again.log).values()) == {1}
    read(lived)
    assert standing(again) == standing(lived)


def test_a_log_that_is_cut_is_read_on_from_where_all_was_decided(
    lived: Parley, made: Make, receiver: Receiver, tmp_path: Path
) -> None:
    """The cut may fall between an article and its claims, or between claims and what was decided on them."""
    place = Folder(tmp_path / "backups")
    backup_of(lived, place)
    positions = [one.position for one in lived.log.read_all("pti")]
    told = set(queued(lived))
    for number, position in enumerate(positions[2::3]):
        again = made(another_log(), f"cut-{number}")
        until = datetime.fromtimestamp(order(position)[0] / 1000, UTC)
        done = restored(again, place, until=until)
        assert done.topics["pti"].events >= 1
        assert verify(again.log) == []
        kept = [one.position for one in again.log.read_all("pti")]
        assert kept == [one for one in positions if order(one)[0] <= order(position)[0]]
        before = len(receiver.requests)
        read(again)
        assert set(readings(again.log).values()) == {1}
        take_in(again, articles(8))
        read(again)
        assert standing(again) == standing(lived)
        deliver(again)
        assert len(receiver.requests) == before, (
            "what is decided anew was told before, and is known by its id"
        )
        assert set(queued(again)) == told


def test_where_all_is_settled(lived: Parley) -> None:
    events = list(lived.log.read_all("pti"))
    where = settled(lived.log, "pti")
    last = next(one.event for one in reversed(events) if one.event.type.startswith("status."))
    assert lived.log.get("pti", where).event.id == last.cause
    take_in(lived, articles(9)[8:])
    assert settled(lived.log, "pti") == where
    assert settled(another_log(), "pti") == "0-0"


def test_sources_are_free_and_after_a_cut_show_everything_again(
    lived: Parley, made: Make, tmp_path: Path
) -> None:
    with Session(lived.service) as session:
        session.add(
            SourceState(
                source_id="feed",
                place="https://news.example/feed",
                host="news.example",
                due_at="2025-01-01T00:00:00+00:00",
                leased_until="2999-01-01T00:00:00+00:00",
                lease="mine",
                etag="tag",
                body_digest="digest",
                polled_once=True,
            )
        )
        session.add(HostState(host="news.example", free_at="2999-01-01T00:00:00+00:00"))
        session.commit()
    place = Folder(tmp_path / "backups")
    backup_of(lived, place)
    for name, until, etag in (("whole", None, "tag"), ("cut", datetime.now(UTC), "")):
        again = made(another_log(), name)
        restored(again, place, until=until)
        with Session(again.service) as session:
            row = session.exec(select(SourceState)).one()
            assert (row.lease, row.leased_until, row.etag, row.polled_once) == ("", "", etag, True)
            assert session.exec(select(HostState.free_at)).one() == ""


def test_a_restore_needs_an_empty_installation(lived: Parley, made: Make, tmp_path: Path) -> None:
    place = Folder(tmp_path / "backups")
    backup_of(lived, place)
    used = made(another_log(), "used")
    take_in(used, articles(1))
    with pytest.raises(BadInputError, match="another event than the export"):
        restored(used, place)
    with Session(used.service) as session:
        assert session.exec(select(SubscriptionRow)).all() == []
        session.add(Reaction(topic="pti", position="1-0", event_id="e", epoch="e"))
        session.commit()
    with pytest.raises(BadInputError, match=r"it has rows in reaction"):
        restored(used, place)
    with pytest.raises(ArchiveError, match=r"backup-none\.json is missing"):
        restored(made(another_log(), "new"), place, name="backup-none.json")


def test_every_table_is_backed_up_or_left_out_on_purpose() -> None:
    there = {name for part in tables("postgresql") for name in part.tables}
    assert there - {table_of(model).name for model in KEPT} <= LEFT_OUT


def test_rows_of_a_newer_parley_are_refused_and_nothing_is_changed(
    lived: Parley, made: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place, again = Folder(tmp_path / "backups"), made(another_log(), "new")
    with monkeypatch.context() as newer:
        newer.setattr(kept, "_plain", lambda row: {**_plain(row), "invented": 1})
        backup_of(lived, place)
    with pytest.raises(StoreError, match=r"subscription\.invented, which this Parley does not know"):
        restored(again, place)
    with again.service.connect() as connection:
        assert filled(connection) == []


def test_a_backup_goes_from_one_kind_of_database_to_the_other(
    lived: Parley, made: Make, receiver: Receiver, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    pytest.importorskip("tests.postgres", reason="the tests have no PostgreSQL server of their own")
    server = request.getfixturevalue("postgres")
    backup_of(lived, Folder(tmp_path / "to"))
    url = server.fresh()
    there = made(another_log(), "there", url)
    restored(there, Folder(tmp_path / "to"))
    assert (standing(there), set(queued(there))) == (standing(lived), set(queued(lived)))
    for parley in (lived, there):
        take_in(parley, articles(10)[8:])
        read(parley)
    deliver(there)  # what is new is numbered after what was restored
    assert standing(there) == standing(lived)
    back = made(another_log(), "back")
    backup_of(there, Folder(tmp_path / "back"))
    restored(back, Folder(tmp_path / "back"))
    assert standing(back) == standing(there)
    assert rows_of(back) == rows_of(there)
    there.service.dispose()
    there.read_model.close()
    server.drop(url)


def rows_of(parley: Parley) -> list[dict[str, Any]]:
    """The deliveries in the order in which they were queued, but for those that were still to arrive."""
    settled_rows = [row for row in queued(parley).values() if row.last_error != RESTORED]
    return [row.model_dump() for row in sorted(settled_rows, key=lambda row: row.seq or 0)]


def test_so_many_backups_are_kept_and_share_what_is_the_same(lived: Parley, tmp_path: Path) -> None:
    place, now = Folder(tmp_path / "backups"), lived.clock()
    for day in range(4):
        take_in(lived, articles(9 + day)[8 + day :])
        made = backup_of(lived, place, now=now + timedelta(days=day), keep=2)
    assert len(made.removed) == 1
    assert len(manifests(place)) == 2
    held = inspect(place)
    assert held.problems == []
    named = {file for one in held.manifests.values() for file in one.files}
    assert set(place.sizes()) == named | set(held.manifests)
    last = Backup(now + timedelta(days=3), str(place), made.manifest.events)
    assert last_backup(lived.settings.data) == last


def test_a_damaged_manifest_of_an_older_backup_stops_no_new_one(lived: Parley, tmp_path: Path) -> None:
    place, now = Folder(tmp_path / "backups"), lived.clock()
    old = backup_of(lived, place)
    place.write(old.name, b"{")
    new = backup_of(lived, place, now=now + timedelta(days=1), keep=1)
    assert new.removed == ()
    assert set(inspect(place).manifests) == {new.name}


def test_backups_from_before_a_restore_stay(lived: Parley, made: Make, tmp_path: Path) -> None:
    place, now = Folder(tmp_path / "backups"), lived.clock()
    backup_of(lived, place, keep=1)
    again = made(another_log(), "new")
    restored(again, place)
    second = backup_of(again, place, now=now + timedelta(days=1), keep=1)
    assert second.removed == ()
    third = backup_of(again, place, now=now + timedelta(days=2), keep=1)
    assert third.removed == (second.name,)
    assert len(manifests(place)) == 2
    assert inspect(place).problems == []


# Killed at each of its steps, and done again.


def run(what: str, url: str, data: Path, place: Folder, failpoint: str = "") -> int:
    command = [sys.executable, "-m", "monitor", "--data", str(data), what, str(place)]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PARLEY_")}
    env = {**clean, "PARLEY_FAILPOINT": failpoint, "PARLEY_REDIS_URL": url, "PARLEY_SEEDS": "false"}
    done = subprocess.run(command, cwd=ROOT, env=env, check=False, timeout=60, capture_output=True, text=True)
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return done.returncode


@pytest.mark.drill
@pytest.mark.parametrize("point", ["backup.manifest", "backup.tables", "export.segment"])
def test_a_backup_that_was_killed_is_none_or_whole(
    embedded_server: EmbeddedServer, lived: Parley, tmp_path: Path, point: str
) -> None:
    place, data = Folder(tmp_path / "backups"), lived.settings.data
    assert run("backup", embedded_server.url, data, place, point) == -signal.SIGKILL
    assert len(manifests(place)) == (point == "backup.manifest")
    time.sleep(1.0)  # backups are named by the second
    assert run("backup", embedded_server.url, data, place) == 0
    assert place.read(UNFINISHED) is None
    assert inspect(place).problems == []


@pytest.mark.drill
@pytest.mark.parametrize("point", ["restore.tables", "import.batch", "restore.model"])
def test_a_restore_that_was_killed_goes_on_or_was_done(
    embedded_server: EmbeddedServer, lived: Parley, made: Make, tmp_path: Path, point: str
) -> None:
    place, new = Folder(tmp_path / "backups"), tmp_path / "new"
    backup_of(lived, place)
    wanted, told = standing(lived), set(queued(lived))
    with connect(embedded_server.url) as client:
        client.flushall()
    assert run("restore", embedded_server.url, new, place, point) == -signal.SIGKILL
    if point != "restore.tables":
        assert run("restore", embedded_server.url, new, place) == 0
    again = made(lived.log, "new")
    assert standing(again) == wanted
    assert set(queued(again)) == told
    assert not [row for row in queued(again).values() if row.state in COMING]
    assert verify(again.log) == []
    assert reaction_of(again.service, "pti").position == again.log.head("pti")
    with Session(again.service) as session:
        assert session.get(FanOutRow, "pti").restored_to == again.log.head("pti")

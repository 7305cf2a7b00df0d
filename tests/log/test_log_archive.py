"""The archiver: what left Redis is read as if it were there, and killing it at any point loses and doubles nothing."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis

from monitor.errors import ArchiveError, DataLostError
from monitor.log import segments
from monitor.log.archive import Archiver
from monitor.log.connect import connect
from monitor.log.embedded import EmbeddedServer
from monitor.log.events import Event
from monitor.log.export import export, require
from monitor.log.importing import LogImport
from monitor.log.keys import Stream, archive_key, key
from monitor.log.manifest import inspect, manifests, read_manifest
from monitor.log.place import Folder, place_of
from monitor.log.position import Entry
from monitor.log.stream import START, EventLog
from monitor.log.verify import stats, verify
from tests.log.segmenting import KEPT, archive_all

Make = Callable[..., Event]
NOW = datetime(2025, 6, 1, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
EVENTS = 35


@pytest.fixture(autouse=True)
def _short_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "MOST_ENTRIES", 10)


@pytest.fixture
def place(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "archive")


def fill(log: EventLog, fact: Make, decision: Make, delivery: Make) -> None:
    log.append("pti", [fact(n, cause=fact(n - 1).id if n else None) for n in range(EVENTS - 1)])
    log.append("pti", [decision(1, cause=fact(2).id)], expected_decisions=0)
    log.append("pti", [delivery(n, cause=decision(1).id) for n in range(12)])


@pytest.fixture
def archived(client: redis.Redis, place: Folder, fact: Make, decision: Make, delivery: Make) -> EventLog:
    """A log of which all but the newest entries of each stream were archived."""
    log = EventLog(client, place)
    fill(log, fact, decision, delivery)
    assert archive_all(log, place) == EVENTS - KEPT + 12 - KEPT
    return log


def everything(log: EventLog, topic: str = "pti", page: int = 7) -> list[Entry]:
    """All entries of a topic, in small pages."""
    found: list[Entry] = []
    for stream in Stream:
        after = START
        while entries := log.entries.page(topic, stream, after, page):
            found += entries
            after = entries[-1].position
    return found


def test_redis_holds_only_what_is_young(archived: EventLog, client: redis.Redis) -> None:
    assert client.xlen(key("pti", "log")) == client.xlen(key("pti", "deliveries")) == KEPT


def test_reading_goes_on_in_the_archive(
    archived: EventLog, fact: Make, decision: Make, delivery: Make
) -> None:
    wanted = [*(fact(n).id for n in range(EVENTS - 1)), decision(1).id]
    assert [one.event.id for one in archived.read_all("pti")] == wanted
    sent = [one.event.id for one in archived.read_all("pti", stream=Stream.DELIVERIES)]
    assert sent == [delivery(n).id for n in range(12)]
    assert archived.length("pti") == EVENTS == archived.indexed("pti")
    for count in (1, KEPT, KEPT + 1, EVENTS, EVENTS + 5):
        assert [one.event.id for one in archived.tail("pti", count)] == wanted[-count:]


def test_every_position_is_found_and_can_be_a_checkpoint(archived: EventLog) -> None:
    for recorded in list(archived.read_all("pti")):
        assert archived.get("pti", recorded.position) == recorded
        archived.check("pti", archived.checkpoint_at("pti", recorded.position))
    assert archived.get("pti", "1-1") is None
    with pytest.raises(DataLostError):
        archived.checkpoint_at("pti", "1-1")


def test_what_was_archived_is_still_known(archived: EventLog, fact: Make) -> None:
    assert archived.append("pti", [fact(0)]).outcome == "duplicate"
    assert archived.append("pti", [fact("new", cause=fact(0).id)]).outcome == "appended"
    assert verify(archived) == []
    assert stats(archived)["topics"]["pti"]["events"] == EVENTS + 12 + 1


def test_archiving_goes_on(archived: EventLog, client: redis.Redis, place: Folder, fact: Make) -> None:
    before = everything(archived)
    archived.append("pti", [fact(f"more {n}") for n in range(25)])
    assert archive_all(archived, place) == 25
    assert client.xlen(key("pti", "log")) == KEPT
    assert [one for one in everything(archived) if one in before] == before
    assert len(everything(archived)) == len(before) + 25
    assert inspect(place).problems == []


def test_all_of_a_stream_can_be_archived(
    archived: EventLog, client: redis.Redis, place: Folder, fact: Make
) -> None:
    head, before = archived.head("pti"), everything(archived)
    Archiver(archived, place).move("pti", Stream.LOG, "99999999999999-0", NOW)
    assert client.xlen(key("pti", "log")) == 0
    assert everything(archived) == before
    assert archived.head("pti") == head
    assert archived.topics() == ["pti"]
    assert archived.append("pti", [fact("next")]).positions[0] > head


def test_an_export_of_an_archived_log_is_whole(archived: EventLog, tmp_path: Path) -> None:
    assert export(archived, Folder(tmp_path / "export"), NOW).events == EVENTS + 12


def test_the_manifest_names_what_redis_lists(archived: EventLog, place: Folder) -> None:
    (name,) = manifests(place)
    manifest = read_manifest(place, name)
    assert manifest is not None
    for stream in Stream:
        listed = archived.entries.segments("pti", stream)
        assert list(manifest.logs["pti"].streams[stream].segments) == listed
    assert inspect(place).problems == []


def test_a_log_read_without_its_archive_says_what_to_set(archived: EventLog, client: redis.Redis) -> None:
    with pytest.raises(ArchiveError, match=r"archive\.place"):
        EventLog(client).read("pti")
    assert EventLog(client).tail("pti", 1), "what is in Redis needs no archive"


def test_damage_in_the_archive_is_found_and_never_read(
    archived: EventLog, client: redis.Redis, place: Folder, tmp_path: Path
) -> None:
    segment = archived.entries.segments("pti", Stream.LOG)[1]
    path = tmp_path / "archive" / segment.file
    content = path.read_bytes()
    path.write_bytes(content[:50] + bytes([content[50] ^ 1]) + content[51:])
    fresh = EventLog(client, place)
    (problem,) = verify(fresh)
    assert str(path) in str(problem)
    with pytest.raises(ArchiveError, match="is damaged"):
        list(fresh.read_all("pti"))
    path.unlink()
    assert "is missing" in str(verify(fresh)[0])


class Forgetful(Folder):
    """A place that gives back something else than what it was given."""

    def read(self, name: str) -> bytes | None:
        content = super().read(name)
        return content and content[:-1]


def test_what_the_place_does_not_give_back_stays_in_redis(
    client: redis.Redis, tmp_path: Path, fact: Make, decision: Make, delivery: Make
) -> None:
    log = EventLog(client)
    fill(log, fact, decision, delivery)
    with pytest.raises(ArchiveError):
        archive_all(log, Forgetful(tmp_path / "bad"))
    assert client.xlen(key("pti", "log")) == EVENTS
    assert verify(log) == []


def test_entries_that_are_others_than_those_archived_stay(
    archived: EventLog, client: redis.Redis, place: Folder, monkeypatch: pytest.MonkeyPatch, fact: Make
) -> None:
    archived.append("pti", [fact(f"more {n}") for n in range(5)])
    (first, *_) = client.xrange(key("pti", "log"), count=1)
    monkeypatch.setattr(archived.entries, "page", _without(archived, first[0].decode()))
    with pytest.raises(ArchiveError, match="does not begin with what was archived"):
        archive_all(archived, place)
    assert client.xlen(key("pti", "log")) == KEPT + 5


def _without(log: EventLog, position: str) -> Callable[..., list[Entry]]:
    page = log.entries.page
    return lambda *wanted: [one for one in page(*wanted) if one.position != position]


def test_two_archivers_at_once_lose_and_double_nothing(
    client: redis.Redis, real_url: str, place: Folder, fact: Make, decision: Make, delivery: Make
) -> None:
    log = EventLog(client, place)
    fill(log, fact, decision, delivery)
    before = everything(log)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with connect(real_url) as mine:
                for _ in range(5):
                    archive_all(EventLog(mine, place), place)
        except BaseException as error:  # noqa: BLE001 - shown by the test
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert everything(EventLog(client, place)) == before
    assert verify(EventLog(client, place)) == []
    assert archive_all(log, place) == 0
    assert inspect(place).problems == []


@pytest.fixture
def client(real_url: str) -> Iterator[redis.Redis]:
    """On real servers: it is about what a server does."""
    with connect(real_url) as opened:
        yield opened


def test_a_reader_from_the_beginning_sees_every_event_once_while_it_is_archived(
    real_url: str, client: redis.Redis, place: Folder, fact: Make
) -> None:
    log = EventLog(client, place)
    log.append("pti", [fact(n) for n in range(400)])
    wanted = [fact(n).id for n in range(400)]
    ended = threading.Event()

    def archive() -> None:
        with connect(real_url) as mine:
            writer = EventLog(mine, place)
            for recorded in list(writer.read_all("pti"))[::20]:
                Archiver(writer, place).move("pti", Stream.LOG, recorded.position, NOW)
        ended.set()

    thread = threading.Thread(target=archive)
    thread.start()
    rounds = 0
    while not ended.is_set() or rounds == 0:
        found, after = [], START
        while page := log.read("pti", after, count=3):
            found += [one.event.id for one in page]
            after = page[-1].position
            assert log.length("pti") == 400
        assert found == wanted
        rounds += 1
    thread.join()
    assert client.llen(archive_key("pti", Stream.LOG)) > 10


# Killed at each of its steps, and done again.


def run(url: str, place: Folder, failpoint: str = "") -> int:
    command = [sys.executable, "-m", "tests.log.segmenting", "archive", url, str(place)]
    env = {**os.environ, "PARLEY_FAILPOINT": failpoint}
    return subprocess.run(command, cwd=ROOT, env=env, check=False, timeout=60).returncode


@pytest.mark.drill
@pytest.mark.parametrize("point", ["archive.written", "archive.noted", "archive.trimmed"])
@pytest.mark.parametrize("at", [1, 3, 5])
def test_killed_anywhere_it_loses_and_doubles_nothing(
    embedded_server: EmbeddedServer,
    embedded_log: EventLog,
    place: Folder,
    fact: Make,
    decision: Make,
    delivery: Make,
    point: str,
    at: int,
) -> None:
    fill(embedded_log, fact, decision, delivery)
    before = everything(embedded_log)
    assert run(embedded_server.url, place, f"{point}:{at}") == -signal.SIGKILL
    with connect(embedded_server.url) as client:
        log = EventLog(client, place)
        assert everything(log) == before
        assert verify(log) == []
        assert run(embedded_server.url, place) == 0
        assert client.xlen(key("pti", "log")) == KEPT
        assert everything(log) == before
        assert verify(log) == []
    assert inspect(place).problems == []


# An object store instead of a folder.


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a new bucket on a real S3 server that speaks HTTP."""
    s3fs = pytest.importorskip("s3fs", reason="the extra s3 is not installed")
    server_of = pytest.importorskip("moto.server", reason="moto, an S3 server for tests, is not installed")
    import boto3

    server = server_of.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "for-tests")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "for-tests")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    name = f"parley-{port}"  # the server remembers those of the tests before
    boto3.client("s3").create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    yield f"s3://{name}"
    server.stop()
    s3fs.S3FileSystem.clear_instance_cache()


def test_the_archive_may_be_an_object_store(
    client: redis.Redis, bucket: str, fact: Make, decision: Make, delivery: Make
) -> None:
    place = place_of(f"{bucket}/archive")
    log = EventLog(client, place)
    fill(log, fact, decision, delivery)
    before = everything(log)
    assert archive_all(log, place) > 0
    again = EventLog(client, place)
    assert everything(again) == before
    assert verify(again) == []
    assert inspect(place).problems == []
    segment = again.entries.segments("pti", Stream.LOG)[0]
    place.remove(segment.file)
    place.remove(segment.file)
    assert place.read(segment.file) is None
    assert inspect(place).problems == [f"{bucket}/archive/{segment.file} is missing"]


def test_an_export_may_go_to_an_object_store_and_on_from_there(
    client: redis.Redis, bucket: str, fact: Make, decision: Make, delivery: Make
) -> None:
    log, there = EventLog(client), place_of(f"{bucket}/export/")
    fill(log, fact, decision, delivery)
    before = export(log, there, NOW)
    log.append("pti", [fact("later")])
    after = export(log, place_of(f"{bucket}/export"), NOW)
    assert after.events == before.events + 1 == EVENTS + 13
    assert inspect(there).problems == []
    wanted = everything(log)
    client.flushall()
    LogImport(log, there, require(there)).run()
    assert everything(log) == wanted
    assert verify(log) == []

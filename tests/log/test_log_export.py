"""Exports: whole or not at all, incremental, and any damage is found; imports give the same log under a new epoch."""

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fakeredis
import pytest
import redis

from monitor.errors import ArchiveError, BadInputError, DataLostError, LogUnavailableError
from monitor.log import segments
from monitor.log.connect import connect
from monitor.log.embedded import EmbeddedServer
from monitor.log.events import Event
from monitor.log.export import export, require
from monitor.log.importing import LogImport
from monitor.log.keys import Stream, key
from monitor.log.manifest import MANIFEST, UNFINISHED, inspect, read_manifest
from monitor.log.place import Folder, place_of
from monitor.log.position import Entry, order
from monitor.log.stream import START, EventLog
from monitor.log.verify import verify

Make = Callable[..., Event]
NOW = datetime(2025, 6, 1, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _short_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "MOST_ENTRIES", 10)


@pytest.fixture
def place(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "export")


@pytest.fixture
def filled(log: EventLog, fact: Make, decision: Make, delivery: Make) -> EventLog:
    """A log of two topics and `_system` with causes, decisions, deliveries and words of many scripts."""
    fill(log, fact, decision, delivery)
    return log


def fill(log: EventLog, fact: Make, decision: Make, delivery: Make) -> None:
    log.append("pti", [fact(n, cause=fact(n - 1).id if n else None) for n in range(34)])
    log.append("pti", [decision(1, cause=fact(2).id)], expected_decisions=0)
    log.append("pti", [delivery(n, cause=decision(1).id) for n in range(12)])
    log.append("rail-strike", [fact('مذاکرات \u2028 \\ " é', "rail-strike")])
    log.append("_system", [fact("system", "_system")])


@pytest.fixture
def empty() -> EventLog:
    """Another Redis, with nothing in it."""
    return EventLog(fakeredis.FakeRedis(protocol=2, legacy_responses=False, server=fakeredis.FakeServer()))


def everything(log: EventLog) -> dict[tuple[str, Stream], list[Entry]]:
    return {
        (topic, stream): log.entries.page(topic, stream, START, 10_000)
        for topic in log.topics()
        for stream in Stream
    }


def test_an_import_holds_the_same_entries_at_the_same_positions(
    filled: EventLog, place: Folder, empty: EventLog
) -> None:
    manifest = export(filled, place, NOW)
    assert manifest.events == 34 + 1 + 12 + 1 + 1
    done = LogImport(empty, place, require(place)).run()
    assert everything(empty) == everything(filled)
    assert verify(empty) == verify(filled) == []
    assert empty.decisions("pti") == 1
    assert {topic: one.new for topic, one in done.items()} == {"_system": 1, "pti": 47, "rail-strike": 1}


def test_an_import_is_another_log_than_the_one_before(
    filled: EventLog, place: Folder, empty: EventLog
) -> None:
    seen = filled.checkpoint_at("pti", filled.head("pti"))
    export(filled, place, NOW)
    done = LogImport(empty, place, require(place)).run()
    assert empty.epoch("pti") == done["pti"].epoch != filled.epoch("pti")
    with pytest.raises(DataLostError, match="epoch"):
        empty.check("pti", seen)


def test_what_is_imported_is_known_by_its_ids(
    filled: EventLog, place: Folder, empty: EventLog, fact: Make, decision: Make
) -> None:
    export(filled, place, NOW)
    LogImport(empty, place, require(place)).run()
    assert empty.append("pti", [fact(3)]).outcome == "duplicate"
    assert empty.append("pti", [decision(2)], expected_decisions=1).outcome == "appended"


def test_an_entry_that_is_no_event_is_kept_as_it_is(
    filled: EventLog, client: redis.Redis, place: Folder, empty: EventLog
) -> None:
    for odd in ({"event": "nonsense\nof two lines"}, {"event": b"\xff\x00", "more": "x"}, {"event": "{}"}):
        client.xadd(key("pti", "log"), odd)
    export(filled, place, NOW)
    LogImport(empty, place, require(place)).run()
    assert everything(empty) == everything(filled)


def test_an_export_goes_on_where_the_last_one_ended(filled: EventLog, place: Folder, fact: Make) -> None:
    first = export(filled, place, NOW)
    before = place.sizes()
    assert export(filled, place, NOW).logs == first.logs
    filled.append("pti", [fact("later")])
    second = export(filled, place, NOW + timedelta(days=1))
    assert second.events == first.events + 1
    new = set(place.sizes()) - set(before)
    assert len(new) == 1
    assert require(place) == second
    assert inspect(place).problems == []


def test_a_segment_that_is_gone_or_damaged_is_written_again(
    filled: EventLog, place: Folder, tmp_path: Path
) -> None:
    first = export(filled, place, NOW)
    segments_ = first.logs["pti"].streams[Stream.LOG].segments
    place.remove(segments_[2].file)
    path = tmp_path / "export" / segments_[1].file
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert export(filled, place, NOW).logs == first.logs
    assert inspect(place).problems == []


def test_an_export_of_another_log_is_not_touched(
    filled: EventLog, place: Folder, empty: EventLog, fact: Make
) -> None:
    manifest = export(filled, place, NOW)
    with pytest.raises(BadInputError, match="another log of _system, pti, rail-strike"):
        export(empty, place, NOW)
    for topic in filled.topics():
        empty.append(topic, [fact("else", topic)])
    with pytest.raises(BadInputError, match="give another place"):
        export(empty, place, NOW)
    assert require(place) == manifest


def test_an_import_into_a_log_that_holds_events_is_refused(
    filled: EventLog, place: Folder, empty: EventLog, fact: Make
) -> None:
    export(filled, place, NOW)
    empty.append("another", [fact(1, "another")])
    with pytest.raises(BadInputError, match="holds the log of another already"):
        LogImport(empty, place, require(place)).run()
    assert empty.topics() == ["another"]


def test_an_import_into_a_log_with_other_events_is_refused_before_anything_is_written(
    filled: EventLog, place: Folder, empty: EventLog, fact: Make
) -> None:
    export(filled, place, NOW)
    empty.append("rail-strike", [fact("else", "rail-strike")])
    with pytest.raises(BadInputError, match="another event than the export"):
        LogImport(empty, place, require(place)).run()
    assert empty.topics() == ["rail-strike"]


def test_an_import_of_the_same_events_changes_nothing(filled: EventLog, place: Folder) -> None:
    export(filled, place, NOW)
    epoch = filled.epoch("pti")
    done = LogImport(filled, place, require(place)).run()
    assert sum(one.new for one in done.values()) == 0
    assert filled.epoch("pti") == epoch
    assert verify(filled) == []


def test_an_import_until_a_moment_has_what_the_log_had_then(
    log: EventLog, client: redis.Redis, place: Folder, empty: EventLog, fact: Make, decision: Make
) -> None:
    log.append("pti", [fact(1)])
    log.append("pti", [decision(1)], expected_decisions=0)
    cut = order(log.head("pti"))[0]
    while order(log.append("pti", [fact(client.time())]).positions[0])[0] <= cut:
        pass
    log.append("pti", [decision(2)], expected_decisions=1)
    export(log, place, NOW)
    until = datetime.fromtimestamp(cut / 1000, UTC)
    LogImport(empty, place, require(place), until).run()
    kept = everything(empty)["pti", Stream.LOG]
    assert kept == [one for one in everything(log)["pti", Stream.LOG] if order(one.position)[0] <= cut]
    assert 0 < len(kept) < log.length("pti")
    assert empty.decisions("pti") == 1
    assert verify(empty) == []


def files_of(place: Folder, root: Path) -> list[Path]:
    return [root / "export" / name for name in place.sizes()]


def test_one_flipped_bit_is_found_wherever_it_is(filled: EventLog, place: Folder, tmp_path: Path) -> None:
    export(filled, place, NOW)
    assert inspect(place).problems == []
    for path in files_of(place, tmp_path):
        content = path.read_bytes()
        for at in range(0, len(content), max(1, len(content) // 40)):
            for bit in (0, 5):
                path.write_bytes(content[:at] + bytes([content[at] ^ (1 << bit)]) + content[at + 1 :])
                problems = inspect(place).problems
                assert problems, (path, at, bit)
                assert str(path) in problems[0]
        path.write_bytes(content)
    assert inspect(place).problems == []


def test_a_missing_and_a_truncated_segment_are_named(
    filled: EventLog, place: Folder, tmp_path: Path, empty: EventLog
) -> None:
    manifest = export(filled, place, NOW)
    one, other = (part.file for part in manifest.logs["pti"].streams[Stream.LOG].segments[:2])
    place.remove(one)
    path = tmp_path / "export" / other
    path.write_bytes(path.read_bytes()[:-7])
    missing, short = inspect(place).problems
    assert missing == f"{place}/{one} is missing"
    assert short.startswith(f"{place}/{other} is damaged")
    with pytest.raises(ArchiveError, match="is missing"):
        LogImport(empty, place, require(place)).run()
    assert empty.topics() == []


def rewritten(place: Folder, change: Callable[[dict[str, object]], object]) -> None:
    """The manifest changed by somebody who knows how its hash is made."""
    from monitor.log import manifest

    document = json.loads(place.read(MANIFEST) or b"")
    del document["sha256"]
    change(document)
    place.write(MANIFEST, json.dumps({**document, "sha256": manifest._digest(document)}).encode())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda document: document["logs"]["pti"]["streams"]["log"]["segments"].pop(1), "are no chain"),
        (
            lambda document: document["logs"]["pti"]["streams"]["log"]["segments"].pop(),
            "should hold 35 events",
        ),
        (lambda document: document["logs"]["pti"]["streams"]["log"]["segments"].reverse(), "are no chain"),
        (lambda document: document["logs"]["pti"].pop("epoch"), "is no manifest of Parley"),
        (lambda document: document.update(format=99), "newer form"),
    ],
)
def test_a_manifest_that_does_not_fit_is_found(
    filled: EventLog, place: Folder, change: Callable[[object], object], said: str
) -> None:
    export(filled, place, NOW)
    rewritten(place, change)
    (problem,) = inspect(place).problems
    assert said in problem
    assert MANIFEST in problem


def test_a_segment_with_other_entries_than_the_manifest_says_is_found(
    filled: EventLog, place: Folder, tmp_path: Path
) -> None:
    import hashlib

    manifest = export(filled, place, NOW)
    (segment,) = manifest.logs["rail-strike"].streams[Stream.LOG].segments
    path = tmp_path / "export" / segment.file
    content = gzip.compress(gzip.decompress(path.read_bytes()) * 2)
    path.write_bytes(content)
    forged = segment.model_copy(update={"sha256": hashlib.sha256(content).hexdigest()})
    with pytest.raises(ArchiveError, match="does not fit its manifest: 2 entries"):
        segments.read_segment(place, forged)


def test_a_folder_without_an_export_says_so(tmp_path: Path) -> None:
    (problem,) = inspect(Folder(tmp_path)).problems
    assert "there is no manifest" in problem
    with pytest.raises(ArchiveError, match="there is no export"):
        require(Folder(tmp_path))


def test_a_place_that_cannot_be_written_is_trouble_that_may_pass(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LogUnavailableError, match="cannot write"):
        Folder(tmp_path / "file" / "deeper").write("name", b"")


def test_names_of_places(tmp_path: Path) -> None:
    assert str(place_of("archive", tmp_path)) == str(tmp_path / "archive")
    assert str(place_of(f"file://{tmp_path}")) == str(tmp_path)
    with pytest.raises(BadInputError, match="no place for segments"):
        place_of("nonsense://bucket")
    with pytest.raises(BadInputError, match="name a place"):
        place_of(" ")


# Killed at each of its steps, and done again.


def run(action: str, url: str, place: Folder, failpoint: str = "") -> int:
    command = [sys.executable, "-m", "tests.log.segmenting", action, url, str(place)]
    env = {**os.environ, "PARLEY_FAILPOINT": failpoint}
    return subprocess.run(command, cwd=ROOT, env=env, check=False, timeout=60).returncode


@pytest.mark.drill
@pytest.mark.parametrize("failpoint", ["export.segment:1", "export.segment:4", "export.manifest:1"])
def test_an_export_that_was_killed_looks_unfinished_and_goes_on(
    embedded_server: EmbeddedServer,
    embedded_log: EventLog,
    place: Folder,
    fact: Make,
    decision: Make,
    delivery: Make,
    failpoint: str,
) -> None:
    fill(embedded_log, fact, decision, delivery)
    assert run("export", embedded_server.url, place, failpoint) == -signal.SIGKILL
    if "segment" in failpoint:
        assert read_manifest(place) is None
        assert (
            "there is no manifest" in inspect(place).problems[0]
            or "not finished" in inspect(place).problems[0]
        )
    written = {name for name in place.sizes() if name.endswith(".gz")}
    assert run("export", embedded_server.url, place) == 0
    assert place.read(UNFINISHED) is None
    manifest = require(place)
    assert inspect(place).problems == []
    assert written <= set(manifest.files), "what was written before is used"
    assert manifest.events == 49


@pytest.mark.drill
@pytest.mark.parametrize("failpoint", ["import.batch:1", "import.batch:2", "import.batch:3"])
def test_an_import_that_was_killed_goes_on(
    embedded_server: EmbeddedServer,
    embedded_log: EventLog,
    place: Folder,
    fact: Make,
    decision: Make,
    delivery: Make,
    failpoint: str,
) -> None:
    fill(embedded_log, fact, decision, delivery)
    export(embedded_log, place, NOW)
    wanted = everything(embedded_log)
    with connect(embedded_server.url) as client:
        client.flushall()
    assert run("import", embedded_server.url, place, failpoint) == -signal.SIGKILL
    assert run("import", embedded_server.url, place) == 0
    assert everything(embedded_log) == wanted
    assert verify(embedded_log) == []

"""Backups, exports and the archive as operators use them: what is restored answers as before."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Parley = Callable[..., Any]
HOOK = ("http://127.0.0.1:9/hook", "--allow-private")
ANSWERS = (
    ("status", "pti"),
    ("timeline", "pti"),
    ("alerts", "pti"),
    ("claims", "pti"),
    ("articles", "list"),
    ("silences",),
    ("subscriptions", "list"),
    ("tokens", "list"),
)


def document(done: Any) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def answers(parley: Parley, data: Path) -> list[Any]:
    return [document(parley(*words, "--json", data=data)) for words in ANSWERS]


@pytest.fixture
def used(parley: Parley, tmp_path: Path) -> Path:
    """An installation with the seeds, a subscription, a silence and a token."""
    data = tmp_path / "used"
    for words in (
        ("seed",),
        ("subscriptions", "add", "desk", "webhook", *HOOK),
        ("silence", "pti", "--for", "900d", "--why", "on leave"),
        ("tokens", "add", "reader"),
    ):
        done = parley(*words, data=data)
        assert done.returncode == 0, done.stderr
    return data


def test_what_is_restored_answers_as_before(parley: Parley, used: Path, tmp_path: Path) -> None:
    before = answers(parley, used)
    place = str(tmp_path / "backups")
    made = document(parley("backup", place, "--json", data=used))
    assert made["rows"]["subscription"] == 1
    new = tmp_path / "new"
    new.mkdir()
    (new / "parley.key").write_bytes((used / "parley.key").read_bytes())
    back = document(parley("restore", place, "--json", data=new))
    assert back["topics"]["pti"] > 0
    assert sum(back["topics"].values()) == made["events"]
    assert back["key"] == "opens what is sealed"
    assert answers(parley, new) == before
    assert document(parley("log", "verify", "--json", data=new))["ok"]


def test_the_backup_says_that_the_key_is_not_in_it_and_it_is_not(
    parley: Parley, used: Path, tmp_path: Path
) -> None:
    done = parley("backup", str(tmp_path / "backups"), data=used)
    assert f"Not in it: the key that opens subscribers' addresses ({used / 'parley.key'})" in done.stdout
    key = (used / "parley.key").read_bytes().strip()
    for path in (tmp_path / "backups").rglob("*.gz"):
        import gzip

        content = gzip.decompress(path.read_bytes())
        assert key not in content
        assert b"127.0.0.1:9/hook" not in content, "what is sealed stays sealed"


def test_the_last_backup_is_noted_in_the_data_folder(parley: Parley, used: Path, tmp_path: Path) -> None:
    made = document(parley("backup", str(tmp_path / "backups"), "--json", data=used))
    noted = json.loads((used / "last_backup.json").read_text())
    assert noted == {"at": made["at"], "place": made["place"], "events": made["events"]}


def test_an_installation_that_is_in_use_is_not_restored_over(
    parley: Parley, used: Path, tmp_path: Path
) -> None:
    place = str(tmp_path / "backups")
    document(parley("backup", place, "--json", data=used))
    before = answers(parley, used)
    refused = parley("restore", place, data=used)
    assert refused.returncode == 2
    assert "this installation is not empty" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    assert answers(parley, used) == before


def test_without_the_old_key_it_says_what_to_do(parley: Parley, used: Path, tmp_path: Path) -> None:
    place = str(tmp_path / "backups")
    document(parley("backup", place, "--json", data=used))
    done = parley("restore", place, data=tmp_path / "new")
    assert done.returncode == 0
    assert "put the key of the old installation in its place" in done.stderr


def test_a_damaged_backup_changes_nothing(parley: Parley, used: Path, tmp_path: Path) -> None:
    place = tmp_path / "backups"
    document(parley("backup", str(place), "--json", data=used))
    assert document(parley("log", "verify", str(place), "--json", data=used))["ok"]
    (table,) = place.glob("tables/*/subscription-*.gz")
    table.write_bytes(table.read_bytes()[:-1] + b"x")
    found = parley("log", "verify", str(place), data=used)
    assert found.returncode == 1
    assert str(table) in found.stdout
    refused = parley("restore", str(place), data=tmp_path / "new")
    assert refused.returncode == 2
    assert str(table) in refused.stderr
    assert document(parley("log", "stats", "--json", data=tmp_path / "new")) == {"topics": {}}


def test_a_place_without_a_backup_says_so(parley: Parley, tmp_path: Path) -> None:
    refused = parley("restore", str(tmp_path), data=tmp_path / "new")
    assert refused.returncode == 2
    assert "there is no backup at" in refused.stderr


def test_an_export_becomes_the_log_of_another_installation(
    parley: Parley, used: Path, tmp_path: Path
) -> None:
    place, new = str(tmp_path / "export"), tmp_path / "new"
    made = document(parley("log", "export", place, "--json", data=used))
    assert document(parley("log", "verify", place, "--json", data=used))["manifests"][0]["kind"] == "export"
    done = document(parley("log", "import", place, "--json", data=new))
    assert {topic: one["events"] for topic, one in done["topics"].items()} == made["topics"]
    document(parley("rebuild", "--json", data=new))
    wanted = [document(parley(*words, "--json", data=used)) for words in ANSWERS[:4]]
    assert [document(parley(*words, "--json", data=new)) for words in ANSWERS[:4]] == wanted
    again = document(parley("log", "import", place, "--json", data=new))
    assert all(one["new"] == 0 for one in again["topics"].values())


def test_the_archive_takes_nothing_that_somebody_has_still_to_read(parley: Parley, used: Path) -> None:
    without = parley("log", "archive", data=used)
    assert without.returncode == 2
    assert "archive.place" in without.stderr
    environ = {"PARLEY_ARCHIVE_PLACE": "archive", "PARLEY_ARCHIVE_KEEP_DAYS": "0"}
    none = document(parley("log", "archive", "--json", data=used, **environ))
    assert sum(none["moved"].values()) == 0, "nobody has fanned out yet: everything is still to be read"


def test_what_was_read_by_all_is_archived_and_found_again(parley: Parley, used: Path, tmp_path: Path) -> None:
    notified(used)
    before = answers(parley, used)
    environ = {"PARLEY_ARCHIVE_PLACE": "archive", "PARLEY_ARCHIVE_KEEP_DAYS": "0"}
    moved = document(parley("log", "archive", "--json", data=used, **environ))["moved"]
    assert moved["pti"] > 3
    document(parley("rebuild", "--json", data=used, **environ))
    assert answers(parley, used) == before
    assert document(parley("log", "verify", "--json", data=used, **environ))["ok"]
    assert document(parley("log", "verify", str(used / "archive"), "--json", data=used))["ok"]
    lost = parley("rebuild", data=used)
    assert lost.returncode == 2
    assert "archive.place" in lost.stderr


def notified(data: Path) -> None:
    """Fan out what the log has, as the role `notify` does."""
    from monitor.cli.context import utc_now
    from monitor.service.notify import Notify
    from monitor.service.settings import load_settings
    from monitor.service.wiring import assemble, open_event_log

    settings = load_settings(None, data, {})
    with open_event_log(settings) as log:
        parley = assemble(settings, log, utc_now)
        notify = Notify(parley)
        notify.tick()
        notify.close()
        parley.service.dispose()

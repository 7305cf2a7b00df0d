"""`parley replay` and `parley redetect` with a detector that has learned, on a log that an older one has read."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from monitor.log.embedded import open_log, running_url
from monitor.log.events import Event
from monitor.log.verify import verify
from tests.integration.conftest import run_parley
from tests.integration.learned import LEARNED, learn
from tests.processes import free_port

ROOT = Path(__file__).parents[2]


class Done(Protocol):
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


Parley = Callable[..., Done]


def line(number: int, day: str, title: str, text: str) -> dict[str, str]:
    return {
        "title": title,
        "text": text,
        "published": f"{day}T08:00:00Z",
        "outlet": f"Outlet {number}",
        "url": f"https://news.example/{number}",
    }


KINDS = ("moved", "changed", "appeared", "vanished")
STORY = [
    line(1, "2025-06-05", "PTI in Islamabad", "The PTI and the federal government held a palaver in Islamabad."),
    line(2, "2025-06-10", "PTI, government hold talks", "The PTI and the federal government held talks on Tuesday."),
    line(3, "2025-06-20", "PTI ends talks", "Rumour has it that the PTI has called off its talks with the government."),
    line(4, "2025-07-01", "PTI and the government", "The PTI has rejected a palaver with the federal government."),
]  # fmt: skip


@pytest.fixture(scope="module")
def read_by_the_old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose log an older detector has read, each article on its day."""
    folder = tmp_path_factory.mktemp("old")
    stream = folder / "stream.jsonl"
    stream.write_text("\n".join(json.dumps(one) for one in STORY), encoding="utf-8")
    done = run_parley("rehearse", "pti", str(stream), "--keep", str(folder / "data"), data=folder / "none")
    assert done.returncode == 0, done.stderr
    return folder / "data"


@pytest.fixture
def data(read_by_the_old: Path, tmp_path: Path) -> Path:
    """That folder, to be changed."""
    return Path(shutil.copytree(read_by_the_old, tmp_path / "data"))


@pytest.fixture
def learned() -> Iterator[None]:
    """This process's detector has learned."""
    with learn():
        yield


def document(done: Done) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def events(data: Path) -> list[Event]:
    with open_log(data) as log:
        return [recorded.event for recorded in log.read_all("pti")]


def ids(data: Path) -> list[str]:
    return [event.id for event in events(data)]


def shifts(found: dict[str, Any], kind: str) -> list[tuple[str, str | None, str | None]]:
    """Status, the start that was announced, the start now."""
    return [
        (one["status"], one["announced"] and one["announced"]["start"], one["now"] and one["now"]["start"])
        for one in found["shifts"][kind]
    ]


@pytest.mark.usefixtures("learned")
def test_replay_shows_what_would_differ_and_writes_nothing(parley: Parley, data: Path) -> None:
    before = ids(data)
    found = document(parley("replay", "pti", "--json", data=data))
    assert found["detector"] == "learned"
    assert shifts(found, "moved") == [("underway", "2025-06-10", "2025-06-05")]
    assert shifts(found, "vanished") == [("collapsed", "2025-06-20", None)]
    assert shifts(found, "appeared") == [("rejected", None, "2025-07-01")]
    (appeared,) = found["shifts"]["appeared"]
    assert (appeared["now"]["alert"], appeared["now"]["held_back"]) == ("raised", None)
    assert "rejected" in appeared["evidence"][0]["quote"]
    (vanished,) = found["shifts"]["vanished"]
    assert vanished["announced"]["alert"] == "raised"
    assert {claim["outlet"] for claim in found["claims"]["gained"]} == {"Outlet 1", "Outlet 4"}
    assert {claim["outlet"] for claim in found["claims"]["lost"]} == {"Outlet 3"}
    assert ids(data) == before


def test_replay_by_the_same_detector_and_rules_finds_nothing(parley: Parley, data: Path) -> None:
    found = document(parley("replay", "pti", "--json", data=data))
    assert [found["claims"][kind] for kind in ("changed", "gained", "lost")] == [[], [], []]
    assert found["shifts"] == {"same": 2, "moved": [], "changed": [], "appeared": [], "vanished": []}


@pytest.mark.usefixtures("learned")
def test_a_person_sees_what_would_differ_and_by_whose_words(parley: Parley, data: Path) -> None:
    shown = parley("replay", "pti", data=data).stdout
    assert "1 would move, 1 would appear, 1 would vanish" in shown
    (vanished,) = (row for row in shown.splitlines() if row.startswith("vanished"))
    assert "talks collapsed, since 2025-06-20" in vanished
    assert "“PTI ends talks” (Outlet 3)" in vanished


@pytest.mark.parametrize("command", ["replay", "redetect"])
def test_a_log_is_needed_and_a_folder_that_is_not_there_is_not_made(
    parley: Parley, tmp_path: Path, command: str
) -> None:
    missing = tmp_path / "misspelt"
    refused = parley(command, "pti", data=missing)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"there is no data folder {missing}" in refused.stderr
    assert not missing.exists()
    (tmp_path / "empty").mkdir()
    refused = parley(command, "pti", data=tmp_path / "empty")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "there is no log of 'pti'" in refused.stderr


@pytest.mark.usefixtures("learned")
def test_redetect_supersedes_the_older_claims_and_alerts_nobody_of_the_past(
    parley: Parley, data: Path
) -> None:
    before = events(data)
    found = document(parley("redetect", "pti", "--json", data=data))
    assert found["articles"] == {"read": 4, "failed": 0, "known": 0}
    new = events(data)[len(before) :]
    claims = [event for event in new if event.type == "claims.detected"]
    assert [event.data["detector"]["version"] for event in claims] == ["learned"] * 4
    told = [(event.type, event.data["reason"]) for event in new if event.type.startswith("alert.")]
    assert sorted(told) == [("alert.cancelled", "withdrawn"), ("alert.suppressed", "redetected")]
    assert [one["id"] for one in found["decided"]] == [event.id for event in new if event.is_decision]
    timeline = document(parley("timeline", "pti", "--json", data=data))
    (government,) = (part for part in timeline["channels"] if part["channel"] == "government")
    assert [(part["status"], part["start"]) for part in government["segments"]] == [
        ("underway", "2025-06-05"),
        ("rejected", "2025-07-01"),
    ]
    with open_log(data) as log:
        assert verify(log) == []


@pytest.mark.usefixtures("learned")
def test_redetect_twice_is_redetect_once_and_then_replay_finds_nothing(parley: Parley, data: Path) -> None:
    parley("redetect", "pti", data=data)
    before = ids(data)
    again = document(parley("redetect", "pti", "--json", data=data))
    assert again["articles"] == {"read": 0, "failed": 0, "known": 4}
    assert (again["claims"]["gained"], again["claims"]["lost"], again["decided"]) == ([], [], [])
    assert ids(data) == before
    replayed = document(parley("replay", "pti", "--json", data=data))
    assert (replayed["claims"]["gained"], replayed["claims"]["lost"]) == ([], [])
    assert [replayed["shifts"][kind] for kind in KINDS] == [[], [], [], []]


def test_an_upgrade_that_is_taken_back_can_be_read_back_and_forth(parley: Parley, data: Path) -> None:
    """The older detector's claims are in the log already; that they hold again is an event of its own."""
    timeline = document(parley("timeline", "pti", "--json", data=data))
    for _ in range(2):
        with learn():
            assert document(parley("redetect", "pti", "--json", data=data))["articles"]["read"] == 4
        assert document(parley("redetect", "pti", "--json", data=data))["articles"]["read"] == 4
        back = document(parley("timeline", "pti", "--json", data=data))
        assert [
            [(part["status"], part["start"]) for part in channel["segments"]] for channel in back["channels"]
        ] == [
            [(part["status"], part["start"]) for part in channel["segments"]]
            for channel in timeline["channels"]
        ]
    assert document(parley("redetect", "pti", "--json", data=data))["articles"]["read"] == 0
    with open_log(data) as log:
        assert verify(log) == []


@pytest.mark.usefixtures("learned")
def test_a_person_reads_what_was_read_again_and_what_was_decided(parley: Parley, data: Path) -> None:
    shown = parley("redetect", "pti", data=data).stdout
    assert f"4 articles read again by {LEARNED.version}" in shown
    assert "not sent: redetected  PTI – Government: talks rejected" in shown
    assert "cancelled  PTI – Government: withdrawn" in shown
    assert "Decided: nothing new." in parley("redetect", "pti", data=data).stdout


def test_what_is_not_watched_is_not_read_again(parley: Parley, data: Path, tmp_path: Path) -> None:
    topics = tmp_path / "topics"
    topics.mkdir()
    (topics / "docks.toml").write_text(
        'id = "docks"\nlabel = "Docks"\n'
        '[[parties]]\nid = "union"\nlabel = "Union"\naliases = ["Dockers\' Guild"]\n'
        '[[parties]]\nid = "port"\nlabel = "Port"\naliases = ["Port Authority"]\n'
        '[[channels]]\nid = "pay"\nlabel = "Pay"\nparties = ["union", "port"]\n'
    )
    config = tmp_path / "parley.toml"
    config.write_text(f'topic_dirs = ["{topics}"]\n')
    for name, why in (
        ("docks", "is not watched"),
        ("any", "has no timeline"),
        ("nowhere", "there is no topic"),
    ):
        refused = parley("redetect", name, data=data, PARLEY_CONFIG=str(config))
        assert (refused.returncode, refused.stdout) == (2, "")
        assert why in refused.stderr


def process(data: Path, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """The command with the detector that has learned, in a process of its own."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PARLEY_")}
    return subprocess.run(
        [sys.executable, "-m", "tests.integration.learned", "--data", str(data), *arguments],
        cwd=ROOT,
        env={**clean, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def undisturbed(read_by_the_old: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The ids of the log that nobody's death disturbed."""
    data = Path(shutil.copytree(read_by_the_old, tmp_path_factory.mktemp("undisturbed") / "data"))
    assert process(data, "redetect", "pti").returncode == 0
    return sorted(ids(data))


@pytest.mark.drill
@pytest.mark.parametrize("point", ["append.after:2", "append.before:1", "append.before:4", "commit.after:3"])
def test_killed_in_between_and_run_again_it_leaves_the_same_log(
    data: Path, undisturbed: list[str], point: str
) -> None:
    """The drills try every place to die."""
    killed = process(data, "redetect", "pti", PARLEY_FAILPOINT=point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    again = process(data, "redetect", "pti")
    assert again.returncode == 0, again.stderr
    assert sorted(ids(data)) == undisturbed


@pytest.mark.drill
def test_both_work_beside_a_parley_that_runs(data: Path) -> None:
    port = str(free_port())
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.learned", "--data", str(data), "run", "--role", "watch"],
        cwd=ROOT,
        env={**os.environ, "PARLEY_API_PORT": port},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as service:
        try:
            assert service.stdout is not None
            assert "Running" in service.stdout.readline()
            assert running_url(data) is not None
            with learn():
                assert document(run_parley("replay", "pti", "--json", data=data))["shifts"]["appeared"]
                found = document(run_parley("redetect", "pti", "--json", data=data))
            assert found["articles"]["read"] == 4
            assert "alert.suppressed" in [one["type"] for one in found["decided"]]
        finally:
            service.terminate()
            assert service.wait(30) == 0
    assert [event.data["detector"]["version"] for event in events(data) if event.type == "claims.detected"][
        4:
    ] == ["learned"] * 4

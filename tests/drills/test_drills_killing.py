"""Killed anywhere while it takes in the seeds, Parley starts again and ends with the same log and the same tables.

Every append and every commit is a place to die (monitor/failpoints.py); besides, twenty random moments at which the
whole process group dies while everything runs.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from monitor.log.embedded import open_log
from monitor.log.stream import Stream
from monitor.readmodel.files import current_path
from monitor.readmodel.tables import METADATA
from tests.drills import forked
from tests.processes import free_port, wait_until

pytestmark = [pytest.mark.drill, pytest.mark.timeout(1800)]
RANDOM_KILLS = 20
# What depends on the moment at which something was recorded, and on nothing else.
MOMENTS = {
    "recorded_at",
    "known_from",
    "known_until",
    "first_seen_at",
    "raised_at",
    "shifted_at",
    "changed_at",
    "defined_at",
    "at",
    "position",
    "ms",
    "sequence",
}


def environment(**more: str) -> dict[str, str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PARLEY_")}
    return {**clean, **more}


def seed(data: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "monitor", "--data", str(data), "seed"],
        env=environment(**environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def event_ids(data: Path) -> list[str]:
    """The ids of all events; a list, so that a doubled one is seen."""
    with open_log(data) as log:
        return sorted(
            recorded.event.id
            for topic in log.topics()
            for stream in Stream
            for recorded in log.read_all(topic, stream=stream)
        )


def tables(data: Path) -> dict[str, list[str]]:
    """Every row of the read model, without the moments of recording."""
    path = current_path(data)
    assert path is not None
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        connection.row_factory = sqlite3.Row
        found = {}
        for name in sorted(METADATA.tables):  # the index of words follows from the articles, by triggers
            rows = connection.execute(f"SELECT * FROM {name}").fetchall()
            found[name] = sorted(json.dumps(timeless(dict(row)), sort_keys=True, default=str) for row in rows)
    return found


def timeless(value: object) -> object:
    """A row, and the JSON in its columns, without the moments of recording."""
    if isinstance(value, str) and value.startswith(("[", "{")):
        value = json.loads(value)
    if isinstance(value, dict):
        return {key: timeless(item) for key, item in value.items() if key not in MOMENTS and key != "epoch"}
    if isinstance(value, list):
        return [timeless(item) for item in value]
    return value


@pytest.fixture(scope="module")
def undisturbed() -> Iterator[tuple[list[str], dict[str, list[str]], dict[str, int]]]:
    """The log and the tables of a run that nobody killed, and how often it passed each place to die."""
    with tempfile.TemporaryDirectory(prefix="pt-") as folder:
        data, counts = Path(folder) / "data", Path(folder) / "counts.json"
        done = seed(data, PARLEY_FAILPOINT_COUNT=str(counts))
        assert done.returncode == 0, done.stderr
        yield event_ids(data), tables(data), json.loads(counts.read_text())


def survives(point: str) -> str:
    """What is wrong after dying at `point` and starting again; empty: nothing."""
    with tempfile.TemporaryDirectory(prefix="pt-") as folder:
        data, said = Path(folder) / "data", Path(folder) / "said"
        seed_it = ("--data", str(data), "seed")
        killed = forked.parley(seed_it, said, point)
        if killed.code != -signal.SIGKILL:
            return f"{point}: was not killed there (exit code {killed.code}) {killed.said}"
        again = forked.parley(seed_it, said)
        if again.code:
            return f"{point}: did not start again: {again.said}"
        _LEFT[point] = event_ids(data), tables(data)
    return ""


_LEFT: dict[str, tuple[list[str], dict[str, list[str]]]] = {}


def test_dying_at_any_append_or_commit_changes_nothing(
    undisturbed: tuple[list[str], dict[str, list[str]], dict[str, int]],
) -> None:
    ids, rows, counts = undisturbed
    points = [f"{name}:{number}" for name, times in counts.items() for number in range(1, times + 1)]
    assert len(points) > 50, counts
    with ThreadPoolExecutor(3) as pool:
        problems = [problem for problem in pool.map(survives, points) if problem]
    assert problems == []
    assert [point for point in points if _LEFT[point][0] != ids] == []
    assert [point for point in points if _LEFT[point][1] != rows] == []


def start(data: Path) -> "subprocess.Popen[bytes]":
    """Everything but the dashboard, which writes nothing: `parley run --role all` in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "monitor", "--data", str(data), "run", "--role", "all"],
        env=environment(PARLEY_API_PORT=str(free_port())),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def left_by(data: Path, ids: list[str], rows: dict[str, list[str]]) -> tuple[list[str], dict[str, list[str]]]:
    """The log's event ids and the tables, once they are those expected, or after a while as they then are."""
    deadline = time.monotonic() + 60
    while True:
        found = event_ids(data), tables(data)
        if found == (ids, rows) or time.monotonic() > deadline:
            return found
        time.sleep(0.5)


def test_killing_the_whole_process_group_at_random_loses_and_doubles_nothing(
    undisturbed: tuple[list[str], dict[str, list[str]], dict[str, int]],
) -> None:
    ids, rows, _ = undisturbed
    chance = random.Random(20250529)
    with tempfile.TemporaryDirectory(prefix="pt-") as folder:
        data = Path(folder) / "data"
        for _ in range(RANDOM_KILLS):
            service = start(data)
            time.sleep(chance.uniform(0.3, 4.5))
            os.killpg(service.pid, signal.SIGKILL)
            service.wait()
        service = start(data)
        wait_until(lambda: current_path(data) is not None, 60, "the read model is made")
        found, read = left_by(data, ids, rows)
        service.send_signal(signal.SIGTERM)
        assert service.wait(30) == 0
        assert found == ids
        assert read == rows

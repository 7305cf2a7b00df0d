"""Killed anywhere while it reads again with a new detector, `parley redetect` goes on and ends with the same log."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.drills import forked
from tests.drills.test_drills_killing import environment, event_ids, tables
from tests.integration.test_rereading import STORY

pytestmark = [pytest.mark.drill, pytest.mark.timeout(1800)]
ROOT = Path(__file__).parents[2]


def redetect(data: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    """With the detector that has learned, article by article: a shift is taken back, others move and are found."""
    return run("tests.integration.learned", "--data", str(data), "redetect", "pti", **environ)


def run(module: str, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=environment(**environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def read_by_the_old() -> Iterator[Path]:
    """A data folder whose log the detector of today has read."""
    with tempfile.TemporaryDirectory(prefix="pt-") as folder:
        stream, data = Path(folder) / "stream.jsonl", Path(folder) / "data"
        stream.write_text("\n".join(json.dumps(one) for one in STORY), encoding="utf-8")
        done = run("monitor", "rehearse", "pti", str(stream), "--keep", str(data))
        assert done.returncode == 0, done.stderr
        yield data


def test_dying_at_any_append_or_commit_changes_nothing(read_by_the_old: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="pt-") as folder:
        data, counts = Path(shutil.copytree(read_by_the_old, f"{folder}/data")), Path(folder) / "counts.json"
        done = redetect(data, PARLEY_FAILPOINT_COUNT=str(counts))
        assert done.returncode == 0, done.stderr
        ids, rows = event_ids(data), tables(data)
        passes = json.loads(counts.read_text())
    points = [f"{name}:{number}" for name, times in passes.items() for number in range(1, times + 1)]
    assert len(points) > 20, passes
    assert passes["append.after"] >= len(STORY) + 2, passes  # the claims one by one, the topic, the decisions

    def survives(point: str) -> str:
        with tempfile.TemporaryDirectory(prefix="pt-") as folder:
            data = Path(shutil.copytree(read_by_the_old, f"{folder}/data"))
            read_again, said = ("--data", str(data), "redetect", "pti"), Path(folder) / "said"
            killed = forked.parley(read_again, said, point, learned=True)
            if killed.code != -signal.SIGKILL:
                return f"{point}: was not killed there (exit code {killed.code}) {killed.said}"
            again = forked.parley(read_again, said, learned=True)
            if again.code:
                return f"{point}: did not go on: {again.said}"
            if event_ids(data) != ids:
                return f"{point}: another log"
            return "" if tables(data) == rows else f"{point}: other tables"

    with ThreadPoolExecutor(min(3, os.cpu_count() or 1)) as pool:
        assert [problem for problem in pool.map(survives, points) if problem] == []

"""The projector killed around its commits, as a process of its own on a real log."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.log.embedded import EmbeddedServer
from monitor.log.stream import EventLog
from monitor.readmodel.model import ReadModel
from monitor.readmodel.store import Store
from tests.readmodel.story import Story, dump, project_live, tell_all

ROOT = Path(__file__).parents[2]


def run(url: str, store: Store, failpoint: str) -> int:
    """Project in a process of its own, to be killed at `failpoint`; its exit code."""
    command = [sys.executable, "-m", "tests.readmodel.project_once", url, str(store.data), store.url]
    env = {**os.environ, "PARLEY_FAILPOINT": failpoint}
    return subprocess.run(command, cwd=ROOT, env=env, check=False, timeout=60).returncode


@pytest.mark.drill
def test_killed_before_and_after_commits_it_ends_with_the_same_rows(
    embedded_server: EmbeddedServer, embedded_log: EventLog, tmp_path: Path, model: ReadModel
) -> None:
    story = Story(embedded_log)
    tell_all(story)
    undisturbed = ReadModel(tmp_path / "undisturbed")
    for failpoint in ("commit.before:1", "commit.after:1", "commit.before:5", "commit.after:9"):
        assert run(embedded_server.url, model.store, failpoint) == -signal.SIGKILL
    assert run(embedded_server.url, model.store, "") == 0
    project_live(story, undisturbed)
    assert dump(model) == dump(undisturbed)

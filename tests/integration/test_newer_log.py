"""The commands of an older Parley on the data folder of a newer one: one line that says which version is needed."""

import shutil
from pathlib import Path

import pytest

from monitor.log.connect import connect
from monitor.log.embedded import EmbeddedServer
from monitor.log.keys import key
from tests.integration.conftest import Parley
from tests.log.newer import newer_entry


@pytest.fixture(scope="module")
def newer(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("newer") / "data"
    shutil.copytree(seeded, data)
    with EmbeddedServer(data) as server, connect(server.url) as client:
        client.xadd(key("pti", "log"), {"event": newer_entry()})
    return data


@pytest.mark.parametrize(
    "command",
    [
        ("rebuild",),
        ("log", "verify"),
        ("log", "stats"),
        ("redetect", "pti"),
        ("run", "--role", "watch"),
        ("run", "--role", "notify"),
    ],
)
def test_a_command_that_reads_the_log_refuses_it(
    parley: Parley, newer: Path, command: tuple[str, ...]
) -> None:
    done = parley(*command, data=newer)
    assert done.returncode == 2
    last = done.stderr.strip().splitlines()[-1]
    assert "newer Parley" in last
    assert "Upgrade to 9.1.0 or later" in last


def test_what_was_read_before_is_still_shown(parley: Parley, newer: Path) -> None:
    done = parley("status", "pti", data=newer)
    assert done.returncode == 0, done.stderr

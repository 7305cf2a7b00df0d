"""The command as its users run it, and the seeds taken through the whole real way once."""

import io
import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest

from monitor.cli import main
from monitor.readmodel.queries import ReadModel


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


Parley = Callable[..., Done]


def run_parley(*arguments: str, data: Path, **environ: str) -> Done:
    """Run the command as `parley` does, but in this process: a new one takes seconds to import everything."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PARLEY_")}
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    pipe = signal.getsignal(signal.SIGPIPE)
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["parley", "--data", str(data), *arguments]),
        mock.patch.dict(os.environ, {**clean, **environ}, clear=True),
        redirect_stdout(out),
        redirect_stderr(err),
        pytest.raises(SystemExit) as left,
    ):
        main()
    signal.signal(signal.SIGPIPE, pipe)  # reading commands let a closed pipe end the process: not this one
    root.handlers[:] = handlers
    root.setLevel(level)
    return Done(int(left.value.code or 0), out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that the seeds were loaded into."""
    data = tmp_path_factory.mktemp("seeded") / "data"
    done = run_parley("seed", data=data)
    assert done.returncode == 0, done.stderr
    return data


@pytest.fixture(scope="session")
def seeded_model(seeded: Path) -> ReadModel:
    """The read model of that folder."""
    return ReadModel(seeded)


@pytest.fixture
def parley(tmp_path: Path) -> Parley:
    """The command on an empty data folder."""

    def run(*arguments: str, data: Path = tmp_path / "data", **environ: str) -> Done:
        return run_parley(*arguments, data=data, **environ)

    return run

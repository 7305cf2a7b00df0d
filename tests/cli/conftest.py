"""The command in this process, with a stdout and a stderr that may be a terminal."""

import io
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from unittest import mock

import pytest

from monitor.cli import main


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


Parley = Callable[..., Done]


@pytest.fixture
def parley(monkeypatch: pytest.MonkeyPatch) -> Parley:
    """The command; with `terminal=True` both streams are one."""
    for name in [name for name in os.environ if name.startswith("PARLEY_")]:
        monkeypatch.delenv(name)
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(
        "signal.signal", lambda *_: None
    )  # reading commands let a closed pipe end the process

    def run(*arguments: str, terminal: bool = False) -> Done:
        out, err = (Screen(), Screen()) if terminal else (io.StringIO(), io.StringIO())
        with (
            mock.patch.object(sys, "argv", ["parley", *arguments]),
            redirect_stdout(out),
            redirect_stderr(err),
            pytest.raises(SystemExit) as left,
        ):
            main()
        return Done(int(left.value.code or 0), out.getvalue(), err.getvalue())

    return run

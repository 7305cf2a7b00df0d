"""`parley` in a process that finds everything imported: a new one takes seconds for that, and drills start hundreds."""

import multiprocessing
import os
import sys
from collections.abc import Sequence
from multiprocessing.connection import wait
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from monitor import failpoints
from monitor.cli.app import main
from monitor.service import redetection, supervisor  # noqa: F401 - what `seed` and `redetect` import when they run
from tests.drills import lives  # noqa: F401 - for those who live in such processes too
from tests.integration.learned import run as run_learned

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.drills.forked", "tests.drills.warm"])
_ENDS_WITHIN_S = 120
_ONE_BY_ONE = Lock()
"""Whoever starts a process asks all others how they ended; of two threads that ask at once, one is told 255."""


class Ended(NamedTuple):
    """How a command ended: the exit code (below nought: the signal that killed it), and all that it said."""

    code: int
    said: str


def parley(arguments: Sequence[str], said: Path, point: str = "", *, learned: bool = False) -> Ended:
    """Run the command to its end, or to its death at `point`; with `learned`, by the detector that has learned."""
    process = FORKS.Process(target=_run, args=(list(arguments), said, point, learned))
    with _ONE_BY_ONE:
        process.start()
    wait([process.sentinel], _ENDS_WITHIN_S)
    with _ONE_BY_ONE:
        code = process.exitcode
    assert code is not None, f"parley {' '.join(arguments)} does not end"
    return Ended(code, said.read_text(encoding="utf-8"))


def _run(arguments: list[str], said: Path, point: str, learned: bool) -> None:
    with said.open("w", encoding="utf-8") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    for name in [name for name in os.environ if name.startswith("PARLEY_")]:
        del os.environ[name]
    if point:
        failpoints.arm(point)
    sys.argv = ["parley", *arguments]
    (run_learned if learned else main)()

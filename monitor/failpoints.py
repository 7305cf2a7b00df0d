"""Test-only places to die: a process kills itself the N-th time it reaches a named point.

`PARLEY_FAILPOINT="append.after:3"` kills (SIGKILL) at the third pass; `PARLEY_FAILPOINT_COUNT=file` lets the process
live and writes at its exit, as JSON, how often each point was passed, so that a test can try all. Unset: no effect.
"""

import atexit
import json
import os
import signal
import threading
from collections import Counter
from pathlib import Path

_COUNT_FILE = os.environ.get("PARLEY_FAILPOINT_COUNT", "")
_armed: tuple[str, int] | None = None
_passes: Counter[str] = Counter()
_lock = threading.Lock()


def arm(point: str) -> None:
    """Have this process die at a point, written as in `PARLEY_FAILPOINT`."""
    global _armed
    name, _, at = point.partition(":")
    _armed = (name, int(at or 1))


def reached(name: str) -> None:
    """Count a pass of the point `name`, and die here when that was said."""
    if _armed is None and not _COUNT_FILE:
        return
    with _lock:
        _passes[name] += 1
        if (name, _passes[name]) == _armed:
            os.kill(os.getpid(), signal.SIGKILL)


def _write_counts() -> None:
    if _passes:
        Path(_COUNT_FILE).write_text(json.dumps(_passes, sort_keys=True), encoding="utf-8")


if _COUNT_FILE:
    atexit.register(_write_counts)

if point := os.environ.get("PARLEY_FAILPOINT"):
    arm(point)

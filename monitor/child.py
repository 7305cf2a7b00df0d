"""Child processes that die with their parent, however it dies.

The kernel's death signal must be set by the child itself, after fork and before exec; Python code between the two
(`preexec_fn`) can deadlock in a process with threads, so a tiny process sets it and then becomes the program. The
signal comes when the *thread* that launched the child ends, so each child has a thread that waits for it.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import IO

_BECOME = """
import ctypes, os, sys
PR_SET_PDEATHSIG = 1
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(sys.argv[2]))
if os.getppid() != int(sys.argv[1]):
    sys.exit("the parent died first")
os.execv(sys.argv[3], sys.argv[3:])
"""


def launch(
    command: Sequence[str],
    *,
    name: str,
    output: IO[bytes] | int,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    keep_fds: Sequence[int] = (),
    death_signal: signal.Signals = signal.SIGTERM,
) -> "subprocess.Popen[bytes]":
    """Start a program (`command[0]` is its path) in a session of its own: Ctrl-C is for the parent, which stops it.

    Args:
        command: the program's path and its arguments.
        name: of the thread that waits for it.
        output: where its stdout and stderr go; may be closed once this returns.
        cwd: its working folder.
        env: its environment; by default the parent's.
        keep_fds: descriptors that it inherits.
        death_signal: what it gets when the parent dies.

    Raises:
        OSError: it cannot be started.
    """
    launcher = [sys.executable, "-I", "-S", "-c", _BECOME, str(os.getpid()), str(int(death_signal)), *command]
    launched: Future[subprocess.Popen[bytes]] = Future()

    def keep() -> None:
        try:
            process = subprocess.Popen(  # noqa: S603  (our own command, by Python itself)
                launcher,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=tuple(keep_fds),
                start_new_session=True,
            )
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits for it
            launched.set_exception(error)
            return
        launched.set_result(process)
        process.wait()

    threading.Thread(target=keep, name=name, daemon=True).start()
    return launched.result()

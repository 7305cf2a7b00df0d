"""Parley's roles as processes of their own, as compose runs them, on a Redis and a PostgreSQL that tests start."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STARTS_WITHIN_S = 60.0


@dataclass
class Running:
    """A process with roles, and what it says."""

    process: "subprocess.Popen[bytes]"
    output: Path

    @property
    def words(self) -> str:
        """All that it has said."""
        return self.output.read_text(encoding="utf-8")

    def wait_for(self, words: str, timeout: float = STARTS_WITHIN_S) -> None:
        """Wait until it says this."""
        wait_until(lambda: words in self.words or self.process.poll() is not None, timeout, words)
        assert words in self.words, self.words

    def kill(self) -> None:
        """End it as a power failure would."""
        self.process.kill()
        self.process.wait(30)

    def stop(self, timeout: float = 30.0) -> int:
        """Ask it to end, as compose does, and wait for at most the grace period; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)


@dataclass
class Machine:
    """Starts processes with one configuration; `close` ends those that are left."""

    folder: Path
    environ: Mapping[str, str]
    started: list[Running] = field(default_factory=list)

    def run(self, *roles: str, command: str = "run", **environ: str) -> Running:
        """A process with these roles; does not wait for it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        output = self.folder / f"{len(self.started)}-{'-'.join(roles) or command}.log"
        clean = {key: value for key, value in os.environ.items() if not key.startswith("PARLEY_")}
        words = [sys.executable, "-m", "monitor", command, *(f"--role={role}" for role in roles)]
        with output.open("wb") as file:
            process = subprocess.Popen(
                words,
                env={**clean, **self.environ, **environ},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )
        self.started.append(Running(process, output))
        return self.started[-1]

    def close(self) -> None:
        """Kill what still runs."""
        for running in self.started:
            if running.process.poll() is None:
                running.kill()


def wait_until(is_so: Callable[[], Any], timeout: float, what: str = "") -> None:
    """Wait for something, or fail."""
    deadline = time.monotonic() + timeout
    while not is_so():
        assert time.monotonic() < deadline, f"not within {timeout} s: {what}"
        time.sleep(0.05)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""A role that runs alone, as in a container: it says whether it is ready, logs JSON lines, and ends when it is told."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.processes import free_port


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def notify(data_dir: Path, port: int) -> Iterator["subprocess.Popen[str]"]:
    """The role `notify`, with a port for its health."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PARLEY_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "monitor", "--data", str(data_dir), "run", "--role", "notify"],
        env={**clean, "PARLEY_HEALTH_PORT": str(port), "PARLEY_SEEDS": "false"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.wait()


def test_a_role_alone_is_ready_and_ends_when_told(notify: "subprocess.Popen[str]", port: int) -> None:
    deadline = time.monotonic() + 100
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:

        def ready() -> bool:
            try:
                return client.get("/readyz").status_code == 200
            except httpx.TransportError:
                return False

        while not ready():
            assert notify.poll() is None, notify.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert client.get("/healthz").text == "alive\n"
        assert "parley_ready 1.0" in client.get("/metrics").text
    notify.send_signal(signal.SIGTERM)
    said, logged = notify.communicate(timeout=30)
    assert notify.returncode == 0
    assert "Stopping." in said
    lines = [json.loads(line) for line in logged.splitlines()]
    assert lines
    assert all({"time", "level", "message", "logger"} <= line.keys() for line in lines)


def test_a_port_that_is_taken_is_told(data_dir: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "monitor", "--data", str(data_dir), "run", "--role", "notify"],
            env={**os.environ, "PARLEY_HEALTH_PORT": str(taken)},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
    assert done.returncode == 2
    assert f"the health cannot listen on 127.0.0.1:{taken}" in done.stderr
    assert "PARLEY_HEALTH_PORT" in done.stderr
    assert not data_dir.exists(), "nothing was begun"

"""Fixtures that every room may use: a short data folder, a real event log, a fake one, the browser to start."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fakeredis
import pytest

from monitor.log.connect import connect
from monitor.log.embedded import EmbeddedServer
from monitor.log.stream import EventLog
from tests.machine import chromium


def pytest_configure() -> None:
    """No width of a terminal: tests that run side by side are told one, and what they print would be folded."""
    os.environ.pop("COLUMNS", None)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data folder that does not exist yet, with a short path."""
    base = Path(tempfile.mkdtemp(prefix="pt-"))
    yield base / "data"
    shutil.rmtree(base)


@pytest.fixture(scope="session")
def embedded_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """One embedded server for the whole session; use `embedded_log`, which empties it for each test."""
    with EmbeddedServer(tmp_path_factory.mktemp("embedded")) as server:
        yield server


@pytest.fixture
def embedded_log(embedded_server: EmbeddedServer) -> Iterator[EventLog]:
    """An empty event log on a real server."""
    with connect(embedded_server.url) as client:
        client.flushall()
        yield EventLog(client)


@pytest.fixture
def fake_log() -> EventLog:
    """An empty event log in memory, for tests that need no real server."""
    return EventLog(fakeredis.FakeRedis(protocol=2, legacy_responses=False, server=fakeredis.FakeServer()))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The Chromium of this machine; without one the tests are skipped, but not where CI=true promises one."""
    path = chromium()
    if path is None:
        message = "no Chromium; install one (Debian: apt-get install chromium)"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    quiet = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ]
    quiet += ["--disable-component-update", "--disable-sync"]
    return {**browser_type_launch_args, "executable_path": path, "args": quiet}

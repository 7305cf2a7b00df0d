"""Fixtures that every room may use: a short data folder, a store in each database, a real event log, a fake one, the
browser to start.
"""

import gc
import os
import random
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
from monitor.readmodel.store import Store
from tests import postgres as servers
from tests.machine import chromium


def pytest_addoption(parser: pytest.Parser) -> None:
    """What the drills that choose at random can be told."""
    group = parser.getgroup("drills")
    seed = random.SystemRandom().getrandbits(32)
    group.addoption("--seed", type=int, default=seed, help="repeat the random choices of a run")
    group.addoption(
        "--kill-seconds", type=float, default=60.0, help="for how long roles are killed at random"
    )


def pytest_configure(config: pytest.Config) -> None:
    """What tests that run side by side must not share.

    Of a terminal's width they are told, and what they print would be folded. Each process empties the folder of the
    browser's pictures when it begins, so each has one of its own.
    """
    os.environ.pop("COLUMNS", None)
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        config.option.output = str(Path(config.option.output) / worker)


LONGEST = ("drills", "browser", "api", "integration", "service", "streams")
"""The rooms whose files take longest: they go first, so that workers side by side end at about the same time."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`make test` runs on one server of each kind what is about the server; `make drills` runs the rest there too."""
    items.sort(key=lambda item: item.path.parent.name not in LONGEST)
    for item in items:
        chosen = getattr(item, "callspec", None)
        servers_of = [one for one in chosen.params.values() if isinstance(one, str)] if chosen else []
        on_postgres = "postgres" in servers_of and item.path.name not in servers.ON_A_SERVER
        on_debian = "debian" in servers_of and item.path.name not in servers.ON_DEBIANS_REDIS
        if on_postgres or on_debian:
            item.add_marker(pytest.mark.drill)


def pytest_collection_finish() -> None:
    """Thousands of tests need not be looked through for garbage again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data folder that does not exist yet, with a short path."""
    base = Path(tempfile.mkdtemp(prefix="pt-"))
    yield base / "data"
    shutil.rmtree(base)


def absent(why: str) -> None:
    """Skip what needs a thing that this machine lacks, but not where CI=true promises it."""
    pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Postgres]:
    """A PostgreSQL server for the whole session; whoever wants a database asks it for a fresh one."""
    if why := servers.missing():
        absent(why)
    server = servers.Postgres()
    yield server
    server.close()


@pytest.fixture
def postgres_store(postgres: servers.Postgres, data_dir: Path) -> Iterator[Store]:
    """An empty store in PostgreSQL, with the service's tables."""
    url = postgres.fresh()
    yield Store(data_dir, url)
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, data_dir: Path) -> Store:
    """An empty store, in each kind of database."""
    if request.param == "sqlite":
        return Store(data_dir)
    there: Store = request.getfixturevalue("postgres_store")
    return there


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
        absent("no Chromium; install one (Debian: apt-get install chromium)")
    quiet = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ]
    quiet += ["--disable-component-update", "--disable-sync"]
    return {**browser_type_launch_args, "executable_path": path, "args": quiet}

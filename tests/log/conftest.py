"""The log's own fixtures: events to append, and the servers that one contract is tested on."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import fakeredis
import pytest
import redis

from monitor.ids import fact_id
from monitor.log.connect import connect
from monitor.log.embedded import EmbeddedServer
from monitor.log.events import ArticleRemoved, DeliveryOutcome, Event, StatusWithdrawn
from monitor.log.stream import EventLog
from monitor.vocabulary import Status

DEBIAN = shutil.which("redis-server")
NOON = datetime(2025, 5, 29, 12, tzinfo=UTC)

MakeEvent = Callable[..., Event]


@pytest.fixture(scope="session")
def fact() -> MakeEvent:
    """`fact(n, topic="pti", cause=None)`: an event that decides nothing."""

    def make(n: object, topic: str = "pti", cause: str | None = None) -> Event:
        data = ArticleRemoved(article_id=fact_id("article", str(n)), reason=f"number {n}")
        return Event.of(
            "article.removed",
            data,
            id_=fact_id("fact", str(n)),
            topic=topic,
            at=NOON,
            cause=cause,
            by="test",
        )

    return make


@pytest.fixture(scope="session")
def decision() -> MakeEvent:
    """`decision(n, topic="pti", cause=None)`: an event that moves the decision counter."""

    def make(n: object, topic: str = "pti", cause: str | None = None) -> Event:
        data = StatusWithdrawn(
            shift_id=fact_id("shift", str(n)), channel="government", to_status=Status.REJECTED, reason="test"
        )
        return Event.of(
            "status.withdrawn",
            data,
            id_=fact_id("decision", str(n)),
            topic=topic,
            at=NOON,
            cause=cause,
            by="test",
        )

    return make


@pytest.fixture(scope="session")
def delivery() -> MakeEvent:
    """`delivery(n, topic="pti", cause=None)`: the outcome of a delivery."""

    def make(n: object, topic: str = "pti", cause: str | None = None) -> Event:
        data = DeliveryOutcome(
            delivery_id=fact_id("delivery", str(n)),
            alert_id=fact_id("alert", str(n)),
            subscription_id="sub-1",
            message="alert",
            attempt=1,
            outcome="250",
        )
        return Event.of(
            "delivery.succeeded",
            data,
            id_=fact_id("sent", str(n)),
            topic=topic,
            at=NOON,
            cause=cause,
            by="test",
        )

    return make


@pytest.fixture(scope="session")
def debian_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """A server from the redis-server on PATH."""
    if DEBIAN is None:
        pytest.skip("there is no redis-server on PATH")
    with EmbeddedServer(tmp_path_factory.mktemp("debian"), binary=Path(DEBIAN)) as server:
        yield server


@pytest.fixture(params=["embedded", "debian"])
def real_url(request: pytest.FixtureRequest) -> str:
    """The URL of a real server, emptied: of the embedded binary, and of the one on PATH."""
    server: EmbeddedServer = request.getfixturevalue(f"{request.param}_server")
    with connect(server.url) as client:
        client.flushall()
    return server.url


@pytest.fixture(params=["fake", "embedded", "debian"])
def client(request: pytest.FixtureRequest) -> Iterator[redis.Redis]:
    """A client of an empty server of each kind."""
    if request.param == "fake":
        yield fakeredis.FakeRedis(protocol=2, legacy_responses=False, server=fakeredis.FakeServer())
        return
    server: EmbeddedServer = request.getfixturevalue(f"{request.param}_server")
    with connect(server.url) as real:
        real.flushall()
        yield real


@pytest.fixture(scope="session")
def client_factory() -> Callable[[], redis.Redis]:
    """Makes clients of empty servers in memory."""
    return lambda: fakeredis.FakeRedis(protocol=2, legacy_responses=False, server=fakeredis.FakeServer())


@pytest.fixture
def log(client: redis.Redis) -> EventLog:
    """An empty log on each kind of server: what is tested with it is the contract."""
    return EventLog(client)


@pytest.fixture
def children() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that a test starts, ended at its end whatever happens."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()

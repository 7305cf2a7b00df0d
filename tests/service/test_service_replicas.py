"""Several processes of one role: what each does, it does once, whoever else is at it."""

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlmodel import Session, select

from monitor.alerts.tables import DeliveryRow
from monitor.log.stream import EventLog
from monitor.log.verify import verify
from monitor.readmodel.store import Store
from monitor.service.ingest import Ingest, intake_of, publishing
from monitor.service.leases import Shared
from monitor.service.notify import Notify
from monitor.service.settings import Settings
from monitor.service.watch import settled, watches
from monitor.service.wiring import Parley, assemble
from monitor.sources.model import ArticleFound
from tests.alerts.conftest import SECRET, Receiver
from tests.service.test_service_reader import ARTICLES, article

SOURCES = 12
ROUNDS = 15


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def process(store: Store, embedded_log: EventLog) -> Iterator[Callable[..., Parley]]:
    """Makes what one process of several works with."""
    made: list[Parley] = []

    def make(name: str, **settings: Any) -> Parley:
        given = {"data": store.data, "database_url": store.url, "seeds": False, **settings}
        parley = assemble(Settings.model_validate(given), embedded_log, now)
        leases = Shared(parley.service, now, name)
        made.append(replace(parley, leases=leases))
        for role in ("ingest", "notify"):
            leases.want(role)
        leases.want("watch", parley.topics)
        leases.renew()
        return made[-1]

    yield make
    for parley in made:
        parley.service.dispose()
        parley.read_model.close()


def at_once(*works: Callable[[], object]) -> None:
    """Do all of it at the same time."""
    failures: list[BaseException] = []

    def run(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised in the test
            failures.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if failures:
        raise failures[0]


def test_copies_that_two_processes_bring_at_one_moment_are_one_story(
    process: Callable[..., Parley], embedded_log: EventLog
) -> None:
    desks = [process("one"), process("two")]
    ways = [publishing(parley, intake_of(parley)) for parley in desks]
    together = threading.Barrier(len(ways))

    def copies(outlet: str) -> Iterator[ArticleFound]:
        for number in range(ROUNDS):
            words = random.Random(number)
            text = "The PTI and the government held talks. " + " ".join(
                f"{words.choice('bcdfgh')}{words.randrange(10**6)}" for _ in range(120)
            )
            found = article(number, f"Talks, round {number}", text, outlet=outlet, days=number)
            yield replace(found, url=f"https://{outlet.lower()}.example/{number}", source=outlet)

    def bring(at: int, outlet: str) -> None:
        for found in copies(outlet):
            together.wait(30)
            ways[at]("pti", [found])

    at_once(lambda: bring(0, "Dawn"), lambda: bring(1, "Dusk"))
    taken = [recorded.event.data for recorded in embedded_log.read_all("pti")]
    assert len(taken) == 2 * ROUNDS
    assert len({data["story_id"] for data in taken}) == ROUNDS
    assert verify(embedded_log) == []


@pytest.fixture
def feeds() -> Iterator[tuple[list[str], str]]:
    """What was asked for, and the address of a server with any number of feeds."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            name = self.path.strip("/")
            item = (
                f"<item><title>PTI and government hold talks {name}</title><guid>{name}</guid>"
                "<description>The PTI and the federal government held talks.</description></item>"
            )
            body = f"<rss version='2.0'><channel><title>{name}</title>{item}</channel></rss>".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield asked, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_two_processes_poll_and_publish_nothing_twice(
    process: Callable[..., Parley], embedded_log: EventLog, feeds: tuple[list[str], str]
) -> None:
    asked, address = feeds
    sources = [
        {"id": f"feed-{number}", "url": f"{address}/{number}", "allow_private": True}
        for number in range(SOURCES)
    ]
    desks = [Ingest(process(name, sources=sources)) for name in ("one", "two")]
    at_once(*(desk.poll_due for desk in desks))
    for desk in desks:
        desk.poll_due()
        desk.close()
    assert sorted(asked) == sorted(f"/{number}" for number in range(SOURCES))
    guids = [recorded.event.data["url"] for recorded in embedded_log.read_all("pti")]
    assert len(guids) == SOURCES
    assert verify(embedded_log) == []


def test_one_of_two_processes_tells_of_the_sources_health(process: Callable[..., Parley]) -> None:
    told: list[str] = []
    for name in ("one", "two"):
        desk = Ingest(process(name))
        desk._health_told_at -= timedelta(hours=1)
        desk.tell_health = lambda name=name: told.append(name)
        desk.tick()
        desk.close()
    assert told == ["one"]


def test_two_processes_tell_each_subscriber_once(
    process: Callable[..., Parley], embedded_log: EventLog
) -> None:
    receiver = Receiver()
    subscriptions = [
        {
            "id": f"desk-{number}",
            "kind": "webhook",
            "url": f"{receiver.url}/{number}",
            "secret": SECRET,
            "allow_private": True,
        }
        for number in range(10)
    ]
    both = [process(name, subscriptions=subscriptions, key="k" * 43 + "=") for name in ("one", "two")]
    notifying = [Notify(parley) for parley in both]
    recent = [replace(one, published_at=now(), first_seen_at=now()) for one in ARTICLES]
    publishing(both[0], intake_of(both[0]))("pti", recent)
    for watch in watches(both[0]):
        watch.tick()
    assert settled(both[0])

    def notify(one: Notify) -> None:
        for _ in range(6):
            one.tick()
            assert one.drain(20)

    at_once(*(lambda one=one: notify(one) for one in notifying))
    for one in notifying:
        one.close()
    receiver.close()
    with Session(both[0].service) as session:
        rows = session.exec(select(DeliveryRow)).all()
    assert rows
    assert {row.state for row in rows} == {"succeeded"}
    sent = [received.headers["webhook-id"] for received in receiver.requests]
    assert sorted(sent) == sorted(row.delivery_id for row in rows)
    assert verify(embedded_log) == []


def test_a_topic_is_read_by_who_holds_it_and_goes_on_where_another_stopped(
    process: Callable[..., Parley], embedded_log: EventLog
) -> None:
    one, two = process("one"), process("two")
    (first,), (second,) = watches(one), watches(two)
    publish = publishing(one, intake_of(one))
    publish("pti", ARTICLES[:2])
    assert second.tick() == 0
    assert first.tick() > 0
    publish("pti", ARTICLES[2:])
    assert isinstance(one.leases, Shared)
    assert isinstance(two.leases, Shared)
    one.leases.give_up()
    two.leases.renew()
    assert first.tick() == 0
    assert first.positions == {}
    assert second.tick() > 0
    second.tick()
    assert settled(two)
    types = [recorded.event.type for recorded in embedded_log.read_all("pti")]
    assert types.count("claims.detected") == len(ARTICLES)
    assert verify(embedded_log) == []

"""Delivery: messages a second beside bare loops over one connection, a long queue, and how soon an alert is out.

The receivers are processes of their own, so that their work is not taken for ours.
"""

import smtplib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Thread

import httpx
from sqlalchemy import Engine

from monitor import ids
from monitor.alerts.channels.base import Channel
from monitor.alerts.channels.email import EmailChannel
from monitor.alerts.channels.mail import MailServer, compose
from monitor.alerts.channels.webhook import WebhookChannel
from monitor.alerts.config import SubscriptionConfig
from monitor.alerts.delivery import Delivery
from monitor.alerts.dispatch import Dispatcher
from monitor.alerts.fanout import fan_out
from monitor.alerts.message import render
from monitor.alerts.queue import claim
from monitor.alerts.subscriptions import Subscriptions, opened
from monitor.alerts.tables import create_tables
from monitor.alerts.vault import Vault
from monitor.log.connect import connect
from monitor.log.embedded import EmbeddedServer
from monitor.log.events import AlertRaised, Event, Quote
from monitor.log.stream import EventLog, Recorded
from monitor.readmodel.model import ReadModel
from monitor.readmodel.store import Store, open_engine
from monitor.service.ingest import take_in
from monitor.service.roles import Roles
from monitor.service.settings import Settings
from monitor.service.wiring import Parley, open_service
from monitor.sources.model import ArticleFound
from monitor.topics import load_topics
from monitor.vocabulary import Certainty, Precision, Status
from tests.benchmarks.measure import Case, Figure, Turn, p95

TOPIC = load_topics()["pti"]
BORN, NOW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
SECRET = "whsec_" + "a" * 32
VAULT = Vault("a" * 43 + "=")
OPEN = partial(opened, vault=VAULT, api_url="https://api.parley.example")
Turns = Iterator[Turn]
AT_MOST = 2
"""Times a bare loop's time for a message."""

_HTTP = """
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
    def log_message(self, *_): pass
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(server.server_port, flush=True)
server.serve_forever()
"""
_SMTP = """
import socket, threading
from aiosmtpd.controller import Controller
class Taker:
    async def handle_DATA(self, server, session, envelope): return "250 taken"
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
Controller(Taker(), hostname="127.0.0.1", port=port).start()
print(port, flush=True)
threading.Event().wait()
"""


def cases(folder: Path, messages: int, servers: ExitStack) -> Iterator[Case]:
    """Messages a second by webhook and by mail; the receivers live as long as `servers`."""
    http, smtp = servers.enter_context(_server(_HTTP)), servers.enter_context(_server(_SMTP))
    mail = MailServer("127.0.0.1", "parley@parley.example", smtp, security="none")
    hooks = [_hook(f"w{number}", f"http://127.0.0.1:{http}/{number}") for number in range(messages)]
    boxes = [
        SubscriptionConfig(id=f"m{number}", kind="email", address=f"a{number}@example.org")
        for number in range(messages)
    ]
    yield Case(
        f"deliver {messages} webhooks",
        "messages",
        _deliveries(folder / "webhooks", hooks, "webhook", WebhookChannel(lambda: NOW)),
        _posts(folder / "posts", hooks),
        "POSTs by one httpx client",
        at_most=AT_MOST,
    )
    yield Case(
        f"deliver {messages} mails",
        "messages",
        _deliveries(folder / "mails", boxes, "email", EmailChannel(mail, lambda: NOW)),
        _mails(folder / "smtp", boxes, mail),
        "mails over one SMTP connection",
        at_most=AT_MOST,
    )


def figures(*, quick: bool) -> Iterator[Figure]:
    """All figures; `quick` only shows that they can be taken."""
    with tempfile.TemporaryDirectory(prefix="pb-") as folder:
        yield _drain(Path(folder), 3_000 if quick else 100_000)
    with tempfile.TemporaryDirectory(prefix="pb-") as folder:
        yield _latency(Path(folder), topics=2 if quick else 10, subscriptions=20 if quick else 1000)


@contextmanager
def _server(source: str) -> Iterator[int]:
    """The port of a server in a process of its own."""
    with subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE) as server:
        assert server.stdout
        try:
            yield int(server.stdout.readline())
        finally:
            server.kill()


def _hook(name: str, url: str, **more: object) -> SubscriptionConfig:
    fields = {"id": name, "kind": "webhook", "url": url, "secret": SECRET, "allow_private": True, **more}
    return SubscriptionConfig.model_validate(fields)


def _database(folder: Path, subscriptions: list[SubscriptionConfig]) -> Engine:
    folder.mkdir(parents=True, exist_ok=True)
    engine = open_engine(folder / "service.sqlite")
    create_tables(engine)
    Subscriptions(engine, VAULT).sync(subscriptions, BORN)
    return engine


def _tell(engine: Engine, number: int) -> None:
    """Queue an alert for everybody."""
    shift = ids.fact_id("shift", number)
    quote = Quote(
        claim_id=ids.fact_id("claim"),
        article_id=ids.fact_id("article"),
        outlet="Example News",
        url="https://news.example/report",
        published_at=NOW,
        text="Khan has rejected any dialogue with the government, his counsel said after a meeting in jail.",
    )
    alert = AlertRaised(
        alert_id=ids.alert_id(shift),
        shift_id=shift,
        channel="government",
        from_status=Status.PROPOSED,
        to_status=Status.REJECTED,
        name="talks rejected",
        effective_at=NOW.date(),
        severity="major",
        certainty=Certainty.REPORTED,
        text="PTI and the federal government: talks rejected (reported), since 1 March 2026.",
        evidence=(quote,) * 3,
        reason="new_shift",
    )
    event = Event.of(
        "alert.raised", alert, id_=ids.fact_id("event", number), topic="pti", at=NOW, cause=None, by="bench"
    )
    position = f"{int(NOW.timestamp() * 1000)}-{number}"
    fan_out(
        engine,
        "pti",
        [Recorded(position, event)],
        epoch="e" * 32,
        render=partial(render, topic=TOPIC, dashboard_url="https://parley.example"),
        now=NOW,
    )


# Messages a second.


def _deliveries(folder: Path, subscriptions: list[SubscriptionConfig], kind: str, channel: Channel) -> Turns:
    """The dispatcher delivers an alert to everybody."""
    engine = _database(folder, subscriptions)
    dispatcher = Dispatcher(engine, {kind: channel}, lambda: NOW, OPEN, lambda _: None)
    number = 0
    while True:
        number += 1
        _tell(engine, number)

        def turn() -> int:
            dispatcher.tick()
            assert dispatcher.drain(300)
            return len(subscriptions)

        yield turn


def _claimed(folder: Path, subscriptions: list[SubscriptionConfig]) -> list[Delivery]:
    engine = _database(folder, subscriptions)
    _tell(engine, 1)
    return claim(engine, NOW, len(subscriptions))


def _posts(folder: Path, subscriptions: list[SubscriptionConfig]) -> Turns:
    """What every client must do: post each body, and wait for the answer."""
    found = _claimed(folder, subscriptions)
    client = httpx.Client(trust_env=False)
    while True:

        def turn() -> int:
            for delivery in found:
                address = VAULT.open(delivery.recipient.target)
                client.post(address, json=delivery.message.payload).raise_for_status()
            return len(found)

        yield turn


def _mails(folder: Path, subscriptions: list[SubscriptionConfig], server: MailServer) -> Turns:
    """What every client must do: hand over each mail, and wait for the answer."""
    found = _claimed(folder, subscriptions)
    mails = [(VAULT.open(one.recipient.target), compose(one, server, NOW)) for one in found]
    while True:

        def turn() -> int:
            with smtplib.SMTP(server.host, server.port, "localhost") as session:
                for address, mail in mails:
                    session.sendmail(server.sender, [address], mail)
            return len(mails)

        yield turn


# A long queue.


class _Nowhere:
    """A channel that takes everything at once."""

    def send(self, delivery: Delivery) -> None:
        """Take it."""


def _drain(folder: Path, deliveries: int) -> Figure:
    """How much slower the last thousand of many queued deliveries are than the first."""
    subscriptions = [_hook(f"w{number}", "http://127.0.0.1:9/") for number in range(1000)]
    engine = _database(folder, subscriptions)
    for number in range(deliveries // len(subscriptions)):
        _tell(engine, number + 1)
    settled: list[float] = []

    class Counting(_Nowhere):
        def send(self, delivery: Delivery) -> None:
            settled.append(time.perf_counter())

    dispatcher = Dispatcher(engine, {"webhook": Counting()}, lambda: NOW, OPEN, lambda _: None)
    begun = time.perf_counter()
    dispatcher.tick()
    assert dispatcher.drain(1800)
    dispatcher.close()
    engine.dispose()
    assert len(settled) == deliveries
    first, last = settled[999] - begun, settled[-1] - settled[-1000]
    return Figure(f"last thousand of {deliveries} queued over the first", last / first, "times", 1.5)


# How soon an alert is out.

_STEPS = (
    "The PTI has offered talks to the federal government, PTI chairman Barrister Gohar said.",
    "The PTI and the federal government will hold talks on Monday, PTI chairman Barrister Gohar said.",
    "The PTI and the federal government are holding talks, PTI chairman Barrister Gohar said.",
    "The PTI and the federal government have signed an agreement, PTI chairman Barrister Gohar said.",
)


class _Desk:
    """Notes when the first message of each alert arrives."""

    def __init__(self) -> None:
        self.first: list[float] = []
        self.arrived = Condition()
        seen: set[bytes] = set()
        desk = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                at, body = time.perf_counter(), self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(204)
                self.end_headers()
                with desk.arrived:
                    if body not in seen:
                        seen.add(body)
                        desk.first.append(at)
                        desk.arrived.notify_all()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        Thread(target=self.server.serve_forever, daemon=True).start()


def _latency(folder: Path, topics: int, subscriptions: int) -> Figure:
    """Seconds from an article's append to the first message about what it tells, p95."""
    desk, taken = _Desk(), []
    url = f"http://127.0.0.1:{desk.server.server_port}/"
    watched = {f"pti-{n}": TOPIC.model_copy(update={"id": f"pti-{n}"}) for n in range(topics)}
    hooks = [
        _hook(f"w{number}", f"{url}{number}", topics=[f"pti-{number % topics}"])
        for number in range(subscriptions)
    ]
    settings = Settings(data=folder, topics=tuple(watched), seeds=False, subscriptions=tuple(hooks))
    model, service = ReadModel(folder), open_service(Store(folder))
    with EmbeddedServer(folder) as server, connect(server.url) as client:
        parley = Parley(settings, watched, EventLog(client), model, service, lambda: datetime.now(UTC))
        roles = Roles(parley, ["watch", "notify"], _fail)
        roles.start()
        try:
            time.sleep(2)  # the subscriptions are there
            for number, text in enumerate(_STEPS):
                for topic in watched:
                    taken.append(_seconds_to_first(parley, desk, topic, text, 10 * number))
        finally:
            roles.stop()
    desk.server.shutdown()
    desk.server.server_close()
    model.close()
    service.dispose()
    return Figure(f"append to first of {subscriptions} told of {topics} topics, p95", p95(taken), "s", 1)


def _seconds_to_first(parley: Parley, desk: _Desk, topic: str, text: str, day: int) -> float:
    at = BORN + timedelta(days=day)
    article = ArticleFound(
        url=f"https://news.example/{topic}/{day}",
        title=text.partition(",")[0],
        text=text,
        outlet="Example News",
        source="news",
        language="en",
        published_at=at,
        precision=Precision.TIME,
        first_seen_at=at,
    )
    known = len(desk.first)
    assert take_in(parley, [article], [topic]).ingested == 1
    begun = time.perf_counter()
    with desk.arrived:
        assert desk.arrived.wait_for(lambda: len(desk.first) > known, 30), (
            f"{topic}: nothing came of {text!r}"
        )
    time.sleep(0.3)  # the others are served
    return desk.first[known] - begun


def _fail(error: BaseException) -> None:
    raise error

"""Shared by the tests of delivery: a database, events of one alert's life, a clock that one can turn."""

import base64
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from monitor import ids
from monitor.alerts.config import SubscriptionConfig
from monitor.alerts.delivery import Delivery, Recipient
from monitor.alerts.fanout import fan_out
from monitor.alerts.message import Message, render
from monitor.alerts.queue import claim
from monitor.alerts.subscriptions import Subscriptions, opened
from monitor.alerts.tables import create_tables
from monitor.alerts.vault import Vault
from monitor.log.events import AlertCancelled, AlertRaised, Event, Quote
from monitor.log.stream import Recorded
from monitor.readmodel.store import Store, open_engine
from monitor.topics.model import Channel, Topic
from monitor.vocabulary import Certainty, Status

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DASHBOARD = "https://parley.example"
API = "https://api.parley.example"
VAULT = Vault(base64.urlsafe_b64encode(b"k" * 32).decode())
OPEN: Callable[[Recipient], Recipient] = partial(opened, vault=VAULT, api_url=API)
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
TOPIC = Topic(
    id="pti", label="PTI's talks", channels=(Channel(id="government", label="PTI and the government"),)
)
RENDER: Callable[[Event], Message] = partial(render, topic=TOPIC, dashboard_url=DASHBOARD)


class TurnableClock:
    """A clock that stands still until it is turned."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def turn(self, by: timedelta) -> None:
        self.now += by


class Story:
    """Events of alerts' lives, at positions of the log that ascend from the moment of the clock."""

    secret, topic, render, now = SECRET, TOPIC, staticmethod(RENDER), NOW
    vault, open = VAULT, staticmethod(OPEN)

    def __init__(self, engine: Engine, clock: TurnableClock) -> None:
        self.engine, self.clock = engine, clock
        self._count = 0

    def alert(self, key: str = "a", type_: str = "alert.raised", **changes: Any) -> Recorded:
        """An event of the alert `key`: raised, updated or suppressed."""
        shift = ids.fact_id("shift", key)
        quote = Quote(
            claim_id=ids.fact_id("claim"),
            article_id=ids.fact_id("article"),
            outlet="WION",
            url="https://www.wionews.com/report",
            published_at=NOW,
            text="Khan has rejected any dialogue with the government.",
        )
        fields: dict[str, Any] = {
            "alert_id": ids.alert_id(shift),
            "shift_id": shift,
            "channel": "government",
            "from_status": Status.PROPOSED,
            "to_status": Status.REJECTED,
            "name": "talks rejected",
            "effective_at": date(2025, 5, 29),
            "severity": "major",
            "certainty": Certainty.REPORTED,
            "text": "PTI and the government: talks rejected (reported), since 29 May 2025",
            "evidence": (quote,),
            "reason": "new_shift",
        }
        return self._recorded(type_, AlertRaised(**{**fields, **changes}))

    def update(self, key: str = "a") -> Recorded:
        """The alert is confirmed."""
        return self.alert(key, "alert.updated", certainty=Certainty.CONFIRMED, reason="confirmed")

    def cancel(self, key: str = "a", **changes: Any) -> Recorded:
        """The alert is taken back."""
        shift = ids.fact_id("shift", key)
        gone = AlertCancelled(
            alert_id=ids.alert_id(shift),
            shift_id=shift,
            channel="government",
            effective_at=date(2025, 5, 29),
            severity="major",
            certainty=Certainty.REPORTED,
            text="PTI and the government: withdrawn, the evidence for “talks rejected” no longer stands.",
            reason="withdrawn",
        ).model_copy(update=changes)
        return self._recorded("alert.cancelled", gone)

    def tell(self, *events: Recorded) -> int:
        """Fan the events out."""
        return fan_out(self.engine, "pti", events, epoch="e" * 32, render=RENDER, now=self.clock())

    def subscribe(self, *configs: SubscriptionConfig) -> None:
        """Make these the subscriptions, at the clock's time."""
        Subscriptions(self.engine, VAULT).sync(configs, self.clock())

    def webhook(self, name: str, url: str = "http://127.0.0.1:9/hook", **more: Any) -> SubscriptionConfig:
        """A webhook's configuration."""
        fields = {"id": name, "kind": "webhook", "url": url, "secret": SECRET, "allow_private": True, **more}
        return SubscriptionConfig.model_validate(fields)

    def email(self, name: str, address: str = "anna@example.org", **more: Any) -> SubscriptionConfig:
        """An email subscription's configuration."""
        return SubscriptionConfig.model_validate({"id": name, "kind": "email", "address": address, **more})

    def _recorded(self, type_: str, data: Any) -> Recorded:
        self._count += 1
        at = self.clock()
        id_ = ids.fact_id("event", self._count)
        event = Event.of(type_, data, id_=id_, topic="pti", at=at, cause=None, by="test")
        return Recorded(f"{int(at.timestamp() * 1000)}-{self._count}", event)


@pytest.fixture
def engine(store: Store) -> Iterator[Engine]:
    """The service's database, empty."""
    engine = store.service()
    create_tables(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> TurnableClock:
    """A clock that stands at noon of 1 March 2026."""
    return TurnableClock()


@pytest.fixture
def story(engine: Engine, clock: TurnableClock) -> Story:
    """Events and subscriptions on the database."""
    return Story(engine, clock)


class Receiver:
    """A webhook's receiver on this machine. `answers` maps a path to (status, headers), or to something odd to do."""

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.answers: dict[str, tuple[int, dict[str, str]]] = {}
        self.odd: dict[str, Callable[[socket.socket], None]] = {}
        self.arrived = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.arrived:
                    receiver.requests.append(Received(self.path, dict(self.headers.items()), body))
                    receiver.arrived.notify_all()
                if self.path in receiver.odd:
                    receiver.odd[self.path](self.connection)
                    self.close_connection = True
                    return
                status, headers = receiver.answers.get(self.path, (204, {}))
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # connections that tests cut off
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@dataclass(frozen=True)
class Received:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that accepts everything until told otherwise."""
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def delivery_of(story: Story) -> Callable[..., Delivery]:
    """Make one claimed delivery to a target."""

    def make(config: SubscriptionConfig, *events: Recorded) -> Delivery:
        story.subscribe(config)
        story.tell(*(events or (story.alert(),)))
        [delivery] = claim(story.engine, story.clock(), 1)
        return replace(delivery, recipient=OPEN(delivery.recipient))

    return make


_CERTIFICATE = Path(__file__).parent / "localhost.pem"
"""Key and certificate of a server called localhost; for these tests only, trusted by nobody else."""


@pytest.fixture
def tls_server() -> ssl.SSLContext:
    """What a server called localhost speaks TLS with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_CERTIFICATE)
    return context


@pytest.fixture
def tls_client() -> ssl.SSLContext:
    """What trusts that server."""
    return ssl.create_default_context(cafile=str(_CERTIFICATE))


@pytest.fixture
def story_on(clock: TurnableClock) -> Callable[[Path], tuple[Engine, Story]]:
    """A database at a path, and a story on it."""

    def make(path: Path) -> tuple[Engine, Story]:
        engine = open_engine(path)
        create_tables(engine)
        return engine, Story(engine, clock)

    return make

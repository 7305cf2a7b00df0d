"""The whole way on real parts: a feed over HTTP, Redis, detection, status, and two subscribers who are told once.

Real servers all around: the feed and the webhook's receiver over HTTP, a mail server over SMTP, the embedded Redis.
"""

import base64
import hashlib
import hmac
import io
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.policy import default
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from monitor.log.stream import EventLog, Stream
from monitor.readmodel import queries
from monitor.service import logs
from monitor.service.ingest import Ingest
from monitor.service.notify import Notify
from monitor.service.roles import Roles
from monitor.service.settings import Settings
from monitor.service.watch import watches
from monitor.service.wiring import Parley, assemble
from tests.processes import free_port
from tests.test_counting import numbers

Command = Callable[..., Any]
SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
NEWS = [
    (
        "guid-1",
        "PTI and the federal government are holding talks",
        "Teams of the PTI and the federal government are holding talks, PTI chairman Barrister Gohar said.",
    ),
    (
        "guid-2",
        "PTI calls off talks with government",
        "The PTI has called off its talks with the federal government, PTI chairman Barrister Gohar Ali Khan said.",
    ),
]


class World:
    """A feed that a test may add to, and a receiver that remembers what it got."""

    def __init__(self) -> None:
        self.items: list[tuple[str, str, str, datetime]] = []
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.fail_first = True

    def feed(self) -> bytes:
        items = "".join(
            f"<item><guid>{guid}</guid><title>{title}</title><link>https://news.example/{number}</link>"
            f"<pubDate>{format_datetime(at)}</pubDate><description>{text}</description></item>"
            for number, (guid, title, text, at) in enumerate(self.items)
        )
        return f'<rss version="2.0"><channel><title>Example News</title>{items}</channel></rss>'.encode()


class Mailbox:
    """A mail handler that keeps what it is handed, and knows nobody called gone."""

    def __init__(self) -> None:
        self.mails: list[Message] = []

    async def handle_RCPT(  # noqa: N802  (aiosmtpd's name)
        self, server: object, session: object, envelope: Any, address: str, options: object
    ) -> str:
        if address.startswith("gone"):
            return f"550 <{address}> is unknown here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802  (aiosmtpd's name)
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 taken"


@pytest.fixture
def world() -> Iterator[tuple[World, str]]:
    """The world and its address."""
    known = World()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(200, known.feed())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known.received.append((dict(self.headers.items()), body))
            self._answer(503 if known.fail_first and len(known.received) == 1 else 200, b"")

        def _answer(self, code: int, body: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield known, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    """A mail server and its port."""
    handler = Mailbox()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


class Clock:
    """The time, which a test can move on."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def assembled(
    data: Path, log: EventLog, address: str, smtp_port: int, clock: Clock, *more: dict[str, Any]
) -> Parley:
    settings = Settings.model_validate(
        {
            "data": data,
            "seeds": False,
            "public_url": "https://parley.example",
            "smtp": {
                "host": "127.0.0.1",
                "port": smtp_port,
                "security": "none",
                "sender": "parley@parley.example",
            },
            "sources": [
                {"id": "news", "url": f"{address}/feed", "interval_minutes": 5, "allow_private": True}
            ],
            "subscriptions": [
                {
                    "id": "hook",
                    "kind": "webhook",
                    "url": f"{address}/hook",
                    "secret": SECRET,
                    "allow_private": True,
                },
                {"id": "desk", "kind": "email", "address": "desk@example.org"},
                *more,
            ],
        }
    )
    return assemble(settings, log, clock)


def test_news_from_a_feed_reaches_both_subscribers_once(
    tmp_path: Path, embedded_log: EventLog, world: tuple[World, str], mailbox: tuple[Mailbox, int]
) -> None:
    known, address = world
    clock = Clock()
    parley = assembled(tmp_path / "data", embedded_log, address, mailbox[1], clock)
    ingest, notify, reading = Ingest(parley), Notify(parley), watches(parley)

    def round_() -> None:
        ingest.poll_due()
        for watch in reading:
            watch.tick()
        notify.tick()
        assert notify.drain(20)
        notify.tick()

    known.items.append((*NEWS[0], clock() - timedelta(days=4)))
    round_()
    assert known.received == []  # a source's first poll is history
    assert queries.status(parley.read_model, "pti", now=clock()).status == "underway"
    clock.ahead += timedelta(minutes=7)
    known.items.append((*NEWS[1], clock() - timedelta(minutes=2)))
    round_()
    assert queries.status(parley.read_model, "pti", now=clock()).status == "collapsed"
    clock.ahead += timedelta(minutes=1)
    for _ in range(3):
        round_()  # the webhook's first attempt failed: it is tried again, and nothing is told twice

    (first, body), (second, again) = known.received
    assert body == again
    assert first["webhook-id"] == second["webhook-id"]
    signed = f"{second['webhook-id']}.{second['webhook-timestamp']}.{body.decode()}".encode()
    expected = base64.b64encode(hmac.new(b"k" * 32, signed, hashlib.sha256).digest()).decode()
    assert f"v1,{expected}" in second["webhook-signature"].split()
    payload = json.loads(body)
    assert payload["type"] == "alert.raised"
    assert payload["data"]["name"] == "talks collapsed"
    assert payload["data"]["link"].startswith("https://parley.example")
    (mail,) = mailbox[0].mails
    assert "collapsed" in str(mail["Subject"])
    outcomes = [recorded.event.type for recorded in embedded_log.read_all("pti", stream=Stream.DELIVERIES)]
    assert sorted(outcomes) == ["delivery.failed", "delivery.succeeded", "delivery.succeeded"]
    notify.close()
    ingest.close()


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that is logged, of every level, as where there is no terminal."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    logs.configure(logging.DEBUG, stream=stream)
    monkeypatch.setattr(logging.getLogger("mail.log"), "disabled", True)  # the tests' mail server's own
    yield stream
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)


def test_what_is_logged_says_what_it_is_about_and_nothing_of_subscribers(
    tmp_path: Path,
    embedded_log: EventLog,
    world: tuple[World, str],
    mailbox: tuple[Mailbox, int],
    logged: io.StringIO,
) -> None:
    known, address = world
    clock, port = Clock(), mailbox[1]
    secret_hook = {
        "id": "private",
        "kind": "webhook",
        "url": f"{address}/T0K3N/hook?key=s3cr3t",
        "secret": SECRET,
        "allow_private": True,
    }
    nobody = {"id": "nobody", "kind": "email", "address": "gone@example.org"}
    parley = assembled(tmp_path / "data", embedded_log, address, port, clock, secret_hook, nobody)
    failures: list[BaseException] = []
    before = numbers()
    roles = Roles(parley, ["ingest", "watch", "notify"], failures.append)

    def status() -> str | None:
        return (
            queries.topics(parley.read_model) and queries.status(parley.read_model, "pti", now=clock()).status
        )

    def wait_for(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline, logged.getvalue()
            time.sleep(0.05)

    known.items.append((*NEWS[0], clock() - timedelta(days=4)))
    roles.start()
    try:
        wait_for(lambda: status() == "underway")
        known.items.append((*NEWS[1], clock() + timedelta(minutes=5)))
        clock.ahead += timedelta(minutes=7)
        wait_for(lambda: len(known.received) >= 3 and mailbox[0].mails)  # the first of three was refused
        wait_for(
            lambda: "abandoned (refused)" in logged.getvalue() and logged.getvalue().count("(accepted)") == 3
        )
    finally:
        roles.stop()
    assert failures == []

    text = logged.getvalue()
    for personal in ("desk@example.org", "gone@", "desk@", "T0K3N", "s3cr3t", SECRET):
        assert personal not in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert all({"time", "level", "message", "logger"} <= line.keys() for line in lines)

    raised = next(one.event for one in embedded_log.read_all("pti") if one.event.type == "alert.raised")
    about = [line for line in lines if line.get("event_id") == raised.id]
    assert {(line["role"], line["topic"]) for line in about} == {("watch", "pti"), ("notify", "pti")}
    decided = next(line for line in about if line["message"].startswith("alert.raised: "))
    assert decided["cause"] == raised.cause
    delivered = [line for line in about if line["message"].startswith("delivery ")]
    assert len(delivered) >= 4
    assert all(line["delivery"] for line in delivered)

    after = numbers()
    for key, count in {
        ("parley_status_changes_total",): 2,
        ("parley_deliveries_total", "email", "succeeded"): 1,
        ("parley_deliveries_total", "email", "abandoned"): 1,
        ("parley_deliveries_total", "webhook", "failed"): 1,
        ("parley_deliveries_total", "webhook", "succeeded"): 2,
    }.items():
        assert after[key] - before.get(key, 0) == count, key


def test_the_live_seeds_tell_subscribers_of_two_shifts_with_their_words_and_of_nothing_old(
    tmp_path: Path, parley: Command, world: tuple[World, str], mailbox: tuple[Mailbox, int]
) -> None:
    known, address = world
    known.fail_first = False
    config = tmp_path / "parley.toml"
    config.write_text(
        f"[smtp]\nhost = '127.0.0.1'\nport = {mailbox[1]}\nsecurity = 'none'\n"
        f"[[subscriptions]]\nid = 'hook'\nkind = 'webhook'\nurl = '{address}/hook'\nsecret = '{SECRET}'\n"
        "allow_private = true\nchannels = ['government']\n"
        "[[subscriptions]]\nid = 'desk'\nkind = 'email'\naddress = 'desk@example.org'\n"
    )
    done = parley("seed", "--live", "0", PARLEY_CONFIG=str(config))
    assert done.returncode == 0, done.stderr
    posted = [json.loads(body)["data"] for _, body in known.received]
    assert [data["name"] for data in posted] == ["efforts to resume talks", "talks rejected"]
    assert [data["evidence"][0]["outlet"] for data in posted] == ["Daily Times", "WION"]
    assert posted[0]["evidence"][0]["quote"].startswith("Efforts to resume negotiations")
    assert posted[1]["evidence"][0]["quote"].startswith("Imran Khan rejects renewed dialogue")
    subjects = [str(mail["Subject"]) for mail in mailbox[0].mails]
    assert [subject for subject in subjects if "Government" in subject] == [
        "[Parley] PTI – Government: efforts to resume talks (confirmed)",
        "[Parley] PTI – Government: talks rejected (reported)",
    ]
    assert not [subject for subject in subjects if "collapsed" in subject or "overseas" in subject]
    assert f"{len(posted) + len(subjects)} messages delivered" in done.stdout

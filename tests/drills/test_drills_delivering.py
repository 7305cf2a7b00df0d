"""Killed anywhere between a shift and the record of its delivery: each subscriber has each message once, none missing.

A life (lives.py) reads news that lies in the log, decides and delivers. Hypothesis chooses where lives end and what
the receivers do meanwhile; the last life is left alone. What is sent twice has the same id and the same words.
"""

import json
import random
import shutil
import signal
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from aiosmtpd.controller import Controller
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.alerts.delivery import KINDS
from monitor.alerts.fanout import delivery_id
from monitor.alerts.subscriptions import subscription_id
from monitor.log.connect import connect
from monitor.log.embedded import EmbeddedServer
from monitor.log.events import Event
from monitor.log.stream import EventLog, Stream
from monitor.readmodel.model import ReadModel
from monitor.readmodel.store import Store
from monitor.service.ingest import take_in
from monitor.service.wiring import Parley, open_service
from monitor.sources.model import ArticleFound
from monitor.vocabulary import Precision
from tests.drills.forked import FORKS
from tests.drills.lives import TOPIC, LifeClock, live, settings_of
from tests.processes import free_port

pytestmark = [pytest.mark.drill, pytest.mark.timeout(2400)]
RUNS = 200
DAY = datetime(2024, 2, 5, 9, tzinfo=UTC)
NEWS = [
    (
        "Northern Wire",
        "Rail talks under way",
        "The RMT and the train operators are in talks, Mick Lynch said.",
    ),
    (
        "Harbour Post",
        "RMT walks out",
        "The RMT has called off its talks with the train operators.",
    ),
    (
        "Vale Courier",
        "Train talks collapse",
        "Talks between the train operators and the RMT have collapsed.",
    ),
]


@dataclass
class Receivers:
    """A webhook and a mail server that remember what they got and do as `faults` says, one a request."""

    hook: str = ""
    smtp_port: int = 0
    faults: list[str] = field(default_factory=list)
    posted: list[tuple[str, bytes]] = field(default_factory=list)
    mails: list[Message] = field(default_factory=list)

    def fault(self) -> str:
        return self.faults.pop(0) if self.faults else ""

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802  (aiosmtpd's name)
        fault = self.fault()
        if fault == "refuse":
            return "451 try again later"
        self.mails.append(message_from_bytes(envelope.content))
        return "421 closing" if fault == "forget" else "250 taken"


@pytest.fixture(scope="module")
def receivers() -> Iterator[Receivers]:
    known = Receivers()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) < length:  # a life ended while it was sending: nothing was received
                self.close_connection = True
                return
            fault = known.fault()
            if fault != "refuse":
                known.posted.append((self.headers["webhook-id"], body))
            if fault == "forget":  # taken, but nobody will know
                self.close_connection = True
                return
            self.send_response(503 if fault == "refuse" else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    known.smtp_port = free_port()
    mail = Controller(known, hostname="127.0.0.1", port=known.smtp_port)
    mail.start()
    known.hook = f"http://127.0.0.1:{server.server_port}/hook"
    yield known
    mail.stop()
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with (
        tempfile.TemporaryDirectory(prefix="pt-") as folder,
        EmbeddedServer(Path(folder), durable=False) as server,
    ):
        yield server.url


@pytest.fixture(scope="module")
def news(redis_url: str, receivers: Receivers) -> list[Event]:
    """What lies in the log: talks are held, one outlet says that they collapsed, another confirms it."""
    found = [
        ArticleFound(
            url=f"https://news.example/{number}",
            title=title,
            text=text,
            outlet=outlet,
            source="news",
            language="en",
            precision=Precision.DAY,
            published_at=DAY + number * timedelta(days=1),
            first_seen_at=DAY + number * timedelta(days=1),
        )
        for number, (outlet, title, text) in enumerate(NEWS)
    ]
    with tempfile.TemporaryDirectory(prefix="pt-") as folder, connect(redis_url) as client:
        client.flushall()
        log, data, clock = EventLog(client), Path(folder), LifeClock(DAY + timedelta(days=9))
        known = settings_of(data, receivers.hook, receivers.smtp_port)
        parley = Parley(known, {TOPIC.id: TOPIC}, log, ReadModel(data), open_service(Store(data)), clock)
        assert take_in(parley, found).ingested == len(NEWS)
        articles = [one.event for one in log.read_all(TOPIC.id)]
        parley.service.dispose()
        parley.read_model.close()
    return articles


def lives(
    points: Sequence[str],
    data: Path,
    redis_url: str,
    receivers: Receivers,
    jumps: Sequence[timedelta],
) -> Counter[int]:
    """Live once for each point to die at, and once more; how often each exit code came."""
    codes: Counter[int] = Counter()
    for number, point in enumerate([*points, ""]):
        given_ = (data, redis_url, receivers.hook, receivers.smtp_port, number, point, jumps)
        process = FORKS.Process(target=live, args=given_)
        process.start()
        process.join(120)
        assert process.exitcode is not None, "a life that does not end"
        codes[process.exitcode] += 1
    assert codes[1] == 0, "a life ended with an error"
    return codes


def played(
    news: list[Event],
    points: Sequence[str],
    faults: list[str],
    redis_url: str,
    receivers: Receivers,
    jumps: Sequence[timedelta] = (),
) -> tuple[set[str], Counter[int]]:
    """Let lives pass over the news, check what came of it, and return the ids of what was told."""
    receivers.faults, receivers.posted, receivers.mails = list(faults), [], []
    folder = Path(tempfile.mkdtemp(prefix="pt-"))
    try:
        with connect(redis_url) as client:
            client.flushall()
            log = EventLog(client)
            for event in news:
                log.append(TOPIC.id, [event])
            codes = lives(points, folder / "data", redis_url, receivers, jumps)
            told = [one.event for one in log.read_all(TOPIC.id) if one.event.type in KINDS]
            outcomes = [one.event for one in log.read_all(TOPIC.id, stream=Stream.DELIVERIES)]
    finally:
        shutil.rmtree(folder)
    check(told, outcomes, receivers)
    return {event.id for event in told}, codes


def check(told: list[Event], outcomes: list[Event], receivers: Receivers) -> None:
    def expected(name: str) -> set[str]:
        subscription = subscription_id(name)
        return {delivery_id(event, KINDS[event.type], event.data["alert_id"], subscription) for event in told}

    assert told
    assert {id_ for id_, _ in receivers.posted} == expected("hook")
    assert {str(mail["Message-ID"])[1:].partition("@")[0] for mail in receivers.mails} == expected("desk")
    bodies: dict[str, set[str]] = defaultdict(set)
    for id_, body in receivers.posted:
        bodies[id_].add(json.dumps(json.loads(body), sort_keys=True))
    for mail in receivers.mails:
        parts = [part.get_payload() for part in mail.walk() if not part.is_multipart()]
        bodies[str(mail["Message-ID"])].add(f"{mail['Subject']}\n{parts}")
    assert {id_: len(versions) for id_, versions in bodies.items() if len(versions) != 1} == {}
    arrived = Counter(one.data["delivery_id"] for one in outcomes if one.type == "delivery.succeeded")
    assert arrived == Counter(expected("hook") | expected("desk"))


POINTS = st.builds(
    "{}:{}".format,
    st.sampled_from(
        ["append.before", "append.after", "commit.before", "commit.after", "send.before", "send.after"]
    ),
    st.integers(1, 12),
)


@pytest.fixture(scope="module")
def undisturbed(news: list[Event], redis_url: str, receivers: Receivers) -> set[str]:
    """The ids of what is told when nobody is killed."""
    return played(news, [], [], redis_url, receivers)[0]


def test_the_news_is_told_corrected_and_taken_back(
    news: list[Event], redis_url: str, receivers: Receivers, undisturbed: set[str]
) -> None:
    assert played(news, [], [], redis_url, receivers)[0] == undisturbed
    kinds = Counter(json.loads(body)["type"] for _, body in receivers.posted)
    assert kinds.keys() == {"alert.raised", "alert.updated", "alert.cancelled"}


def test_killed_anywhere_each_subscriber_has_each_message_once(
    news: list[Event], redis_url: str, receivers: Receivers, undisturbed: set[str]
) -> None:
    killed = 0

    @settings(
        max_examples=RUNS,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.lists(POINTS, min_size=1, max_size=3),
        st.lists(st.sampled_from(["", "refuse", "forget"]), max_size=5),
    )
    def run(points: list[str], faults: list[str]) -> None:
        nonlocal killed
        told, codes = played(news, points, faults, redis_url, receivers)
        assert told == undisturbed
        killed += codes[-signal.SIGKILL]

    run()
    assert killed >= RUNS, "most lives ended where they were told to"


@pytest.mark.parametrize("seed", range(8))
def test_a_clock_that_jumps_back_and_forth_loses_and_doubles_nothing(
    seed: int, news: list[Event], redis_url: str, receivers: Receivers, undisturbed: set[str]
) -> None:
    chance = random.Random(seed)
    jumps = [timedelta(hours=chance.uniform(-100, 100)) for _ in range(6)]
    points = [f"commit.after:{chance.randint(1, 12)}"]
    assert played(news, points, ["refuse", "forget", "refuse"], redis_url, receivers, jumps)[0] == undisturbed

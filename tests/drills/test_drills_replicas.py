"""Several processes of the roles under load: one dies, servers go and come back, and all is done once in the end."""

import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import fakeredis
import pytest
from pydantic import SecretStr
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from monitor.alerts.tables import DeliveryRow
from monitor.log.connect import connect
from monitor.log.embedded import EmbeddedServer
from monitor.log.stream import EventLog
from monitor.log.verify import verify
from monitor.readmodel.rebuild import rebuild
from monitor.readmodel.tables import METADATA
from monitor.service.leases import LEASE, RENEW_S
from monitor.service.settings import Settings
from monitor.service.tables import Lease
from monitor.service.watch import settled, watches
from monitor.service.wiring import assemble
from monitor.sources.intake import Intake
from monitor.sources.model import ArticleFound
from tests.alerts.conftest import SECRET, Receiver
from tests.postgres import Postgres
from tests.processes import Machine, wait_until
from tests.service.test_service_reader import article

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]
TOPICS = tuple(f"pti-{number}" for number in range(4))
GRACE_S = 30.0
TURNS = [
    ("PTI, government hold talks", "The PTI and the federal government held talks in Islamabad."),
    ("PTI ends talks with govt", "The PTI has called off its talks with the federal government."),
    ("Government offers PTI talks", "The federal government has offered the PTI fresh talks."),
    ("PTI rejects talks", "The PTI has rejected the government's offer of talks."),
]


def now() -> datetime:
    return datetime.now(UTC)


def news(count: int) -> list[ArticleFound]:
    """Articles of some weeks, of which the last are of today, each in words of its own."""
    begun = now() - timedelta(days=count)
    found = []
    for number in range(count):
        title, text = TURNS[number // 2 % len(TURNS)]
        words = random.Random(number)
        padding = " ".join(f"{words.choice('bdfgkm')}{words.randrange(10**6)}" for _ in range(40))
        one = article(number, f"{title} ({number})", f"{text} {padding}")
        at = begun + timedelta(days=number)
        found.append(replace(one, published_at=at, first_seen_at=at))
    return found


class Stack:
    """Redis, PostgreSQL, a receiver, and the processes that work with them."""

    def __init__(self, folder: Path, server: EmbeddedServer, url: str, receiver: Receiver) -> None:
        self.server, self.receiver = server, receiver
        topics = folder / "topics"
        topics.mkdir()
        shipped = files("monitor.topics").joinpath("pti.toml").read_text(encoding="utf-8")
        for name in TOPICS:
            (topics / f"{name}.toml").write_text(shipped.replace('id = "pti"', f'id = "{name}"', 1))
        subscription = (
            f'[[subscriptions]]\nid = "desk"\nkind = "webhook"\nurl = "{receiver.url}/desk"\nsecret = "{SECRET}"\n'
            "allow_private = true\n"
        )
        (folder / "parley.toml").write_text(subscription)
        environ = {
            "PARLEY_CONFIG": str(folder / "parley.toml"),
            "PARLEY_DATA": str(folder / "data"),
            "PARLEY_REDIS_URL": server.url,
            "PARLEY_DATABASE_URL": url,
            "PARLEY_SEEDS": "false",
            "PARLEY_TOPICS": ",".join(TOPICS),
            "PARLEY_TOPIC_DIRS": str(topics),
            "PARLEY_KEY": "k" * 43 + "=",
            "PARLEY_LOGS_FORM": "text",
        }
        self.settings = Settings.model_validate(
            {
                "data": folder / "data",
                "database_url": url,
                "seeds": False,
                "topics": TOPICS,
                "topic_dirs": [topics],
            }
        )
        self.machine = Machine(folder, environ)
        self.client = connect(server.url)
        self.parley = assemble(self.settings, EventLog(self.client), now)
        self.intake = Intake(self.parley.log, by="drill", clock=now)

    def close(self) -> None:
        self.machine.close()
        self.parley.service.dispose()
        self.parley.read_model.close()
        self.client.close()

    @contextmanager
    def news_comes(self, found: list[ArticleFound], pause: float) -> Iterator[None]:
        """Publish these to all topics, one by one, while this lasts; what fails is tried again, as `ingest` does."""

        def publish() -> None:
            for one in found:
                for topic in TOPICS:
                    self.publish(topic, one)
                time.sleep(pause)

        thread = threading.Thread(target=publish)
        thread.start()
        yield
        thread.join(300)
        assert not thread.is_alive()

    def publish(self, topic: str, one: ArticleFound) -> None:
        while True:
            try:
                self.intake.publish(topic, [one])
            except Exception:  # noqa: BLE001 - Redis is away
                time.sleep(0.2)
            else:
                return

    def read(self) -> int:
        """How many articles were read so far."""
        return sum(
            one.event.type == "claims.detected" for topic in TOPICS for one in self.parley.log.read_all(topic)
        )

    def holders(self) -> list[str]:
        """Who holds each topic now."""
        with Session(self.parley.service) as session:
            rows = session.exec(select(Lease).where(Lease.role == "watch"))
            return sorted(row.holder for row in rows if row.until > now())

    def wait_until_settled(self) -> None:
        wait_until(lambda: settled(self.parley), 120, "settled")

    def decided(self) -> dict[str, list[str]]:
        """The ids of all that was found and decided, by topic, in the order of the log."""
        return ids_of(self.parley.log)

    def tables(self) -> dict[str, list[str]]:
        """Every row of the read model."""
        with self.parley.read_model.read() as session:
            return {
                name: sorted(str(tuple(row)) for row in session.execute(sql_select(table)))
                for name, table in METADATA.tables.items()
            }


def ids_of(log: EventLog) -> dict[str, list[str]]:
    return {
        topic: sorted(
            one.event.id
            for one in log.read_all(topic)
            if one.event.type.startswith(("claims.", "status.", "alert."))
        )
        for topic in TOPICS
    }


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def stack(tmp_path: Path, data_dir: Path, postgres: Postgres, receiver: Receiver) -> Iterator[Stack]:
    url = postgres.fresh()
    with EmbeddedServer(data_dir) as server:
        stack = Stack(tmp_path, server, url, receiver)
        yield stack
        stack.close()
    postgres.drop(url)


def check_that_all_was_done_once(stack: Stack, found: list[ArticleFound], folder: Path) -> None:
    """The log is whole, holds what one reader alone would have put there, and the read model equals a rebuild."""
    log = stack.parley.log
    assert verify(log) == []
    alone = EventLog(fakeredis.FakeRedis(protocol=2, legacy_responses=False, server=fakeredis.FakeServer()))
    settings = stack.settings.model_copy(update={"data": folder / "alone", "database_url": SecretStr("")})
    one = assemble(settings, alone, now)
    intake = Intake(alone, by="drill", clock=now)
    for item in found:
        for topic in TOPICS:
            intake.publish(topic, [item])
    for watch in watches(one):
        watch.tick()
        watch.tick()
    assert stack.decided() == ids_of(alone)
    one.service.dispose()
    one.read_model.close()
    live = stack.tables()
    rebuild(stack.parley.read_model, log, stack.parley.topics.values())
    assert stack.tables() == live


def test_a_watcher_is_killed_and_the_other_takes_over(stack: Stack, tmp_path: Path) -> None:
    watchers = [stack.machine.run("watch") for _ in range(2)]
    for one in watchers:
        one.wait_for("Running")
    wait_until(lambda: len(set(stack.holders())) == 2 and len(stack.holders()) == 4, 30, "shared evenly")
    assert [stack.holders().count(one) for one in set(stack.holders())] == [2, 2]
    found = news(60)
    with stack.news_comes(found, 0.15):
        wait_until(lambda: stack.read() > 60, 60)
        watchers[0].kill()
        limit = LEASE.total_seconds() + RENEW_S + 5
        name = f":{watchers[1].process.pid}"
        wait_until(lambda: sum(one.endswith(name) for one in stack.holders()) == 4, limit, "taken over")
    stack.wait_until_settled()
    assert watchers[1].stop(GRACE_S) == 0
    assert stack.holders() == []
    check_that_all_was_done_once(stack, found, tmp_path)


def test_roles_are_stopped_under_load_and_others_go_on(stack: Stack, tmp_path: Path) -> None:
    found = news(60)
    stopped = 0
    with stack.news_comes(found, 0.5):
        while stopped < 3:
            running = [stack.machine.run("watch"), stack.machine.run("notify")]
            for one in running:
                one.wait_for("Running")
            time.sleep(2)
            for one in running:
                assert one.stop(GRACE_S) == 0
                stopped += 1
                assert "Traceback" not in one.words, one.words
    last = stack.machine.run("watch", "notify")
    stack.wait_until_settled()
    wait_until(lambda: told(stack) and told(stack) == wanted(stack), 60, "all was told")
    assert last.stop(GRACE_S) == 0
    check_that_all_was_told_once(stack)
    check_that_all_was_done_once(stack, found, tmp_path)


def test_redis_and_postgres_are_restarted_under_load(
    stack: Stack, tmp_path: Path, postgres: Postgres
) -> None:
    running = [stack.machine.run("watch"), stack.machine.run("notify"), stack.machine.run("watch")]
    for one in running:
        one.wait_for("Running")
    found = news(40)
    with stack.news_comes(found, 0.4):
        for stop, start in ((stack.server._end_process, stack.server.start), (postgres.stop, postgres.start)):
            time.sleep(3)
            stop()
            time.sleep(4)
            start()
    wait_until(lambda: quietly(lambda: settled(stack.parley)), 120, "settled")
    wait_until(lambda: told(stack) and told(stack) == wanted(stack), 60, "all was told")
    assert [one.stop(GRACE_S) for one in running] == [0, 0, 0]
    for one in running:
        assert "Traceback" not in one.words, one.words
        assert len(re.findall("does not answer", one.words)) <= 6, one.words
    check_that_all_was_told_once(stack)
    check_that_all_was_done_once(stack, found, tmp_path)


def quietly(ask: Callable[[], bool]) -> bool:
    try:
        return ask()
    except Exception:  # noqa: BLE001 - a connection from before the restart
        return False


def wanted(stack: Stack) -> int:
    """How many messages there are to be: none is missing when fan-out has come so far as the log goes."""
    with Session(stack.parley.service) as session:
        rows = session.exec(select(DeliveryRow.state)).all()
    return sum(state != "dropped" for state in rows)


def told(stack: Stack) -> int:
    with Session(stack.parley.service) as session:
        return len(session.exec(select(DeliveryRow).where(col(DeliveryRow.state) == "succeeded")).all())


def check_that_all_was_told_once(stack: Stack) -> None:
    """Each message came, under its id; only one that was on its way when its process died comes again."""
    with Session(stack.parley.service) as session:
        rows = session.exec(select(DeliveryRow).where(col(DeliveryRow.state) == "succeeded")).all()
    came = [one.headers["webhook-id"] for one in stack.receiver.requests]
    assert sorted(came) == sorted(row.delivery_id for row in rows)

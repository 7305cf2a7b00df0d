"""What each page asks of the read model, over years of news: milliseconds on SQLite and on PostgreSQL.

Asked as the dashboard asks: a connection of its own each time, nothing kept but what the database keeps.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from monitor.readmodel import queries
from monitor.readmodel.model import ReadModel
from monitor.readmodel.queries import AlertFilter, EvidenceFilter
from monitor.readmodel.store import Store
from tests import postgres
from tests.benchmarks import many
from tests.benchmarks.measure import Figure

TOPIC = many.TOPIC.id
_CHANNEL = many.TOPIC.channels[0].id
Question = Callable[[ReadModel, datetime], object]


def _alerts(number: int = 1, **chosen: Any) -> Question:
    return lambda model, _: queries.alerts_page(model, TOPIC, AlertFilter(**chosen), number=number)


def _evidence(offset: int = 0, **chosen: Any) -> Question:
    return lambda model, _: queries.reports(model, TOPIC, EvidenceFilter(**chosen), offset=offset)


def _last_quarter(now: datetime) -> tuple[date, date]:
    return (now - timedelta(days=90)).date(), now.date()


QUESTIONS: dict[str, tuple[Question, float]] = {
    "which topics there are": (lambda model, now: queries.topics(model), 10),
    "whether anything changed": (lambda model, now: queries.version(model, TOPIC), 10),
    "how fresh it is": (lambda model, now: queries.freshness(model, TOPIC), 30),
    "where the talks stand": (lambda model, now: queries.status(model, TOPIC, now=now), 30),
    "the way there": (lambda model, now: queries.front(model, TOPIC, _CHANNEL), 60),
    "the latest five alerts": (lambda model, now: queries.alerts(model, TOPIC, limit=5), 20),
    "the whole timeline": (lambda model, now: queries.timeline(model, TOPIC), 250),
    "a quarter's volume": (lambda model, now: queries.volume(model, TOPIC, *_last_quarter(now)), 30),
    "a quarter's marks": (lambda model, now: queries.alert_marks(model, TOPIC, *_last_quarter(now)), 50),
    "alerts, first page": (_alerts(), 100),
    "alerts, page 100": (_alerts(100), 100),
    "alerts, of two statuses": (_alerts(status=("rejected", "stalled")), 120),
    "alerts, told and confirmed": (_alerts(state=("raised", "updated"), certainty="confirmed"), 120),
    "alerts, search": (_alerts(q="talks government"), 150),
    "evidence, first page": (_evidence(), 200),
    "evidence, page 500": (_evidence(9_980), 250),
    "evidence, of a status": (_evidence(status="rejected"), 500),
    "evidence, of a status in a channel": (_evidence(status="denied", channel=_CHANNEL), 300),
    "evidence, search": (_evidence(words="talks"), 500),
    "evidence, search for what few have": (_evidence(words="government 777"), 100),
    "evidence, search in vain": (_evidence(words="zyzzyva"), 60),
    "both sides": (lambda model, now: queries.sides(model, TOPIC, _CHANNEL), 100),
}
"""What is asked, and the milliseconds that it may take."""


def figures(*, quick: bool) -> Iterator[Figure]:
    """All figures; `quick` only shows that they can be taken."""
    articles, alerts, turns = (100, 10, 1) if quick else (100_000, 10_000, 9)
    yield from _asked("SQLite", Store(many.folder(articles, alerts)), turns)
    if why := postgres.missing():
        sys.stderr.write(f"{why}: what pages ask of it is not measured\n")
        return
    server = postgres.Postgres()
    try:
        with tempfile.TemporaryDirectory(prefix="pa-") as folder:
            store = Store(Path(folder), server.fresh())
            model = ReadModel(store)
            many.fill(model, articles, alerts, datetime.now(UTC).date())
            model.close()
            with psycopg.connect(store.url, autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")  # as a server does by itself in time
            yield from _asked("PostgreSQL", store, turns)
    finally:
        server.close()


def _asked(name: str, store: Store, turns: int) -> Iterator[Figure]:
    now, model = datetime.now(UTC), ReadModel(store)
    for what, (question, most) in QUESTIONS.items():
        yield Figure(f"{what}, {name}", _median_ms(lambda ask=question: ask(model, now), turns), "ms", most)


def _median_ms(ask: Callable[[], object], turns: int) -> float:
    """The median after one that warms up."""
    taken = []
    for _ in range(turns + 1):
        begun = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken[1:])

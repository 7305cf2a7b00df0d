"""What each page asks of the read model, over years of news: milliseconds on SQLite and on PostgreSQL.

Asked as the dashboard asks: a connection of its own each time, nothing kept but what the database keeps.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from monitor.readmodel import queries
from monitor.readmodel.model import ReadModel
from monitor.readmodel.store import Store
from tests import postgres
from tests.benchmarks import many
from tests.benchmarks.measure import Figure

TOPIC = many.TOPIC.id
Question = Callable[[ReadModel, datetime], object]
QUESTIONS: dict[str, tuple[Question, float]] = {
    "whether anything changed": (lambda model, now: queries.version(model, TOPIC), 10),
    "how fresh it is": (lambda model, now: queries.freshness(model, TOPIC), 10),
    "where the talks stand": (lambda model, now: queries.status(model, TOPIC, now=now), 30),
    "the latest five alerts": (lambda model, now: queries.alerts(model, TOPIC, limit=5), 20),
    "the whole timeline": (lambda model, now: queries.timeline(model, TOPIC), 250),
}
"""What is asked, and the milliseconds that it may take."""


def figures(*, quick: bool) -> Iterator[Figure]:
    """All figures; `quick` only shows that they can be taken."""
    articles, alerts, turns = (100, 10, 1) if quick else (100_000, 10_000, 9)
    with tempfile.TemporaryDirectory(prefix="pa-") as folder:
        yield from _asked("SQLite", Store(Path(folder)), articles, alerts, turns)
    if why := postgres.missing():
        sys.stderr.write(f"{why}: what pages ask of it is not measured\n")
        return
    server = postgres.Postgres()
    try:
        with tempfile.TemporaryDirectory(prefix="pa-") as folder:
            yield from _asked("PostgreSQL", Store(Path(folder), server.fresh()), articles, alerts, turns)
    finally:
        server.close()


def _asked(name: str, store: Store, articles: int, alerts: int, turns: int) -> Iterator[Figure]:
    now, model = datetime.now(UTC), ReadModel(store)
    many.fill(model, articles, alerts, now.date())
    if store.url:
        with psycopg.connect(store.url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")  # as a server does by itself in time
    for what, (question, most) in QUESTIONS.items():
        yield Figure(f"{what}, {name}", _median_ms(lambda ask=question: ask(model, now), turns), "ms", most)
    model.close()


def _median_ms(ask: Callable[[], object], turns: int) -> float:
    """The median after one that warms up."""
    taken = []
    for _ in range(turns + 1):
        begun = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken[1:])

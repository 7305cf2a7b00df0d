"""Replay of a long log into a read model, in a process of its own that says how long it took and what it held.

    python -m tests.benchmarks.rebuilding rebuild|fold REDIS_URL FOLDER TOPICS

Seconds are those of the processor, so that waiting for other work is left out. `fold` makes only the topics' states,
which every reader of these topics holds in memory: what a rebuild holds beyond them is its own.
"""

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Table, insert, select

from monitor.log.connect import connect
from monitor.log.events import Event
from monitor.log.stream import EventLog
from monitor.readmodel.files import current_path
from monitor.readmodel.model import ReadModel
from monitor.readmodel.projector import fold
from monitor.readmodel.rebuild import rebuild
from monitor.readmodel.store import open_engine
from monitor.readmodel.tables import METADATA
from monitor.status.state import TopicState
from monitor.topics import load_topics
from monitor.topics.model import Topic
from tests.benchmarks import news

TOPIC = load_topics()["pti"]
BATCH = 500


class Replayed(NamedTuple):
    """Events, seconds of the processor, and kilobytes held after each page of events."""

    events: int
    seconds: float
    kilobytes: list[int]


def topics(number: int) -> list[Topic]:
    """So many topics that differ in their id alone."""
    return [TOPIC.model_copy(update={"id": f"replayed-{nth}"}) for nth in range(number)]


@lru_cache(maxsize=1)
def past(events: int) -> list[Event]:
    """What is told of each topic."""
    return news.years(TOPIC, events)


def fill(log: EventLog, number: int, events: int) -> None:
    """As many topics as said, each with a log of `events`: one past, told of each of them."""
    told = past(events)
    for topic in topics(number):
        decisions = 0
        for start in range(0, len(told), BATCH):
            batch = [event.model_copy(update={"topic": topic.id}) for event in told[start : start + BATCH]]
            decided = sum(event.is_decision for event in batch)
            log.append(topic.id, batch, expected_decisions=decisions if decided else None)
            decisions += decided


def replay(how: str, url: str, folder: Path, number: int) -> Replayed:
    """Run this module in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.rebuilding", how, url, str(folder), str(number)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return Replayed(*json.loads(done.stdout))


def rows_of(model: ReadModel) -> dict[Table, list[dict[str, Any]]]:
    """All rows, as Python has them."""
    with model.read() as session:
        connection = session.connection()
        return {
            table: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in METADATA.sorted_tables
        }


def write_by_sqlalchemy(rows: dict[Table, list[dict[str, Any]]], path: Path) -> float:
    """Seconds of writing the rows with one insert and one commit a table, from the values that Python has."""
    engine = open_engine(path, derived=True)
    METADATA.create_all(engine)
    begun = time.process_time()
    for table, of_it in rows.items():
        if of_it:
            with engine.begin() as connection:
                connection.execute(insert(table), of_it)
    taken = time.process_time() - begun
    engine.dispose()
    return taken


def write_by_driver(model: Path, path: Path) -> float:
    """Seconds of writing the rows with sqlite3 alone, from the very values that the file holds."""
    engine = open_engine(path, derived=True)
    METADATA.create_all(engine)
    engine.dispose()
    source, target = sqlite3.connect(model), sqlite3.connect(path, isolation_level=None)
    target.execute("PRAGMA synchronous=NORMAL")
    taken = 0.0
    for table in METADATA.sorted_tables:
        rows = source.execute(f"SELECT * FROM {table.name} ORDER BY rowid").fetchall()
        if not rows:
            continue
        statement = f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(rows[0]))})"
        begun = time.process_time()
        target.execute("BEGIN IMMEDIATE")
        target.executemany(statement, rows)
        target.execute("COMMIT")
        taken += time.process_time() - begun
    source.close()
    target.close()
    return taken


def model_file(folder: Path) -> Path:
    """The SQLite file of the read model in a folder."""
    path = current_path(folder)
    assert path is not None
    return path


def _held() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4


def _rebuild(model: ReadModel, log: EventLog, number: int, sample: Callable[[], None]) -> int:
    counts = rebuild(model, log, topics(number), lambda _topic, _count: sample())
    return sum(counts.values())


def _fold(log: EventLog, number: int, sample: Callable[[], None]) -> int:
    states, events = [TopicState(topic) for topic in topics(number)], 0
    for state in states:
        for page in log.pages(state.topic.id):
            for recorded in page:
                fold(state, recorded)
            for channel in state.topic.channels:
                state.segments(channel.id)
            events += len(page)
            sample()
    return events


def main(how: str, url: str, folder: str, number: str) -> None:
    """Do it, and write what it took as JSON."""
    log, kilobytes = EventLog(connect(url)), list[int]()

    def sample() -> None:
        kilobytes.append(_held())

    begun = time.process_time()
    model = ReadModel(Path(folder))
    events = _fold(log, int(number), sample) if how == "fold" else _rebuild(model, log, int(number), sample)
    json.dump(Replayed(events, time.process_time() - begun, kilobytes), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])

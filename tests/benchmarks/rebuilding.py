"""Replay of a long log into a read model beside a bare executemany of the rows that it made.

The replay runs in a process of its own, which says how long it took and how much memory it held on the way:
`python -m tests.benchmarks.rebuilding REDIS_URL FOLDER TOPIC...`.
"""

import json
import sqlite3
import sys
import time
from pathlib import Path

from monitor.log.connect import connect
from monitor.log.stream import EventLog
from monitor.readmodel.rebuild import rebuild
from monitor.topics import load_topics
from monitor.topics.model import Topic
from tests.benchmarks import news

TOPIC = load_topics()["pti"]
BATCH = 500


def topics(number: int) -> list[Topic]:
    return [TOPIC.model_copy(update={"id": f"replayed-{nth}"}) for nth in range(number)]


def fill(log: EventLog, number: int, events: int) -> None:
    """As many topics as said, each with a log of `events`: one past, told of each of them."""
    past = news.years(TOPIC, events)
    for topic in topics(number):
        decisions = 0
        for start in range(0, len(past), BATCH):
            batch = [event.model_copy(update={"topic": topic.id}) for event in past[start : start + BATCH]]
            decided = sum(event.is_decision for event in batch)
            log.append(topic.id, batch, expected_decisions=decisions if decided else None)
            decisions += decided


def bare(model: Path, copy: Path) -> float:
    """Seconds of writing the rows of a read model into another file, a statement and an executemany a table."""
    source, target = sqlite3.connect(model), sqlite3.connect(copy, isolation_level=None)
    target.execute("PRAGMA journal_mode=WAL")
    target.execute("PRAGMA synchronous=NORMAL")
    for (made,) in source.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type DESC"):
        target.execute(made)
    taken = 0.0
    for (table,) in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        rows = source.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall()
        if not rows:
            continue
        marks = ", ".join("?" * len(rows[0]))
        begun = time.perf_counter()
        target.execute("BEGIN IMMEDIATE")
        target.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        target.execute("COMMIT")
        took = time.perf_counter() - begun
        taken += took
        print(table, len(rows), round(took, 2), file=sys.stderr)
    return taken


def main(url: str, folder: str, number: str) -> None:
    log = EventLog(connect(url))
    samples: list[int] = []

    def progress(_topic: str, _count: int) -> None:
        samples.append(int(Path("/proc/self/statm").read_text().split()[1]) * 4)

    begun = time.perf_counter()
    counts = rebuild(Path(folder), log, topics(int(number)), progress)
    taken = time.perf_counter() - begun
    print(json.dumps({"events": sum(counts.values()), "seconds": taken, "kilobytes": samples}))


if __name__ == "__main__":
    main(*sys.argv[1:])

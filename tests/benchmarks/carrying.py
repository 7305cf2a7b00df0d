"""How much one machine carries: appends beside a bare script, a long replay, what articles weigh, 200 idle topics.

From these numbers deploy/SCALING.md says what a machine is enough for.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from monitor.log.connect import connect
from monitor.log.embedded import EmbeddedServer
from monitor.log.stream import EventLog
from monitor.readmodel.model import ReadModel
from tests.benchmarks import rebuilding
from tests.benchmarks.measure import Figure

MOST = 1 / 0.3
"""Times that a replay may take of what a bare executemany of its rows takes: the aim."""
_TOPIC = """
id = "idle-{0}"
label = "Idle talks {0}"

[[parties]]
id = "union"
label = "Union {0}"
aliases = ["dockers of pier {0}"]

[[parties]]
id = "port"
label = "Port {0}"
aliases = ["port authority {0}"]

[[channels]]
id = "pay"
label = "Union and port"
parties = ["union", "port"]
"""


def figures(*, quick: bool) -> Iterator[Figure]:
    """All figures; `quick` only shows that they can be taken."""
    with tempfile.TemporaryDirectory(prefix="pb-") as folder:
        yield from _replay(Path(folder), *((2, 1000) if quick else (20, 15_000)))
    with tempfile.TemporaryDirectory(prefix="pb-") as folder:
        yield from _idle(Path(folder), *((3, 2.0) if quick else (200, 60.0)))


def _replay(folder: Path, number: int, each: int) -> Iterator[Figure]:
    with EmbeddedServer(folder / "data") as server, connect(server.url) as client:
        empty = client.info("memory")["used_memory"]
        rebuilding.fill(EventLog(client), number, each)
        articles = sum(event.type == "article.ingested" for event in rebuilding.past(each)) * number
        memory = client.info("memory")["used_memory"] - empty
        rewritten = _rewritten(client, folder / "data")
        done = rebuilding.replay("rebuild", server.url, folder / "model", number)
        states = rebuilding.replay("fold", server.url, folder / "none", number)
    path = rebuilding.model_file(folder / "model")
    bare = rebuilding.write_by_driver(path, folder / "bare.sqlite")
    rows = rebuilding.rows_of(ReadModel(folder / "model"))
    same = rebuilding.write_by_sqlalchemy(rows, folder / "same.sqlite")
    what = f"replay of {done.events:,} events"
    yield Figure(f"{what} over sqlite3's executemany of the rows", done.seconds / bare, "times", 20, aim=MOST)
    yield Figure(f"{what} over SQLAlchemy's", done.seconds / same, "times", 8, aim=MOST)
    beyond = [a - b for a, b in zip(done.kilobytes, states.kilobytes, strict=True)]
    third = -(-len(beyond) // 3)
    yield Figure(
        "memory beyond the states, last third over first",
        max(beyond[-third:]) / max(beyond[:third]),
        "times",
        1.1,
    )
    hundred_thousand = 100_000 / articles / 1e6
    grown = (states.kilobytes[-1] - states.kilobytes[0]) * 1024
    for name, size, at_most in (
        ("states in memory", grown, 1500),
        ("Redis memory", memory, 600),
        ("Redis AOF, rewritten", rewritten, 600),
        ("read model", path.stat().st_size, 1200),
    ):
        yield Figure(f"100,000 articles: {name}", size * hundred_thousand, "MB", at_most)


def _rewritten(client: redis.Redis, folder: Path) -> int:
    """The bytes of the append-only file once Redis has rewritten it; until then it grows to twice as much."""
    _wait_for_rewriting(client)
    client.bgrewriteaof()
    _wait_for_rewriting(client)
    return sum(path.stat().st_size for path in folder.rglob("*aof*") if path.is_file())


def _wait_for_rewriting(client: redis.Redis) -> None:
    while (now := client.info("persistence"))["aof_rewrite_in_progress"] or now["aof_rewrite_scheduled"]:
        time.sleep(0.2)


def _idle(folder: Path, number: int, seconds: float) -> Iterator[Figure]:
    """What a stack costs whose topics have no news: all roles in one process, and Redis."""
    with (
        EmbeddedServer(folder / "redis") as server,
        connect(server.url) as client,
        _running(folder, server.url, number) as pid,
    ):
        _until_read(EventLog(client), number)
        before, begun = (_seconds_of(pid), *_redis(client)), time.monotonic()
        time.sleep(seconds)
        after, passed = (_seconds_of(pid), *_redis(client)), time.monotonic() - begun
        held = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
        memory = client.info("memory")["used_memory_rss"]
    ours, theirs, commands = (now - then for now, then in zip(after, before, strict=True))
    what = f"{number} idle topics"
    yield Figure(f"{what}: CPU of all roles, a minute", ours * 60 / passed, "s", 30, aim=6)
    yield Figure(f"{what}: CPU of Redis, a minute", theirs * 60 / passed, "s", 6, aim=3)
    yield Figure(f"{what}: Redis commands", commands / passed, "/s", 2000, aim=500)
    yield Figure(f"{what}: memory of all roles", held / 1e6, "MB", 600)
    yield Figure(f"{what}: memory of Redis", memory / 1e6, "MB", 60)


@contextmanager
def _running(folder: Path, url: str, number: int) -> Iterator[int]:
    there = folder / "topics"
    there.mkdir()
    for nth in range(number):
        (there / f"idle-{nth}.toml").write_text(_TOPIC.format(nth))
    names = ", ".join(f'"idle-{nth}"' for nth in range(number))
    file = folder / "parley.toml"
    file.write_text(f'topics = [{names}]\ntopic_dirs = ["{there}"]\nseeds = false\n[api]\nport = 0\n')
    command = [sys.executable, "-m", "monitor", "--config", str(file), "--data", str(folder / "data"), "run"]
    for role in ("ingest", "watch", "notify"):
        command += ["--role", role]
    environment = {**os.environ, "PARLEY_REDIS_URL": url}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process.pid
        assert process.poll() is None, "the roles have ended"
    finally:
        process.terminate()
        process.wait(60)


def _until_read(log: EventLog, number: int) -> None:
    """Every topic is defined, and what comes after that has had its time."""
    until = time.monotonic() + 240
    while len(log.topics()) < number:
        assert time.monotonic() < until, "the topics are not read"
        time.sleep(0.5)
    time.sleep(5)


def _seconds_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _redis(client: redis.Redis) -> tuple[float, float]:
    """Seconds of the processor, and commands, since it was started."""
    used = client.info("cpu")
    commands = client.info("stats")["total_commands_processed"]
    return used["used_cpu_user"] + used["used_cpu_sys"], float(commands)

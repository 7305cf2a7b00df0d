"""Several writers at once, and deaths in the middle: only a real server shows what becomes of the log."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from monitor.errors import LogConflictError, LogUnavailableError, PartialDuplicateError
from monitor.log.connect import connect
from monitor.log.embedded import EmbeddedServer
from monitor.log.events import Event
from monitor.log.stream import EventLog
from monitor.log.verify import verify

Make = Callable[..., Event]
Children = list["subprocess.Popen[str]"]
HERE = Path(__file__).parent


def start(children: Children, script: str, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    """A Python process that runs a script of this folder with the project importable."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / script), *arguments],
        cwd=HERE.parents[1],
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1]), **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    children.append(process)
    return process


def test_of_many_threads_exactly_one_wins_each_decision(real_url: str, decision: Make) -> None:
    writers, rounds = 8, 25
    with connect(real_url) as client:
        log = EventLog(client)
        together = threading.Barrier(writers)

        def race(writer: int) -> int:
            won = 0
            for count in range(rounds):
                together.wait()
                try:
                    log.append("pti", [decision(f"{writer}-{count}")], expected_decisions=count)
                    won += 1
                except LogConflictError:
                    pass
            return won

        with ThreadPoolExecutor(writers) as threads:
            wins = list(threads.map(race, range(writers)))
        assert sum(wins) == rounds == log.decisions("pti") == log.length("pti")
        assert verify(log) == []


def test_of_many_threads_with_one_batch_one_writes_it_and_all_get_its_positions(
    real_url: str, decision: Make
) -> None:
    with connect(real_url) as client, ThreadPoolExecutor(8) as threads:
        log = EventLog(client)
        batch = [decision(n) for n in range(3)]
        results = list(threads.map(lambda _: log.append("pti", batch, expected_decisions=0), range(40)))
        assert [result.outcome for result in results].count("appended") == 1
        assert len({result.positions for result in results}) == 1
        assert log.length("pti") == log.decisions("pti") == 3


@pytest.mark.drill
def test_processes_that_race_for_decisions_lose_none_and_double_none(
    real_url: str, children: Children
) -> None:
    racers = [start(children, "racer.py", real_url, f"racer{n}", "20") for n in range(4)]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    won = [line for racer in racers for line in _finish(racer)]
    with connect(real_url) as client:
        log = EventLog(client)
        assert sorted(won) == sorted(recorded.event.id for recorded in log.read_all("pti"))
        assert log.decisions("pti") == len(won) == 80
        assert verify(log) == []


def _finish(racer: "subprocess.Popen[str]") -> list[str]:
    output, _ = racer.communicate("go\n", timeout=60)
    assert racer.returncode == 0
    return output.splitlines()


def test_a_reader_never_sees_half_a_batch(real_url: str, fact: Make) -> None:
    size, batches = 7, 60
    with connect(real_url) as writer, connect(real_url) as reader:
        log = EventLog(writer)
        writing = threading.Thread(
            target=lambda: [log.append("pti", [fact((b, n)) for n in range(size)]) for b in range(batches)]
        )
        writing.start()
        seen = set()
        while writing.is_alive():
            seen.add(len(EventLog(reader).read("pti", count=10_000)))
        writing.join()
        assert {count % size for count in seen} == {0}
        assert log.length("pti") == size * batches


def kill_server(server: EmbeddedServer) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    while server.alive:
        time.sleep(0.005)


def test_everything_acknowledged_outlives_a_server_killed_while_it_writes(data_dir: Path, fact: Make) -> None:
    acknowledged: list[str] = []
    unsure: list[Event] = []
    with EmbeddedServer(data_dir) as server, connect(server.url, retries=0) as client:
        log = EventLog(client)

        def write(writer: int) -> None:
            for n in range(100_000):
                event = fact(f"{writer}-{n}")
                try:
                    log.append("pti", [event])
                except LogUnavailableError:
                    unsure.append(event)
                    return
                acknowledged.append(event.id)

        for turn in range(3):
            with ThreadPoolExecutor(4) as threads:
                writing = [threads.submit(write, 10 * turn + n) for n in range(4)]
                time.sleep(0.2 + 0.1 * random.random())
                kill_server(server)
                for future in writing:
                    future.result(timeout=30)
            url = server.url
            server.start()
            assert server.url == url
            held = [recorded.event.id for recorded in log.read_all("pti")]
            assert set(acknowledged) <= set(held)
            assert len(held) == len(set(held))
            assert verify(log) == []
        assert len(acknowledged) > 100
        for event in unsure:  # what was on its way may be sent again: it is there once then
            log.append("pti", [event])
        assert set(acknowledged) | {event.id for event in unsure} == {
            recorded.event.id for recorded in log.read_all("pti")
        }


def test_a_client_reconnects_by_itself_to_a_server_that_came_back(data_dir: Path, fact: Make) -> None:
    with EmbeddedServer(data_dir) as server, connect(server.url, retries=8) as client:
        log = EventLog(client)
        log.append("pti", [fact(1)])
        kill_server(server)
        back = threading.Timer(0.3, server.start)
        back.start()
        assert log.append("pti", [fact(2)]).outcome == "appended"
        back.join()


FAILPOINT_WRITER = """
import sys
sys.path.insert(0, {here!r})
from owner import fact
from monitor.log.connect import connect
from monitor.log.stream import EventLog
with connect({url!r}) as client:
    log = EventLog(client)
    for n in range(5):
        log.append("pti", [fact(n)])
"""


@pytest.mark.drill
@pytest.mark.parametrize(
    ("failpoint", "held"),
    [("append.before:3", 2), ("append.after:3", 3), ("append.after", 1), ("other:1", 5)],
)
def test_a_writer_killed_around_an_append_can_do_it_all_again(
    embedded_server: EmbeddedServer, embedded_log: EventLog, failpoint: str, held: int
) -> None:
    script = FAILPOINT_WRITER.format(here=str(HERE), url=embedded_server.url)
    environment = {**os.environ, "PARLEY_FAILPOINT": failpoint}
    killed = subprocess.run([sys.executable, "-c", script], cwd=HERE.parents[1], env=environment, check=False)
    assert killed.returncode == (0 if held == 5 else -signal.SIGKILL)
    assert embedded_log.length("pti") == held
    subprocess.run([sys.executable, "-c", script], cwd=HERE.parents[1], check=True)
    assert embedded_log.length("pti") == 5
    assert verify(embedded_log) == []


def test_failpoints_can_be_counted(
    embedded_server: EmbeddedServer, embedded_log: EventLog, tmp_path: Path
) -> None:
    script = FAILPOINT_WRITER.format(here=str(HERE), url=embedded_server.url)
    counts = tmp_path / "counts.json"
    environment = {**os.environ, "PARLEY_FAILPOINT_COUNT": str(counts)}
    subprocess.run([sys.executable, "-c", script], cwd=HERE.parents[1], env=environment, check=True)
    assert json.loads(counts.read_text(encoding="utf-8")) == {"append.before": 5, "append.after": 5}


def test_batches_cut_differently_by_racing_writers_leave_each_fact_once(real_url: str, fact: Make) -> None:
    with connect(real_url) as client, ThreadPoolExecutor(6) as threads:
        log = EventLog(client)
        cuts = [
            random.Random(seed).sample(range(6), k=random.Random(seed).randint(1, 3)) for seed in range(60)
        ]

        def send(cut: list[int]) -> None:
            try:
                log.append("pti", [fact(n) for n in cut])
            except PartialDuplicateError:
                for n in cut:
                    log.append("pti", [fact(n)])

        list(threads.map(send, cuts))
        held = [recorded.event.id for recorded in log.read_all("pti")]
        assert sorted(held) == sorted({fact(n).id for cut in cuts for n in cut})
        assert verify(log) == []

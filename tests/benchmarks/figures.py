"""What is promised in plain numbers: detection of a long article, of a megabyte, its memory, the command's start, and
a rehearsal.

Detection is timed in seconds of the processor, so that waiting for other work is left out; the others in those of the
wall, as a person waits for them.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from monitor.detection.detector import detect
from monitor.detection.model import Document
from monitor.topics import load_topics
from tests.benchmarks import past
from tests.benchmarks.measure import Figure, p95
from tests.benchmarks.news import SENTENCE_END, START, long_texts
from tests.processes import Machine, free_port

TOPIC = load_topics()["pti"]
WORDS = 800
_PARLEY = (sys.executable, "-m", "monitor")
_SPLITS = 20
"""A split of one article is too short to be timed alone."""
_PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdin=sys.stdin, stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def figures(*, quick: bool) -> Iterator[Figure]:
    """All figures; `quick` only shows that they can be taken."""
    yield from _article(5 if quick else 200)
    yield _linearity(100_000 if quick else 1_000_000, turns=1 if quick else 3)
    yield from _memory(20 if quick else 400, 100_000 if quick else 1_000_000)
    starts = 1 if quick else 7
    text = json.dumps({"text": "The union has refused to return to talks."}).encode()
    yield Figure(
        "start of `parley detect` on one text", _start((*_PARLEY, "detect", "--json"), text, starts), "s", 1
    )
    yield Figure("start of `parley --help`", _start((*_PARLEY, "--help"), b"", starts), "s", 1)
    yield Figure("start of `parley up` where it ran before", _up_again(), "s", 10)
    yield _rehearsal(20 if quick else 1000)


def _article(number: int) -> Iterator[Figure]:
    """Detection of an article of 800 words, and how many bare splits of it into sentences take that long."""
    texts = long_texts(number, WORDS)
    _seconds(lambda: [_detect(text) for text in texts[:5]])  # the caches are warm in a service that runs
    ours = p95([_seconds(lambda text=text: _detect(text)) for text in texts])
    raw = p95([_seconds(lambda text=text: _split(text)) / _SPLITS for text in texts])
    yield Figure(f"detect in {WORDS} words, p95", ours * 1000, "ms", 40, aim=15)
    yield Figure(f"detect in {WORDS} words over a regex split of them", ours / raw, "times", 800, aim=110)


def _detect(text: str) -> None:
    detect(Document("", text, START), TOPIC, "benchmark")


def _split(text: str) -> None:
    for _ in range(_SPLITS):
        SENTENCE_END.split(text)


def _linearity(size: int, turns: int) -> Figure:
    """Seconds per code point of a long text over those of short ones that together are as long."""
    small = 10_000
    [text] = long_texts(1, size // 4)
    text = text[:size]
    parts = [text[start : start + small] for start in range(0, size, small)]
    ratios = [
        _seconds(lambda: _detect(text)) / _seconds(lambda: [_detect(part) for part in parts])
        for _ in range(turns)
    ]
    return Figure(f"time per character in {size:,} over {small:,}", statistics.median(ratios), "times", 1.5)


def _memory(articles: int, size: int) -> Iterator[Figure]:
    """The peak of a `parley detect` that reads long articles and, in their midst, one text of `size`."""
    texts = long_texts(articles, WORDS)
    texts.insert(articles // 2, long_texts(1, size // 4)[0][:size])
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()
    for options in ([], ["--explain"]):
        peak = peak_megabytes([*_PARLEY, "detect", "--json", *options], lines)
        yield Figure(" ".join(("memory of `parley detect", *options)) + "`, peak", peak, "MB", 150)


def peak_megabytes(command: Sequence[str], given: bytes) -> float:
    """The most memory that a command ever held at once.

    A child's ru_maxrss begins with that of the process that started it, so a small one stands in between.
    """
    between = [sys.executable, "-S", "-c", _PEAK, *command]
    done = subprocess.run(between, input=given, capture_output=True, check=True)
    kilobytes = int(done.stdout) / (1024 if sys.platform == "darwin" else 1)
    return kilobytes / 1024


def _start(command: Sequence[str], given: bytes, times: int) -> float:
    """The median of the seconds that a command takes, after one that warms the disk."""
    return statistics.median([_timed(command, given) for _ in range(times + 1)][1:])


def _up_again() -> float:
    """The seconds until a service that was ended runs again."""
    with tempfile.TemporaryDirectory() as folder:
        ports = {f"PARLEY_{one}_PORT": str(free_port()) for one in ("DASHBOARD", "API")}
        machine = Machine(Path(folder), {"PARLEY_DATA": f"{folder}/data", **ports})
        try:
            for _ in range(2):
                begun = time.perf_counter()
                service = machine.run(command="up")
                service.wait_for("Running")
                seconds = time.perf_counter() - begun
                service.stop()
        finally:
            machine.close()
    return seconds


def _rehearsal(number: int) -> Figure:
    """The seconds in which so many dated articles go the whole way."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.write(past.lines(number))
        file.flush()
        seconds = _timed((*_PARLEY, "rehearse", TOPIC.id, file.name, "--json"))
    return Figure(f"`parley rehearse` of {number:,} articles", seconds, "s", 60)


def _timed(command: Sequence[str], given: bytes = b"") -> float:
    begun = time.perf_counter()
    subprocess.run(command, input=given, capture_output=True, check=True)
    return time.perf_counter() - begun


def _seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun

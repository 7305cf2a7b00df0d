"""A long past is rehearsed whole, and one sees how far it is; how long it takes is a figure of `make bench`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks import past

ARTICLES = 300


@pytest.mark.drill
def test_a_long_past_is_rehearsed_and_one_sees_how_far_it_is(tmp_path: Path) -> None:
    stream = tmp_path / "past.jsonl"
    stream.write_text(past.lines(ARTICLES), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "rehearse", "pti", str(stream), "--json"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)["articles"]
    assert sum(counts.values()) == ARTICLES
    assert f"{ARTICLES // 2} of {ARTICLES} articles" in done.stderr

"""The benchmarks run: at a tiny size, whose numbers mean nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.measure import Case, Result, measure

TOP = Path(__file__).parents[2]


def test_every_case_gives_a_ratio(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--quick", "--json", str(tmp_path / "speed.json")],
        cwd=TOP,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / "speed.json").read_text())
    assert len(results) == 10
    assert all(result["ratio"] > 0 and result["per_second"] > 0 for result in results)
    assert all(result["name"] in done.stdout for result in results)


def test_the_ratio_is_the_time_of_an_item_over_the_raw_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(
        moment for turn in range(4) for moment in (turn, turn + 0.4, turn + 0.5, turn + 0.6)
    )  # ours takes 0.4 s for 2 items, raw 0.1 s for 1
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    result = measure(Case("a", "items", iter([lambda: 2] * 4), iter([lambda: 1] * 4), "raw", at_most=1.5), 3)
    assert result.ours_s == pytest.approx(0.2)
    assert result.raw_s == pytest.approx(0.1)
    assert result.ratio == pytest.approx(2.0)
    assert not result.is_kept


def test_a_ratio_without_a_promise_is_kept() -> None:
    assert Result("a", "items", 1.0, "raw", 0.1, 10.0, None).is_kept

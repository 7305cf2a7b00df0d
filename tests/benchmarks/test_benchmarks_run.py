"""The benchmarks run: at a tiny size, whose numbers mean nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.benchmarks import asking, news, watching
from tests.benchmarks.figures import peak_megabytes
from tests.benchmarks.measure import Case, Figure, Result, measure, p95

TOP = Path(__file__).parents[2]


@pytest.mark.drill
def test_every_case_gives_a_ratio(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--quick", "--json", str(tmp_path / "speed.json")],
        cwd=TOP,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "speed.json").read_text())
    results, figures = found["ratios"], found["figures"]
    assert len(results) == 15
    assert [figure["unit"] for figure in figures] == [
        "ms",
        "times",
        "times",
        "MB",
        "MB",
        *("s",) * 4,
        "ms",
        "%",
        "MB",
        "times",
        "s",
        *("times",) * 3,
        *("MB",) * 4,
        *("s", "s", "/s", "MB", "MB"),
    ]
    assert all(figure["value"] >= 0 and figure["name"] in done.stdout for figure in figures)
    assert all(result["ratio"] > 0 and result["per_second"] > 0 for result in results)
    assert all(result["name"] in done.stdout for result in results)


@pytest.mark.drill
@pytest.mark.browser
def test_what_watchers_wait_for_is_measured_in_a_browser_and_in_both_databases(browser: Browser) -> None:
    asked, seen = list(asking.figures(quick=True)), list(watching.seen_in(browser, quick=True))
    assert len(asked) == 2 * len(asking.QUESTIONS)
    assert [figure.unit for figure in seen] == ["ms", "MB", "s", "s", "ms", "ms"]
    assert all(figure.value > 0 for figure in (*asked, *seen))


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


def test_a_figure_is_kept_up_to_its_limit() -> None:
    assert Figure("a", 15.0, "ms", at_most=15).is_kept
    assert not Figure("a", 15.1, "ms", at_most=15).is_kept


def test_the_p95_is_the_value_that_95_of_a_hundred_do_not_exceed() -> None:
    assert p95([float(number) for number in range(100, 0, -1)]) == 95.0
    assert p95([1.0]) == 1.0


def test_texts_of_any_length_are_the_same_in_every_run() -> None:
    texts = news.long_texts(3, 800)
    assert texts == news.long_texts(3, 800)
    assert len(set(texts)) == 3
    assert all(800 <= len(text.split()) < 950 for text in texts)


def test_the_memory_of_a_small_process_is_not_that_of_the_one_that_measures_it() -> None:
    ballast = bytearray(200_000_000)
    assert 5 < peak_megabytes([sys.executable, "-S", "-c", "pass"], b"") < 60
    assert len(ballast)

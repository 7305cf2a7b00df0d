"""A long past is rehearsed in the time of a coffee: 1,000 articles in under a minute on two cores."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.benchmarks import past

ARTICLES = 1_000
SECONDS = 60


@pytest.mark.drill
def test_a_thousand_articles_are_rehearsed_in_a_minute_and_one_sees_how_far_it_is(tmp_path: Path) -> None:
    lines = [
        {
            "title": article.title,
            "text": article.text,
            "published": article.moment.isoformat(),
            "outlet": article.outlet,
            "url": article.url,
            "guid": article.guid,
        }
        for article in past.articles(ARTICLES)
    ]
    stream = tmp_path / "past.jsonl"
    stream.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "rehearse", "pti", str(stream), "--json"],
        capture_output=True,
        text=True,
        timeout=5 * SECONDS,
        check=False,
    )
    took = time.monotonic() - begun
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)["articles"]
    assert sum(counts.values()) == ARTICLES
    assert took < SECONDS, f"{ARTICLES} articles took {took:.0f} s"
    assert f"900 of {ARTICLES} articles" in done.stderr

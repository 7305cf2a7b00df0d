"""The disk that everything lies on fills up while Parley runs, and has room again: nothing is lost or doubled.

A disk of its own is mounted for it, which needs root.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]
PATIENCE_S = 120
NEWS = (
    "PTI and government teams meet again\n\nISLAMABAD: The PTI and the federal government resumed talks in Islamabad "
    "on {day:%A}, Barrister Gohar Ali Khan told reporters after the first sitting of the two committees.\n"
)
SETTINGS = """
[api]
port = 0

[[subscriptions]]
id = "desk"
kind = "file"
path = "{told}"
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 48 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a disk to fill")
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk: Path) -> list[Path]:
    """Fill it to the last byte; returns what to remove to have room again."""
    ballast = [disk / f"ballast-{size}" for size in (1 << 16, 1 << 10, 1)]
    for path, size in zip(ballast, (1 << 16, 1 << 10, 1), strict=True):
        try:
            with path.open("wb", buffering=0) as file:
                while file.write(b"x" * size):
                    pass
        except OSError:
            continue
    return ballast


def waited_for(done: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < deadline, what
        time.sleep(0.5)


class Parley:
    """The command on a data folder."""

    def __init__(self, data: Path, config: Path) -> None:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("PARLEY_")}
        self.environ = clean
        self.words = [sys.executable, "-m", "monitor", "--config", str(config), "--data", str(data)]

    def __call__(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*self.words, *words],
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    def counts(self) -> dict[str, int]:
        """Type of event -> how many the topic pti has; empty while the log does not answer."""
        done = self("log", "stats", "--json")
        if done.returncode:
            return {}
        found: dict[str, int] = json.loads(done.stdout)["topics"].get("pti", {}).get("by_type", {})
        return found

    def wrong(self) -> dict[str, Any]:
        """Check -> what the doctor found wrong."""
        checks = json.loads(self("doctor", "--json").stdout)["checks"]
        return {check["name"]: check["found"] for check in checks if not check["ok"]}


def test_a_full_disk_stops_the_log_and_loses_nothing(disk: Path, tmp_path: Path) -> None:
    told, news, config, said = (tmp_path / name for name in ("told", "news.txt", "parley.toml", "said"))
    now = datetime.now(UTC)
    news.write_text(NEWS.format(day=now))
    config.write_text(SETTINGS.format(told=told))
    parley = Parley(disk / "data", config)
    with said.open("w") as output:
        process = subprocess.Popen(
            [*parley.words, "run", "--role", "all"], env=parley.environ, stdout=output, stderr=output
        )
        try:
            waited_for(lambda: parley.counts().get("claims.detected") == 5, "the seeds are read")
            before = parley("status", "--json").stdout
            ballast = fill(disk)
            take_in = ("ingest", str(news), "--published", now.isoformat(timespec="seconds"), "--json")
            refused = parley(*take_in)
            assert refused.returncode == 2
            # The last page of the log's file may have room for the article itself, but not for what comes of it.
            why = ("does not answer", "No space left", "nobody has read on")
            assert any(words in refused.stderr for words in why), refused.stderr
            assert len(refused.stderr.splitlines()) == 1
            assert parley("status", "--json").stdout == before, "what is known is still answered"
            assert parley.wrong()["disk"] == "0.0 GB free"
            time.sleep(5)
            for path in ballast:
                path.unlink()
            waited_for(lambda: parley(*take_in).returncode == 0, "the article is taken in")
            waited_for(lambda: parley.counts().get("alert.raised") == 1, "its alert is raised")
            waited_for(lambda: told.exists() and told.read_text().count("talks resumed") > 0, "and told")
            assert set(parley.wrong()) == {"disk"}, "a disk as small as this is low by itself"
            counts = parley.counts()
            assert parley("log", "verify").returncode == 0
        finally:
            process.terminate()
            process.wait(60)
    assert process.returncode == 0
    assert counts["article.ingested"] == counts["claims.detected"] == 6
    assert len(told.read_text().splitlines()) == 1
    assert said.read_text().count("No space left") < 5

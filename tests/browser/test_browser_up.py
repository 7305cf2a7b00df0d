"""`parley up` as a user meets it: one command, a page that answers, the golden facts on it, and a clean end.

The tests of this file share one service and run in their order: read, break, mend, stop, start again.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from monitor.log.embedded import read_record
from tests.processes import free_port

pytestmark = pytest.mark.browser


class Service:
    """A running `parley up`."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port, self.api = free_port(), free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = data.parent / "up.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("PARLEY_")}
        return {
            **clean,
            "PARLEY_DATA": str(self.data),
            "PARLEY_DASHBOARD_PORT": str(self.port),
            "PARLEY_API_PORT": str(self.api),
        }

    def start(self) -> None:
        """Start it, and wait until it says that it runs."""
        begun = time.monotonic()
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "monitor", "up"],
                env=self.environment,
                cwd=self.data.parent,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        while "Running" not in self.said():
            assert self._process.poll() is None, self.said()
            assert time.monotonic() - begun < 90, self.said()
            time.sleep(0.1)

    def said(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(30)

    def kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def parley(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "monitor", *arguments],
            env=self.environment,
            cwd=self.data.parent,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def stats(self) -> Any:
        return json.loads(self.parley("log", "stats", "--json").stdout)

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.api}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    running = Service(tmp_path_factory.mktemp("up") / "data")
    running.start()
    yield running
    running.kill()


def wait_for(condition: Any, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_up_says_where_to_look_and_where_the_talks_stand(service: Service) -> None:
    said = service.said()
    assert service.address in said
    assert "last known: talks rejected, since 2025-05-29" in said


def test_the_status_page_shows_the_last_known_status_its_day_and_its_words(
    service: Service, page: Page
) -> None:
    page.goto(service.address)
    main = page.get_by_role("main")
    expect(main).to_contain_text(re.compile("last known", re.IGNORECASE))
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("talks rejected", re.IGNORECASE))
    expect(main).to_contain_text("29 May 2025")
    expect(main).to_contain_text("Imran Khan rejects renewed dialogue")
    expect(main).to_contain_text("WION")
    expect(page).to_have_title(re.compile("rejected", re.IGNORECASE))


def test_the_timeline_page_shows_every_channel_with_its_articles(service: Service, page: Page) -> None:
    page.goto(f"{service.address}/timeline?topic=pti&range=all")
    main = page.get_by_role("main")
    for fact in (
        "efforts to resume talks",
        "talks resumed",
        "talks rejected",
        "Daily Times",
        "Khyber News",
        "ExBulletin",
        "The Azb",
    ):
        expect(main).to_contain_text(re.compile(fact, re.IGNORECASE))


def test_the_alerts_page_shows_the_history_and_why_nothing_was_sent(service: Service, page: Page) -> None:
    page.goto(f"{service.address}/alerts")
    main = page.get_by_test_id("stMain")
    expect(main).to_contain_text(re.compile("talks rejected", re.IGNORECASE))
    expect(main).to_contain_text("history, it came with articles that were there before")


def test_a_second_up_on_the_same_folder_is_refused_with_one_line(service: Service) -> None:
    done = service.parley("up")
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert "in use by another Parley" in line


def test_an_article_that_arrives_changes_the_page_by_itself(
    service: Service, page: Page, tmp_path: Path
) -> None:
    page.goto(service.address)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text(re.compile("talks rejected", re.IGNORECASE))
    article = tmp_path / "news.txt"
    today = time.strftime("%Y-%m-%d", time.gmtime())
    article.write_text(
        "PTI and government hold talks in Islamabad\n\n"
        "The PTI and the federal government held talks in Islamabad on reforms, both sides said.\n"
    )
    taken = service.parley("ingest", str(article), "--published", today)
    assert taken.returncode == 0, taken.stderr
    expect(heading).to_contain_text(re.compile("under ?way", re.IGNORECASE), timeout=5_000)


@pytest.mark.drill  # Redis that hangs is noticed after half a minute
def test_when_redis_dies_the_service_says_so_the_pages_stay_and_it_comes_back(
    service: Service, page: Page
) -> None:
    before = service.stats()
    record = read_record(service.data / "log")
    assert record is not None
    assert record.process is not None
    os.kill(record.process.pid, signal.SIGSTOP)  # it hangs: the worst of its ways to be gone
    try:
        wait_for(lambda: not service.ready(), 60)
        page.goto(service.address)
        expect(page.locator(".banner", has_text="is in trouble").first).to_be_visible(timeout=30_000)
        expect(page.locator(".hero h1")).to_contain_text("alks")
        page.goto(f"{service.address}/now")
        expect(page.get_by_role("heading", level=1)).to_contain_text("alks")
    finally:
        os.kill(record.process.pid, signal.SIGCONT)
    wait_for(service.ready, 60)
    os.kill(record.process.pid, signal.SIGKILL)
    wait_for(lambda: service.stats() == before and service.ready(), 60)


def test_ctrl_c_ends_cleanly_and_the_next_up_goes_on_without_an_event(service: Service) -> None:
    before = service.stats()
    assert service.stop() == 0
    service.start()
    assert service.stats() == before
    assert "Traceback" not in service.said()


@pytest.mark.drill
def test_a_killed_service_leaves_no_child_behind(service: Service) -> None:
    record = read_record(service.data / "log")
    assert record is not None
    assert record.process is not None
    service.kill()
    wait_for(lambda: not record.process.lives(), 10)
    wait_for(lambda: not _answers(service.address), 10)
    service.start()
    assert service.parley("log", "verify").returncode == 0


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
            return True
    except OSError:
        return False

"""A real Chromium on a real Streamlit process over a data folder that holds the made-up story.

Any request to another host fails the test, and so does any dialog that a page opens.
"""

import os
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import fakeredis
import pytest
from playwright.sync_api import Dialog, Page, Request, expect

from dashboard import launch
from dashboard.api import Api
from dashboard.gate import Access
from monitor.log.stream import EventLog
from monitor.readmodel.model import ReadModel
from monitor.readmodel.store import Store
from tests.processes import free_port
from tests.readmodel.story import Story, project, tell_all

EVERYBODY = Access()
NO_API = Api("http://127.0.0.1:9")
TODAY = datetime.now(UTC).date()
expect.set_options(
    timeout=20_000
)  # a page's first load on a busy machine; what must be fast says its own time
Serve = Callable[[Path], "Any"]


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A viewer in Karachi who wants no motion."""
    return {
        **browser_context_args,
        "timezone_id": "Asia/Karachi",
        "locale": "en-GB",
        "reduced_motion": "reduce",
        "viewport": {"width": 1280, "height": 760},
    }


@contextmanager
def served(
    data_dir: Path, access: Access = EVERYBODY, api: Api = NO_API, log: Path = Path(os.devnull)
) -> Iterator[str]:
    """The dashboard over a data folder, as the supervisor starts it; gives its address. What it says goes to `log`."""
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            launch.command("127.0.0.1", port),
            env=launch.environment(Store(data_dir), access, api),
            cwd="/",
            stdout=output,
            stderr=output,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_it_answers(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def _wait_until_it_answers(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                return
        except OSError:
            assert process.poll() is None, "the dashboard ended"
            time.sleep(0.1)
    raise AssertionError("the dashboard does not answer")


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, ReadModel]:
    """The story as news of these days, projected."""
    log = EventLog(fakeredis.FakeRedis(protocol=2, legacy_responses=False, server=fakeredis.FakeServer()))
    story, model = Story(log), ReadModel(tmp_path_factory.mktemp("world"))
    tell_all(story, moved=TODAY - timedelta(days=2) - date(2026, 2, 26))
    project(story, model)
    return story, model


@pytest.fixture(scope="session")
def base_url(world: tuple[Story, ReadModel]) -> Iterator[str]:
    """The dashboard over that story."""
    with served(world[1].data_dir) as address:
        yield address


@pytest.fixture(autouse=True)
def nothing_leaves_this_machine(page: Page) -> Iterator[None]:
    """No request but to the dashboard, no dialog, and no script from the news has run."""
    strangers: list[str] = []
    dialogs: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
            strangers.append(request.url)

    def refuse(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("request", note)
    page.on("dialog", refuse)
    yield
    assert strangers == []
    assert dialogs == []
    assert page.evaluate("window.__x") is None

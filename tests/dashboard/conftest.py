"""The dashboard's script run without a browser, over a data folder with the made-up story."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import shared
from monitor.log.stream import EventLog
from monitor.readmodel.model import ReadModel
from tests.readmodel.story import Story, project, tell_all

APP = Path(__file__).parents[2] / "dashboard" / "app.py"
TODAY = datetime.now(UTC).date()
FRESH = TODAY - timedelta(days=2) - date(2026, 2, 26)
"""Moves the story so that `pay` was rejected the day before yesterday."""


def at_the_next_refresh() -> None:
    """Have pages ask anew what they ask once a refresh for all viewers."""
    shared.sources.clear()
    shared.troubles.clear()


@pytest.fixture
def model(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> ReadModel:
    """The read model that the dashboard shows; nothing is in it yet."""
    monkeypatch.setenv("PARLEY_DATA", str(data_dir))
    return ReadModel(data_dir)


@pytest.fixture
def told(fake_log: EventLog, model: ReadModel) -> Story:
    """The story, told and projected, as news of these days."""
    story = Story(fake_log)
    tell_all(story, moved=FRESH)
    project(story, model)
    return story


@pytest.fixture
def app() -> AppTest:
    """The dashboard, not yet run."""
    return AppTest.from_file(str(APP), default_timeout=30)


@pytest.fixture
def shown(app: AppTest) -> Callable[[], str]:
    """Runs the dashboard and gives the page's HTML, but for what ticks and for the parts below."""

    def run() -> str:
        at_the_next_refresh()
        app.run()
        assert not app.exception, app.exception
        parts = [element.proto.body for element in app.get("html")]
        page = [part for part in parts if part.startswith('<div class="parley">')]
        return "".join(page[: next(at for at, part in enumerate(page) if "stopped" in part)])

    return run

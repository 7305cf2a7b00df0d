"""The made-up story, told into a log in memory and projected."""

from pathlib import Path

import pytest

from monitor.log.stream import EventLog
from monitor.readmodel.model import ReadModel
from tests.readmodel.story import Story, project, tell_all


@pytest.fixture
def model(data_dir: Path) -> ReadModel:
    """A read model in which nothing is yet."""
    return ReadModel(data_dir)


@pytest.fixture
def story(fake_log: EventLog) -> Story:
    """An empty log to write to."""
    return Story(fake_log)


@pytest.fixture
def told(story: Story, model: ReadModel) -> Story:
    """The whole story, told and projected."""
    tell_all(story)
    project(story, model)
    return story

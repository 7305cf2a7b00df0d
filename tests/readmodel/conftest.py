"""The made-up story, told into a log in memory and projected."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from monitor.log.stream import EventLog
from monitor.readmodel.model import ReadModel
from monitor.readmodel.store import Store
from tests.readmodel.story import Story, project, tell_all


@pytest.fixture
def model(store: Store) -> Iterator[ReadModel]:
    """A read model in which nothing is yet."""
    model = ReadModel(store)
    yield model
    model.close()


@pytest.fixture
def service(store: Store) -> Iterator[Engine]:
    """What writes the service's tables; in files there are none yet."""
    engine = store.service()
    yield engine
    engine.dispose()


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

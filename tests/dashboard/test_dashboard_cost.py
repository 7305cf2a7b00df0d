"""What a page costs, in statements: they can be counted on any machine, however busy it is."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, event
from streamlit.testing.v1 import AppTest

from dashboard import shared
from monitor.readmodel.model import ReadModel
from monitor.service.schema import migrate
from tests.readmodel.story import Story

TICK = 12
"""A refresh while nothing changes: the topics, and the version of the one that is shown."""
PAGES = {"status": 45, "timeline": 48, "alerts": 32, "evidence": 38}
"""What a page may ask when it is shown first, whatever there is to show."""


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """The statements that the databases were asked."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_little_and_while_nothing_changes_hardly_anything(
    told: Story, app: AppTest, asked: list[str], page: str
) -> None:
    if page != "status":
        app.run()
        app.switch_page(f"pages_/{page}.py")
    asked.clear()
    app.run()
    first = len(asked)
    asked.clear()
    app.run()
    assert not app.exception
    assert 0 < first <= PAGES[page], first
    assert 0 < len(asked) <= TICK, asked


def test_how_the_service_fares_is_asked_once_for_all_viewers(model: ReadModel, asked: list[str]) -> None:
    engine = model.store.service()
    migrate(engine)
    engine.dispose()
    asked.clear()
    for _ in range(50):
        assert shared.troubles(model.store) == {}
        assert shared.sources(model.store) == []
    assert 0 < len([one for one in asked if "FROM role_health" in one]) < 10
    assert 0 < len([one for one in asked if "FROM source_polls" in one]) < 10

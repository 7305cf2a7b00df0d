"""The dashboard with a login of its own in PostgreSQL: every page is shown, nothing is written, no secret is read."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError
from streamlit.testing.v1 import AppTest

from monitor.log.stream import EventLog
from monitor.readmodel.model import ReadModel
from monitor.readmodel.rebuild import rebuild
from monitor.readmodel.roles import note_health
from monitor.readmodel.store import SCHEMA, Store, postgres_reader, postgres_url
from monitor.service.logins import let_read
from tests.dashboard.conftest import FRESH
from tests.readmodel.story import TOPIC, Story, project, tell_all

KEPT_FROM_SCREENS = ("subscription", "subscription_audit", "api_token", "unrecorded_outcome")


@pytest.fixture
def login(postgres_store: Store, fake_log: EventLog) -> Iterator[str]:
    """The login's address; the story was told before it was made, and made anew after."""
    model, story = ReadModel(postgres_store), Story(fake_log)
    tell_all(story, moved=FRESH)
    project(story, model)
    address = postgres_store.url.replace("parley@", "screens:a-word@")
    let_read(postgres_store, postgres_store, address)
    let_read(postgres_store, postgres_store, address)
    rebuild(model, fake_log, [TOPIC])
    model.close()
    service = postgres_store.service()
    note_health(service, "watch docks", datetime.now(UTC))
    service.dispose()
    yield address
    postgres_reader(address).dispose()
    with psycopg.connect(postgres_store.url) as connection:
        connection.execute("DROP OWNED BY screens")
        connection.execute("DROP ROLE screens")


@pytest.fixture
def screens(login: str) -> Iterator[Engine]:
    """Who connects with that login, and does not promise to read only."""
    engine = create_engine(postgres_url(login))
    yield engine
    engine.dispose()


@pytest.mark.parametrize("page", ["status", "timeline", "alerts", "sources", "method", "subscribe"])
def test_every_page_is_shown_with_a_login_that_may_only_read(
    login: str,
    data_dir: Path,
    app: AppTest,
    shown: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    page: str,
) -> None:
    monkeypatch.setenv("PARLEY_DATA", str(data_dir))
    monkeypatch.setenv("PARLEY_DATABASE_URL", login)
    shown()
    app.switch_page(f"pages_/{page}.py")
    html = shown()
    assert "cannot read" not in html
    assert "permission denied" not in html
    if page not in {"sources", "method", "subscribe"}:
        assert "Union and port authority" in html


def test_that_login_writes_nothing(screens: Engine) -> None:
    with screens.connect() as connection:
        found = inspect(connection)
        models = [name for name in found.get_schema_names() if name.startswith("parley_read_")]
        places = [(name, table) for name in (SCHEMA, *models) for table in found.get_table_names(schema=name)]
    assert len(places) > 25
    for schema, table in places:
        assert _refused(screens, f"DELETE FROM {schema}.{table}"), table
        assert _refused(screens, f"INSERT INTO {schema}.{table} DEFAULT VALUES"), table
    assert _refused(screens, f"CREATE TABLE {SCHEMA}.mine (id int)")
    assert _refused(screens, f"DROP TABLE {SCHEMA}.delivery")


@pytest.mark.parametrize("table", KEPT_FROM_SCREENS)
def test_that_login_reads_no_token_and_no_address(screens: Engine, table: str) -> None:
    assert _refused(screens, f"SELECT * FROM {SCHEMA}.{table}")


@pytest.mark.parametrize("column", ["name", "target", "target_mark", "secret", "old_secret", "wishes"])
def test_of_a_subscription_that_login_reads_no_more_than_screens_show(screens: Engine, column: str) -> None:
    assert _refused(screens, f"SELECT {column} FROM {SCHEMA}.subscription")
    assert not _refused(screens, f"SELECT id, kind, origin, paused_because FROM {SCHEMA}.subscription")


def _refused(engine: Engine, sql: str) -> bool:
    """Whether the database does not permit the statement."""
    try:
        with engine.connect() as connection:
            connection.execute(text(sql))
    except DBAPIError as error:
        return "permission denied" in str(error) or "must be owner" in str(error)
    return False

"""The migration that gives each process of a role its row: from the tables of version 0.1, with rows in them."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, inspect, text

from monitor.readmodel.roles import health_rows, note_health
from monitor.readmodel.store import Store
from monitor.service.schema import migrate
from tests.api.serving import NOW


def at_first(engine: Engine) -> None:
    """The tables as the first migration leaves them."""
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "monitor.service:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")


def shape(engine: Engine) -> dict[str, tuple[set[tuple[str, str, bool]], list[str]]]:
    """Table -> its columns and its key, of those that are about processes and stages."""
    there = inspect(engine)
    return {
        table: (
            {
                (column["name"], str(column["type"]), column["nullable"])
                for column in there.get_columns(table)
            },
            there.get_pk_constraint(table)["constrained_columns"],
        )
        for table in ("role_health", "stage_lag", "software")
    }


@pytest.fixture
def old(tmp_path: Path) -> Store:
    store = Store(tmp_path / "old")
    engine = store.service()
    at_first(engine)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO role_health (role, ok_at, seen_at, trouble) VALUES ('watch', '', '', 'x')")
        )
    engine.dispose()
    return store


def test_both_ways_lead_to_the_same_tables(old: Store, tmp_path: Path) -> None:
    upgraded, new = old.service(), Store(tmp_path / "new").service()
    assert migrate(upgraded)
    assert migrate(new)
    assert not migrate(upgraded)
    assert shape(upgraded) == shape(new)
    upgraded.dispose()
    new.dispose()


def test_what_was_said_before_goes_and_the_roles_say_it_anew(old: Store) -> None:
    engine = old.service()
    migrate(engine)
    assert health_rows(old) == []
    note_health(engine, "watch", NOW, instance="box:1")
    assert [(row.role, row.instance) for row in health_rows(old)] == [("watch", "box:1")]
    engine.dispose()

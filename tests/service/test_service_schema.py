"""The tables of the service's database: new ones, those of every release that was, and those of one to come."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, inspect, select, text

from monitor.errors import StoreError
from monitor.readmodel.store import SCHEMA, SERVICE_FILE, Store
from monitor.service.schema import HEAD, check_schema, migrate, tables
from monitor.service.wiring import open_service
from tests.postgres import IN_FILES, IN_POSTGRES, Postgres

FIRST = Path(__file__).with_name("schemas") / "0.1.sql"
"""Version 0.1's tables with two rows in each, as it made them."""


@pytest.fixture
def empty(request: pytest.FixtureRequest, store: Store) -> Iterator[Store]:
    """A store in which nobody has made a table."""
    if not store.url:
        yield store
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.fresh("template0")
    yield Store(store.data, url)
    server.drop(url)


@pytest.fixture
def engine(empty: Store) -> Iterator[Engine]:
    """What writes to the empty store."""
    engine = empty.service()
    yield engine
    engine.dispose()


def upgrade(engine: Engine, revision: str) -> None:
    """Go through the migrations, from whatever there is."""
    config = Config()
    config.set_main_option("script_location", "monitor.service:migrations")
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def described(engine: Engine) -> dict[str, Any]:
    """Everything that the database says of its tables."""
    found = inspect(engine)
    return {
        name: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"])
                for column in found.get_columns(name)
            },
            "key": found.get_pk_constraint(name)["constrained_columns"],
            "unique": sorted(tuple(one["column_names"]) for one in found.get_unique_constraints(name)),
            "foreign": sorted(
                (*one["constrained_columns"], one["referred_table"]) for one in found.get_foreign_keys(name)
            ),
            "indexes": {
                one["name"]: (
                    one["column_names"],
                    bool(one["unique"]),
                    {key: str(said) for key, said in one.get("dialect_options", {}).items()},
                )
                for one in found.get_indexes(name)
            },
        }
        for name in found.get_table_names()
    }


def test_new_tables_are_those_that_the_migrations_lead_to(
    engine: Engine, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    assert migrate(engine)
    assert not migrate(engine), "there is nothing left to do"
    check_schema(engine)
    url = (
        request.getfixturevalue("postgres").fresh("template0") if engine.dialect.name == "postgresql" else ""
    )
    other = Store(tmp_path / "other", url).service()
    upgrade(other, "head")
    made = described(engine)
    assert made == described(other)
    known = {name for part in tables(engine.dialect.name) for name in part.tables}
    assert made.keys() == known | {"alembic_version"}
    with other.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [HEAD]
    other.dispose()
    if url:
        request.getfixturevalue("postgres").drop(url)


@pytest.fixture
def first(tmp_path: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of version 0.1's database, by table."""
    with sqlite3.connect(tmp_path / "first.sqlite") as there:
        there.row_factory = sqlite3.Row
        there.executescript(FIRST.read_text(encoding="utf-8"))
        names = [row[0] for row in there.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: [dict(row) for row in there.execute(f"SELECT * FROM {name}")] for name in names}
    there.close()
    return rows


GONE = {"role_health"}
"""Tables whose rows a migration leaves behind: the roles say at once again how they are."""


def kept(first: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """What a database must still hold when it has come up."""
    return {name: rows for name, rows in first.items() if name not in GONE}


def rows_of(engine: Engine, first: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The same columns of the same tables as they are now, in the words of SQLite."""
    known = {name: table for part in tables(engine.dialect.name) for name, table in part.tables.items()}
    with engine.connect() as connection:
        return {
            name: [
                {key: _plain(value) for key, value in row.items()}
                for row in connection.execute(
                    select(*(known[name].c[column] for column in rows[0])).order_by(*known[name].primary_key)
                ).mappings()
            ]
            for name, rows in first.items()
            if name not in GONE
        }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, list | dict):
        return json.dumps(value)
    return int(value) if isinstance(value, bool) else value


@IN_FILES
def test_a_database_of_version_0_1_comes_up_with_its_data(
    empty: Store, first: dict[str, list[dict[str, Any]]]
) -> None:
    assert len(first) > 15
    empty.data.mkdir()
    there = sqlite3.connect(empty.data / SERVICE_FILE)
    there.executescript(FIRST.read_text(encoding="utf-8"))
    there.close()
    engine = open_service(empty)
    assert rows_of(engine, first) == kept(first)
    check_schema(engine)
    engine.dispose()


@IN_POSTGRES
def test_a_server_with_the_first_tables_comes_up_with_its_data(
    empty: Store, engine: Engine, first: dict[str, list[dict[str, Any]]]
) -> None:
    upgrade(engine, "0001")
    with psycopg.connect(empty.url) as connection:
        for name in ("subscription", "message", *first):  # what others refer to comes first
            for row in first[name]:
                places = ", ".join(["%s"] * len(row))
                values = [None if value is None else str(value) for value in row.values()]
                connection.execute(
                    f"INSERT INTO {SCHEMA}.{name} ({', '.join(row)}) VALUES ({places}) ON CONFLICT DO NOTHING",
                    values,
                )
    migrate(engine)
    check_schema(engine)
    assert rows_of(engine, first) == kept(first)


def test_a_database_of_a_newer_parley_is_refused_in_one_line(engine: Engine, empty: Store) -> None:
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = described(engine)
    for attempt in (check_schema, migrate, lambda _: open_service(empty)):
        with pytest.raises(StoreError, match=r"newer Parley.*9999.*upgrade Parley") as caught:
            attempt(engine)
        assert "\n" not in str(caught.value)
    assert described(engine) == before


@IN_POSTGRES
def test_a_server_without_tables_says_what_to_run(engine: Engine, empty: Store) -> None:
    with pytest.raises(StoreError, match="parley migrate"):
        open_service(empty)
    migrate(engine)
    open_service(empty).dispose()

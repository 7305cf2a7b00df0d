"""Where SQLite and PostgreSQL say the same in different words, and what lies below SQLModel's classes."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Index, Select, Table, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session, SQLModel


def table_of(rows: type[SQLModel]) -> Table:
    """The table that a class of rows is kept in."""
    found: Table = rows.__table__  # type: ignore[attr-defined]  # SQLModel makes it where `table=True`
    return found


def new_rows(session: Session, table: type[SQLModel]) -> Any:
    """An INSERT for the session's database that can say what happens `on_conflict`."""
    return {"sqlite": sqlite, "postgresql": postgresql}[session.get_bind().dialect.name].insert(table)


def newest_first(column: Any) -> Any:
    """The order in which the greatest value comes first and nothing last."""
    return column.desc().nulls_last()


def newest(name: str, *by: str, equal: Iterable[str] = ("topic",)) -> tuple[Index, Index]:
    """An index for lists that are ordered by `newest_first` of some columns or terms, among rows with equal others."""
    return (
        Index(name, *equal, *(text(f"{one} DESC") for one in by)).ddl_if(dialect="sqlite"),
        Index(name, *equal, *(text(f"{one} DESC NULLS LAST") for one in by)).ddl_if(dialect="postgresql"),
    )


def listed(values: Iterable[str]) -> Select[Any]:
    """Texts to look for with IN; they go as one value, since a query takes only so many."""
    return select(_Each(json.dumps(list(values))).table_valued("value").c.value)


class _Each(FunctionElement[Any]):
    name = "each"
    inherit_cache = True


@compiles(_Each, "sqlite")
def _each_sqlite(element: _Each, compiler: Any, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_Each, "postgresql")
def _each_postgres(element: _Each, compiler: Any, **options: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **options)} AS JSON))"

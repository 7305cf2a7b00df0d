"""Lists that are read page by page: a cursor holds the place after which the next page begins.

A place is the values that the list is ordered by, not a count of rows: so nothing is shown twice or left out while new
rows arrive before it.
"""

import base64
from collections.abc import Callable, Sequence
from datetime import UTC
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

from pydantic import AfterValidator, AwareDatetime, Field, TypeAdapter
from sqlalchemy import ColumnElement, Select, and_, false, or_
from sqlalchemy.orm import Mapped
from sqlmodel import Session

from monitor.errors import BadInputError
from monitor.readmodel.dialects import newest_first

Entry = TypeVar("Entry")
Column = ColumnElement[Any] | Mapped[Any]
Moment = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))] | None
Count = Annotated[int, Field(ge=0, le=2**62)]


class Page(NamedTuple, Generic[Entry]):
    """Some entries of a list, and the cursor of those after them; None where there are no more."""

    entries: list[Entry]
    next: str | None


class Key(NamedTuple):
    """One value that a list is ordered by: its column, what it is of a row, and of which type."""

    column: Column
    of: Callable[[Any], Any]
    type: Any
    ascending: bool = False


def page(
    session: Session,
    query: Select[*tuple[Any, ...]],
    keys: Sequence[Key],
    entry: Callable[[Any], Entry],
    limit: int | None,
    cursor: str | None,
) -> Page[Entry]:
    """At most `limit` (None: all) of the query's rows after the cursor; the keys make their order, and tell rows apart.

    Raises:
        BadInputError: the cursor is none that this list gave.
    """
    if cursor is not None:
        query = query.where(*_after(keys, _read(cursor, keys)))
    query = query.order_by(*(key.column.asc() if key.ascending else newest_first(key.column) for key in keys))
    rows = session.execute(query.limit(None if limit is None else limit + 1)).all()
    shown = rows[:limit]
    more = len(rows) > len(shown)
    return Page([entry(row) for row in shown], _written(keys, shown[-1]) if more else None)


def _after(keys: Sequence[Key], values: Sequence[Any]) -> list[ColumnElement[bool]]:
    """What comes later in the order of the keys than a row with these values; nothing known sorts last."""
    first = keys[0].column
    # It follows from the rest, but no database sees that: with it the index is entered where the page begins.
    bound = [] if first.nullable or keys[0].ascending else [first <= values[0]]
    later: ColumnElement[bool] = false()
    for key, value in reversed(list(zip(keys, values, strict=True))):
        later = or_(_beyond(key, value), and_(key.column.is_not_distinct_from(value), later))
    return [*bound, later]


def _beyond(key: Key, value: Any) -> ColumnElement[bool]:
    if value is None:  # it sorts last
        return false()
    return or_(key.column > value) if key.ascending else or_(key.column < value, key.column.is_(None))


def _written(keys: Sequence[Key], row: Any) -> str:
    values = TypeAdapter(list[Any]).dump_json([key.of(row) for key in keys])
    return base64.urlsafe_b64encode(values).decode().rstrip("=")


def _read(cursor: str, keys: Sequence[Key]) -> Sequence[Any]:
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        values = TypeAdapter(list[Any]).validate_json(raw)
        return [TypeAdapter(key.type).validate_python(one) for key, one in zip(keys, values, strict=True)]
    except (ValueError, OverflowError) as error:
        raise BadInputError(
            f"the cursor {cursor[:40]!r} is none that this list gave; begin without one"
        ) from error

"""The rows that some events of one topic are about: read at once, changed in memory, written at once.

Live a page is one event, in a rebuild it is as many as the log gives at a time. Rows are dicts of their columns and are
never changed in place: so what an event did is undone when it turns out that it cannot be projected.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Delete, Table, Update, bindparam, delete, insert, select, update
from sqlmodel import Session

from monitor.log.events import Event
from monitor.log.stream import Recorded
from monitor.readmodel.dialects import table_of
from monitor.readmodel.tables import (
    AlertRecordRow,
    AlertRow,
    ArticleBodyRow,
    ArticleRow,
    ClaimRow,
    DecisionRow,
    DismissalRow,
    Projection,
    ShiftRow,
    SilenceRow,
    TopicRow,
)
from monitor.readmodel.volume import Volume
from monitor.status.state import TopicState

Row = dict[str, Any]
Key = tuple[Any, ...]
"""A row's primary key, without the topic that all rows of a page share."""

_NAMED: Sequence[tuple[str, type[Projection]]] = (
    ("shift_id", ShiftRow),
    ("alert_id", AlertRow),
    ("alert_id", AlertRecordRow),
    ("silence_id", SilenceRow),
)
"""Fields of an event's data, each with a table whose rows it names."""


class Page:
    """The rows of one topic, as they are after the events that were projected so far."""

    def __init__(self, session: Session, state: TopicState, events: Collection[Recorded]) -> None:
        """Read all rows that the events may ask for; `state` is that before them, and goes with them."""
        self.topic = state.topic.id
        self.state = state
        self.volume = Volume()
        self._connection = session.connection()
        self._rows: dict[Table, dict[Key, Row]] = defaultdict(dict)
        self._stored: dict[Table, set[Key]] = defaultdict(set)
        self._changed: dict[Table, dict[Key, None]] = defaultdict(dict)
        self._claims: dict[str, dict[Key, None]] = defaultdict(dict)
        self._undo: list[tuple[Table, Key, Row | None, bool]] = []
        self._load([recorded.event for recorded in events])

    def get(self, of: type[Projection], *key: Any) -> Row | None:
        """The row with this key, if the page's events name it."""
        return self._rows[table_of(of)].get(key)

    def all(self, of: type[Projection]) -> Iterator[Row]:
        """Every row of a table that is here."""
        yield from list(self._rows[table_of(of)].values())

    def claims_of(self, article_id: str) -> list[Row]:
        """The records of an article's claims."""
        rows = self._rows[table_of(ClaimRow)]
        return [rows[key] for key in self._claims[article_id] if key in rows]

    def drop(self, of: type[Projection], *key: Any) -> None:
        """Have no row with this key."""
        table = table_of(of)
        self._remember(table, key)
        self._rows[table].pop(key, None)
        self._changed[table][key] = None

    def put(self, of: type[Projection], row: Row) -> None:
        """Have this row instead of the one with its key, or as a new one; its topic is the page's."""
        table, row = table_of(of), {"topic": self.topic, **row}
        self._remember(table, key := _key(table, row))
        self._hold(table, key, row)
        self._changed[table][key] = None

    def done(self) -> None:
        """The event is projected: `undo` goes no further back than here."""
        self.volume.keep()
        self._undo.clear()

    def undo(self) -> None:
        """Take back what was put since the last event was done."""
        self.volume.forget()
        for table, key, before, was_changed in reversed(self._undo):
            if before is None:
                self._rows[table].pop(key, None)
            else:
                self._rows[table][key] = before
            if not was_changed:
                del self._changed[table][key]
        self._undo.clear()

    def write(self) -> None:
        """Write what was changed, to each table at once."""
        for table, keys in self._changed.items():
            rows, stored = self._rows[table], self._stored[table]
            for statement, which in (
                (insert(table), [rows[key] for key in keys if key in rows and key not in stored]),
                (_replace(table), [_named(rows[key]) for key in keys if key in rows and key in stored]),
                (_delete(table), [self._named_key(table, key) for key in stored & keys.keys() - rows.keys()]),
            ):
                if which:
                    self._connection.execute(statement, which)

    def _named_key(self, table: Table, key: Key) -> Row:
        return _named({"topic": self.topic, **dict(zip(_key_names(table), key, strict=True))})

    def _remember(self, table: Table, key: Key) -> None:
        self._undo.append((table, key, self._rows[table].get(key), key in self._changed[table]))

    def _hold(self, table: Table, key: Key, row: Row) -> None:
        self._rows[table][key] = row
        if table is table_of(ClaimRow):
            self._claims[row["article_id"]][key] = None

    def _load(self, events: list[Event]) -> None:
        types = {event.type for event in events}
        if "topic.defined" in types:
            self._read(TopicRow)
        if "article.removed" in types:  # any alert may quote it
            self._read(AlertRow)
            self._read(DecisionRow, table_of(DecisionRow).c.alert_id.is_not(None))
        for name, of in _NAMED:
            self._read_some(of, name, (event.data.get(name) for event in events))
        articles = {id_ for event in events if (id_ := event.data.get("article_id"))}
        articles = {id_ for id_ in articles if self.state.article(id_)}  # of others there is no row yet
        self._read_some(ArticleRow, "article_id", articles)
        # An article has its text for as long as it is not removed; nobody asks for that here.
        texts = {key for key, row in self._rows[table_of(ArticleRow)].items() if row["removed"] is None}
        self._stored[table_of(ArticleBodyRow)] |= texts
        cancelled = (event.data["alert_id"] for event in events if event.type == "alert.cancelled")
        self._read_some(DecisionRow, "alert_id", cancelled)
        judged = {event.data["claim_id"] for event in events if event.type.startswith("claim.")}
        self._read_some(DismissalRow, "claim_id", judged)
        self._read_some(ClaimRow, "article_id", articles | self._articles_of(judged))

    def _articles_of(self, judged: set[str]) -> set[str]:
        """The articles of the claims that were judged."""
        if not judged:
            return set()
        claim = table_of(ClaimRow).c
        found = select(claim.article_id).where(claim.topic == self.topic, claim.claim_id.in_(judged))
        return set(self._connection.execute(found).scalars())

    def _read_some(self, of: type[Projection], name: str, ids: Iterable[str | None]) -> None:
        if wanted := set(ids) - {None}:
            self._read(of, table_of(of).c[name].in_(wanted))

    def _read(self, of: type[Projection], *which: ColumnElement[bool]) -> None:
        table = table_of(of)
        query = select(table).where(table.c.topic == self.topic, *which)
        for row in self._connection.execute(query.order_by(*table.primary_key)).mappings():
            key = _key(table, row)
            self._hold(table, key, dict(row))
            self._stored[table].add(key)


def _key(table: Table, row: Mapping[Any, Any]) -> Key:
    return tuple(row[name] for name in _key_names(table))


@lru_cache
def _key_names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key if column.name != "topic")


@lru_cache
def _replace(table: Table) -> Update:
    new: dict[str, Any] = {
        column.name: bindparam(f"its_{column.name}") for column in table.columns if not column.primary_key
    }
    return update(table).where(*_same(table)).values(new)


@lru_cache
def _delete(table: Table) -> Delete:
    return delete(table).where(*_same(table))


def _same(table: Table) -> list[ColumnElement[bool]]:
    return [column == bindparam(f"its_{column.name}") for column in table.primary_key]


def _named(row: Row) -> Row:
    """An update tells the values of a row from its own columns by their names."""
    return {f"its_{name}": value for name, value in row.items()}

"""The service's tables that no log can give back, as JSON lines in a backup and out of it.

What is sealed stays sealed. Left out: what the log gives back (the read model), and how the roles fare just now.
"""

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import chain, islice
from typing import Any

from sqlalchemy import Column, Connection, Table, func, insert, select, text
from sqlmodel import SQLModel

from monitor.alerts.tables import (
    AuditRow,
    DeliveryRow,
    FailureRow,
    FanOutRow,
    MessageRow,
    OutcomeRow,
    SubscriptionRow,
    TroubleRow,
    WithheldRow,
)
from monitor.api.tokens import TokenRow
from monitor.errors import StoreError
from monitor.log.manifest import TableFile, TablePart
from monitor.log.place import Place
from monitor.log.segments import read_hashed
from monitor.readmodel.dialects import table_of
from monitor.readmodel.display import SourceDisplay
from monitor.readmodel.store import TOGETHER, Store, UtcDateTime, open_readonly
from monitor.service.tables import Reaction
from monitor.sources.seen import SourceEntry
from monitor.sources.state import HostState, SourceState

KEPT: tuple[type[SQLModel], ...] = (
    SubscriptionRow,
    AuditRow,
    MessageRow,
    DeliveryRow,
    FailureRow,
    OutcomeRow,
    WithheldRow,
    FanOutRow,
    TroubleRow,
    Reaction,
    TokenRow,
    SourceState,
    HostState,
    SourceEntry,
    SourceDisplay,
)
"""What is backed up; whom others refer to comes first."""
LEFT_OUT = frozenset({"role_health", "software", "stage_lag", "lease", "replica", "read_model_in_use"})
"""Tables of who runs just now and how it fares, and of what is made again from the log."""
ROWS_A_FILE = 20_000


@contextmanager
def snapshot(store: Store) -> Iterator[Connection]:
    """A connection that sees one moment of the service's tables, and keeps nobody waiting.

    Raises:
        StoreError: there is no such database, or it cannot be opened.
    """
    engine = store.service() if store.url else open_readonly(store.service_path)
    try:
        with engine.connect() as opened:
            connection = opened.execution_options(stream_results=True, **TOGETHER)
            if store.url:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            else:
                connection.exec_driver_sql("BEGIN")  # a reader of SQLite sees one moment only from here on
            yield connection
    finally:
        engine.dispose()


def dump(connection: Connection, place: Place, folder: str) -> dict[str, TablePart]:
    """Write every table that is kept into files of a folder; what they hold, by table."""
    return {table_of(model).name: _dump(connection, table_of(model), place, folder) for model in KEPT}


def _dump(connection: Connection, table: Table, place: Place, folder: str) -> TablePart:
    rows = iter(connection.execute(select(table).order_by(*table.primary_key)).mappings())
    files: list[TableFile] = []
    for first in rows:
        some = chain([first], islice(rows, ROWS_A_FILE - 1))
        lines = [json.dumps(_plain(row), ensure_ascii=False).encode() + b"\n" for row in some]
        content = gzip.compress(b"".join(lines), compresslevel=6, mtime=0)
        name = f"{folder}/{table.name}-{len(files) + 1:04}.jsonl.gz"
        place.write(name, content)
        files.append(TableFile(file=name, rows=len(lines), sha256=hashlib.sha256(content).hexdigest()))
    return TablePart(rows=sum(one.rows for one in files), files=tuple(files))


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        str(name): value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()
    }


def filled(connection: Connection) -> list[str]:
    """The names of the tables that hold rows."""
    tables = [table_of(model) for model in KEPT]
    return [
        table.name
        for table in tables
        if connection.execute(select(func.count()).select_from(table)).scalar_one()
    ]


def load(connection: Connection, place: Place, parts: Mapping[str, TablePart]) -> dict[str, int]:
    """Put the rows of a backup into empty tables; how many, by table.

    Raises:
        ArchiveError: a file is missing or damaged.
        StoreError: another version of Parley wrote rows that this one has no columns for.
    """
    known = {table_of(model).name: table_of(model) for model in KEPT}
    if strangers := parts.keys() - known.keys():
        raise StoreError(
            f"the backup has tables that this Parley does not know: {', '.join(sorted(strangers))}"
        )
    for name, table in known.items():
        if name in parts:
            for file in parts[name].files:
                connection.execute(insert(table), list(_rows(table, place, file)))
            _count_on(connection, table)
    return {name: part.rows for name, part in parts.items()}


def _rows(table: Table, place: Place, file: TableFile) -> Iterator[dict[str, Any]]:
    for line in gzip.decompress(read_hashed(place, file.file, file.sha256)).splitlines():
        row = json.loads(line)
        if strangers := row.keys() - table.columns.keys():
            raise StoreError(
                f"the backup has {table.name}.{', '.join(sorted(strangers))}, which this Parley does not know: restore "
                "with the version that wrote it, then upgrade"
            )
        yield {name: _typed(table.columns[name], value) for name, value in row.items()}


def _typed(column: Column[Any], value: Any) -> Any:
    return datetime.fromisoformat(value) if value and isinstance(column.type, UtcDateTime) else value


def _count_on(connection: Connection, table: Table) -> None:
    """Have PostgreSQL number new rows after those that brought their numbers."""
    if connection.dialect.name != "postgresql" or "seq" not in table.columns:
        return
    connection.execute(
        text(
            "SELECT setval(pg_get_serial_sequence(:name, 'seq'), coalesce((SELECT max(seq) FROM "  # noqa: S608 - our own names  # nosec B608
            f"{table.name}), 0) + 1, false)"
        ),
        {"name": table.name},
    )

"""How Parley opens SQL: one place that knows SQLite's manners.

SQLite runs in WAL mode; a writer begins its transactions immediately (so that two writers queue instead of failing half
way), and readers open the file read-only.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    URL,
    Connection,
    DateTime,
    Dialect,
    Engine,
    NullPool,
    Pool,
    QueuePool,
    TypeDecorator,
    create_engine,
    event,
    text,
)
from sqlalchemy.exc import DatabaseError

from monitor.errors import StoreError

BUSY_TIMEOUT_S = 10.0


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, UTC-aware on both sides; SQLite itself forgets the zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: UTC without a zone."""
        if value is None or value.tzinfo is UTC:
            return value and value.replace(tzinfo=None)
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database: UTC with its zone."""
        return None if value is None else value.replace(tzinfo=UTC)


def open_engine(path: Path, *, derived: bool = False) -> Engine:
    """An engine that writes to the SQLite file `path`; its folder and the file are made when missing.

    Its connections are kept, since closing SQLite's last one costs as much as a commit; whoever opens an engine
    disposes of it. `derived` is for a file that can be made again from the log: its commits do not wait for the disk
    (after a power failure the last ones are gone together with their checkpoints, and are made again).

    Raises:
        StoreError: the folder cannot be made, or the file is no database that can be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot make the folder {path.parent}: {error.strerror}") from error
    engine = _engine(URL.create("sqlite", database=str(path)), QueuePool)
    event.listen(engine, "connect", _derived_pragmas if derived else _writer_pragmas)
    event.listen(engine, "begin", _begin_immediate)
    return _checked(engine, path)


def open_readonly(path: Path) -> Engine:
    """An engine that can only read the SQLite file `path`.

    Raises:
        StoreError: there is no such file, or it is no database.
    """
    if not path.exists():
        raise StoreError(f"there is no database at {path}")
    url = URL.create("sqlite", database=f"file:{quote(str(path))}", query={"mode": "ro", "uri": "true"})
    return _checked(_engine(url, NullPool), path)


def _engine(url: URL, pool: type[Pool]) -> Engine:
    # NullPool, or a pool of a few for any thread: Streamlit and APScheduler bring a new thread for each run, and a
    # pool keyed by thread would leak.
    return create_engine(url, poolclass=pool, connect_args={"timeout": BUSY_TIMEOUT_S})


def _writer_pragmas(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we begin ourselves, see _begin_immediate
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _derived_pragmas(connection: Any, record: Any) -> None:
    _writer_pragmas(connection, record)
    connection.execute("PRAGMA synchronous=NORMAL")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _checked(engine: Engine, path: Path) -> Engine:
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1 FROM sqlite_master LIMIT 1"))
    except DatabaseError as error:
        raise StoreError(f"cannot open the database {path}: {error.orig}") from error
    return engine

"""Where Parley's SQL lies, and how it is opened: files in the data folder (SQLite), or a PostgreSQL database.

Both behave alike. A writer's transaction has the database to itself (SQLite: it begins immediately; PostgreSQL: it
takes one lock), so that what it read still holds when it writes. Where rows are claimed by their own locks, or one row
is written as a whole, a transaction goes `TOGETHER` with others. Readers can only read.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
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
    inspect,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlmodel import Session, SQLModel

from monitor.errors import StoreError

SERVICE_FILE = "service.sqlite"
SCHEMA = "parley"
"""Where the service's tables lie in PostgreSQL."""
BUSY_TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 5
Switch = Callable[[], AbstractContextManager[None]]
"""Keeps writers of the old read model waiting while it lasts; at its end the new one is in use."""
MEND = "if it is damaged, `parley rebuild` makes it again from the log"
TOGETHER = {"together": True}
"""Execution options of a transaction that other writers need not wait for."""
_NOBODYS_DATA = True
"""Errors, and so the log, show statements without the values in them, which may be about somebody."""
_ALONE = text("SELECT pg_advisory_xact_lock(hashtext('parley.service'))")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, UTC-aware on both sides; the database itself keeps no zone."""

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


@dataclass(frozen=True)
class Store:
    """Where Parley's SQL lies: in files of the data folder, or in the PostgreSQL database at `url`."""

    data: Path
    url: str = field(default="", repr=False)

    @property
    def service_path(self) -> Path:
        """The file of the service's tables, where they lie in one."""
        return self.data / SERVICE_FILE

    @property
    def name(self) -> str:
        """For messages: the data folder, or the database without its login."""
        return postgres_name(self.url) if self.url else str(self.data)

    def service(self, *, durable: bool = True) -> Engine:
        """An engine that writes the service's tables; whoever opens it disposes of it.

        Raises:
            StoreError: the database cannot be opened.
        """
        if self.url:
            return open_postgres(self.url, SCHEMA, durable=durable)
        return open_engine(self.service_path, derived=not durable)

    @contextmanager
    def reading(self, table: type[SQLModel]) -> Iterator[Session | None]:
        """A session that can only read the service's tables; None while nobody has made `table` yet.

        Raises:
            StoreError: the database cannot be read.
        """
        if not self.url and not self.service_path.exists():
            yield None
            return
        try:
            engine = postgres_reader(self.url) if self.url else open_readonly(self.service_path)
            with Session(engine) as session:
                there = inspect(session.connection()).has_table(str(table.__tablename__))
                yield session if there else None
        except (DBAPIError, OSError) as error:
            where = self.name if self.url else self.service_path
            raise StoreError(f"cannot read {where}: {reason_of(error)}") from error


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
    engine = _sqlite(URL.create("sqlite", database=str(path)), QueuePool)
    event.listen(engine, "connect", _derived_pragmas if derived else _writer_pragmas)
    event.listen(engine, "begin", _begin_immediate)
    return _checked(engine, f"the database {path}")


@lru_cache(maxsize=16)
def open_readonly(path: Path) -> Engine:
    """The engine of this process that can only read the SQLite file `path`; it keeps no connection.

    Raises:
        StoreError: there is no such file, or it is no database.
    """
    if not path.exists():
        raise StoreError(f"there is no database at {path}")
    url = URL.create("sqlite", database=f"file:{quote(str(path))}", query={"mode": "ro", "uri": "true"})
    return _checked(_sqlite(url, NullPool), f"the database {path}")


def _sqlite(url: URL, pool: type[Pool]) -> Engine:
    # NullPool, or a pool of a few for any thread: Streamlit and APScheduler bring a new thread for each run, and a
    # pool keyed by thread would leak.
    return create_engine(
        url, poolclass=pool, connect_args={"timeout": BUSY_TIMEOUT_S}, hide_parameters=_NOBODYS_DATA
    )


def _writer_pragmas(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we begin ourselves, see _begin_immediate
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _derived_pragmas(connection: Any, record: Any) -> None:
    _writer_pragmas(connection, record)
    connection.execute("PRAGMA synchronous=NORMAL")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def postgres_url(url: str) -> URL:
    """The address of a PostgreSQL database, for our driver.

    Raises:
        ValueError: it is none.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise ValueError("expected postgresql://user:password@host/database") from error
    if parsed.drivername.partition("+")[0] not in {"postgresql", "postgres"} or not parsed.database:
        raise ValueError("expected postgresql://user:password@host/database")
    return parsed.set(drivername="postgresql+psycopg")


def postgres_name(url: str) -> str:
    """A PostgreSQL database for messages, without its login."""
    parsed = postgres_url(url)
    return f"the PostgreSQL database {parsed.database or ''} on {parsed.host or 'this machine'}"


def open_postgres(url: str, schema: str, *, durable: bool = True, alone: bool = True) -> Engine:
    """An engine that writes to a schema of a PostgreSQL database; whoever opens it disposes of it.

    Args:
        url: the database, with its login.
        schema: where its tables lie.
        durable: False: commits do not wait for the disk, for what can be made again from the log.
        alone: its transactions take turns, but for those that go `TOGETHER`.

    Raises:
        StoreError: the database does not answer, or does not let us in.
    """
    engine = _postgres(url, f"-csearch_path={schema}" + ("" if durable else " -csynchronous_commit=off"))
    if alone:
        event.listen(engine, "begin", _begin_alone)
    return _checked(engine, postgres_name(url))


@lru_cache(maxsize=4)
def postgres_reader(url: str) -> Engine:
    """The engine of this process that can only read a PostgreSQL database."""
    return _postgres(url, f"-csearch_path={SCHEMA} -cdefault_transaction_read_only=on")


def _postgres(url: str, options: str) -> Engine:
    engine = create_engine(
        postgres_url(url),
        poolclass=QueuePool,
        hide_parameters=_NOBODYS_DATA,
        pool_size=5,
        max_overflow=20,
        pool_pre_ping=True,  # the server may have been restarted
        connect_args={
            "options": f"{options} -clock_timeout={int(BUSY_TIMEOUT_S * 1000)}",
            "connect_timeout": CONNECT_TIMEOUT_S,
            "application_name": "parley",
        },
    )
    event.listen(engine, "connect", _take_any_text)
    return engine


def _take_any_text(connection: Any, _record: Any) -> None:
    # Only here: where there is no PostgreSQL, its driver need not be loaded.
    from monitor.readmodel.anytext import AnyText

    connection.adapters.register_dumper(str, AnyText)


def _begin_alone(connection: Connection) -> None:
    if not connection.get_execution_options().get("together"):
        connection.execute(_ALONE)


def reason_of(error: DBAPIError | OSError) -> str:
    """What a database said, in one line."""
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    return said.partition("\n")[0] or type(error).__name__


def _checked(engine: Engine, name: str) -> Engine:
    """The engine, when its database answers."""
    try:
        with engine.connect() as connection:
            # SQLite reads nothing of a file before it is asked for a table.
            connection.execute(
                text("SELECT 1 FROM sqlite_master" if engine.dialect.name == "sqlite" else "SELECT 1")
            )
    except DBAPIError as error:
        raise StoreError(f"cannot open {name}: {reason_of(error)}") from error
    return engine

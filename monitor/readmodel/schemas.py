"""The read model in PostgreSQL: a schema of its own, and a row that names the one in use.

Whoever reads or writes locks the table of that row a little, and finds by it where the tables are; a rebuild fills a
new schema, keeps writers waiting for the last events, and takes the table for itself for the moment of the switch. So
readers see either the old read model or the new one, whole, and a writer never writes to the old one.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from sqlalchemy import Connection, Engine, text
from sqlmodel import Field, MetaData, Session, SQLModel

from monitor.errors import StoreError
from monitor.readmodel.store import SCHEMA, Switch, open_postgres, postgres_reader
from monitor.readmodel.tables import METADATA as TABLES

METADATA = MetaData()
_PREFIX = "parley_read_"
_ONE_MOMENT = {"isolation_level": "REPEATABLE READ"}


class ReadModelInUse(SQLModel, table=True):
    """The one row that names the schema in use."""

    __tablename__ = "read_model_in_use"
    metadata = METADATA

    id: int = Field(default=1, primary_key=True)
    name: str


_TABLE = f"{SCHEMA}.read_model_in_use"
_FIND = text(f"SELECT set_config('search_path', name, true) FROM {_TABLE}")  # noqa: S608 - our own names  # nosec B608
_TOPIC = text("SELECT pg_advisory_xact_lock(hashtext(:topic))")
_NOW = text("SELECT pg_try_advisory_xact_lock(hashtext('parley.rebuild'))")
_IN_TURN = text("SELECT pg_advisory_xact_lock(hashtext('parley.rebuild'))")
_OTHERS = text(
    f"SELECT nspname FROM pg_namespace WHERE starts_with(nspname, '{_PREFIX}') AND nspname <> :name"  # noqa: S608 - our own names  # nosec B608
)


class Schemas:
    """The read models of a PostgreSQL database, one of them in use."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._writing: Engine | None = None
        self._opening = Lock()

    def in_use(self) -> str | None:
        """The name of the read model in use; None: there is none yet."""
        with postgres_reader(self._url).connect() as connection:
            return _in_use(connection)

    @contextmanager
    def read(self) -> Iterator[Session | None]:
        """A session that can only read the schema in use, and sees one moment; None: there is none yet."""
        with Session(postgres_reader(self._url)) as session:
            connection = session.connection(execution_options=_ONE_MOMENT)
            yield session if _locked(connection, "ACCESS SHARE") else None

    @contextmanager
    def hold(self, topic: str | None = None) -> Iterator[Session]:
        """A session that writes to the schema in use, alone with the topic; nothing is committed by itself."""
        while True:
            with Session(self._writer()) as session:
                if _locked(session.connection(), "ROW SHARE"):
                    if topic is not None:
                        session.execute(_TOPIC, {"topic": topic})
                    yield session
                    return
            self._first()

    @contextmanager
    def replacement(self) -> Iterator[tuple[Engine, Switch]]:
        """A new, empty read model, and what puts it in the place of the one in use.

        Raises:
            StoreError: another rebuild is at it.
        """
        with self._writer().begin() as keeping:
            if not keeping.execute(_NOW).scalar_one():
                raise StoreError("another rebuild of the read model is under way; wait for its end")
            name = self._new_name()
            engine = self._made(name)
            try:
                yield engine, lambda: self._switch(name)
            finally:
                engine.dispose()

    def close(self) -> None:
        """Let go of the connections that were written with; writing again opens them anew."""
        if self._writing is not None:
            self._writing.dispose()
            self._writing = None

    @contextmanager
    def _switch(self, name: str) -> Iterator[None]:
        with self._writer().begin() as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")  # it has taken long to come so far
            connection.exec_driver_sql(f"LOCK TABLE {_TABLE} IN EXCLUSIVE MODE")  # writers wait
            yield
            connection.exec_driver_sql(
                f"LOCK TABLE {_TABLE} IN ACCESS EXCLUSIVE MODE"
            )  # for a moment, readers too
            connection.execute(text(f"DELETE FROM {_TABLE}"))  # noqa: S608 - our own names  # nosec B608
            connection.execute(text(f"INSERT INTO {_TABLE} (id, name) VALUES (1, :name)"), {"name": name})  # noqa: S608 - our own names  # nosec B608
            _drop_others(connection, name)

    def _first(self) -> None:
        with self._writer().begin() as keeping:
            keeping.execute(_IN_TURN)  # the readers of several topics may begin at one moment
            if self.in_use() is None:
                name = self._new_name()
                self._made(name).dispose()
                with self._switch(name):
                    pass

    def _made(self, name: str) -> Engine:
        engine = open_postgres(self._url, name, durable=False, alone=False)
        TABLES.create_all(engine)
        return engine

    def _new_name(self) -> str:
        """A schema with a number higher than any there has; those of rebuilds that were killed go."""
        with self._writer().begin() as connection:
            using = _in_use(connection) or ""
            _drop_others(connection, using)
            number = int(using.removeprefix(_PREFIX) or 0) + 1
            connection.exec_driver_sql(f"CREATE SCHEMA {_PREFIX}{number}")
            return f"{_PREFIX}{number}"

    def _writer(self) -> Engine:
        with self._opening:  # the readers of several topics share it
            self._writing = self._writing or open_postgres(self._url, SCHEMA, durable=False, alone=False)
            return self._writing


def _in_use(connection: Connection) -> str | None:
    there = connection.execute(text("SELECT to_regclass(:table)"), {"table": _TABLE}).scalar_one()
    if there is None:
        return None
    return connection.execute(text(f"SELECT name FROM {_TABLE}")).scalar_one_or_none()  # noqa: S608 - our own names  # nosec B608


def _locked(connection: Connection, mode: str) -> bool:
    """Lock the pointer until the transaction ends, and look where it points to; False: there is no read model yet."""
    connection.exec_driver_sql(f"LOCK TABLE {_TABLE} IN {mode} MODE")
    return connection.execute(_FIND).first() is not None


def _drop_others(connection: Connection, name: str) -> None:
    for other in connection.execute(_OTHERS, {"name": name}).scalars().all():
        if re.fullmatch(_PREFIX + r"\d+", other):
            connection.exec_driver_sql(f"DROP SCHEMA {other} CASCADE")

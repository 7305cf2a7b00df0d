"""The service's tables in SQL: made where there are none, and brought from an older version's to this one's.

Alembic's migrations (`monitor/service/migrations`) lead from each schema that was ever released to the next. New tables
are made as the code has them, and count as migrated; a test says that both ways lead to the same.
"""

from sqlalchemy import Connection, Engine, MetaData, inspect, text
from sqlalchemy.exc import DBAPIError

from monitor.alerts.tables import METADATA as ALERT_TABLES
from monitor.api.tokens import METADATA as TOKEN_TABLES
from monitor.errors import NewerStoreError, StoreError
from monitor.readmodel import stages as _stages  # noqa: F401 - its tables belong to the roles' tables
from monitor.readmodel.display import METADATA as DISPLAY_TABLES
from monitor.readmodel.roles import METADATA as ROLE_TABLES
from monitor.readmodel.schemas import METADATA as POINTER
from monitor.readmodel.store import SCHEMA, reason_of
from monitor.service.tables import METADATA as SERVICE_TABLES
from monitor.sources import seen as _seen  # noqa: F401 - its table belongs to the sources' tables
from monitor.sources.state import METADATA as SOURCE_TABLES

HEAD = "0003"
"""The newest migration."""
_EVERYWHERE = (SERVICE_TABLES, ROLE_TABLES, DISPLAY_TABLES, ALERT_TABLES, SOURCE_TABLES, TOKEN_TABLES)
_VERSION = "alembic_version"


def tables(dialect: str) -> tuple[MetaData, ...]:
    """The tables of the service's database in that dialect of SQL."""
    return (*_EVERYWHERE, POINTER) if dialect == "postgresql" else _EVERYWHERE


def migrate(engine: Engine) -> bool:
    """Bring the tables to this version, in one transaction; whether anything was to be done.

    Raises:
        StoreError: a newer Parley made them, or they cannot be changed.
    """
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            found = _version(connection)
            if found == HEAD:
                return False
            if found is None and not _has_tables(connection):
                for part in tables(engine.dialect.name):
                    part.create_all(connection)
                _stamp(connection)
            else:
                _refuse_newer(found)
                _upgrade(connection)
    except DBAPIError as error:
        raise StoreError(f"cannot bring the tables of the service up to date: {reason_of(error)}") from error
    return True


def check_schema(engine: Engine) -> None:
    """See that the tables are this version's.

    Raises:
        StoreError: they are not; the message says what to do.
    """
    try:
        with engine.connect() as connection:
            found = _version(connection)
    except DBAPIError as error:
        raise StoreError(f"cannot read the tables of the service: {reason_of(error)}") from error
    _refuse_newer(found)
    if found != HEAD:
        there = f"has the tables of version {found}" if found else "has no tables yet"
        raise StoreError(f"the database {there}, and this Parley needs version {HEAD}; run `parley migrate`")


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION):
        return None
    return connection.execute(text(f"SELECT version_num FROM {_VERSION}")).scalar_one_or_none()  # noqa: S608 - our own names  # nosec B608


def _has_tables(connection: Connection) -> bool:
    """Whether a Parley from before migrations has made tables here."""
    return inspect(connection).has_table("subscription")


def _stamp(connection: Connection) -> None:
    connection.execute(text(f"CREATE TABLE {_VERSION} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text(f"INSERT INTO {_VERSION} VALUES (:head)"), {"head": HEAD})  # noqa: S608 - our own names  # nosec B608


def _refuse_newer(found: str | None) -> None:
    if found is not None and found > HEAD:
        raise NewerStoreError(
            f"a newer Parley made this database (tables of version {found}, this one knows {HEAD}); upgrade Parley"
        )


def _upgrade(connection: Connection) -> None:
    # Only here: Alembic takes longer to load than a command may take.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "monitor.service:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")

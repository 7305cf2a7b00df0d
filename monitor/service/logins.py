"""The logins of a PostgreSQL database: the one that owns Parley's tables, and the one that may only read them.

Neither is the administrator's, who could run programs on the database's machine; that one is used for nothing but this.
"""

import re
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from monitor.errors import StoreError
from monitor.readmodel.store import SCHEMA, Store, postgres_url, reason_of
from monitor.service.schema import tables

_HIDDEN = {"subscription", "subscription_audit", "api_token", "unrecorded_outcome", "alembic_version"}
"""Tables that no screen reads."""
_OF_SUBSCRIPTIONS = "id, kind, origin, paused_because"
"""What screens may know of a subscription."""
_ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def let_own(admin: Store, address: str) -> None:
    """Make the login of an address and give it the database, with the administrator's login.

    Raises:
        StoreError: it cannot be made, or the address names another database.
    """
    name, password, database = _parts(address, admin, "database_url")
    engine = admin.service()
    try:
        with engine.begin() as connection:
            _make(connection, name, password)
            connection.exec_driver_sql(f'ALTER DATABASE "{database}" OWNER TO {name}')
    except DBAPIError as error:
        raise StoreError(f"cannot make the login {name!r}: {reason_of(error)}") from error
    finally:
        engine.dispose()


def let_read(admin: Store, store: Store, address: str) -> None:
    """Make the login of an address, which may read what screens show in the store's database, and write nothing.

    Args:
        admin: the database with a login that may make others.
        store: the database with the login that owns the tables.
        address: the login to make.

    Raises:
        StoreError: it cannot be made, or the address names another database.
    """
    name, password, _ = _parts(address, store, "database_reader_url")
    making, owning = admin.service(), store.service()
    try:
        with making.begin() as connection:
            _make(connection, name, password)
        with owning.begin() as connection:
            _grant(connection, name)
    except DBAPIError as error:
        raise StoreError(f"cannot make the login {name!r}: {reason_of(error)}") from error
    finally:
        making.dispose()
        owning.dispose()


def _parts(address: str, store: Store, setting: str) -> tuple[str, str, str]:
    """Login, password and database of an address."""
    wanted = postgres_url(address)
    name, password, database = wanted.username or "", wanted.password or "", wanted.database or ""
    if not _ROLE.fullmatch(name) or not password:
        raise StoreError(
            f"the setting {setting} needs a login of a-z, 0-9 and _ with a password: "
            "postgresql://user:password@host/database"
        )
    if database != postgres_url(store.url).database or '"' in database:
        raise StoreError(f"the setting {setting} names another database than the others, or one with a quote")
    return name, password, database


def _make(connection: Connection, name: str, password: str) -> None:
    known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name}).first()
    # Hashed here, so that the server's own log cannot hold it.
    driver: Any = connection.connection.driver_connection
    secret = driver.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    verb = "ALTER" if known else "CREATE"
    connection.exec_driver_sql(f"{verb} ROLE {name} LOGIN PASSWORD '{secret}'")


def _grant(connection: Connection, name: str) -> None:
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {name}")
    for part in tables("postgresql"):
        for table in part.tables.keys() - _HIDDEN:
            connection.exec_driver_sql(f"GRANT SELECT ON {SCHEMA}.{table} TO {name}")
    connection.exec_driver_sql(f"GRANT SELECT ({_OF_SUBSCRIPTIONS}) ON {SCHEMA}.subscription TO {name}")
    # Read models come and go, each in a schema of its own.
    connection.exec_driver_sql(f"ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO {name}")
    connection.exec_driver_sql(f"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {name}")

"""How the roles fare, for operators and screens: when each last did its work, and what hinders it now.

It lies in the service's durable database, not in the projections: it is about the service, not about the log. A role
may run in several processes; each has a row of its own.
"""

import os
import socket
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby

from sqlalchemy import Engine
from sqlmodel import Field, MetaData, Session, SQLModel, col, delete, or_, select

from monitor import __version__
from monitor.readmodel.store import TOGETHER, Store

METADATA = MetaData()
SILENT_AFTER = timedelta(seconds=60)
"""A role that says nothing for so long does not run, or hangs."""
FORGOTTEN_AFTER = timedelta(days=1)
"""A process that has said nothing for so long is no longer spoken of, once another does what it did."""


class RoleHealth(SQLModel, table=True):
    """A role's last word, in one process."""

    __tablename__ = "role_health"
    metadata = METADATA

    role: str = Field(primary_key=True)
    instance: str = Field(primary_key=True)
    """The process: its host (in a container, that one's name) and number."""
    version: str = ""
    """Of Parley."""
    ok_at: str = ""
    """When it last did its work: UTC, ISO 8601; empty when it never did."""
    seen_at: str = ""
    trouble: str = ""
    """What hinders it; empty: nothing. A role that was stopped on purpose has no row."""


def this_instance() -> str:
    """What this process is called."""
    return f"{socket.gethostname()}:{os.getpid()}"


def note_health(
    engine: Engine, role: str, now: datetime, trouble: str = "", *, instance: str | None = None
) -> None:
    """Note that `role` did its work at `now` (UTC-aware), or what hinders it, in this process unless told otherwise."""
    moment, instance = _text(now), instance or this_instance()
    with Session(engine.execution_options(**TOGETHER)) as session:
        row = session.get(RoleHealth, (role, instance)) or RoleHealth(role=role, instance=instance)
        row.seen_at, row.trouble, row.version = moment, trouble, __version__
        row.ok_at = row.ok_at if trouble else moment
        session.add(row)
        alike = col(RoleHealth.role).startswith(role.partition(" ")[0])
        session.exec(delete(RoleHealth).where(alike, col(RoleHealth.seen_at) < _text(now - FORGOTTEN_AFTER)))
        session.commit()


def note_stopped(engine: Engine, role: str, now: datetime, *, instance: str | None = None) -> None:
    """Note that `role` was stopped on purpose; processes of it that died before are then spoken of no more."""
    mine = col(RoleHealth.instance) == (instance or this_instance())
    is_silent = col(RoleHealth.seen_at) < _text(now - SILENT_AFTER)
    with Session(engine) as session:
        session.exec(delete(RoleHealth).where(col(RoleHealth.role) == role, or_(mine, is_silent)))
        session.commit()


def health_rows(store: Store) -> list[RoleHealth]:
    """The last words of all roles, by role and process; none when nothing has run yet.

    Raises:
        StoreError: the service's database cannot be read.
    """
    with store.reading(RoleHealth) as session:
        if session is None:
            return []
        return list(session.exec(select(RoleHealth).order_by(RoleHealth.role, RoleHealth.instance)).all())


def troubles(store: Store, now: datetime, since: datetime | None = None) -> dict[str, str]:
    """Role -> what hinders it at `now` (UTC-aware), of the roles that run on a store; empty when all is well.

    A process that is silent is no trouble while another does the same. With `since`, only those count that were heard
    of since then. Raises as `health_rows` does.
    """
    rows = [
        row for row in health_rows(store) if since is None or datetime.fromisoformat(row.seen_at) >= since
    ]
    found = {}
    for role, group in groupby(rows, key=lambda row: row.role):
        if trouble := _trouble(list(group), now):
            found[role] = trouble
    return found


def is_silent(row: RoleHealth, now: datetime) -> bool:
    """Whether it has not been heard of for too long."""
    return now - datetime.fromisoformat(row.seen_at) > SILENT_AFTER


def _trouble(rows: Sequence[RoleHealth], now: datetime) -> str:
    """What hinders a role, by the words of its processes."""
    if heard := [row for row in rows if not is_silent(row, now)]:
        return "; ".join(dict.fromkeys(row.trouble for row in heard if row.trouble))
    last = max(rows, key=lambda row: row.seen_at)
    return (
        last.trouble
        or f"has not been heard of since {datetime.fromisoformat(last.seen_at):%Y-%m-%d %H:%M} UTC"
    )


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")

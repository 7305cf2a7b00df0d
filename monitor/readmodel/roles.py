"""How the roles fare, for operators and screens: when each last did its work, and what hinders it now.

It lies in the service's durable database, not in the projections: it is about the service, not about the log.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Field, MetaData, Session, SQLModel, select

from monitor.readmodel.store import Store

METADATA = MetaData()
SILENT_AFTER = timedelta(seconds=60)
"""A role that says nothing for so long does not run, or hangs."""


class RoleHealth(SQLModel, table=True):
    """A role's last word."""

    __tablename__ = "role_health"
    metadata = METADATA

    role: str = Field(primary_key=True)
    ok_at: str = ""
    """When it last did its work: UTC, ISO 8601; empty when it never did."""
    seen_at: str = ""
    trouble: str = ""
    """What hinders it; empty: nothing. A role that was stopped on purpose has no row."""


def note_health(engine: Engine, role: str, now: datetime, trouble: str = "") -> None:
    """Note that `role` did its work at `now` (UTC-aware), or what hinders it."""
    moment = now.astimezone(UTC).isoformat(timespec="seconds")
    with Session(engine) as session:
        row = session.get(RoleHealth, role) or RoleHealth(role=role)
        row.seen_at, row.trouble = moment, trouble
        row.ok_at = row.ok_at if trouble else moment
        session.add(row)
        session.commit()


def note_stopped(engine: Engine, role: str) -> None:
    """Note that `role` was stopped on purpose."""
    with Session(engine) as session:
        if row := session.get(RoleHealth, role):
            session.delete(row)
            session.commit()


def troubles(store: Store, now: datetime, since: datetime | None = None) -> dict[str, str]:
    """Role -> what hinders it at `now` (UTC-aware), of the roles that run on a store; empty when all is well.

    With `since`, only of those that were heard of since then.

    Raises:
        StoreError: the service's database cannot be read.
    """
    with store.reading(RoleHealth) as session:
        rows = session.exec(select(RoleHealth).order_by(RoleHealth.role)).all() if session else []
    heard = [row for row in rows if since is None or datetime.fromisoformat(row.seen_at) >= since]
    return {row.role: trouble for row in heard if (trouble := _trouble(row, now))}


def _trouble(row: RoleHealth, now: datetime) -> str:
    if row.trouble:
        return row.trouble
    if now - datetime.fromisoformat(row.seen_at) > SILENT_AFTER:
        return f"has not been heard of since {row.seen_at}"
    return ""

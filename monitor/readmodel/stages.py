"""How far what follows the logs is behind them, and what software is at work, as the roles have measured it.

Screens have no Redis: whoever reads the logs notes it in the service's database.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Field, Session, SQLModel, select

from monitor.readmodel.roles import METADATA
from monitor.readmodel.store import Store, UtcDateTime

STAGES = ("read_model", "reaction", "queue")
"""What follows the logs: the projection, the decisions made of it, the queue of deliveries."""


class StageLag(SQLModel, table=True):
    """How far one stage is behind the logs of all topics."""

    __tablename__ = "stage_lag"
    metadata = METADATA

    stage: str = Field(primary_key=True)
    events: int
    """Entries that it has still to take in, counted up to a bound."""
    topic: str = ""
    """The one with most of them."""
    since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the oldest of them was appended."""
    measured_at: datetime = Field(sa_type=UtcDateTime)


class Software(SQLModel, table=True):
    """A server that Parley works with, and its version."""

    __tablename__ = "software"
    metadata = METADATA

    part: str = Field(primary_key=True)
    version: str
    seen_at: datetime = Field(sa_type=UtcDateTime)


def note_stages(engine: Engine, lags: Iterable[StageLag], redis: str, now: datetime) -> None:
    """Note what was measured at `now` (UTC-aware); of Redis an empty version is unknown."""
    with Session(engine) as session:
        for lag in lags:
            session.merge(lag)
        if redis:
            session.merge(Software(part="redis", version=redis, seen_at=now))
        session.commit()


def stage_lags(store: Store) -> list[StageLag]:
    """What was measured last, in the order of `STAGES`; none when nothing was.

    Raises:
        StoreError: the service's database cannot be read.
    """
    with store.reading(StageLag) as session:
        found = {lag.stage: lag for lag in session.exec(select(StageLag)).all()} if session else {}
    return [found[stage] for stage in STAGES if stage in found]


def software(store: Store) -> dict[str, str]:
    """Part -> its version, of what is known; raises as `stage_lags` does."""
    with store.reading(Software) as session:
        return {row.part: row.version for row in session.exec(select(Software)).all()} if session else {}

"""Durable SQL of the service itself: how far each topic's reader has reacted, and which process does what."""

from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Field, MetaData, Session, SQLModel

from monitor.failpoints import reached
from monitor.log.stream import Checkpoint, order
from monitor.readmodel.dialects import new_rows
from monitor.readmodel.store import TOGETHER, UtcDateTime

METADATA = MetaData()


class Reaction(SQLModel, table=True):
    """How far the reader of a topic has reacted; outside the projections, so a rebuild never reacts again."""

    __tablename__ = "reaction"
    metadata = METADATA

    topic: str = Field(primary_key=True)
    position: str
    event_id: str
    epoch: str


class Lease(SQLModel, table=True):
    """Who does a piece of a role's work: reads a topic, or does what one of several processes is to do."""

    __tablename__ = "lease"
    metadata = METADATA

    role: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    """Which piece, as a topic; empty: what the role does once, however many processes have it."""
    holder: str
    until: datetime = Field(sa_type=UtcDateTime)


class Replica(SQLModel, table=True):
    """A process that has a role, and shares its work with the others that have it."""

    __tablename__ = "replica"
    metadata = METADATA

    role: str = Field(primary_key=True)
    holder: str = Field(primary_key=True)
    work: str
    """The pieces that it would do, with a space in between."""
    until: datetime = Field(sa_type=UtcDateTime)


def reaction_of(engine: Engine, topic: str) -> Checkpoint | None:
    """How far the topic's reader has reacted, or None when it never did."""
    with Session(engine) as session:
        row = session.get(Reaction, topic)
        return None if row is None else Checkpoint(row.position, row.event_id, row.epoch)


def save_reaction(engine: Engine, topic: str, done: Checkpoint) -> None:
    """Note that the topic's reader has reacted up to `done`; where another one was further already, it stays there."""
    now = {"position": done.position, "event_id": done.event_id, "epoch": done.epoch}
    with Session(engine.execution_options(**TOGETHER)) as session, session.begin():
        known = session.get(Reaction, topic, with_for_update=True)
        if known is None or known.epoch != done.epoch or order(known.position) < order(done.position):
            noted = new_rows(session, Reaction).on_conflict_do_update(index_elements=["topic"], set_=now)
            session.execute(noted, {"topic": topic, **now})
        reached("commit.before")
    reached("commit.after")

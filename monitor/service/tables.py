"""Durable SQL of the service itself: how far each topic's reader has reacted."""

from sqlalchemy import Engine
from sqlmodel import Field, MetaData, Session, SQLModel

from monitor.failpoints import reached
from monitor.log.stream import Checkpoint
from monitor.readmodel.dialects import new_rows
from monitor.readmodel.store import TOGETHER

METADATA = MetaData()


class Reaction(SQLModel, table=True):
    """How far the reader of a topic has reacted; outside the projections, so a rebuild never reacts again."""

    __tablename__ = "reaction"
    metadata = METADATA

    topic: str = Field(primary_key=True)
    position: str
    event_id: str
    epoch: str


def reaction_of(engine: Engine, topic: str) -> Checkpoint | None:
    """How far the topic's reader has reacted, or None when it never did."""
    with Session(engine) as session:
        row = session.get(Reaction, topic)
        return None if row is None else Checkpoint(row.position, row.event_id, row.epoch)


def save_reaction(engine: Engine, topic: str, done: Checkpoint) -> None:
    """Note that the topic's reader has reacted up to `done`."""
    now = {"position": done.position, "event_id": done.event_id, "epoch": done.epoch}
    with Session(engine.execution_options(**TOGETHER)) as session, session.begin():
        noted = new_rows(session, Reaction).on_conflict_do_update(index_elements=["topic"], set_=now)
        session.execute(noted, {"topic": topic, **now})
        reached("commit.before")
    reached("commit.after")

"""Durable SQL of the service itself: how far each topic's reader has reacted."""

from sqlalchemy import Engine
from sqlmodel import Field, MetaData, Session, SQLModel

from monitor.failpoints import reached
from monitor.log.stream import Checkpoint

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
    with Session(engine) as session:
        session.merge(Reaction(topic=topic, position=done.position, event_id=done.event_id, epoch=done.epoch))
        reached("commit.before")
        session.commit()
        reached("commit.after")

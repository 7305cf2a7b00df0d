"""Durable SQL of delivery: who wants what, what was made of each alert, and what became of it for each subscriber.

These tables live beside the read model, not in it: a rebuild must never tell anyone anything again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Engine, Index, text
from sqlmodel import Field, MetaData, Session, SQLModel

from monitor.alerts.delivery import State
from monitor.failpoints import reached
from monitor.readmodel.store import TOGETHER, UtcDateTime

METADATA = MetaData()


class SubscriptionRow(SQLModel, table=True):
    """Who wants which alerts, and how. The only place that knows an address or a secret."""

    __tablename__ = "subscription"
    metadata = METADATA

    id: str = Field(primary_key=True)
    """Opaque: what events and logs carry."""
    name: str
    """The operator's name for it; empty: a person subscribed."""
    origin: str
    """`settings` (parley.toml), `operator` (the command) or `person` (through the API)."""
    kind: str
    target: str = Field(repr=False)
    """Where it is delivered to, sealed; empty: it was removed."""
    target_mark: str = Field(index=True)
    """By which the same target is found again (see `Vault.mark`)."""
    secret: str | None = Field(default=None, repr=False)
    """Sealed."""
    old_secret: str | None = Field(default=None, repr=False)
    """Sealed; signs beside the new one until `old_secret_until`."""
    old_secret_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    wishes: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """The JSON of `Wishes`."""
    allow_private: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    served_from: datetime = Field(sa_type=UtcDateTime)
    """What was told before then is not for it: when it was made, confirmed or resumed."""
    paused_because: str | None = None
    """None: it is served."""


class AuditRow(SQLModel, table=True):
    """One change of a subscription: what was done and by whom, never an address, a secret or a name."""

    __tablename__ = "subscription_audit"
    metadata = METADATA

    seq: int | None = Field(default=None, primary_key=True)
    subscription: str = Field(foreign_key="subscription.id", index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    what: str
    """`added`, `changed`, `asked`, `confirmed`, `paused`, `resumed`, `ended`, ..."""
    by: str
    """`settings`, `operator:` and an opaque id, `person`, `receiver` (it answered that it is gone), or `parley`."""
    fields: list[str] = Field(sa_column=Column(JSON, nullable=False))
    """Names of what was changed."""


class MessageRow(SQLModel, table=True):
    """What is told about one alert event; the same for everyone who is told."""

    __tablename__ = "message"
    metadata = METADATA

    event_id: str = Field(primary_key=True)
    topic: str
    alert: str
    kind: str
    content: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


# Literal, not bound: SQLite uses a partial index only when the query says the same.
_OPEN = text("state IN ('pending', 'leased', 'failed')")
_LEASED = text("state = 'leased'")
_SETTLED = text("settled_at IS NOT NULL")
_WAITING = text("state = 'waiting'")
_JOINED = text("part_of IS NOT NULL")


class DeliveryRow(SQLModel, table=True):
    """One message to one subscription, or a part of one. `seq` is the order in which alerts were told."""

    __tablename__ = "delivery"
    metadata = METADATA
    __table_args__ = (
        # With the moment and the subscription, so that what is not due yet is passed over without reading its row.
        Index(
            "delivery_open",
            "attempts",
            "seq",
            "next_try_at",
            "subscription",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("delivery_leased", "subscription", sqlite_where=_LEASED, postgresql_where=_LEASED),
        Index("delivery_of_alert", "alert", "subscription", "seq"),
        Index(
            "delivery_settled",
            *("subscription", "state", "settled_at"),
            sqlite_where=_SETTLED,
            postgresql_where=_SETTLED,
        ),
        Index("delivery_waiting", "next_try_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("delivery_part", "part_of", sqlite_where=_JOINED, postgresql_where=_JOINED),
    )

    seq: int | None = Field(default=None, primary_key=True)
    delivery_id: str = Field(unique=True)
    event_id: str = Field(foreign_key="message.event_id")
    """What it tells; as long as it was never tried, the newest state of its alert."""
    alert: str
    subscription: str = Field(foreign_key="subscription.id")
    kind: str
    state: str = State.PENDING
    attempts: int = 0
    attempts_before: int = 0
    """Attempts before it was put back by hand: the schedule begins anew after them."""
    next_try_at: datetime = Field(sa_type=UtcDateTime)
    """When it may be claimed (again); of a leased one, when the lease ends; of a waiting one, when its wait ends."""
    doubts: int = 0
    """After how many attempts nobody knew whether it had arrived."""
    part_of: str | None = None
    """The delivery (a digest) that it goes with."""
    last_error: str | None = Field(default=None, repr=False)
    """Why it is not there: a word, and after a colon what was said about it."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class FailureRow(SQLModel, table=True):
    """An attempt that failed."""

    __tablename__ = "delivery_failure"
    metadata = METADATA

    delivery_id: str = Field(primary_key=True)
    attempt: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    error: str = Field(repr=False)
    """The reason and, after a colon, the words for it, which may name the receiver."""


class OutcomeRow(SQLModel, table=True):
    """An outcome that the log has still to learn; written with what it is the outcome of, removed when appended."""

    __tablename__ = "unrecorded_outcome"
    metadata = METADATA

    seq: int | None = Field(default=None, primary_key=True)
    event_id: str = Field(unique=True)
    event: str


class WithheldRow(SQLModel, table=True):
    """An article whose words are no longer sent to anybody."""

    __tablename__ = "withheld_article"
    metadata = METADATA

    topic: str = Field(primary_key=True)
    article_id: str = Field(primary_key=True)


class FanOutRow(SQLModel, table=True):
    """How far a topic's alerts have been fanned out."""

    __tablename__ = "fanout_checkpoint"
    metadata = METADATA

    topic: str = Field(primary_key=True)
    position: str
    event_id: str
    epoch: str
    restored_to: str | None = None
    """Up to here the log was restored: what it tells is for review only (see `fanout.review_restored`)."""


class TroubleRow(SQLModel, table=True):
    """Something that operators are told when it begins, and when it is over; then the row goes."""

    __tablename__ = "trouble"
    metadata = METADATA

    kind: str = Field(primary_key=True)
    about: str = Field(primary_key=True)
    """What it is about: a topic, a role, a subscription's id."""
    since: datetime = Field(sa_type=UtcDateTime)
    reason: str
    noted_at: datetime = Field(sa_type=UtcDateTime)
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    over_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def create_tables(engine: Engine) -> None:
    """Make the tables that are missing."""
    METADATA.create_all(engine)


@contextmanager
def transaction(engine: Engine, *, together: bool = False) -> Iterator[Session]:
    """One transaction, with the test-only points at which a process is killed around its commit.

    Those that go `together` with others wait for no lock while they hold one, so that none waits for ever.
    """
    if together:
        engine = engine.execution_options(**TOGETHER)
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session
        session.flush()
        reached("commit.before")
    reached("commit.after")

"""The tables of the read model: what the screens ask for, and nothing else.

They hold no truth of their own: every row follows from the log, so all of it can be dropped and made again. Keys come
from the events (never a counter of the database), so that a rebuilt table equals the live one row by row. Nested values
that are only ever shown, not searched, are JSON.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from monitor.readmodel.alert_standing import Standing
from monitor.readmodel.dialects import newest, table_of
from monitor.readmodel.search import ALERTS, ARTICLES, index_words
from monitor.readmodel.store import UtcDateTime


class Projection(SQLModel, registry=registry()):
    """Base of the read model's tables; they have a registry of their own, so they can be dropped alone."""


class CheckpointRow(Projection, table=True):
    """How far a topic's log has been projected; written in the transaction that projects."""

    __tablename__ = "checkpoint"

    topic: str = Field(primary_key=True)
    position: str
    event_id: str
    epoch: str
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class TopicRow(Projection, table=True):
    """A topic as the log last defined it."""

    __tablename__ = "topic"

    topic: str = Field(primary_key=True)
    label: str
    definition: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    topic_hash: str
    defined_at: datetime = Field(sa_type=UtcDateTime)


class ArticleRow(Projection, table=True):
    """An article as it stands now, without its text."""

    __tablename__ = "article"
    __table_args__ = (
        Index("article_seen", "topic", "first_seen_at"),
        *newest("article_newest", "published_at", "article_id"),
        Index("article_story", "topic", "story_id", "published_at"),
    )

    topic: str = Field(primary_key=True)
    article_id: str = Field(primary_key=True)
    event_id: str
    url: str | None
    outlet: str
    source: str
    title: str
    author: str
    language: str
    published_at: datetime | None = Field(sa_type=UtcDateTime)
    precision: str
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    story_id: str
    history: bool
    revisions: int = 0
    removed: str | None = None
    """Why its words were taken out of view; None while they may be shown. From then on it has no title and no body."""
    failure: str | None = None
    """Why the detector failed on it; None when it did not."""


class ArticleBodyRow(Projection, table=True):
    """An article's text, apart from its row so that lists of articles stay narrow."""

    __tablename__ = "article_body"

    topic: str = Field(primary_key=True)
    article_id: str = Field(primary_key=True)
    text: str
    title: str
    """As its row has it: what is searched stands together."""


class ClaimRow(Projection, table=True):
    """One claim record: a claim in the time in which Parley held it true, with its article's circumstances then."""

    __tablename__ = "claim"
    __table_args__ = (
        Index("claim_article", "topic", "article_id"),
        *newest("claim_newest", "published_at", "claim_id", equal=("topic", "channel")),
        *newest("claim_newest_of_all", "published_at", "article_id"),
    )

    topic: str = Field(primary_key=True)
    claim_id: str = Field(primary_key=True)
    ordinal: int = Field(primary_key=True)
    """0 for the first time that the claim was known, 1 for the next (restored, detected again), ..."""
    channel: str
    kind: str
    status: str
    article_id: str
    article_event: str
    story_id: str
    outlet: str
    title: str
    url: str | None
    published_at: datetime | None = Field(sa_type=UtcDateTime)
    precision: str
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    history: bool
    known_from: datetime = Field(sa_type=UtcDateTime)
    known_until: datetime | None = Field(sa_type=UtcDateTime)
    claim: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """The claim whole, as in the log; of a removed article without its quote, and with what `withheld` keeps of it."""


class SegmentRow(Projection, table=True):
    """A segment of a channel's current timeline."""

    __tablename__ = "segment"

    topic: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    ordinal: int = Field(primary_key=True)
    status: str
    name: str
    start_earliest: date | None
    start_latest: date | None
    end: date | None
    certainty: str
    confidence: float
    contested: bool
    claim_ids: list[str] = Field(sa_column=Column(JSON, nullable=False))
    counter_ids: list[str] = Field(sa_column=Column(JSON, nullable=False))
    last_evidence: date | None


class VolumeRow(Projection, table=True):
    """How many articles of a day say that a channel's talks have a status; `none`: that there are none."""

    __tablename__ = "volume"

    topic: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    status: str = Field(primary_key=True)
    articles: int


class ShiftRow(Projection, table=True):
    """A shift as it stands after its last update."""

    __tablename__ = "shift"
    __table_args__ = newest("shift_newest", "coalesce(start_latest, start_earliest)", "shifted_at")

    topic: str = Field(primary_key=True)
    shift_id: str = Field(primary_key=True)
    channel: str
    from_status: str
    to_status: str
    name: str
    start_earliest: date | None
    start_latest: date | None
    certainty: str
    confidence: float
    first_certainty: str
    """As it was told first, with the confidence then; so it can be seen what became of it."""
    first_confidence: float
    contested: bool
    claim_ids: list[str] = Field(sa_column=Column(JSON, nullable=False))
    state: str
    """`shifted`, `updated` or `withdrawn`."""
    reason: str
    shifted_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class AlertRow(Standing, Projection, table=True):
    """An alert as it stands, with everything that happened to it."""

    __tablename__ = "alert"
    # Alerts of one decision share their moment: then the later start comes first.
    __table_args__ = newest("alert_newest", "raised_at", "effective_at", "alert_id")

    topic: str = Field(primary_key=True)
    alert_id: str = Field(primary_key=True)
    shift_id: str
    channel: str
    to_status: str
    words: str
    """What a search looks through: what it says, its outlets and its quotes, but for those of removed articles."""
    evidence: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    acknowledged: bool = False
    """Whether a person took note of it as the last event tells it."""
    changes: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    """Oldest first: {at, state, certainty, confidence, contested, reason, text}."""


class AlertRecordRow(Standing, Projection, table=True):
    """One alert record: how an alert stood from one change to the next; the last is as its row is."""

    __tablename__ = "alert_record"
    __table_args__ = newest("alert_record_newest", "raised_at", "effective_at", "alert_id")

    topic: str = Field(primary_key=True)
    alert_id: str = Field(primary_key=True)
    ordinal: int = Field(primary_key=True)
    """Which change, from 0."""
    known_from: datetime = Field(sa_type=UtcDateTime)
    known_until: datetime | None = Field(sa_type=UtcDateTime)


class DecisionRow(Projection, table=True):
    """An event that decided something and is told: where it stands in the log, and what it says."""

    __tablename__ = "decision"
    __table_args__ = (
        Index("decision_event", "topic", "event_id", unique=True),
        Index("decision_alert", "topic", "alert_id"),
    )

    topic: str = Field(primary_key=True)
    ms: int = Field(primary_key=True, sa_type=BigInteger)
    """With `sequence` its position in the log, as numbers: as text 10 would come before 9."""
    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    event_id: str
    type: str
    alert_id: str | None
    """Of `alert.*`."""
    event: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """The event whole, as in the log; without the quotes of removed articles."""


class SilenceRow(Projection, table=True):
    """A time in which nothing new is told of a topic or a channel."""

    __tablename__ = "silence"

    topic: str = Field(primary_key=True)
    silence_id: str = Field(primary_key=True)
    channel: str | None
    """None: the whole topic."""
    since: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)
    operator_id: str
    why: str
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When a person ended it before its time."""


class DismissalRow(Projection, table=True):
    """A person's word that a claim is wrong, and, once they or another think otherwise, that it holds after all."""

    __tablename__ = "dismissal"

    topic: str = Field(primary_key=True)
    claim_id: str = Field(primary_key=True)
    ordinal: int = Field(primary_key=True)
    """0 for the first time that the claim was dismissed, 1 for the next, ..."""
    event_id: str
    """The event that said the last of it."""
    dismissed_at: datetime = Field(sa_type=UtcDateTime)
    dismissed_by: str
    """An opaque id."""
    dismissed_why: str
    restored_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    restored_by: str | None = None
    restored_why: str | None = None


class DeadLetterRow(Projection, table=True):
    """An entry that could not be projected, or not even read as an event; the projection went on without it."""

    __tablename__ = "dead_letter"

    topic: str = Field(primary_key=True)
    position: str = Field(primary_key=True)
    event_id: str | None
    type: str | None
    recorded_at: datetime | None = Field(sa_type=UtcDateTime)
    traceback: str


index_words(table_of(ArticleBodyRow), ARTICLES)
index_words(table_of(AlertRow), ALERTS)
METADATA = Projection.metadata
"""All tables of the read model, and no other."""

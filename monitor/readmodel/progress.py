"""How far the topics' logs have been projected, and how to wait for it or to notice that there is more."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, true
from sqlmodel import col, func, select

from monitor.log.stream import order
from monitor.readmodel.forms import Freshness
from monitor.readmodel.model import ReadModel
from monitor.readmodel.reading import topic_of
from monitor.readmodel.tables import ArticleRow, CheckpointRow, DeadLetterRow

_POLL_S = 0.05


def freshness(model: ReadModel, topic: str) -> Freshness:
    """How far the topic's log has been projected, and how new what it holds is; raises as `queries.status` does."""
    with model.read() as session:
        topic_of(session, topic)
        checkpoint = session.get(CheckpointRow, topic)
        # One by one: together they would read every row, apart each has an index.
        count = session.exec(select(func.count()).where(ArticleRow.topic == topic)).one()
        newest = session.exec(
            select(func.max(ArticleRow.first_seen_at)).where(ArticleRow.topic == topic)
        ).one()
        dead = select(func.count()).select_from(DeadLetterRow).where(DeadLetterRow.topic == topic)
        return Freshness(
            topic=topic,
            position=checkpoint.position if checkpoint else None,
            last_event_at=checkpoint.recorded_at if checkpoint else None,
            last_article_at=newest,
            articles=count,
            dead_letters=session.exec(dead).one(),
        )


@dataclass(frozen=True, slots=True)
class Unread:
    """How many entries of a topic's log could not be projected, or articles be read, and when that began."""

    count: int
    since: datetime | None


def dead_letters(model: ReadModel) -> dict[str, Unread]:
    """The topics with entries that could not be projected; raises StoreError as `queries.status` does."""
    return _unread(model, DeadLetterRow.topic, DeadLetterRow.recorded_at, true())


def failed_articles(model: ReadModel) -> dict[str, Unread]:
    """The topics with articles on which the detector failed; raises StoreError as `queries.status` does."""
    failed = col(ArticleRow.failure).is_not(None)
    return _unread(model, ArticleRow.topic, ArticleRow.first_seen_at, failed)


def _unread(model: ReadModel, topic: Any, moment: Any, which: ColumnElement[bool]) -> dict[str, Unread]:
    if not model.exists():
        return {}
    with model.read() as session:
        counted = select(topic, func.count(), func.min(moment)).where(which).group_by(topic)
        return {name: Unread(count, since) for name, count, since in session.exec(counted)}


def version(model: ReadModel, topic: str) -> tuple[str, str]:
    """Changes whenever an answer about the topic may have changed: which is in use, and how far it is projected."""
    name = model.in_use()
    with model.read() as session:
        row = session.get(CheckpointRow, topic)
    return (name or "", row.position if row else "")


def wait_for(model: ReadModel, topic: str, position: str, *, timeout_s: float = 10.0) -> bool:
    """Wait until the topic is projected up to a position of its log; False when the time is up."""
    deadline = time.monotonic() + timeout_s
    while True:
        if model.exists():
            with model.read() as session:
                row = session.get(CheckpointRow, topic)
            if row is not None and order(row.position) >= order(position):
                return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_S)

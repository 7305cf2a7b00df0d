"""What the lists of evidence have in common: rows by id, a claim amid its text, the copies of an article."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from monitor.errors import NotFoundError
from monitor.readmodel.article_forms import ArticleEntry
from monitor.readmodel.dialects import listed
from monitor.readmodel.evidence_forms import Said
from monitor.readmodel.records import article_entry, claim_entry, passage_of, record_of
from monitor.readmodel.tables import ArticleBodyRow, ArticleRow, ClaimRow
from monitor.status.weighing import heaviest
from monitor.topics.model import Topic

_COPIES = 8
"""So many copies of a story are named."""


def check_channel(topic: Topic, channel: str | None) -> None:
    """NotFoundError, naming those that there are, when the topic has no such channel."""
    if channel is not None and topic.channel(channel) is None:
        known = ", ".join(part.id for part in topic.channels)
        raise NotFoundError(f"there is no channel {channel!r} in {topic.id}; there is: {known}")


def articles_of(session: Session, topic: str, ids: Sequence[str]) -> dict[str, ArticleRow]:
    """Article id -> its row."""
    query = select(ArticleRow).where(
        col(ArticleRow.topic) == topic, col(ArticleRow.article_id).in_(listed(ids))
    )
    return {row.article_id: row for row in session.execute(query).scalars()}


def texts_of(session: Session, topic: str, ids: Iterable[str]) -> dict[str, str]:
    """Article id -> its text, of those that have one."""
    body = select(col(ArticleBodyRow.article_id), col(ArticleBodyRow.text)).where(
        col(ArticleBodyRow.topic) == topic, col(ArticleBodyRow.article_id).in_(listed(ids))
    )
    return {row.article_id: row.text for row in session.execute(body)}


def copies_of(
    session: Session, topic: str, row: ArticleRow, known_at: datetime | None
) -> tuple[list[ArticleEntry], int]:
    """The first of the other articles of an article's story, and how many there are."""
    others = [
        col(ArticleRow.topic) == topic,
        col(ArticleRow.story_id) == row.story_id,
        col(ArticleRow.article_id) != row.article_id,
    ]
    if known_at is not None:
        others.append(col(ArticleRow.first_seen_at) <= known_at)
    count: Select[int] = select(func.count()).select_from(ArticleRow).where(*others)
    number = session.execute(count).scalar_one()
    if not number:
        return [], 0
    # Ordered by the bare column, SQLite would go through all articles by their index.
    order = (
        func.coalesce(col(ArticleRow.published_at), col(ArticleRow.first_seen_at)),
        col(ArticleRow.article_id),
    )
    first = select(ArticleRow).where(*others).order_by(*order)
    return [article_entry(one) for one in session.execute(first.limit(_COPIES)).scalars()], number


def said_of(claim: ClaimRow, text: str | None) -> Said:
    """A claim amid the text around it; `text` is its article's."""
    return Said(claim=claim_entry(claim), passage=passage_of(claim, text))


def weight_of(claim: ClaimRow) -> tuple[Any, ...]:
    """Sorts the heaviest first."""
    return heaviest(record_of(claim))

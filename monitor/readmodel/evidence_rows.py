"""What the lists of evidence have in common: rows by id, a claim amid its text, the copies of an article."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from monitor.errors import NotFoundError
from monitor.readmodel.article_forms import ArticleEntry
from monitor.readmodel.dialects import listed
from monitor.readmodel.evidence_forms import Said
from monitor.readmodel.records import article_entry, claim_entry, passage_of, record_of
from monitor.readmodel.tables import ArticleRow, ClaimRow
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


def copies_of(
    session: Session, topic: str, rows: Sequence[ArticleRow], known_at: datetime | None
) -> dict[str, tuple[list[ArticleEntry], int]]:
    """Article id -> the first of the other articles of its story, and how many there are, where there are any.

    No two of `rows` are of one story.
    """
    others = [
        col(ArticleRow.topic) == topic,
        col(ArticleRow.story_id).in_(listed(row.story_id for row in rows)),
        col(ArticleRow.article_id).not_in(listed(row.article_id for row in rows)),
    ]
    if known_at is not None:
        others.append(col(ArticleRow.first_seen_at) <= known_at)
    story, seen = col(ArticleRow.story_id), col(ArticleRow.first_seen_at)
    oldest_first = func.coalesce(col(ArticleRow.published_at), seen), col(ArticleRow.article_id)
    ranked = (
        select(
            col(ArticleRow.article_id),
            func.row_number().over(partition_by=story, order_by=oldest_first).label("place"),
            func.count().over(partition_by=story).label("number"),
        )
        .where(*others)
        .subquery()
    )
    query = (
        select(ArticleRow, ranked.c.number)
        .join(ranked, col(ArticleRow.article_id) == ranked.c.article_id)
        .where(col(ArticleRow.topic) == topic, ranked.c.place <= _COPIES)
        .order_by(ranked.c.place)
    )
    of_story = {row.story_id: row.article_id for row in rows}
    found: dict[str, tuple[list[ArticleEntry], int]] = {}
    for copy, number in session.execute(query):
        found.setdefault(of_story[copy.story_id], ([], number))[0].append(article_entry(copy))
    return found


NO_COPIES: tuple[list[ArticleEntry], int] = ([], 0)
"""Of an article that is alone with its story."""


def said_of(claim: ClaimRow, text: str | None) -> Said:
    """A claim amid the text around it; `text` is its article's."""
    return Said(claim=claim_entry(claim), passage=passage_of(claim, text))


def weight_of(claim: ClaimRow) -> tuple[Any, ...]:
    """Sorts the heaviest first."""
    return heaviest(record_of(claim))

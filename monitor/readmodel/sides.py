"""What speaks for and against a channel's segment, and everything that one article says."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from monitor.readmodel.article_forms import ArticleEntry
from monitor.readmodel.dialects import listed
from monitor.readmodel.display import display_of
from monitor.readmodel.evidence_forms import ArticleEvidence, Sides, StorySide
from monitor.readmodel.evidence_rows import (
    NO_COPIES,
    articles_of,
    check_channel,
    copies_of,
    said_of,
    weight_of,
)
from monitor.readmodel.model import ReadModel
from monitor.readmodel.reading import held_true, texts_of, timelines_of, topic_of
from monitor.readmodel.records import article_entry, segment_form
from monitor.readmodel.tables import ArticleBodyRow, ArticleRow, ClaimRow
from monitor.status.rules import RULES
from monitor.topics.model import Topic


class StoredArticle(NamedTuple):
    """An article with its text (None of a removed one), what may be shown of that, and its topic."""

    entry: ArticleEntry
    text: str | None
    display: str
    topic: Topic


def sides(
    model: ReadModel,
    topic: str,
    channel: str,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> Sides | None:
    """What speaks for and against a channel's last segment; None when nothing is known of it. Raises as `reports`."""
    with model.read() as session:
        defined = topic_of(session, topic)
        check_channel(defined, channel)
        segments = timelines_of(session, defined, as_of, known_at).get(channel, [])
        if not segments:
            return None
        now = segments[-1]
        return Sides(
            channel=channel,
            segment=segment_form(defined, now, []),
            carrying=_side(session, topic, now.claim_ids, known_at),
            against=_side(session, topic, now.counter_ids, known_at),
            is_cut=max(len(now.claim_ids), len(now.counter_ids)) >= RULES.evidence.kept,
        )


def article_evidence(
    model: ReadModel, topic: str, article: str, *, known_at: datetime | None = None
) -> ArticleEvidence | None:
    """An article with every claim in it, or None when there is no such article. Raises as `reports`."""
    with model.read() as session:
        defined = topic_of(session, topic)
        row = session.get(ArticleRow, (topic, article))
        if row is None:
            return None
        body = session.get(ArticleBodyRow, (topic, article))
        text = body.text if body else None
        every = session.execute(
            select(ClaimRow)
            .where(col(ClaimRow.topic) == topic, col(ClaimRow.article_id) == article)
            .order_by(col(ClaimRow.ordinal))
        ).scalars()
        newest = {
            claim.claim_id: claim for claim in every if known_at is None or claim.known_from <= known_at
        }
        placed = sorted(newest.values(), key=_place)
        copies, copied = copies_of(session, topic, [row], known_at).get(article, NO_COPIES)
    display = display_of(model.store, row.source)
    return ArticleEvidence(
        article=article_entry(row),
        unread=defined.unread_because(row.language),
        display=display,
        text=text if display == "text" else None,
        said=[said_of(claim, text) for claim in placed if _is_held(claim, known_at)],
        former=[said_of(claim, text) for claim in placed if not _is_held(claim, known_at)],
        copies=copies,
        copied=copied,
    )


def stored_article(model: ReadModel, topic: str, article: str) -> StoredArticle | None:
    """An article as it is stored, whatever may be shown of it; None when there is none. Raises as `sides`."""
    with model.read() as session:
        defined = topic_of(session, topic)
        row = session.get(ArticleRow, (topic, article))
        if row is None:
            return None
        body = session.get(ArticleBodyRow, (topic, article))
        entry, text = article_entry(row), body.text if body else None
    return StoredArticle(entry, text, display_of(model.store, entry.source), defined)


def _side(session: Session, topic: str, ids: Sequence[str], known_at: datetime | None) -> list[StorySide]:
    """The claims' stories, heaviest first, each with what its heaviest article says."""
    query = select(ClaimRow).where(
        col(ClaimRow.topic) == topic, col(ClaimRow.claim_id).in_(listed(ids)), *held_true(known_at)
    )
    claims = sorted(session.execute(query).scalars(), key=weight_of)
    named = list(dict.fromkeys(claim.article_id for claim in claims))
    articles, texts = articles_of(session, topic, named), texts_of(session, topic, named)
    stories: dict[str, str] = {}
    for id_ in named:
        stories.setdefault(articles[id_].story_id, id_)
    copied_of = copies_of(session, topic, [articles[id_] for id_ in stories.values()], known_at)
    found = []
    for first in stories.values():
        copies, copied = copied_of.get(first, NO_COPIES)
        said = [said_of(claim, texts.get(first)) for claim in claims if claim.article_id == first]
        found.append(
            StorySide(article=article_entry(articles[first]), said=said, copies=copies, copied=copied)
        )
    return found


def _is_held(claim: ClaimRow, known_at: datetime | None) -> bool:
    return claim.known_until is None or (known_at is not None and claim.known_until > known_at)


def _place(claim: ClaimRow) -> tuple[bool, int, str]:
    span = claim.claim["span"]
    return not span["in_title"], span["start"], claim.claim_id

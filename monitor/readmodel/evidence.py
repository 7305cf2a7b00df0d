"""What articles say of the talks, story by story, newest first.

A list is read in two steps: the ids of one page, by indexes alone, and then their rows with claims and texts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from monitor.readmodel.dialects import listed, newest_first
from monitor.readmodel.evidence_forms import Choices, Report, Reports
from monitor.readmodel.evidence_rows import (
    NO_COPIES,
    articles_of,
    check_channel,
    copies_of,
    said_of,
    weight_of,
)
from monitor.readmodel.model import ReadModel
from monitor.readmodel.reading import held_true, texts_of, topic_of
from monitor.readmodel.records import article_entry
from monitor.readmodel.search import ARTICLES, holds
from monitor.readmodel.tables import ArticleRow, ClaimRow
from monitor.topics.model import Topic
from monitor.vocabulary import ClaimKind

MOST_COUNTED = 10_000
_FEW = 1_000
"""So many are found first and then sorted: a database that looks for few in their order looks through all."""
_SHOWN = aliased(ArticleRow, name="shown")
_OTHER = aliased(ArticleRow, name="other")


@dataclass(frozen=True)
class EvidenceFilter:
    """Which articles; None lets all pass. `first` and `last` bound when they were published, both inside.

    `status` is what a claim says, or `denied`: that there are talks. `words` have to be in the title or the text.
    `known_at` asks for what was known then.
    """

    channel: str | None = None
    status: str | None = None
    language: str | None = None
    outlet: str | None = None
    words: str | None = None
    first: datetime | None = None
    last: datetime | None = None
    known_at: datetime | None = None


def reports(
    model: ReadModel, topic: str, chosen: EvidenceFilter, *, limit: int = 20, offset: int = 0
) -> Reports:
    """A page of the topic's stories, by their first article of those chosen.

    Raises:
        BadInputError: there is no such topic, or no such channel.
        StoreError: the read model cannot be read.
    """
    with model.read() as session:
        defined = topic_of(session, topic)
        check_channel(defined, chosen.channel)
        firsts = select(col(_SHOWN.article_id), col(_SHOWN.published_at)).where(
            *_first_of_story(session, topic, chosen)
        )
        some = firsts.limit(MOST_COUNTED + 1).subquery()
        count = session.execute(select(func.count()).select_from(some)).scalar_one()
        order = firsts.selected_columns
        if count <= _FEW:
            firsts, order = select(some), some.c
        newest = firsts.order_by(newest_first(order.published_at), newest_first(order.article_id))
        ids = session.execute(newest.limit(limit).offset(offset)).scalars().all() if count else []
        found = _reports(session, defined, ids, chosen)
    return Reports(reports=found, count=min(count, MOST_COUNTED), is_more=count > MOST_COUNTED)


def choices(model: ReadModel, topic: str) -> Choices:
    """The outlets and languages of the topic's articles; raises as `reports`."""
    with model.read() as session:
        topic_of(session, topic)
        return Choices(
            outlets=_frequent(session, topic, col(ArticleRow.outlet)),
            languages=_frequent(session, topic, col(ArticleRow.language)),
        )


def _first_of_story(session: Session, topic: str, chosen: EvidenceFilter) -> list[ColumnElement[bool]]:
    """The articles that are chosen, but for those of whose story an earlier one is chosen too."""
    shown, other = col(_SHOWN.published_at), col(_OTHER.published_at)
    sooner = or_(
        col(_OTHER.first_seen_at) < col(_SHOWN.first_seen_at),
        and_(
            col(_OTHER.first_seen_at) == col(_SHOWN.first_seen_at),
            col(_OTHER.article_id) < col(_SHOWN.article_id),
        ),
    )
    earlier = or_(
        other < shown,
        and_(other.is_not(None), shown.is_(None)),
        and_(other.is_not_distinct_from(shown), sooner),
    )
    same = col(_OTHER.story_id) == col(_SHOWN.story_id)
    others = exists().where(same, earlier, *_chosen(session, topic, _OTHER, "other", chosen))
    return [*_chosen(session, topic, _SHOWN, "shown", chosen), ~others]


def _chosen(
    session: Session, topic: str, article: type[ArticleRow], name: str, chosen: EvidenceFilter
) -> list[ColumnElement[bool]]:
    wanted = [col(article.topic) == topic]
    if chosen.language is not None:
        wanted.append(col(article.language) == chosen.language)
    if chosen.outlet is not None:
        wanted.append(col(article.outlet) == chosen.outlet)
    if chosen.first is not None:
        wanted.append(col(article.published_at) >= chosen.first)
    if chosen.last is not None:
        wanted.append(col(article.published_at) <= chosen.last)
    if chosen.known_at is not None:
        wanted.append(col(article.first_seen_at) <= chosen.known_at)
    if chosen.words is not None:
        wanted.append(holds(session, chosen.words, ARTICLES, name))
    if chosen.channel is not None or chosen.status is not None:
        said = select(col(ClaimRow.article_id)).where(*_claims(topic, chosen))
        wanted.append(col(article.article_id).in_(said))
    return wanted


def _claims(topic: str, chosen: EvidenceFilter) -> list[ColumnElement[bool]]:
    wanted = [col(ClaimRow.topic) == topic, *held_true(chosen.known_at)]
    if chosen.channel is not None:
        wanted.append(col(ClaimRow.channel) == chosen.channel)
    if chosen.status == ClaimKind.DENIED:
        wanted.append(col(ClaimRow.kind) == chosen.status)
    elif chosen.status is not None:
        wanted.append(col(ClaimRow.status) == chosen.status)
    return wanted


def _reports(session: Session, topic: Topic, ids: Sequence[str], chosen: EvidenceFilter) -> list[Report]:
    articles = articles_of(session, topic.id, ids)
    claims = select(ClaimRow).where(
        col(ClaimRow.topic) == topic.id,
        col(ClaimRow.article_id).in_(listed(ids)),
        *held_true(chosen.known_at),
    )
    said: dict[str, list[ClaimRow]] = {}
    for claim in session.execute(claims).scalars():
        said.setdefault(claim.article_id, []).append(claim)
    texts = texts_of(session, topic.id, said)
    copied_of = copies_of(session, topic.id, list(articles.values()), chosen.known_at)
    found = []
    for id_ in ids:
        row = articles[id_]
        copies, copied = copied_of.get(id_, NO_COPIES)
        told = sorted(said.get(id_, []), key=lambda claim: (not _is_asked(claim, chosen), weight_of(claim)))
        report = Report(
            article=article_entry(row),
            unread=topic.unread_because(row.language),
            said=[said_of(claim, texts.get(id_)) for claim in told],
            copies=copies,
            copied=copied,
        )
        found.append(report)
    return found


def _frequent(session: Session, topic: str, column: Any) -> list[str]:
    query = select(column).where(col(ArticleRow.topic) == topic).group_by(column)
    return list(session.execute(query.order_by(func.count().desc(), column)).scalars())


def _is_asked(claim: ClaimRow, chosen: EvidenceFilter) -> bool:
    says = chosen.status in {None, claim.kind if chosen.status == ClaimKind.DENIED else claim.status}
    return says and chosen.channel in {None, claim.channel}

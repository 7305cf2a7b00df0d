"""What the queries have in common: reads within one session, so that an answer is of one moment."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, Text, cast, or_
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from monitor.errors import NotFoundError
from monitor.readmodel.article_forms import Passage
from monitor.readmodel.dialects import listed, newest_first
from monitor.readmodel.forms import (
    ChannelStatus,
    Evidence,
    Shift,
)
from monitor.readmodel.records import passage_of, record_of, segment_of, shift_form
from monitor.readmodel.tables import ArticleBodyRow, ClaimRow, SegmentRow, ShiftRow, TopicRow
from monitor.status.headline import is_stale
from monitor.status.model import ClaimRecord, Segment
from monitor.status.timeline import timeline
from monitor.topics.model import Topic
from monitor.vocabulary import Status

STATUS_QUOTES = 5
"""The heaviest pieces of evidence that an answer about the status carries for each channel."""

Timelines = dict[str, list[Segment]]
Quotes = dict[str, Evidence]
Query = TypeVar("Query", bound=Select[Any])


_DEFINITIONS = sql_select(cast(TopicRow.definition, Text))
"""As the database keeps them: every question needs its topic, and hardly ever has that changed."""


def topic_of(session: Session, topic: str) -> Topic:
    """The topic as the log last defined it; NotFoundError, naming those that there are, when it does not."""
    found = session.execute(_DEFINITIONS.where(col(TopicRow.topic) == topic)).scalar_one_or_none()
    if found is None:
        known = ", ".join(session.exec(select(TopicRow.topic).order_by(TopicRow.topic)).all())
        raise NotFoundError(f"there is no topic {topic!r}; there is: {known or 'none yet'}")
    return _defined(found)


def topics_of(session: Session) -> list[Topic]:
    """All topics as the log last defined them, in no order."""
    return [_defined(text) for text in session.execute(_DEFINITIONS).scalars()]


@lru_cache(maxsize=256)
def _defined(text: str) -> Topic:
    return Topic.model_validate_json(text)


def timelines_of(session: Session, topic: Topic, as_of: date | None, known_at: datetime | None) -> Timelines:
    """Each channel's segments: the stored ones, or those of another day or of what was known then."""
    if as_of is None and known_at is None:
        rows = session.exec(
            select(SegmentRow).where(SegmentRow.topic == topic.id).order_by(col(SegmentRow.ordinal))
        )
        timelines: Timelines = {}
        for row in rows:
            timelines.setdefault(row.channel, []).append(segment_of(row))
        return timelines
    return timeline(_records(session, topic.id, known_at), as_of=as_of, known_at=known_at)


def _records(session: Session, topic: str, known_at: datetime | None) -> Iterator[ClaimRecord]:
    """The records of what was known at a moment; None: of what is known now."""
    query = select(ClaimRow).where(ClaimRow.topic == topic, *held_true(known_at))
    return (record_of(row) for row in session.exec(query))


def held_true(known_at: datetime | None) -> tuple[ColumnElement[bool], ...]:
    """The condition on claim records that they were held true at a moment; None: that they are now."""
    until = col(ClaimRow.known_until)
    if known_at is None:
        return (until.is_(None),)
    return col(ClaimRow.known_from) <= known_at, or_(until.is_(None), until > known_at)


def current_timelines(
    session: Session, topic: Topic, as_of: date | None, known_at: datetime | None
) -> Timelines:
    """As `timelines_of`, of which only each channel's last segment is asked for: of the stored ones, nothing else."""
    if as_of is not None or known_at is not None:
        return timelines_of(session, topic, as_of, known_at)
    found = {channel.id: current_segment(session, topic.id, channel.id) for channel in topic.channels}
    return {channel: [segment] for channel, segment in found.items() if segment is not None}


def current_segment(session: Session, topic: str, channel: str) -> Segment | None:
    """The last of a channel's stored segments."""
    query = select(SegmentRow).where(SegmentRow.topic == topic, SegmentRow.channel == channel)
    row = session.exec(query.order_by(col(SegmentRow.ordinal).desc()).limit(1)).first()
    return None if row is None else segment_of(row)


def channel_status(
    topic: Topic, channel: str, segments: list[Segment], quotes: Quotes, today: date
) -> ChannelStatus:
    """Where a channel stands on the day `today`, with the heaviest evidence."""
    now = segments[-1] if segments else None
    return ChannelStatus(
        channel=channel,
        status=now.status if now else Status.NONE,
        since=now.start if now else None,
        certainty=now.certainty if now else None,
        confidence=now.confidence if now else None,
        contested=now.contested if now else False,
        stale=is_stale(now, today, topic.stale_after_days) if now else False,
        evidence=quotes_of(now, quotes, STATUS_QUOTES) if now else [],
    )


def quotes_for(session: Session, topic: str, segments: Iterable[Segment], limit: int) -> Quotes:
    """Claim id -> its quote, of the `limit` heaviest claims that carry each segment."""
    claim_ids = [id_ for segment in segments for id_ in segment.claim_ids[:limit]]
    query = sql_select(
        col(ClaimRow.claim_id),
        col(ClaimRow.article_id),
        col(ClaimRow.outlet),
        col(ClaimRow.published_at),
        col(ClaimRow.url),
        col(ClaimRow.claim)[("span", "text")].as_string(),
    )
    rows = session.connection().execute(_of_claims(query, topic, claim_ids))
    return {
        id_: Evidence(article=article, outlet=outlet, published_at=published_at, quote=quote, url=url)
        for id_, article, outlet, published_at, url, quote in rows
    }


def quotes_of(segment: Segment, quotes: Quotes, limit: int) -> list[Evidence]:
    """The segment's evidence, heaviest first; a passage that makes several claims stands there once."""
    found = [quotes[id_] for id_ in segment.claim_ids[:limit] if id_ in quotes]
    return list({(one.article, one.quote): one for one in reversed(found)}.values())[::-1]


def _of_claims(query: Query, topic: str, claim_ids: Sequence[str]) -> Query:
    """Only these claims, the newest record of each last."""
    chosen = col(ClaimRow.claim_id).in_(listed(claim_ids))
    return query.where(col(ClaimRow.topic) == topic, chosen).order_by(col(ClaimRow.ordinal))


def texts_of(session: Session, topic: str, ids: Iterable[str]) -> dict[str, str]:
    """Article id -> its text, of those that have one."""
    body = sql_select(col(ArticleBodyRow.article_id), col(ArticleBodyRow.text)).where(
        col(ArticleBodyRow.topic) == topic, col(ArticleBodyRow.article_id).in_(listed(ids))
    )
    return {row.article_id: row.text for row in session.execute(body)}


def passages_of(session: Session, topic: str, claim_ids: Sequence[str], limit: int) -> list[Passage]:
    """Claims as passages amid their article's text."""
    claims = session.exec(_of_claims(select(ClaimRow), topic, claim_ids[:limit]))
    rows = {row.claim_id: row for row in claims}
    texts = texts_of(session, topic, {row.article_id for row in rows.values()})
    told = [rows[id_] for id_ in claim_ids[:limit] if id_ in rows]
    return [passage_of(row, texts.get(row.article_id)) for row in told]


def text_and_passages(session: Session, topic: str, article: str) -> tuple[str | None, list[Passage]]:
    """An article's text (None of a removed one), and the passages of its claims in their order, each once."""
    body = session.get(ArticleBodyRow, (topic, article))
    text = body.text if body else None
    query = claims_query(topic, ClaimFilter(article=article))
    claims = session.exec(query.order_by(CLAIM_PLACE, ClaimRow.claim_id, col(ClaimRow.ordinal)))
    found = [passage_of(claim, text) for claim in claims]
    once = {(one.before, one.quote, one.after): one for one in reversed(found)}
    return text, list(once.values())[::-1]


def newest_shift(
    session: Session, topic: str, as_of: date | None = None, known_at: datetime | None = None
) -> Shift | None:
    """The shift that holds with the latest start."""
    start = func.coalesce(ShiftRow.start_latest, ShiftRow.start_earliest)
    query = select(ShiftRow).where(ShiftRow.topic == topic, ShiftRow.state != "withdrawn")
    if as_of is not None:
        query = query.where(start <= as_of)
    if known_at is not None:
        query = query.where(col(ShiftRow.shifted_at) <= known_at)
    query = query.order_by(newest_first(start), newest_first(col(ShiftRow.shifted_at)), ShiftRow.shift_id)
    row = session.exec(query.limit(1)).first()
    return None if row is None else shift_form(row)


@dataclass(frozen=True)
class ClaimFilter:
    """Which claims; None lets all pass. `first` and `last` bound when their articles were published, both inside.

    `superseded` brings those too that are no longer held true, `known_at` those that were held true at that moment.
    """

    channel: str | None = None
    kind: str | None = None
    article: str | None = None
    first: datetime | None = None
    last: datetime | None = None
    superseded: bool = False
    status: str | None = None
    outlet: str | None = None
    known_at: datetime | None = None


CLAIM_PLACE = col(ClaimRow.claim)[("span", "start")].as_integer()
"""Where in its article's text a claim stands."""


def claims_query(topic: str, chosen: ClaimFilter) -> SelectOfScalar[ClaimRow]:
    """The chosen claims, in no order."""
    query = select(ClaimRow).where(ClaimRow.topic == topic)
    for column, value in (
        (ClaimRow.channel, chosen.channel),
        (ClaimRow.kind, chosen.kind),
        (ClaimRow.article_id, chosen.article),
        (ClaimRow.status, chosen.status),
        (ClaimRow.outlet, chosen.outlet),
    ):
        if value is not None:
            query = query.where(column == value)
    if chosen.first is not None:
        query = query.where(col(ClaimRow.published_at) >= chosen.first)
    if chosen.last is not None:
        query = query.where(col(ClaimRow.published_at) <= chosen.last)
    if chosen.known_at is not None or not chosen.superseded:
        query = query.where(*held_true(chosen.known_at))
    return query

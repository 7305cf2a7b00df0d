"""What the queries have in common: reads within one session, so that an answer is of one moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from monitor.errors import BadInputError
from monitor.readmodel.forms import ChannelStatus, Evidence, Passage, Shift
from monitor.readmodel.records import evidence_of, passage_of, record_of, segment_of, shift_form
from monitor.readmodel.tables import ArticleBodyRow, ClaimRow, SegmentRow, ShiftRow, TopicRow
from monitor.status.headline import is_stale
from monitor.status.model import Segment
from monitor.status.timeline import timeline
from monitor.topics.model import Topic
from monitor.vocabulary import Status

STATUS_QUOTES = 5
"""The heaviest pieces of evidence that an answer about the status carries for each channel."""

Timelines = dict[str, list[Segment]]


def topic_of(session: Session, topic: str) -> Topic:
    """The topic as the log last defined it; BadInputError, naming those that there are, when it does not."""
    row = session.get(TopicRow, topic)
    if row is None:
        known = ", ".join(session.exec(select(TopicRow.topic).order_by(TopicRow.topic)).all())
        raise BadInputError(f"there is no topic {topic!r}; there is: {known or 'none yet'}")
    return Topic.model_validate(row.definition)


def timelines_of(session: Session, topic: Topic, as_of: date | None, known_at: datetime | None) -> Timelines:
    """Each channel's segments: the stored ones, or those of another day or of what was known then."""
    if as_of is None and known_at is None:
        return stored_segments(session, topic.id)
    rows = session.exec(select(ClaimRow).where(ClaimRow.topic == topic.id)).all()
    return timeline((record_of(row) for row in rows), as_of=as_of, known_at=known_at)


def stored_segments(session: Session, topic: str) -> Timelines:
    """Each channel's current segments, oldest first."""
    rows = session.exec(select(SegmentRow).where(SegmentRow.topic == topic).order_by(col(SegmentRow.ordinal)))
    timelines: Timelines = {}
    for row in rows:
        timelines.setdefault(row.channel, []).append(segment_of(row))
    return timelines


def channel_status(
    session: Session, topic: Topic, channel: str, segments: list[Segment], today: date
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
        evidence=quotes_of(now, claims_carrying(session, topic.id, [now]), STATUS_QUOTES) if now else [],
    )


def claims_carrying(session: Session, topic: str, segments: Iterable[Segment]) -> dict[str, ClaimRow]:
    """The newest record of each claim that carries one of the segments."""
    return _newest(session, topic, [id_ for segment in segments for id_ in segment.claim_ids])


def _newest(session: Session, topic: str, claim_ids: Sequence[str]) -> dict[str, ClaimRow]:
    query = select(ClaimRow).where(ClaimRow.topic == topic, col(ClaimRow.claim_id).in_(claim_ids))
    return {row.claim_id: row for row in session.exec(query.order_by(col(ClaimRow.ordinal)))}


def quotes_of(segment: Segment, rows: dict[str, ClaimRow], limit: int) -> list[Evidence]:
    """The segment's evidence, heaviest first."""
    return [evidence_of(rows[id_]) for id_ in segment.claim_ids if id_ in rows][:limit]


def passages_of(session: Session, topic: str, claim_ids: Sequence[str], limit: int) -> list[Passage]:
    """Claims as passages amid their article's text."""
    rows = _newest(session, topic, claim_ids[:limit])
    found = []
    for id_ in claim_ids[:limit]:
        if (row := rows.get(id_)) is not None:
            body = session.get(ArticleBodyRow, (topic, row.article_id))
            found.append(passage_of(row, body.text if body else None))
    return found


def last_shift(session: Session, topic: str, as_of: date | None, known_at: datetime | None) -> Shift | None:
    """The shift that holds with the latest start."""
    start = func.coalesce(ShiftRow.start_latest, ShiftRow.start_earliest)
    query = select(ShiftRow).where(ShiftRow.topic == topic, ShiftRow.state != "withdrawn")
    if as_of is not None:
        query = query.where(start <= as_of)
    if known_at is not None:
        query = query.where(col(ShiftRow.shifted_at) <= known_at)
    row = session.exec(
        query.order_by(start.desc(), col(ShiftRow.shifted_at).desc(), ShiftRow.shift_id)
    ).first()
    return None if row is None else shift_form(row)


@dataclass(frozen=True)
class ClaimFilter:
    """Which claims; None lets all pass. `superseded` brings those too that are no longer held true."""

    channel: str | None = None
    kind: str | None = None
    article: str | None = None
    published_from: datetime | None = None
    published_before: datetime | None = None
    superseded: bool = False


def claims_query(topic: str, chosen: ClaimFilter) -> SelectOfScalar[ClaimRow]:
    """The chosen claims, newest article first and in the order of its text."""
    query = select(ClaimRow).where(ClaimRow.topic == topic)
    for column, value in (
        (ClaimRow.channel, chosen.channel),
        (ClaimRow.kind, chosen.kind),
        (ClaimRow.article_id, chosen.article),
    ):
        if value is not None:
            query = query.where(column == value)
    if chosen.published_from is not None:
        query = query.where(col(ClaimRow.published_at) >= chosen.published_from)
    if chosen.published_before is not None:
        query = query.where(col(ClaimRow.published_at) < chosen.published_before)
    if not chosen.superseded:
        query = query.where(col(ClaimRow.known_until).is_(None))
    place = col(ClaimRow.claim)[("span", "start")].as_integer()
    return query.order_by(
        col(ClaimRow.published_at).desc(),
        ClaimRow.article_id,
        place,
        ClaimRow.claim_id,
        col(ClaimRow.ordinal),
    )

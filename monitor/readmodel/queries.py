"""The questions that every screen asks of the read model: command line, API and dashboard alike. None needs Redis.

`now` (UTC-aware) comes in as an argument: staleness is computed when asked, never stored. A question about the present
reads the stored segments; one about another day, or about what was known then, is computed from the claim records.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import col, select

from monitor.errors import BadInputError, ParleyError, StoreError
from monitor.readmodel import lists, roles
from monitor.readmodel.alert_csv import alerts_csv
from monitor.readmodel.alert_evidence import alert_passages
from monitor.readmodel.alert_lists import (
    AlertFilter,
    AlertsPage,
    Listed,
    alert,
    alert_batches,
    alerts,
    alerts_page,
)
from monitor.readmodel.article_forms import ArticleEntry, ArticleShown, Passage, Passages
from monitor.readmodel.calibration import Proved, calibration
from monitor.readmodel.checks import Checks, checks, checks_of
from monitor.readmodel.deliveries import Delivered, delivered
from monitor.readmodel.dialects import newest_first
from monitor.readmodel.dismissals import Dismissal, JudgedClaim, dismissed_claims, judged_claim
from monitor.readmodel.display import display_of
from monitor.readmodel.evidence import EvidenceFilter, choices, reports
from monitor.readmodel.evidence_forms import ArticleEvidence, Choices, Report, Reports, Said, Sides, StorySide
from monitor.readmodel.forms import (
    AlertChange,
    AlertEntry,
    ChannelStatus,
    ChannelTimeline,
    ClaimEntry,
    Evidence,
    Freshness,
    Headline,
    PassedOver,
    SegmentForm,
    Silence,
    SourceForm,
    SourceProblem,
    TopicEntry,
    TopicStatus,
    TopicTimeline,
)
from monitor.readmodel.front import Front, Support, front
from monitor.readmodel.lists import ShiftFilter, shifts, silences
from monitor.readmodel.marks import AlertMark, alert_marks
from monitor.readmodel.model import ReadModel
from monitor.readmodel.operations import Operations, Process, Queued, Stage, operations
from monitor.readmodel.progress import freshness, version, wait_for
from monitor.readmodel.reading import (
    STATUS_QUOTES,
    ClaimFilter,
    channel_status,
    current_timelines,
    newest_shift,
    quotes_for,
    quotes_of,
    text_and_passages,
    timelines_of,
    topic_of,
    topics_of,
)
from monitor.readmodel.records import article_entry, segment_form
from monitor.readmodel.sides import article_evidence, sides
from monitor.readmodel.sources import passed_over, sources
from monitor.readmodel.store import Store
from monitor.readmodel.tables import ArticleRow
from monitor.readmodel.timeline_csv import timeline_csv
from monitor.readmodel.volume import VolumeEntry, first_day, volume
from monitor.status.headline import headline
from monitor.topics.model import Topic
from monitor.vocabulary import WITHHELD, Status

__all__ = [
    "WITHHELD",
    "AlertChange",
    "AlertEntry",
    "AlertFilter",
    "AlertMark",
    "AlertsPage",
    "ArticleEntry",
    "ArticleEvidence",
    "ArticleShown",
    "BadInputError",
    "ChannelStatus",
    "ChannelTimeline",
    "Checks",
    "Choices",
    "ClaimEntry",
    "ClaimFilter",
    "Delivered",
    "Dismissal",
    "Evidence",
    "EvidenceFilter",
    "Freshness",
    "Front",
    "Headline",
    "JudgedClaim",
    "Listed",
    "Operations",
    "ParleyError",
    "Passage",
    "Passages",
    "PassedOver",
    "Process",
    "Proved",
    "Queued",
    "ReadModel",
    "Report",
    "Reports",
    "Said",
    "SegmentForm",
    "ShiftFilter",
    "Sides",
    "Silence",
    "SourceForm",
    "SourceProblem",
    "Stage",
    "Store",
    "StoreError",
    "StorySide",
    "Support",
    "TopicEntry",
    "TopicStatus",
    "TopicTimeline",
    "VolumeEntry",
    "alert",
    "alert_batches",
    "alert_marks",
    "alert_passages",
    "alerts",
    "alerts_csv",
    "alerts_page",
    "article",
    "article_evidence",
    "articles",
    "calibration",
    "checks",
    "checks_of",
    "choices",
    "claims",
    "definition",
    "delivered",
    "dismissed_claims",
    "first_day",
    "freshness",
    "front",
    "judged_claim",
    "leading",
    "operations",
    "passed_over",
    "reports",
    "shifts",
    "sides",
    "silences",
    "sources",
    "standing",
    "status",
    "timeline",
    "timeline_csv",
    "topics",
    "troubles",
    "version",
    "volume",
    "wait_for",
]

_SEGMENT_QUOTES = 50


def status(
    model: ReadModel,
    topic: str,
    *,
    now: datetime,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> TopicStatus:
    """Where the topic's talks stand now; on the day `as_of`; by what was known at `known_at` (UTC-aware).

    Raises:
        BadInputError: there is no such topic; the message names those that there are.
        StoreError: there is no read model yet, or it cannot be read.
    """
    today = as_of or (known_at or now).date()
    with model.read() as session:
        defined = topic_of(session, topic)
        timelines = current_timelines(session, defined, as_of, known_at)
        now_held = [segments[-1] for segments in timelines.values()]
        quotes = quotes_for(session, topic, now_held, STATUS_QUOTES)
        channels = [
            channel_status(defined, channel.id, timelines.get(channel.id, []), quotes, today)
            for channel in defined.channels
        ]
        _, segment, stale = headline(defined, timelines, today)
        return TopicStatus(
            topic=topic,
            status=segment.status if segment else Status.NONE,
            since=segment.start if segment else None,
            certainty=segment.certainty if segment else None,
            confidence=segment.confidence if segment else None,
            contested=segment.contested if segment else False,
            stale=stale,
            channels=channels,
            last_shift=newest_shift(session, topic, as_of, known_at),
        )


def leading(answer: TopicStatus) -> ChannelStatus | None:
    """The channel that gives a topic its headline; None when nothing is known of any."""
    known = [channel for channel in answer.channels if channel.status != Status.NONE]
    return next((channel for channel in known if not channel.stale), known[0] if known else None)


def standing(
    model: ReadModel,
    topic: str,
    *,
    now: datetime,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> tuple[Status, bool]:
    """The status alone that `status` tells of, and whether it is stale; raises as that does."""
    today = as_of or (known_at or now).date()
    with model.read() as session:
        defined = topic_of(session, topic)
        _, segment, stale = headline(defined, current_timelines(session, defined, as_of, known_at), today)
        return (segment.status if segment else Status.NONE), stale


def timeline(
    model: ReadModel, topic: str, *, as_of: date | None = None, known_at: datetime | None = None
) -> TopicTimeline:
    """The segments of each of the topic's channels, oldest first; raises as `status` does."""
    with model.read() as session:
        defined = topic_of(session, topic)
        timelines = timelines_of(session, defined, as_of, known_at)
        every = (segment for segments in timelines.values() for segment in segments)
        quotes = quotes_for(session, topic, every, _SEGMENT_QUOTES)
        return TopicTimeline(
            topic=topic,
            channels=[
                ChannelTimeline(
                    channel=channel.id,
                    segments=[
                        segment_form(defined, segment, quotes_of(segment, quotes, _SEGMENT_QUOTES))
                        for segment in timelines.get(channel.id, [])
                    ],
                )
                for channel in defined.channels
            ],
        )


def claims(
    model: ReadModel, topic: str, chosen: ClaimFilter | None = None, *, limit: int | None = None
) -> list[ClaimEntry]:
    """The topic's claims, newest article first and in the order of its text; raises as `status` does."""
    return lists.claims(model, topic, chosen or ClaimFilter(), limit=limit).entries


def articles(
    model: ReadModel, topic: str, *, ids: Sequence[str] | None = None, limit: int | None = None
) -> list[ArticleEntry]:
    """The topic's articles, newest first; raises as `status` does."""
    query = select(ArticleRow).where(ArticleRow.topic == topic)
    if ids is not None:
        query = query.where(col(ArticleRow.article_id).in_(ids))
    query = query.order_by(
        newest_first(col(ArticleRow.published_at)), newest_first(col(ArticleRow.article_id))
    )
    with model.read() as session:
        topic_of(session, topic)
        return [article_entry(row) for row in session.exec(query.limit(limit)).all()]


def article(model: ReadModel, topic: str, article_id: str) -> ArticleShown | None:
    """An article with what its source lets be shown of its text, or None when there is no such article.

    Raises:
        BadInputError: there is no such topic.
        StoreError: the read model, or the service's database, cannot be read.
    """
    with model.read() as session:
        topic_of(session, topic)
        row = session.get(ArticleRow, (topic, article_id))
        if row is None:
            return None
        text, found = text_and_passages(session, topic, article_id)
    display = display_of(model.store, row.source)
    shown = text if display == "text" else None
    return ArticleShown(article=article_entry(row), display=display, text=shown, passages=found)


def topics(model: ReadModel) -> list[TopicEntry]:
    """The topics that the log defines, by label; none when nothing was ever read.

    Raises:
        StoreError: the read model cannot be read.
    """
    if not model.exists():
        return []
    with model.read() as session:
        defined = topics_of(session)
    return [
        TopicEntry(
            topic=topic.id,
            label=topic.label,
            channels={part.id: part.label for part in topic.channels},
            time_zone=topic.time_zone,
        )
        for topic in sorted(defined, key=lambda topic: topic.label)
    ]


def definition(model: ReadModel, topic: str) -> Topic:
    """The topic as the log defines it, watched or not; raises as `status` does."""
    with model.read() as session:
        return topic_of(session, topic)


def troubles(model: ReadModel, now: datetime) -> dict[str, str]:
    """Role of the service -> what hinders it at `now` (UTC-aware); empty when all is well, or nothing runs.

    Raises:
        StoreError: the service's database cannot be read.
    """
    return roles.troubles(model.store, now)

"""What the Status page asks beside the status: the way that led here, and what stands behind it. At one moment.

The segments come without their quotes: the page shows where they lie, and a few passages of the one that holds now.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from monitor.readmodel.article_forms import Passages
from monitor.readmodel.dialects import listed
from monitor.readmodel.forms import ChannelTimeline, Form
from monitor.readmodel.model import ReadModel
from monitor.readmodel.reading import STATUS_QUOTES, passages_of, timelines_of, topic_of
from monitor.readmodel.records import record_of, segment_form
from monitor.readmodel.tables import ClaimRow
from monitor.status.weighing import is_on_record
from monitor.topics import Topic
from monitor.vocabulary import Precision


class Support(Form):
    """How many articles, of which outlets, say one thing."""

    articles: int
    outlets: frozenset[str]
    on_record: list[str]
    """Labels of the parties that say of their own stance that it is so, by name."""
    first_at: datetime | None
    """When the first of them was published; None where that is not known to the minute."""


class Front(Form):
    """The channels' segments, oldest first and without quotes, and who speaks for and against one channel's last."""

    channels: list[ChannelTimeline]
    carrying: Support
    against: Support
    passages: Passages


def front(
    model: ReadModel,
    topic: str,
    channel: str,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> Front:
    """The topic's way, and the evidence of the channel's current segment; raises as `queries.status` does."""
    with model.read() as session:
        defined = topic_of(session, topic)
        timelines = timelines_of(session, defined, as_of, known_at)
        now = timelines[channel][-1] if timelines.get(channel) else None
        carrying, against = (now.claim_ids, now.counter_ids) if now else ((), ())
        return Front(
            channels=[
                ChannelTimeline(
                    channel=one.id,
                    segments=[segment_form(defined, segment, []) for segment in timelines.get(one.id, [])],
                )
                for one in defined.channels
            ],
            carrying=_side(session, defined, carrying),
            against=_side(session, defined, against),
            passages=Passages(
                carrying=passages_of(session, topic, carrying, STATUS_QUOTES),
                against=passages_of(session, topic, against, STATUS_QUOTES),
            ),
        )


def _side(session: Session, topic: Topic, claim_ids: Sequence[str]) -> Support:
    query = select(ClaimRow).where(ClaimRow.topic == topic.id, col(ClaimRow.claim_id).in_(listed(claim_ids)))
    rows = session.exec(query).all() if claim_ids else []
    speaking = {record.claim.speaker for record in map(record_of, rows) if is_on_record(record)}
    dated = ((row.published_at, row.precision) for row in rows if row.published_at)
    first = min(dated, default=None)
    return Support(
        articles=len({row.article_id for row in rows}),
        outlets=frozenset(row.outlet for row in rows),
        on_record=[party.label for party in topic.parties if party.id in speaking],
        first_at=first[0] if first and first[1] == Precision.TIME else None,
    )

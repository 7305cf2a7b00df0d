"""What the Status page asks beside the status: the way that led here, and what stands behind it. At one moment.

The segments come without their quotes: the page shows where they lie, and a few passages of the one that holds now.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from monitor.readmodel.article_forms import Passages
from monitor.readmodel.dialects import listed
from monitor.readmodel.forms import AlertEntry, ChannelTimeline, Form
from monitor.readmodel.lists import AlertFilter
from monitor.readmodel.lists import alerts as alerts_of
from monitor.readmodel.model import ReadModel
from monitor.readmodel.reading import STATUS_QUOTES, passages_of, timelines_of, topic_of
from monitor.readmodel.records import segment_form
from monitor.readmodel.tables import ClaimRow
from monitor.vocabulary import Precision

_LOOKED_BACK = 200


class Side(Form):
    """How many articles, of which outlets, say one thing."""

    articles: int
    outlets: frozenset[str]
    first_at: datetime | None
    """When the first of them was published; None where that is not known to the minute."""


class Front(Form):
    """The channels' segments, oldest first and without quotes, and who speaks for and against one channel's last."""

    channels: list[ChannelTimeline]
    carrying: Side
    against: Side
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
                    segments=[segment_form(segment, []) for segment in timelines.get(one.id, [])],
                )
                for one in defined.channels
            ],
            carrying=_side(session, topic, carrying),
            against=_side(session, topic, against),
            passages=Passages(
                carrying=passages_of(session, topic, carrying, STATUS_QUOTES),
                against=passages_of(session, topic, against, STATUS_QUOTES),
            ),
        )


def latest_alerts(
    model: ReadModel,
    topic: str,
    limit: int,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> list[AlertEntry]:
    """The topic's newest alerts, raised by a moment, on shifts by a day; raises as `queries.status` does."""
    wanted = AlertFilter(last=known_at)
    found = alerts_of(model, topic, wanted, limit=limit if as_of is None else _LOOKED_BACK).entries
    if as_of is not None:
        found = [one for one in found if one.effective_at is None or one.effective_at <= as_of]
    return found[:limit]


def _side(session: Session, topic: str, claim_ids: Sequence[str]) -> Side:
    query = select(
        col(ClaimRow.article_id), col(ClaimRow.outlet), col(ClaimRow.published_at), col(ClaimRow.precision)
    ).where(col(ClaimRow.topic) == topic, col(ClaimRow.claim_id).in_(listed(claim_ids)))
    rows = session.connection().execute(query).all() if claim_ids else []
    first = min(((published, precision) for _, _, published, precision in rows if published), default=None)
    return Side(
        articles=len({article for article, *_ in rows}),
        outlets=frozenset(outlet for _, outlet, *_ in rows),
        first_at=first[0] if first and first[1] == Precision.TIME else None,
    )

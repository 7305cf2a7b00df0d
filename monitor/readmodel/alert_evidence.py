"""What speaks for an alert and what speaks against it, with the text around each passage."""

from datetime import datetime

from sqlmodel import Session

from monitor.readmodel.article_forms import Passages
from monitor.readmodel.forms import AlertEntry
from monitor.readmodel.model import ReadModel
from monitor.readmodel.reading import passages_of, timelines_of, topic_of
from monitor.readmodel.tables import ShiftRow
from monitor.status.model import Segment

_MOST = 10


def alert_passages(
    model: ReadModel, entry: AlertEntry, *, known_at: datetime | None = None, limit: int = _MOST
) -> Passages:
    """Of each side the heaviest, by what is known now or was at a moment; of an alert that fell away, what carried it.

    Raises:
        BadInputError: there is no such topic.
        StoreError: the read model cannot be read.
    """
    with model.read() as session:
        shift = session.get(ShiftRow, (entry.topic, entry.shift))
        told = list(shift.claim_ids) if shift else []
        segment = _segment(session, entry, set(told), known_at)
        if segment is None:
            return Passages(carrying=passages_of(session, entry.topic, told, limit), against=[])
        return Passages(
            carrying=passages_of(session, entry.topic, segment.claim_ids, limit),
            against=passages_of(session, entry.topic, segment.counter_ids, limit),
        )


def _segment(
    session: Session, entry: AlertEntry, told: set[str], known_at: datetime | None
) -> Segment | None:
    """The segment that the alert's claims carry."""
    timelines = timelines_of(session, topic_of(session, entry.topic), None, known_at)
    segments = [one for one in timelines.get(entry.channel, []) if one.status == entry.to]
    shared = max(segments, key=lambda one: len(told.intersection(one.claim_ids)), default=None)
    return shared if shared is not None and told.intersection(shared.claim_ids) else None

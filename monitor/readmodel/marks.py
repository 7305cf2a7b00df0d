"""Alerts as marks on a timeline: no more of each than a mark needs, so that thousands cost little."""

from datetime import date, datetime
from typing import NamedTuple

from sqlmodel import col

from monitor.readmodel.alert_lists import standing
from monitor.readmodel.model import ReadModel
from monitor.readmodel.reading import topic_of
from monitor.readmodel.tables import AlertRow


class AlertMark(NamedTuple):
    """An alert on the day on which its shift happened, as it was told."""

    alert: str
    channel: str
    to: str
    name: str
    state: str
    day: date


def alert_marks(
    model: ReadModel, topic: str, first: date, last: date, *, known_at: datetime | None = None
) -> list[AlertMark]:
    """The alerts of the days from `first` to `last`, by day; as they stood at `known_at` (UTC-aware).

    Raises:
        BadInputError: there is no such topic.
        StoreError: the read model cannot be read.
    """
    stood, query = standing(topic, known_at)
    marks = query.with_only_columns(
        col(AlertRow.alert_id),
        col(AlertRow.channel),
        col(AlertRow.to_status),
        col(stood.name),
        col(stood.state),
        col(stood.effective_at),
    )
    of_days = marks.where(col(stood.effective_at).between(first, last))
    with model.read() as session:
        topic_of(session, topic)
        rows = session.execute(of_days.order_by(col(stood.effective_at), col(stood.alert_id)))
        return [AlertMark(*row) for row in rows]

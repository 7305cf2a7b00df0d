"""Alerts as marks on a timeline: no more of each than a mark needs, so that thousands cost little."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import col

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
    query = (
        select(
            col(AlertRow.alert_id),
            col(AlertRow.channel),
            col(AlertRow.to_status),
            col(AlertRow.name),
            col(AlertRow.state),
            col(AlertRow.effective_at),
            *([col(AlertRow.changes)] if known_at else []),
        )
        .where(col(AlertRow.topic) == topic, col(AlertRow.effective_at).between(first, last))
        .order_by(col(AlertRow.effective_at), col(AlertRow.alert_id))
    )
    with model.read() as session:
        topic_of(session, topic)
        rows: list[Any] = list(session.connection().execute(query))
    if known_at is None:
        return [AlertMark(*row) for row in rows]
    found = []
    for *fields, changes in rows:
        states = [one["state"] for one in changes if datetime.fromisoformat(one["at"]) <= known_at]
        if states:
            found.append(AlertMark(*fields)._replace(state=states[-1]))
    return found

"""What was decided, event by event in the order of the log, for those who follow it: feeds and live streams.

`status.*`, and `alert.*` as people are told of it: without alerts that were held back, without the end of those, and
without operators' notes. A place in this order is named by its event's id, which a rebuild or an import of the log
into another Redis keeps; positions may differ then.
"""

import json
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import tuple_
from sqlmodel import col, select

from monitor.errors import NotFoundError
from monitor.log.events import AlertCancelled, AlertRaised, ArticleRemoved, Event, data_of
from monitor.log.stream import Recorded, order
from monitor.readmodel.alert_writes import removed_of, withheld
from monitor.readmodel.model import ReadModel
from monitor.readmodel.page import Page
from monitor.readmodel.reading import topic_of
from monitor.readmodel.tables import CheckpointRow, DecisionRow, TopicRow
from monitor.topics.model import Topic

BEGINNING = "0"
"""The place before a topic's first decision."""

_ALERTS = ("alert.raised", "alert.updated", "alert.cancelled")


class ToldAlerts(NamedTuple):
    """A topic's latest alert events, newest first; when it was defined, and when the last of its events was."""

    topic: Topic
    events: list[Event]
    defined_at: datetime
    moved_at: datetime


class Following(NamedTuple):
    """What was decided after a place, oldest first; `known` is False when there is no such place."""

    topic: Topic
    events: list[Event]
    known: bool


def keep(page: Page, recorded: Recorded) -> None:
    """Add the event to the decisions when it is one that is told; take the words of a removed article out of them."""
    event = recorded.event
    if event.type == "article.removed":
        _withhold(page, data_of(event, ArticleRemoved).article_id)
    elif event.type.startswith("status."):
        _add(page, recorded, event.data, None)
    elif event.type in {"alert.raised", "alert.updated"}:
        alert = data_of(event, AlertRaised)
        removed = removed_of(page, alert.evidence)
        evidence = [withheld(quote, removed) for quote in event.data["evidence"]]
        _add(page, recorded, {**event.data, "evidence": evidence}, alert.alert_id)
    elif event.type == "alert.cancelled":
        cancelled = data_of(event, AlertCancelled).alert_id
        if any(row["alert_id"] == cancelled for row in page.all(DecisionRow)):  # else nobody was told of it
            _add(page, recorded, event.data, cancelled)


def told_alerts(model: ReadModel, topic: str, *, limit: int) -> ToldAlerts:
    """The topic's latest alerts, updates and cancellations; raises as `queries.status` does."""
    newest = (
        select(DecisionRow)
        .where(DecisionRow.topic == topic, col(DecisionRow.type).in_(_ALERTS))
        .order_by(col(DecisionRow.ms).desc(), col(DecisionRow.sequence).desc())
        .limit(limit)
    )
    with model.read() as session:
        defined = topic_of(session, topic)
        checkpoint, row = session.get(CheckpointRow, topic), session.get_one(TopicRow, topic)
        moved_at = checkpoint.recorded_at if checkpoint else row.defined_at
        return ToldAlerts(defined, list(map(_event, session.exec(newest))), row.defined_at, moved_at)


def told_alert(model: ReadModel, topic: str, event: str) -> ToldAlerts:
    """All that was told of the alert that an event told, newest first.

    Raises:
        NotFoundError: no alert was told by such an event, or there is no such topic.
        StoreError: the read model cannot be read.
    """
    with model.read() as session:
        defined, row = topic_of(session, topic), session.get_one(TopicRow, topic)
        query = select(DecisionRow).where(DecisionRow.topic == topic)
        one = session.exec(
            query.where(DecisionRow.event_id == event, col(DecisionRow.type).in_(_ALERTS))
        ).first()
        if one is None:
            raise NotFoundError(f"{topic} has told no alert {event!r}")
        of_it = query.where(DecisionRow.alert_id == one.alert_id)
        rows = session.exec(
            of_it.order_by(col(DecisionRow.ms).desc(), col(DecisionRow.sequence).desc())
        ).all()
        events = list(map(_event, rows))
        return ToldAlerts(defined, events, row.defined_at, events[0].recorded_at)


def after(model: ReadModel, topic: str, place: str, *, limit: int) -> Following:
    """What was decided after a place: an event's id, or `BEGINNING`; raises as `queries.status` does."""
    query = select(DecisionRow).where(DecisionRow.topic == topic)
    with model.read() as session:
        defined = topic_of(session, topic)
        if place != BEGINNING:
            at = session.exec(query.where(DecisionRow.event_id == place)).first()
            if at is None:
                return Following(defined, [], known=False)
            query = query.where(tuple_(col(DecisionRow.ms), col(DecisionRow.sequence)) > (at.ms, at.sequence))
        rows = session.exec(query.order_by(col(DecisionRow.ms), col(DecisionRow.sequence)).limit(limit))
        return Following(defined, list(map(_event, rows)), known=True)


def newest_place(model: ReadModel, topic: str) -> str:
    """The place after everything that was decided; raises as `queries.status` does."""
    query = select(DecisionRow.event_id).where(DecisionRow.topic == topic)
    query = query.order_by(col(DecisionRow.ms).desc(), col(DecisionRow.sequence).desc())
    with model.read() as session:
        topic_of(session, topic)
        return session.exec(query.limit(1)).first() or BEGINNING


def _event(row: DecisionRow) -> Event:
    return Event.from_json(json.dumps(row.event))


def _add(page: Page, recorded: Recorded, data: dict[str, object], alert: str | None) -> None:
    ms, sequence = order(recorded.position)
    event = recorded.event
    page.put(
        DecisionRow,
        {
            "ms": ms,
            "sequence": sequence,
            "event_id": event.id,
            "type": event.type,
            "alert_id": alert,
            "event": {**event.fields(), "data": data},
        },
    )


def _withhold(page: Page, article: str) -> None:
    for row in page.all(DecisionRow):
        quotes = row["event"]["data"].get("evidence", [])
        without = [withheld(quote, {article}) for quote in quotes]
        if without != quotes:
            data = {**row["event"]["data"], "evidence": without}
            page.put(DecisionRow, {**row, "event": {**row["event"], "data": data}})

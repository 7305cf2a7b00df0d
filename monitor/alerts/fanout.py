"""From the log into the delivery queue: one row per alert event and subscription, once.

The rows and the checkpoint are one transaction, and ids are deterministic, so a repeat changes nothing. The checkpoint
lies outside the read model: a rebuild tells nobody anything again.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session, col, select

from monitor import ids
from monitor.alerts.config import SEVERITIES, Wishes
from monitor.alerts.delivery import KINDS, OPEN, MessageKind, State
from monitor.alerts.tables import DeliveryRow, FanOutRow, MessageRow, SubscriptionRow, transaction
from monitor.alerts.withhold import Renderer, withhold, without_withheld
from monitor.errors import CorruptEventError
from monitor.log.events import AlertRaised, ArticleRemoved, Event, data_of
from monitor.log.stream import START, Checkpoint, EventLog, Recorded, order

_log = logging.getLogger(__name__)


def delivery_id(event: Event, kind: MessageKind, alert: str, subscription: str) -> str:
    """The id of one message to one subscription. An alert may be updated more than once: each update is a message."""
    return ids.delivery_id(alert, subscription, f"update:{event.id}" if kind == "update" else kind)


def follow(engine: Engine, log: EventLog, topic: str, render: Renderer, now: Callable[[], datetime]) -> int:
    """Fan out what the topic's log holds beyond the checkpoint; returns the number of deliveries made.

    From the page on in which an article was removed, its words are sent to nobody, and they are gone from the queue.

    Raises:
        DataLostError: the log no longer holds what the checkpoint saw.
        LogUnavailableError: Redis does not answer.
    """
    done = fanned_out(engine, topic)
    if done is not None:
        log.check(topic, done)
    made = 0
    for page in log.pages(topic, done.position if done else START, corrupt=_tell_of):
        for recorded in page:
            if recorded.event.type == "article.removed":
                withhold(engine, log, topic, data_of(recorded.event, ArticleRemoved).article_id, render)
        made += fan_out(engine, topic, page, epoch=log.epoch(topic) or "", render=render, now=now())
    return made


def _tell_of(error: CorruptEventError) -> None:
    """Nobody could be told what such an entry says."""
    _log.error("fan-out passes over an entry that is no event: %s", error)


def fanned_out(engine: Engine, topic: str) -> Checkpoint | None:
    """How far the topic's alerts have been fanned out."""
    with Session(engine) as session:
        row = session.get(FanOutRow, topic)
        return None if row is None else Checkpoint(row.position, row.event_id, row.epoch)


def fan_out(
    engine: Engine, topic: str, events: Sequence[Recorded], *, epoch: str, render: Renderer, now: datetime
) -> int:
    """Queue what the events have to tell, and move the checkpoint past them; what it has passed is passed over.

    Returns the number of deliveries made. `now` is UTC-aware.
    """
    if not events:
        return 0
    with transaction(engine) as session:
        done = session.get(FanOutRow, topic)
        made = 0
        for recorded in events:
            if done is None or order(recorded.position) > order(done.position):
                made += _tell(session, recorded, render, now)
        last = events[-1]
        if done is None or order(last.position) > order(done.position):
            session.merge(FanOutRow(topic=topic, position=last.position, event_id=last.event.id, epoch=epoch))
    return made


def _tell(session: Session, recorded: Recorded, render: Renderer, now: datetime) -> int:
    event = recorded.event
    kind = KINDS.get(event.type)
    if kind is None:
        return 0
    alert: str = event.data["alert_id"]
    audience = _wanting(session, recorded) if kind == "alert" else _told(session, alert)
    if not audience:
        return 0
    content = render(without_withheld(session, event)).model_dump(mode="json")
    message = MessageRow(event_id=event.id, topic=event.topic, alert=alert, kind=kind, content=content)
    queue(session, message, {one: delivery_id(event, kind, alert, one) for one in audience}, now)
    return len(audience)


def queue(session: Session, message: MessageRow, deliveries: Mapping[str, str], now: datetime) -> None:
    """Put a message into the queue for each subscription, given with the id of its delivery; twice changes nothing."""
    rows = [
        {
            "delivery_id": delivery,
            "event_id": message.event_id,
            "alert": message.alert,
            "subscription": subscription,
            "kind": message.kind,
            "state": State.PENDING,
            "attempts": 0,
            "next_try_at": now,
            "created_at": now,
        }
        for subscription, delivery in deliveries.items()
    ]
    session.merge(message)
    session.flush()
    session.execute(insert(DeliveryRow).on_conflict_do_nothing(), rows)


def appended_at(recorded: Recorded) -> datetime:
    """When the log took an event. `recorded_at` may come from a clock that jumps (seeds, rehearsal)."""
    return datetime.fromtimestamp(order(recorded.position)[0] / 1000, UTC)


def _wanting(session: Session, recorded: Recorded) -> list[str]:
    """Who wants this alert: unpaused, for its topic, at least so severe, and subscribed before it was appended."""
    alert = data_of(recorded.event, AlertRaised)
    appended = appended_at(recorded)
    rows = session.exec(select(SubscriptionRow).where(col(SubscriptionRow.paused_because).is_(None)))
    return [
        row.id
        for row in rows
        if row.served_from <= appended
        and _wants(Wishes.model_validate(row.wishes), recorded.event.topic, alert)
    ]


def _wants(wishes: Wishes, topic: str, alert: AlertRaised) -> bool:
    return (
        (not wishes.topics or topic in wishes.topics)
        and (not wishes.channels or alert.channel in wishes.channels)
        and (not wishes.statuses or alert.to_status in wishes.statuses)
        and SEVERITIES.index(alert.severity) >= SEVERITIES.index(wishes.min_severity)
    )


def _told(session: Session, alert: str) -> list[str]:
    """Who got the alert, or is still to get it."""
    return list(
        session.exec(
            select(DeliveryRow.subscription).where(
                DeliveryRow.alert == alert,
                DeliveryRow.kind == "alert",
                col(DeliveryRow.state).in_((*OPEN, State.SUCCEEDED)),
            )
        )
    )

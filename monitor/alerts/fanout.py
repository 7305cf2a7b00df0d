"""From the log into the delivery queue: one row per alert event and subscription, once.

The rows and the checkpoint are one transaction, and ids are deterministic, so a repeat changes nothing. The checkpoint
lies outside the read model: a rebuild tells nobody anything again.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session, col, select

from monitor import ids
from monitor.alerts.config import SEVERITIES, Severity, Wishes
from monitor.alerts.delivery import COMING, KINDS, MessageKind, Part, State, outcome_event
from monitor.alerts.queue import tell_log
from monitor.alerts.subscriptions import FOR_GOOD
from monitor.alerts.tables import DeliveryRow, FanOutRow, MessageRow, SubscriptionRow, transaction
from monitor.alerts.timing import Dropped, when
from monitor.alerts.withhold import Renderer, withhold, without_withheld
from monitor.errors import CorruptEventError
from monitor.log.events import AlertRaised, ArticleRemoved, Event, data_of
from monitor.log.stream import START, Checkpoint, EventLog, Recorded, order
from monitor.vocabulary import Certainty

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
    """Queue what an event has to tell, or let it take the place of what waits to be told; how many are told anew."""
    event = recorded.event
    kind = KINDS.get(event.type)
    if kind is None:
        return 0
    waiting = _waiting(session, event)
    audience = _audience(session, recorded, kind, waiting)
    if not (audience or waiting):
        return 0
    content = render(without_withheld(session, event)).model_dump(mode="json")
    message = MessageRow(
        event_id=event.id, topic=event.topic, alert=event.data["alert_id"], kind=kind, content=content
    )
    session.merge(message)
    session.flush()
    for row in waiting:
        _replace(session, row, message, now)
    severity = event.data.get("severity") or _severity(session, message.alert)
    rows = [
        _row(
            message,
            one.kind,
            one.subscription,
            delivery_id(event, one.kind, message.alert, one.subscription),
            now,
        )
        | _moment(when(one.wishes, severity, now, correction=one.kind != "alert"), now)
        for one in audience
    ]
    _insert(session, rows)
    gone = [row for row in rows if row["state"] is State.DROPPED]
    tell_log(session, [_dropped(row, event.topic, now) for row in gone])
    return len(rows) - len(gone)


class _Listener(NamedTuple):
    """A subscription that is to hear of an event, and as what."""

    subscription: str
    wishes: Wishes
    kind: MessageKind


def _audience(
    session: Session, recorded: Recorded, kind: MessageKind, waiting: Sequence[DeliveryRow]
) -> list[_Listener]:
    """Who is to hear of the event.

    Those who want the alert; of a correction, those who were told, unless they are told with what waits; of an alert
    that is confirmed, also those who want to be told only then, as of an alert.
    """
    if kind == "alert":
        return _wanting(session, recorded)
    told = _told(session, recorded.event.data["alert_id"])
    waits = {row.subscription for row in waiting if kind == "update" or row.kind == "alert"}
    rows = session.exec(select(SubscriptionRow).where(col(SubscriptionRow.id).in_(told - waits)))
    corrected = [
        _Listener(row.id, Wishes.model_validate(row.wishes), kind)
        for row in rows
        if row.paused_because not in FOR_GOOD
    ]
    if kind == "cancel" or recorded.event.data["reason"] != "confirmed":
        return corrected
    only_then = [
        one
        for one in _wanting(session, recorded)
        if one.wishes.min_certainty is Certainty.CONFIRMED and one.subscription not in told
    ]
    return corrected + only_then


def _waiting(session: Session, event: Event) -> list[DeliveryRow]:
    """What waits to be told of the event's alert, and was never tried."""
    rows = select(DeliveryRow).where(
        DeliveryRow.alert == event.data["alert_id"], DeliveryRow.state == State.WAITING
    )
    return list(session.exec(rows))


def _replace(session: Session, row: DeliveryRow, message: MessageRow, now: datetime) -> None:
    """Let a newer state of its alert take the place of what waits; what is taken back is not told at all."""
    if message.kind == "cancel":
        why = Dropped.WITHDRAWN if row.kind == "alert" else Dropped.SUPERSEDED
        return _drop(session, row, message, why, now)
    row.event_id = message.event_id
    subscription = session.get(SubscriptionRow, row.subscription)
    wishes = Wishes.model_validate(subscription.wishes if subscription else {})
    certainty = message.content["payload"]["data"]["certainty"]
    if row.kind == "alert" and not _sure_enough(wishes, certainty):
        return _drop(session, row, message, Dropped.UNCONFIRMED, now)
    return session.add(row)


def _drop(session: Session, row: DeliveryRow, message: MessageRow, why: Dropped, now: datetime) -> None:
    row.state, row.last_error, row.settled_at = State.DROPPED, why, now
    session.add(row)
    tell_log(session, [_dropped(row.model_dump(), message.topic, now)])


def _severity(session: Session, alert: str) -> Severity:
    """That of an alert that is taken back, as it was last told; the highest when nobody knows it any more."""
    told = session.exec(
        select(MessageRow)
        .join(DeliveryRow, col(DeliveryRow.event_id) == MessageRow.event_id)
        .where(DeliveryRow.alert == alert, MessageRow.kind != "cancel")
        .order_by(col(DeliveryRow.seq).desc())
    ).first()
    severity: Severity = told.content["payload"]["data"]["severity"] if told else SEVERITIES[-1]
    return severity


def queue(session: Session, message: MessageRow, deliveries: Mapping[str, str], now: datetime) -> None:
    """Put a message into the queue for each subscription, given with the id of its delivery; twice changes nothing."""
    session.merge(message)
    session.flush()
    _insert(session, [_row(message, message.kind, one, id_, now) for one, id_ in deliveries.items()])


def _row(message: MessageRow, kind: str, subscription: str, delivery: str, now: datetime) -> dict[str, Any]:
    return {
        "delivery_id": delivery,
        "event_id": message.event_id,
        "alert": message.alert,
        "subscription": subscription,
        "kind": kind,
        "state": State.PENDING,
        "attempts": 0,
        "doubts": 0,
        "next_try_at": now,
        "last_error": None,
        "settled_at": None,
        "created_at": now,
    }


def _moment(at: datetime | Dropped, now: datetime) -> dict[str, Any]:
    """What a row says when it is to be told then, or not at all."""
    if isinstance(at, Dropped):
        return {"state": State.DROPPED, "last_error": at, "settled_at": now}
    return {"state": State.WAITING if at > now else State.PENDING, "next_try_at": at}


def _insert(session: Session, rows: list[dict[str, Any]]) -> None:
    """Insert deliveries. One that is there stays, but what was dropped as unconfirmed may be confirmed after all."""
    if not rows:
        return
    new = insert(DeliveryRow)
    anew = {
        name: new.excluded[name] for name in ("event_id", "state", "next_try_at", "last_error", "settled_at")
    }
    unconfirmed = (col(DeliveryRow.state) == State.DROPPED) & (
        col(DeliveryRow.last_error) == Dropped.UNCONFIRMED
    )
    session.execute(
        new.on_conflict_do_update(index_elements=["delivery_id"], set_=anew, where=unconfirmed), rows
    )


def _dropped(row: Mapping[str, Any], topic: str, now: datetime) -> Event:
    part = Part(row["delivery_id"], row["alert"], row["event_id"], topic, row["kind"])
    return outcome_event(part, row["subscription"], State.DROPPED, 0, row["last_error"], now)


def appended_at(recorded: Recorded) -> datetime:
    """When the log took an event. `recorded_at` may come from a clock that jumps (seeds, rehearsal)."""
    return datetime.fromtimestamp(order(recorded.position)[0] / 1000, UTC)


def _wanting(session: Session, recorded: Recorded) -> list[_Listener]:
    """Who wants this alert: unpaused, for its topic, at least so severe, and subscribed before it was appended."""
    alert = data_of(recorded.event, AlertRaised)
    appended = appended_at(recorded)
    rows = session.exec(select(SubscriptionRow).where(col(SubscriptionRow.paused_because).is_(None)))
    known = [(row.id, Wishes.model_validate(row.wishes)) for row in rows if row.served_from <= appended]
    return [
        _Listener(id_, wishes, "alert") for id_, wishes in known if wants(wishes, recorded.event.topic, alert)
    ]


def wants(wishes: Wishes, topic: str, alert: AlertRaised) -> bool:
    """Whether a subscription that wishes so wants this alert of the topic, as it stands."""
    return (
        (not wishes.topics or topic in wishes.topics)
        and (not wishes.channels or alert.channel in wishes.channels)
        and (not wishes.statuses or alert.to_status in wishes.statuses)
        and SEVERITIES.index(alert.severity) >= SEVERITIES.index(wishes.min_severity)
        and _sure_enough(wishes, alert.certainty)
    )


def _sure_enough(wishes: Wishes, certainty: str) -> bool:
    return certainty == Certainty.CONFIRMED or wishes.min_certainty is Certainty.REPORTED


def _told(session: Session, alert: str) -> set[str]:
    """Who got the alert, may have got it, or is still to get it."""
    state = col(DeliveryRow.state)
    maybe = state.in_((*COMING, State.SUCCEEDED)) | (
        (state == State.ABANDONED) & (col(DeliveryRow.doubts) > 0)
    )
    return set(
        session.exec(
            select(DeliveryRow.subscription).where(
                DeliveryRow.alert == alert, DeliveryRow.kind == "alert", maybe
            )
        )
    )

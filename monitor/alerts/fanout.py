"""From the log into the delivery queue: one row per alert event and subscription, once.

The rows and the checkpoint are one transaction, and ids are deterministic, so a repeat changes nothing. The checkpoint
lies outside the read model: a rebuild tells nobody anything again.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from monitor import ids
from monitor.alerts.config import SEVERITIES, Wishes
from monitor.alerts.delivery import COMING, KINDS, RESTORED, MessageKind, State
from monitor.alerts.outcomes import tell_log
from monitor.alerts.rows import insert_rows, new_row, untried
from monitor.alerts.subscriptions import FOR_GOOD
from monitor.alerts.tables import DeliveryRow, FanOutRow, MessageRow, SubscriptionRow, transaction
from monitor.alerts.timing import Dropped, sure_enough, wants, when
from monitor.alerts.withhold import Renderer, withhold, without_withheld
from monitor.errors import CorruptEventError
from monitor.log.events import AlertRaised, ArticleRemoved, Event, Severity, data_of
from monitor.log.stream import START, Checkpoint, EventLog, Recorded, order
from monitor.tracing import about_event
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
        if row is None or row.position == START:
            return None
        return Checkpoint(row.position, row.event_id, row.epoch)


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
                restored = _is_restored(done, recorded)
                count = _tell(session, recorded, render, now, restored=restored)
                made += count
                if count:
                    with about_event(recorded.event):
                        _log.info("%s goes to %d subscriptions", recorded.event.type, count)
        last = events[-1]
        if done is None or order(last.position) > order(done.position):
            until = done.restored_to if done else None
            here = FanOutRow(
                topic=topic,
                position=last.position,
                event_id=last.event.id,
                epoch=epoch,
                restored_to=until,
            )
            session.merge(here)
    return made


def review_restored(session: Session, topic: str, head: str, epoch: str) -> None:
    """Have the whole log of a topic fanned out again after it was restored, up to `head` for review only.

    Nobody knows then what of it was told: what is in the queue stays as it is, and what is not becomes a delivery that
    is abandoned with the reason `restored`, for a person to look at and send or not.
    """
    session.merge(FanOutRow(topic=topic, position=START, event_id="", epoch=epoch, restored_to=head))


def _is_restored(done: FanOutRow | None, recorded: Recorded) -> bool:
    until = done.restored_to if done else None
    return until is not None and order(recorded.position) <= order(until)


def _tell(session: Session, recorded: Recorded, render: Renderer, now: datetime, *, restored: bool) -> int:
    """Queue what an event has to tell, or let it take the place of what waits to be told; how many are told anew.

    What was `restored` is told to nobody: it goes into the queue as abandoned.
    """
    event = recorded.event
    kind = KINDS.get(event.type)
    if kind is None:
        return 0
    waiting = [] if restored else _waiting(session, event)
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
    severity = event.data["severity"] or SEVERITIES[-1]  # a cancellation of schema 1 does not say
    rows = [_row_for(event, message, one, severity, now) for one in audience]
    if restored:
        rows = _for_review(session, rows, now)
    insert_rows(session, rows)
    over = [row for row in rows if row["settled_at"]]
    tell_log(session, [untried(row, event.topic, now) for row in over])
    return len(rows) - len(over)


def _row_for(
    event: Event, message: MessageRow, one: "_Listener", severity: Severity, now: datetime
) -> dict[str, Any]:
    id_ = delivery_id(event, one.kind, message.alert, one.subscription)
    row = new_row(message, one.kind, one.subscription, id_, now)
    at = when(one.wishes, severity, now, correction=one.kind != "alert")
    if isinstance(at, Dropped):
        return row | {"state": State.DROPPED, "last_error": at, "settled_at": now}
    return row | {"state": State.WAITING if at > now else State.PENDING, "next_try_at": at}


def _for_review(session: Session, rows: Sequence[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """The rows that the queue does not know, as abandoned; each may have arrived, before the restore."""
    wanted = [row["delivery_id"] for row in rows]
    known = set(session.exec(select(DeliveryRow.delivery_id).where(col(DeliveryRow.delivery_id).in_(wanted))))
    review = {"state": State.ABANDONED, "last_error": RESTORED, "settled_at": now, "doubts": 1}
    return [row | review for row in rows if row["delivery_id"] not in known]


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
    if row.kind == "alert" and not sure_enough(wishes, certainty):
        return _drop(session, row, message, Dropped.UNCONFIRMED, now)
    return session.add(row)


def _drop(session: Session, row: DeliveryRow, message: MessageRow, why: Dropped, now: datetime) -> None:
    row.state, row.last_error, row.settled_at = State.DROPPED, why, now
    session.add(row)
    tell_log(session, [untried(row.model_dump(), message.topic, now)])


def queue(session: Session, message: MessageRow, deliveries: Mapping[str, str], now: datetime) -> None:
    """Put a message into the queue for each subscription, given with the id of its delivery; twice changes nothing."""
    session.merge(message)
    session.flush()
    insert_rows(session, [new_row(message, message.kind, one, id_, now) for one, id_ in deliveries.items()])


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

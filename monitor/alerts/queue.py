"""The delivery queue, in SQL: dispatchers claim from it and settle what became of each delivery.

    claim             due rows -> leased ones, the attempt counted before anything is sent
    settle            verdicts and the events that tell them, in one transaction
    record_outcomes   those events -> the log; each is forgotten here once the log has it

Killed between any two steps, the next run repeats the step: rows and events have deterministic ids.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Engine, bindparam, text
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session, col, delete, select, update

from monitor import ids
from monitor.alerts.audit import note
from monitor.alerts.delivery import OPEN, Delivery, MessageKind, Outcome, State
from monitor.alerts.message import Message
from monitor.alerts.subscriptions import GONE, UNCONFIRMED, recipient_of
from monitor.alerts.tables import (
    DeliveryRow,
    MessageRow,
    OutcomeRow,
    SubscriptionRow,
    transaction,
)
from monitor.errors import LogUnavailableError
from monitor.log.events import Event
from monitor.readmodel.store import UtcDateTime

LEASE = timedelta(minutes=2)
"""Longer than any channel's total time-out, so that a lease runs out only when its dispatcher died."""

PAGE = 1000
"""Outcomes handed to the log at a time."""

# The next delivery of a subscription that is served and has nothing on its way: so a receiver that hangs holds up
# itself alone. What corrects an alert waits until the alert is settled. Fresh ones come before repeated ones, so that
# receivers that are down keep nobody waiting. (PostgreSQL will need FOR UPDATE SKIP LOCKED in the inner query.)
_CLAIM = text("""
    UPDATE delivery SET state = 'leased', attempts = attempts + 1, next_try_at = :until
    WHERE seq = (
        SELECT due.seq FROM delivery AS due
        WHERE due.state IN ('pending', 'leased', 'failed') AND due.next_try_at <= :now
          AND EXISTS (
              SELECT 1 FROM subscription WHERE subscription.id = due.subscription
                AND (paused_because IS NULL OR (paused_because = :unconfirmed AND due.kind = 'confirm')))
          AND NOT EXISTS (
              SELECT 1 FROM delivery AS busy
              WHERE busy.subscription = due.subscription AND busy.state = 'leased' AND busy.next_try_at > :now)
          AND NOT EXISTS (
              SELECT 1 FROM delivery AS earlier
              WHERE earlier.alert = due.alert AND earlier.subscription = due.subscription
                AND earlier.seq < due.seq AND earlier.state IN ('pending', 'leased', 'failed'))
        ORDER BY due.attempts, due.seq LIMIT 1)
    RETURNING seq
""").bindparams(bindparam("now", type_=UtcDateTime()), bindparam("until", type_=UtcDateTime()))

_log = logging.getLogger(__name__)


def claim(engine: Engine, now: datetime, limit: int) -> list[Delivery]:
    """Lease up to `limit` due deliveries, at most one per subscription, and count their attempts; `now` is UTC-aware.

    Fresh ones come before repeated ones, so that receivers that are down keep nobody waiting.
    """
    with transaction(engine) as session:
        claimed: list[int] = []
        while len(claimed) < limit:
            taken = session.scalar(_CLAIM, {"now": now, "until": now + LEASE, "unconfirmed": UNCONFIRMED})
            if taken is None:
                break
            claimed.append(taken)
        if not claimed:
            return []
        rows = session.exec(
            select(DeliveryRow, MessageRow, SubscriptionRow)
            .join(MessageRow, col(MessageRow.event_id) == DeliveryRow.event_id)
            .join(SubscriptionRow, col(SubscriptionRow.id) == DeliveryRow.subscription)
            .where(col(DeliveryRow.seq).in_(claimed))
            .order_by(col(DeliveryRow.attempts), col(DeliveryRow.seq))
        )
        return [_delivery(*row, now) for row in rows]


def _delivery(
    row: DeliveryRow, message: MessageRow, subscription: SubscriptionRow, now: datetime
) -> Delivery:
    return Delivery(
        delivery_id=row.delivery_id,
        alert=row.alert,
        event_id=row.event_id,
        topic=message.topic,
        kind=cast("MessageKind", row.kind),
        attempt=row.attempts,
        message=Message.model_validate(message.content),
        recipient=recipient_of(subscription, now),
        first_delivery_id=ids.delivery_id(row.alert, row.subscription, "alert"),
    )


def settle(engine: Engine, outcomes: Sequence[Outcome]) -> None:
    """Write down what became of attempts, and the events that the log is to learn, in one transaction."""
    with transaction(engine) as session:
        for outcome in outcomes:
            if _settled(session, outcome) and outcome.event:
                event = {"event_id": outcome.event.id, "event": outcome.event.to_json()}
                session.execute(insert(OutcomeRow).on_conflict_do_nothing(), event)


def _settled(session: Session, outcome: Outcome) -> bool:
    """Write down one outcome, and whether it counts.

    A late one (the lease ran out and somebody else is at it) counts only when the message was accepted.
    """
    delivery, judged = outcome.delivery, outcome.verdict
    if judged.state is State.SUCCEEDED:
        counts = [col(DeliveryRow.state) != State.SUCCEEDED]
    else:
        counts = [col(DeliveryRow.state) == State.LEASED, col(DeliveryRow.attempts) == delivery.attempt]
    written = session.exec(
        update(DeliveryRow)
        .where(col(DeliveryRow.delivery_id) == delivery.delivery_id, *counts)
        .values(
            state=judged.state,
            next_try_at=judged.retry_at or outcome.at,
            last_error=judged.detail and f"{judged.reason}: {judged.detail}",
            settled_at=None if judged.state is State.FAILED else outcome.at,
        )
    )
    if written.rowcount == 0:
        return False
    if judged.state is State.ABANDONED:
        _give_up(session, delivery, judged.reason, outcome.at)
    return True


def _give_up(session: Session, delivery: Delivery, reason: str, now: datetime) -> None:
    """Who never got the alert is not told of its corrections; a receiver that is gone gets nothing any more."""
    if delivery.kind == "alert":
        session.exec(
            update(DeliveryRow)
            .where(
                col(DeliveryRow.alert) == delivery.alert,
                col(DeliveryRow.subscription) == delivery.recipient.subscription,
                col(DeliveryRow.state).in_(OPEN),
            )
            .values(state=State.ABANDONED, last_error="the alert itself never arrived", settled_at=now)
        )
    if reason == "gone":
        session.exec(
            update(SubscriptionRow)
            .where(col(SubscriptionRow.id) == delivery.recipient.subscription)
            .values(paused_because=GONE)
        )
        note(session, delivery.recipient.subscription, "paused", "receiver", now)


def record_outcomes(engine: Engine, record: Callable[[Event], None]) -> int:
    """Hand every outcome that the log has still to learn to `record`, which must take an event twice without harm.

    Returns how many were recorded, at most a page. While the log does not answer, they wait here.
    """
    with Session(engine) as session:
        waiting = list(session.exec(select(OutcomeRow).order_by(col(OutcomeRow.seq)).limit(PAGE)))
    recorded: list[str] = []
    for row in waiting:
        try:
            record(Event.from_json(row.event))
        except LogUnavailableError as error:
            _log.warning(
                "%d outcomes of deliveries wait for the log: %s", len(waiting) - len(recorded), error
            )
            break
        except Exception:  # noqa: BLE001  (a defect; the others must not wait for it)
            _log.exception("the log does not take the outcome %s; it is kept and tried again", row.event_id)
        else:
            recorded.append(row.event_id)
    if recorded:
        with transaction(engine) as session:
            session.exec(delete(OutcomeRow).where(col(OutcomeRow.event_id).in_(recorded)))
    return len(recorded)

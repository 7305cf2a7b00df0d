"""The delivery queue, in SQL: dispatchers claim from it and settle what became of each delivery.

    claim      due rows -> leased ones, the attempt counted before anything is sent
    settle     what became of attempts, written down with the events that tell it (see `outcomes`)
    exchange   both, in one transaction

Killed between any two steps, the next run repeats the step: rows and events have deterministic ids.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Engine, Row, bindparam, case, update
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from monitor import ids
from monitor.alerts.delivery import Delivery, MessageKind, Outcome, Part, Recipient, State
from monitor.alerts.due import due
from monitor.alerts.message import Message, in_context
from monitor.alerts.outcomes import write_down
from monitor.alerts.subscriptions import recipient_of
from monitor.alerts.tables import METADATA, DeliveryRow, MessageRow, SubscriptionRow, transaction

LEASE = timedelta(minutes=2)
"""Longer than any channel's total time-out, so that a lease runs out only when its dispatcher died."""

# Made once: SQLAlchemy takes longer to make a statement, or an object of a row, than the database to answer.
_deliveries, _subscriptions, _messages = (
    METADATA.tables[name] for name in ("delivery", "subscription", "message")
)
_TAKE = (
    update(_deliveries)
    .where(_deliveries.c.seq.in_(bindparam("seqs", expanding=True)))
    .values(
        state=State.LEASED,
        attempts=_deliveries.c.attempts + 1,
        # A lease that ran out leaves a doubt: its dispatcher died, and may have sent the message.
        doubts=_deliveries.c.doubts + case((_deliveries.c.state == State.LEASED, 1), else_=0),
        next_try_at=bindparam("until"),
    )
    .returning(
        *_deliveries.c["seq", "delivery_id", "event_id", "alert", "subscription", "kind"],
        *_deliveries.c["attempts", "attempts_before", "doubts"],
    )
)
_RECIPIENTS = core_select(
    *_subscriptions.c["id", "kind", "target", "allow_private", "secret", "old_secret", "old_secret_until"]
).where(_subscriptions.c.id.in_(bindparam("ids", expanding=True)))
_TOLD = core_select(*_messages.c["event_id", "topic", "content"]).where(
    _messages.c.event_id.in_(bindparam("ids", expanding=True))
)


def claim(engine: Engine, now: datetime, limit: int) -> list[Delivery]:
    """Lease up to `limit` due deliveries, at most one per subscription, and count their attempts; `now` is UTC-aware.

    Fresh ones come before repeated ones, so that receivers that are down keep nobody waiting.
    """
    with transaction(engine, together=True) as session:
        return _claimed(session, now, limit)


def settle(engine: Engine, outcomes: Sequence[Outcome]) -> None:
    """Write down what became of attempts, and the events that the log is to learn, in one transaction.

    It waits for rows while it holds others, so it does not go together with other writers.
    """
    with transaction(engine) as session:
        write_down(session, outcomes)


def exchange(engine: Engine, outcomes: Sequence[Outcome], now: datetime, limit: int) -> list[Delivery]:
    """Settle and claim in one transaction: to commit costs as much as to do either."""
    with transaction(engine) as session:
        write_down(session, outcomes)
        return _claimed(session, now, limit) if limit > 0 else []


def _claimed(session: Session, now: datetime, limit: int) -> list[Delivery]:
    connection = session.connection()
    going = due(session, now, limit)
    if not going:
        return []
    leased = connection.execute(_TAKE, {"seqs": going, "until": now + LEASE}).all()
    subscriptions = {
        row.id: recipient_of(cast("SubscriptionRow", row), now)
        for row in connection.execute(_RECIPIENTS, {"ids": [row.subscription for row in leased]})
    }
    # Many tell the same: it is read once.
    messages = {
        row.event_id: (Message.model_validate(row.content), row.topic)
        for row in connection.execute(_TOLD, {"ids": list({row.event_id for row in leased})})
    }
    return [
        _delivery(session, row, messages[row.event_id], subscriptions[row.subscription])
        for row in sorted(leased, key=lambda row: (row.attempts, row.seq))
    ]


def _delivery(
    session: Session,
    row: Row[Any],
    message: tuple[Message, str],
    recipient: Recipient,
) -> Delivery:
    content, topic = message
    return Delivery(
        delivery_id=row.delivery_id,
        alert=row.alert,
        event_id=row.event_id,
        topic=topic,
        kind=cast("MessageKind", row.kind),
        attempt=row.attempts,
        message=in_context(content, first=row.kind == "alert", told=told_before(session, row)),
        recipient=recipient,
        first_delivery_id=ids.delivery_id(
            "digests" if row.kind == "digest" else row.alert, row.subscription, "alert"
        ),
        doubts=row.doubts,
        attempts_before=row.attempts_before,
        parts=_parts(session, row),
    )


def told_before(session: Session, row: DeliveryRow | Row[Any]) -> tuple[str, ...]:
    """The ids under which a correction's subscriber was told of its alert before, in order."""
    if row.kind not in {"update", "cancel"}:
        return ()
    before = session.exec(
        select(DeliveryRow.part_of, DeliveryRow.delivery_id)
        .where(
            DeliveryRow.alert == row.alert,
            DeliveryRow.subscription == row.subscription,
            DeliveryRow.state == State.SUCCEEDED,
            col(DeliveryRow.seq) < row.seq,
        )
        .order_by(col(DeliveryRow.seq))
    )
    return tuple(whole or alone for whole, alone in before)


def _parts(session: Session, row: Row[Any]) -> tuple[Part, ...]:
    if row.kind != "digest":
        return ()
    parts = session.exec(
        select(DeliveryRow, MessageRow.topic)
        .join(MessageRow, col(MessageRow.event_id) == DeliveryRow.event_id)
        .where(DeliveryRow.part_of == row.delivery_id)
        .order_by(col(DeliveryRow.seq))
    )
    return tuple(Part(part.delivery_id, part.alert, part.event_id, topic, part.kind) for part, topic in parts)

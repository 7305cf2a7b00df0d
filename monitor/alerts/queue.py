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

from sqlalchemy import Engine, case
from sqlmodel import Session, col, delete, select, update

from monitor import ids
from monitor.alerts.audit import note
from monitor.alerts.delivery import (
    COMING,
    SETTLED,
    Delivery,
    MessageKind,
    Outcome,
    Part,
    State,
    Verdict,
)
from monitor.alerts.due import due
from monitor.alerts.message import Message, in_context
from monitor.alerts.subscriptions import GONE, recipient_of
from monitor.alerts.tables import (
    DeliveryRow,
    FailureRow,
    MessageRow,
    OutcomeRow,
    SubscriptionRow,
    transaction,
)
from monitor.errors import LogUnavailableError
from monitor.log.events import Event
from monitor.readmodel.dialects import new_rows

LEASE = timedelta(minutes=2)
"""Longer than any channel's total time-out, so that a lease runs out only when its dispatcher died."""

PAGE = 1000
"""Outcomes handed to the log at a time."""

_log = logging.getLogger(__name__)


def claim(engine: Engine, now: datetime, limit: int) -> list[Delivery]:
    """Lease up to `limit` due deliveries, at most one per subscription, and count their attempts; `now` is UTC-aware.

    Fresh ones come before repeated ones, so that receivers that are down keep nobody waiting.
    """
    with transaction(engine, together=True) as session:
        claimed = due(session, now, limit)
        if not claimed:
            return []
        # A lease that ran out leaves a doubt: its dispatcher died, and may have sent the message.
        doubt = case((col(DeliveryRow.state) == State.LEASED, 1), else_=0)
        session.exec(
            update(DeliveryRow)
            .where(col(DeliveryRow.seq).in_(claimed))
            .values(
                state=State.LEASED,
                attempts=col(DeliveryRow.attempts) + 1,
                doubts=col(DeliveryRow.doubts) + doubt,
                next_try_at=now + LEASE,
            )
        )
        rows = session.exec(
            select(DeliveryRow, MessageRow, SubscriptionRow)
            .join(MessageRow, col(MessageRow.event_id) == DeliveryRow.event_id)
            .join(SubscriptionRow, col(SubscriptionRow.id) == DeliveryRow.subscription)
            .where(col(DeliveryRow.seq).in_(claimed))
            .order_by(col(DeliveryRow.attempts), col(DeliveryRow.seq))
        )
        found = rows.all()
        # Many tell the same: it is read once.
        messages = {one.event_id: (Message.model_validate(one.content), one.topic) for _, one, _ in found}
        return [
            _delivery(session, row, messages[row.event_id], subscription, now)
            for row, _, subscription in found
        ]


def _delivery(
    session: Session,
    row: DeliveryRow,
    message: "tuple[Message, str]",
    subscription: SubscriptionRow,
    now: datetime,
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
        recipient=recipient_of(subscription, now),
        first_delivery_id=ids.delivery_id(
            "digests" if row.kind == "digest" else row.alert, row.subscription, "alert"
        ),
        doubts=row.doubts,
        attempts_before=row.attempts_before,
        parts=_parts(session, row),
    )


def told_before(session: Session, row: DeliveryRow) -> tuple[str, ...]:
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


def _parts(session: Session, row: DeliveryRow) -> tuple[Part, ...]:
    if row.kind != "digest":
        return ()
    parts = session.exec(
        select(DeliveryRow, MessageRow.topic)
        .join(MessageRow, col(MessageRow.event_id) == DeliveryRow.event_id)
        .where(DeliveryRow.part_of == row.delivery_id)
        .order_by(col(DeliveryRow.seq))
    )
    return tuple(Part(part.delivery_id, part.alert, part.event_id, topic, part.kind) for part, topic in parts)


def settle(engine: Engine, outcomes: Sequence[Outcome]) -> None:
    """Write down what became of attempts, and the events that the log is to learn, in one transaction.

    It waits for rows while it holds others, so it does not go together with other writers.
    """
    with transaction(engine) as session:
        counts = _arrived(session, [one for one in outcomes if _is_plain(one)])
        for outcome in outcomes:
            if not _is_plain(outcome) and _settled(session, outcome):
                counts.add(outcome.delivery.delivery_id)
        counting = [one for one in outcomes if one.delivery.delivery_id in counts]
        tell_log(session, [event for one in counting for event in one.events])


def _is_plain(outcome: Outcome) -> bool:
    return outcome.verdict.state is State.SUCCEEDED and not outcome.delivery.parts


def _arrived(session: Session, outcomes: Sequence[Outcome]) -> set[str]:
    """Write down in one statement what was accepted; the ids of those of which that was not known yet."""
    if not outcomes:
        return set()
    accepted = (
        update(DeliveryRow)
        .where(
            col(DeliveryRow.delivery_id).in_([one.delivery.delivery_id for one in outcomes]),
            col(DeliveryRow.state) != State.SUCCEEDED,
        )
        .values(state=State.SUCCEEDED, last_error=None, settled_at=max(one.at for one in outcomes))
        .returning(col(DeliveryRow.delivery_id))
    )
    return set(session.scalars(accepted))


def tell_log(session: Session, events: Sequence[Event]) -> None:
    """Keep events for the log to learn."""
    if events:
        rows = [{"event_id": event.id, "event": event.to_json()} for event in events]
        session.execute(new_rows(session, OutcomeRow).on_conflict_do_nothing(), rows)


def _settled(session: Session, outcome: Outcome) -> bool:
    """Write down one outcome, and whether it counts.

    A late one (the lease ran out and somebody else is at it) counts only when the message was accepted.
    """
    delivery, judged = outcome.delivery, outcome.verdict
    if judged.state is State.SUCCEEDED:
        counts = [col(DeliveryRow.state) != State.SUCCEEDED]
    else:
        counts = [col(DeliveryRow.state) == State.LEASED, col(DeliveryRow.attempts) == delivery.attempt]
    limited = judged.state is State.PENDING
    became = {
        "attempts": delivery.attempt - limited,
        "state": judged.state,
        "next_try_at": judged.retry_at or outcome.at,
        "doubts": delivery.doubts + judged.unknown,
        "last_error": judged.detail and f"{judged.reason}: {judged.detail}",
        "settled_at": outcome.at if judged.state in SETTLED else None,
    }
    written = session.exec(
        update(DeliveryRow)
        .where(col(DeliveryRow.delivery_id) == delivery.delivery_id, *counts)
        .values(became)
    )
    if written.rowcount == 0:
        return False
    if judged.state in {State.FAILED, State.ABANDONED}:
        error = f"{judged.reason}: {judged.detail or ''}"
        session.merge(
            FailureRow(delivery_id=delivery.delivery_id, attempt=delivery.attempt, at=outcome.at, error=error)
        )
    if delivery.parts and judged.state in SETTLED:
        session.exec(
            update(DeliveryRow).where(col(DeliveryRow.part_of) == delivery.delivery_id).values(became)
        )
    if judged.state is State.ABANDONED:
        _give_up(session, delivery, judged, outcome.at)
    return True


def _give_up(session: Session, delivery: Delivery, judged: Verdict, now: datetime) -> None:
    """Who cannot have got an alert is not told of its corrections; a receiver that is gone gets nothing any more."""
    never_came = not (delivery.doubts or judged.unknown)
    for alert in [part.alert for part in delivery.told if part.kind == "alert" and never_came]:
        session.exec(
            update(DeliveryRow)
            .where(
                col(DeliveryRow.alert) == alert,
                col(DeliveryRow.subscription) == delivery.recipient.subscription,
                col(DeliveryRow.state).in_(COMING),
            )
            .values(state=State.ABANDONED, last_error="the alert itself never arrived", settled_at=now)
        )
    if judged.reason == "gone":
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
        with transaction(engine, together=True) as session:
            mine = (
                select(OutcomeRow.event_id)
                .where(col(OutcomeRow.event_id).in_(recorded))
                .with_for_update(skip_locked=True)  # another who had the log learn them removes them as well
            )
            session.exec(delete(OutcomeRow).where(col(OutcomeRow.event_id).in_(mine)))
    return len(recorded)

"""What became of attempts: in the rows of their deliveries, and in events that the log is to learn.

write_down        outcomes -> rows, and the events that tell them, in the transaction that settles them
record_outcomes   those events -> the log; each is forgotten here once the log has it
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Engine, bindparam
from sqlmodel import Session, col, delete, select, update

from monitor.alerts.audit import note
from monitor.alerts.delivery import COMING, SETTLED, Delivery, Outcome, State, Verdict
from monitor.alerts.subscriptions import GONE
from monitor.alerts.tables import DeliveryRow, FailureRow, OutcomeRow, SubscriptionRow, transaction
from monitor.errors import LogUnavailableError
from monitor.log.events import Event
from monitor.readmodel.dialects import new_rows

PAGE = 1000
"""Outcomes handed to the log at a time."""

# Made once: SQLAlchemy takes longer to make a statement than the database to do what it says.
_ARRIVED = (
    update(DeliveryRow)
    .where(
        col(DeliveryRow.delivery_id).in_(bindparam("ids", expanding=True)),
        col(DeliveryRow.state) != State.SUCCEEDED,
    )
    .values(state=State.SUCCEEDED, last_error=None, settled_at=bindparam("at"))
    .returning(col(DeliveryRow.delivery_id))
)

_log = logging.getLogger(__name__)


def write_down(session: Session, outcomes: Sequence[Outcome]) -> None:
    """Write down what became of attempts, and the events that the log is to learn."""
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
    ids = [one.delivery.delivery_id for one in outcomes]
    return set(session.connection().scalars(_ARRIVED, {"ids": ids, "at": max(one.at for one in outcomes)}))


def tell_log(session: Session, events: Sequence[Event]) -> None:
    """Keep events for the log to learn."""
    if events:
        rows = [{"event_id": event.id, "event": event.to_json()} for event in events]
        session.connection().execute(new_rows(session, OutcomeRow).on_conflict_do_nothing(), rows)


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

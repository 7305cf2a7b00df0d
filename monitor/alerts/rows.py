"""Rows of the delivery queue as values, many of which are written at once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col

from monitor.alerts.delivery import Part, State, outcome_event
from monitor.alerts.tables import DeliveryRow, MessageRow
from monitor.alerts.timing import Dropped
from monitor.log.events import Event
from monitor.readmodel.dialects import new_rows


def new_row(
    message: MessageRow, kind: str, subscription: str, delivery: str, now: datetime
) -> dict[str, Any]:
    """A delivery that is due at once."""
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


def insert_rows(session: Session, rows: list[dict[str, Any]]) -> None:
    """Insert deliveries. One that is there stays, but what was dropped as unconfirmed may be confirmed after all."""
    if not rows:
        return
    new = new_rows(session, DeliveryRow)
    anew = {
        name: new.excluded[name] for name in ("event_id", "state", "next_try_at", "last_error", "settled_at")
    }
    unconfirmed = (col(DeliveryRow.state) == State.DROPPED) & (
        col(DeliveryRow.last_error) == Dropped.UNCONFIRMED
    )
    session.execute(
        new.on_conflict_do_update(index_elements=["delivery_id"], set_=anew, where=unconfirmed), rows
    )


def untried(row: Mapping[str, Any], topic: str, now: datetime) -> Event:
    """The event of a delivery that will not be tried."""
    part = Part(row["delivery_id"], row["alert"], row["event_id"], topic, row["kind"])
    return outcome_event(part, row["subscription"], State(row["state"]), 0, row["last_error"], now)

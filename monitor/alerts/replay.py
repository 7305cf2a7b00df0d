"""Deliveries that were given up are put back into the queue, by hand: under their old ids, with the whole schedule."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Engine
from sqlmodel import Session, col, select, update

from monitor.alerts.delivery import State
from monitor.alerts.overview import Wanted, conditions
from monitor.alerts.tables import DeliveryRow, MessageRow, SubscriptionRow, transaction

PAGE = 200


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of the wish to send a delivery again."""

    delivery_id: str
    put_back: bool
    words: str
    refused: bool = False


def given_up(session: Session, wanted: Wanted) -> list[str]:
    """The ids of the wanted deliveries that were given up, oldest first."""
    query = (
        select(DeliveryRow.delivery_id)
        .join(MessageRow, col(MessageRow.event_id) == DeliveryRow.event_id)
        .where(*conditions(wanted), col(DeliveryRow.state) == State.ABANDONED)
        .order_by(col(DeliveryRow.seq))
    )
    return list(session.exec(query))


def put_back(
    engine: Engine, ids: Sequence[str], cancelled: Collection[str], now: datetime
) -> Iterator[list[Replayed]]:
    """Put deliveries back, page by page, each with what was given up along with it; twice changes nothing.

    An alert that is `cancelled` by now (its id) is not told to who never got it. Yields as often as there are ids.
    """
    done: set[str] = set()
    for at in range(0, len(ids), PAGE):
        page = []
        with transaction(engine) as session:
            for one in ids[at : at + PAGE]:
                page.append([] if one in done else _put_back(session, one, cancelled, now))
                done.update(replayed.delivery_id for replayed in page[-1])
        yield from page


def _put_back(session: Session, id_: str, cancelled: Collection[str], now: datetime) -> list[Replayed]:
    row = session.exec(select(DeliveryRow).where(DeliveryRow.delivery_id == id_)).one()
    if row.state != State.ABANDONED:
        arrived = row.state == State.SUCCEEDED
        return [Replayed(id_, False, "it has arrived" if arrived else "it is in the queue already")]
    if why := _refusal(session, row, cancelled):
        return [Replayed(id_, False, why, refused=True)]
    back = session.exec(
        update(DeliveryRow)
        .where(*_of_same(row), col(DeliveryRow.state) == State.ABANDONED)
        .values(
            state=State.PENDING,
            attempts_before=col(DeliveryRow.attempts),
            next_try_at=now,
            last_error=None,
            settled_at=None,
        )
        .returning(col(DeliveryRow.delivery_id))
    )
    return [Replayed(one, True, "put back") for (one,) in back]


def _refusal(session: Session, row: DeliveryRow, cancelled: Collection[str]) -> str:
    """Why a delivery that was given up cannot be sent again; empty when it can."""
    subscription = session.get_one(SubscriptionRow, row.subscription)
    if subscription.target_mark == "":
        return "its subscription was removed"
    if subscription.paused_because is not None:
        return f"its subscription is paused ({subscription.paused_because})"
    alert = select(DeliveryRow.state).where(*_of_same(row), DeliveryRow.kind == "alert")
    if row.alert in cancelled and session.exec(alert).first() == State.ABANDONED:
        return "its alert was taken back since, and never told"
    return ""


def _of_same(row: DeliveryRow) -> list[ColumnElement[bool]]:
    """Everything that tells this subscription of this alert."""
    return [col(DeliveryRow.alert) == row.alert, col(DeliveryRow.subscription) == row.subscription]

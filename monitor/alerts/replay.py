"""Deliveries that were given up are put back into the queue, by hand: under their old ids, with the whole schedule."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Engine
from sqlmodel import Session, col, select, update

from monitor.alerts.delivery import RESTORED, State
from monitor.alerts.overview import Wanted, conditions
from monitor.alerts.subscriptions import ENDED
from monitor.alerts.tables import DeliveryRow, MessageRow, SubscriptionRow, transaction

PAGE = 200
_TAKEN_BACK = "its alert was taken back since, and never told"


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of the wish to send a delivery again."""

    delivery_id: str
    put_back: bool
    words: str
    refused: bool = False


def given_up(session: Session, wanted: Wanted, *, restored: bool = False) -> list[str]:
    """The ids of the wanted deliveries that were given up, oldest first; of a digest's parts the digest's.

    What a restored log told is for review: only that when asked for `restored`, and else none of it.
    """
    for_review = col(DeliveryRow.last_error).is_not_distinct_from(RESTORED)
    query = (
        select(DeliveryRow.part_of, DeliveryRow.delivery_id)
        .join(MessageRow, col(MessageRow.event_id) == DeliveryRow.event_id)
        .where(*conditions(wanted), col(DeliveryRow.state) == State.ABANDONED)
        .where(for_review if restored else ~for_review)
        .order_by(col(DeliveryRow.seq))
    )
    return list(dict.fromkeys(whole or alone for whole, alone in session.exec(query)))


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
                row = _whole(session, one)
                page.append([] if row.delivery_id in done else _put_back(session, row, cancelled, now))
                done.update(replayed.delivery_id for replayed in page[-1])
        yield from page


def _whole(session: Session, id_: str) -> DeliveryRow:
    """The delivery, or the digest that it goes with."""
    row = session.exec(select(DeliveryRow).where(DeliveryRow.delivery_id == id_)).one()
    return row if row.part_of is None else _whole(session, row.part_of)


def _put_back(
    session: Session, row: DeliveryRow, cancelled: Collection[str], now: datetime
) -> list[Replayed]:
    if row.state == State.DROPPED:
        return [Replayed(row.delivery_id, False, f"it was not to be sent ({row.last_error})", refused=True)]
    if row.state != State.ABANDONED:
        arrived = row.state == State.SUCCEEDED
        return [
            Replayed(row.delivery_id, False, "it has arrived" if arrived else "it is in the queue already")
        ]
    if why := _unserved(session, row.subscription):
        return [Replayed(row.delivery_id, False, why, refused=True)]
    if row.kind == "digest":
        return _put_back_digest(session, row, cancelled, now)
    alert = select(DeliveryRow.state).where(*_of_same(row), DeliveryRow.kind == "alert")
    if row.alert in cancelled and session.exec(alert).first() == State.ABANDONED:
        return [Replayed(row.delivery_id, False, _TAKEN_BACK, refused=True)]
    return _again(session, [*_of_same(row), col(DeliveryRow.part_of).is_(None)], now)


def _unserved(session: Session, subscription: str) -> str:
    """Why the subscription gets nothing; empty when it is served."""
    row = session.get_one(SubscriptionRow, subscription)
    if row.paused_because is None:
        return ""
    return f"its subscription {'has ended' if row.paused_because in ENDED else 'is paused'}: {row.paused_because}"


def _of_same(row: DeliveryRow) -> list[ColumnElement[bool]]:
    """Everything that tells this subscription of this alert."""
    return [col(DeliveryRow.alert) == row.alert, col(DeliveryRow.subscription) == row.subscription]


def _put_back_digest(
    session: Session, row: DeliveryRow, cancelled: Collection[str], now: datetime
) -> list[Replayed]:
    """The digest as it was; where some of it does not hold any more, the rest each by itself."""
    parts = session.exec(select(DeliveryRow).where(DeliveryRow.part_of == row.delivery_id)).all()
    stale = [part.delivery_id for part in parts if part.kind == "alert" and part.alert in cancelled]
    of_digest = col(DeliveryRow.part_of) == row.delivery_id
    if not stale:
        session.exec(
            update(DeliveryRow).where(of_digest).values(state=State.JOINED, last_error=None, settled_at=None)
        )
        return _again(session, [col(DeliveryRow.delivery_id) == row.delivery_id], now)
    standing = [of_digest, col(DeliveryRow.delivery_id).not_in(stale)]
    refused = [Replayed(one, False, _TAKEN_BACK, refused=True) for one in stale]
    return _again(session, standing, now) + refused


def _again(session: Session, which: Sequence[ColumnElement[bool]], now: datetime) -> list[Replayed]:
    back = session.exec(
        update(DeliveryRow)
        .where(*which, col(DeliveryRow.state) == State.ABANDONED)
        .values(
            state=State.PENDING,
            attempts_before=col(DeliveryRow.attempts),
            doubts=0,
            part_of=None,
            next_try_at=now,
            last_error=None,
            settled_at=None,
        )
        .returning(col(DeliveryRow.delivery_id))
    )
    return [Replayed(one, True, "put back") for (one,) in back]

"""What waits for a subscription goes out together: one digest for several alerts, a single one as itself.

When the first of what waits is due, all of it goes. The digest and what becomes of its parts are one transaction, and
its id is made of theirs: a kill at any point repeats nothing and loses nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select, update

from monitor.alerts.delivery import OPEN, State
from monitor.alerts.message import Message, digest, in_context
from monitor.alerts.queue import told_before
from monitor.alerts.tables import DeliveryRow, MessageRow, transaction
from monitor.ids import fact_id

MOST_PARTS = 200
"""More than that make a second digest."""
_SUBSCRIPTIONS = 20
"""Gathered for in one transaction: it keeps other writers waiting."""


_Told = tuple[tuple[str, bool, tuple[str, ...]], ...]
"""What a digest depends on: event, whether it is told as the first of its alert, under which ids it was told before."""
_Made = dict[_Told, tuple[Message, list[str]]]


def gather(engine: Engine, now: datetime) -> int:
    """Put what has waited long enough into the queue; for how many subscriptions. `now` is UTC-aware."""
    done = 0
    while True:
        with transaction(engine) as session:
            due = session.exec(
                select(DeliveryRow.subscription)
                .where(DeliveryRow.state == State.WAITING, DeliveryRow.next_try_at <= now)
                .distinct()
                .limit(_SUBSCRIPTIONS)
            ).all()
            made: _Made = {}  # many subscriptions wait for the same
            for subscription in due:
                _gather(session, subscription, now, made)
        done += len(due)
        if len(due) < _SUBSCRIPTIONS:
            return done


def _gather(session: Session, subscription: str, now: datetime, made: _Made) -> None:
    waiting = session.exec(
        select(DeliveryRow)
        .where(DeliveryRow.subscription == subscription, DeliveryRow.state == State.WAITING)
        .order_by(col(DeliveryRow.next_try_at), col(DeliveryRow.seq))
        .limit(MOST_PARTS)
    ).all()
    joining = [row for row in waiting if row.kind == "alert" or not _answers_unsent(session, row)]
    seqs = [row.seq for row in waiting]
    session.exec(
        update(DeliveryRow)
        .where(col(DeliveryRow.seq).in_(seqs))
        .values(state=State.PENDING, next_try_at=now)
        .execution_options(synchronize_session=False)
    )
    if len(joining) > 1:
        _join(session, subscription, joining, now, made)


def _answers_unsent(session: Session, row: DeliveryRow) -> bool:
    """Whether it corrects what is still on its way: then it goes by itself, after that."""
    on_its_way = select(DeliveryRow.seq).where(
        DeliveryRow.alert == row.alert,
        DeliveryRow.subscription == row.subscription,
        col(DeliveryRow.state).in_((*OPEN, State.JOINED)),
    )
    return session.exec(on_its_way).first() is not None


def _join(
    session: Session, subscription: str, parts: Sequence[DeliveryRow], now: datetime, made: _Made
) -> None:
    id_ = fact_id("digest", *(part.delivery_id for part in parts), *(part.event_id for part in parts))
    content, topics = digest_of(session, parts, now, made)
    topic = topics[0] if len(topics) == 1 else "digest"
    session.add(
        MessageRow(
            event_id=id_, topic=topic, alert=id_, kind="digest", content=content.model_dump(mode="json")
        )
    )
    session.flush()
    session.add(
        DeliveryRow(
            delivery_id=id_,
            event_id=id_,
            alert=id_,
            subscription=subscription,
            kind="digest",
            next_try_at=now,
            created_at=now,
        )
    )
    session.exec(
        update(DeliveryRow)
        .where(col(DeliveryRow.seq).in_([part.seq for part in parts]))
        .values(state=State.JOINED, part_of=id_)
        .execution_options(synchronize_session=False)
    )


def digest_of(
    session: Session, parts: Sequence[DeliveryRow], at: datetime, made: _Made | None = None
) -> tuple[Message, list[str]]:
    """The message of a digest of these deliveries, and the topics that it is about; `made` keeps it for the next."""
    telling = tuple((part.event_id, part.kind == "alert", told_before(session, part)) for part in parts)
    if made is not None and telling in made:
        return made[telling]
    payloads, topics = [], set()
    for event_id, first, told in telling:
        row = session.get_one(MessageRow, event_id)
        topics.add(row.topic)
        payloads.append(in_context(Message.model_validate(row.content), first=first, told=told).payload)
    found = digest(payloads, at), sorted(topics)
    if made is not None:
        made[telling] = found
    return found

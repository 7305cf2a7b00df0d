"""The delivery queue as people and metrics see it: what is in it, what became of each delivery, how deep it is.

It only reads, and tells no address and no secret: subscriptions have names, and what a receiver said is masked.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import Select

from monitor.alerts.delivery import OPEN, State
from monitor.alerts.roster import chosen
from monitor.alerts.tables import DeliveryRow, FailureRow, MessageRow, SubscriptionRow
from monitor.errors import BadInputError
from monitor.masks import masked

_SHORTEST_ID = 6
_TRIED_LATER = (State.WAITING, State.PENDING, State.FAILED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries; what is empty or None narrows nothing."""

    states: tuple[str, ...] = ()
    topic: str | None = None
    subscription: str | None = None
    """By its id (see `subscription_named`)."""
    since: datetime | None = None
    """Queued then or later (UTC-aware)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A delivery as it stands; all moments are UTC-aware."""

    delivery_id: str
    alert: str
    topic: str
    message: str
    """What is told: `alert`, `update`, `cancel`, ..."""
    subject: str
    subscription: str
    subscription_name: str
    """As operators call it; of a person's, the beginning of its id."""
    channel: str
    """How it is sent: `email`, `webhook`, ..."""
    state: str
    attempts: int
    created_at: datetime
    next_try_at: datetime | None
    """None: there will be none."""
    settled_at: datetime | None
    problem: str | None
    """Why it has not arrived: a word, and after a colon what was said, masked."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: when it ended and how; without a moment nobody knows."""

    number: int
    at: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A delivery with what is sent and what happened at each attempt."""

    entry: Entry
    text: str
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class Depth:
    """How many deliveries by one channel are in a state."""

    channel: str
    state: str
    is_open: bool
    """They are still to arrive."""
    count: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """The queue in numbers."""

    depths: tuple[Depth, ...]
    due: int
    """How many could be tried now."""
    oldest_due: datetime | None
    """Since when the delivery that is overdue for longest could have been tried; None: none is due."""

    def count(self, state: State) -> int:
        """How many deliveries are in this state."""
        return sum(depth.count for depth in self.depths if depth.state == state)

    @property
    def open(self) -> int:
        """How many are still to arrive."""
        return sum(depth.count for depth in self.depths if depth.is_open)


def find(session: Session, wanted: Wanted, limit: int | None = None) -> list[Entry]:
    """The deliveries that are wanted, newest first."""
    query = _joined().where(*conditions(wanted)).order_by(col(DeliveryRow.seq).desc()).limit(limit)
    return [_entry(*found) for found in session.exec(query)]


def conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What the rows of the wanted deliveries fulfil, joined with their messages."""
    found: list[ColumnElement[bool]] = []
    if wanted.states:
        found.append(col(DeliveryRow.state).in_(wanted.states))
    if wanted.topic is not None:
        found.append(col(MessageRow.topic) == wanted.topic)
    if wanted.subscription is not None:
        found.append(col(DeliveryRow.subscription) == wanted.subscription)
    if wanted.since is not None:
        found.append(col(DeliveryRow.created_at) >= wanted.since)
    return found


def show(session: Session, id_: str) -> Shown:
    """The delivery with this id, or with the only one that begins so.

    Raises:
        BadInputError: there is none, or several begin so.
    """
    wanted = col(DeliveryRow.delivery_id) == full_id(session, id_)
    row, message, subscription = session.exec(_joined().where(wanted)).one()
    entry = _entry(row, message, subscription)
    # What goes with a digest fares as that does.
    failures = select(FailureRow).where(FailureRow.delivery_id == (row.part_of or row.delivery_id))
    failed = {one.attempt: one for one in session.exec(failures)}
    attempts = tuple(_attempt(entry, number, failed.get(number)) for number in range(1, entry.attempts + 1))
    return Shown(entry, message.content["text"], attempts)


def full_id(session: Session, id_: str) -> str:
    """The id of the delivery that has this one, or the only one that begins so; raises as `show` does."""
    begins = col(DeliveryRow.delivery_id).startswith(id_, autoescape=True)
    found = session.exec(select(DeliveryRow.delivery_id).where(begins).limit(2)).all()
    if len(id_) < _SHORTEST_ID or not found:
        raise BadInputError(
            f"there is no delivery {id_!r}; `parley deliveries list` shows their ids (its first {_SHORTEST_ID} "
            "letters or more name one)"
        )
    if len(found) > 1:
        raise BadInputError(f"several deliveries begin with {id_!r}; give more of the id")
    return found[0]


def subscription_named(session: Session, name: str) -> str:
    """The id of the subscription with this name, or whose id begins so.

    Raises:
        BadInputError: there is none, or several begin so.
    """
    return chosen(session.exec(select(SubscriptionRow)).all(), name).id


def numbers(session: Session, now: datetime, since: datetime | None = None) -> Numbers:
    """How deep the queue is at `now`; of what is settled, only what was queued since then (UTC-aware).

    A digest counts once, whatever it tells.
    """
    is_open = col(DeliveryRow.settled_at).is_(None)
    counted = (
        select(SubscriptionRow.kind, DeliveryRow.state, is_open, func.count())
        .join(DeliveryRow, col(DeliveryRow.subscription) == SubscriptionRow.id)
        .where(col(DeliveryRow.part_of).is_(None))
        .group_by(SubscriptionRow.kind, DeliveryRow.state, is_open)
        .order_by(SubscriptionRow.kind, DeliveryRow.state)
    )
    if since is not None:
        counted = counted.where(is_open | (col(DeliveryRow.created_at) >= since))
    due = (
        select(func.count(), func.min(DeliveryRow.next_try_at))
        .join(SubscriptionRow, col(SubscriptionRow.id) == DeliveryRow.subscription)
        .where(
            col(DeliveryRow.state).in_(OPEN),
            col(DeliveryRow.next_try_at) <= now,
            col(SubscriptionRow.paused_because).is_(None),
        )
    )
    depths = tuple(Depth(*row) for row in session.exec(counted))
    return Numbers(depths, *session.exec(due).one())


def _joined() -> Select[DeliveryRow, MessageRow, SubscriptionRow]:
    return (
        select(DeliveryRow, MessageRow, SubscriptionRow)
        .join(MessageRow, col(MessageRow.event_id) == DeliveryRow.event_id)
        .join(SubscriptionRow, col(SubscriptionRow.id) == DeliveryRow.subscription)
    )


def _entry(row: DeliveryRow, message: MessageRow, subscription: SubscriptionRow) -> Entry:
    return Entry(
        delivery_id=row.delivery_id,
        alert=row.alert,
        topic=message.topic,
        message=row.kind,
        subject=message.content["subject"],
        subscription=subscription.id,
        subscription_name=subscription.name or subscription.id[:8],
        channel=subscription.kind,
        state=row.state,
        attempts=row.attempts,
        created_at=row.created_at,
        next_try_at=row.next_try_at if row.state in _TRIED_LATER else None,
        settled_at=row.settled_at,
        problem=None if row.last_error is None else masked(row.last_error),
    )


def _attempt(entry: Entry, number: int, failure: FailureRow | None) -> Attempt:
    if failure is not None:
        return Attempt(number, failure.at, masked(failure.error))
    if number == entry.attempts and entry.state == State.SUCCEEDED:
        return Attempt(number, entry.settled_at, "accepted")
    if number == entry.attempts and entry.state == State.LEASED:
        return Attempt(number, None, "on its way")
    return Attempt(number, None, "nobody knows: whoever sent it ended before it was noted")

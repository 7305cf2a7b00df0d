"""What a delivery is, and what follows from an attempt: succeeded, another try (when), or given up. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from monitor.alerts.message import Message
from monitor.errors import DeliveryError
from monitor.ids import fact_id
from monitor.log.events import DeliveryOutcome, Event


class State(StrEnum):
    """Where a delivery stands. The first three are open: it is still to arrive."""

    PENDING = "pending"
    LEASED = "leased"
    """A dispatcher is at it, until `next_try_at`; after that it may be taken over."""
    FAILED = "failed"
    """The last attempt failed; there will be another."""
    SUCCEEDED = "succeeded"
    ABANDONED = "abandoned"


OPEN = (State.PENDING, State.LEASED, State.FAILED)


MessageKind = Literal["alert", "update", "cancel", "confirm"]
"""`confirm` asks an address's owner whether it wants alerts; it alone goes to who has not confirmed yet."""

KINDS: dict[str, MessageKind] = {
    "alert.raised": "alert",
    "alert.updated": "update",
    "alert.cancelled": "cancel",
}
"""Type of event -> what subscribers are told because of it. Other types (`alert.suppressed`) are told to nobody."""

SCHEDULE = tuple(
    timedelta(seconds=seconds)
    for seconds in (0, 5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
"""The longest wait before the first, second, ... attempt (Standard Webhooks 1.0); after the last one it is over."""

LONGEST_WAIT = SCHEDULE[-1]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a delivery goes. What is personal never shows in a repr, so never in a log.

    As claimed, target and secrets are sealed; a channel gets them in the clear.
    """

    subscription: str
    kind: str
    target: str = field(repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """The webhook's secrets, newest first: each signs."""
    allow_private: bool = False
    unsubscribe: str = field(default="", repr=False)
    """The link by which the recipient ends what it gets."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One claimed delivery: a message on its way to one recipient, for the `attempt`-th time (1, 2, ...)."""

    delivery_id: str
    alert: str
    event_id: str
    topic: str
    kind: MessageKind
    attempt: int
    message: Message = field(repr=False)
    recipient: Recipient
    first_delivery_id: str
    """The delivery that told this recipient the alert itself, which an update or a cancellation answers."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an attempt led to. `retry_at` is set for FAILED only; `reason` is a short word for counting."""

    state: State
    reason: str
    detail: str | None = None
    retry_at: datetime | None = None


def verdict(attempt: int, error: DeliveryError | None, now: datetime, jitter: float) -> Verdict:
    """Judge an attempt that ended at `now` with `error`, or without one.

    The wait is `jitter` (0 .. 1) of the schedule's next step ("full jitter": receivers that failed together do not come
    back together), but no shorter than the receiver asked for, and no longer than a day.
    """
    if error is None:
        return Verdict(State.SUCCEEDED, "accepted")
    if not error.retry or attempt >= len(SCHEDULE):
        return Verdict(State.ABANDONED, error.reason, str(error))
    asked = min(timedelta(seconds=error.retry_after or 0), LONGEST_WAIT)
    wait = max(SCHEDULE[attempt] * jitter, asked)
    return Verdict(State.FAILED, error.reason, str(error), now + wait)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt, and the event that tells the log; `at` is UTC-aware."""

    delivery: Delivery
    verdict: Verdict
    at: datetime
    event: Event | None
    """None: it tells of no alert (strangers must not be able to fill the log)."""


def outcome(delivery: Delivery, judged: Verdict, *, at: datetime, by: str) -> Outcome:
    """The outcome of an attempt that ended at `at` with this verdict."""
    return Outcome(delivery, judged, at, _event(delivery, judged, at, by))


def _event(delivery: Delivery, judged: Verdict, at: datetime, by: str) -> Event | None:
    """The outcome as the log learns it. It carries the reason's word only: a receiver's answer may hold an address."""
    if delivery.kind == "confirm":
        return None
    type_ = f"delivery.{judged.state}"
    data = DeliveryOutcome(
        delivery_id=delivery.delivery_id,
        alert_id=delivery.alert,
        subscription_id=delivery.recipient.subscription,
        message=delivery.kind,
        attempt=delivery.attempt,
        outcome=judged.reason,
    )
    id_ = fact_id("delivery-outcome", delivery.delivery_id, delivery.attempt, type_)
    return Event.of(type_, data, id_=id_, topic=delivery.topic, at=at, cause=delivery.event_id, by=by)

"""What a delivery is, and what follows from an attempt: succeeded, another try (when), or given up. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, NamedTuple, cast

from monitor import __version__
from monitor.alerts.message import Message
from monitor.errors import DeliveryError
from monitor.ids import fact_id
from monitor.log.events import DeliveryOutcome, Event


class State(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    """For the end of quiet hours, of its group's window or for a digest: until `next_try_at`."""
    JOINED = "joined"
    """It goes with a digest, `part_of`, and becomes what becomes of that."""
    PENDING = "pending"
    LEASED = "leased"
    """A dispatcher is at it, until `next_try_at`; after that it may be taken over."""
    FAILED = "failed"
    """The last attempt failed; there will be another."""
    SUCCEEDED = "succeeded"
    ABANDONED = "abandoned"
    DROPPED = "dropped"
    """Never tried, for the reason that stands in `last_error` (see `timing.Dropped`)."""


OPEN = (State.PENDING, State.LEASED, State.FAILED)
"""It is the dispatcher's."""
SETTLED = (State.SUCCEEDED, State.ABANDONED)
COMING = (State.WAITING, State.JOINED, *OPEN)
"""It is still to arrive."""


MessageKind = Literal["alert", "update", "cancel", "digest", "confirm"]
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

LIMITED = "limited"
"""The reason why a delivery was not tried: too much goes to that place just now. It says when to come again."""
RESTORED = "restored"
"""Why it is abandoned, never tried: a restored log told it, and nobody knows whether it was told before."""
UNKNOWN = "unknown"
"""The reason of a `DeliveryError` by which a channel says that the message may have arrived."""

REPEATS_IN_DOUBT: Mapping[str, int] = {"chat": 1}
"""Kind of subscription -> how often a delivery is repeated that may have arrived (a time-out, a dispatcher that died).

Others are repeated as after any failure: a webhook's receiver knows a repeat by its id, a mail program by the
Message-ID. In a chat it stands there twice.
"""

BY = f"notify/{__version__}"


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
    """The delivery that told this recipient the alert itself, which an update or a cancellation answers.

    Of a digest, an id that all digests of the recipient share.
    """
    doubts: int = 0
    """After how many attempts before nobody knew whether it had arrived."""
    attempts_before: int = 0
    """Attempts before it was put back by hand: the schedule began anew after them."""
    parts: tuple["Part", ...] = ()
    """The deliveries that a digest stands for."""

    @property
    def told(self) -> tuple["Part", ...]:
        """What becomes what becomes of this delivery: its parts, or it alone."""
        alone = Part(self.delivery_id, self.alert, self.event_id, self.topic, self.kind)
        return self.parts or (alone,)


class Part(NamedTuple):
    """One alert's share in a delivery."""

    delivery_id: str
    alert: str
    event_id: str
    topic: str
    kind: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an attempt led to. `reason` is a short word for counting.

    `retry_at` is set for FAILED, and for PENDING: it was not tried, since too much goes to that place just now.
    """

    state: State
    reason: str
    detail: str | None = None
    retry_at: datetime | None = None
    unknown: bool = False
    """Whether it may have arrived nevertheless."""


def verdict(
    attempt: int,
    error: DeliveryError | None,
    now: datetime,
    jitter: float,
    *,
    kind: str = "webhook",
    doubts: int = 0,
) -> Verdict:
    """Judge an attempt that ended at `now` with `error`, or without one.

    The wait is `jitter` (0 .. 1) of the schedule's next step ("full jitter": receivers that failed together do not come
    back together), but no shorter than the receiver asked for, and no longer than a day.

    After `doubts` attempts before, and after this one when its reason is `unknown`, nobody knows whether the message
    arrived: how often it is repeated then depends on the kind of subscription.
    """
    if error is None:
        return Verdict(State.SUCCEEDED, "accepted")
    if error.reason == LIMITED:
        return Verdict(State.PENDING, LIMITED, str(error), now + timedelta(seconds=error.retry_after or 0))
    unknown = error.reason == UNKNOWN
    if unknown and not may_repeat(kind, doubts + 1):
        return Verdict(State.ABANDONED, error.reason, f"it may have arrived: {error}", unknown=True)
    if not error.retry or attempt >= len(SCHEDULE):
        return Verdict(State.ABANDONED, error.reason, str(error), unknown=unknown)
    asked = min(timedelta(seconds=error.retry_after or 0), LONGEST_WAIT)
    wait = max(SCHEDULE[attempt] * jitter, asked)
    return Verdict(State.FAILED, error.reason, str(error), now + wait, unknown=unknown)


def may_repeat(kind: str, doubts: int) -> bool:
    """Whether a delivery may be sent again after so many attempts that may have arrived."""
    return kind not in REPEATS_IN_DOUBT or doubts <= REPEATS_IN_DOUBT[kind]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt, and the events that tell the log, one for each alert; `at` is UTC-aware."""

    delivery: Delivery
    verdict: Verdict
    at: datetime
    events: Sequence[Event]
    """None where it tells of no alert: strangers who subscribe must not be able to fill the log."""


def outcome(delivery: Delivery, judged: Verdict, *, at: datetime, by: str) -> Outcome:
    """The outcome of an attempt that ended at `at` with this verdict."""
    subscription = delivery.recipient.subscription
    events = [
        outcome_event(part, subscription, judged.state, delivery.attempt, judged.reason, at, by)
        for part in delivery.told
        if part.kind in KINDS.values() and judged.state is not State.PENDING
    ]
    return Outcome(delivery, judged, at, events)


def outcome_event(
    part: Part, subscription: str, state: State, attempt: int, reason: str, at: datetime, by: str = BY
) -> Event:
    """The outcome as the log learns it. It carries the reason's word only: a receiver's answer may hold an address."""
    type_ = f"delivery.{state}"
    data = DeliveryOutcome(
        delivery_id=part.delivery_id,
        alert_id=part.alert,
        subscription_id=subscription,
        message=cast("Any", part.kind),
        attempt=attempt,
        outcome=reason,
    )
    # What was never tried may be dropped twice: dropped, wanted again in another state of its alert, and dropped again.
    again = () if attempt else (part.event_id,)
    id_ = fact_id("delivery-outcome", part.delivery_id, attempt, type_, *again)
    return Event.of(type_, data, id_=id_, topic=part.topic, at=at, cause=part.event_id, by=by)

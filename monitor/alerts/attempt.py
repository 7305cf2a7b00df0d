"""One attempt at one delivery: its recipient opened, sent through its channel, and judged."""

import logging
import traceback
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from monitor.alerts.channels.base import Channel
from monitor.alerts.delivery import (
    BY,
    LIMITED,
    UNKNOWN,
    Delivery,
    Outcome,
    Recipient,
    State,
    may_repeat,
    outcome,
    verdict,
)
from monitor.alerts.limits import Limits
from monitor.errors import DeliveryError, SettingsError
from monitor.failpoints import reached
from monitor.metrics import DELIVERIES
from monitor.tracing import about

_log = logging.getLogger(__name__)


class Attempt(NamedTuple):
    """A delivery that was accepted, or what stood against it; `at` is UTC-aware."""

    delivery: Delivery
    error: DeliveryError | None
    at: datetime


class Sender:
    """Sends deliveries one by one. Threads may share it.

    Args:
        channels: kind of subscription -> how to send.
        clock: the time, UTC-aware.
        open_: makes a claimed recipient one that a channel can use.
        limits: how much goes to one place.
        jitter: 0 .. 1, anew for each wait.
    """

    def __init__(
        self,
        channels: Mapping[str, Channel],
        clock: Callable[[], datetime],
        open_: Callable[[Recipient], Recipient],
        limits: Limits,
        jitter: Callable[[], float],
    ) -> None:
        self._channels = channels
        self._clock = clock
        self._open = open_
        self._limits = limits
        self._jitter = jitter

    def opened(self, delivery: Delivery) -> Delivery | Attempt:
        """The delivery with its recipient in the clear, or the attempt that failed for want of that."""
        try:
            return replace(delivery, recipient=self._open(delivery.recipient))
        except SettingsError as error:
            objection = DeliveryError("sealed", str(error), retry=True)
        except Exception as error:  # noqa: BLE001  (it is told of and tried again)
            objection = _defect(delivery, error)
        return Attempt(delivery, objection, self._clock())

    def sent(self, delivery: Delivery) -> Attempt:
        """Send an opened delivery."""
        with _about(delivery):
            return Attempt(delivery, self._objection(delivery), self._clock())

    def unsent(self, delivery: Delivery) -> Attempt:
        """Leave a delivery as if it had never been claimed."""
        error = DeliveryError(LIMITED, "Parley stopped before it was sent", retry=True)
        return Attempt(delivery, error, self._clock())

    def judged(self, attempt: Attempt) -> Outcome:
        """What follows from it."""
        delivery = attempt.delivery
        judged = verdict(
            delivery.attempt - delivery.attempts_before,
            attempt.error,
            attempt.at,
            self._jitter(),
            kind=delivery.recipient.kind,
            doubts=delivery.doubts,
        )
        became = LIMITED if judged.state is State.PENDING else judged.state.value
        DELIVERIES.labels(delivery.recipient.kind, became).inc()
        with _about(delivery):
            _log.log(
                logging.INFO if judged.state in {State.SUCCEEDED, State.PENDING} else logging.WARNING,
                "delivery %s to subscription %s, attempt %d: %s (%s)",
                delivery.delivery_id,
                delivery.recipient.subscription,
                delivery.attempt,
                judged.state,
                judged.reason,
            )
        return outcome(delivery, judged, at=attempt.at, by=BY)

    def _objection(self, delivery: Delivery) -> DeliveryError | None:
        """What the channel has against the delivery; None when it was accepted."""
        channel = self._channels.get(delivery.recipient.kind)
        if channel is None:
            kind = delivery.recipient.kind
            return DeliveryError("unconfigured", f"no channel is configured for {kind!r}", retry=True)
        if not may_repeat(delivery.recipient.kind, delivery.doubts):
            words = "Parley stopped while it was being sent, and it is not repeated once more"
            return DeliveryError(UNKNOWN, words, retry=False)
        try:
            reached("send.before")
            self._pass(channel, delivery)
            reached("send.after")
        except DeliveryError as error:
            return error
        except Exception as error:  # noqa: BLE001  (it is told of and tried again)
            return _defect(delivery, error)
        return None

    def _pass(self, channel: Channel, delivery: Delivery) -> None:
        """Hand the delivery to its channel, unless too much goes to that place just now."""
        now = self._clock()
        slot = self._limits.wait_until(delivery.delivery_id, delivery.recipient, now)
        if slot is not None:
            wait = (slot - now).total_seconds()
            raise DeliveryError(
                LIMITED, "as many a minute as are allowed there", retry=True, retry_after=wait
            )
        channel.send(delivery)


def _about(delivery: Delivery) -> AbstractContextManager[None]:
    """Within `with`, what is logged says what it is about."""
    return about(
        role="notify", topic=delivery.topic, event_id=delivery.event_id, delivery=delivery.delivery_id
    )


def _defect(delivery: Delivery, error: Exception) -> DeliveryError:
    """Tell where it went wrong, but not the error's words: they may hold an address or a token."""
    where = "".join(traceback.format_tb(error.__traceback__))
    name = type(error).__name__
    _log.error("delivery %s: a defect, %s in\n%s", delivery.delivery_id, name, where)
    return DeliveryError("defect", name, retry=True)

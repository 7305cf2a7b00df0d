"""The dispatcher: claims due deliveries, sends each in a pool, and writes down what became of it.

    tick -> gather what has waited long enough; claim as many as there are free hands -> each hand: send, judge, hand in
    handing in -> settle whatever was handed in meanwhile, claim for the hands that are free now

A delivery that hangs keeps one hand of the pool and its own subscription busy, nothing else. Dying between sending and
settling repeats the message under the same id when the lease runs out: at least once, and the receiver can tell.
"""

import logging
import threading
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from random import SystemRandom
from types import MappingProxyType

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

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
from monitor.alerts.gather import gather
from monitor.alerts.limits import Limits
from monitor.alerts.queue import claim, record_outcomes, settle
from monitor.errors import DeliveryError, SettingsError
from monitor.failpoints import reached
from monitor.hitch import Hitch
from monitor.log.events import Event
from monitor.metrics import DELIVERIES
from monitor.readmodel.store import reason_of
from monitor.tracing import about

HANDS = 16
_RANDOM = SystemRandom()
_log = logging.getLogger(__name__)


class Dispatcher:
    """Delivers what is due. Safe to run in several processes at once: a delivery belongs to who leased it.

    Args:
        engine: the service's database (`create_tables` was called).
        channels: kind of subscription -> how to send.
        clock: the time, UTC-aware.
        open_: makes a claimed recipient one that a channel can use (see `subscriptions.opened`).
        record: appends an outcome to its topic's log; it must take the same event twice without harm.
        per_minute: kind of subscription -> how many messages a minute go to one place (see `Limits`).
        hands: how many deliveries are on their way at once.
        jitter: 0 .. 1, anew for each wait.
    """

    def __init__(
        self,
        engine: Engine,
        channels: Mapping[str, Channel],
        clock: Callable[[], datetime],
        open_: Callable[[Recipient], Recipient],
        record: Callable[[Event], None],
        *,
        per_minute: Mapping[str, int] = MappingProxyType({}),
        hands: int = HANDS,
        jitter: Callable[[], float] = _RANDOM.random,
    ) -> None:
        self._engine = engine
        self._channels = channels
        self._clock = clock
        self._open = open_
        self._record = record
        self._limits = Limits(per_minute)
        self._hands = hands
        self._jitter = jitter
        self._pool = ThreadPoolExecutor(hands, thread_name_prefix="deliver")
        self._busy = 0
        self._handed_in: list[Outcome] = []
        self._unsettled: list[Outcome] = []
        """What the database did not take; the desk guards it."""
        self._hitch = Hitch(_log)
        self._hand = threading.Condition()  # guards the two above
        self._desk = threading.Lock()  # SQLite has one writer, and a batch costs as much as a single one
        self._closed = False

    def tick(self) -> int:
        """Start what is due, and tell the log what it has still to learn; returns how many were started.

        Does not wait for the deliveries, and never raises: what goes wrong is logged and tried again at the next tick.
        Several threads may call it, or one of its halves.
        """
        started = self.start()
        self.tell_log()
        return started

    def start(self) -> int:
        """Start what is due, whether or not the log answers; returns how many."""
        self._gather()
        return self._attend(due=True)

    def tell_log(self) -> None:
        """Tell the log what it has still to learn."""
        try:
            record_outcomes(self._engine, self._record)
        except OperationalError as error:
            self._met(error)
        except Exception:  # noqa: BLE001  (they stay in the database, the next time tries again)
            _log.exception("cannot read the outcomes that the log has still to learn")

    def _gather(self) -> None:
        try:
            gather(self._engine, self._clock())
        except OperationalError as error:
            self._met(error)
        except Exception:  # noqa: BLE001  (a defect: the next tick tries again)
            _log.exception("cannot gather what waits to be told together")

    def drain(self, timeout: float) -> bool:
        """Wait until nothing is on its way, at most `timeout` seconds; whether that was so."""
        with self._hand:
            return self._hand.wait_for(lambda: self._busy == 0, timeout)

    def close(self, timeout: float = 20.0) -> None:
        """Take no more, and give what is on its way `timeout` seconds; the rest is repeated when its lease ends."""
        self._closed = True
        self.drain(timeout)
        self._pool.shutdown(wait=False)
        self.tick()

    def _attend(self, *, due: bool) -> int:
        """Go to the desk when something was handed in, or may be `due`; returns how many deliveries were started.

        A hand does not queue there: who is at the desk looks, before and after leaving it, for what was handed in.
        """
        started = 0
        while (due or self._handed_in) and self._desk.acquire(blocking=due):
            try:
                started += self._turn()
            finally:
                self._desk.release()
            due = False
        return started

    def _turn(self) -> int:
        """At the desk: settle what was handed in, in one transaction, and start what is due; returns how many."""
        with self._hand:
            outcomes, self._handed_in = self._handed_in, []
        if outcomes or self._unsettled:
            self._settle([*self._unsettled, *outcomes])
        claimed = self._claim(self._hands - self._busy + len(outcomes))
        with self._hand:
            self._busy += len(claimed) - len(outcomes)
            self._hand.notify_all()
        for delivery in claimed:
            self._pool.submit(self._work, delivery)
        return len(claimed)

    def _settle(self, outcomes: list[Outcome]) -> None:
        self._unsettled = []
        try:
            settle(self._engine, outcomes)
        except OperationalError as error:
            self._unsettled = outcomes  # for when the database is back, lest they are repeated
            self._met(error)
        except Exception:  # noqa: BLE001  (they are repeated under the same ids when their leases end)
            _log.exception("cannot settle %d deliveries", len(outcomes))

    def _claim(self, limit: int) -> list[Delivery]:
        if self._closed or limit <= 0:
            return []
        try:
            found = claim(self._engine, self._clock(), limit)
        except OperationalError as error:
            self._met(error)
            return []
        except Exception:  # noqa: BLE001  (a defect: the next tick tries again)
            _log.exception("cannot claim deliveries")
            return []
        self._hitch.over("deliveries go on")
        return found

    def _met(self, error: OperationalError) -> None:
        """The database is away, locked or full: the next tick tries again."""
        self._hitch.met(f"deliveries wait for the database: {reason_of(error)}")

    def _work(self, delivery: Delivery) -> None:
        """One hand: send, judge, hand in."""
        with about(role="notify"):
            with about(topic=delivery.topic, event_id=delivery.event_id, delivery=delivery.delivery_id):
                judged = self._judge(delivery, self._send(delivery))
            with self._hand:
                self._handed_in.append(judged)
            self._attend(due=False)

    def _send(self, delivery: Delivery) -> DeliveryError | None:
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
            self._pass(channel, replace(delivery, recipient=self._open(delivery.recipient)))
            reached("send.after")
        except DeliveryError as error:
            return error
        except SettingsError as error:
            return DeliveryError("sealed", str(error), retry=True)
        except Exception as error:  # noqa: BLE001  (a defect; it is told of and tried again)
            # Where it went wrong, but not the error's words: they may hold an address or a token.
            where = "".join(traceback.format_tb(error.__traceback__))
            name = type(error).__name__
            _log.error("delivery %s: a defect, %s in\n%s", delivery.delivery_id, name, where)
            return DeliveryError("defect", name, retry=True)
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

    def _judge(self, delivery: Delivery, error: DeliveryError | None) -> Outcome:
        now = self._clock()
        judged = verdict(
            delivery.attempt - delivery.attempts_before,
            error,
            now,
            self._jitter(),
            kind=delivery.recipient.kind,
            doubts=delivery.doubts,
        )
        became = LIMITED if judged.state is State.PENDING else judged.state.value
        DELIVERIES.labels(delivery.recipient.kind, became).inc()
        _log.log(
            logging.INFO if judged.state in {State.SUCCEEDED, State.PENDING} else logging.WARNING,
            "delivery %s to subscription %s, attempt %d: %s (%s)",
            delivery.delivery_id,
            delivery.recipient.subscription,
            delivery.attempt,
            judged.state,
            judged.reason,
        )
        return outcome(delivery, judged, at=now, by=BY)

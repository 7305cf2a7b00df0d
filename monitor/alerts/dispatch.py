"""The dispatcher: claims due deliveries, sends each in a pool, and writes down what became of it.

    tick -> claim as many as there are free hands -> each hand: send, judge, settle, tell the log, take the next

A delivery that hangs keeps one hand of the pool and its own subscription busy, nothing else. Dying between sending and
settling repeats the message under the same id when the lease runs out: at least once, and the receiver can tell.
"""

import logging
import threading
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from random import SystemRandom

from sqlalchemy import Engine

from monitor import __version__
from monitor.alerts.channels.base import Channel
from monitor.alerts.delivery import Delivery, State, outcome_event, verdict
from monitor.alerts.queue import claim, record_outcomes, settle
from monitor.errors import DeliveryError
from monitor.failpoints import reached
from monitor.log.events import Event

BY = f"notify/{__version__}"
HANDS = 16
_RANDOM = SystemRandom()
_log = logging.getLogger(__name__)


class Dispatcher:
    """Delivers what is due. Safe to run in several processes at once: a delivery belongs to who leased it.

    Args:
        engine: the service's database (`create_tables` was called).
        channels: kind of subscription -> how to send.
        clock: the time, UTC-aware.
        record: appends an outcome to its topic's log; it must take the same event twice without harm.
        jitter: 0 .. 1, anew for each wait.
    """

    def __init__(
        self,
        engine: Engine,
        channels: Mapping[str, Channel],
        clock: Callable[[], datetime],
        record: Callable[[Event], None],
        *,
        hands: int = HANDS,
        jitter: Callable[[], float] = _RANDOM.random,
    ) -> None:
        self._engine = engine
        self._channels = channels
        self._clock = clock
        self._record = record
        self._hands = hands
        self._jitter = jitter
        self._pool = ThreadPoolExecutor(hands, thread_name_prefix="deliver")
        self._busy = 0
        self._idle = threading.Condition()
        self._recording = threading.Lock()
        self._closed = False

    def tick(self) -> int:
        """Tell the log what it has still to learn, and start what is due; returns how many were started.

        Does not wait for the deliveries, and never raises: what goes wrong is logged and tried again at the next tick.
        """
        self._tell_log()
        with self._idle:
            claimed = self._claim(self._hands - self._busy)
            self._busy += len(claimed)
        for delivery in claimed:
            self._pool.submit(self._work, delivery)
        return len(claimed)

    def drain(self, timeout: float) -> bool:
        """Wait until nothing is on its way, at most `timeout` seconds; whether that was so."""
        with self._idle:
            return self._idle.wait_for(lambda: self._busy == 0, timeout)

    def close(self, timeout: float = 20.0) -> None:
        """Take no more, and give what is on its way `timeout` seconds; the rest is repeated when its lease ends."""
        self._closed = True
        self.drain(timeout)
        self._pool.shutdown(wait=False)
        self._tell_log()

    def _claim(self, limit: int) -> list[Delivery]:
        if self._closed or limit <= 0:
            return []
        try:
            return claim(self._engine, self._clock(), limit)
        except Exception:  # noqa: BLE001  (the database is locked or full: the next tick tries again)
            _log.exception("cannot claim deliveries")
            return []

    def _work(self, first: Delivery) -> None:
        """One hand: the delivery that it was given, and then whatever is due, until nothing is."""
        due = [first]
        try:
            while due:
                self._settle(due[0], self._send(due[0]))
                due = self._claim(1)
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def _send(self, delivery: Delivery) -> DeliveryError | None:
        """What the channel has against the delivery; None when it was accepted."""
        channel = self._channels.get(delivery.recipient.kind)
        if channel is None:
            kind = delivery.recipient.kind
            return DeliveryError("unconfigured", f"no channel is configured for {kind!r}", retry=True)
        try:
            reached("send.before")
            channel.send(delivery)
            reached("send.after")
        except DeliveryError as error:
            return error
        except Exception as error:  # noqa: BLE001  (a defect; it is told of and tried again)
            # Where it went wrong, but not the error's words: they may hold an address or a token.
            where = "".join(traceback.format_tb(error.__traceback__))
            name = type(error).__name__
            _log.error("delivery %s: a defect, %s in\n%s", delivery.delivery_id, name, where)
            return DeliveryError("defect", name, retry=True)
        return None

    def _settle(self, delivery: Delivery, error: DeliveryError | None) -> None:
        now = self._clock()
        judged = verdict(delivery.attempt, error, now, self._jitter())
        level = logging.INFO if judged.state is State.SUCCEEDED else logging.WARNING
        _log.log(
            level,
            "delivery %s to subscription %s, attempt %d: %s (%s)",
            delivery.delivery_id,
            delivery.recipient.subscription,
            delivery.attempt,
            judged.state,
            judged.reason,
        )
        try:
            settle(self._engine, delivery, judged, outcome_event(delivery, judged, at=now, by=BY), now)
        except Exception:  # noqa: BLE001  (the delivery is repeated under the same id when its lease ends)
            _log.exception("cannot settle the delivery %s", delivery.delivery_id)
        self._tell_log()

    def _tell_log(self) -> None:
        try:
            with self._recording:
                record_outcomes(self._engine, self._record)
        except Exception:  # noqa: BLE001  (they stay in the database, the next tick tries again)
            _log.exception("cannot read the outcomes that the log has still to learn")

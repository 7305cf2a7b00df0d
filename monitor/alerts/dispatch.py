"""The dispatcher: claims due deliveries, has hands send them, and writes down what became of them.

    tick   -> gather what has waited long enough; a turn at the desk
    a turn -> settle what was handed in, and claim as many as may be on their way, in one transaction
    hands  -> take one of what was claimed, send, hand in; until nothing is left
    clerk  -> while anything is on its way: a turn when most is done, one more hand when nobody takes what waits

So a few hands serve receivers that answer at once (more would only wait for one another), and many serve slow ones. A
delivery that hangs keeps one hand and its own subscription busy, nothing else. Dying between sending and settling
repeats the message under the same id when the lease runs out: at least once, and the receiver can tell.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from random import SystemRandom
from types import MappingProxyType

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from monitor.alerts.attempt import Attempt, Sender
from monitor.alerts.channels.base import Channel
from monitor.alerts.delivery import Delivery, Outcome, Recipient
from monitor.alerts.gather import gather
from monitor.alerts.limits import Limits
from monitor.alerts.outcomes import record_outcomes
from monitor.alerts.queue import exchange
from monitor.hitch import Hitch
from monitor.log.events import Event
from monitor.readmodel.store import reason_of
from monitor.tracing import about

HANDS = 32
FEW = 3
"""So many hands begin at once."""
PATIENCE_S = 0.005
"""When nobody takes what waits for so long, one more hand is called."""
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
        hands: how many deliveries are on their way at once, at most.
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
        self._clock = clock
        self._record = record
        self._hands = hands
        self._sender = Sender(channels, clock, open_, Limits(per_minute), jitter)
        self._pool = ThreadPoolExecutor(hands + 1, thread_name_prefix="deliver")
        self._on_their_way = 0
        self._waiting: deque[Delivery] = deque()
        self._taken = 0
        self._handed_in: list[Attempt] = []
        self._at_work = 0
        self._has_clerk = False
        self._closed = False
        self._lock = threading.Lock()  # guards all of the above
        self._bell = threading.Condition(self._lock)  # wakes the clerk
        self._calm = threading.Condition(self._lock)
        self._unsettled: list[Outcome] = []
        """What the database did not take; the desk guards it."""
        self._hitch = Hitch(_log)
        self._desk = threading.Lock()  # SQLite has one writer, and a batch costs as much as a single one

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
        return self._turn()

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
        with self._calm:
            return self._calm.wait_for(lambda: self._on_their_way == 0, timeout)

    def close(self, timeout: float = 20.0) -> None:
        """Take no more, give back what is not being sent yet, and give what is `timeout` seconds.

        The rest is repeated when its lease ends.
        """
        with self._lock:
            self._closed = True
            self._give_back()
            self._bell.notify()
        self.drain(timeout)
        self._pool.shutdown(wait=False)
        self.tick()

    def _turn(self) -> int:
        """At the desk: settle what was handed in, and start what is due; returns how many deliveries were started."""
        with self._desk:
            with self._lock:
                attempts, self._handed_in = self._handed_in, []
                free = 0 if self._closed else self._hands - self._on_their_way + len(attempts)
            claimed = self._exchange(attempts, free)
            opened = [self._sender.opened(delivery) for delivery in claimed]
            with self._lock:
                self._on_their_way += len(claimed) - len(attempts)
                for one in opened:
                    if isinstance(one, Delivery):
                        self._waiting.append(one)
                    else:
                        self._handed_in.append(one)
                self._staff()
        return len(claimed)

    def _exchange(self, attempts: list[Attempt], limit: int) -> list[Delivery]:
        outcomes, self._unsettled = self._unsettled, []
        try:
            outcomes += [self._sender.judged(attempt) for attempt in attempts]
            if not outcomes and limit <= 0:
                return []
            claimed = exchange(self._engine, outcomes, self._clock(), limit)
        except OperationalError as error:
            self._unsettled = outcomes  # for when the database is back, lest they are repeated
            self._met(error)
            return []
        except Exception:  # noqa: BLE001  (a defect; who comes when the leases end repeats them under the same ids)
            _log.exception("cannot settle %d deliveries, nor claim others", len(attempts))
            return []
        self._hitch.over("deliveries go on")
        return claimed

    def _met(self, error: OperationalError) -> None:
        """The database is away, locked or full: the next tick tries again."""
        self._hitch.met(f"deliveries wait for the database: {reason_of(error)}")

    # What follows is called with the lock held.

    def _staff(self) -> None:
        """Have a clerk and the first hands, where there is something for them to do; or nobody take it any more."""
        if self._closed:
            self._give_back()
        for _ in range(min(FEW, len(self._waiting)) - self._at_work):
            self._call_hand()
        if self._on_their_way and not self._has_clerk and not self._closed:
            self._has_clerk = True
            self._pool.submit(self._keep_desk)
        if not self._on_their_way:
            self._calm.notify_all()
        self._bell.notify()

    def _call_hand(self) -> None:
        self._at_work += 1
        self._pool.submit(self._work)

    def _give_back(self) -> None:
        """Hand in what waits as if it had never been claimed."""
        self._handed_in += [self._sender.unsent(delivery) for delivery in self._waiting]
        self._waiting.clear()

    def _is_much_done(self) -> bool:
        """Whether a turn is worth it: most of what may be on its way was handed in, or nothing waits any more."""
        done = len(self._handed_in)
        return 4 * done >= 3 * self._hands or (done > 0 and not self._waiting)

    # The clerk, and a hand.

    def _keep_desk(self) -> None:
        try:
            with about(role="notify"):
                while self._is_turn_due():
                    self._turn()
        except Exception:  # noqa: BLE001  (the system has no more threads, say)
            _log.exception("what was sent is settled at the next tick only")
            with self._lock:
                self._has_clerk = False

    def _is_turn_due(self) -> bool:
        """Wait until a turn is due, with as many hands as are needed; False when nothing is on its way any more."""
        with self._bell:
            while not self._is_much_done():
                if not (self._at_work or self._waiting):
                    self._has_clerk = False
                    return False
                taken = self._taken
                is_called = self._bell.wait(PATIENCE_S if self._waiting else None)
                if self._waiting and not is_called and taken == self._taken:
                    self._call_hand()
            return True

    def _work(self) -> None:
        try:
            while (delivery := self._next()) is not None:
                attempt = self._sender.sent(delivery)
                with self._lock:
                    self._handed_in.append(attempt)
        finally:
            with self._lock:
                self._at_work -= 1
                self._bell.notify()

    def _next(self) -> Delivery | None:
        with self._lock:
            delivery = self._waiting.popleft() if self._waiting else None
            self._taken += delivery is not None
            if self._is_much_done():
                self._bell.notify()
            return delivery

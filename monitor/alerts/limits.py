"""How many messages a minute go to one place, so that a thousand mails at once do not get Parley blocked.

A place is a mail server, the host of a webhook, an account of a chat service. Who comes too soon gets the first free
slot and keeps it: when it comes again then, it goes.
"""

import threading
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from monitor.alerts.delivery import Recipient

_WINDOW = timedelta(minutes=1)
_MOST_PROMISES = 100_000


class Limits:
    """Slots for all hands of one process.

    Args:
        per_minute: kind of subscription -> how many messages a minute go to one place; none, or 0: no limit.
    """

    def __init__(self, per_minute: Mapping[str, int]) -> None:
        self._per_minute = per_minute
        self._slots: dict[str, deque[datetime]] = {}
        """Place -> its newest slots, as many as it has in a minute."""
        self._promised: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def wait_until(self, delivery_id: str, recipient: Recipient, now: datetime) -> datetime | None:
        """None: send it now. Else the moment to come again (all UTC-aware); the recipient's target is in the clear."""
        most = self._per_minute.get(recipient.kind, 0)
        if not most:
            return None
        with self._lock:
            slot = self._promised.get(delivery_id) or self._next(_place(recipient), most, now)
            if slot <= now:
                self._promised.pop(delivery_id, None)
                return None
            if len(self._promised) >= _MOST_PROMISES:  # of deliveries that never came again
                self._promised.clear()
            self._promised[delivery_id] = slot
            return slot

    def _next(self, place: str, most: int, now: datetime) -> datetime:
        slots = self._slots.setdefault(place, deque(maxlen=most))
        slot = now if len(slots) < most else max(now, slots[0] + _WINDOW)
        slots.append(slot)
        return slot


def _place(recipient: Recipient) -> str:
    """All mail goes through one server."""
    if recipient.kind == "email":
        return "email"
    try:
        parts = urlsplit(recipient.target)
        return f"{recipient.kind} {parts.scheme} {parts.hostname}"
    except ValueError:  # its channel will say what is wrong with it
        return recipient.kind

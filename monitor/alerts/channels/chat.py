"""Chat and push through Apprise: one service per delivery, our retries, not its own, and plain text that pings nobody.

Apprise says little of why a service did not take a message, so the judgement rests on the last answer that came through
the door (see `door`): its status, or what kept it from coming.
"""

import re
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import TYPE_CHECKING

import httpx

from monitor.alerts.channels.answers import failure, objection
from monitor.alerts.delivery import UNKNOWN, Delivery
from monitor.errors import BadInputError, DeliveryError, ForbiddenAddressError

if TYPE_CHECKING:
    from apprise.plugins import NotifyBase

    from monitor.alerts.channels.door import Door

TIMEOUT_S = 30.0
MOST_CALLS = 64
"""At once, those that hang included: twice the dispatcher's hands."""

_LINK = re.compile(r"https?://\S+")
_ZERO_WIDTH_SPACE = "\u200b"


class ChatChannel:
    """Sends the message's short form to the service that the subscription's address names.

    Args:
        clock: the real time, UTC-aware, for receivers that say when to come back.
        timeout: seconds for one delivery.
        tls: how certificates are checked; by default as httpx does.
        most_calls: how many may be under way; a call that hangs counts until it ends.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        *,
        timeout: float = TIMEOUT_S,
        tls: ssl.SSLContext | None = None,
        most_calls: int = MOST_CALLS,
    ) -> None:
        self._clock = clock
        self._timeout = timeout
        self._tls = tls or httpx.create_ssl_context(trust_env=False)
        self._free = threading.BoundedSemaphore(most_calls)

    def send(self, delivery: Delivery) -> None:
        """Hand the message to the service.

        Raises:
            DeliveryError: the service did not take it. Final when its address is wrong or forbidden, or when it says
                410. With the reason `unknown` it may have it; the queue repeats that once, for no chat knows a repeat.
        """
        # Apprise takes long to load, and most have no chat to tell.
        from monitor.alerts.channels.door import Door
        from monitor.alerts.channels.service import service_of

        recipient = delivery.recipient
        try:
            service = service_of(recipient.target)
        except BadInputError as error:
            raise DeliveryError("bad_url", str(error), retry=False) from error
        if not self._free.acquire(blocking=False):
            raise DeliveryError("busy", "too many calls of chat services hang", retry=True)
        door = Door(allow_private=recipient.allow_private, seconds=self._timeout, tls=self._tls)
        if not self._call(service, harmless(delivery.message.brief), door):
            raise self._objection(door)

    def close(self) -> None:
        """Nothing is kept."""

    def _call(self, service: "NotifyBase", words: str, door: "Door") -> bool:
        """Whether Apprise says that the service took it; waits no longer than the time-out."""
        from monitor.alerts.channels.door import through
        from monitor.alerts.channels.service import tell

        done: Future[bool] = Future()

        def run() -> None:
            try:
                with through(door):
                    done.set_result(tell(service, words))
            except BaseException as error:  # noqa: BLE001 - handed to the waiting thread, which raises it
                done.set_exception(error)
            finally:
                door.close()
                self._free.release()

        try:
            threading.Thread(target=run, name="chat", daemon=True).start()
        except RuntimeError:  # the system has no more threads
            self._free.release()
            raise
        try:
            return done.result(self._timeout + 1)
        except TimeoutError as error:
            # Its door is shut by now: it cannot send any more, whatever it is waiting for.
            reason = UNKNOWN if door.asked else "timeout"
            late = f"the service did not finish within {self._timeout:g} s"
            raise DeliveryError(reason, late, retry=True) from error

    def _objection(self, door: "Door") -> DeliveryError:
        error = door.error
        if isinstance(error, ForbiddenAddressError):
            return DeliveryError("forbidden_address", str(error), retry=False)
        if isinstance(error, httpx.InvalidURL):
            return DeliveryError("bad_url", "the service's address cannot be read", retry=False)
        if isinstance(error, httpx.ReadTimeout | httpx.ReadError | httpx.RemoteProtocolError):
            words = f"the service did not say whether it has the message ({type(error).__name__})"
            return DeliveryError(UNKNOWN, words, retry=True)
        if isinstance(error, httpx.HTTPError):
            return DeliveryError(*failure(error, self._timeout, late=False), retry=True)
        if door.answer is not None:
            refusal = objection(door.answer.status_code, door.answer.headers, self._clock())
            if refusal is not None:
                return refusal
        return DeliveryError(
            "refused", "the service did not take the message, and did not say why", retry=True
        )


def harmless(words: str) -> str:
    """The words with nothing in them that a chat service takes for a mention, a command or a link with another name."""
    parts, end = [], 0
    for link in _LINK.finditer(words):
        parts += [_broken(words[end : link.start()]), _encoded(link.group())]
        end = link.end()
    return "".join([*parts, _broken(words[end:])])


def _broken(words: str) -> str:
    """Mentions begin with @ or <; what follows them no longer does. `](` would hide where a link leads."""
    for sign in ("@", "<"):
        words = words.replace(sign, sign + _ZERO_WIDTH_SPACE)
    return words.replace("](", f"]{_ZERO_WIDTH_SPACE}(")


def _encoded(link: str) -> str:
    """The same link, with nothing in it that ends or begins markup."""
    return re.sub(r"[@<>()\[\]|*`]", lambda sign: f"%{ord(sign.group()):02X}", link)

"""The dead man's switch: an address outside is asked for while all is well, so that others notice when it is not.

Not well is: a role that was heard of since is in trouble or silent, Redis does not answer, a reader is behind, no
source brings anything. It is looked at and asked for beside the role's other work, which must not wait for it.
"""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

import httpx

from monitor.errors import ForbiddenAddressError, ParleyError
from monitor.guard import guarded_client
from monitor.readmodel.roles import troubles
from monitor.readmodel.sources import sources
from monitor.service.lookout import behind
from monitor.service.wiring import Parley
from monitor.sources.health import FAILURES_TOLD, SILENT
from monitor.sources.schedule import GONE
from monitor.tracing import about

_TIMEOUT_S = 10.0
_log = logging.getLogger(__name__)


class Heartbeat:
    """Asks for the address of the settings, for the first time an interval after it was made."""

    def __init__(self, parley: Parley) -> None:
        self._parley = parley
        self._settings = parley.settings.heartbeat
        self._started = parley.clock().replace(microsecond=0)  # roles note whole seconds
        self._beat_at = self._started
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="heartbeat")
        self._beating: Future[None] | None = None
        self._told = ""

    def tick(self) -> None:
        """Begin a beat when it is time for one and none is on its way; never waits, never raises."""
        now = self._parley.clock()
        is_due = now - self._beat_at >= timedelta(seconds=self._settings.every_s)
        if not self._settings.url.get_secret_value() or not is_due:
            return
        if self._beating is None or self._beating.done():
            self._beat_at = now
            self._beating = self._pool.submit(self._beat, now)

    def close(self) -> None:
        """Begin nothing more, and let a beat that is on its way end."""
        self._pool.shutdown(wait=True)

    def _beat(self, now: datetime) -> None:
        with about(role="notify"):
            self._look_and_ask(now)

    def _look_and_ask(self, now: datetime) -> None:
        try:
            if why := hindrance(self._parley, now, self._started):
                self._tell("is withheld", why)
            elif why := self._ask():
                self._tell("does not arrive", why)
            else:
                self._tell("", "")
        except Exception:  # noqa: BLE001 - a defect here must not end the role; it is logged whole
            _log.exception("the heartbeat is withheld: a defect")

    def _ask(self) -> str:
        """Ask for the address; why that failed, without the address, which is a secret."""
        settings = self._settings
        client = guarded_client(
            allow_private=settings.allow_private, timeout=_TIMEOUT_S, lifetime=2 * _TIMEOUT_S
        )
        try:
            with client, client.stream("GET", settings.url.get_secret_value()) as response:
                return "" if response.is_success else f"it was answered with {response.status_code}"
        except ForbiddenAddressError as error:
            return str(error)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__

    def _tell(self, state: str, why: str) -> None:
        """Log a change: not each beat that fails."""
        if state and state != self._told:
            _log.warning("the heartbeat %s: %s", state, why)
        elif self._told and not state:
            _log.info("the heartbeat arrives again")
        self._told = state


def hindrance(parley: Parley, now: datetime, since: datetime) -> str:
    """Why not all is well at `now`; empty when it is. A role counts that was heard of since `since` (UTC-aware)."""
    try:
        for role, why in troubles(parley.settings.store, now, since).items():
            return f"{role}: {why}"
        for topic in behind(parley, now):
            return f"the reader of {topic} is behind the log"
        polled = [
            one for one in sources(parley.read_model, now) if one.kind != "folder" and one.state != "paused"
        ]
    except ParleyError as error:
        return str(error)
    if polled and all(one.state in {SILENT, GONE} or one.error_streak >= FAILURES_TOLD for one in polled):
        return f"none of the {len(polled)} sources brings anything"
    return ""

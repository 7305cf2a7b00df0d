"""What commands do once, with or without a service that runs: take articles in, and have the logs read."""

import logging
import time
from collections.abc import Iterable
from datetime import datetime

from monitor.errors import ParleyError
from monitor.log.embedded import running_url
from monitor.service.ingest import take_in
from monitor.service.leases import replicas
from monitor.service.settings import Settings
from monitor.service.tables import reaction_of
from monitor.service.watch import ROLE, renew, settled, watches
from monitor.service.wiring import Parley
from monitor.sources.intake import Taken
from monitor.sources.model import ArticleFound

PATIENCE_S = 60.0
_log = logging.getLogger(__name__)


def is_running(settings: Settings, now: datetime) -> bool:
    """Whether a service reads the logs at `now` (UTC-aware), so that a command need not.

    Raises:
        StoreError: the service's database cannot be read.
    """
    if not settings.redis_url:
        return running_url(settings.data) is not None
    if replicas(settings.store, ROLE, now):
        return True
    _log.warning(
        "no role `%s` is at work on %s; this command reads the logs itself", ROLE, settings.store.name
    )
    return False


def take_in_and_read(
    parley: Parley, found: Iterable[ArticleFound], topics: Iterable[str] = (), *, by_another: bool
) -> Taken:
    """Put articles into the logs and have them read: by the service that runs, else here and now.

    Raises:
        ParleyError: the service that runs did not read them in time.
    """
    taken = take_in(parley, found, topics)
    have_read(parley, by_another=by_another)
    return taken


def have_read(parley: Parley, *, by_another: bool) -> None:
    """Have the logs of all watched topics read to their ends: by the service that runs, else here and now.

    Raises:
        ParleyError: the service that runs did not go on reading.
    """
    if by_another:
        _wait(parley)
    else:
        renew(parley)
        for watch in watches(parley):
            watch.tick()


def _wait(parley: Parley) -> None:
    reached, deadline = _reached(parley), time.monotonic() + PATIENCE_S
    while not settled(parley):
        if (now := _reached(parley)) != reached:
            reached, deadline = now, time.monotonic() + PATIENCE_S
        if time.monotonic() > deadline:
            raise ParleyError(
                f"what was appended is in the log, but nobody has read on for {PATIENCE_S:.0f} s: is the role `watch` "
                "running? See `parley doctor`"
            )
        time.sleep(0.05)


def _reached(parley: Parley) -> list[str | None]:
    """How far each watched topic is read."""
    reactions = (reaction_of(parley.service, topic) for topic in parley.topics)
    return [reaction.position if reaction else None for reaction in reactions]

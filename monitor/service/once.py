"""What commands do once, with or without a service that runs: take articles in, and have the logs read."""

import time
from collections.abc import Iterable

from monitor.errors import ParleyError
from monitor.log.embedded import running_url
from monitor.service.ingest import take_in
from monitor.service.settings import Settings
from monitor.service.tables import reaction_of
from monitor.service.watch import renew, settled, watches
from monitor.service.wiring import Parley
from monitor.sources.intake import Taken
from monitor.sources.model import ArticleFound

PATIENCE_S = 60.0


def is_running(settings: Settings) -> bool:
    """Whether a service reads the logs already, so that a command need not."""
    return bool(settings.redis_url) or running_url(settings.data) is not None


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

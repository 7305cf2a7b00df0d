"""What commands do once, with or without a service that runs: take articles in, and have them read."""

import time
from collections.abc import Callable, Iterable

from monitor.errors import ParleyError
from monitor.log.embedded import running_url
from monitor.log.events import Event
from monitor.log.stream import START
from monitor.service.ingest import take_in
from monitor.service.settings import Settings
from monitor.service.watch import settled, watches
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
    if by_another:
        _wait(parley)
    else:
        for watch in watches(parley):
            watch.tick()
    return taken


def _wait(parley: Parley) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not settled(parley):
        if time.monotonic() > deadline:
            raise ParleyError(
                f"the articles are in the log, but nobody has read them after {PATIENCE_S:.0f} s: is the role `watch` "
                "running? See `parley doctor`"
            )
        time.sleep(0.05)


def live(
    parley: Parley,
    found: Iterable[ArticleFound],
    set_clock: Callable[[ArticleFound], None],
    told: Callable[[Event], None],
    pause: float,
) -> None:
    """Let articles arrive one by one as if each were new on the day of its publication.

    `told` gets each `alert.*` event, in the order of the log.
    """
    watching, read = watches(parley), dict.fromkeys(parley.topics, START)
    for number, article in enumerate(found):
        if number:
            time.sleep(pause)
        set_clock(article)
        take_in(parley, [article])
        for watch in watching:
            watch.tick()
        for topic, position in read.items():
            for recorded in parley.log.read_all(topic, position):
                read[topic] = recorded.position
                if recorded.event.type.startswith("alert."):
                    told(recorded.event)

"""The pages of a poll's teasers: fetched one by one, with a pause in between, as far as time allows.

What there is no time for waits for the next poll, so that a poll ends, and a site has no rush from us.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from monitor.sources.config import SourceConfig
from monitor.sources.fetch import Accept, Fetched, Fetcher
from monitor.sources.fulltext import completed
from monitor.sources.model import ArticleFound

PAUSE = timedelta(seconds=1)
"""Between two pages of a source, unless its site asks for more."""
LONGEST_PAUSE = timedelta(seconds=10)
PATIENCE = timedelta(seconds=60)
"""For all pages of a poll, the last one's fetch not counted."""


class Robots(Protocol):
    """What knows the wishes of sites (robots.txt)."""

    def may_fetch(self, url: str, *, allow_private: bool) -> bool:
        """True when the site lets programs fetch the URL."""

    def delay(self, url: str, *, allow_private: bool) -> timedelta | None:
        """How long the site asks to wait between two fetches, if it asks."""


class Pages:
    """Reads the pages of teasers. Safe to use from several threads.

    Args:
        fetcher: gets pages.
        robots: knows which may be fetched.
        clock: the present moment, UTC.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        robots: Robots,
        clock: Callable[[], datetime],
        *,
        pause: timedelta = PAUSE,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._fetcher = fetcher
        self._robots = robots
        self._clock = clock
        self._pause = pause
        self._patience = patience

    def get(self, url: str, *, allow_private: bool = False) -> Fetched:
        """Fetch a page; raises SourceError."""
        return self._fetcher.get(url, allow_private=allow_private, accept=Accept.PAGE)

    def read(
        self, found: Sequence[ArticleFound], source: SourceConfig, stopping: threading.Event
    ) -> Iterator[ArticleFound | None]:
        """Each article, with its page's text where it is a teaser and the page has more; None: there was no time."""
        end = time.monotonic() + self._patience.total_seconds()
        is_first = True
        for article in found:
            if not (article.is_teaser and article.url and source.full_text):
                yield article
                continue
            may_fetch = self._robots.may_fetch(article.url, allow_private=source.allow_private)
            if may_fetch and not is_first:
                stopping.wait(min(self._wait(article.url, source).total_seconds(), end - time.monotonic()))
            if stopping.is_set() or time.monotonic() >= end:
                yield None
                continue
            is_first = is_first and not may_fetch
            yield completed(
                article, self, self._robots, allow_private=source.allow_private, now=self._clock()
            )

    def _wait(self, url: str, source: SourceConfig) -> timedelta:
        asked = self._robots.delay(url, allow_private=source.allow_private) or timedelta()
        return max(self._pause, min(asked, LONGEST_PAUSE))

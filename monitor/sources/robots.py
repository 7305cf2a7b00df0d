"""Whether a site lets Parley fetch a page, and how often: robots.txt as RFC 9309 says, asked for once a day per origin.

Of the parsers at hand, protego reads wildcards, `$` and the longest match as the RFC does; Python's own does not.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
from protego import Protego

from monitor.errors import SourceError
from monitor.sources.fetch import Accept, Fetcher

PRODUCT = "Parley"
"""The name that a robots.txt calls Parley by."""
KEPT_FOR = timedelta(days=1)
AGAIN_AFTER = timedelta(hours=1)
LONGEST_DELAY = timedelta(hours=1)
_MAX_BYTES = 512_000
_MOST_BYTES_IN_ALL = 2_000_000
"""Rules take up to eighty times as much memory as their file."""
_CAPACITY = 2_000
_NO_RULES = {"login", "forbidden", "not_found", "gone", "http", "consent", "redirect"}
"""Failures that say that there is no robots.txt to be had (4xx, or too many redirects): then all is allowed."""
_AGENT = re.compile(r"\s*user[-\s]*agent(?:\s*:|\s)\s*(\**)([\w-]*)", re.IGNORECASE)
"""A line that names a program, however it is written: a star, and the name."""


@dataclass(frozen=True, slots=True)
class _Rules:
    """What an origin allows, until when that is known. None: nothing is allowed."""

    parsed: Protego | None
    until: datetime
    size: int = 0
    """Bytes of the file."""

    def hold(self, now: datetime) -> bool:
        """Whether they count at `now`; no rules are known for so long that it is not a clock that was wrong."""
        return now < self.until <= now + KEPT_FOR


class Robots:
    """The robots.txt of all origins that Parley fetches pages from. Safe to use from several threads.

    Each origin is asked once, whoever waits; its answer holds for a day, and for an hour when none could be had (then
    nothing is allowed there). The origins asked about longest ago are forgotten when there are too many.

    Args:
        fetcher: gets the files.
        clock: the present moment, UTC.
        capacity: how many origins are remembered.
    """

    def __init__(self, fetcher: Fetcher, clock: Callable[[], datetime], *, capacity: int = _CAPACITY) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._capacity = capacity
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, bool], Future[_Rules]] = OrderedDict()

    def may_fetch(self, url: str, *, allow_private: bool = False) -> bool:
        """Whether the rules of its origin let Parley fetch `url`. False for what is no address."""
        rules = self._rules(url, allow_private=allow_private)
        return bool(rules and rules.parsed and rules.parsed.can_fetch(url, PRODUCT))

    def delay(self, url: str, *, allow_private: bool = False) -> timedelta | None:
        """How long the origin of `url` asks to wait from one fetch to the next (at most an hour), if it asks."""
        rules = self._rules(url, allow_private=allow_private)
        seconds = rules.parsed.crawl_delay(PRODUCT) if rules and rules.parsed else None
        return None if seconds is None else min(timedelta(seconds=min(seconds, 1e6)), LONGEST_DELAY)

    def _rules(self, url: str, *, allow_private: bool) -> _Rules | None:
        origin = _origin(url)
        if origin is None:
            return None
        key, now = (origin, allow_private), self._clock()
        with self._lock:
            known = self._known.get(key)
            mine = known is None or (known.done() and not known.result().hold(now))
            if known is None or mine:
                known = self._known[key] = Future()
            self._known.move_to_end(key)
        if mine:
            self._ask(key, known)
        return known.result()

    def _ask(self, key: tuple[str, bool], answer: Future[_Rules]) -> None:
        """Ask an origin for its rules. A defect is raised to all who wait, and forgotten, so that it is asked again."""
        try:
            answer.set_result(self._fetched(*key))
        except BaseException as error:
            with self._lock:
                if self._known.get(key) is answer:
                    del self._known[key]
            answer.set_exception(error)
            raise
        self._forget()

    def _forget(self) -> None:
        """Let go of the origins asked about longest ago, while there are too many or their files are too large."""
        with self._lock:
            while len(self._known) > self._capacity or self._size() > _MOST_BYTES_IN_ALL:
                self._known.popitem(last=False)

    def _size(self) -> int:
        return sum(answer.result().size for answer in self._known.values() if answer.done())

    def _fetched(self, origin: str, allow_private: bool) -> _Rules:
        try:
            fetched = self._fetcher.get(
                f"{origin}/robots.txt", allow_private=allow_private, accept=Accept.TEXT, cut_at=_MAX_BYTES
            )
        except SourceError as error:
            now = self._clock()
            if error.reason in _NO_RULES:
                return _Rules(Protego.parse(""), now + KEPT_FOR)
            return _Rules(None, now + AGAIN_AFTER)
        text = _with_few_names(fetched.body.decode("utf-8-sig", "replace"))
        whole = fetched.complete or len(fetched.body) == _MAX_BYTES
        return _Rules(
            Protego.parse(text), self._clock() + (KEPT_FOR if whole else AGAIN_AFTER), len(fetched.body)
        )


def _with_few_names(text: str) -> str:
    """The rules under three names: ours, the one for all, and one for all others.

    The parser keeps every rule once for each name above it: half a megabyte of both would become gigabytes.
    """
    return "\n".join(_renamed(line) for line in text.splitlines())


def _renamed(line: str) -> str:
    named = _AGENT.match(line)
    if named is None:
        return line
    star, name = named.groups()
    if name.lower() == PRODUCT.lower():
        return f"User-agent: {PRODUCT}"
    return "User-agent: *" if star and not name else "User-agent: other"


def _origin(url: str) -> str | None:
    """Scheme, host and port, without credentials; None when it is no web address."""
    try:
        parsed = httpx.URL(url)
        is_web = parsed.scheme in ("http", "https") and parsed.host != ""
    except (httpx.InvalidURL, UnicodeError):
        return None
    return f"{parsed.scheme}://{parsed.netloc.decode('ascii')}" if is_web else None

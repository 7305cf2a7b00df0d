"""From an entry that only has a teaser to the whole article: its page is fetched, and taken where it is better.

An article is never lost because its page fails: then the teaser stays, with a note that says why.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from monitor.errors import SourceError
from monitor.sources.fetch import Fetched
from monitor.sources.language import language_of
from monitor.sources.model import ArticleFound
from monitor.sources.page import Page, page_of
from monitor.sources.text import size_of
from monitor.sources.titles import made_up_title
from monitor.vocabulary import Precision

_SHARED = 0.5
"""The page must have at least this share of the words of headline and teaser."""
_STEM = 5
_SHORT_WORD = 4
_WORD = re.compile(r"[^\W\d_]+|\d{2,}")
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_ZONES = timedelta(days=2)
"""A day is kept as its midnight in UTC; the moment on that day, anywhere on earth, is not farther from it."""
_log = logging.getLogger(__name__)


class Fetching(Protocol):
    """What gets pages."""

    def get(self, url: str, *, allow_private: bool = ...) -> Fetched:
        """Fetch a URL, or raise SourceError."""


class Permission(Protocol):
    """What knows the wishes of sites (robots.txt)."""

    def may_fetch(self, url: str, *, allow_private: bool) -> bool:
        """True when the site lets programs fetch the URL."""


def completed(
    found: ArticleFound, fetcher: Fetching, robots: Permission, *, allow_private: bool = False, now: datetime
) -> ArticleFound:
    """The article with the text of its page, where it has only a teaser and the page has more. Never raises.

    One page is fetched at most, within the fetcher's deadline, and read within the bounds of `markup`. The feed's title
    and date stay where they are as good. `now` (UTC-aware) bounds the page's date.
    """
    if not found.is_teaser:
        return found
    try:
        page = _page(found, fetcher, robots, allow_private=allow_private, now=now)
    except SourceError as error:
        return _kept(found, str(error))
    except Exception as error:  # noqa: BLE001 - a defect on one page's bytes must not lose the article
        _log.exception("the page of an article could not be read: %s", found.url)
        return _kept(found, f"its page could not be read: {type(error).__name__}")
    return _merged(found, page)


def _page(
    found: ArticleFound, fetcher: Fetching, robots: Permission, *, allow_private: bool, now: datetime
) -> Page:
    """The page, where it has the article; else SourceError says why not."""
    if not found.url:
        raise SourceError("no_address", "the entry has no address")
    if found.url_shared:
        raise SourceError("shared", "several entries have its address")
    refused = SourceError("robots", "its site asks programs not to fetch its page (robots.txt)")
    if not robots.may_fetch(found.url, allow_private=allow_private):
        raise refused
    fetched = fetcher.get(found.url, allow_private=allow_private)
    # Feeds often link to a counter of clicks, on a host whose wishes say nothing of the page's.
    moved = urlsplit(fetched.url).netloc != urlsplit(found.url).netloc
    if moved and not robots.may_fetch(fetched.url, allow_private=allow_private):
        raise refused
    try:
        page = page_of(fetched, now)
    except SourceError as error:
        raise SourceError(error.reason, f"its page cannot be read: {error}") from error
    if page.obstacle:
        raise SourceError(page.obstacle.reason, f"its page {page.obstacle.words}")
    if size_of(page.text) <= size_of(found.text):
        raise SourceError("no_more", "its page holds no more text than the feed")
    if _share_of_words(f"{found.title} {found.text}", page.text) < _SHARED:
        raise SourceError("another", "its page tells something else than headline and teaser")
    return page


def _kept(found: ArticleFound, why: str) -> ArticleFound:
    return replace(found, notes=(*found.notes, f"only the feed’s teaser: {why}"))


def _merged(found: ArticleFound, page: Page) -> ArticleFound:
    published, precision = _published(found, page)
    return replace(
        found,
        title=_title(found, page.title),
        author=found.author or page.author,
        text=page.text,
        is_teaser=False,
        language=found.language or language_of(page.text, page.language),
        published_at=published,
        precision=precision,
        notes=(*found.notes, "text from its page", *page.notes),
    )


def _title(found: ArticleFound, offered: str) -> str:
    """The feed's title, unless it was made up or breaks off."""
    beginning = found.title.rstrip(" .…")
    is_cut = len(beginning) < len(found.title.rstrip(" ")) and found.title.rstrip().endswith(("…", "..."))
    if is_cut and offered.casefold().startswith(beginning.casefold()):
        return offered
    is_made_up = found.title == made_up_title(found.url, found.text)[0]
    return offered if offered and is_made_up else found.title


def _published(found: ArticleFound, page: Page) -> tuple[datetime | None, Precision]:
    """The feed's date, unless the page knows it more exactly and does not contradict it."""
    feed, offered = found.published_at, page.published_at
    if offered is None or found.precision is Precision.TIME:
        return feed, found.precision
    agrees = (
        feed is None
        or (found.precision is Precision.DAY and abs(offered - feed) <= _ZONES)
        or (found.precision is Precision.WEEK and abs(offered - feed) <= timedelta(weeks=1) + _ZONES)
        or (found.precision is Precision.MONTH and (offered.year, offered.month) == (feed.year, feed.month))
    )
    is_finer = found.precision is not page.precision
    return (offered, page.precision) if agrees and is_finer else (feed, found.precision)


def _share_of_words(text: str, page: str) -> float:
    """The share of a text's words that a page has too, whatever their endings; a text without words shares all."""
    words = set(_stems(text))
    return len(words & set(_stems(page))) / len(words) if words else 1.0


def _stems(text: str) -> Iterator[str]:
    for word in _WORD.findall(text.casefold()):
        if _HAN.search(word):
            yield from (word[start : start + 2] for start in range(max(len(word) - 1, 1)))
        elif len(word) >= _SHORT_WORD or word.isdigit():
            yield word[:_STEM]

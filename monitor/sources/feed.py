"""Bytes of a feed -> entries -> articles. RSS, RDF, Atom and JSON Feed of every version, broken ones too.

What a feed is is told by its content, never by its name. One that is broken but still has entries is read, and a note
says how; what has none and is no feed is an error, never an empty success.
"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from monitor.errors import SourceError
from monitor.sources.canonical import canonical_url
from monitor.sources.charset import narrowed
from monitor.sources.entries import MAX_ENTRIES, Entry, ParsedFeed
from monitor.sources.jsonfeed import is_json, parse_json_feed
from monitor.sources.model import ArticleFound
from monitor.sources.titles import made_up_title
from monitor.sources.xmlfeed import parse_xml_feed
from monitor.vocabulary import Precision

__all__ = ["MAX_ENTRIES", "Entry", "ParsedFeed", "articles", "parse_feed"]

_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Older dates are the zero of some clock."""
_CLOCKS_DIFFER = timedelta(hours=1)


def parse_feed(body: bytes, url: str, content_type: str = "") -> ParsedFeed:
    """Read a feed that came from `url` (for links without a host) with this Content-Type.

    Raises:
        SourceError: `empty`; `not_a_feed` (a page, a login form, garbage); `unreadable` (the library fails on it).
    """
    if not body.strip():
        raise SourceError("empty", "the answer is empty")
    body = narrowed(body)
    feed = parse_json_feed(body, url) if is_json(body) else parse_xml_feed(body, url, content_type)
    hollow = sum(not (entry.title or entry.text) for entry in feed.entries)
    if not hollow:
        return feed
    words = f"{hollow} of {len(feed.entries)} entries hold neither title nor text"
    return replace(feed, note="; ".join(filter(None, (feed.note, words))))


def articles(
    feed: ParsedFeed,
    *,
    source: str,
    outlet: str = "",
    language: str = "en",
    now: datetime,
    history: bool = False,
) -> list[ArticleFound]:
    """The feed's entries as articles, oldest first. `now` is the moment at which they are first seen.

    Entries with neither title nor text are passed over. `outlet` is the source's configured name; without one the
    entry's own source (search feeds name it), the feed's title or its host stands.
    """
    shared = Counter(canonical_url(entry.link) for entry in feed.entries)
    found = [
        ArticleFound(
            url=entry.link,
            outlet=outlet or entry.outlet or feed.title or urlsplit(entry.link or "").hostname or source,
            source=source,
            title=entry.title or made_up_title(entry.link, entry.text)[0],
            author=entry.author,
            text=entry.text,
            language=entry.language or language,
            guid=entry.guid,
            url_shared=shared[canonical_url(entry.link)] > 1,
            is_teaser=entry.is_teaser,
            history=history,
            first_seen_at=now,
            notes=entry.notes,
            **_dated(entry, now),
        )
        for entry in feed.entries
        if entry.title or entry.text
    ]
    return sorted(found, key=lambda article: article.moment)


def _dated(entry: Entry, now: datetime) -> dict[str, Any]:
    """The entry's date as far as it can be believed: nothing was published after it was seen."""
    if entry.published is None or entry.published < _OLDEST:
        return {"published_at": None, "precision": Precision.UNKNOWN}
    if entry.published <= now:
        return {"published_at": entry.published, "precision": entry.precision}
    soon = entry.published - now <= _CLOCKS_DIFFER
    return {"published_at": now, "precision": entry.precision if soon else Precision.DAY}

"""Bytes of a feed -> entries -> articles. RSS and Atom of every version, broken ones too.

feedparser gets bytes only, never an address or a name (it would fetch or open it). A feed that is broken but still has
entries is read and marked as degraded; what has none and is no feed is an error, never an empty success.
"""

import calendar
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import struct_time
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser

from monitor.errors import SourceError
from monitor.sources.canonical import canonical_url
from monitor.sources.model import ArticleFound
from monitor.sources.text import clean_text, clean_title, html_to_text
from monitor.sources.titles import made_up_title
from monitor.vocabulary import Precision

MAX_ENTRIES = 2_000
MAX_GUID_CHARS = 1_000
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Older dates are the zero of some clock."""
_CLOCKS_DIFFER = timedelta(hours=1)
# What feedparser notes of feeds that it reads without loss.
_HARMLESS = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
_MARKUP = {"text/html", "application/xhtml+xml"}
_HAS_TIME = re.compile(r"\d:\d\d")
_MIDNIGHT = re.compile(r"\b0?0:00(?::00)?\b")
_MONTH_ONLY = re.compile(r"\s*\d{4}-\d{2}\s*")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as the feed has it, its markup already turned into text."""

    guid: str | None
    link: str | None
    title: str
    text: str
    outlet: str
    language: str
    published: datetime | None
    precision: Precision
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed. `degraded` says that it was broken and entries may be missing; `note` says how."""

    title: str
    entries: tuple[Entry, ...]
    degraded: bool = False
    note: str = ""


def parse_feed(body: bytes, url: str, content_type: str = "") -> ParsedFeed:
    """Read a feed that came from `url` (for links without a host) with this Content-Type.

    Raises:
        SourceError: `empty`, or `not_a_feed` (a page, a login form, garbage).
    """
    if not body.strip():
        raise SourceError("empty", "the answer is empty")
    # Without a base feedparser leaves ids as they are: resolved, they would change with the feed's own address. Its
    # sanitiser keeps markup, which we turn into text anyway, and takes minutes over unclosed comments.
    headers = {"content-type": content_type} if content_type else {}
    parsed = feedparser.parse(
        io.BytesIO(body), response_headers=headers, resolve_relative_uris=False, sanitize_html=False
    )
    problem = parsed.get("bozo_exception") if parsed.get("bozo") else None
    if not parsed.entries and (not parsed.get("version") or (problem and not isinstance(problem, _HARMLESS))):
        raise SourceError(
            "not_a_feed", f"the answer is no feed that can be read: {_what_instead(body, problem)}"
        )
    title = clean_title(html_to_text(parsed.feed.get("title", "")))
    language = parsed.feed.get("language", "")
    entries = tuple(_entry(raw, url, language) for raw in parsed.entries[:MAX_ENTRIES])
    notes = [f"broken: {_one_line(problem)}"] if problem and not isinstance(problem, _HARMLESS) else []
    if len(parsed.entries) > MAX_ENTRIES:
        notes.append(f"only the first {MAX_ENTRIES} of {len(parsed.entries)} entries were read")
    return ParsedFeed(title, tuple(_own_guids(entries)), bool(notes), "; ".join(notes))


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
            text=entry.text,
            language=entry.language or language,
            guid=entry.guid,
            url_shared=shared[canonical_url(entry.link)] > 1,
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


def _entry(raw: Any, feed_url: str, feed_language: str) -> Entry:
    link = _link(raw, feed_url)
    text, notes = _text(raw)
    published, precision = _published(raw)
    detail = raw.get("title_detail", {})
    return Entry(
        guid=raw.get("id", "").strip()[:MAX_GUID_CHARS] or None,
        link=link,
        title=clean_title(_plain(detail.get("value", ""), detail.get("type", ""))),
        text=text,
        outlet=clean_title(raw.get("source", {}).get("title", "")),
        language=_language(raw, feed_language),
        published=published,
        precision=precision,
        notes=notes,
    )


def _link(raw: Any, feed_url: str) -> str | None:
    try:
        link = urljoin(feed_url, raw.get("link", "").strip()) if raw.get("link", "").strip() else ""
    except ValueError:  # brackets that hold no address
        return None
    return link if canonical_url(link) else None


def _text(raw: Any) -> tuple[str, tuple[str, ...]]:
    """The fullest of what the entry offers: its content, else its summary."""
    details = [*raw.get("content", []), raw.get("summary_detail", {})]
    texts = [_plain(detail.get("value", ""), detail.get("type", "")) for detail in details]
    return clean_text(max(texts, key=len))


def _plain(value: str, media_type: str) -> str:
    return html_to_text(value) if media_type in _MARKUP else value


def _language(raw: Any, feed_language: str) -> str:
    stated = [detail.get("language") for detail in raw.get("content", [])]
    language = next((one for one in stated if one), None) or feed_language
    found = re.match(r"[A-Za-z]{2,3}(?![A-Za-z])", language.strip())
    return found[0].lower() if found else ""


def _published(raw: Any) -> tuple[datetime | None, Precision]:
    """When the entry says that it was published, else that it was changed (asked for by `in`: `get` mixes the two)."""
    for key in ("published", "updated", "created"):
        if key in raw and f"{key}_parsed" in raw and raw[f"{key}_parsed"]:
            moment = _moment(raw[f"{key}_parsed"])
            if moment is not None:
                return moment, _precision(raw[key])
    return None, Precision.UNKNOWN


def _moment(parsed: struct_time) -> datetime | None:
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):  # a date that no calendar has
        return None


def _precision(stated: str) -> Precision:
    if _MONTH_ONLY.fullmatch(stated):
        return Precision.MONTH
    # Exactly midnight is what is written when only the day is known.
    return Precision.TIME if _HAS_TIME.search(stated) and not _MIDNIGHT.search(stated) else Precision.DAY


def _own_guids(entries: tuple[Entry, ...]) -> Iterator[Entry]:
    """An id that stands twice in a feed belongs to the entry that comes first; others are told apart by their link."""
    seen: set[str] = set()
    for entry in entries:
        if entry.guid is None:
            yield entry
        elif entry.guid not in seen:
            seen.add(entry.guid)
            yield entry
        elif (own := f"{entry.guid} {entry.link}") not in seen:
            seen.add(own)
            yield replace(entry, guid=own)


def _what_instead(body: bytes, problem: object) -> str:
    head = body[:2_000].lower()
    if b"<html" in head or b"<!doctype html" in head:
        title = re.search(rb"<title[^>]{0,200}>([^<]{1,200})", body[:20_000], re.IGNORECASE)
        return f"a page titled {_one_line(title[1].decode('utf-8', 'replace'))!r}" if title else "a page"
    return _one_line(problem) if problem else "neither RSS nor Atom"


def _one_line(problem: object) -> str:
    return clean_title(str(problem))[:200]

"""RSS 0.9x to 2.0, RDF and Atom, whole or broken -> a parsed feed.

feedparser gets bytes only, never an address or a name (it would fetch or open it). What it makes of a feed is checked
before it is used: an element that is called like one of its own keys can stand there with any content.
"""

import io
import re
from datetime import datetime
from typing import Any
from xml.sax import SAXParseException

import feedparser

from monitor.errors import SourceError
from monitor.sources import hints
from monitor.sources.charset import cleaned
from monitor.sources.dates import read_date
from monitor.sources.entries import (
    MAX_ENTRIES,
    Entry,
    ParsedFeed,
    clean_author,
    clean_guid,
    clean_language,
    plain,
    web_address,
    with_own_guids,
)
from monitor.sources.teaser import is_teaser
from monitor.sources.text import clean_text, clean_title
from monitor.vocabulary import Precision

# What feedparser notes of feeds that it reads without loss.
_HARMLESS = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
_IN_UTF8 = "application/xml; charset=utf-8"
_IS_MARKUP = re.compile(r"xml|html", re.IGNORECASE)
_FIRST_ELEMENT = re.compile(rb"<\w")
_FRAME = re.compile(rb"<(/?)(?:\w+:)?(item|entry|channel|feed|rss|rdf)\b[^<>]*>", re.IGNORECASE)
"""What an entry stands in, and the entry itself."""
_CAPTION = re.compile(rb"<(/?)media:description\b[^<>]*?(/?)>")


def parse_xml_feed(body: bytes, url: str, content_type: str) -> ParsedFeed:
    """Read a feed in XML, or what is left of one.

    Raises:
        SourceError: `not_a_feed` (a page, a login form, garbage), or `unreadable` when feedparser fails on it.
    """
    clean = cleaned(body)
    body = _readable(clean.body)
    try:
        parsed, notes = _parsed(body, _IN_UTF8 if clean.charset else content_type)
    except SourceError:
        if clean.charset:
            raise
        parsed, notes = _parsed(body.decode("windows-1252", "replace").encode(), _IN_UTF8)
        notes = ["what is said of its charset makes no sense", *notes]
    if not parsed.entries and (notes or not parsed.get("version")):
        raise SourceError("not_a_feed", f"the answer is no feed that can be read: {_instead(body, notes)}")
    notes = [*notes, *clean.notes]
    if len(parsed.entries) > MAX_ENTRIES:
        notes.append(f"only the first {MAX_ENTRIES} of {len(parsed.entries)} entries were read")
    head: dict[str, Any] = parsed.feed
    homepage = web_address(_string(head, "link"), url)
    is_atom = str(parsed.get("version")).startswith("atom")
    base = url if is_atom else homepage or url  # Atom says against what links are resolved, RSS does not
    author = _author(head) if is_atom else ""
    entries = [_entry(raw, base, _string(head, "language"), author) for raw in parsed.entries[:MAX_ENTRIES]]
    skip_hours, skip_days = (
        hints.skips(clean.body) if "skiphours" in head or "skipdays" in head else (frozenset(), frozenset())
    )
    return ParsedFeed(
        title=clean_title(plain(_string(head, "title"), is_markup=True)),
        entries=tuple(with_own_guids(entries)),
        note="; ".join(notes),
        ttl=hints.ttl(head),
        skip_hours=skip_hours,
        skip_days=skip_days,
        homepage=homepage,
    )


def _readable(body: bytes) -> bytes:
    """The body as feedparser reads it right: it knows only declarations (entities!) that begin a line.

    The caption of a picture, which it would take for another description of the entry, gets another name.
    """
    first = _FIRST_ELEMENT.search(body)
    start = first.start() if first else 0
    body = body[:start].replace(b"<!", b"\n<!") + body[start:]
    return _CAPTION.sub(rb"<\1media:caption\2>", body) if b"media:description" in body else body


def _parsed(body: bytes, content_type: str) -> tuple[Any, list[str]]:
    """What feedparser makes of the bytes, and what it found broken."""
    headers = {"content-type": content_type} if content_type else {}
    try:
        # Without a base feedparser leaves ids as they are: resolved, they would change with the feed's own address.
        # Its sanitiser keeps markup, which we turn into text anyway, and takes minutes over unclosed comments.
        parsed = feedparser.parse(
            io.BytesIO(body), response_headers=headers, resolve_relative_uris=False, sanitize_html=False
        )
    except MemoryError:
        raise
    except Exception as error:  # feedparser promises none and has many; the next feed is read all the same
        words = f"the feed cannot be read: {type(error).__name__}: {_one_line(error)}"
        raise SourceError("unreadable", words) from error
    problem = parsed.get("bozo_exception") if parsed.get("bozo") else None
    if problem is None or isinstance(problem, _HARMLESS):
        return parsed, []
    if _ends_within_an_entry(body):
        del parsed.entries[-1:]
    return parsed, [f"broken: {_where(problem)}"]


def _ends_within_an_entry(body: bytes) -> bool:
    """Whether the last entry was cut: it would pass for a revision, and the whole one, next time, for another."""
    end, name = (_FRAME.findall(body) or [(b"", b"")])[-1]
    return not end and name.lower() in {b"item", b"entry"}


def _where(problem: object) -> str:
    if isinstance(problem, SAXParseException):
        return f"{_one_line(problem.getMessage())} (line {problem.getLineNumber()})"
    return _one_line(problem)


def _entry(raw: dict[str, Any], base: str, feed_language: str, feed_author: str) -> Entry:
    text, notes, teaser = _text(raw)
    published, precision = _published(raw)
    title = _mapping(raw, "title_detail") or {"value": raw.get("title"), "type": "text/html"}
    has_link = any(_string(link, "rel") == "alternate" for link in _mappings(raw, "links"))
    contents = _mappings(raw, "content")
    return Entry(
        guid=clean_guid(_string(raw, "id")),
        # What stands there without a link element is the id, which is an address only when it is a whole one.
        link=web_address(_string(raw, "link"), base if has_link else ""),
        title=clean_title(_plain(title)),
        text=text,
        outlet=clean_title(plain(_string(_mapping(raw, "source"), "title"), is_markup=True)),
        language=clean_language(
            *(_string(detail, "language") for detail in (*contents, title)), feed_language
        ),
        published=published,
        precision=precision,
        notes=notes,
        author=_author(raw) or feed_author,
        is_teaser=teaser,
    )


def _text(raw: dict[str, Any]) -> tuple[str, tuple[str, ...], bool]:
    """The fullest of what the entry offers, its content or its summary, notes on it, and whether it is a teaser.

    A content element that says no more than the summary is one. A caption stands in where there is nothing else.
    """
    summary = _plain(_mapping(raw, "summary_detail"))
    content = max((_plain(detail) for detail in _mappings(raw, "content")), key=len, default="")
    is_content = len(content) > len(summary) or not summary
    caption = "" if content or summary else plain(_string(raw, "media_caption"), is_markup=True)
    text, notes = clean_text((content if is_content else summary) or caption)
    return text, notes, is_teaser(text, is_content=is_content)


def _plain(detail: dict[str, Any]) -> str:
    """The text of a construct that feedparser gives with its media type; pictures and the like have none."""
    media_type = _string(detail, "type")
    if media_type and not media_type.startswith("text/") and not media_type.endswith("xml"):
        return ""
    return plain(_string(detail, "value"), is_markup=bool(_IS_MARKUP.search(media_type)))


def _author(raw: dict[str, Any]) -> str:
    """The names of the authors. Of a single one as stated, for feedparser cuts what it takes for an address."""
    authors = _mappings(raw, "authors")
    if len(authors) > 1:
        return clean_author(_string(author, "name") for author in authors)
    return clean_author([_string(raw, "author")])


def _published(raw: dict[str, Any]) -> tuple[datetime | None, Precision]:
    """When the entry says that it was published, else that it was changed, else that it was made."""
    for key in ("published", "updated", "created"):
        parsed = dict.get(raw, f"{key}_parsed")
        moment, precision = read_date(_string(raw, key), parsed if isinstance(parsed, tuple) else None)
        if moment is not None:
            return moment, precision
    return None, Precision.UNKNOWN


# `dict.get` takes what stands there; feedparser's own looks for other keys too, and takes as long as all the rest.


def _string(raw: dict[str, Any], key: str) -> str:
    value = dict.get(raw, key)
    return value if isinstance(value, str) else ""


def _mapping(raw: dict[str, Any], key: str) -> dict[str, Any]:
    value = dict.get(raw, key)
    return value if isinstance(value, dict) else {}


def _mappings(raw: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = dict.get(raw, key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _instead(body: bytes, notes: list[str]) -> str:
    """What came in place of a feed."""
    head = body[:2_000].lower()
    if b"<html" in head or b"<!doctype html" in head:
        title = re.search(rb"<title[^>]{0,200}>([^<]{1,200})", body[:20_000], re.IGNORECASE)
        return f"a page titled {_one_line(title[1].decode('utf-8', 'replace'))!r}" if title else "a page"
    return notes[0].removeprefix("broken: ") if notes else "neither RSS nor Atom nor JSON Feed"


def _one_line(problem: object) -> str:
    return clean_title(str(problem))[:200]

"""JSON Feed 1.0 and 1.1 (jsonfeed.org) -> a parsed feed.

Items that are none are passed over and counted; of a feed that breaks off, the items before the break are kept.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any

from monitor.errors import SourceError
from monitor.sources.charset import utf8
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

_VERSION = "jsonfeed.org/version/"
_ITEMS = re.compile(r'(?<!\\)"items"\s*:\s*\[')
_ITEM = re.compile(r"[\s,]*\{")
_DECODER = json.JSONDecoder(strict=False)


def is_json(body: bytes) -> bool:
    """Whether the body begins as JSON does."""
    return body.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"[")


def parse_json_feed(body: bytes, url: str) -> ParsedFeed:
    """Read a JSON feed that came from `url`.

    Raises:
        SourceError: `not_a_feed`: other JSON, or so broken that no item can be read.
    """
    text, broken = utf8(body)
    if text is None:
        text = body.decode("windows-1252", "replace")
    head, notes = _document(text.lstrip("\ufeff"))
    if broken:
        notes.append(f"broken characters replaced: {broken}")
    version = head.get("version")
    if not isinstance(version, str) or _VERSION not in version:
        raise SourceError("not_a_feed", "the answer is no feed: JSON that names no version of jsonfeed.org")
    items = head.get("items")
    if not isinstance(items, list):
        raise SourceError("not_a_feed", "the answer is a JSON Feed without a list of items")
    usable = [item for item in items if isinstance(item, dict)]
    if len(usable) < len(items):
        notes.append(f"{len(items) - len(usable)} of {len(items)} items are no objects")
    if len(usable) > MAX_ENTRIES:
        notes.append(f"only the first {MAX_ENTRIES} of {len(usable)} entries were read")
    homepage = web_address(_string(head, "home_page_url"), url)
    entries = [_entry(item, head, homepage or url) for item in usable[:MAX_ENTRIES]]
    return ParsedFeed(
        title=clean_title(plain(_string(head, "title"), is_markup=False)),
        entries=tuple(with_own_guids(entries)),
        note="; ".join(notes),
        homepage=homepage,
    )


def _document(text: str) -> tuple[dict[str, Any], list[str]]:
    """The feed's object, and what was broken about it."""
    try:
        document = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        head, words = _until_the_break(text), f"broken JSON: {clean_title(str(error))[:200]}"
        if not head.get("items"):
            raise SourceError("not_a_feed", f"the answer is no feed that can be read: {words}") from error
        return head, [words]
    return (document if isinstance(document, dict) else {}), []


def _until_the_break(text: str) -> dict[str, Any]:
    """The feed with the items that can be read; what stands after them is lost."""
    found = _ITEMS.search(text)
    if found is None:
        return {}
    try:
        head = _DECODER.decode(text[: found.start()].rstrip(", \t\r\n") + "}")
    except (ValueError, RecursionError):
        head = {}  # it is broken before the items
    version = _VERSION if _VERSION in text.replace("\\/", "/") else ""  # it may stand after them
    return {"version": version, **head, "items": list(_items(text, found.end()))}


def _items(text: str, position: int) -> Iterator[Any]:
    while start := _ITEM.match(text, position):
        try:
            item, position = _DECODER.raw_decode(text, start.end() - 1)
        except (ValueError, RecursionError):
            return
        yield item


def _entry(item: dict[str, Any], head: dict[str, Any], base: str) -> Entry:
    text, notes, teaser = _text(item)
    dates = (read_date(_string(item, key)) for key in ("date_published", "date_modified"))
    stated = [date for date in dates if date[0] is not None]
    published, precision = stated[0] if stated else read_date("")
    links = (web_address(_string(item, key), base) for key in ("url", "external_url"))
    return Entry(
        guid=clean_guid(_id(item)),
        link=next((link for link in links if link), None),
        title=clean_title(plain(_string(item, "title"), is_markup=False)),
        text=text,
        outlet="",
        language=clean_language(_string(item, "language"), _string(head, "language")),
        published=published,
        precision=precision,
        notes=notes,
        author=_author(item) or _author(head),
        is_teaser=teaser,
    )


def _text(item: dict[str, Any]) -> tuple[str, tuple[str, ...], bool]:
    """The fullest of content and summary, notes on it, and whether it is a teaser."""
    summary = plain(_string(item, "summary"), is_markup=False)
    as_html = plain(_string(item, "content_html"), is_markup=True)
    content = max(as_html, plain(_string(item, "content_text"), is_markup=False), key=len)
    is_content = len(content) > len(summary) or not summary
    text, notes = clean_text(content if is_content else summary)
    return text, notes, is_teaser(text, is_content=is_content)


def _id(item: dict[str, Any]) -> str:
    """The id; a number is turned into a string, as version 1.1 asks of readers."""
    id_ = item.get("id")
    return str(id_) if isinstance(id_, str | int | float) and not isinstance(id_, bool) else ""


def _author(raw: dict[str, Any]) -> str:
    """The names of the authors (1.1), else of the one author (1.0)."""
    authors = raw.get("authors")
    everyone = [*(authors if isinstance(authors, list) else []), raw.get("author")]
    return clean_author(_string(one, "name") for one in everyone if isinstance(one, dict))


def _string(raw: dict[str, Any], key: str) -> str:
    value = raw.get(key)
    return value if isinstance(value, str) else ""

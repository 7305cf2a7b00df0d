"""The markup of a page that others wrote: parsed within bounds, and what it says of itself to machines.

The bounds are the time budget: what is larger, has more elements or more text than any article is refused before it is
read for its text, so that the reading of what is left takes a second or two at the worst.
"""

import codecs
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from lxml.etree import LxmlError
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from monitor.errors import SourceError
from monitor.sources.charset import narrowed, utf8, without_forbidden
from monitor.sources.fetch import Fetched

MAX_BYTES = 4_000_000
MAX_ELEMENTS = 20_000
MAX_TEXT = 400_000
_MAX_DATA = 500_000
_MAX_NODES = 500
_PAGES = {"", "text/html", "application/xhtml+xml", "application/xml", "text/xml"}
_UNREAD = {"script", "style", "svg", "template", "canvas", "object"}
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_LATIN = {"ascii", "iso8859-1", "cp1252"}
_ARTICLE = re.compile(r"Article$|BlogPosting$|^Report")
_MOMENTS = (
    "//meta[@property='article:published_time' or @property='og:published_time']/@content",
    "//meta[@itemprop='datePublished']/@content",
    "//time[@itemprop='datePublished' or @pubdate]/@datetime",
    "//meta[translate(@name, 'PDR', 'pdr')='parsely-pub-date' or @name='pubdate' or @name='publishdate']/@content",
)


@dataclass(frozen=True, slots=True)
class Marks:
    """What a page says of itself: schema.org types and Open Graph's type, whether it may be read by all, its moment.

    `is_free` is None when it does not say. `published` has a time of day; a day alone counts as none.
    """

    kinds: frozenset[str]
    is_free: bool | None
    published: datetime | None

    @property
    def is_article(self) -> bool:
        """True when the page calls itself an article of some kind."""
        return any(_ARTICLE.search(kind) for kind in self.kinds)


def tree_of(fetched: Fetched) -> HtmlElement:
    """The page without what nobody reads (scripts, styles, drawings); its data for machines stays.

    Raises:
        SourceError: `not_a_page`, `too_large` or `no_article` (nothing that can be parsed).
    """
    media_type = fetched.content_type.partition(";")[0].strip().lower()
    if media_type not in _PAGES:
        raise SourceError("not_a_page", f"it is {media_type[:60]}, not a page of text")
    if len(fetched.body) > MAX_BYTES:
        raise SourceError("too_large", f"it is larger than {MAX_BYTES / 1e6:g} MB")
    parser = HTMLParser(encoding="utf-8", no_network=True)
    text = _decoded(fetched.body, fetched.content_type).replace("\ufffe", "").replace("\uffff", "")
    allowed, _ = without_forbidden(text.encode("utf-8"))  # a tree that holds the others cannot be changed
    try:
        tree = document_fromstring(allowed, parser=parser)
    except LxmlError as error:
        raise SourceError("no_article", "it is empty, or no page at all") from error
    elements = characters = 0
    for element in list(tree.iter()):
        if not isinstance(element.tag, str) or (element.tag in _UNREAD and not _is_data(element)):
            if element.getparent() is not None:
                element.drop_tree()
            continue
        elements += 1
        characters += len(element.tail or "")
        characters += len(element.text or "") if element.tag not in _UNREAD else 0
    if elements > MAX_ELEMENTS or characters > MAX_TEXT:
        counted = f"{elements} elements and {characters} characters"
        raise SourceError("too_large", f"it has {counted}, more than any article")
    return tree


def marks_of(tree: HtmlElement) -> Marks:
    """What the page says of itself; data that cannot be read counts as none."""
    nodes = list(_nodes(tree))
    kinds = {kind for node in nodes for kind in _kinds(node)}
    kinds |= {kind.strip().lower() for kind in tree.xpath("//meta[@property='og:type']/@content")[:3]}
    own = [node for node in nodes if any(_ARTICLE.search(kind) for kind in _kinds(node))] or nodes
    stated = [str(node.get("datePublished") or "") for node in own]
    stated += [str(value) for path in _MOMENTS for value in tree.xpath(path)[:3]]
    return Marks(
        frozenset(kinds),
        is_free=next((free for node in own if (free := _is_free(node)) is not None), None),
        published=next((moment for text in stated if (moment := _moment(text))), None),
    )


def _decoded(body: bytes, content_type: str) -> str:
    """The text, in the first encoding that fits: UTF-8, that of the header, that of the page's head.

    What is called Latin-1 is what Western Europe once wrote, as every browser takes it.
    """
    body = narrowed(body)
    text, _ = utf8(body)
    if text is not None:
        return text.removeprefix("\ufeff")
    head = body[:4_000].decode("ascii", "replace")
    named = [found[1] for found in (_CHARSET.search(content_type), _CHARSET.search(head)) if found]
    for encoding in named:
        with suppress(UnicodeError, LookupError):
            if codecs.lookup(encoding).name not in _LATIN:
                return body.decode(encoding)
    return body.decode("windows-1252", "replace")


def _is_data(element: HtmlElement) -> bool:
    return element.tag == "script" and "ld+json" in (element.get("type") or "").lower()


def _nodes(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """What the page's JSON-LD says of the page itself: not what it says of other pages that it lists."""
    waiting: list[Any] = []
    for script in tree.iter("script"):
        try:
            waiting.append(json.loads((script.text or "")[:_MAX_DATA], strict=False))
        except (ValueError, RecursionError):  # sites write broken data; the page is read without it
            continue
    for _ in range(_MAX_NODES):
        if not waiting:
            return
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting += node[:_MAX_NODES]
        elif isinstance(node, dict):
            yield node
            waiting += [node[key] for key in ("@graph", "mainEntity") if key in node]


def _kinds(node: dict[str, Any]) -> list[str]:
    kind = node.get("@type")
    return [one for one in (kind if isinstance(kind, list) else [kind]) if isinstance(one, str)]


def _is_free(node: dict[str, Any]) -> bool | None:
    parts = node.get("hasPart")
    for stated in (node, *(parts if isinstance(parts, list) else [parts])):
        free = stated.get("isAccessibleForFree") if isinstance(stated, dict) else None
        if free is not None:
            return str(free).strip().lower() not in ("false", "no", "0", "http://schema.org/false")
    return None


def _moment(text: str) -> datetime | None:
    """A moment with a time of day and an offset, in UTC; midnight is what is written when only the day is known."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.tzinfo is None or moment.time() == time():
        return None
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the first or last day of the calendar
        return None

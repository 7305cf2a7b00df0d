"""Which feed a web page has: the one that it names itself (autodiscovery), else one at an address that many sites use.

A page comes from anywhere, and so may the addresses in it: all are fetched through the guard, and only a few of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree

from monitor.errors import SourceError
from monitor.sources.barriers import barred, what_stands_instead
from monitor.sources.canonical import canonical_url
from monitor.sources.feed import ParsedFeed, parse_feed
from monitor.sources.fetch import Fetched
from monitor.sources.hops import shown
from monitor.sources.text import clean_title
from monitor.sources.visit import Fetching

MAX_TRIED = 10
"""Addresses that are fetched for one page; each may take as long as the fetcher's deadline."""
_TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
        "application/json",
    }
)
_USUAL = ("feed", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feed.json")
_OF_COMMENTS = re.compile("comment", re.IGNORECASE)
_NO_PAGE = frozenset({"not_a_feed", "empty"})
_KINDS = (
    (re.compile(rb'<rss[^>]{0,500}\sversion\s*=\s*["\']([\d.]{1,8})'), "RSS {}"),
    (re.compile(rb"<rss[\s>]()"), "RSS"),
    (re.compile(rb"<(?:\w+:)?RDF[\s>]()"), "RSS 1.0 (RDF)"),
    (re.compile(rb"<(?:\w+:)?feed[\s>]()"), "Atom"),
    (re.compile(rb"\A[\s\xef\xbb\xbf]*\{()"), "JSON Feed"),
)
_HEAD = 20_000


@dataclass(frozen=True, slots=True)
class Offer:
    """A feed that a page names: its address, and what the page calls it."""

    url: str
    title: str


@dataclass(frozen=True, slots=True)
class Discovered:
    """A feed that was fetched and read: its address, its kind in words, and what else the page names."""

    url: str
    kind: str
    feed: ParsedFeed
    others: tuple[Offer, ...] = ()


def discover(url: str, fetcher: Fetching, *, allow_private: bool = False) -> Discovered:
    """The feed at an address, or the first one that the page there has.

    Raises:
        SourceError: the address cannot be fetched; `no_feed`, naming every address that was tried; or
            what stands in the page's place (`challenge`, `login`, `consent`).
    """
    fetched = fetcher.get(url, allow_private=allow_private)
    try:
        return _read(url, fetched)
    except SourceError as error:
        if error.reason not in _NO_PAGE:
            raise
    named = offers(fetched.body, fetched.url)
    tried: list[str] = []
    for offer in [*named, *_usual(fetched.url, named)][:MAX_TRIED]:
        try:
            found = _read(offer.url, fetcher.get(offer.url, allow_private=allow_private))
        except SourceError as error:
            tried.append(f"{shown(offer.url)} ({error.reason.replace('_', ' ')})")
        else:
            others = tuple(other for other in named if other is not offer)
            return Discovered(found.url, found.kind, found.feed, others)
    if barrier := what_stands_instead(fetched.body, fetched.url, fetched.content_type):
        raise barred(barrier, shown(fetched.url))
    raise SourceError(
        "no_feed", f"the page at {shown(url)} names no feed that can be read; tried were {', '.join(tried)}"
    )


def offers(page: bytes, url: str) -> list[Offer]:
    """The feeds that a page names in its head, in order, those of comments last; each address once."""
    parser = etree.HTMLParser(no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(page, parser)
    except etree.XMLSyntaxError:  # nothing at all could be read
        root = None
    if root is None:
        return []
    base = next((_joined(url, one.get("href")) for one in root.iter("base") if one.get("href")), url) or url
    found: dict[str, Offer] = {}
    for link in root.iter("link"):
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        if "alternate" not in (link.get("rel") or "").lower().split() or kind not in _TYPES:
            continue
        address = _joined(base, link.get("href"))
        if address:
            found.setdefault(address, Offer(address, clean_title(link.get("title") or "")))
    return sorted(found.values(), key=lambda offer: bool(_OF_COMMENTS.search(f"{offer.url} {offer.title}")))


def _usual(url: str, named: list[Offer]) -> Iterator[Offer]:
    """Addresses that many sites use for a feed: of the page's own section first, then of the whole site."""
    seen = {offer.url for offer in named}
    for place in dict.fromkeys(
        (url.partition("?")[0].partition("#")[0].rstrip("/") + "/", urljoin(url, "/"))
    ):
        for name in _USUAL if place == urljoin(url, "/") else _USUAL[:2]:
            address = urljoin(place, name)
            if address not in seen:
                seen.add(address)
                yield Offer(address, "")


def _joined(base: str, href: str | None) -> str | None:
    try:
        address = urljoin(base, (href or "").strip()) if href else ""
    except ValueError:  # brackets that hold no address
        return None
    return address if canonical_url(address) else None


def _read(url: str, fetched: Fetched) -> Discovered:
    feed = parse_feed(fetched.body, fetched.url, fetched.content_type)
    return Discovered(url, kind_of(fetched.body), feed)


def kind_of(body: bytes) -> str:
    """Which kind of feed this is, in words, by its first element."""
    head = body[:_HEAD]
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "ignore").encode()
    found = ((pattern.search(head), words) for pattern, words in _KINDS)
    return next((words.format(match[1].decode()) for match, words in found if match), "feed")

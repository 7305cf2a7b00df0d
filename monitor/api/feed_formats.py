"""A feed of alerts as Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1. Pure: the same feed gives the same bytes.

XML is built as a tree, never out of strings, and without the characters that XML 1.0 has no way to write.
"""

import json
import re
from datetime import datetime
from email.utils import format_datetime
from typing import Any, NamedTuple

from lxml import etree

LANGUAGE = "en"
"""Of Parley's own words; quotes stand as they were published."""

_ATOM = "http://www.w3.org/2005/Atom"
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_AUTHOR = "Parley"


class Entry(NamedTuple):
    """One alert, update or cancellation. It never changes, but that the words of a removed article leave `html`."""

    id: str
    at: datetime
    kind: str
    title: str
    summary: str
    html: str
    cap: str
    """Where it is as a document of the Common Alerting Protocol."""
    link: str
    alert: dict[str, Any]
    """The alert as a webhook is told of it."""


class Feed(NamedTuple):
    """A topic's feed, its newest entry first. `home` is the page of the alerts, `address` the feed's own."""

    id: str
    title: str
    home: str
    address: str
    updated: datetime
    entries: tuple[Entry, ...]


CAP = "application/cap+xml"


def atom(feed: Feed) -> bytes:
    """The feed as `application/atom+xml`."""
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})
    root.set("{http://www.w3.org/XML/1998/namespace}lang", LANGUAGE)
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    _add(root, "updated", feed.updated.isoformat())
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.address)
    _add(root, "link", rel="alternate", type="text/html", href=feed.home)
    _add(_add(root, "author"), "name", _AUTHOR)
    for entry in feed.entries:
        element = _add(root, "entry")
        _add(element, "id", entry.id)
        _add(element, "title", entry.title)
        _add(element, "published", entry.at.isoformat())
        _add(element, "updated", entry.at.isoformat())
        _add(element, "link", rel="alternate", type="text/html", href=entry.link)
        _add(element, "link", rel="alternate", type=CAP, href=entry.cap)
        _add(element, "category", term=entry.kind)
        _add(element, "summary", entry.summary)
        _add(element, "content", entry.html, type="html")
    return _xml(root)


def rss(feed: Feed) -> bytes:
    """The feed as `application/rss+xml`."""
    root = etree.Element("rss", version="2.0", nsmap={"atom": _ATOM})
    channel = etree.SubElement(root, "channel")
    _plain(channel, "title", feed.title)
    _plain(channel, "link", feed.home)
    _plain(channel, "description", feed.title)
    _plain(channel, "language", LANGUAGE)
    _plain(channel, "lastBuildDate", _mail_date(feed.updated))
    _add(channel, "link", rel="self", type="application/rss+xml", href=feed.address)
    for entry in feed.entries:
        item = etree.SubElement(channel, "item")
        _plain(item, "title", entry.title)
        _plain(item, "link", entry.link)
        _plain(item, "guid", entry.id).set("isPermaLink", "false")
        _plain(item, "pubDate", _mail_date(entry.at))
        _plain(item, "category", entry.kind)
        _plain(item, "description", entry.html)
    return _xml(root)


def json_feed(feed: Feed) -> bytes:
    """The feed as `application/feed+json`; each item has its alert as a webhook is told of it, in `_parley`."""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.address,
        "language": LANGUAGE,
        "authors": [{"name": _AUTHOR}],
        "items": [
            {
                "id": entry.id,
                "url": entry.link,
                "title": entry.title,
                "summary": entry.summary,
                "content_html": entry.html,
                "date_published": entry.at.isoformat(),
                "tags": [entry.kind],
                "_parley": entry.alert,
            }
            for entry in feed.entries
        ],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def writable(text: str) -> str:
    """Text with a mark in place of every character that XML cannot hold."""
    return _NO_XML.sub("\ufffd", text)


def _add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    """An element of Atom."""
    element = _plain(parent, f"{{{_ATOM}}}{name}", text)
    for key, value in attributes.items():
        element.set(key, writable(value))
    return element


def _plain(parent: etree._Element, name: str, text: str) -> etree._Element:
    element = etree.SubElement(parent, name)
    element.text = writable(text) or None
    return element


def _mail_date(moment: datetime) -> str:
    return format_datetime(moment.replace(microsecond=0), usegmt=True)


def _xml(root: etree._Element) -> bytes:
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))

"""What a feed of any kind becomes: its entries as plain text, and what it says of itself for polling."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import quote, urljoin, urlsplit

from monitor.sources.text import clean_title, html_to_text
from monitor.vocabulary import Precision

MAX_ENTRIES = 2_000
MAX_GUID_CHARS = 1_000
MAX_LINK_CHARS = 4_000
_ESCAPED_AGAIN = 8
"""How often markup may lie escaped in markup: many feeds escape what is escaped already."""
_TAG = re.compile(
    r"</?(?:a|abbr|article|aside|b|big|blockquote|body|br|button|center|cite|code|div|dl|dt|dd|em|embed|figure"
    r"|figcaption|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|li|link|main|meta|nav|object|ol"
    r"|p|picture|pre|q|s|script|section|small|source|span|strike|strong|style|sub|sup|svg|table|tbody|td|th|thead"
    r"|time|title|tr|tt|u|ul|video|audio)(?:[\s/][^<>]*)?>|<!--",
    re.IGNORECASE,
)
_ENTITY = re.compile(
    r"&(?:amp|lt|gt|quot|apos|nbsp|hellip|[lr][sd]quo|[mn]dash|#\d{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?![A-Za-z])")
_MAIL_ADDRESS = re.compile(r"\S+@\S+")
# What no address holds unescaped; marks of direction can make one look like another.
_NO_ADDRESS = {
    ord(char): quote(char)
    for char in ' <>"`\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069'
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as the feed has it, its markup already turned into text.

    `published` is UTC-aware and as stated: it may lie in the future or before there were feeds. `author` holds names,
    never an e-mail address; empty when there are none. `is_teaser`: the article's page has more (see `teaser.py`).
    """

    guid: str | None
    link: str | None
    title: str
    text: str
    outlet: str
    language: str
    published: datetime | None
    precision: Precision
    notes: tuple[str, ...] = ()
    author: str = ""
    is_teaser: bool = False


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed. `note` says what was broken, so that entries may be missing, or what of it cannot be used.

    What it asks of those who poll it: `ttl`, how long to wait between two polls; `skip_hours`, hours of the day in UTC
    (0 to 23), and `skip_days`, days of the week (Monday is 0), in which not to poll. `homepage` is the site's address.
    """

    title: str
    entries: tuple[Entry, ...]
    note: str = ""
    ttl: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    homepage: str | None = None


def plain(value: str, *, is_markup: bool) -> str:
    """The text that a reader sees of a value, which holds no tag of HTML afterwards, whatever it was said to be."""
    value = value.replace("<![CDATA[", "").replace("]]>", "")
    if is_markup:
        # Most titles hold no markup, and a parser for each would be most of the work.
        value = html_to_text(value) if "<" in value or "&" in value else " ".join(value.split())
    for _ in range(_ESCAPED_AGAIN):
        if "<" in value and _TAG.search(value):
            value = html_to_text(value.replace("\n", "<br>"))
        elif "&" in value and _ENTITY.search(value):
            value = unescape(value)
        else:
            return value
    return _TAG.sub(" ", value)


def web_address(link: str, base: str) -> str | None:
    """The link as an http(s) address, resolved against the address `base`; None when it is none."""
    link = link.strip()
    if not link or len(link) > MAX_LINK_CHARS:
        return None
    try:
        parts = urlsplit(address := urljoin(base, link))
        address.encode("utf-8")
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # brackets that hold no address, a port that is no number, lone surrogates
        return None
    return address.translate(_NO_ADDRESS) if known else None


def clean_guid(guid: str) -> str | None:
    """The entry's own id, as given but for what cannot be stored."""
    return _SURROGATE.sub("\ufffd", guid.strip()[:MAX_GUID_CHARS]) or None


def clean_language(*stated: str | None) -> str:
    """The two or three letters of the first language that is stated; empty when there are none."""
    first = next((language for language in stated if language), "")
    found = _LANGUAGE.match(first.strip())
    return found[0].lower() if found else ""


def clean_author(names: Iterable[str]) -> str:
    """The names of the authors on one line, without e-mail addresses and repetitions."""
    shown = (clean_title(plain(name, is_markup=True)) for name in names)
    bare = (_MAIL_ADDRESS.sub("", name).strip("()<>[],; ") for name in shown)
    return clean_title(", ".join(dict.fromkeys(name for name in bare if name)))


def with_own_guids(entries: Iterable[Entry]) -> Iterator[Entry]:
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

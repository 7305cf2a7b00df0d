"""Lists of feeds as other readers write and read them (OPML 2.0).

A list comes from anywhere: what would make the parser open files, ask the network or swell up is refused. A list that
is broken is read as far as it goes, and says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlsplit, urlunsplit

from lxml import etree

from monitor.errors import BadInputError
from monitor.sources.canonical import canonical_url
from monitor.sources.config import SourceConfig
from monitor.sources.model import Refused
from monitor.sources.text import clean_title

MAX_BYTES = 5_000_000
MAX_FEEDS = 5_000


@dataclass(frozen=True, slots=True)
class Listed:
    """A feed of a list. Its language is a code of two or three letters, or empty."""

    url: str
    title: str
    language: str


@dataclass(frozen=True, slots=True)
class OpmlRead:
    """What a list holds: its feeds in order, what was refused, and how the list is broken (empty: it is whole)."""

    feeds: tuple[Listed, ...]
    refused: tuple[Refused, ...]
    broken: str


def read_opml(data: bytes) -> OpmlRead:
    """The feeds of a list.

    Raises:
        BadInputError: it is no OPML, or XML that no list needs (entities), or too long.
    """
    if len(data) > MAX_BYTES:
        raise BadInputError(f"larger than {MAX_BYTES // 1_000_000} MB, which no list of feeds is")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:  # nothing at all was found in it
        raise BadInputError(f"no OPML: {clean_title(str(error))}") from error
    if root is None or root.tag != "opml":
        what = "nothing that is XML" if root is None else f"an element <{clean_title(str(root.tag))[:40]}>"
        raise BadInputError(f"no OPML: expected a file that begins with <opml>, not {what}")
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and (any(declared.iterentities()) or declared.system_url):
        raise BadInputError(
            "the XML declares entities or a DTD, which no list of feeds needs; it was not read"
        )
    feeds: list[Listed] = []
    refused: list[Refused] = []
    for outline in root.iter("outline"):
        stated = {str(name).lower(): str(value).strip() for name, value in outline.attrib.items()}
        if "xmlurl" not in stated:
            continue  # a folder of feeds, or a note
        title = clean_title(stated.get("title") or stated.get("text") or "")
        if canonical_url(stated["xmlurl"]) is None or " " in stated["xmlurl"]:
            refused.append(
                Refused(title or "?", f"{clean_title(stated['xmlurl'])!r} is no http or https address")
            )
        elif len(feeds) == MAX_FEEDS:
            refused.append(Refused(title or stated["xmlurl"], f"only the first {MAX_FEEDS} feeds are read"))
        else:
            feeds.append(Listed(stated["xmlurl"], title, _language(stated.get("language", ""))))
    errors = list(parser.error_log)
    broken = f"line {errors[0].line}: {clean_title(errors[0].message)}" if errors else ""
    return OpmlRead(tuple(feeds), tuple(refused), broken)


def write_opml(sources: Iterable[SourceConfig], now: datetime) -> bytes:
    """The feeds among the sources as a list for other readers, without passwords, headers and folders.

    Args:
        sources: as they are polled: the address of a search is filled.
        now: the moment of writing, UTC-aware.
    """
    root = etree.Element("opml", version="2.0")
    head, body = etree.SubElement(root, "head"), etree.SubElement(root, "body")
    etree.SubElement(head, "title").text = "Parley's sources"
    etree.SubElement(head, "dateCreated").text = format_datetime(now)
    for source in sources:
        if source.url:
            title = clean_title(source.outlet) or source.id
            etree.SubElement(
                body,
                "outline",
                type="rss",
                text=title,
                title=title,
                xmlUrl=without_login(source.url),
                language=source.language,
            )
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def without_login(url: str) -> str:
    """The address without a name and password in it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _language(stated: str) -> str:
    code = stated.replace("_", "-").partition("-")[0].lower()
    return code if code.isascii() and code.isalpha() and len(code) in (2, 3) else ""

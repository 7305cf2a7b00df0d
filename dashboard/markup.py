"""The small parts of the pages as HTML: chips, dates, quotes, meters. Everything from outside is escaped here.

`e` is the only way for text into HTML. Links lead to http and https only, open apart and pass nothing on.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from html import escape
from urllib.parse import urlsplit

from dashboard import words
from dashboard.catalogue import template
from monitor.readmodel.queries import WITHHELD, Passage

_LINKS = {"http", "https"}
_CLINGS = frozenset(",.;:!?”’)،؛۔؟")
"""What follows a word without a space."""
_OWN_LETTERS = (
    ("ur", frozenset("ٹڈڑںھہۂۃےۓ۔")),
    ("fa", frozenset("پچژگکی")),
    ("ar", frozenset(map(chr, range(0x0621, 0x064B)))),
    ("he", frozenset(map(chr, range(0x05D0, 0x05EB)))),
)
"""Languages written from right to left, and letters that those before do not have."""


_TURNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Characters that turn the direction of what follows them, unseen, to the end of its line."""


_COMMAND = re.compile("`([^`]+)`")


def e(text: object) -> str:
    """Text, safe between tags and in quoted attributes; nothing in it changes how the text around it reads."""
    return escape(str(text).translate(_TURNING), quote=True)


def told(text: str) -> str:
    """Text in which `commands` stand between backticks."""
    return _COMMAND.sub(r"<code>\1</code>", e(text))


def link(label: str, url: str | None) -> str:
    """The label, linked where the address is one of the web."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return e(label)
    if parts.scheme not in _LINKS or not parts.netloc:
        return e(label)
    return f'<a href="{e(url)}" target="_blank" rel="noopener noreferrer nofollow">{e(label)}</a>'


def said(key: str, **values: str) -> str:
    """A string of the catalogue as HTML, with values that are HTML already."""
    return e(template(key)).format(**values)


def chip(status: str, size: str = "") -> str:
    """A status's glyph on its colour; the word stands beside it, so screen readers pass over it."""
    classes = f"chip {size} {status_class(status)}".replace("  ", " ")
    return f'<span class="{classes}" aria-hidden="true">{words.look(status).glyph}</span>'


def status_class(status: str) -> str:
    """The class that gives an element its status's colour."""
    return f"s-{status}" if status in words.STATUSES else "s-none"


def time(value: date | datetime, label: str) -> str:
    """A day or a moment for people, with its ISO form for machines."""
    return f'<time datetime="{e(value.isoformat())}">{e(label)}</time>'


def day(value: date) -> str:
    """A day."""
    return time(value, words.day(value))


def moment(value: datetime, zones: words.Zones) -> str:
    """A moment by the viewer's clock, the topic's and UTC's."""
    return time(value, words.moment(value, zones))


def moment_here(value: datetime, zones: words.Zones) -> str:
    """A moment by the viewer's clock; the others stand in its title."""
    said = e(words.moment(value, zones))
    return (
        f'<time datetime="{e(value.isoformat())}" title="{said}">{e(words.moment_here(value, zones))}</time>'
    )


def clock(value: datetime, zones: words.Zones) -> str:
    """The time of day by the viewer's clock; the whole moment by all clocks stands in its title."""
    said = e(words.moment(value, zones))
    return f'<time datetime="{e(value.isoformat())}" title="{said}">{e(words.clock(value, zones))}</time>'


def start(earliest: date | None, latest: date | None, *, word: bool = True) -> str:
    """When a segment began, in words."""
    known = earliest or latest
    label = words.start(earliest, latest, word=word)
    return time(known, label) if known else e(label)


def meter(confidence: float) -> str:
    """How sure: a step for each word up to this one, the word and the percentage."""
    steps = "".join(
        f'<i class="{"on" if confidence >= least else ""}"></i>' for least in sorted(words.LEAST.values())
    )
    return (
        f'<span class="meter" aria-hidden="true">{steps}</span> '
        f"<b>{words.confidence(confidence)}</b> <small>({confidence:.0%})</small>"
    )


def sure(confidence: float, certainty: str) -> str:
    """How sure in a line: "Very likely (87%), reported"."""
    return f"{words.confidence(confidence)} ({confidence:.0%}), {e(certainty)}"


def source(outlet: str, url: str | None, published: datetime | None, precision: str = "day") -> str:
    """Where a quote stands: outlet with link, and day."""
    when = (
        time(published, words.month_or_day(published.date(), precision))
        if published
        else e(template("common.undated"))
    )
    return f"{isolated(link(outlet, url))}, {when}"


def whence(passage: Passage, zones: words.Zones) -> str:
    """As `source`, of a passage: to the minute where that is known."""
    if passage.published_at is None or passage.precision != "time":
        return source(passage.outlet, passage.url, passage.published_at, passage.precision)
    return f"{isolated(link(passage.outlet, passage.url))}, {moment(passage.published_at, zones)}"


def old_part(start: date, old: date | None, end: date) -> str:
    """What greys the part of a bar from `start` to `end` in which it shows only the last known: from `old` on."""
    if old is None or old >= end:
        return ""
    share = (end - max(old, start)) / (end - start)
    return f'<i class="old" style="--w:{100 * share:.2f}"></i>'


def isolated(html: str) -> str:
    """A name that may run from right to left, so that what follows it does not."""
    return f"<bdi>{html}</bdi>"


def quotation(text: str, *, before: str = "", after: str = "", language: str = "") -> str:
    """A literal passage; amid the rest of its sentence it is marked. A removed one is named as such, not quoted.

    `language` is its article's.
    """
    if text == WITHHELD:
        return f"<p class='meta'>{e(text)}</p>"
    tongue = script(text, language)
    if not before and not after:
        return f"<blockquote{tongue}>{e(text)}</blockquote>"
    lead = f"{e(before)} " if before else ""
    rest = f"{'' if after[:1] in _CLINGS else ' '}{e(after)}" if after else ""
    return f"<blockquote{tongue}>{lead}<mark>{e(text)}</mark>{rest}</blockquote>"


def script(text: str, language: str = "") -> str:
    """The attributes of an element that holds words of the news: direction, and the language, for its font and voice.

    It is read from the letters where they tell it: a quote's language need not be its article's (`language`).
    """
    letters = set(text)
    tongue = next((lang for lang, own in _OWN_LETTERS if letters & own), "")
    tongue = language if not tongue or language in dict(_OWN_LETTERS) else tongue
    return f' lang="{e(tongue)}" dir="auto"' if tongue else ' dir="auto"'


_QUOTES = frozenset('"“”„«‘')


def inline(text: str) -> str:
    """A literal passage within a line, in its marks; a removed one without, and one that begins with its own."""
    return e(text) if text == WITHHELD or text[:1] in _QUOTES else f"“{e(text)}”"


def figure(quotations: str, where: str, *, note: str = "") -> str:
    """Quotations of one article, and where they stand; `quotations` and `where` are HTML."""
    said = f" · {e(note)}" if note else ""
    return f"<figure>{quotations}<figcaption>— {where}{said}</figcaption></figure>"


def banner(glyph: str, title: str, body: str, kind: str) -> str:
    """A box that stands out; `body` is HTML."""
    return f'<p class="banner {kind}"><span aria-hidden="true">{glyph}</span> <b>{e(title)}</b> {body}</p>'


def section(name: str, html: str) -> str:
    """A part of a page under its name, which is plain text."""
    return f"<section aria-label='{e(name)}'><h2>{e(name)}</h2>{html}</section>"


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """Named facts; the values are HTML."""
    return (
        '<dl class="facts">'
        + "".join(f"<div><dt>{e(name)}</dt><dd>{value}</dd></div>" for name, value in rows)
        + "</dl>"
    )


def heads(names: Iterable[str]) -> str:
    """The headings of a table's columns; the names are plain text."""
    return "".join(f"<th scope='col'>{e(name)}</th>" for name in names)


def notice(title: str, *paragraphs: str, links: str = "") -> str:
    """A page's whole content when there is nothing to show: what is going on, and what to do. `links` is HTML."""
    text = "".join(f"<p>{told(paragraph)}</p>" for paragraph in paragraphs)
    more = f"<p>{links}</p>" if links else ""
    return f'<section class="notice" aria-label="{said("common.notice")}"><h1>{e(title)}</h1>{text}{more}</section>'

"""How alike two versions of a text are, and what of a text counts as its content. Pure.

An essence is a number for what a text says: typographic signs, spacing and clocks ("updated 3 minutes ago") are left
out, so that a page that only ticks is not a new version of itself. A sketch is a sample of a text's runs of four words,
small enough to keep for many articles, by which the Jaccard likeness of two texts can be told.
"""

import re
import struct
import zlib
from functools import lru_cache

from monitor.ids import fact_id, normalised
from monitor.sources.canonical import canonical_url

RUN_WORDS = 4
MIN_WORDS = 48
"""Shorter texts can be alike by chance."""
SKETCH_RUNS = MIN_WORDS - RUN_WORDS + 1
"""As many as a text of `MIN_WORDS` has: a sketch of so many runs is that of a text long enough."""
_READ_CHARS = 2_000
"""Only the beginning counts: a text is cut at its end, and what is put behind it belongs to the page."""

Sketch = bytes
"""The smallest of the numbers of a text's runs, in order, four bytes each."""

_WORD = re.compile(r"\w+")
_MARKS = re.compile(
    "[\"'`\u00ab\u00bb\u2018-\u201f\u2032-\u2037\u2039\u203a\u00ad\u200b-\u200f\u2060\ufeff]| \u0301"
)
_DASHES = re.compile("[-\u2010-\u2015\u2212~*\u2022\u00b7]")
_LOOSE = re.compile(r" +(?=[,.;:!?])")

_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}"
_DAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
_UNIT = r"(?:sec(?:ond)?s?|min(?:ute)?s?|hrs?|hours?)"
_EDGE = r"[\s()|.]{0,4}"
_AGO = re.compile(
    rf"[\s()|]{{0,4}}(?:\b(?:about )?(?:an?|one|a few|\d{{1,3}}) {_UNIT} ago\b|\b(?:just now|moments ago)\b"
    rf"|\b\d{{1,3}} (?:سیکنڈ|منٹ|گھنٹے|گھنٹہ) (?:قبل|پہلے)){_EDGE}"
)
_STAMP = re.compile(
    rf"[\s()|]{{0,4}}\b(?:last |first )?(?:updated?|modified|published|posted)\b(?P<when>(?:[\s,:./|()]+(?:"
    rf"\d[\d:./+tz]*(?:st|nd|rd|th)?|[ap]\.?m\b\.?|{_MONTH}|{_DAY}|{_UNIT}|days?|weeks?|ago|moments|just now"
    r"|about|an?|one|few|at|on|by|gmt|utc|pkt|ist|bst|ce?s?t|e[sd]t|p[sd]t)\b)+)"
    rf"{_EDGE}"
)
_MOST_AT_ONCE = 2_048
"""As many as a feed's entries: what was made of a text is kept until the poll is taken in."""
_OF_CLOCKS = ("ago", "just now", "قبل", "پہلے")
_OF_STAMPS = ("update", "modified", "published", "posted")
_IS_MOMENT = re.compile(rf"\d:\d\d|\bago\b|\bnow\b|\b{_MONTH}\b|\b(?:19|20)\d\d\b")


@lru_cache(maxsize=_MOST_AT_ONCE)
def essence(title: str, text: str) -> int:
    """A 60-bit number, the same for two versions that a reader would call the same. Equal content hashes share it."""
    return number("essence", _words_of(title), _words_of(text))


def title_number(title: str) -> int:
    """A 60-bit number for a title, whatever its case, spacing and typographic signs."""
    return number("title", _words_of(title))


def number(*parts: str | int | None) -> int:
    """60 bits of what makes a fact unique: enough for the memory of one topic, and a quarter of the space."""
    return int(fact_id(*parts)[:15], 16)


@lru_cache(maxsize=_MOST_AT_ONCE)
def sketch(text: str) -> Sketch:
    """The sketch of a text."""
    words = _WORD.findall(_words_of(text[:_READ_CHARS]))
    count = max(1, len(words) - RUN_WORDS + 1) if words else 0
    runs = {zlib.crc32(" ".join(words[at : at + RUN_WORDS]).encode()) for at in range(count)}
    smallest = sorted(runs)[:SKETCH_RUNS]
    return struct.pack(f">{len(smallest)}I", *smallest)


def is_long(one: Sketch) -> bool:
    """True for a text of at least `MIN_WORDS` words."""
    return len(one) >= 4 * SKETCH_RUNS


def likeness(one: Sketch, other: Sketch) -> float:
    """The Jaccard likeness of two texts, 0 to 1; an estimate where they are long.

    Of all runs of both texts the smallest are a fair sample (a bottom-k sketch, Broder 1997), and each sketch shows
    which of them its text has.
    """
    first, second = _runs(one), _runs(other)
    common = first & second
    if not common:
        return 0.0
    sample = sorted(first | second)[:SKETCH_RUNS]
    return sum(run in common for run in sample) / len(sample)


@lru_cache(maxsize=1024)
def _runs(one: Sketch) -> frozenset[bytes]:
    return frozenset(one[at : at + 4] for at in range(0, len(one), 4))


def forget_texts() -> None:
    """Let go of the texts and addresses of a poll, which are looked at several times while it is taken in."""
    essence.cache_clear()
    sketch.cache_clear()
    canonical_url.cache_clear()


def _words_of(text: str) -> str:
    plain = _DASHES.sub(" ", _MARKS.sub("", normalised(text)))
    if any(word in plain for word in _OF_STAMPS):
        plain = _STAMP.sub(_kept, plain)
    if any(word in plain for word in _OF_CLOCKS):
        plain = _AGO.sub(" ", plain)
    return _LOOSE.sub("", " ".join(plain.split()))


def _kept(found: re.Match[str]) -> str:
    """What remains of "updated ..." and the words of time behind it: nothing where they name a moment."""
    return " " if _IS_MOMENT.search(found["when"]) else found[0]

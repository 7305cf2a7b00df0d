"""Which articles tell one story: copies and near-copies of one report, found by the runs of words that they share.

The measure is the overlap coefficient over runs of four words: the share of the shorter text's runs that the other has
too. It finds copies that were cut short or framed by other words, as syndicated reports are. Pure.
"""

import re
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.ids import normalised

RUN_WORDS = 4
TEXT_WORDS = 500
"""Only the beginning counts: news is cut from the end, and background gathers there."""
ALIKE = 0.5
MIN_RUNS = 20
"""Shorter texts share runs by chance: they must share all of them."""
WINDOW = timedelta(days=14)
MAX_RECENT = 1_000

_WORD = re.compile(r"\w+")
_READ_CHARS = 20 * TEXT_WORDS


def runs_of(text: str) -> frozenset[int]:
    """The runs of four words in the text's beginning, each as a 32-bit number."""
    words = _WORD.findall(normalised(text[:_READ_CHARS]))[:TEXT_WORDS]
    count = max(1, len(words) - RUN_WORDS + 1)
    return frozenset(zlib.crc32(" ".join(words[i : i + RUN_WORDS]).encode()) for i in range(count) if words)


def likeness(one: frozenset[int], other: frozenset[int]) -> float:
    """The share of the shorter text's runs that the longer one holds too, 0 to 1."""
    shorter = min(len(one), len(other))
    if not shorter or one.isdisjoint(other):
        return 0.0
    return len(one & other) / (shorter if shorter >= MIN_RUNS else max(len(one), len(other)))


@dataclass(frozen=True, slots=True)
class _Recent:
    story_id: str
    moment: datetime
    runs: frozenset[int]


class Stories:
    """The stories of the articles met last; at most `MAX_RECENT` of them, so memory stays bounded."""

    def __init__(self) -> None:
        self._recent: OrderedDict[str, _Recent] = OrderedDict()

    def add(self, article_id: str, story_id: str, moment: datetime, text: str) -> None:
        """Note an article (or its new text)."""
        self._recent.pop(article_id, None)
        self._recent[article_id] = _Recent(story_id, moment, runs_of(text))
        if len(self._recent) > MAX_RECENT:
            self._recent.popitem(last=False)

    def story_of(self, moment: datetime, text: str) -> str | None:
        """The story that a text published at `moment` belongs to, or None when it is a new one.

        Of several near-copies the most alike counts, of equals the one met first.
        """
        runs = runs_of(text)
        best, found = 0.0, None
        for recent in self._recent.values():
            if abs(recent.moment - moment) > WINDOW:
                continue
            alike = likeness(runs, recent.runs)
            needed = ALIKE if min(len(runs), len(recent.runs)) >= MIN_RUNS else 1.0
            if alike >= needed and alike > best:
                best, found = alike, recent.story_id
        return found

"""Which articles tell one story: copies and near-copies of one report, found by the runs of words that they share.

The measure is the overlap coefficient over runs of four words: the share of the shorter text's runs that the other has
too. It finds copies that were cut short or framed by other words, as syndicated reports are. Pure.
"""

import re
import zlib
from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.ids import normalised

RUN_WORDS = 4
TEXT_WORDS = 300
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


def alike(shared: int, one: int, other: int) -> float:
    """How alike two texts of `one` and `other` runs are that share so many, 0 (not near-copies) to 1."""
    shorter, longer = sorted((one, other))
    if shorter < MIN_RUNS:
        return float(shared == longer > 0)
    return shared / shorter if shared >= ALIKE * shorter else 0.0


@dataclass(frozen=True, slots=True)
class _Recent:
    number: int
    story_id: str
    moment: datetime
    runs: "array[int]"


class Stories:
    """The stories of the articles met last; at most `MAX_RECENT` of them, so memory stays bounded."""

    def __init__(self) -> None:
        self._met = 0
        self._recent: dict[str, _Recent] = {}
        self._holders: defaultdict[int, list[str]] = defaultdict(list)
        """Run -> the articles that hold it: near-copies are found without a look at the others."""

    def add(self, article_id: str, story_id: str, moment: datetime, text: str) -> None:
        """Note an article (or its new text)."""
        self._forget(article_id)
        self._met += 1
        recent = _Recent(self._met, story_id, moment, array("L", runs_of(text)))
        self._recent[article_id] = recent
        for run in recent.runs:
            self._holders[run].append(article_id)
        if len(self._recent) > MAX_RECENT:
            self._forget(next(iter(self._recent)))

    def story_of(self, moment: datetime, text: str) -> str | None:
        """The story that a text published at `moment` belongs to, or None when it is a new one.

        Of several near-copies the most alike counts, of equals the one met first.
        """
        runs = runs_of(text)
        shared = Counter(article_id for run in runs for article_id in self._holders.get(run, ()))
        copies = []
        for article_id, count in shared.items():
            recent = self._recent[article_id]
            likeness = alike(count, len(runs), len(recent.runs))
            if likeness and abs(recent.moment - moment) <= WINDOW:
                copies.append((-likeness, recent.number, recent.story_id))
        return min(copies)[2] if copies else None

    def _forget(self, article_id: str) -> None:
        recent = self._recent.pop(article_id, None)
        for run in recent.runs if recent else ():
            self._holders[run].remove(article_id)
            if not self._holders[run]:
                del self._holders[run]

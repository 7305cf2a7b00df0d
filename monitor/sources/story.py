"""Which articles tell one story: copies and light rewrites of one report, found by the runs of words that they share.

Two texts are compared by runs of two words in their beginnings: how many of the shorter text's runs the other has too,
less those that any two reports of one outlet share. That finds copies that were cut short or framed by other words, and
rewrites whose sentences were moved and whose verbs were changed. Candidates are looked up by runs of four words. Pure.
"""

import re
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from monitor.ids import normalised

TEXT_WORDS = 200
"""Only the beginning counts: news is cut from the end, and background gathers there."""
RUN_WORDS, KEY_WORDS = 2, 4
BY_CHANCE, BY_CHANCE_SHARE = 40, 0.6
"""So many shared runs (of short texts: this share) prove nothing: frames and standing phrases of one outlet."""
ALIKE = 0.5
"""Texts at least this alike are copies. All these numbers were chosen on tests/sources/pairs (its README)."""
KIN = 0.35
"""A copy of a copy shares so much with the first article of the story too: else chains of follow-ups would melt."""
MIN_RUNS = 20
"""Shorter texts must share all runs."""
WINDOW = timedelta(days=14)
"""Articles published further apart are no copies."""
KEPT = 2 * WINDOW
"""An article that comes one window late still meets all that were published within one window of it."""
MAX_RECENT = 10_000

_Runs = NDArray[np.uint32]
_UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff])"
)
"""Thai, Lao, Burmese, Khmer, Japanese, Chinese: no spaces between words, so that each sign counts as one."""
_WORD = re.compile("[\\w\u0300-\u036f\u0900-\u0963\u0966-\u0dff]+")
"""With the signs within words that `\\w` leaves out, of the scripts of India above all."""
_FOLDED = str.maketrans(
    "يىك٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹",
    "ییک01234567890123456789",
    "".join(map(chr, (0x640, 0x670, 0x200C, 0x200D, *range(0x610, 0x61B), *range(0x64B, 0x660)))),
)
"""Arabic, Persian and Urdu newsrooms type one letter in several ways, and leave out vowel signs and joiners at will."""
_READ_CHARS = 12 * TEXT_WORDS
_MIX = np.uint32(0x9E3779B1)
_FOUR_TIMES_MORE = np.array([[0x2545F491], [0x5BD1E995], [0x85EBCA6B], [0xC2B2AE35]], np.uint32)


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """A text's runs of two words and of four, each as 32-bit numbers in order, none twice."""

    runs: _Runs
    keys: _Runs


@lru_cache(maxsize=8)
@lru_cache(maxsize=128)
def fingerprint_of(text: str) -> Fingerprint:
    """The runs in the text's beginning. One with a number counts five times: numbers tell reports of a form apart."""
    spaced = _UNSPACED.sub(r" \1 ", normalised(text[:_READ_CHARS]).translate(_FOLDED))
    words = [match.group() for match in islice(_WORD.finditer(spaced), TEXT_WORDS)]
    hashes = np.fromiter((zlib.crc32(word.encode()) for word in words), np.uint32, len(words))
    numbers = np.fromiter((word.isnumeric() for word in words), bool, len(words))
    runs = _runs(hashes, RUN_WORDS)
    with_number = runs[numbers[: len(runs)] | numbers[len(numbers) - len(runs) :]]
    weighed = np.concatenate([runs, (with_number ^ _FOUR_TIMES_MORE).ravel()])
    return Fingerprint(np.unique(weighed), np.unique(_runs(hashes, KEY_WORDS)))


def _runs(hashes: _Runs, length: int) -> _Runs:
    """The runs of so many words (of all words, when there are fewer), by their words' hashes."""
    count = max(len(hashes) - length + 1, min(len(hashes), 1))
    runs = np.zeros(count, np.uint32)
    for start in range(min(length, len(hashes))):
        runs = (runs ^ hashes[start : start + count]) * _MIX
    return runs


def shared(one: _Runs, other: _Runs) -> float:
    """The share of the shorter text's runs that the other has too, from 0 to 1."""
    both = np.sort(np.concatenate((one, other)))
    return int(np.count_nonzero(both[1:] == both[:-1])) / max(1, min(len(one), len(other)))


def alike(one: _Runs, other: _Runs) -> float:
    """How alike two texts with these runs are, from 0 to 1 (the shorter text is part of the other)."""
    shorter = min(len(one), len(other))
    if shorter < MIN_RUNS:
        return float(len(one) == len(other) and shared(one, other) == 1)
    by_chance = min(BY_CHANCE / shorter, BY_CHANCE_SHARE)
    return max(0.0, shared(one, other) - by_chance) / (1 - by_chance)


@dataclass(frozen=True, slots=True)
class _Recent:
    article_id: str
    story_id: str
    moment: datetime
    runs: _Runs


class _Holders:
    """Run of four words -> the articles that held it last, in a table of fixed size (8 MiB).

    Each run has a row, which it shares with others, of room for 16 articles; the oldest makes room. So a phrase that
    all articles share costs no more than others, and nothing is taken out when an article is forgotten.
    """

    _BITS, _ROOM = 17, 16

    def __init__(self) -> None:
        self._rows = np.zeros((1 << self._BITS, self._ROOM), np.uint32)

    def add(self, keys: _Runs, number: int) -> None:
        rows = keys >> np.uint32(32 - self._BITS)
        self._rows[rows, 1:] = self._rows[rows, :-1]
        self._rows[rows, 0] = number

    def of(self, keys: _Runs, enough: int) -> list[int]:
        """The numbers of articles that share enough of the runs, those with the most first."""
        found = self._rows[keys >> np.uint32(32 - self._BITS)].ravel()
        numbers, counts = np.unique(found[found > 0], return_counts=True)
        numbers, counts = numbers[counts >= enough], counts[counts >= enough]
        most: list[int] = numbers[np.argsort(-counts, kind="stable")].tolist()
        return most


class Stories:
    """The stories of the articles met last, of `KEPT` days and at most `MAX_RECENT`.

    A story's id is the id of its first article. It ends when that article is forgotten. Memory: 8 MiB, and 1.2 kB for
    each article, so 20 MB for 10,000.
    """

    _COMPARED = 32

    def __init__(self) -> None:
        self._met = 0
        self._numbers: dict[str, int] = {}
        self._recent: dict[int, _Recent] = {}
        self._holders = _Holders()

    def add(self, article_id: str, story_id: str, moment: datetime, text: str) -> None:
        """Note an article (or its new text)."""
        self._recent.pop(self._numbers.pop(article_id, 0), None)
        self._met += 1
        fingerprint = fingerprint_of(text)
        self._numbers[article_id] = self._met
        self._recent[self._met] = _Recent(article_id, story_id, moment, fingerprint.runs)
        self._holders.add(fingerprint.keys, self._met)
        self._forget(moment)

    def story_of(self, moment: datetime, text: str) -> str | None:
        """The story that a text published at `moment` belongs to, or None when it is a new one.

        Of several near-copies the most alike counts, of equals the one met first.
        """
        fingerprint = fingerprint_of(text)
        found = self._holders.of(fingerprint.keys, enough=1 + len(fingerprint.keys) // 40)
        copies = []
        for number in [number for number in found if number in self._recent][: self._COMPARED]:
            recent = self._recent[number]
            likeness = alike(fingerprint.runs, recent.runs)
            if (
                likeness >= ALIKE
                and abs(recent.moment - moment) <= WINDOW
                and self._is_kin(fingerprint, recent)
            ):
                copies.append((-likeness, number, recent.story_id))
        return min(copies)[2] if copies else None

    def _is_kin(self, fingerprint: Fingerprint, copy: _Recent) -> bool:
        first = self._recent.get(self._numbers.get(copy.story_id, 0))
        return first is not None and (first is copy or shared(fingerprint.runs, first.runs) >= KIN)

    def _forget(self, moment: datetime) -> None:
        """Forget what is too old or too much: at most two at a time, so that one wrong date empties nothing."""
        for number in list(islice(self._recent, 2)):
            recent = self._recent[number]
            if len(self._recent) > MAX_RECENT or recent.moment < moment - KEPT:
                del self._recent[number], self._numbers[recent.article_id]

"""Which of the learned signs a sentence shows: hundreds are looked up at once, or the judge would be slow."""

from collections.abc import Sequence
from sys import intern

import numpy as np
import numpy.typing as npt

from monitor.detection.signs import IN_A_ROW, ROWS, Rows, Shown

Numbers = npt.NDArray[np.int64]
_BASE = 1 << 18
"""More than there are words: three digits of it fit into 54 bits."""
_OWNER = 9
"""Bits that are left beside the three digits, for the place of a sentence among those that are looked up together."""
_UNKNOWN = _BASE - 1


class KnownSigns:
    """The signs of a judge's table, by their place in it.

    Each word of each row of a sentence has a number, and neighbours are one number with those of their words as digits:
    a sorted array has them all, so that a sentence is one search in it.
    """

    def __init__(self, signs: Sequence[str]) -> None:
        self._lone: dict[str, int] = {}
        self._digits: dict[str, dict[str, int]] = {name: {} for name in ROWS}
        numbered: list[tuple[int, int]] = []
        last = 0
        for at, sign in enumerate(signs):
            name, *words = sign.split(" ")
            known = self._digits.get(name)
            if known is None:
                self._lone[sign] = at
                continue
            number = 0
            for word in words:
                if word not in known:
                    last += 1
                    known[intern(word)] = last
                number = number * _BASE + known[word]
            numbered.append((number * _BASE ** (IN_A_ROW - len(words)), at))
        numbered.sort()
        self._numbers = np.array([number for number, _ in numbered] + [-1], dtype=np.int64)
        """Rising, and one more that is none: where to look for what would stand behind all others."""
        self._rising = self._numbers[:-1]
        self._places = np.array([at for _, at in numbered], dtype=np.int64)

    def find(self, shown: Shown, in_rows: Numbers | None = None) -> Numbers:
        """The places of all signs shown that are known, each once; those `in_rows` may be there already."""
        if in_rows is None:
            [in_rows] = self.in_rows([shown.rows])
        known = self._lone
        lone = [known[sign] for sign in shown.lone if sign in known]
        return np.concatenate((in_rows, np.array(lone, dtype=np.int64)))

    def in_rows(self, sentences: Sequence[Rows]) -> list[Numbers]:
        """For the rows of each sentence, the places of all signs in them that are known: many at once are faster."""
        if len(sentences) >> _OWNER:
            raise ValueError(f"{len(sentences)} sentences are too many to be looked up at once")
        digits: list[int] = []
        sizes: list[int] = []
        for rows in sentences:
            before = len(digits)
            for known, row in zip(self._digits.values(), rows, strict=True):
                digits += [known.get(word, _UNKNOWN) for word in row]
                digits.append(_UNKNOWN)  # nothing is known that reaches over the end of a row
            sizes.append(len(digits) - before)
        owned = _neighbours(np.array(digits, dtype=np.int64), np.repeat(np.arange(len(sizes)), sizes))
        # Sorted, they are found several times faster: each search goes on where the last one ended.
        owned.sort()
        owned = owned[np.flatnonzero(owned[1:] != owned[:-1])]  # each once; the last begins behind a row
        numbers, owners = owned >> _OWNER, owned & ((1 << _OWNER) - 1)
        ranks = self._rising.searchsorted(numbers)
        hits = np.flatnonzero(self._numbers[ranks] == numbers)
        found = owners[hits] * _BASE + ranks[hits]
        found.sort()
        ends = found.searchsorted(np.arange(1, len(sizes)) * _BASE)
        return np.split(self._places[found % _BASE], ends)


def _neighbours(digits: Numbers, owners: Numbers) -> Numbers:
    """The numbers of all one, two and more digits in a row, and behind each the sentence of its first digit."""
    found = [digits * _BASE ** (IN_A_ROW - 1)]
    for size in range(1, IN_A_ROW):
        found.append(found[-1][:-1] + digits[size:] * _BASE ** (IN_A_ROW - 1 - size))
    return np.concatenate([(numbers << _OWNER) + owners[: len(numbers)] for numbers in found])

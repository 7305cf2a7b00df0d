"""Which of the learned signs a sentence shows: hundreds are looked up at once, or the judge would be slow."""

from collections.abc import Sequence
from sys import intern

import numpy as np
import numpy.typing as npt

from monitor.detection.signs import IN_A_ROW, ROWS, Shown

Numbers = npt.NDArray[np.int64]
_BASE = 1 << 21
"""More than there are words: three digits of it fit into 63 bits."""
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

    def find(self, shown: Shown) -> Numbers:
        """The places of all signs shown that are known, each once."""
        digits: list[int] = []
        for known, row in zip(self._digits.values(), shown.rows, strict=True):
            digits += [known.get(word, _UNKNOWN) for word in row]
            digits.append(_UNKNOWN)  # nothing is known that reaches over the end of a row
        # Sorted, they are found several times faster: each search goes on where the last one ended.
        numbers = _neighbours(np.array(digits, dtype=np.int64))
        numbers.sort()
        numbers = numbers[:-1][numbers[1:] != numbers[:-1]]  # each once; the last begins behind a row
        at = self._rising.searchsorted(numbers)
        found = self._places[at[self._numbers[at] == numbers]]
        lone = [self._lone[sign] for sign in shown.lone if sign in self._lone]
        return np.concatenate((found, np.array(lone, dtype=np.int64)))


def _neighbours(digits: Numbers) -> Numbers:
    """The numbers of all one, two and more digits in a row."""
    found = [digits * _BASE ** (IN_A_ROW - 1)]
    for size in range(1, IN_A_ROW):
        found.append(found[-1][:-1] + digits[size:] * _BASE ** (IN_A_ROW - 1 - size))
    return np.concatenate(found)

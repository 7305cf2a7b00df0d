"""Words that are near in meaning, so that a word nobody taught counts as its neighbours do.

kin.tsv has the common words of English, the frequent ones first, each with the three groups that it belongs to (300,
1000 and 2500 groups in all). It was made once: k-means over what the sentence model all-MiniLM-L6-v2 (Apache License
2.0) makes of each word of its own vocabulary. Parley neither needs nor loads that model.
"""

from functools import cache
from pathlib import Path
from sys import intern

_FILE = Path(__file__).parent / "kin.tsv"


def kin(word: str) -> tuple[str, ...]:
    """The names of the groups that the word belongs to, the widest first; its own word where it is in none.

    A group is named by its most frequent word. Rare words, names above all, share one group.
    """
    groups, others = _groups()
    known = groups.get(word)
    if known is not None:
        return known
    return (word,) * others if len(word) < _SHORT or not word.isalpha() else ("<rare>",) * others


_SHORT = 4


@cache
def _groups() -> tuple[dict[str, tuple[str, ...]], int]:
    rows = (line.split("\t") for line in _FILE.read_text(encoding="utf-8").splitlines())
    groups = {intern(word): tuple(map(intern, names)) for word, *names in rows}
    return groups, len(next(iter(groups.values())))

"""Text into tokens: lower-case words with their places in the sentence.

Offsets stay those of the given text, so nothing here may change its length; words are folded one by one.
"""

import re
from bisect import bisect_left
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from sys import intern

MAX_TOKENS = 220
"""A sentence is read up to this many tokens; the normaliser cuts long before in any sane text."""

_TOKEN = re.compile(
    r"[a-zA-Z]++(?= )"  # most words, found several times faster than by what follows
    r"|(?:[^\W\d_]\.){2,}"  # U.S., U.N.
    r"|n['’]t\b"
    r"|['’](?:s|re|ve|ll|d|m)\b"
    r"|[^\W_]+?(?=n['’]t\b)"
    r"|[$€£]?[^\W_]+(?:(?:[-‐‑–](?=[^\W_])|[.,](?=\d)|['’](?!(?:s|re|ve|ll|d|m|t)\b)(?=[^\W_]))[^\W_]+)*"
    r"|--|[^\w\s\"“”«»*\[\]‘’']",
)
_FOLD = str.maketrans({"’": "'", "‘": "'", "‐": "-", "‑": "-", "–": "—"})
_CAPITALS = frozenset({"US", "WHO", "IT"})  # not the pronouns
_PREFIX = re.compile(r"^re-(?=[^\W\d_]{3})")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of a sentence in lower case, and where each starts and ends in it."""

    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.words)

    def without(self, places: AbstractSet[int]) -> "Tokens":
        """These tokens but for those at the places."""
        kept = [i for i in range(len(self.words)) if i not in places]
        words, starts, ends = self.words, self.starts, self.ends
        return Tokens(
            tuple([words[i] for i in kept]), tuple([starts[i] for i in kept]), tuple([ends[i] for i in kept])
        )

    def starting(self, place: int, otherwise: int) -> int:
        """The first token that starts at the place in the sentence or behind it; `otherwise` if none does."""
        found = bisect_left(self.starts, place)
        return found if found < len(self.starts) else otherwise


def tokenise(text: str) -> Tokens:
    """Words and punctuation of a sentence, without quotation marks: they stand between words and rule none."""
    found = list(islice(_TOKEN.finditer(text), MAX_TOKENS))
    words = [_folded(match.group()) for match in found]
    if "once" in words:
        for i, word in enumerate(words[1:]):
            if word in {"again", "more"} and words[i] == "once":
                words[i] = "again"  # "once again" opens no clause, as "once" does
    return Tokens(
        tuple(words), tuple([match.start() for match in found]), tuple([match.end() for match in found])
    )


@lru_cache(maxsize=8192)
def _folded(raw: str) -> str:
    """The word in lower case; always the same object, so that a look-up in a table of such words ends at once."""
    if raw in _CAPITALS:
        return intern(raw.lower() + ".")
    word = raw.lower().translate(_FOLD)
    if word == "--" or (word == "-"):
        return "—"
    return intern(_PREFIX.sub("re", word))

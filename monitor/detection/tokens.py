"""Text into tokens: lower-case words with their places in the sentence.

Offsets stay those of the given text, so nothing here may change its length; words are folded one by one.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

MAX_TOKENS = 220
"""A sentence is read up to this many tokens; the normaliser cuts long before in any sane text."""

_TOKEN = re.compile(
    r"(?:[^\W\d_]\.){2,}"  # U.S., U.N.
    r"|n['’]t\b"
    r"|['’](?:s|re|ve|ll|d|m)\b"
    r"|[^\W_]+?(?=n['’]t\b)"
    r"|[$€£]?[^\W_]+(?:(?:[-‐‑–](?=[^\W_])|[.,](?=\d)|['’](?!(?:s|re|ve|ll|d|m|t)\b)(?=[^\W_]))[^\W_]+)*"
    r"|--|[^\w\s]",
)
_NOT_TOKENS = frozenset("\"“”«»*_[]‘’'")
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


def tokenise(text: str) -> Tokens:
    """Words and punctuation of a sentence, without quotation marks: they stand between words and rule none."""
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _TOKEN.finditer(text):
        raw = match.group()
        if raw in _NOT_TOKENS:
            continue
        start, end = match.span()
        words.append(_folded(raw))
        starts.append(start)
        ends.append(end)
        if len(words) == MAX_TOKENS:
            break
    if "once" in words:
        for i, word in enumerate(words[1:]):
            if word in {"again", "more"} and words[i] == "once":
                words[i] = "again"  # "once again" opens no clause, as "once" does
    return Tokens(tuple(words), tuple(starts), tuple(ends))


@lru_cache(maxsize=8192)
def _folded(raw: str) -> str:
    if raw in _CAPITALS:
        return raw.lower() + "."
    word = raw.lower().translate(_FOLD)
    if word == "--" or (word == "-"):
        return "—"
    return _PREFIX.sub("re", word)

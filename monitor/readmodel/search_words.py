"""How texts are searched by words: case, accents and vowel signs do not matter, and a word is found as a whole. Pure.

What is searched is kept as one text of its words, each between spaces; so a word is found by a plain comparison, in
the same way by every database and in every script.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from monitor.vocabulary import WITHHELD

_WORD = re.compile(r"[^\W_]+")
_MOST = 20
"""Words of a search that count."""


def words(text: str) -> list[str]:
    """A text's words, as they are compared."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(sign for sign in apart if not unicodedata.combining(sign)))


def searchable(texts: Iterable[str]) -> str:
    """What a search finds texts by."""
    return f" {' '.join(dict.fromkeys(word for text in texts for word in words(text)))} "


def patterns(asked: str) -> list[str]:
    """What `searchable` holds, each part, where all words that are asked for stand in it."""
    return [f" {word} " for word in dict.fromkeys(words(asked))][:_MOST]


def words_of(name: str, text: str, evidence: Iterable[Mapping[str, Any]]) -> str:
    """What an alert is found by: what it says, and what it quotes and of whom."""
    quotes = [quote["text"] for quote in evidence if quote["text"] != WITHHELD]
    return searchable([name, text, *(quote["outlet"] for quote in evidence), *quotes])

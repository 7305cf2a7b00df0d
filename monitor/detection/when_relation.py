"""How a clause stands to a time in it: at, before, after, since or until it; or not at all ("the November march")."""

import re
from enum import StrEnum

from monitor.detection.when_words import WORDS


class Relation(StrEnum):
    """How what the clause says stands to the time: `until` holds up to it (postponed until Friday)."""

    AT = "at"
    BEFORE = "before"
    AFTER = "after"
    SINCE = "since"
    UNTIL = "until"


_WORD = re.compile(r"\w+")
_NEXT_WORD = re.compile(r"\s{1,2}([^\W\d_][\w'-]*)")
_TWO_WORDS = re.compile(r" (?!and |or |with |for |in |at |on |to |as |the |a )[a-z][\w-]* ([a-z][\w-]*)")
_NEXT_POSSESSIVE = re.compile(r"(?:'s|s'|')(?=\s)")
_CLAUSE_BREAK = re.compile(r"[,;:.!?()]|\s-\s")
_WORDS_BEFORE = re.compile(r"(?:[\w'-]+ ){1,4}$")
_LOOK_BACK = 90
_MODIFIER_WORDS = 3


def _relations(table: dict[str, list[str]]) -> dict[str, Relation]:
    return {words: Relation(name) for name, phrases in table.items() for words in phrases}


def _phrases(table: dict[str, Relation]) -> re.Pattern[str]:
    longest_first = sorted(table, key=len, reverse=True)
    spelled = "|".join(phrase.replace(" ", r"\s{1,3}") for phrase in longest_first)
    return re.compile(rf"(?<![\w-])(?:{spelled})(?!\w)", re.IGNORECASE)


_NEAR_RELATION, _FAR_RELATION = _relations(WORDS.near), _relations(WORDS.far)
_NEAR, _FAR = _phrases(_NEAR_RELATION), _phrases(_FAR_RELATION)
_FIRST_WORDS = frozenset(_WORD.findall(phrase)[0] for phrase in (*_NEAR_RELATION, *_FAR_RELATION))
"""One of these is there where any relation is told."""


def next_word(folded: str, at: int) -> str:
    """The word that follows, if only white space parts it; else an empty text."""
    match = _NEXT_WORD.match(folded, at)
    return match[1] if match else ""


def is_modifier(folded: str, start: int, end: int) -> bool:
    """True if the time only says which thing is meant: "Sunday's meeting", "the November march", "May 9 cases"."""
    if _NEXT_POSSESSIVE.match(folded, end):
        return True
    following = next_word(folded, end)
    if not following[:1].islower() or following in WORDS.closing:
        return False
    before = _WORDS_BEFORE.search(folded, max(0, start - _LOOK_BACK), start)
    words = before.group().lower().split() if before else []
    if words and words[-1] in WORDS.prepositions:
        return False
    if following in WORDS.event_nouns or _second_word(folded, end) in WORDS.event_nouns:
        return True  # "the November march", "Christmas Eve rail strike"
    nearest = next((word for word in reversed(words) if word in WORDS.closing or word.endswith("'s")), "")
    return nearest in WORDS.determiners or nearest.endswith("'s")


def _second_word(folded: str, at: int) -> str:
    """The second of two plain words that follow."""
    match = _TWO_WORDS.match(folded, at)
    return match[1] if match else ""


def relation_of(folded: str, start: int, *, modifier: bool) -> Relation:
    """From the words before the time in its clause, the nearest first."""
    begin = max(0, start - _LOOK_BACK)
    for stop in _CLAUSE_BREAK.finditer(folded, begin, start):
        begin = stop.end()
    if _FIRST_WORDS.isdisjoint(_WORD.findall(folded[begin:start].lower())):
        return Relation.AT
    near = list(_NEAR.finditer(folded, begin, start))
    if near and _only_small_words(folded, near[-1].end(), start, modifier=modifier):
        return _NEAR_RELATION[_key(near[-1])]
    for match in reversed(list(_FAR.finditer(folded, begin, start))):
        if not _is_place(folded, match):
            return _FAR_RELATION[_key(match)]
    return Relation.AT


def _key(match: re.Match[str]) -> str:
    return " ".join(match.group().lower().split())


def _only_small_words(folded: str, start: int, end: int, *, modifier: bool) -> bool:
    words = folded[start:end].lower().split()
    return all(word in WORDS.small for word in words) or (modifier and len(words) <= _MODIFIER_WORDS)


def _is_place(folded: str, match: re.Match[str]) -> bool:
    """In "before the court":: it is where somebody stands, not when."""
    if _key(match) != "before":
        return False
    words = _WORD.findall(folded[match.end() : match.end() + 40])[:3]
    return any(word.lower() in WORDS.forums for word in words)

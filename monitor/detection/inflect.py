"""The forms of English verbs, so that the lexicon can name a verb once.

Regular forms by rule, irregular ones from the lexicon's table. Each form is one letter: b base, s third person,
d past, n past participle, g gerund.
"""

import re
from collections.abc import Mapping, Sequence

_ONE_SYLLABLE = re.compile(r"^[^aeiou]*[aeiou][bdgklmnprt]$")
_PREFIXES = ("re", "over", "under", "out")


def forms(verb: str, irregular: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Word -> letters of the forms that it can be, e.g. {"held": "dn", "hold": "b", ...}."""
    past, participle = _past(verb, irregular)
    found: dict[str, str] = {}
    for word, letter in (
        (verb, "b"),
        (_third(verb), "s"),
        (past, "d"),
        (participle, "n"),
        (_gerund(verb, irregular), "g"),
    ):
        found[word] = found.get(word, "") + letter
    if verb in _BRITISH:
        found.update({verb + "led": "dn", verb + "ling": "g"})
    return found


_BRITISH = frozenset({"cancel", "initial", "travel", "label", "signal", "pencil"})
"""Doubled in British English, not in American."""


def _past(verb: str, irregular: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    if verb in irregular:
        past, *participle = irregular[verb]
        return past, participle[0] if participle else past
    for prefix in _PREFIXES:
        rest = verb.removeprefix(prefix)
        if rest != verb and rest in irregular:
            past, participle_ = _past(rest, irregular)
            return prefix + past, prefix + participle_
    if verb.endswith("e"):
        return verb + "d", verb + "d"
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ied", verb[:-1] + "ied"
    if _ONE_SYLLABLE.match(verb):
        return verb + verb[-1] + "ed", verb + verb[-1] + "ed"
    return verb + "ed", verb + "ed"


def _third(verb: str) -> str:
    if verb == "have":
        return "has"
    if re.search(r"(?:s|x|z|ch|sh|o)$", verb):
        return verb + "es"
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ies"
    return verb + "s"


def _gerund(verb: str, irregular: Mapping[str, Sequence[str]]) -> str:
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return verb[:-1] + "ing"
    doubles = _ONE_SYLLABLE.match(verb) or verb in {"begin", "forget", "commit", "admit", "defer", "refer"}
    return verb + verb[-1] + "ing" if doubles else verb + "ing"

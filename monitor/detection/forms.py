"""What the lexicon is made of, and how a form is found in a row of words.

A form is a row of elements; an element is a set of words, may be missing, or is a gap in which an object stands.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

_MAX_GAP = 9
_NO_OBJECT = frozenset({"off", "for"})
"""No object begins so: who "called off talks on Monday" did not call them for Monday."""


@dataclass(frozen=True, slots=True)
class Element:
    """One place of a form: word -> the letters of its verb forms (empty for a plain word)."""

    words: Mapping[str, str]
    optional: bool = False
    gap: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One entry of the lexicon. `kind` is noun, talk_verb, homonym or operator."""

    kind: str
    name: str
    binds: frozenset[str]
    clause: bool
    over: frozenset[str]
    strength: str
    value: str
    op: str
    """Of a talk verb: the operator that it is by itself, over talks."""
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """One surface form of an entry."""

    entry: Entry
    elements: tuple[Element, ...]
    text: str
    is_verb: bool
    is_word: bool
    seconds: frozenset[str] | None
    """The words that may stand second, by which most forms are out at once; None where anything may."""
    last: frozenset[str]
    """Of these words one must be there: those of the last element that may not be missing."""


@dataclass(frozen=True, slots=True, eq=False)
class Beginning:
    """The forms that begin with one word, in the lexicon's order."""

    forms: tuple[Form, ...]
    loose: tuple[Form, ...]
    """Those of them of which anything may stand second."""
    by_second: Mapping[str, tuple[Form, ...]]
    """Second word -> those that it may continue, the loose ones among them; empty where all are loose."""

    def before(self, following: str, inner: frozenset[str]) -> tuple[Form, ...]:
        """Those that may fit where that word stands second: all, if others may stand behind it."""
        found = self.by_second.get(following)
        if found is not None:
            return found
        return self.forms if following in inner or following in _WHICH or is_loose(following) else self.loose


@dataclass(slots=True, eq=False)
class Match:
    """A form found in a sentence: tokens `start` .. `end` (exclusive); the gap, where it has one, holds the object.

    Never changed, but not frozen either: hundreds are made for an article, and a frozen one costs three times as much.
    """

    form: Form
    entry: Entry
    start: int
    end: int
    letters: str
    gap: tuple[int, int] | None
    size: int

    def places(self) -> Iterable[int]:
        """The tokens that are words of the form itself, not of its gap."""
        if self.gap is None:
            return range(self.start, self.end)
        return chain(range(self.start, self.gap[0]), range(self.gap[1], self.end))

    def covers(self, token: int) -> bool:
        """True when the token is a word of the form itself, not of its gap."""
        if not self.start <= token < self.end:
            return False
        return self.gap is None or not self.gap[0] <= token < self.gap[1]


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Everything that detection knows of words."""

    entries: tuple[Entry, ...]
    naming: Mapping[str, Beginning]
    """First word -> the forms that name talks."""
    governing: Mapping[str, Beginning]
    """First word -> the forms of operators, and of homonyms."""
    words: Mapping[str, frozenset[str]]
    kinds: Mapping[str, frozenset[str]]
    """The same the other way round: word -> the lists of grammar.toml in which it stands."""
    pasts: frozenset[str]
    """Past and third-person forms of the verbs known, by which a finite verb is told."""
    participles: frozenset[str]
    """Past participles of the irregular verbs: before them "has" is no verb of its own."""
    compose: Mapping[str, Mapping[str, Mapping[str, str]]]
    final: Mapping[str, str]
    infinitive: frozenset[str]
    gerund: frozenset[str]

    def matches(self, index: Mapping[str, Beginning], words: tuple[str, ...]) -> list[Match]:
        """Every form of the index in these words, by the place where it begins."""
        found: list[Match] = []
        present, inner = frozenset(words), self.words["inner"]
        last = len(words) - 1
        for start, beginning in enumerate(map(index.get, words)):
            if beginning is None:
                continue
            following = words[start + 1] if start < last else ""
            for form in beginning.before(following, inner) if beginning.by_second else beginning.forms:
                if form.is_word:
                    letters = form.elements[0].words[words[start]]
                    found.append(Match(form, form.entry, start, start + 1, letters, None, 1))
                elif not form.last.isdisjoint(present):
                    match = _found(form, words, start, inner)
                    if match is not None:
                        found.append(match)
        return found


_CLOSING = frozenset(
    {",", ";", ":", "—", "after", "when", "while", "because", "before", "if", "who", "which"}
)
"""What ends an object, so that no gap reaches over it."""
_PARTICLES = frozenset({"off", "up", "out", "down"})
"""Behind the verb they make another verb of it: "strikes called off as both agree to talks" calls nobody to talks."""
Found = tuple[int, tuple[int, int] | None, int]


def _found(form: Form, words: tuple[str, ...], start: int, adverbs: frozenset[str]) -> Match | None:
    """The form, if it fits at the token `start`."""
    found = _match(form.elements, 0, words, start, adverbs)
    if found is None:
        return None
    end, gap, size = found
    if form.is_verb and gap and gap[0] < gap[1] and words[gap[0]] in _NO_OBJECT:
        return None
    return Match(form, form.entry, start, end, form.elements[0].words.get(words[start], ""), gap, size)


def _match(
    elements: tuple[Element, ...], at: int, words: tuple[str, ...], i: int, adverbs: frozenset[str]
) -> Found | None:
    """End of the form's rest from the token `i`, its gap and the number of its words; None where it does not fit."""
    if at == len(elements):
        return i, None, 0
    element = elements[at]
    if element.gap:
        for end in range(i, min(i + _MAX_GAP, len(words)) + 1):
            rest = _match(elements, at + 1, words, end, frozenset()) if end < len(words) else None
            if rest is not None:
                return rest[0], (i, end), rest[2]
            if end < len(words) and (words[end] in _CLOSING or (end == i and words[i] in _PARTICLES)):
                return None
            if end < len(words) and words[end] == "as" and not _takes_as(elements[at + 1 :]):
                return None
            if i < end < len(words) and words[end] == "that":
                return None  # "made clear that the deal was not to their liking"
        return None
    if i < len(words) and words[i] in element.words:
        rest = _match(elements, at + 1, words, i + 1, adverbs)
        if rest is not None:
            return rest[0], rest[1], rest[2] + 1
    # Adverbs and a day may stand between the words of a form: "walked abruptly out of", "voted on Monday to".
    beyond = _past_adverbs(words, i, adverbs) if at else i
    if beyond > i and beyond < len(words) and words[beyond] in element.words:
        rest = _match(elements, at + 1, words, beyond + 1, adverbs)
        if rest is not None:
            return rest[0], rest[1], rest[2] + 1
    return _match(elements, at + 1, words, i, adverbs) if element.optional else None


def _past_adverbs(words: tuple[str, ...], i: int, adverbs: frozenset[str]) -> int:
    """The first token from `i` on that is no adverb and no time: "on Monday", "last night"."""
    while i < len(words):
        if words[i] in adverbs or is_loose(words[i]):
            i += 1
        elif words[i] in _WHICH and i + 1 < len(words) and words[i + 1] in _TIMES:
            i += 2
        else:
            break
    return i


_WHICH = frozenset({"last", "late", "early", "earlier", "this"})
_TIMES = frozenset({"night", "week", "month", "year", "morning", "afternoon", "evening", "today", "tonight"})


@lru_cache(maxsize=8192)
def is_loose(word: str) -> bool:
    """True for an adverb or a day, which may stand between the words of a form."""
    return word == "on" or word.endswith(("ly", "day"))


def _takes_as(elements: tuple[Element, ...]) -> bool:
    """True for the rest of "describe them as fruitful"; elsewhere "as" begins another clause."""
    return any("as" in element.words for element in elements)

"""Where a text names a topic's parties. The longest name wins, and a name that only looks like an alias is passed over.

How an alias matches: a word written with a capital in the topic file must be met so or in ALL CAPITALS, a word in lower
case is met in any case. Spaces and hyphens stand for each other, diacritics and typographic signs do not count,
acronyms may be dotted, and a possessive may follow.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from monitor.topics.model import Party, Topic
from monitor.topics.spelling import fold, name_pattern, starting_words

MAX_CACHED_TOPICS = 64


class Role(StrEnum):
    """As what a name stands for its party."""

    ALIAS = "alias"
    GENERIC = "generic"
    """Names the party only where another party of the topic is named nearby; the caller decides."""
    SPOKESPERSON = "spokesperson"
    LEADER = "leader"


@dataclass(frozen=True, slots=True)
class Mention:
    """A party named at `start` .. `end` (code points into the text); `name` is the alias as the topic file has it."""

    party: str
    role: Role
    name: str
    start: int
    end: int


class Short(StrEnum):
    """Which part of a fuller name of the same party a name is."""

    FIRST = "first"
    """As "Imran" is of "Imran Khan"."""
    LAST = "last"
    """As "Khan" is of "Imran Khan"."""


@dataclass(frozen=True, slots=True)
class _Name:
    """An alias of a party, or (`party` None) a homonym."""

    text: str
    party: str | None = None
    role: Role = Role.ALIAS
    short: Short | None = None


_PEOPLE = frozenset({Role.LEADER, Role.SPOKESPERSON})
_WORD = re.compile(r"\w+")
_WORD_BEFORE = re.compile(r"([^\W\d_][\w.'-]*) $")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\"(\n] ?)$")
_WORD_AFTER = re.compile(r"(?:'s)? ([^\W\d_]\w*)")
_LOOK_BACK = 40
TITLES = frozenset(
    """mr mrs ms miss dr prof sir lord lady barrister advocate justice gen general maj major lt col colonel brig
    brigadier field marshal capt captain chairman chairperson chief president premier prime minister pm cm mp mna mpa
    senator leader founder secretary speaker spokesman spokesperson spokeswoman ambassador governor cricketer captain
    jailed incarcerated imprisoned deposed ousted former ex""".split()  # noqa: SIM905 - a list of words reads as one
)
"""Words that may stand before a surname without making it somebody else's."""

_TALK_WORD = re.compile(
    r"\b(?:talks?|dialogues?|negotiat\w*|parleys?|back-?channels?|reconciliation|mediat\w*|cease-?fire|truce|deal|accord"
    r"|agreement|offer|engagement|contacts|meetings?|met|delegation|committees?|ultimatum|deadlock|stalemate|impasse"
    r"|settlement|discussions?)\b",
    re.IGNORECASE,
)


class Matcher:
    """The names of one topic, compiled. Get one from `matcher`."""

    def __init__(self, topic: Topic) -> None:
        names = sorted(_names(topic), key=lambda name: len(name.text), reverse=True)
        by_start: dict[str, list[_Name]] = {}
        for name in names:
            for word in starting_words(name.text):
                by_start.setdefault(word, []).append(name)
        self._names = by_start
        self._patterns = {
            word: re.compile("|".join(f"({name_pattern(name.text)})" for name in same))
            for word, same in by_start.items()
        }

    def find(self, text: str) -> tuple[Mention, ...]:
        """All mentions in order, none overlapping another."""
        return tuple(mention for mention, _ in self._find(text))

    def names_for_certain(self, text: str) -> set[str]:
        """The parties that the text names by a name that is theirs alone (no generic word, no bare surname)."""
        return {
            mention.party
            for mention, name in self._find(text)
            if mention.role is not Role.GENERIC and name.short is None
        }

    def _find(self, text: str) -> Iterator[tuple[Mention, _Name]]:
        folded = fold(text)
        done, previous = 0, None
        for word in _WORD.finditer(folded):
            if word.start() < done or (pattern := self._patterns.get(word.group().lower())) is None:
                continue
            if (match := pattern.match(folded, word.start())) is None or match.lastindex is None:
                continue
            name = self._names[word.group().lower()][match.lastindex - 1]
            done = match.end()
            if name.party is None or _is_somebody_else(name, folded, match, previous):
                continue
            previous = Mention(name.party, name.role, name.text, match.start(), match.end())
            yield previous, name


@lru_cache(maxsize=MAX_CACHED_TOPICS)
def matcher(topic: Topic) -> Matcher:
    """The compiled names of a topic (made once)."""
    return Matcher(topic)


def find_mentions(topic: Topic, text: str) -> tuple[Mention, ...]:
    """Where the text names parties of the topic, in order of place. Linear in the text; never raises."""
    return matcher(topic).find(text)


def is_relevant(topic: Topic, title: str, text: str) -> bool:
    """True if the article may concern the topic: cheap and inclusive.

    It names two parties for certain, or one and a word of talks. Generic aliases ("the army") and bare surnames
    do not count, or every army's talks would be Pakistan's. The topic `any` takes every text.
    """
    if topic.kind == "any":
        return True
    whole = f"{title}\n\n{text}"
    named = matcher(topic).names_for_certain(whole)
    return len(named) > 1 or (len(named) == 1 and _TALK_WORD.search(whole) is not None)


def _names(topic: Topic) -> Iterator[_Name]:
    for party in topic.parties:
        for role, texts in (
            (Role.ALIAS, party.aliases),
            (Role.LEADER, party.leaders),
            (Role.SPOKESPERSON, party.spokespersons),
            (Role.GENERIC, party.generic_aliases),
        ):
            for text in texts:
                yield _Name(text, party.id, role, _short_form(text, party) if role in _PEOPLE else None)
    for homonym in topic.homonyms:
        yield _Name(homonym)


def _short_form(text: str, party: Party) -> Short | None:
    people = (*party.leaders, *party.spokespersons) if " " not in text else ()
    if any(other.endswith(f" {text}") for other in people):
        return Short.LAST
    return Short.FIRST if any(other.startswith(f"{text} ") for other in people) else None


def _is_somebody_else(name: _Name, folded: str, found: re.Match[str], previous: Mention | None) -> bool:
    """An agency's credit for an acronym ("LAHORE, May 2 (PTI) ..."), another man's surname ("Wali Khan said")."""
    if _in_brackets(folded, found) and name.text.isupper():
        return not _stands_for(folded, found.start() - 1, name.party, previous)
    match name.short:
        case Short.LAST:
            return _has_other_first_name(folded, found)
        case Short.FIRST:
            return _has_other_surname(folded, found)
        case None:
            return False


def _in_brackets(folded: str, match: re.Match[str]) -> bool:
    return folded[match.start() - 1 : match.start()] == "(" and folded[match.end() : match.end() + 1] == ")"


def _stands_for(folded: str, bracket: int, party: str | None, previous: Mention | None) -> bool:
    """A bracketed acronym abbreviates what stands before it: the party's name, or a plain word ("the party (PTI)")."""
    if previous is not None and previous.party == party and not folded[previous.end : bracket].strip():
        return True
    before = _WORD_BEFORE.search(folded, max(0, bracket - _LOOK_BACK), bracket)
    return before is not None and before.group(1)[0].islower()


def _has_other_first_name(folded: str, match: re.Match[str]) -> bool:
    """A capitalised word that is no title stands before the surname, in running text (Title Case says nothing)."""
    before = _WORD_BEFORE.search(folded, max(0, match.start() - _LOOK_BACK), match.start())
    if before is None or not before.group(1)[0].isupper() or before.group(1).isupper():
        return False
    word = before.group(1)
    if word.rstrip(".").lower() in TITLES or word.endswith("'s"):
        return False
    if _SENTENCE_START.search(folded[max(0, before.start() - 3) : before.start()]):
        return False
    after = _WORD_AFTER.match(folded, match.end())
    return after is None or after.group(1)[0].islower()


def _has_other_surname(folded: str, match: re.Match[str]) -> bool:
    """A capitalised word follows, and after it none: "Imran Ismail said", but not "Imran Rejects Talks"."""
    following = _WORD_AFTER.match(folded, match.end())
    if following is None or not following[1][0].isupper() or folded[match.end()] == "'":
        return False
    further = _WORD_AFTER.match(folded, following.end())
    return further is None or further[1][0].islower()

"""Where a text names a topic's parties. The longest name wins, and a name that only looks like an alias is passed over.

How an alias matches: a word written with a capital in the topic file must be met so or in ALL CAPITALS, a word in lower
case is met in any case. Spaces and hyphens stand for each other, diacritics and typographic signs do not count,
acronyms may be dotted, and a possessive may follow. A person's first name may be an initial, or be followed by one,
and where an article names somebody in full, his surname alone means him.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from monitor.topics.model import Party, Topic
from monitor.topics.others import PEOPLE, Name, Role, Short, is_somebody_else
from monitor.topics.spelling import fold, name_pattern, starting_words, surname_of

MAX_CACHED_TOPICS = 64


@dataclass(frozen=True, slots=True)
class Mention:
    """A party named at `start` .. `end` (code points into the text); `name` is the alias as the topic file has it."""

    party: str
    role: Role
    name: str
    start: int
    end: int

    def counts(self, certain: AbstractSet[str]) -> bool:
        """Whether it means its party: a generic name does where another party is `certain`, named by one of its own."""
        return self.role is not Role.GENERIC or bool(certain - {self.party})


Surnames = Mapping[str, Name]
NO_SURNAMES: Surnames = MappingProxyType({})
_WORD = re.compile(r"\w+")
_TALK_WORD = re.compile(
    r"\b(?:talks?|dialogues?|negotiat\w*|parleys?|back-?channels?|reconciliation|mediat\w*|cease-?fire|truce|deals?|accords?"
    r"|agreements?|offers?|proposals?|bargain\w*|arbitrat\w*|conciliat\w*|engagement|contacts|meetings?|met"
    r"|delegation|committees?|ultimatum|deadlock\w*|stalemate|impasse|settlement|discussions?)\b",
    re.IGNORECASE,
)


class Matcher:
    """The names of one topic, compiled. Get one from `matcher`."""

    def __init__(self, topic: Topic) -> None:
        names = sorted(_names(topic), key=lambda name: len(name.text), reverse=True)
        by_start: dict[str, list[Name]] = {}
        for name in names:
            for word in starting_words(name.text, person=name.role in PEOPLE):
                by_start.setdefault(word, []).append(name)
        self._names = by_start
        self._patterns = {
            word: re.compile(
                "|".join(f"({name_pattern(name.text, person=name.role in PEOPLE)})" for name in same)
            )
            for word, same in by_start.items()
        }

    def find(self, text: str, surnames: Surnames = NO_SURNAMES) -> tuple[Mention, ...]:
        """All mentions in order, none overlapping another; `surnames` are those that the article has introduced."""
        return tuple(mention for mention, _ in self._find(text, surnames))

    def holds_a_name(self, text: str) -> bool:
        """True if a name of a party stands in the text, whoever is meant by it there."""
        folded = fold(text)
        starts = ((word.start(), self._patterns.get(word.group().lower())) for word in _WORD.finditer(folded))
        return any(pattern.match(folded, start) for start, pattern in starts if pattern is not None)

    def names_for_certain(self, text: str) -> set[str]:
        """The parties that the text names by a name that is theirs alone (no generic word, no bare surname)."""
        return {
            mention.party
            for mention, name in self._find(text)
            if mention.role is not Role.GENERIC and name.short is None
        }

    def _find(self, text: str, surnames: Surnames = NO_SURNAMES) -> Iterator[tuple[Mention, Name]]:
        folded, patterns = fold(text), self._patterns
        done, previous = 0, None
        for word in _WORD.finditer(folded):
            pattern = patterns.get(word.group().lower())
            if (pattern is None and not surnames) or word.start() < done:
                continue
            if (found := self._at(word, pattern, folded, surnames)) is None:
                continue
            name, match = found
            done = match.end()
            party, end = (previous.party, previous.end) if previous else (None, 0)
            if name.party is None or is_somebody_else(name, folded, match, party, end):
                continue
            previous = Mention(name.party, name.role, name.text, match.start(), match.end())
            yield previous, name

    def _at(
        self, word: re.Match[str], pattern: re.Pattern[str] | None, folded: str, surnames: Surnames
    ) -> tuple[Name, re.Match[str]] | None:
        """The name that begins with the word, by the pattern of such names or as a surname, and where it stands."""
        match = pattern.match(folded, word.start()) if pattern is not None else None
        if match is not None and match.lastindex is not None:
            return self._names[word.group().lower()][match.lastindex - 1], match
        if surnames and (name := surnames.get(word.group()) or surnames.get(word.group().title())):
            return (name, word) if word.group() in {name.text, name.text.upper()} else None
        return None


@lru_cache(maxsize=MAX_CACHED_TOPICS)
def matcher(topic: Topic) -> Matcher:
    """The compiled names of a topic (made once)."""
    return Matcher(topic)


def find_mentions(topic: Topic, text: str, surnames: Surnames = NO_SURNAMES) -> tuple[Mention, ...]:
    """Where the text names parties of the topic, in order of place. Linear in the text; never raises.

    `surnames` (of `introduced`) are met too, as they are in an article that has named their people in full.
    """
    return matcher(topic).find(text, surnames)


def find_in_article(topic: Topic, texts: Sequence[str]) -> tuple[tuple[Mention, ...], ...]:
    """The mentions in each text of an article: whom one of them names in full, the others may name by surname."""
    names = matcher(topic)
    found = [names.find(text) for text in texts]
    surnames = introduced(mention for mentions in found for mention in mentions)
    spelled = (*surnames, *map(str.upper, surnames))
    return tuple(
        names.find(text, surnames) if any(map(text.__contains__, spelled)) else mentions
        for text, mentions in zip(map(fold, texts), found, strict=True)
    )


def introduced(mentions: Iterable[Mention]) -> Surnames:
    """The surnames of those who are named in full: after "Mark Harper", "Harper" alone is he."""
    found: dict[str, Name] = {}
    shared: set[str] = set()
    for one in mentions:
        surname = surname_of(one.name) if one.role in PEOPLE else None
        if surname is None:
            continue
        name = Name(surname, one.party, one.role, Short.LAST, frozenset(one.name[0]))
        if found.setdefault(surname, name).party != one.party:
            shared.add(surname)
    return {surname: name for surname, name in found.items() if surname not in shared}


@dataclass(frozen=True, slots=True)
class Relevance:
    """Whether an article may concern a topic, and why (not): the parties named for certain, the word of talks."""

    parties: tuple[str, ...]
    talk_word: str | None
    is_relevant: bool

    @property
    def reason(self) -> str:
        """In words, party ids included."""
        named = " and ".join(self.parties) or "no party of a channel by a name that is its own"
        if len(self.parties) != 1:
            return f"names {named}"
        if self.talk_word is None:
            return f"names only {named}, and no word of talks"
        if not self.is_relevant:
            return f"names only {named}, a state, which talks with many"
        return f"names {named} and a word of talks ({self.talk_word})"


def relevance(topic: Topic, title: str, text: str) -> Relevance:
    """Whether the article may concern the topic: cheap and inclusive.

    It does if it names two parties of the channels for certain, or one and a word of talks. Generic aliases ("the
    army") and bare surnames do not count, or every army's talks would be Pakistan's; nor does a state alone, which
    talks with many. The topic `any` takes every text.
    """
    whole = f"{title}\n\n{text}"
    named = tuple(sorted(matcher(topic).names_for_certain(whole) & topic.talking))
    is_state = any(party.places for party in topic.parties if party.id in named)
    word = _TALK_WORD.search(whole) if len(named) < 2 else None
    enough = len(named) > 1 or (len(named) == 1 and word is not None and not is_state)
    return Relevance(named, word.group() if word else None, enough or topic.kind == "any")


def is_relevant(topic: Topic, title: str, text: str) -> bool:
    """True if the article may concern the topic (see `relevance`)."""
    return topic.kind == "any" or relevance(topic, title, text).is_relevant


def _names(topic: Topic) -> Iterator[Name]:
    for party in topic.parties:
        for role, texts in (
            (Role.ALIAS, party.names),
            (Role.LEADER, party.leaders),
            (Role.SPOKESPERSON, party.spokespersons),
            (Role.GENERIC, party.generic_aliases),
        ):
            for text in texts:
                yield _person(text, party, role) if role in PEOPLE else Name(text, party.id, role)
        for text in party.places:
            yield Name(text, party.id, is_place=True)
    for homonym in topic.homonyms:
        yield Name(homonym)


def _person(text: str, party: Party, role: Role) -> Name:
    people = (*party.leaders, *party.spokespersons) if " " not in text else ()
    if initials := frozenset(other[0] for other in people if other.endswith(f" {text}")):
        return Name(text, party.id, role, Short.LAST, initials)
    kin = frozenset(other.rsplit(" ", 1)[1] for other in people if other.startswith(f"{text} "))
    return Name(text, party.id, role, Short.FIRST if kin else None, kin)

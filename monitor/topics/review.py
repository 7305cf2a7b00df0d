"""What looks wrong in a topic file that is right by the letter: names that match too much, or never.

A `warning` is most likely a mistake; a `note` says what follows from the file, for the writer to agree with.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from monitor.toml import Key, line_of, spelled
from monitor.topics.load import NAME_LISTS
from monitor.topics.mentions import find_in_article, matcher
from monitor.topics.model import Party, Topic
from monitor.topics.spelling import same_spelling, surname_of, words_of

COMMON = frozenset(
    """administration agency alliance armed army authorities board cabinet centre center chairman chief coalition
    committee company companies council country delegation dissidents employer employers envoy establishment executive
    federation forces foreign government guerrilla guerrillas insurgents king leader leaders leadership management
    mediator mediators military minister ministers ministry movement negotiator negotiators officials operators
    opposition parliament party parties police premier president protesters rebels republic rivals rulers senate
    separatists side sides spokesman spokesperson spokeswoman staff state states strikers union unions west
    workers""".split()  # noqa: SIM905 - a list of words reads as one
)
"""Words that many parties go by."""


@dataclass(frozen=True)
class Suspicion:
    """What looks wrong: how surely, where, and what to do."""

    level: str
    line: int | None
    key: str
    what: str

    def __str__(self) -> str:
        return f"{f'line {self.line}: ' if self.line else ''}{self.key} {self.what}"


Hint = tuple[str, Key, str]
_WORDS = re.compile(r"\w+")
_EXAMPLES = 3


def review(topic: Topic, source: str) -> list[Suspicion]:
    """Everything that looks wrong in a topic whose file reads `source`, in the order of the file."""
    hints = [
        *_labels(topic),
        *_broad_names(topic),
        *_phrases(topic),
        *_lone_surnames(topic),
        *_overlaps(topic),
        *_idle(topic),
        *_roles(topic),
    ]
    found = [Suspicion(level, line_of(source, key), spelled(key), what) for level, key, what in hints]
    return sorted(found, key=lambda one: one.line or 0)


def _names(topic: Topic) -> Iterator[tuple[Party, str, Key, str]]:
    """Party, list, key and text of every name."""
    for index, party in enumerate(topic.parties):
        for field in NAME_LISTS:
            for place, name in enumerate(getattr(party, field)):
                yield party, field, ("parties", index, field, place), name


def _labels(topic: Topic) -> Iterator[Hint]:
    """A label that looks like a name, "Sandara", and is none: a label is only shown."""
    for index, party in enumerate(topic.parties):
        label, names = party.label.casefold(), {one.casefold() for one in (*_names_of(party), *party.names)}
        # Of several words one that stands in a name shows that the party is known by that; a lone one shows nothing.
        words = set() if label.isalpha() else {word for name in names for word in _WORDS.findall(name)}
        if names.isdisjoint({label, f"the {label}"}) and words.isdisjoint(_WORDS.findall(label)):
            what = (
                f"is {party.label!r}, which is only shown: where texts say so, it belongs among the aliases"
            )
            yield "note", ("parties", index, "label"), what


def _broad_names(topic: Topic) -> Iterator[Hint]:
    for _, field, key, name in _names(topic):
        words = words_of(name)
        if field == "generic_aliases" or len(words) != 1:
            continue
        if words[0].lower() in COMMON:
            what = f"is {name!r}, a word that many go by; in generic_aliases it counts where another party is named"
            yield "warning", key, what
        elif words[0].isalpha() and words[0].islower():
            what = (
                f"is {name!r}, one word in small letters, which is met anywhere; rather in generic_aliases?"
            )
            yield "warning", key, what


def _phrases(topic: Topic) -> Iterator[Hint]:
    """Aliases of several words that are no name: "the union", and, less surely, "train operators"."""
    for index, party in enumerate(topic.parties):
        small = []
        for place, name in enumerate(party.aliases):
            first, *others = words_of(name)
            if first.lower() == "the" and others and others[0][0].islower():
                what = f"is {name!r}, a word that many go by: move it to generic_aliases"
                yield "warning", ("parties", index, "aliases", place), what
            elif others and name == name.lower():
                small.append(name)
        if small:
            what = (
                f"has {_some(small)} in small letters; where others go by that too, rather in generic_aliases"
            )
            yield "note", ("parties", index, "aliases"), what


def _some(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:_EXAMPLES])) + (" ..." if len(names) > _EXAMPLES else "")


def _lone_surnames(topic: Topic) -> Iterator[Hint]:
    for party, field, key, name in _names(topic):
        if field not in {"leaders", "spokespersons"} or len(words_of(name)) > 1:
            continue
        people = (*party.leaders, *party.spokespersons)
        if not name.isupper() and not any(name in other.split(" ") for other in people if other != name):
            yield (
                "warning",
                key,
                f"is {name!r} alone, so that anybody of that name is meant; add the full name to the list",
            )


def _overlaps(topic: Topic) -> Iterator[Hint]:
    names = list(_names(topic))
    homonyms = {same_spelling(name) for name in topic.homonyms}
    seen: set[tuple[str, str]] = set()
    for party, _, key, name in names:
        spelling = same_spelling(name)
        if spelling in homonyms:
            yield (
                "warning",
                key,
                f"is {name!r}, which stands among the homonyms too, so that it never matches",
            )
        if (party.id, name) in seen:
            yield "note", key, f"is {name!r}, which party {party.id!r} has already"
        seen.add((party.id, name))
    for party, _, key, name in names:
        for other in topic.parties:
            longer = [one for one in _names_of(other) if other is not party and _begins(one, name)]
            if longer:
                what = f"is {name!r}, with which {_some(longer)} of party {other.id!r} begins; the longer name wins"
                yield "note", key, what


def _begins(longer: str, name: str) -> bool:
    return same_spelling(longer).startswith(f"{same_spelling(name)} ")


def _names_of(party: Party) -> Iterator[str]:
    for field in NAME_LISTS:
        yield from getattr(party, field)


def _idle(topic: Topic) -> Iterator[Hint]:
    """Homonyms that take nothing out."""
    bare = matcher(topic.model_copy(update={"homonyms": ()}))
    for place, name in enumerate(topic.homonyms):
        if not bare.holds_a_name(name):
            yield "note", ("homonyms", place), f"is {name!r}, which holds no name of a party"


def _roles(topic: Topic) -> Iterator[Hint]:
    mediators = {party for channel in topic.channels for party in channel.mediators}
    for index, party in enumerate(topic.parties):
        key: Key = ("parties", index, "id")
        if party.id not in topic.talking and party.id not in mediators:
            yield "note", key, f"is {party.id!r}, which no channel names: its talks stay out of all of them"
        elif party.id in topic.talking and not (party.leaders or party.spokespersons):
            yield "note", key, f"is {party.id!r}, for which nobody speaks: add leaders and spokespersons"
    for (_, one), (second, other) in combinations(enumerate(topic.channels), 2):
        if set(one.parties) == set(other.parties) and len(one.parties) > 1:
            key = ("channels", second, "parties")
            yield "warning", key, f"of channel {other.id!r} are those of {one.id!r}: claims go to both"


_PEOPLE = ("leaders", "spokespersons")


@dataclass(frozen=True)
class Unmet:
    """A surname in an article that may mean a known person, but alone means nobody: it is no alias."""

    surname: str
    person: str
    party: str
    line: int
    """From 1; 0 is the title."""

    def __str__(self) -> str:
        return (
            f"“{self.surname}” alone names nobody: if {self.person} of {self.party} is meant, give the surname "
            "beside the full name"
        )


def unmet_surnames(topic: Topic, title: str, text: str) -> list[Unmet]:
    """The surnames of known people that an article has without the full name, each once.

    They are looked for as if the topic had them, so that another person of that surname is told apart as ever.
    """
    people = _surnames(topic)
    parties = tuple(_with_surnames(party, people) for party in topic.parties)
    fuller = topic.model_copy(update={"parties": parties})
    texts = (title, text)
    found: dict[str, Unmet] = {}
    for number, (met, would_be) in enumerate(
        zip(find_in_article(topic, texts), find_in_article(fuller, texts), strict=True)
    ):
        for mention in would_be:
            person = people.get((mention.party, mention.name))
            if person and not any(mention.start < other.end and other.start < mention.end for other in met):
                line = text.count("\n", 0, mention.start) + 1 if number else 0
                found.setdefault(mention.name, Unmet(mention.name, person, mention.party, line))
    return list(found.values())


def _surnames(topic: Topic) -> dict[tuple[str, str], str]:
    """Party and surname -> the person's full name, where the surname is no name of anybody."""
    taken = {same_spelling(name) for _, _, _, name in _names(topic)}
    found: dict[tuple[str, str], str] = {}
    for party, field, _, name in _names(topic):
        surname = surname_of(name) if field in _PEOPLE else None
        if surname and surname.casefold() not in taken:
            found.setdefault((party.id, surname), name)
    return found


def _with_surnames(party: Party, people: Mapping[tuple[str, str], str]) -> Party:
    added = {
        field: (
            *names,
            *(surname for (of, surname), person in people.items() if of == party.id and person in names),
        )
        for field in _PEOPLE
        if (names := getattr(party, field))
    }
    return party.model_copy(update=added)

"""Talks that are none of the topic's: with a stranger, with a mediator alone, between parties without a channel.

A stranger is a name that no party has ("talks with the IMF", "Putin met Modi"), or a kind of people whom a government
also talks with ("talks with teachers"). What is not told stays with the topic; the sentence must show it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from monitor.detection.generics import is_of_another_employer, named_in
from monitor.detection.relations import Relations
from monitor.detection.words import DATA, any_of, compiled
from monitor.topics import Mention, Role
from monitor.topics.spelling import TITLES

Slot = tuple[int, int, str]
"""Where the names stand that a talk word governs, and by which word ("with", "between", "met")."""
MET = "met"

_CAPITAL = re.compile(r"(?<![\w'])[A-Z][\w.]+")
_MEDIA = compiled(r"\b%(media)s\b", media=any_of(DATA["talking"]["media"]))
_PROPER_COMPOUND = re.compile(r"\b([A-Z]\w+)\s?[-/]\s?([A-Z]\w+(?:-[A-Z]+)?)(?:\s[a-z-]+)?\s$")
_OTHERS = compiled(r"\s*(?:[\w'-]+\s){0,3}?%(people)s\b", people=any_of(DATA["strangers"]["people"]))
_NOBODY = frozenset(DATA["strangers"]["nobody"])
_HOSTS = compiled(r"\b%(verbs)s\b", verbs=any_of(DATA["strangers"]["hosting"]))
_SUBJECT_GAP = re.compile(r"(?:'s?)?(?:\s[\w'-]+){0,7}\s$")
_BOUNDARY = re.compile(
    r"\b(?:said|says|say|told|tells|that|which|who|when|while|as|after|before|but|if|unless|because|amid|despite|where"
    r"|until|since|of|for|over|whether)\b"
)
_AND = re.compile(r"(?:'s?)?\sand\s(?:the\s)?(?:[a-z]+\s){0,3}")
_NAME = r"(?:[A-Z][\w'.-]+\s){1,5}"
_COUPLE = re.compile(
    rf"(?P<first>(?:\b[A-Z][\w'.-]+\s){{1,5}})and\s(?:the\s)?(?P<second>{_NAME})(?:[a-z][\w'-]*\s){{0,6}}$"
)
_ROUND = re.compile(r"\b(?:days?|rounds?|series)\sof\b")
_JOINED = re.compile(r"(?:^|[\"'] ?|\bThe\s|\bthe\s)(?P<name>(?:[A-Z][\w'.-]+\s){1,5})and\s(?:the\s)?$")
_OTHER = re.compile(r"\b(?:its|his|her|their)\sother\s(?:\w+\s)?$")
_LISTED = re.compile(
    r"[\"']?(?!(?:After|Amid|As|At|For|From|In|On|With)\s)(?P<name>(?:[A-Z][\w'.-]+\s?){1,3}),\s(?:the\s)?$"
)
_STRANGERS = re.compile(
    rf"(?P<one>{_NAME})(?:and\s(?P<other>{_NAME})(?!of\b)[a-z]|(?:has|have|had|is|are|will|to)\s)"
)
_SUBJECT = re.compile(r"(?P<name>(?:\b[A-Z][\w'.-]+\s){1,6})(?:[a-z][\w'-]*\s){0,5}$")
_WINDOW = 90
_LOWER_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Setting:
    """A talk word in its sentence, and the names around it (indices of `mentions`)."""

    folded: str
    talk: re.Match[str]
    slot: Slot | None
    mentions: Sequence[Mention]
    before: Sequence[int]
    """Those right before it: "PTI-government talks"."""
    within: Sequence[int]
    """Those in its slot: "talks with Iran"."""
    speaking: frozenset[int]
    """Those that only speak of talks, or stand behind them."""

    def parties(self, indices: Iterable[int]) -> set[str]:
        """The parties of these mentions."""
        return {self.mentions[index].party for index in indices}


def part_of(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the part of the sentence begins and ends that holds `start` .. `end`: a semicolon parts two stories."""
    after = text.find(";", end)
    return text.rfind(";", 0, start) + 1, after if after >= 0 else len(text)


def is_headline_of_strangers(folded: str, mentions: Sequence[Mention]) -> bool:
    """True for "Kenya and Chad agree to a truce" and "Isles Boats has landed a deal", where nobody else is named.

    And for "Talks break down at Isles Ferries".
    """
    if mentions or is_title_case(folded):
        return False
    if is_of_another_employer(folded, mentions):
        return True
    opening = _STRANGERS.match(folded)
    return opening is not None and all(_is_somebody(name) for name in opening.groups() if name)


def is_apart(at: Setting, relations: Relations) -> bool:
    """True for talks of known parties that are no channel's: Iran with Oman, ministers with the other union."""
    before, within = at.parties(at.before), at.parties(at.within)
    if relations.is_a_pair(before | within):
        return False
    if within:
        is_between = at.slot is not None and at.slot[2] == "between"
        partners = before - relations.mediators
        if not partners and not is_between:
            partners = at.parties(subject_of(at))
        if relations.none_talks(within):
            return not (within <= relations.mediators and relations.is_a_pair(at.parties(subject_of(at))))
        everybody = within | partners
        return bool(partners or is_between) and len(everybody) > 1 and not relations.is_a_pair(everybody)
    if before:
        joined = len(before) > 1 and not before <= relations.mediators
        return joined or before <= relations.outsiders
    subject = at.parties(subject_of(at))
    start, end = part_of(at.folded, *at.talk.span())
    named = {mention.party for mention in at.mentions if start <= mention.start < end}
    if len(subject) == 1:
        return subject <= relations.outsiders and relations.none_talks(named)
    return not (relations.is_a_pair(subject) or subject <= relations.mediators)


def subject_of(at: Setting) -> Iterator[int]:
    """Who holds, resumes, refuses the talks: the name nearest before, in the same clause, and who is joined to it."""
    start = at.talk.start()
    last = max((index for index, one in enumerate(at.mentions) if one.end <= start), default=None)
    if last is None or last in at.speaking or last in at.before:
        return
    gap = at.folded[at.mentions[last].end : start]
    if _SUBJECT_GAP.fullmatch(gap) is None or _BOUNDARY.search(gap) or _HOSTS.search(gap):
        return
    yield last
    party = at.mentions[last].party
    other = next((index for index in range(last - 1, -1, -1) if at.mentions[index].party != party), None)
    if other is not None and _AND.fullmatch(at.folded, at.mentions[other].end, at.mentions[last].start):
        yield other


def is_with_strangers(at: Setting) -> bool:
    """True if what the talks are with, or between, is somebody, but no party of the topic."""
    if at.talk.group()[0].isupper() and is_title_case(at.folded):
        return False
    if at.slot is None and _OTHER.search(at.folded, max(0, at.talk.start() - _WINDOW), at.talk.start()):
        return True  # "a guild's vote looms while the port pauses its other negotiation"
    if at.slot is None:
        return _is_strange_compound(at) or _is_listed_with_a_stranger(at) or _is_with_a_strange_partner(at)
    if _has_a_strange_subject(at):
        return True
    start, end, word = at.slot
    if word == "between" and len(at.parties((*at.before, *at.within))) > 1:
        return False
    sides = (
        re.split(r"\band\b", at.folded[start:end], maxsplit=1)
        if word == "between"
        else [at.folded[start:end]]
    )
    for side in sides:
        if not named_in(at.mentions, start, start + len(side)) and _is_somebody(side):
            return True
        start += len(side) + len("and")
    return False


def _is_strange_compound(at: Setting) -> bool:
    compound = _PROPER_COMPOUND.search(at.folded, max(0, at.talk.start() - _WINDOW), at.talk.start())
    return compound is not None and not all(named_in(at.mentions, *compound.span(side)) for side in (1, 2))


def _is_listed_with_a_stranger(at: Setting) -> bool:
    """True of "Castro, Moscow talks on oil" where Moscow is a party."""
    if len(at.before) != 1:
        return False
    listed = _LISTED.match(at.folded, 0, at.mentions[at.before[0]].start)
    return (
        listed is not None
        and not named_in(at.mentions, *listed.span("name"))
        and _is_somebody(listed["name"])
    )


def _is_with_a_strange_partner(at: Setting) -> bool:
    """Of "Putin and Castro held talks", where no other party is named, and "Kenya and Chad held talks, Putin said"."""
    if at.before or len({mention.party for mention in at.mentions}) != 1:
        return False
    if _is_joined_to_a_stranger(at):
        return True
    couple = _COUPLE.search(at.folded, max(0, at.talk.start() - _WINDOW), at.talk.start())
    if couple is None or _BOUNDARY.search(_ROUND.sub("", at.folded[couple.end("second") : couple.end()])):
        return False
    named = [named_in(at.mentions, *couple.span(side)) for side in ("first", "second")]
    strange = [_is_somebody(couple[side]) for side in ("first", "second")]
    return not all(named) and all(one or other for one, other in zip(named, strange, strict=True))


def _is_joined_to_a_stranger(at: Setting) -> bool:
    """True of "The RCN and the government resumed talks", where nobody but the government is a party."""
    subject = [at.mentions[index] for index in subject_of(at)]
    if len(subject) != 1:
        return False
    joint = _JOINED.search(at.folded, max(0, subject[0].start - _WINDOW), subject[0].start)
    return (
        joint is not None and not named_in(at.mentions, *joint.span("name")) and _is_somebody(joint["name"])
    )


def _has_a_strange_subject(at: Setting) -> bool:
    """True of "Castro met Putin", where no other party is named; a capital at the start of a sentence tells nothing."""
    surely = {mention.party for mention in at.mentions if mention.role is not Role.GENERIC}
    if not at.within or at.before or surely != at.parties(at.within):
        return False
    start = at.talk.start()
    subject = _SUBJECT.search(at.folded, max(0, start - _WINDOW), start)
    if subject is None or _BOUNDARY.search(at.folded, subject.end("name"), start):
        return False
    if named_in(at.mentions, *subject.span()):
        return False
    words = subject["name"].split()
    opens = not at.folded[: subject.start("name")].strip("\"' ")
    if opens and len(words) == 1 and not words[0].isupper():
        return False
    return _is_somebody(" ".join(words[1:] if opens and len(words) > 1 else words))


def _is_somebody(text: str) -> bool:
    if _MEDIA.search(text):
        return False
    if _OTHERS.match(text):
        return True
    words = (word.rstrip(".").lower() for word in _CAPITAL.findall(text))
    return any(word not in TITLES and word not in _NOBODY for word in words)


def is_title_case(folded: str) -> bool:
    """True for a headline whose words nearly all begin with a capital, so that capitals tell nothing."""
    words = [word for word in folded.split() if len(word) > 3 and word[0].isalpha()]
    return bool(words) and sum(word[0].islower() for word in words) < _LOWER_SHARE * len(words)

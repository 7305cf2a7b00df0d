"""Who takes part in a sentence's talks: a party bound to them ("talks with X"), named, only speaking, or behind them.

Ranks order the evidence: who is bound to the talks outweighs who is merely named, and that one who merely speaks.
"""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import islice

from monitor.detection.relations import Relations
from monitor.detection.strangers import MET, Setting, Slot, is_apart, is_with_strangers, subject_of
from monitor.detection.words import DATA, any_of, compiled
from monitor.topics import Mention
from monitor.topics.spelling import fold


class Rank(IntEnum):
    """How a party stands to the talks of the sentence."""

    SOURCE = 0
    """Signals or encourages them; no party to them."""
    SPEAKER = 1
    """Speaks of them."""
    NAMED = 2
    BOUND = 3
    """Who they are with, or between."""


@dataclass(frozen=True, slots=True)
class Participant:
    """A party in a sentence. `firm` if bound by a word that names talks; `contrast` if set against the rest.

    "Only with the army, not the government": the government is a contrast, what is said holds for it turned round.
    """

    party: str
    rank: Rank
    start: int
    end: int
    firm: bool = False
    contrast: bool = False
    acts: bool = False
    """A speaker who says that he himself took part."""
    listed: frozenset[str] = frozenset()
    """The parties that are named in one breath with it: "offers from Network Rail and the train operators"."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one sentence tells of who talks with whom."""

    participants: tuple[Participant, ...]
    talks: tuple[int, ...]
    """Where its talk words begin."""
    bound: tuple[int, ...]
    """Where those of them begin that bind a party."""
    foreign: tuple[int, ...]
    """Where those begin whose parties are none of the topic: "talks with the IMF"."""
    outsiders: tuple[int, ...]
    """Where parties without a channel are named, if none with one is, or but one that is joined to them."""

    @property
    def is_theirs(self) -> bool:
        """True if all talks that the sentence tells the parties of are somebody else's."""
        return bool(self.foreign) and not self.bound

    def is_of_others(self, start: int, end: int) -> bool:
        """True if all talks that the clause `start` .. `end` tells the parties of are somebody else's."""
        if any(start <= at < end for at in self.outsiders):
            return True
        return any(start <= at < end for at in self.foreign) and not any(
            start <= at < end for at in self.bound
        )


_FIRM = frozenset(DATA["talking"]["firm"])
_TALKING = _FIRM | frozenset(DATA["talking"]["loose"])
_MEETING = frozenset({"met", "meet", "meets"})
_WORD = re.compile(r"\w+")
_BRIDGE = compiled(
    r"(?:[\s,]+(?!and\b|but\b|or\b)[\w'-]+){0,4}?\s+(?P<bridge>%(bridge)s)\s",
    bridge=any_of(DATA["talking"]["bridge"]),
)
_SLOT_END = re.compile(
    r"[.;:!?]|\s-\s|,(?!\s(?:and|the|or)\b)|\b(?:to|over|on|at|in|after|before|that|which|who|when|while|for|as|if|unless"
    r"|but|said|says|is|are|was|were|will|would|has|have|had|appeared|amid|despite|because|until|since|by|from|into)\b",
    re.IGNORECASE,
)
_ASIDE = r",[^,.;:!?\"]{1,60},"
"""What is put in between two names of a list: "with Network Rail and, in a separate room, with the operators"."""
_AND_ASIDE = re.compile(rf"\sand{_ASIDE}\s", re.IGNORECASE)
_SLOT = 120
_LIST_GAP = re.compile(
    r"[\s,()\"'/-]*(?:s\s(?:(?:men|side|team|aides|party)[\s,]*)?)?"
    rf"(?:and(?:{_ASIDE})?|or|nor|as well as|both|&)?\s*"
    r"(?:(?:with|the|its|their|powerful|ruling|country's|current|top|senior|all|jailed|incarcerated|military|even)\s)*",
    re.IGNORECASE,
)
_BEFORE_TALK = re.compile(
    r"(?:'s?)?[\s-](?:level\s|(?:(?!(?:for|of|from|over|about|during|after|before|as|despite|if|amid)\s)[a-z-]+\s){0,2})?"
)
_HYPHENED = re.compile(r"[\s]?[-/][\s]?|\sand\s(?:(?:the|its|their)\s)?")
_SOURCE_BEFORE = compiled(
    r"(?:\b%(nouns)s\b(?:\s[\w-]+){0,3}?\s(?:from|of|by)|\b%(verbs)s\sby)\s(?:[\w'-]+\s){0,1}[\"']?$",
    nouns=any_of(DATA["sources"]["nouns"]),
    verbs=any_of(DATA["sources"]["verbs"]),
)
_SENDS = frozenset({"from", "of", "by"})
"""One of these stands right before whoever sends a signal; without it there is no need to look further."""
_SOURCE_AFTER = compiled(r"'s?\s(?:[\w-]+\s)?%(nouns)s\b|-backed\b", nouns=any_of(DATA["sources"]["nouns"]))
_SPEAKS = compiled(
    r"(?:,[^,.;]{1,80},)?(?:\s\([^)]{1,40}\))?(?:\s[\w'.-]+){0,3}?\s%(verbs)s\b",
    verbs=any_of(DATA["speaking"]["verbs"]),
)
_ACCORDING = re.compile(
    r"(?:\b(?:according\sto|quoting|citing)\s(?:[\w.'-]+\s){0,3}|[,\"]\s?(?:says|said|added|claimed)\s(?:[\w.'-]+\s){0,2})$",
    re.IGNORECASE,
)
_ACTS = compiled(
    r"\b(?:he|she|they|we|i)\s(?:\w+\s){0,2}?%(holding)s\b", holding=any_of(DATA["speaking"]["holding"])
)
_CONTRAST = re.compile(
    r"(?:(?:,|\band|\bbut)\s+not|\brather\sthan|\binstead\sof)\s(?:talking\s)?(?:with\s|to\s)?(?:the\s)?$",
    re.IGNORECASE,
)
_EXCEPT = re.compile(
    r"\b(?:(?:no|not|never|nobody|refus\w*|reject\w*|rul(?:e|es|ed|ing)\sout|won't|cannot|can't)\b[^.;]{0,120}?"
    r"\b(?:unless|until|(?P<save>except|other\sthan|apart\sfrom|any(?:one|body)\sbut))"
    r"|(?P<only>no(?:ne|body|\sone)\s(?:but|except|other\sthan|apart\sfrom)))\b(?:\s(?:with|to))?(?:\sthe)?\s?",
    re.IGNORECASE,
)
ANAPHORA = compiled(r"\W*%(openings)s\b", openings=any_of(DATA["anaphora"]["openings"]))
"""How a paragraph begins that goes on with what the last one spoke of."""
_WINDOW = 90
_MOST = 60
"""Of names and of talk words in one sentence: people write fewer, and what is compared in pairs must stay cheap."""


def read(text: str, mentions: Sequence[Mention], relations: Relations) -> Reading:
    """Who takes part in what the sentence says of talks; `mentions` are the sentence's own, in order."""
    folded = fold(text)
    mentions = mentions[:_MOST]
    talks = list(islice(_talk_words(folded), _MOST))
    if not talks and not mentions:
        return Reading((), (), (), (), ())
    participants = [_standing(folded, mention) for mention in mentions]
    for at, parties in _listed(folded, mentions):
        participants[at] = replace(participants[at], listed=parties)
    foreign: list[int] = []
    binding: list[int] = []
    speaking = frozenset(
        index for index, one in enumerate(participants) if one.rank <= Rank.SPEAKER and not one.acts
    )
    for talk in talks:
        before = list(_bound_before(folded, talk, mentions))
        slot = _slot(folded, talk, mentions)
        within = list(_bound_in(folded, slot, mentions)) if slot is not None else []
        bound = {*before, *within}
        setting = Setting(folded, talk, slot, mentions, before, within, speaking)
        if is_apart(setting, relations) or is_with_strangers(setting):
            foreign.append(talk.start())
            continue
        if slot is not None and slot[2] == MET:
            bound.update(subject_of(setting))
        if bound:
            binding.append(talk.start())
        for index in bound:
            participants[index] = _bind(participants[index], firm=talk.group().lower() in _FIRM)
    if excepted := _EXCEPT.search(folded):
        participants = [_set_apart(one, excepted) for one in participants]
    named = {one.party for one in participants}
    outsiders = [one for one in participants if one.party in relations.outsiders and one.rank > Rank.SPEAKER]
    apart = relations.none_talks(named) or _are_joined(outsiders, named, relations)
    return Reading(
        tuple(participants),
        tuple(talk.start() for talk in talks),
        tuple(binding),
        tuple(foreign),
        tuple(one.start for one in outsiders) if apart else (),
    )


def _are_joined(outsiders: Sequence[Participant], named: AbstractSet[str], relations: Relations) -> bool:
    """True of "Dunmore and its pilots agree", where Dunmore has no channel: if no pair of ours is named."""
    return not relations.is_a_pair(named) and any(one.listed & relations.talking for one in outsiders)


def _listed(folded: str, mentions: Sequence[Mention]) -> Iterator[tuple[int, frozenset[str]]]:
    """The places of names that stand in a list of several parties' names, with those parties."""
    first = 0
    for at in range(1, len(mentions) + 1):
        if at < len(mentions) and _LIST_GAP.fullmatch(folded, mentions[at - 1].end, mentions[at].start):
            continue
        parties = frozenset(mention.party for mention in mentions[first:at])
        if len(parties) > 1:
            yield from ((place, parties) for place in range(first, at))
        first = at


def _talk_words(folded: str) -> Iterator[re.Match[str]]:
    if _TALKING.isdisjoint(_WORD.findall(folded.lower())):
        return iter(())
    return (word for word in _WORD.finditer(folded) if word.group().lower() in _TALKING)


def _standing(folded: str, mention: Mention) -> Participant:
    rank, acts = Rank.NAMED, False
    before = folded[max(0, mention.start - _WINDOW) : mention.start]
    is_sent = not _SENDS.isdisjoint(before.lower().split()[-2:]) and _SOURCE_BEFORE.search(before)
    if is_sent or _SOURCE_AFTER.match(folded, mention.end):
        rank = Rank.SOURCE
    elif (
        _ACCORDING.search(before)
        or _SPEAKS.match(folded, mention.end)
        or _is_headline_speaker(folded, mention)
    ):
        rank = Rank.SPEAKER
        acts = _ACTS.search(folded, mention.end, mention.end + _SLOT) is not None
    contrast = _CONTRAST.search(before) is not None
    return Participant(mention.party, rank, mention.start, mention.end, contrast=contrast, acts=acts)


def _is_headline_speaker(folded: str, mention: Mention) -> bool:
    """A headline names its speaker before or after a colon: "Gohar: no talks", "No talks: Gohar"."""
    begins = not folded[: mention.start].strip("\"' ") and folded[mention.end : mention.end + 1] == ":"
    ends = not folded[mention.end : mention.end + 3].strip(". ") and folded[: mention.start].endswith(": ")
    return begins or ends


def _bind(one: Participant, *, firm: bool) -> Participant:
    return one if one.rank is Rank.SOURCE else replace(one, rank=Rank.BOUND, firm=one.firm or firm)


def _set_apart(one: Participant, excepted: re.Match[str]) -> Participant:
    """The participant, as a contrast if it is bound behind "except", or stands right there: "nobody but the army"."""
    is_next = one.start == excepted.end() and (excepted["save"] or excepted["only"])
    if is_next or (one.rank is Rank.BOUND and one.start >= excepted.end()):
        return replace(one, rank=Rank.BOUND, contrast=True)
    return one


def _slot(folded: str, talk: re.Match[str], mentions: Sequence[Mention]) -> Slot | None:
    """Where the names stand that "talks with" or "talks between" governs, or that somebody "met", and by which word."""
    bridge = _BRIDGE.match(folded, talk.end(), talk.end() + _WINDOW)
    if bridge and any(talk.end() <= one.start < bridge.start("bridge") for one in mentions):
        bridge = None  # "meet the union with the employers"
    if bridge is None or _SLOT_END.search(folded, talk.end(), bridge.start("bridge")):
        return _slot_from(folded, talk.end(), MET) if talk.group().lower() in _MEETING else None
    word = bridge["bridge"].lower()
    if word == "to" and not folded[talk.start() : talk.end()].lower().startswith(("talking", "sp")):
        return None
    return _slot_from(folded, bridge.end(), word)


def _slot_from(folded: str, start: int, word: str) -> Slot:
    limit = min(len(folded), start + _SLOT)
    end = _SLOT_END.search(folded, start, limit)
    if end and (aside := _AND_ASIDE.match(folded, max(start, end.start() - len(" and")))):
        limit = min(len(folded), aside.end() + _SLOT)
        end = _SLOT_END.search(folded, aside.end(), limit)
    return start, end.start() if end else limit, word


def _bound_in(folded: str, slot: tuple[int, int, str], mentions: Sequence[Mention]) -> Iterator[int]:
    """The first name of the slot, and those that are listed after it."""
    last: Mention | None = None
    for index, mention in enumerate(mentions):
        if mention.end <= slot[0] or mention.start >= slot[1]:
            continue
        if last is not None and not _continues(folded, last, mention):
            return
        last = mention
        yield index


def _continues(folded: str, last: Mention, mention: Mention) -> bool:
    if last.party == mention.party:
        return True
    gap = folded[last.end : mention.start]
    return _LIST_GAP.fullmatch(gap) is not None or " and " in gap


def _bound_before(folded: str, talk: re.Match[str], mentions: Sequence[Mention]) -> Iterator[int]:
    """Names right before the talk word: "PTI-government talks", "government-level talks", "PTI's negotiations"."""
    reach = talk.start()
    joint = _BEFORE_TALK
    for index in range(len(mentions) - 1, -1, -1):
        mention = mentions[index]
        if mention.end > reach:
            continue
        if joint.fullmatch(folded, mention.end, reach) is None:
            return
        yield index
        reach, joint = mention.start, _HYPHENED

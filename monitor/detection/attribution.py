"""Who says it, and whose stance it is: speaker, principal, and what kind of source stands behind a claim."""

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from monitor.detection.chain import Chain
from monitor.detection.ellipsis import REACH
from monitor.detection.model import Sentence
from monitor.detection.parsed import Parsed
from monitor.detection.quotes import Quotes
from monitor.topics import Mention, Role, Topic, find_mentions
from monitor.vocabulary import Attribution

# Each looks first for a letter with which one of its words begins: three times as fast as trying word by word.
_SOURCES = re.compile(
    r"\b(?=[siarpm:])(?:sources?|insiders?|reportedly|allegedly|people familiar|person familiar|privy to|anonymity"
    r"|reports? (?:say|said|claim)|according to (?:a |the |media |local |press )?(?:media|reports?|newspaper|report)"
    r"|reports\b|: report\b|media report)",
    re.IGNORECASE,
)
_SAYING_SO = frozenset(
    {
        "aides",
        "analysts",
        "diplomats",
        "insiders",
        "lawyers",
        "ministers",
        "negotiators",
        "officials",
        "sources",
    }
)
_REPORTS = re.compile(r"\breports?\b", re.IGNORECASE)
_OFFICIALS = re.compile(
    r"\b(?=[omseapcngul])(?:official|minister|ministry|spokes(?:man|woman|person)|mediator|envoy|president|secretary"
    r"|chairman|ambassador|adviser|negotiator|governor|general|union|chief|leader|senator)s?\b",
    re.IGNORECASE,
)
_OPINION = re.compile(
    r"\b(?=[aoecpishw])(?:analysts?|observers?|experts?|commentators?|columnists?|pundits?|editorial|in my view"
    r"|i (?:think|believe)|critics"
    r"|one hopes|some believe|(?:is|was) of the (?:opinion|view)|historians?|political watchers|economists?)\b",
    re.IGNORECASE,
)
_SOME = frozenset({"many", "some", "several", "few", "critics", "hardliners"})
_NEAR = 25
_POSSESSIVES = frozenset({"its", "his", "her", "their"})
_PERSON = frozenset({"he", "she", "his", "her"})
_GROUP = frozenset({"party", "it", "its", "they", "their"})
"""What may stand for the party, or the people, named last."""
_LEADER = frozenset({"premier", "ex-premier", "founder", "supremo", "patron", "cricketer", "politician"})
_OFFICER = frozenset(
    """lawyer barrister adviser advisor spokesman spokesperson spokeswoman senator secretary minister chairman
    chairperson chief leader president general""".split()  # noqa: SIM905 - a list of words reads as one
)
_SIDES = frozenset(
    {"sides", "parties", "camps", "delegations", "teams", "committee", "committees", "negotiators"}
)
_STANDING = _PERSON | _GROUP | _LEADER | _OFFICER | _SIDES
_BEFORE_ROLE = frozenset({"the", "former", "prime", "jailed", "imprisoned", "incarcerated", "that", "this"})
_BEFORE_SIDES = frozenset({"the", "two", "both", "three", "these"})
_PEOPLE = frozenset({Role.SPOKESPERSON, Role.LEADER})
_QUOTED = re.compile(r"“[^”]*(?:”|$)|\"[^\"]*(?:\"|$)")


@dataclass(frozen=True, slots=True)
class Source:
    """Who says it, whose stance it is, and what kind of source that is.

    `unresolved` is the pronoun or the like that the claim hangs on and that nothing nearby explains, else "".
    """

    speaker: str | None
    principal: str | None
    attribution: Attribution
    unresolved: str = ""


@dataclass
class Voices:
    """The people and parties of a text as they come up, so that "he" and "the party" can be told.

    They reach two sentences on, or come from the headline; a "he" that is understood carries its person further.
    `certain` are the parties that the text names for sure: where another one is, "the union" is its party.
    """

    topic: Topic
    certain: frozenset[str] = frozenset()
    _recent: deque[tuple[Mention, ...]] = field(default_factory=lambda: deque(maxlen=REACH))
    _headline: tuple[Mention, ...] = ()
    _quotes: Quotes = field(default_factory=Quotes)
    _unnamed: bool = False
    """Who spoke last were sources without a name; "they said" is their word."""

    @cached_property
    def _talking(self) -> frozenset[str]:
        return self.topic.talking

    def mentions(self, sentence: Sentence) -> tuple[Mention, ...]:
        """The topic's parties in a sentence."""
        return tuple(find_mentions(self.topic, sentence.text)) if self.topic.parties else ()

    def advance(self, sentence: Sentence, mentions: tuple[Mention, ...], parsed: Parsed) -> None:
        """Remembers who was named, not counting whom a quotation names; of a "he", who that was."""
        if _SOURCES.search(sentence.text):
            self._unnamed = True
        elif parsed.saying and not _they_say(parsed):
            self._unnamed = False
        if self._quotes.holds(sentence):
            return
        quotes = [match.span() for match in _QUOTED.finditer(sentence.text)] if mentions else []
        named = tuple(
            one
            for one in mentions
            if one.role is not Role.GENERIC and not any(start < one.start < end for start, end in quotes)
        )
        if sentence.in_title:
            self._headline += named
            return
        subject = self._meant(parsed, 0, 2)
        self._recent.appendleft((subject, *named) if subject is not None else named)

    def source(
        self,
        parsed: Parsed,
        chain: Chain,
        sentence: Sentence,
        mentions: tuple[Mention, ...],
        *,
        talks_near: bool = False,
    ) -> Source:
        """Speaker, principal and attribution of a chain in its sentence.

        Where talks were spoken of nearby (`talks_near`), "the two sides" are theirs.
        """
        speaking = self._speaker(parsed, chain, mentions)
        talking = self._talking
        is_party = speaking is not None and speaking.party in talking
        own, word = self._principal(parsed, chain, tuple(one for one in mentions if one.party in talking))
        principal = own or (speaking.party if speaking and is_party else None)
        denying = own if speaking is None and _denies(chain) else None
        speaker = speaking.party if speaking else denying
        theirs = talks_near and _SIDES.intersection(word.split())
        explained = own or theirs or not self.topic.parties
        unresolved = "" if explained else word
        kind = self._attribution(parsed, chain, sentence, speaker)
        anonymous = kind is Attribution.SOURCES
        return Source(None if anonymous else speaker, principal, kind, unresolved)

    def _attribution(
        self, parsed: Parsed, chain: Chain, sentence: Sentence, speaker: str | None
    ) -> Attribution:
        if _OPINION.search(sentence.text) or _SOME.intersection(
            parsed.words[max(chain.start - 6, 0) : chain.start]
        ):
            return Attribution.OPINION
        text = _REPORTS.sub("", sentence.text) if _dismisses_reports(chain) else sentence.text
        if _SOURCES.search(text) or (self._unnamed and _they_say(parsed)):
            return Attribution.SOURCES
        if speaker is not None:  # a mediator's word is not a party's own
            return Attribution.PARTY if speaker in self._talking else Attribution.OFFICIALS
        said = chain.said_at >= 0 or bool(parsed.saying)
        if said and _OFFICIALS.search(sentence.text):
            return Attribution.OFFICIALS
        return Attribution.OUTLET

    def _speaker(self, parsed: Parsed, chain: Chain, mentions: tuple[Mention, ...]) -> Mention | None:
        """The party whose word it is: the mention nearest to a verb of saying, "he" being who was named last."""
        saying = [i for i in parsed.saying if not _was_said_earlier(parsed, chain, i)]
        if not saying:
            return _according_to(parsed, mentions) or self._acting(parsed, mentions)
        at = parsed.tokens.starts[saying[0]]
        before = [mention for mention in mentions if mention.end <= at and mention.counts(self.certain)]
        after = [mention for mention in mentions if 0 <= mention.start - parsed.tokens.ends[saying[0]] < 4]
        if before and at - before[-1].end <= _NEAR and not _is_said_by_others(parsed, before[-1], saying[0]):
            return (after or before)[0] if _goes_on(parsed, before, saying[0]) else before[-1]
        if saying[0] and (meant := self._meant(parsed, saying[0] - 1, saying[0])) is not None:
            return meant
        return after[0] if after else None

    def _acting(self, parsed: Parsed, mentions: tuple[Mention, ...]) -> Mention | None:
        """The person of "PTI leader Azam Swati publicly supported dialogue": his act is his word."""
        if "publicly" in parsed.words or "openly" in parsed.words:
            return next((mention for mention in mentions if mention.role in _PEOPLE), None)
        return None

    def _principal(
        self, parsed: Parsed, chain: Chain, mentions: tuple[Mention, ...]
    ) -> tuple[str | None, str]:
        """The party that stands before the clause's outermost verb, nearest first, and the word that stands for it."""
        at = parsed.tokens.starts[min(max(chain.start, 0), len(parsed.tokens) - 1)]
        # Whom a generic name means is sure enough for whose word it is, not for whose stance an aside tells.
        certain = self.certain if _denies(chain) else frozenset[str]()
        before = [mention for mention in mentions if mention.end <= at + 1 and mention.counts(certain)]
        for i in range(chain.start - 1, max(chain.start - 6, -1), -1):
            if before and before[-1].end >= parsed.tokens.starts[i]:
                break
            if not _stands_for_somebody(parsed, i) or _says_whose(parsed, i, mentions):
                continue
            if parsed.word(i) in _SIDES:
                return None, "" if before or self._named_nearby() else _phrase(parsed, i)
            if before:
                return before[-1].party, ""
            meant = self._meant(parsed, i, i + 1)
            if meant is None:
                return None, _phrase(parsed, i)
            return (meant.party if meant.party in self._talking else None), ""
        return (before[-1].party if before else None), ""

    def _meant(self, parsed: Parsed, first: int, last: int) -> Mention | None:
        """Whom the pronoun or the like among the tokens `first` .. `last` stands for."""
        for i in range(first, min(last, len(parsed.tokens))):
            if not _stands_for_somebody(parsed, i) or parsed.word(i) in _SIDES:
                continue
            word = parsed.word(i)
            if word in _LEADER or (word == "minister" and "former" in parsed.words[max(i - 2, 0) : i]):
                return self._nearest(frozenset({Role.LEADER})) or self._nearest(_PEOPLE)
            if word in _PERSON or word in _OFFICER:
                return self._nearest(_PEOPLE)
            return self._nearest(frozenset({Role.ALIAS})) or self._nearest(_PEOPLE)
        return None

    def _nearest(self, roles: frozenset[Role]) -> Mention | None:
        named = (*self._recent, self._headline)
        return next((one for mentions in named for one in mentions if one.role in roles), None)

    def _named_nearby(self) -> bool:
        return any(self._recent) or bool(self._headline)


def _they_say(parsed: Parsed) -> bool:
    return any(parsed.word(i - 1) == "they" for i in parsed.saying)


def _denies(chain: Chain) -> bool:
    """True for "the union denied that": whoever denies speaks."""
    return any(step.op == "DENY" and step.tense and not step.negated for step in chain.steps)


def _dismisses_reports(chain: Chain) -> bool:
    """True for "shoots down reports of talks": they are no source of it."""
    return chain.reported and bool(chain.steps) and chain.steps[-1].op in {"DENY", "REJECT"}


def _goes_on(parsed: Parsed, before: Sequence[Mention], saying: int) -> bool:
    """True for the Khan of "Khan spurns the army's offer of talks, says he is ...": who acts goes on to speak."""
    first = parsed.tokens.starting(before[0].end, len(parsed.tokens))
    last = parsed.tokens.starting(before[-1].start, len(parsed.tokens))
    acts = any(parsed.begins_with_a_verb(i) for i in range(first, last))
    return acts and "," not in parsed.words[first:last] and parsed.word(saying - 1) == ","


def _was_said_earlier(parsed: Parsed, chain: Chain, saying: int) -> bool:
    """True for the declaring of "will meet, the first talks since the company declared an impasse": of another word."""
    between = parsed.words[chain.end : saying]
    behind = between[::-1].index(",") if "," in between else len(between)
    return not _EARLIER.isdisjoint(between[len(between) - behind :])


_EARLIER = frozenset({"after", "because", "before", "since", "until", "when"})


def _is_said_by_others(parsed: Parsed, mention: Mention, saying: int) -> bool:
    """True for the guild of "ends talks with the guild, officials say"; not for "the guild, a big one, says".

    And for that of "no talks with the guild, say officials of the port".
    """
    first = parsed.tokens.starting(mention.end, len(parsed.tokens))
    if parsed.word(saying - 1) == ",":
        return not _SAYING_SO.isdisjoint(parsed.words[saying + 1 : saying + 4])
    return "," in parsed.words[first:saying]


def _according_to(parsed: Parsed, mentions: tuple[Mention, ...]) -> Mention | None:
    """The person or party of "according to Aleema Khan"."""
    pairs = zip(parsed.words, parsed.words[1:], strict=False)
    at = next((i + 2 for i, pair in enumerate(pairs) if pair == ("according", "to")), None)
    if at is None:
        return None
    end = next((i for i in range(at, len(parsed.words)) if parsed.word(i) == ","), len(parsed.words)) - 1
    first, last = parsed.tokens.ends[at - 1], parsed.tokens.ends[end]
    named = (one for one in mentions if one.role is not Role.GENERIC and first <= one.start < last)
    return next(named, None)


def _says_whose(parsed: Parsed, i: int, mentions: Sequence[Mention]) -> bool:
    """True for the "its" of "the port and its dockers": the dockers are who is meant."""
    if parsed.word(i) not in _POSSESSIVES or i + 1 >= len(parsed.tokens):
        return False
    return any(one.start == parsed.tokens.starts[i + 1] for one in mentions)


def _stands_for_somebody(parsed: Parsed, i: int) -> bool:
    """True for "he", "the party", "both sides", "the former premier"."""
    word = parsed.word(i)
    if word not in _STANDING:
        return False
    before = parsed.word(i - 1)
    if before == "as" and parsed.word(i + 1).startswith("happen"):
        return False  # "As it happened: talks resume"
    if word in _PERSON:
        return True
    if word in _GROUP:
        return word != "party" or before in {"the", "his", "her", "their"}
    if word in _SIDES:
        return before in _BEFORE_SIDES
    return word in _LEADER | _OFFICER and before in _BEFORE_ROLE


def _phrase(parsed: Parsed, i: int) -> str:
    """The words as they are told in a reason: "he", "the party", "both sides"."""
    first = i
    while first and i - first < 2 and parsed.word(first - 1) in _BEFORE_ROLE | _BEFORE_SIDES:
        first -= 1
    return " ".join(parsed.words[first : i + 1])

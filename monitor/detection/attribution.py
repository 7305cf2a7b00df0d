"""Who says it, and whose stance it is: speaker, principal, and what kind of source stands behind a claim."""

import re
from dataclasses import dataclass

from monitor.detection.chain import Chain
from monitor.detection.model import Sentence
from monitor.detection.parsed import Parsed
from monitor.topics import Mention, Role, Topic, find_mentions
from monitor.vocabulary import Attribution

_SOURCES = re.compile(
    r"\b(?:sources?|insiders?|reportedly|allegedly|people familiar|person familiar|privy to|anonymity"
    r"|reports? (?:say|said|claim)|according to (?:a |the |media |local |press )?(?:media|reports?|newspaper|report)"
    r"|reports\b|: report\b|media report)",
    re.IGNORECASE,
)
_OFFICIALS = re.compile(
    r"\b(?:official|minister|ministry|spokes(?:man|woman|person)|mediator|envoy|president|secretary|chairman|ambassador|adviser"
    r"|negotiator|governor|general|union|chief|leader|senator)s?\b",
    re.IGNORECASE,
)
_OPINION = re.compile(
    r"\b(?:analysts?|observers?|experts?|commentators?|columnists?|pundits?|editorial|in my view"
    r"|i (?:think|believe)|critics"
    r"|one hopes|some believe|(?:is|was) of the (?:opinion|view)|historians?|political watchers|economists?)\b",
    re.IGNORECASE,
)
_SOME = frozenset({"many", "some", "several", "few", "critics", "hardliners"})
_NEAR = 25
_PERSON = frozenset({"he", "she", "his", "her"})
_ANYONE = _PERSON | {"party", "it", "they", "its"}
"""What may stand for the party of the person named last."""


@dataclass(frozen=True, slots=True)
class Source:
    """Who says it, whose stance it is, and what kind of source that is."""

    speaker: str | None
    principal: str | None
    attribution: Attribution


@dataclass
class Voices:
    """The people of a text as they come up, so that "he" can be told."""

    topic: Topic
    last: Mention | None = None

    def mentions(self, sentence: Sentence) -> tuple[Mention, ...]:
        """The topic's parties in a sentence."""
        return tuple(find_mentions(self.topic, sentence.text)) if self.topic.parties else ()

    def advance(self, mentions: tuple[Mention, ...]) -> None:
        """Remembers the last person named."""
        people = [mention for mention in mentions if mention.role in {Role.SPOKESPERSON, Role.LEADER}]
        if people:
            self.last = people[0]

    def source(
        self, parsed: Parsed, chain: Chain, sentence: Sentence, mentions: tuple[Mention, ...]
    ) -> Source:
        """Speaker, principal and attribution of a chain in its sentence."""
        speaking = self._speaker(parsed, mentions)
        talking = self.topic.talking
        taking_part = tuple(mention for mention in mentions if mention.party in talking)
        is_party = speaking is not None and speaking.party in talking
        principal = self._principal(parsed, chain, taking_part) or (
            speaking.party if speaking and is_party else None
        )
        speaker = speaking.party if speaking else None
        if _OPINION.search(sentence.text) or _SOME.intersection(
            parsed.words[max(chain.start - 6, 0) : chain.start]
        ):
            return Source(speaker, principal, Attribution.OPINION)
        if _SOURCES.search(sentence.text):
            return Source(None, principal, Attribution.SOURCES)
        if speaking is not None:  # a mediator's word is not a party's own
            kind = Attribution.PARTY if is_party else Attribution.OFFICIALS
            return Source(speaker, principal, kind)
        said = chain.said_at >= 0 or bool(parsed.saying)
        if said and _OFFICIALS.search(sentence.text):
            return Source(None, principal, Attribution.OFFICIALS)
        return Source(None, principal, Attribution.OUTLET)

    def _speaker(self, parsed: Parsed, mentions: tuple[Mention, ...]) -> Mention | None:
        """The party whose word it is: the mention nearest to a verb of saying, "he" being who was named last."""
        saying = parsed.saying
        if not saying:
            return self._acting(parsed, mentions)
        at = parsed.tokens.starts[saying[0]]
        before = [mention for mention in mentions if mention.end <= at and mention.role is not Role.GENERIC]
        if before and at - before[-1].end <= _NEAR:
            return before[-1]
        if saying[0] and parsed.word(saying[0] - 1) in _PERSON:
            return self.last
        after = [mention for mention in mentions if 0 <= mention.start - parsed.tokens.ends[saying[0]] < 4]
        return after[0] if after else None

    def _acting(self, parsed: Parsed, mentions: tuple[Mention, ...]) -> Mention | None:
        """The person of "PTI leader Azam Swati publicly supported dialogue": his act is his word."""
        if "publicly" in parsed.words or "openly" in parsed.words:
            return next(
                (mention for mention in mentions if mention.role in {Role.SPOKESPERSON, Role.LEADER}), None
            )
        return None

    def _principal(self, parsed: Parsed, chain: Chain, mentions: tuple[Mention, ...]) -> str | None:
        """The party that stands before the clause's outermost verb, nearest first."""
        at = parsed.tokens.starts[min(max(chain.start, 0), len(parsed.tokens) - 1)]
        before = [
            mention for mention in mentions if mention.end <= at + 1 and mention.role is not Role.GENERIC
        ]
        for i in range(chain.start - 1, max(chain.start - 6, -1), -1):
            if (
                parsed.word(i) in _ANYONE
                and self.last is not None
                and (not before or before[-1].end < parsed.tokens.starts[i])
            ):
                if before:
                    return before[-1].party
                return self.last.party if self.last.party in self.topic.talking else None
        return before[-1].party if before else None

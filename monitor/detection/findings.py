"""What the rules find in one sentence: candidates for claims, and the chains that were refused, with the reason."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from monitor.detection.attribution import Source, Voices
from monitor.detection.bind import bind
from monitor.detection.chain import Chain
from monitor.detection.claims import Candidate
from monitor.detection.denials import denied_end
from monitor.detection.discourse import Discourse
from monitor.detection.ellipsis import NO_ANTECEDENT, StandIn, TalksNamed, is_bare, says_it_of_talks
from monitor.detection.forms import Lexicon, Match
from monitor.detection.kinds import kind_of, why_none
from monitor.detection.meetings import (
    SITTINGS,
    are_crowned,
    closes_a_sitting,
    is_a_briefing,
    is_of_a_body,
    is_of_parliament,
)
from monitor.detection.model import Sentence
from monitor.detection.mood import manner
from monitor.detection.parsed import Parsed
from monitor.detection.reading import parse
from monitor.detection.tokens import tokenise
from monitor.detection.walkouts import is_a_strike
from monitor.detection.when import TimeMention, find_times
from monitor.topics import Mention, Role
from monitor.vocabulary import ClaimKind, Mood, Position

ANOTHER_SENSE = "another sense of the word"
OTHERS_MEETING = "a body's own meeting, which is none of talks"
ONE_ALONE = "names one party alone, who meets anybody"
TOLD_BY_CONTEXT = frozenset({OTHERS_MEETING, ONE_ALONE})
"""Reasons that lie in the topic, or in what was told before: nothing in the sentence itself shows them."""
REACH = 2
"""A talk noun carries over to the next sentences, so far."""
_KINDS = {kind.value: kind for kind in ClaimKind}
_SOCIAL = frozenset({"speak to", "to meet on a day"})
"""People meet for many reasons: it takes somebody who does little else than talk, or two parties."""
_LEANING = frozenset({"weak", "deal"})
"""What is said of other things too, so that the sentence must not speak of sport, courts or markets."""
_SHUNNING = frozenset({"~boycott", "~skip", "~stay away from", "~sit out", "~miss"})
_ENVOYS = frozenset(
    {"negotiators", "intermediaries", "mediators", "envoys", "delegation", "delegates", "sides"}
)
_TELLING = frozenset({"REJECT", "RESUME", "STALL", "WILLING", "REPORT"})


@dataclass(frozen=True, slots=True)
class Refused:
    """A chain that makes no claim: what it might have said (None: not that far), and what dropped it."""

    chain: Chain
    kind: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A sentence by itself, before those that come before it are read: its words and its times."""

    sentence: Sentence
    number: int
    plain: Parsed
    times: tuple[TimeMention, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """A sentence as the rules read it, in the order of its talk nouns."""

    sentence: Sentence
    number: int
    plain: Parsed
    """The sentence as it stands."""
    parsed: Parsed
    """The same, with the talks that a pronoun stands for in its place: what the chains are in."""
    times: tuple[TimeMention, ...]
    mentions: tuple[Mention, ...]
    candidates: tuple[Candidate, ...] = ()
    refused: tuple[Refused, ...] = ()


@dataclass
class Finder:
    """Reads the sentences of one text in order; it remembers where talks were spoken of, when, and by whom."""

    discourse: Discourse
    voices: Voices
    words: Lexicon
    is_alone: bool = False
    """True for a text of one sentence: it has no context that could tell what it leaves out."""
    talks: TalksNamed = field(default_factory=TalksNamed)
    stand_in: StandIn | None = None
    title_speaks: bool = False
    spoke_at: int = -99
    sits_elsewhere: bool = False
    """A meeting that is none of talks was told of: "the session" is that."""

    def look_at(self, sentences: Sequence[Sentence], first: int = 0) -> list[Seen]:
        """These sentences by themselves, the `first`th and those that follow: step by step for all is faster."""
        plain = [parse(tokenise(one.text), self.words, whole=self.is_alone) for one in sentences]
        times = [find_times(one.text, self.discourse.published) for one in sentences]
        return [Seen(*one) for one in zip(sentences, count(first), plain, times, strict=False)]

    def find(self, seen: Seen, mentions: tuple[Mention, ...]) -> Findings:
        """Everything in the sentence that speaks of talks."""
        sentence, number, plain, times = seen.sentence, seen.number, seen.plain, seen.times
        self.stand_in = None if plain.nodes else self.talks.stand_in(plain, number)
        parsed = parse(self.stand_in.tokens, self.words) if self.stand_in else plain
        self.discourse.advance(parsed, sentence, times)
        start = Findings(sentence, number, plain, parsed, times, mentions)
        found = list(self._find(start)) if parsed.nodes else []
        if not found:
            return start
        return replace(
            start,
            candidates=tuple(one for one in found if isinstance(one, Candidate)),
            refused=tuple(one for one in found if isinstance(one, Refused)),
        )

    def advance(self, findings: Findings) -> None:
        """Goes on to the next sentence, with what this one tells of talks and of who speaks."""
        self.voices.advance(findings.sentence, findings.mentions, findings.parsed)
        spoken_of = bool(findings.candidates)
        if self.stand_in is None:
            in_title = findings.sentence.in_title
            self.talks.advance(findings.parsed, findings.number, in_title=in_title, spoken_of=spoken_of)
        elif spoken_of:
            self.talks.carry(self.stand_in, findings.number)
            self.spoke_at = findings.number

    def is_among_talks(self, number: int) -> bool:
        """True for the `number`th sentence where the title, or a sentence just before, names talks."""
        return self.title_speaks or number - self.spoke_at <= REACH

    def _find(self, findings: Findings) -> Iterator[Candidate | Refused]:
        parsed, number = findings.parsed, findings.number
        homonyms = {i for match in parsed.homonyms for i in match.places()}
        nodes = []
        for node in parsed.nodes:
            is_named = _is_in_a_name(parsed, node, findings)
            if is_named or homonyms.intersection(range(node.start, node.end)) or is_a_strike(parsed, node):
                alone = Chain(node, node.start, node.end, node.entry.value)
                yield Refused(alone, None, ANOTHER_SENSE)
            else:
                nodes.append(node)
        if not nodes:
            return
        strong = any(
            node.entry.strength == "strong" or "talks" in parsed.words[node.start : node.end]
            for node in nodes
        )
        actors = parsed.all_of("actor")
        closely = any(not parsed.is_a(i, "broad") for i in actors) or self._names_a_pair(findings.mentions)
        elsewhere = not closely and bool(parsed.all_of("elsewhere"))
        speaks = strong or self.is_among_talks(number)
        used: set[int] = set()
        # What echoes talks ("the effort") is read last: where it governs a talk noun it has been used there.
        for node in sorted(nodes, key=_echoes):
            if _echoes(node) and node.start in used:
                continue
            near = closely or len(actors) > 1 if node.entry.name in _SOCIAL else not elsewhere
            is_near = (
                speaks
                if node.entry.strength == "echo"
                else node.entry.strength not in _LEANING or speaks or near
            )
            if is_bare(parsed, node) and not (speaks or actors or self.is_alone):
                is_near = False
            meets = (
                node.entry.name == "speak to"
                or (node.entry.name == "a coming meeting" and not strong)
                or (node.entry.name == "at the table" and node.form.text.startswith("~meet"))
            )
            is_one_alone = meets and not self._is_of_two_sides(parsed, node, findings.mentions)
            if node.entry.name == "a meeting":
                self.sits_elsewhere |= not (speaks or self.is_alone) and is_of_a_body(parsed, node)
            is_of_others = node.entry.name in SITTINGS and (
                (self.sits_elsewhere and not speaks)
                or is_of_parliament(parsed, node)
                or is_a_briefing(parsed, node)
            )
            for chain in bind(parsed, node):
                if self.stand_in is not None and not says_it_of_talks(parsed, chain, self.stand_in):
                    continue
                if self.stand_in is not None and not self.stand_in.found:
                    yield Refused(chain, None, NO_ANTECEDENT.format(word=self.stand_in.word))
                    continue
                used.update(step.match.start for step in chain.steps)
                shuns = not speaks and _shuns_a_meeting(parsed, chain)
                self.sits_elsewhere |= shuns
                if is_of_others:
                    yield Refused(chain, None, OTHERS_MEETING)
                elif is_one_alone and not _tells_by_itself(chain):
                    yield Refused(chain, None, ONE_ALONE)
                elif shuns or not (is_near or _tells_by_itself(chain)):
                    yield Refused(chain, None, "no word of talks nearby")
                else:
                    yield self._read(findings, chain)
        if strong and self.stand_in is None:
            self.spoke_at = number
            self.title_speaks = self.title_speaks or findings.sentence.in_title

    def _names_a_pair(self, mentions: tuple[Mention, ...]) -> bool:
        """True where the two sides of a channel are named."""
        named = {mention.party for mention in mentions}
        return any(len(named.intersection(one.parties)) > 1 for one in self.voices.topic.channels)

    def _is_of_two_sides(self, parsed: Parsed, node: Match, mentions: tuple[Mention, ...]) -> bool:
        """False where a topic has parties, and of all of them the sentence names one alone, who meets anybody.

        So it is for "his lawyers met him": he is one.
        """
        named = {mention.party for mention in mentions}
        if not named and parsed.word(node.end) in {"him", "her"}:
            return False
        return not self.voices.topic.parties or len(named) != 1 or bool(parsed.all_of("both_sides"))

    def _read(self, findings: Findings, chain: Chain) -> Candidate | Refused:
        parsed, times, mentions = findings.parsed, findings.times, findings.mentions
        kind = kind_of(parsed, chain, times, self.discourse.published)
        if kind not in _KINDS:
            return Refused(chain, None, _unsaid(chain, kind))
        if reason := why_none(parsed, chain, kind, in_prose=findings.sentence.text[-1:] == "."):
            return Refused(chain, kind, reason)
        how = manner(parsed, chain, kind, opening=findings.sentence.position is not Position.BODY)
        if how.reason:
            return Refused(chain, kind, how.reason)
        if how.kind == "collapsed" and how.mood is Mood.ASSERTED and closes_a_sitting(parsed, chain):
            how = replace(how, kind="underway")  # "second round over"
        if how.kind == "collapsed" and are_crowned(parsed, chain):
            how = replace(how, kind="agreement")
        if how.kind == "underway" and (end := denied_end(parsed, chain)):
            # What the accused side takes back is the end: it says nothing of what is going on.
            how = replace(how, kind=end, mood=Mood.DENIED)
        timing = self.discourse.timing(parsed, chain, how, times)
        source = self.source(findings, chain)
        inside = (
            (chain.node.entry.strength == "weak" or chain.subordinator == "where")
            and len(mentions) > 1
            and len({one.party for one in mentions}) == 1
        )
        return Candidate(
            parsed, chain, _KINDS[how.kind], how, timing, source, inside and how.kind == "underway"
        )

    def source(self, findings: Findings, chain: Chain) -> Source:
        """Who says what the chain says."""
        near = self.talks.are_near(findings.number)
        sentence, mentions = findings.sentence, findings.mentions
        return self.voices.source(findings.parsed, chain, sentence, mentions, talks_near=near)


def _unsaid(chain: Chain, kind: str) -> str:
    if chain.adjunct:
        return f"only a setting ({chain.adjunct})"
    return "makes no claim" if kind == "none" else "nothing is said of it"


def _tells_by_itself(chain: Chain) -> bool:
    """True for a weak noun with operators that are said of nothing but talks: "denied any contact"."""
    ops = {step.op for step in chain.steps}
    if chain.node.entry.name == "speak to" and chain.negated:
        return True  # who will not meet another, or says that he has not, speaks of talks
    return "DENY" in ops or (chain.node.entry.name == "reconciliation" and bool(ops & _TELLING))


def _shuns_a_meeting(parsed: Parsed, chain: Chain) -> bool:
    """True for a meeting that somebody boycotts: of parliament, of a board, unless envoys are spoken of."""
    if _ENVOYS.intersection(parsed.words):
        return False
    return chain.node.entry.name == "a meeting" and any(
        step.match.form.text in _SHUNNING for step in chain.steps
    )


def _is_in_a_name(parsed: Parsed, node: Match, findings: Findings) -> bool:
    """True for the conciliation of "the Conciliation Commission", a party's name."""
    start, end = parsed.tokens.starts[node.start], parsed.tokens.ends[node.end - 1]
    text = findings.sentence.text
    return text[start : start + 1].isupper() and any(
        one.role is Role.ALIAS and one.start <= start and end <= one.end for one in findings.mentions
    )


def _echoes(node: Match) -> bool:
    return node.entry.strength == "echo" or node.entry.value == "offer"

"""A candidate into a claim: what it says, on which channel, how sure, and the passage that shows it.

Confidence is the product of what speaks for a claim: mood, source, place in the text, fit of pattern and of channel.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.detection.attribution import Source
from monitor.detection.chain import Chain
from monitor.detection.discourse import Timing
from monitor.detection.evidence import Assignment
from monitor.detection.model import Grounds, Sentence, Trigger
from monitor.detection.mood import Manner
from monitor.detection.parsed import Parsed
from monitor.detection.triggers import triggers_of
from monitor.vocabulary import Attribution, Claim, ClaimKind, Mood, Position, Span

MAX_SPAN = 300
CONTRARY = {
    ClaimKind.PROPOSED: ClaimKind.REJECTED,
    ClaimKind.UNDERWAY: ClaimKind.REJECTED,
    ClaimKind.SCHEDULED: ClaimKind.REJECTED,
    ClaimKind.RESUMED: ClaimKind.REJECTED,
    ClaimKind.REJECTED: ClaimKind.PROPOSED,
}
_MOOD = {
    Mood.ASSERTED: 1.0,
    Mood.PLANNED: 0.95,
    Mood.CONDITIONAL: 0.7,
    Mood.HYPOTHETICAL: 0.6,
    Mood.DENIED: 0.6,
}
_SOURCE = {
    Attribution.PARTY: 1.0,
    Attribution.OFFICIALS: 0.97,
    Attribution.OUTLET: 0.97,
    Attribution.SOURCES: 0.9,
    Attribution.OPINION: 0.75,
}
_PLACE = {Position.HEADLINE: 1.0, Position.LEAD: 0.97, Position.BODY: 0.93}


@dataclass(frozen=True, slots=True)
class Learned:
    """What the judge adds to a candidate."""

    confidence: float
    """How often the judge is right where he is as sure as here, 0 .. 1."""
    kind: str = ""
    """The kind that he reads where the rules do not; empty where he only agrees."""
    words: tuple[tuple[int, int], ...] = ()
    """The tokens that spoke for it, (start, end) each."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A claim before its channel is known."""

    parsed: Parsed
    chain: Chain
    kind: ClaimKind
    how: Manner
    timing: Timing
    source: Source
    is_within_one_party: bool
    learned: Learned | None = None
    """None where the judge was not asked, or has no say: claims about an earlier time, conditions."""

    @property
    def fit(self) -> float:
        """How well the pattern fits and how much its mood and its source weigh, 0 .. 1."""
        return self.how.fit * _MOOD[self.how.mood] * _SOURCE[self.source.attribution]


def claim_of(
    candidate: Candidate, assignment: Assignment, kind: ClaimKind, sentence: Sentence, span: Span
) -> tuple[Claim, Grounds]:
    """The claim that a candidate makes on the assigned channel, and why; its id is left to the caller."""
    how, timing, source = candidate.how, candidate.timing, candidate.source
    by_rules = 0.95 * candidate.fit * _PLACE[sentence.position]
    confidence = (candidate.learned.confidence if candidate.learned else by_rules) * (
        0.6 + 0.4 * assignment.fit
    )
    rule = _rule(candidate) + (f"; {timing.why}" if timing.why else "")
    claim = Claim(
        id="",
        channel=assignment.channel,
        kind=kind,
        parties=assignment.parties,
        speaker=source.speaker,
        principal=source.principal,
        mood=how.mood,
        attribution=source.attribution,
        position=sentence.position,
        background=timing.background,
        when=timing.when,
        span=span,
        confidence=round(min(max(confidence, 0.3), 0.95), 3),
        rule=rule,
    )
    return claim, Grounds(_triggers(candidate, sentence), ())


def _rule(candidate: Candidate) -> str:
    rule, learned = candidate.chain.rule(), candidate.learned
    return f"learned {learned.kind} over {rule}" if learned and learned.kind else rule


def _triggers(candidate: Candidate, sentence: Sentence) -> tuple[Trigger, ...]:
    parsed, learned = candidate.parsed, candidate.learned
    triggers = triggers_of(parsed, candidate.chain, sentence)
    if not learned or not learned.kind:
        return triggers
    starts, ends = parsed.tokens.starts, parsed.tokens.ends
    words = tuple(sentence.span(starts[start], ends[end - 1]) for start, end in learned.words)
    return (Trigger(f"learned {learned.kind}", "; ".join(word.text for word in words), words), *triggers)


def clause_of(parsed: Parsed, chain: Chain) -> tuple[int, int]:
    """Tokens of the clause around a chain: up to the stops on both sides, or to where a headline turns.

    Of a relative clause, from its pronoun on.
    """
    ends = list(_clause_ends(parsed))
    start = next((i + 1 for i in reversed(ends) if i < chain.start), 0)
    end = next((i for i in ends if i >= chain.end), len(parsed.tokens))
    if chain.relative:
        opened = (i for i in range(chain.start - 1, start, -1) if parsed.word(i) in {"which", "who"})
        start = next(opened, start)
    return min(start, chain.start), max(end, chain.start + 1)


_TURNS = frozenset({"will", "wo", "while", "but", "says", "say", "vows", "vow", "insists", "insist"})


def _clause_ends(parsed: Parsed) -> Iterator[int]:
    """Where stops stand, and what joins a second verb: "rejects talks with one, will negotiate with the other"."""
    stops = parsed.lexicon.words["stop"]
    for i, word in enumerate(parsed.words):
        if (
            word in stops
            or (word == "," and parsed.word(i + 1) in _TURNS)
            or (word in {"and", "but"} and parsed.begins_with_a_verb(i + 1))
        ):
            yield i


def quote_of(sentence: Sentence, start: int) -> Span:
    """The sentence as the quote; of a long one, what begins with the clause."""
    if len(sentence.text) <= MAX_SPAN:
        return sentence.span(0, len(sentence.text))
    first = start if len(sentence.text) - start >= MAX_SPAN // 2 else max(len(sentence.text) - MAX_SPAN, 0)
    while 0 < first < start and not sentence.text[first - 1].isspace():
        first += 1
    last = min(first + MAX_SPAN, len(sentence.text))
    while last < len(sentence.text) and last > first + 1 and not sentence.text[last].isspace():
        last -= 1
    return sentence.span(first, last)

"""The way from a document to claims: sentences, talk nouns, operators, manner, time, source, channel.

Pure and deterministic: no clock, no network, nothing learned. Each candidate becomes a claim that names its rule, or is
dropped with the reason.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from monitor import __version__
from monitor.detection.attribution import Source, Voices
from monitor.detection.bind import bind
from monitor.detection.chain import Chain
from monitor.detection.channels import Assignment, ChannelContext
from monitor.detection.discourse import UNKNOWN_AGE, Discourse, Timing
from monitor.detection.lexicon import Lexicon, Match, data_hash, lexicon
from monitor.detection.model import Detection, Document, Dropped, Sentence
from monitor.detection.mood import Manner, manner
from monitor.detection.normalise import sentences
from monitor.detection.parsed import Parsed, parse
from monitor.detection.tokens import tokenise
from monitor.detection.when import TimeMention, find_times
from monitor.ids import claim_id
from monitor.log.events import Detector
from monitor.topics import Mention, Topic
from monitor.vocabulary import Attribution, Claim, ClaimKind, Mood, Position, Span, When

CODE_VERSION = 1
"""Counted up with every change of code that may change a claim; the data files count by their hash."""
DETECTOR = Detector(name="parley", version=f"{__version__}+{CODE_VERSION}.{data_hash()}")

MAX_SPAN = 300
_REACH = 2
"""A talk noun carries over to the next sentences, so far."""
_KINDS = {kind.value: kind for kind in ClaimKind}
_CONTRARY = {
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
_WEIGHT = {Position.HEADLINE: 3, Position.LEAD: 2, Position.BODY: 1}


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A claim before its channel is known."""

    parsed: Parsed
    chain: Chain
    kind: ClaimKind
    how: Manner
    timing: Timing
    source: Source
    is_within_one_party: bool


@dataclass
class _Reading:
    """A document while it is read."""

    document: Document
    topic: Topic
    article_id: str
    discourse: Discourse
    voices: Voices
    claims: list[Claim] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    seen: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    title_speaks: bool = False
    spoke_at: int = -99


def detect(document: Document, topic: Topic, article_id: str) -> Detection:
    """The claims of a document about a topic's talks. Never raises, on any text; linear in its length."""
    found, dropped = sentences(document)
    reading = _Reading(document, topic, article_id, Discourse(document), Voices(topic), dropped=dropped)
    body = [sentence.text for sentence in found if not sentence.in_title]
    context = ChannelContext(topic, document.title, body)
    words = lexicon()
    index = -1
    for number, sentence in enumerate(found):
        index += not sentence.in_title
        _read(reading, words, sentence, number, context, -1 if sentence.in_title else index)
    return Detection(tuple(reading.claims), tuple(reading.dropped), tuple(found))


def main_claim(detection: Detection, published: datetime | None) -> tuple[ClaimKind | None, float]:
    """The kind and confidence of the claim that the whole text makes at publication; (None, 0.0) where it makes none.

    Asserted or planned, not of an earlier time, no opinion, of the highest weight (position times confidence). A text
    without a publication time is taken at its word: all that is not told as past counts.
    """
    best: tuple[float, Claim] | None = None
    for claim in detection.claims:
        if claim.mood not in {Mood.ASSERTED, Mood.PLANNED} or claim.attribution is Attribution.OPINION:
            continue
        if claim.background and not (published is None and claim.rule.endswith(UNKNOWN_AGE)):
            continue
        weight = _WEIGHT[claim.position] * claim.confidence
        if best is None or weight > best[0]:
            best = weight, claim
    return (None, 0.0) if best is None else (best[1].kind, best[1].confidence)


def _read(
    reading: _Reading, words: Lexicon, sentence: Sentence, number: int, context: ChannelContext, index: int
) -> None:
    mentions = reading.voices.mentions(sentence)
    times = find_times(sentence.text, reading.discourse.published)
    parsed = parse(tokenise(sentence.text), words)
    reading.discourse.advance(parsed, sentence, times)
    candidates = list(_candidates(reading, parsed, sentence, number, times, mentions))
    reading.voices.advance(mentions)
    made: dict[tuple[str, ClaimKind, bool, bool, When], Claim] = {}
    for candidate in candidates:
        for claim in _claims(reading, candidate, sentence, context, index):
            key = (claim.channel, claim.kind, claim.carries_status, claim.background, claim.when)
            if key not in made or made[key].confidence < claim.confidence:
                made[key] = claim
    for claim in made.values():
        numbered = (claim.channel, claim.kind.value, claim.span.text)
        id_ = claim_id(reading.article_id, *numbered, reading.seen[numbered])
        reading.seen[numbered] += 1
        reading.claims.append(claim.model_copy(update={"id": id_}))


def _candidates(
    reading: _Reading,
    parsed: Parsed,
    sentence: Sentence,
    number: int,
    times: tuple[TimeMention, ...],
    mentions: tuple[Mention, ...],
) -> Iterator[_Candidate]:
    homonyms = {i for match in parsed.homonyms for i in range(match.start, match.end) if match.covers(i)}
    nodes = []
    for node in parsed.nodes:
        if homonyms.intersection(range(node.start, node.end)):
            _drop(reading, parsed, sentence, node.start, node.end, None, "another sense of the word")
        else:
            nodes.append(node)
    strong = any(node.entry.strength == "strong" for node in nodes)
    acting = any(parsed.is_a(i, "actor") for i in range(len(parsed.tokens)))
    closely = any(parsed.is_a(i, "actor") and not parsed.is_a(i, "broad") for i in range(len(parsed.tokens)))
    speaks = strong or reading.title_speaks or number - reading.spoke_at <= _REACH
    used: set[int] = set()
    # What echoes talks ("the effort") is read last: where it governs a talk noun it has been used there.
    for node in sorted(nodes, key=_echoes):
        if _echoes(node) and node.start in used:
            continue
        echoes = strong or reading.title_speaks or number - reading.spoke_at <= _REACH
        near = closely if node.entry.name == "speak to" else acting
        is_near = {"weak": speaks or near, "echo": echoes}.get(node.entry.strength, True)
        for chain in bind(parsed, node):
            used.update(step.match.start for step in chain.steps)
            if not is_near and not any(step.op == "DENY" for step in chain.steps):
                _drop(reading, parsed, sentence, node.start, node.end, None, "no word of talks nearby")
                continue
            candidate = _candidate(reading, parsed, sentence, chain, times, mentions)
            if candidate is not None:
                yield candidate
    if strong:
        reading.spoke_at = number
        reading.title_speaks = reading.title_speaks or sentence.in_title


def _echoes(node: Match) -> bool:
    return node.entry.strength == "echo" or node.entry.value == "offer"


def _candidate(
    reading: _Reading,
    parsed: Parsed,
    sentence: Sentence,
    chain: Chain,
    times: tuple[TimeMention, ...],
    mentions: tuple[Mention, ...],
) -> _Candidate | None:
    kind = chain.settled(parsed)
    if kind == "talks" and chain.negated and not chain.steps and not chain.blocked:
        kind = "rejected"
    if kind not in _KINDS:
        reason = (
            f"only a setting ({chain.adjunct})"
            if chain.adjunct
            else "nothing is said of it"
            if kind != "none"
            else "makes no claim"
        )
        _drop(reading, parsed, sentence, chain.start, chain.end, None, reason, chain.rule())
        return None
    how = manner(parsed, chain, kind)
    if how.reason:
        _drop(reading, parsed, sentence, chain.start, chain.end, kind, how.reason, chain.rule())
        return None
    timing = reading.discourse.timing(parsed, chain, how, times)
    source = reading.voices.source(parsed, chain, sentence, mentions)
    inside = (
        (chain.node.entry.strength == "weak" or chain.subordinator == "where")
        and len(mentions) > 1
        and len({one.party for one in mentions}) == 1
    )
    return _Candidate(parsed, chain, _KINDS[how.kind], how, timing, source, inside and how.kind == "underway")


def _drop(
    reading: _Reading,
    parsed: Parsed,
    sentence: Sentence,
    start: int,
    end: int,
    kind: str | None,
    reason: str,
    rule: str = "",
) -> None:
    tokens = parsed.tokens
    span = sentence.span(tokens.starts[start], tokens.ends[max(end - 1, start)])
    reading.dropped.append(Dropped(span, kind, reason, rule))


def _claims(
    reading: _Reading, candidate: _Candidate, sentence: Sentence, context: ChannelContext, index: int
) -> Iterator[Claim]:
    tokens, chain = candidate.parsed.tokens, candidate.chain
    start, end = _clause(candidate.parsed, chain)
    assignments = context.assign_all(index, tokens.starts[start], tokens.ends[end - 1])
    span = _span(sentence, tokens.starts[start])
    if not assignments:
        _drop(
            reading,
            candidate.parsed,
            sentence,
            chain.start,
            chain.end,
            candidate.kind.value,
            "speaks of no channel",
            chain.rule(),
        )
    if candidate.is_within_one_party:
        _drop(
            reading,
            candidate.parsed,
            sentence,
            chain.start,
            chain.end,
            candidate.kind.value,
            "within one party",
            chain.rule(),
        )
        return
    for assignment in assignments:
        kind = _CONTRARY.get(candidate.kind) if assignment.contrast else candidate.kind
        if kind is not None:
            yield _claim(candidate, assignment, kind, sentence, span)


def _claim(
    candidate: _Candidate, assignment: Assignment, kind: ClaimKind, sentence: Sentence, span: Span
) -> Claim:
    how, timing, source = candidate.how, candidate.timing, candidate.source
    confidence = 0.95 * _MOOD[how.mood] * _SOURCE[source.attribution] * _PLACE[sentence.position]
    confidence *= how.fit * (0.6 + 0.4 * assignment.fit)
    rule = candidate.chain.rule() + (f"; {timing.why}" if timing.why else "")
    return Claim(
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


def _clause(parsed: Parsed, chain: Chain) -> tuple[int, int]:
    """Tokens of the clause around a chain: up to the stops on both sides."""
    start = next((i + 1 for i in range(chain.start - 1, -1, -1) if parsed.is_a(i, "stop")), 0)
    end = next(
        (i for i in range(chain.end, len(parsed.tokens)) if parsed.is_a(i, "stop")), len(parsed.tokens)
    )
    return min(start, chain.start), max(end, chain.start + 1)


def _span(sentence: Sentence, start: int) -> Span:
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

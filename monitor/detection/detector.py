"""The way from a document to claims: sentences, talk nouns, operators, manner, time, source, channel.

Pure and deterministic: no clock, no network, nothing learned. Each candidate becomes a claim that names its rule, or is
dropped with the reason.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from monitor import __version__
from monitor.detection.announced import is_announced, is_coming
from monitor.detection.attribution import Voices
from monitor.detection.bind import bind
from monitor.detection.chain import Chain
from monitor.detection.channels import ChannelContext
from monitor.detection.claims import CONTRARY, Candidate, claim_of, clause_of, quote_of
from monitor.detection.discourse import UNKNOWN_AGE, Discourse
from monitor.detection.ellipsis import NO_ANTECEDENT, StandIn, TalksNamed, is_bare, says_it_of_talks
from monitor.detection.forms import Lexicon, Match
from monitor.detection.lexicon import data_hash, lexicon
from monitor.detection.model import Detection, Document, Dropped, Grounds, Sentence
from monitor.detection.mood import manner
from monitor.detection.normalise import sentences
from monitor.detection.parsed import Parsed
from monitor.detection.reading import parse
from monitor.detection.tokens import tokenise
from monitor.detection.triggers import triggers_of
from monitor.detection.when import TimeMention, find_times
from monitor.ids import claim_id
from monitor.log.events import Detector
from monitor.topics import Mention, Topic
from monitor.vocabulary import Attribution, Claim, ClaimKind, Mood, Position, When

CODE_VERSION = 8
"""Counted up with every change of code that may change a claim; the data files count by their hash."""
DETECTOR = Detector(name="parley", version=f"{__version__}+{CODE_VERSION}.{data_hash()}")

_REACH = 2
"""A talk noun carries over to the next sentences, so far."""
_KINDS = {kind.value: kind for kind in ClaimKind}
_WEIGHT = {Position.HEADLINE: 3, Position.LEAD: 2, Position.BODY: 1}


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
    grounds: dict[str, Grounds] = field(default_factory=dict)
    seen: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    talks: TalksNamed = field(default_factory=TalksNamed)
    stand_in: StandIn | None = None
    is_alone: bool = False
    """True for a text of one sentence: it has no context that could tell what it leaves out."""
    title_speaks: bool = False
    spoke_at: int = -99


def detect(document: Document, topic: Topic, article_id: str) -> Detection:
    """The claims of a document about a topic's talks. Never raises, on any text; linear in its length."""
    found, dropped = sentences(document)
    reading = _Reading(document, topic, article_id, Discourse(document), Voices(topic), dropped=dropped)
    body = [sentence.text for sentence in found if not sentence.in_title]
    reading.is_alone = len(found) == 1
    context = ChannelContext(topic, document.title, body)
    words = lexicon()
    index = -1
    for number, sentence in enumerate(found):
        index += not sentence.in_title
        _read(reading, words, sentence, number, context, -1 if sentence.in_title else index)
    return Detection(tuple(reading.claims), tuple(reading.dropped), tuple(found), reading.grounds)


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
    mentions = reading.voices.mentions(sentence) if sentence.in_title else context.named[index + 1]
    times = find_times(sentence.text, reading.discourse.published)
    parsed = _parsed(reading, words, sentence, number)
    reading.discourse.advance(parsed, sentence, times)
    candidates = list(_candidates(reading, parsed, sentence, number, times, mentions))
    reading.voices.advance(sentence, mentions, parsed)
    if reading.stand_in is None:
        reading.talks.advance(parsed, number, in_title=sentence.in_title, spoken_of=bool(candidates))
    elif candidates:
        reading.talks.carry(reading.stand_in, number)
        reading.spoke_at = number
    made: dict[tuple[str, ClaimKind, bool, bool, When], tuple[Claim, Grounds, Candidate]] = {}
    for candidate in candidates:
        for claim, grounds in _claims(reading, candidate, sentence, context, index):
            key = (claim.channel, claim.kind, claim.carries_status, claim.background, claim.when)
            told, new = made.get(key), (claim, grounds, candidate)
            if told is None:
                made[key] = new
                continue
            made[key], repeated = (new, told) if told[0].confidence < claim.confidence else (told, new)
            reason = "says again what its sentence says more surely"
            _drop(reading, parsed, sentence, repeated[2].chain, claim.kind.value, reason)
    for claim, grounds, _ in made.values():
        numbered = (claim.channel, claim.kind.value, claim.span.text)
        id_ = claim_id(reading.article_id, *numbered, reading.seen[numbered])
        reading.seen[numbered] += 1
        reading.claims.append(claim.model_copy(update={"id": id_}))
        reading.grounds[id_] = grounds


def _parsed(reading: _Reading, words: Lexicon, sentence: Sentence, number: int) -> Parsed:
    """The sentence parsed; where it names no talks, with the talks that its pronoun stands for."""
    parsed = parse(tokenise(sentence.text), words)
    reading.stand_in = None if parsed.nodes else reading.talks.stand_in(parsed, number)
    return parse(reading.stand_in.tokens, words) if reading.stand_in else parsed


def _candidates(
    reading: _Reading,
    parsed: Parsed,
    sentence: Sentence,
    number: int,
    times: tuple[TimeMention, ...],
    mentions: tuple[Mention, ...],
) -> Iterator[Candidate]:
    homonyms = {i for match in parsed.homonyms for i in range(match.start, match.end) if match.covers(i)}
    nodes = []
    for node in parsed.nodes:
        if homonyms.intersection(range(node.start, node.end)):
            alone = Chain(node, node.start, node.end, node.entry.value)
            _drop(reading, parsed, sentence, alone, None, "another sense of the word")
        else:
            nodes.append(node)
    if not nodes:
        return
    strong = any(node.entry.strength == "strong" for node in nodes)
    actors = parsed.all_of("actor")
    closely = any(not parsed.is_a(i, "broad") for i in actors)
    elsewhere = not closely and bool(parsed.all_of("elsewhere"))
    speaks = strong or reading.title_speaks or number - reading.spoke_at <= _REACH
    used: set[int] = set()
    # What echoes talks ("the effort") is read last: where it governs a talk noun it has been used there.
    for node in sorted(nodes, key=_echoes):
        if _echoes(node) and node.start in used:
            continue
        echoes = strong or reading.title_speaks or number - reading.spoke_at <= _REACH
        near = closely or len(actors) > 1 if node.entry.name in _SOCIAL else not elsewhere
        is_near = (
            echoes if node.entry.strength == "echo" else node.entry.strength not in _LEANING or speaks or near
        )
        if is_bare(parsed, node) and not (speaks or actors or reading.is_alone):
            is_near = False
        for chain in bind(parsed, node):
            if reading.stand_in is not None and not _is_meant(reading, parsed, sentence, chain):
                continue
            used.update(step.match.start for step in chain.steps)
            if not is_near and not _tells_by_itself(chain):
                _drop(reading, parsed, sentence, chain, None, "no word of talks nearby")
                continue
            candidate = _candidate(reading, parsed, sentence, number, chain, times, mentions)
            if candidate is not None:
                yield candidate
    if strong and reading.stand_in is None:
        reading.spoke_at = number
        reading.title_speaks = reading.title_speaks or sentence.in_title


def _is_meant(reading: _Reading, parsed: Parsed, sentence: Sentence, chain: Chain) -> bool:
    """True where the sentence's pronoun means the talks; what is said of talks, but of none nearby, is dropped."""
    stand_in = reading.stand_in
    if stand_in is None or not says_it_of_talks(parsed, chain, stand_in):
        return False
    if not stand_in.found:
        _drop(reading, parsed, sentence, chain, None, NO_ANTECEDENT.format(word=stand_in.word))
    return stand_in.found


def _tells_by_itself(chain: Chain) -> bool:
    """True for a weak noun with operators that are said of nothing but talks: "denied any contact"."""
    ops = {step.op for step in chain.steps}
    if chain.node.entry.name == "speak to" and chain.negated:
        return True  # who will not meet another, or says that he has not, speaks of talks
    return "DENY" in ops or (chain.node.entry.name == "reconciliation" and bool(ops & _TELLING))


_SOCIAL = frozenset({"speak to", "to meet on a day"})
"""People meet for many reasons: it takes somebody who does little else than talk, or two parties."""
_LEANING = frozenset({"weak", "deal"})
"""What is said of other things too, so that the sentence must not speak of sport, courts or markets."""
_TELLING = frozenset({"REJECT", "RESUME", "STALL", "WILLING", "REPORT"})


def _echoes(node: Match) -> bool:
    return node.entry.strength == "echo" or node.entry.value == "offer"


def _candidate(
    reading: _Reading,
    parsed: Parsed,
    sentence: Sentence,
    number: int,
    chain: Chain,
    times: tuple[TimeMention, ...],
    mentions: tuple[Mention, ...],
) -> Candidate | None:
    kind = chain.settled(parsed)
    if kind == "talks" and not chain.negated and is_announced(parsed, chain, times):
        kind = "scheduled"  # "First direct talks in Doha on Thursday"
    if kind == "underway" and is_coming(parsed, chain, times, reading.discourse.published):
        kind, chain.planned = "scheduled", True  # "Talks open in Doha on Thursday"
    if kind == "talks" and chain.negated and not chain.steps and not chain.blocked:
        # "knows of no talks" denies them; "with no talks" is but a setting.
        kind = {"": "rejected", "of": "denied"}.get(chain.adjunct, kind)
    if kind not in _KINDS:
        reason = (
            f"only a setting ({chain.adjunct})"
            if chain.adjunct
            else "nothing is said of it"
            if kind != "none"
            else "makes no claim"
        )
        _drop(reading, parsed, sentence, chain, None, reason)
        return None
    how = manner(parsed, chain, kind)
    if how.reason:
        _drop(reading, parsed, sentence, chain, kind, how.reason)
        return None
    timing = reading.discourse.timing(parsed, chain, how, times)
    talks_near = reading.talks.are_near(number)
    source = reading.voices.source(parsed, chain, sentence, mentions, talks_near=talks_near)
    inside = (
        (chain.node.entry.strength == "weak" or chain.subordinator == "where")
        and len(mentions) > 1
        and len({one.party for one in mentions}) == 1
    )
    return Candidate(parsed, chain, _KINDS[how.kind], how, timing, source, inside and how.kind == "underway")


def _drop(
    reading: _Reading, parsed: Parsed, sentence: Sentence, chain: Chain, kind: str | None, reason: str
) -> None:
    tokens = parsed.tokens
    span = sentence.span(tokens.starts[chain.start], tokens.ends[max(chain.end - 1, chain.start)])
    triggers = triggers_of(parsed, chain, sentence)
    reading.dropped.append(Dropped(span, kind, reason, chain.rule(), triggers))


def _claims(
    reading: _Reading, candidate: Candidate, sentence: Sentence, context: ChannelContext, index: int
) -> Iterator[tuple[Claim, Grounds]]:
    parsed, chain = candidate.parsed, candidate.chain
    start, end = clause_of(parsed, chain)
    assignments = context.assign_all(index, parsed.tokens.starts[start], parsed.tokens.ends[end - 1])
    if not assignments or candidate.is_within_one_party:
        word = candidate.source.unresolved
        reason = NO_ANTECEDENT.format(word=word) if word else "speaks of no channel"
        reason = "within one party" if assignments else reason
        _drop(reading, parsed, sentence, chain, candidate.kind.value, reason)
        return
    span = quote_of(sentence, parsed.tokens.starts[start])
    for assignment in assignments:
        if candidate.source.unresolved and assignment.how in {"context", "headline"}:
            reason = NO_ANTECEDENT.format(word=candidate.source.unresolved)
            _drop(reading, parsed, sentence, chain, candidate.kind.value, reason)
            continue
        kind = CONTRARY.get(candidate.kind) if assignment.contrast else candidate.kind
        if kind is not None:
            yield claim_of(candidate, assignment, kind, sentence, span)
        else:
            reason = f"its contrary on {assignment.channel} is no claim"
            _drop(reading, parsed, sentence, chain, candidate.kind.value, reason)

"""The way from a document to claims: sentences, what the rules find in each, what was learned makes of it, channels.

Pure and deterministic: no clock, no network. Each candidate becomes a claim that names its rule, or is dropped with
the reason.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import repeat, zip_longest

from monitor import __version__
from monitor.detection.attribution import Voices
from monitor.detection.chain import Chain
from monitor.detection.channels import ChannelContext
from monitor.detection.claims import CONTRARY, Candidate, claim_of, clause_of, quote_of
from monitor.detection.denials import corrects
from monitor.detection.discourse import UNKNOWN_AGE, Discourse
from monitor.detection.ellipsis import NO_ANTECEDENT
from monitor.detection.encoder import encoder_of_this_release
from monitor.detection.evidence import Assignment
from monitor.detection.findings import Finder, Findings, Seen
from monitor.detection.judge import judge_of_this_release
from monitor.detection.lexicon import data_hash, lexicon
from monitor.detection.model import Detection, Document, Dropped, Grounds, Sentence
from monitor.detection.normalise import sentences
from monitor.detection.parsed import Parsed
from monitor.detection.triggers import triggers_of
from monitor.detection.verdict import Bench, Looked, settle
from monitor.ids import claim_id
from monitor.log.events import Detector
from monitor.topics import Topic
from monitor.vocabulary import Attribution, Claim, ClaimKind, Mood, Position, When

CODE_VERSION = 21
"""Counted up with every change of code that may change a claim; the data files count by their hash."""
DETECTOR = Detector(name="parley", version=f"{__version__}+{CODE_VERSION}.{data_hash()}")

SPEAKS_OF_NONE = "speaks of no channel"
_AT_ONCE = 100
"""So many sentences are read together: one step for many is faster than many steps for one, but all are held."""
_WEIGHT = {Position.HEADLINE: 3, Position.LEAD: 2, Position.BODY: 1}


@dataclass
class _Reading:
    """A document while it is read."""

    article_id: str
    context: ChannelContext
    finder: Finder
    bench: Bench | None
    titles: int
    """So many sentences are the title's."""
    claims: list[Claim] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    grounds: dict[str, Grounds] = field(default_factory=dict)
    seen: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    denies_deal: bool = False
    """The headline says that there is none."""


def detect(document: Document, topic: Topic, article_id: str, *, by_rules_alone: bool = False) -> Detection:
    """The claims of a document about a topic's talks. Never raises, on any text; linear in its length.

    `by_rules_alone` leaves out what was learned from labelled sentences: for testing the rules, and for learning.
    """
    found, dropped = sentences(document)
    body = [sentence.text for sentence in found if not sentence.in_title]
    context = ChannelContext(topic, document.title, body)
    voices = Voices(topic, context.certain)
    reading = _Reading(
        article_id,
        context,
        Finder(Discourse(document), voices, lexicon(), is_alone=len(found) == 1),
        None if by_rules_alone else Bench(judge_of_this_release(), encoder_of_this_release),
        len(found) - len(body),
        dropped=dropped,
    )
    for first in range(0, len(found), _AT_ONCE):
        following = found[first + _AT_ONCE : first + _AT_ONCE + 1]
        _read(reading, found[first : first + _AT_ONCE], first, following)
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
    reading: _Reading, sentences: Sequence[Sentence], first: int, following: Sequence[Sentence]
) -> None:
    """Reads the `first`th sentence and those after it; `following` is the one behind them, where there is one."""
    finder, bench = reading.finder, reading.bench
    seen = finder.look_at(sentences, first)
    looked = bench.look_at(seen, is_alone=finder.is_alone) if bench else repeat(None)
    told = [_settled(reading, one, known) for one, known in zip(seen, looked, strict=False)]
    for findings, after in zip_longest(told, (*sentences[1:], *following)):
        _tell(reading, findings, is_corrected=after is not None and corrects(after.text))


def _settled(reading: _Reading, seen: Seen, looked: Looked | None) -> Findings:
    """What the sentence tells; those before it were read."""
    finder, sentence = reading.finder, seen.sentence
    named = (
        finder.voices.mentions(sentence)
        if sentence.in_title
        else reading.context.named[_index(reading, seen) + 1]
    )
    read = finder.find(seen, named)
    findings = read
    if reading.bench and looked:
        index = _index(reading, seen)
        findings = settle(reading.bench, read, finder, looked, lambda one: _channels(reading, one, index))
    finder.advance(read)
    return findings


def _index(reading: _Reading, one: Seen | Findings) -> int:
    """The place of the sentence in the text, -1 for all of the title."""
    return max(one.number - reading.titles, -1)


def _tell(reading: _Reading, findings: Findings, *, is_corrected: bool) -> None:
    """Claims from what was found in a sentence, or the reasons why it makes none; none where the next corrects it."""
    sentence, index = findings.sentence, _index(reading, findings)
    parsed = findings.parsed
    for refused in findings.refused:
        _drop(reading, parsed, sentence, refused.chain, refused.kind, refused.reason)
        reading.denies_deal |= sentence.in_title and _is_no_deal(refused.chain)
    made: dict[tuple[str, ClaimKind, bool, bool, When], tuple[Claim, Grounds, Candidate]] = {}
    for candidate in findings.candidates:
        if is_corrected:
            reason = "the next sentence corrects it"
            _drop(reading, parsed, sentence, candidate.chain, candidate.kind.value, reason)
            continue
        for claim, grounds in _claims(reading, candidate, sentence, index):
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


def _is_no_deal(chain: Chain) -> bool:
    """True for "no deal yet"."""
    return chain.negated and not chain.steps and chain.node.entry.name == "a deal"


def _is_hearsay(candidate: Candidate) -> bool:
    """True where nobody known says that it is so now."""
    source = candidate.source
    return not candidate.timing.background and source.attribution in {Attribution.OUTLET, Attribution.SOURCES}


def _assigned(reading: _Reading, candidate: Candidate, index: int) -> tuple[Assignment, ...]:
    """The channels of which the candidate's clause speaks."""
    start, end = clause_of(candidate.parsed, candidate.chain)
    tokens = candidate.parsed.tokens
    at = tokens.starts[min(candidate.chain.start, len(tokens) - 1)]
    return reading.context.assign_all(index, tokens.starts[start], tokens.ends[end - 1], at)


def _channels(reading: _Reading, candidate: Candidate, index: int) -> frozenset[str]:
    return frozenset(one.channel for one in _assigned(reading, candidate, index))


def _drop(
    reading: _Reading, parsed: Parsed, sentence: Sentence, chain: Chain, kind: str | None, reason: str
) -> None:
    tokens = parsed.tokens
    span = sentence.span(tokens.starts[chain.start], tokens.ends[max(chain.end - 1, chain.start)])
    triggers = triggers_of(parsed, chain, sentence)
    reading.dropped.append(Dropped(span, kind, reason, chain.rule(), triggers))


def _claims(
    reading: _Reading, candidate: Candidate, sentence: Sentence, index: int
) -> Iterator[tuple[Claim, Grounds]]:
    parsed, chain = candidate.parsed, candidate.chain
    assignments = _assigned(reading, candidate, index)
    if not assignments or candidate.is_within_one_party:
        word = candidate.source.unresolved
        reason = NO_ANTECEDENT.format(word=word) if word else SPEAKS_OF_NONE
        reason = "within one party" if assignments else reason
        _drop(reading, parsed, sentence, chain, candidate.kind.value, reason)
        return
    span = quote_of(sentence, parsed.tokens.starts[clause_of(parsed, chain)[0]])
    for assignment in assignments:
        if candidate.source.unresolved and assignment.how in {"context", "headline", "text"}:
            reason = NO_ANTECEDENT.format(word=candidate.source.unresolved)
            _drop(reading, parsed, sentence, chain, candidate.kind.value, reason)
            continue
        if chain.node.entry.name == "a meeting" and assignment.how == "text":
            _drop(reading, parsed, sentence, chain, candidate.kind.value, SPEAKS_OF_NONE)
            continue  # anybody's conference, in a text that comes to the topic's talks elsewhere
        kind = CONTRARY.get(candidate.kind) if assignment.contrast else candidate.kind
        if kind is ClaimKind.AGREEMENT and reading.denies_deal and _is_hearsay(candidate):
            _drop(reading, parsed, sentence, chain, kind.value, "the headline says that there is none")
        elif kind is not None:
            yield claim_of(candidate, assignment, kind, sentence, span)
        else:
            reason = f"its contrary on {assignment.channel} is no claim"
            _drop(reading, parsed, sentence, chain, candidate.kind.value, reason)

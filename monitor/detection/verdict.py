"""What was learned has its word on what the rules found: what stands, what is read otherwise, what is no claim now.

The rules say how the words hang together; the judge has seen thousands of sentences and says what such a one means.
Where they differ about the day of publication, the judge decides, for he knows what the rules said. What the rules set
in an earlier time by a date stays there. In an article, which they have read from its beginning, he must be surer than
about a lone sentence, and a sentence that names no talks is theirs alone. Before a lone sentence is decided the encoder
is heard too; in articles it has changed nothing that was told of whole streams, and takes ten milliseconds a sentence.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from monitor.detection.chain import Chain
from monitor.detection.claims import Candidate, Learned
from monitor.detection.discourse import UNKNOWN_AGE
from monitor.detection.encoder import Encoder
from monitor.detection.findings import ANOTHER_SENSE, TOLD_BY_CONTEXT, Finder, Findings, Refused, Seen
from monitor.detection.forms import Entry, Form, Match
from monitor.detection.judge import Judge, Judgement
from monitor.detection.known import Numbers
from monitor.detection.labelled import NONE
from monitor.detection.mood import Manner
from monitor.detection.parsed import Parsed
from monitor.detection.signs import Rows, is_present, read_by_rules, rows_of, shown
from monitor.vocabulary import Attribution, ClaimKind, Mood

_DOUBT, _DOUBT_IN_ARTICLES = 1.1, 0.3
"""How much commoner (as logarithm) than among the labelled sentences are those that say nothing of where talks stand:
the labelled ones were chosen because they say something, or nearly. In an article the rules share the doubt."""
_HEARD = 0.6
"""The encoder's part of what both say."""
_ADDS, _OVERRULES, _SILENCES = 0.9, 0.95, 0.985
"""So sure must the judge be in an article: to claim what the rules do not, to read otherwise than they, to take a claim
of theirs for none. In a long sentence it may stand in a clause that the whole does not show."""
_TOO = 0.25
"""So likely must another kind be to stand beside the likeliest in one sentence."""
_UNNAMED = Entry("noun", "what the words say", frozenset(), False, frozenset(), "echo", "talks", "HOLD", ())
_UNNAMED_FORM = Form(_UNNAMED, (), "learned", False, True, None, frozenset())
_FIXED = frozenset({"an old date", "past perfect, dated"})
_SHOWN = 3


Looked = tuple[Rows, Numbers]
"""The rows of a sentence, and the places of the known signs in them."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Who decides: the judge, and of lone sentences the encoder too, loaded when first asked (None: there is none)."""

    judge: Judge
    encoder: Callable[[], Encoder] | None = None

    def look_at(self, seen: Sequence[Seen], *, is_alone: bool) -> Iterator[Looked | None]:
        """What the judge is to know of each sentence by itself; None where he is not asked."""
        asked = [one.plain for one in seen if is_alone or one.plain.nodes]
        rows = [rows_of(plain) for plain in asked]
        looked = zip(rows, self.judge.in_rows(rows) if rows else (), strict=True)
        return (next(looked) if is_alone or one.plain.nodes else None for one in seen)

    def weigh(self, findings: Findings, looked: Looked, *, is_alone: bool) -> Judgement:
        """How likely each label is: by the judge, for a lone sentence by both."""
        doubt = _DOUBT if is_alone else _DOUBT_IN_ARTICLES
        rows, known = looked
        judged = self.judge.weigh(shown(findings, rows), doubt, known)
        if self.encoder is None or not is_alone:
            return judged
        encoder = self.encoder()
        both = pooled(judged.likely, encoder.weigh(findings.sentence.text))
        return replace(judged, likely=both, reliability=encoder.reliability)


def pooled(counted: Mapping[str, float], heard: Mapping[str, float]) -> dict[str, float]:
    """What judge and encoder say together: the weighted geometric mean of their likelihoods, adding up to one."""
    both = {label: counted[label] ** (1 - _HEARD) * heard[label] ** _HEARD for label in counted}
    whole = sum(both.values())
    return {label: share / whole for label, share in both.items()}


Channels = Callable[[Candidate], frozenset[str]]
"""Tells of which channels a candidate speaks."""


def settle(
    bench: Bench, findings: Findings, finder: Finder, looked: Looked, channels_of: Channels
) -> Findings:
    """The findings as the bench lets them stand; `looked` is what it saw in the sentence by itself."""
    if any(one.reason in TOLD_BY_CONTEXT for one in findings.refused) and not findings.candidates:
        return findings  # the judge has read neither the topic nor what was told before
    judgement = bench.weigh(findings, looked, is_alone=finder.is_alone)
    best = judgement.best
    if not finder.is_alone and judgement.share(best) < _needed(best, read_by_rules(findings)):
        return findings
    kept: list[Candidate] = []
    refused = list(findings.refused)
    heard = _heard(best, findings, channels_of) if len(findings.candidates) > 1 else frozenset()
    for candidate in findings.candidates:
        likely = judgement.share(candidate.kind.value)
        if heard and heard.isdisjoint(channels_of(candidate)):
            # The judge names one kind for a sentence, and has found it told: of another channel.
            kept.append(candidate)
        elif is_present(candidate) and (best == NONE or likely < _TOO):
            reason = "reads as no claim about now" if best == NONE else f"reads as {best}"
            refused.append(Refused(candidate.chain, candidate.kind.value, reason))
        elif is_present(candidate) and finder.is_alone:
            kept.append(replace(candidate, learned=Learned(judgement.confidence(candidate.kind.value))))
        else:
            kept.append(candidate)
    said = any(_says(one, best) and (is_present(one) or not finder.is_alone) for one in kept)
    told = None if best == NONE or said else _told(bench.judge, judgement, findings, finder)
    if told is not None:
        kept = [*(one for one in kept if one.chain is not told.chain), told]
        refused = [one for one in refused if one.chain is not told.chain]
    return replace(findings, candidates=tuple(kept), refused=tuple(refused))


def _says(candidate: Candidate, best: str) -> bool:
    """True where the candidate is what the judge reads; who denies that talks are off denies, but not the talks."""
    return candidate.kind.value == best or (best == ClaimKind.DENIED and candidate.how.mood is Mood.DENIED)


def _heard(best: str, findings: Findings, channels_of: Channels) -> frozenset[str]:
    """The channels of which the rules tell what the judge reads."""
    agreed = (one for one in findings.candidates if one.kind.value == best and is_present(one))
    return frozenset[str]().union(*map(channels_of, agreed))


def _needed(best: str, by_rules: str) -> float:
    """How sure the judge must be of a label in an article, given the rules' one."""
    if best == NONE:
        return _SILENCES
    return _ADDS if by_rules == NONE else _OVERRULES


def _told(judge: Judge, judgement: Judgement, findings: Findings, finder: Finder) -> Candidate | None:
    """The candidate that says what the judge reads: on the chain that comes nearest to it, else on the words alone."""
    parsed, kind = findings.parsed, ClaimKind(judgement.best)
    at = _places(parsed, judge, judgement)
    chain = _nearest(findings, kind) or _alone(at or ((0, len(parsed.words)),))
    mood = Mood.PLANNED if kind is ClaimKind.SCHEDULED else Mood.ASSERTED
    how = Manner(mood, kind.value, 0.9)
    timing = finder.discourse.timing(parsed, chain, how, findings.times)
    if timing.background and timing.why != UNKNOWN_AGE:
        if timing.why in _FIXED or not finder.is_alone:
            return None
        timing = finder.discourse.now()
    source = finder.source(findings, chain)
    if source.attribution is Attribution.OPINION:
        source = replace(source, attribution=Attribution.OUTLET)
    learned = Learned(judgement.confidence(kind.value), kind.value, at)
    return Candidate(parsed, chain, kind, how, timing, source, False, learned)


def _nearest(findings: Findings, kind: ClaimKind) -> Chain | None:
    """The chain of a candidate or of what was refused: of that kind if there is one, else the rules' first."""
    chains = [(one.kind.value, one.chain) for one in findings.candidates]
    chains += [(one.kind or "", one.chain) for one in findings.refused if one.reason != ANOTHER_SENSE]
    same = next((chain for named, chain in chains if named == kind.value), None)
    return same or next((chain for _, chain in chains), None)


def _places(parsed: Parsed, judge: Judge, judgement: Judgement) -> tuple[tuple[int, int], ...]:
    """The tokens of the words that spoke loudest for the kind, against none: (start, end) each, in their order."""
    found: list[tuple[int, int]] = []
    for sign, _ in judge.telling(judgement, judgement.best, NONE):
        at = _find(parsed, sign.removeprefix("w ").split(" ")) if sign.startswith("w ") else None
        if at is None or all(parsed.words[i] in parsed.lexicon.kinds for i in range(*at)):
            continue  # small words alone tell a reader nothing
        if not any(at[0] < end and start < at[1] for start, end in found):
            found.append(at)
            if len(found) == _SHOWN:
                break
    return tuple(sorted(found))


def _find(parsed: Parsed, words: Sequence[str]) -> tuple[int, int] | None:
    """Where the words stand in the sentence; folded ones ("<day>") stand nowhere."""
    size = len(words)
    wanted = tuple(words)
    return next(
        ((i, i + size) for i in range(len(parsed.words) - size + 1) if parsed.words[i : i + size] == wanted),
        None,
    )


def _alone(at: tuple[tuple[int, int], ...]) -> Chain:
    """A chain without a talk noun: the words themselves say it."""
    start, end = at[0]
    return Chain(Match(_UNNAMED_FORM, _UNNAMED, start, end, "", None, end - start), start, end, "talks")

"""Why and why not: a detection told sentence by sentence, each candidate with its operators, their words, its verdict.

Pure. The command prints this structure, and its JSON is what any other screen shows.
"""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

from monitor.detection.model import Detection, Dropped, Sentence, Trigger
from monitor.vocabulary import Claim, Span


@dataclass(frozen=True, slots=True)
class Considered:
    """A candidate and what came of it: a claim, or (`claim` is None) the `reason` that dropped it.

    `operators` stand outermost first. `kind` is None where a dropped candidate did not get so far as to say something.
    """

    span: Span
    kind: str | None
    rule: str
    operators: tuple[Trigger, ...]
    talk_noun: Trigger
    reason: str | None = None
    claim: Claim | None = None
    features: tuple[tuple[str, float], ...] = ()

    @property
    def is_accepted(self) -> bool:
        """True when it became a claim."""
        return self.claim is not None

    @property
    def triggers(self) -> tuple[Trigger, ...]:
        """The operators and the talk noun."""
        return (*self.operators, self.talk_noun)

    def to_json(self) -> dict[str, Any]:
        """Plain values; what only a claim has is null for what was dropped."""
        claim = self.claim.model_dump(mode="json") if self.claim else {}
        return {
            "verdict": "accepted" if self.is_accepted else "dropped",
            "kind": self.kind,
            "reason": self.reason,
            "rule": self.rule,
            "operators": [_trigger(one) for one in self.operators],
            "talk_noun": _trigger(self.talk_noun),
            "span": self.span.model_dump(),
            "claim": claim.get("id"),
            **{key: claim.get(key) for key in _OF_THE_CLAIM},
            "features": dict(self.features),
        }


_OF_THE_CLAIM = (
    "channel",
    "mood",
    "attribution",
    "speaker",
    "principal",
    "when",
    "background",
    "confidence",
)


@dataclass(frozen=True, slots=True)
class Explained:
    """A sentence and its candidates, in the order of their talk nouns; most sentences have none."""

    sentence: Sentence
    candidates: tuple[Considered, ...]

    def to_json(self) -> dict[str, Any]:
        """The sentence as a span, its place in the article, and its candidates."""
        sentence = self.sentence
        return {
            **sentence.span(0, len(sentence.text)).model_dump(),
            "position": sentence.position.value,
            "candidates": [one.to_json() for one in self.candidates],
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """Every sentence that was read, in order, and the passages that were not."""

    sentences: tuple[Explained, ...]
    passed_over: tuple[Dropped, ...]

    def to_json(self) -> dict[str, Any]:
        """`{sentences: [...], passed_over: [{span, reason}]}`; offsets are code points, as in every span."""
        return {
            "sentences": [one.to_json() for one in self.sentences],
            "passed_over": [
                {"span": one.span.model_dump(), "reason": one.reason} for one in self.passed_over
            ],
        }


def explain(detection: Detection) -> Explanation:
    """The detection, told by sentence."""
    starts = [(not one.in_title, one.start) for one in detection.sentences]
    candidates: list[list[Considered]] = [[] for _ in starts]
    passed_over = []
    for claim in detection.claims:
        candidates[_index(starts, claim.span)].append(_accepted(detection, claim))
    for dropped in detection.dropped:
        if dropped.triggers:
            candidates[_index(starts, dropped.span)].append(_dropped(dropped))
        else:
            passed_over.append(dropped)
    told = (
        Explained(sentence, tuple(sorted(some, key=_place)))
        for sentence, some in zip(detection.sentences, candidates, strict=True)
    )
    return Explanation(tuple(told), tuple(passed_over))


def _index(starts: list[tuple[bool, int]], span: Span) -> int:
    """Which sentence a span within one begins in."""
    return bisect_right(starts, (not span.in_title, span.start)) - 1


def _accepted(detection: Detection, claim: Claim) -> Considered:
    grounds = detection.grounds[claim.id]
    *operators, noun = grounds.triggers
    return Considered(
        span=claim.span,
        kind=claim.kind.value,
        rule=claim.rule,
        operators=tuple(operators),
        talk_noun=noun,
        claim=claim,
        features=grounds.features,
    )


def _dropped(dropped: Dropped) -> Considered:
    *operators, noun = dropped.triggers
    return Considered(
        span=dropped.span,
        kind=dropped.kind,
        rule=dropped.rule,
        operators=tuple(operators),
        talk_noun=noun,
        reason=dropped.reason,
    )


def _place(candidate: Considered) -> int:
    return min((word.start for word in candidate.talk_noun.words), default=candidate.span.start)


def _trigger(trigger: Trigger) -> dict[str, Any]:
    return {
        "name": trigger.name,
        "form": trigger.form,
        "negated": trigger.negated,
        "tense": trigger.tense,
        "words": [word.model_dump() for word in trigger.words],
    }

"""How well detection does on labelled texts: every text is read, and what is not the label is explained."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from monitor.detection.detector import detect, main_claim
from monitor.detection.explain import explain
from monitor.detection.labelled import NONE, Answer, Item
from monitor.detection.model import Detection
from monitor.detection.report import Report
from monitor.topics import Topic
from monitor.vocabulary import ClaimKind, Mood


def evaluate(
    items: Iterable[Item],
    topic: Topic,
    *,
    timer: Callable[[], float] | None = None,
    passed: Callable[[], None] = lambda: None,
    by_rules_alone: bool = False,
) -> Report:
    """Reads every text and compares.

    Args:
        items: the labelled texts.
        topic: whose talks are looked for; `any` finds anyone's.
        timer: gives seconds, where the speed is wanted; only detection is timed.
        passed: called after each text.
        by_rules_alone: as in `detect`.
    """
    answers, seconds = [], 0.0
    for item in items:
        begun = timer() if timer else 0.0
        found = detect(item.document, topic, item.id, by_rules_alone=by_rules_alone)
        kind, confidence = main_claim(found, item.document.published)
        seconds += timer() - begun if timer else 0.0
        answer = Answer(item, kind.value if kind else NONE, confidence, _rule(found, kind, confidence))
        answers.append(answer if answer.is_strict else replace(answer, explanation=explain(found)))
        passed()
    return Report(tuple(answers), seconds if timer else None)


def _rule(found: Detection, kind: ClaimKind | None, confidence: float) -> str:
    """The rule of the claim that speaks for the text."""
    spoke = (
        claim.rule
        for claim in found.claims
        if claim.kind is kind
        and claim.confidence == confidence
        and claim.mood in {Mood.ASSERTED, Mood.PLANNED}
    )
    return next(spoke, "")

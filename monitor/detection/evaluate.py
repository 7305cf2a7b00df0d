"""How well detection does on labelled texts: accuracy, status F1, inversions, false alarms, kinds, calibration, speed.

Strict: the answer is the label. Lenient: or one of `also`. Status F1: none against not none. Inversion: the answer is
on the other side (talking against not talking) and not in `also`. False alarm: an answer where the label is none.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from monitor.detection.detector import detect, main_claim
from monitor.detection.model import Document
from monitor.topics import Topic
from monitor.vocabulary import ClaimKind

NONE = "none"
LABELS = (*(kind.value for kind in ClaimKind), NONE)
_OPEN = frozenset(kind.value for kind in ClaimKind if kind.is_open)
_BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)


@dataclass(frozen=True, slots=True)
class Item:
    """A labelled text."""

    id: str
    document: Document
    label: str
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for label in (self.label, *self.also):
            if label not in LABELS:
                raise ValueError(f"label {label!r} is none of {', '.join(LABELS)}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What detection said of a labelled text."""

    item: Item
    kind: str
    confidence: float

    @property
    def is_strict(self) -> bool:
        """True when the answer is the label."""
        return self.kind == self.item.label

    @property
    def is_lenient(self) -> bool:
        """True when a fair reader accepts the answer."""
        return self.is_strict or self.kind in self.item.also

    @property
    def is_inversion(self) -> bool:
        """True when the answer says yes for no or no for yes."""
        if NONE in (self.kind, self.item.label) or self.kind in self.item.also:
            return False
        return (self.kind in _OPEN) != (self.item.label in _OPEN)

    @property
    def is_false_alarm(self) -> bool:
        """True when there was nothing to say."""
        return self.item.label == NONE != self.kind


@dataclass(frozen=True, slots=True)
class Report:
    """All answers, and the seconds that they took (None: not measured)."""

    answers: tuple[Answer, ...]
    seconds: float | None = None

    @property
    def strict(self) -> float:
        """Share of answers equal to the label."""
        return _share(answer.is_strict for answer in self.answers)

    @property
    def lenient(self) -> float:
        """Share of answers that a fair reader accepts."""
        return _share(answer.is_lenient for answer in self.answers)

    @property
    def inversions(self) -> float:
        """Share of all texts turned round."""
        return _share(answer.is_inversion for answer in self.answers)

    @property
    def false_alarms(self) -> float:
        """Share of the texts labelled none that got an answer."""
        return _share(answer.is_false_alarm for answer in self.answers if answer.item.label == NONE)

    @property
    def status_f1(self) -> float:
        """F1 of saying something where there is something to say."""
        said = {id(answer) for answer in self.answers if answer.kind != NONE}
        true = {id(answer) for answer in self.answers if answer.item.label != NONE}
        return _f1(len(said & true), len(said), len(true))

    def kinds(self) -> dict[str, dict[str, float]]:
        """Precision, recall, F1 and number of texts of each label."""
        found = {}
        for label in LABELS:
            said = sum(answer.kind == label for answer in self.answers)
            true = sum(answer.item.label == label for answer in self.answers)
            both = sum(answer.kind == label == answer.item.label for answer in self.answers)
            found[label] = {
                "precision": round(both / said, 4) if said else 0.0,
                "recall": round(both / true, 4) if true else 0.0,
                "f1": round(_f1(both, said, true), 4),
                "count": true,
            }
        return found

    def confusion(self) -> dict[str, dict[str, int]]:
        """Label -> answer -> number of texts, without the zeros."""
        counts: dict[str, Counter[str]] = {}
        for answer in self.answers:
            counts.setdefault(answer.item.label, Counter())[answer.kind] += 1
        return {label: dict(sorted(counts[label].items())) for label in LABELS if label in counts}

    def calibration(self) -> list[dict[str, float]]:
        """Per bin of confidence: mean confidence, share right (leniently), number of answers."""
        found = []
        for low, high in itertools.pairwise(_BINS):
            inside = [one for one in self.answers if one.kind != NONE and low <= one.confidence < high]
            if inside:
                mean = sum(answer.confidence for answer in inside) / len(inside)
                right = _share(answer.is_lenient for answer in inside)
                found.append(
                    {"from": low, "confidence": round(mean, 3), "right": right, "count": len(inside)}
                )
        return found

    def to_json(self) -> dict[str, Any]:
        """The report as one document."""
        speed = len(self.answers) / self.seconds if self.seconds else None
        return {
            "texts": len(self.answers),
            "strict": self.strict,
            "lenient": self.lenient,
            "status_f1": round(self.status_f1, 4),
            "inversions": self.inversions,
            "false_alarms": self.false_alarms,
            "texts_per_second": round(speed, 1) if speed else None,
            "kinds": self.kinds(),
            "confusion": self.confusion(),
            "calibration": self.calibration(),
        }


def evaluate(items: Iterable[Item], topic: Topic, *, timer: Callable[[], float] | None = None) -> Report:
    """Reads every text and compares; `timer` gives seconds, where the speed is wanted."""
    chosen = tuple(items)
    begun = timer() if timer else 0.0
    answers = []
    for item in chosen:
        kind, confidence = main_claim(detect(item.document, topic, item.id), item.document.published)
        answers.append(Answer(item, kind.value if kind else NONE, confidence))
    return Report(tuple(answers), timer() - begun if timer else None)


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return round(sum(counted) / len(counted), 4) if counted else 0.0


def _f1(both: int, said: int, true: int) -> float:
    return 2 * both / (said + true) if said + true else 0.0

"""The scores of a set of answers: accuracy, status F1, inversions, false alarms, kinds, slices, reliability, speed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from monitor.detection.labelled import LABELS, NONE, Answer
from monitor.detection.reliability import calibration_error, reliability

WORST = 5
"""So many of the worst confident errors are shown."""


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
        """F1 of saying something where there is something to say (none against not none)."""
        said = {id(answer) for answer in self.answers if answer.kind != NONE}
        true = {id(answer) for answer in self.answers if answer.item.label != NONE}
        return round(_f1(len(said & true), len(said), len(true)), 4)

    @property
    def errors(self) -> list[Answer]:
        """The answers that are not the label, in the order of the texts; those a fair reader accepts among them."""
        return [answer for answer in self.answers if not answer.is_strict]

    def summary(self) -> dict[str, float]:
        """The figures that stand for any set of answers."""
        return {
            "texts": len(self.answers),
            "strict": self.strict,
            "lenient": self.lenient,
            "status_f1": self.status_f1,
            "inversions": self.inversions,
            "false_alarms": self.false_alarms,
        }

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

    def slices(self) -> dict[str, dict[str, float | None]]:
        """Tag -> the summary of the texts that have it, the commonest tag first.

        Status F1 is None where all labels are none, false alarms where none is.
        """
        tagged: dict[str, list[Answer]] = {}
        for answer in self.answers:
            for tag in dict.fromkeys(answer.item.tags):
                tagged.setdefault(tag, []).append(answer)
        ordered = sorted(tagged.items(), key=lambda pair: (-len(pair[1]), pair[0]))
        return {tag: _slice(Report(tuple(some))) for tag, some in ordered}

    def confusion(self) -> dict[str, dict[str, int]]:
        """Label -> answer -> number of texts, without the zeros."""
        counts: dict[str, Counter[str]] = {}
        for answer in self.answers:
            counts.setdefault(answer.item.label, Counter())[answer.kind] += 1
        return {label: dict(sorted(counts[label].items())) for label in LABELS if label in counts}

    def calibration(self) -> list[dict[str, float]]:
        """The reliability table: per bin of confidence the mean confidence, the share right, the number of answers."""
        return reliability(self._said())

    @property
    def calibration_error(self) -> float | None:
        """The expected calibration error of the answers other than none; None where there are none."""
        found = calibration_error(self._said())
        return None if found is None else round(found, 4)

    def worst(self, count: int = WORST) -> list[Answer]:
        """The errors that were said most confidently, inversions first among equals."""
        wrong = [answer for answer in self.answers if answer.kind != NONE and not answer.is_lenient]
        return sorted(wrong, key=lambda one: (-one.confidence, not one.is_inversion))[:count]

    def misses(self, count: int = WORST) -> list[Answer]:
        """The first texts on which nothing was said where there was something to say."""
        return [answer for answer in self.answers if answer.kind == NONE and not answer.is_lenient][:count]

    def to_json(self, worst: int = WORST) -> dict[str, Any]:
        """The report as one document, with so many of the worst confident errors and after them as many misses."""
        speed = len(self.answers) / self.seconds if self.seconds else None
        return {
            **self.summary(),
            "texts_per_second": round(speed, 1) if speed else None,
            "calibration_error": self.calibration_error,
            "calibration": self.calibration(),
            "kinds": self.kinds(),
            "slices": self.slices(),
            "confusion": self.confusion(),
            "worst": [answer.to_json() for answer in (*self.worst(worst), *self.misses(worst))],
        }

    def _said(self) -> list[tuple[float, bool]]:
        return [(answer.confidence, answer.is_lenient) for answer in self.answers if answer.kind != NONE]


def _slice(report: Report) -> dict[str, float | None]:
    is_none = {answer.item.label == NONE for answer in report.answers}
    summary: dict[str, float | None] = {**report.summary()}
    return (
        summary
        | ({} if False in is_none else {"status_f1": None})
        | ({} if True in is_none else {"false_alarms": None})
    )


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return round(sum(counted) / len(counted), 4) if counted else 0.0


def _f1(both: int, said: int, true: int) -> float:
    return 2 * both / (said + true) if said + true else 0.0

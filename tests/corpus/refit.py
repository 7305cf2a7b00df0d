"""Learns the judge's weights anew from the labelled sentences: `make refit` (some minutes).

Writes monitor/detection/learned.json, and what cross-validation says of it into crossed.toml. Each fold is asked about
files of which it has learned nothing: every file has its own writer, so that no fold knows the hand that it reads.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from monitor.detection import Item
from monitor.detection.attribution import Voices
from monitor.detection.discourse import Discourse
from monitor.detection.findings import Finder
from monitor.detection.judge import LEAST, USUAL
from monitor.detection.labelled import LABELS, NONE, Answer
from monitor.detection.lexicon import FOLDER, lexicon
from monitor.detection.normalise import sentences
from monitor.detection.report import Report
from monitor.detection.signs import shown
from monitor.topics import ANY
from tests.corpus.reading import CORPUS, development
from tests.corpus.record import measured

STRENGTH = 0.1
"""Inverse strength of the penalty on large weights (sklearn's C)."""
TRUST = {"c": 2.0, "d": 1.5, "t": 2.0, "u": 1.5, "s": 1.5}
"""How much easier than other signs those of the rules may weigh: they have seen how the words hang together."""
RARE = 3
"""Signs seen in fewer sentences are not learned."""
KEPT = 45_000
"""So many signs are kept, those that move answers most."""
SCALE = 100
FOLDS = 5
ROUNDS = 100
STEPS = 12
"""Points of the reliability curve."""
MEASURED = 100
"""Slices of fewer sentences are not measured."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Lesson:
    """A sentence to learn from: its signs, its label, the file that it stands in."""

    shown: list[str]
    item: Item
    file: str


def lessons(file: str, items: Iterable[Item]) -> list[Lesson]:
    """The sentences of labelled texts; of a text of several only where it is none: who knows which says it?"""
    found = []
    for item in items:
        shown = shown_by(item)
        if len(shown) == 1 or item.label == NONE:
            found += [Lesson(one, item, file) for one in shown]
    return found


def shown_by(item: Item) -> list[list[str]]:
    """The signs of each sentence of a labelled text."""
    read = sentences(item.document)[0]
    finder = Finder(Discourse(item.document), Voices(ANY), lexicon(), is_alone=len(read) == 1)
    found = []
    for seen in finder.look_at(read):
        findings = finder.find(seen, ())
        found.append(shown(findings).signs())
        finder.advance(findings)
    return found


class Learner:
    """A table of lessons by signs, and judges learned from some of its rows."""

    def __init__(self, taught: Sequence[Lesson]) -> None:
        seen = Counter(sign for lesson in taught for sign in lesson.shown)
        self.signs = [sign for sign, count in seen.items() if count >= RARE]
        self.labels = np.array([lesson.item.label for lesson in taught])
        column = {sign: at for at, sign in enumerate(self.signs)}
        rows = [[column[sign] for sign in lesson.shown if sign in column] for lesson in taught]
        ends = np.cumsum([0, *(len(row) for row in rows)])
        places = np.concatenate([np.array(row, dtype=np.int32) for row in rows])
        self.trust = np.array(
            [TRUST.get(sign.split(" ", 1)[0], 1.0) for sign in self.signs], dtype=np.float32
        )
        self.table = csr_matrix((self.trust[places], places, ends), shape=(len(rows), len(self.signs)))

    def learn(self, rows: npt.NDArray[np.bool_]) -> tuple[list[int], Floats, Floats]:
        """Signs kept, a weight for each of them and each label, and the biases."""
        table, labels = self.table[rows], self.labels[rows]
        first = LogisticRegression(C=STRENGTH, max_iter=ROUNDS, tol=1e-3).fit(_shared(table), labels)
        moved = np.abs(first.coef_).max(axis=0) * np.sqrt(np.asarray(table.sum(axis=0)).ravel())
        kept = np.sort(np.argsort(-moved, kind="stable")[:KEPT])
        again = LogisticRegression(C=STRENGTH, max_iter=ROUNDS, tol=1e-3).fit(_shared(table[:, kept]), labels)
        assert list(again.classes_) == sorted(LABELS)
        weights = again.coef_ * self.trust[kept]
        return list(kept), np.round(weights * SCALE), np.round(again.intercept_ * SCALE)

    def ask(self, rows: npt.NDArray[np.bool_], learned: tuple[list[int], Floats, Floats]) -> Floats:
        """How likely each label is for the rows."""
        kept, weights, bias = learned
        scores = (_shared(self.table[rows][:, kept]) @ (weights / self.trust[kept]).T + bias) / SCALE
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True), dtype=np.float32)


def _shared(table: csr_matrix) -> csr_matrix:
    """The table as a judge weighs it: each row over the root of the number of its signs."""
    share = USUAL / np.sqrt(np.maximum(np.diff(table.indptr), LEAST))
    return csr_matrix(table.multiply(share[:, None].astype(np.float32)))


def folds_of(taught: Sequence[Lesson]) -> list[list[str]]:
    """The files dealt out to FOLDS folds of about the same size, whole."""
    folds: list[tuple[int, list[str]]] = [(0, []) for _ in range(FOLDS)]
    for file, size in Counter(lesson.file for lesson in taught).most_common():
        least = min(range(FOLDS), key=lambda at: folds[at][0])
        folds[least] = (folds[least][0] + size, [*folds[least][1], file])
    return [files for _, files in folds]


def crossed(learner: Learner, taught: Sequence[Lesson], folds: Sequence[Sequence[str]]) -> Floats:
    """Likelihoods for every lesson from a judge that has not seen its file."""
    files = np.array([lesson.file for lesson in taught])
    likely = np.zeros((len(taught), len(LABELS)), dtype=np.float32)
    for fold in folds:
        asked = np.isin(files, list(fold))
        likely[asked] = learner.ask(asked, learner.learn(~asked))
        print(f"  asked about {', '.join(fold)}", file=sys.stderr)
    return likely


def answers_of(taught: Sequence[Lesson], likely: Floats) -> list[Answer]:
    """The likeliest label of each lesson, as sure as it is likely."""
    names = sorted(LABELS)
    return [
        Answer(one.item, names[row.argmax()], float(row.max()))
        for one, row in zip(taught, likely, strict=True)
    ]


def reliability(answers: Sequence[Answer]) -> list[list[float]]:
    """Points (likelihood, share right in the lenient sense) of a rising curve over the answers other than none."""
    said = [(one.confidence, one.is_lenient) for one in answers if one.kind != NONE]
    curve = IsotonicRegression(out_of_bounds="clip").fit(*zip(*said, strict=True))
    points = np.linspace(min(p for p, _ in said), 1.0, STEPS)
    return [
        [round(float(x), 3), round(float(y), 3)] for x, y in zip(points, curve.predict(points), strict=True)
    ]


def figures(answers: Sequence[Answer]) -> dict[str, dict[str, float]]:
    """Slice -> its figures: of all sentences, and of each tag that stands on enough of them."""
    report = Report(tuple(answers))
    found = {"all": measured(report)}
    for tag, row in sorted(report.slices().items()):
        if (row["texts"] or 0) >= MEASURED:
            found[tag] = {key: row[key] for key in ("strict", "lenient")}
    return found


def cross_validate() -> tuple[Learner, list[Answer]]:
    """A learner with all lessons, and what judges answered that had not seen a lesson's file.

    Examples of the lexicon and plain prose are learned from, but nobody is asked about them.
    """
    taught = [one for file, items in development().items() for one in lessons(file, items)]
    learner = Learner(taught)
    likely = crossed(learner, taught, folds_of(taught))
    answers = answers_of(taught, likely)
    return learner, [
        one for one, lesson in zip(answers, taught, strict=True) if lesson.file.endswith(".jsonl")
    ]


def main() -> None:
    """Learns, measures, writes."""
    learner, answers = cross_validate()
    kept, weights, bias = learner.learn(np.ones(len(learner.labels), dtype=bool))
    rows = {learner.signs[at]: [int(one) for one in weights[:, place]] for place, at in enumerate(kept)}
    learned = {
        "labels": sorted(LABELS),
        "scale": SCALE,
        "bias": [int(one) for one in bias],
        "reliability": reliability(answers),
        "signs": {sign: row for sign, row in sorted(rows.items()) if any(row)},
    }
    text = json.dumps(learned, ensure_ascii=False, separators=(",", ":"))
    (FOLDER / "learned.json").write_text(text.replace('],"', '],\n"') + "\n", encoding="utf-8")
    lines = ["# What judges answer about files that they have not learned from: written by `make refit`.\n"]
    for name, row in figures(answers).items():
        lines += [f'\n["{name}"]\n', *(f"{key} = {value}\n" for key, value in row.items())]
    (CORPUS / "crossed.toml").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()

"""What was learned from labelled sentences: how much each sign speaks for each kind of claim, or for none.

A linear model (multinomial logistic regression). Its weights are data that a person can read, `learned.json`, made by
`make refit` from the sentences in tests/corpus; nothing is learned while Parley runs.
"""

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from monitor.detection.known import KnownSigns, Numbers
from monitor.detection.labelled import NONE
from monitor.detection.signs import Rows, Shown
from monitor.errors import BadInputError

USUAL = 20.0
"""The root of the number of signs that a sentence usually shows."""
LEAST = 30
"""Fewer signs count as so many: hardly anything is known of such a sentence."""
_FILE = Path(__file__).parent / "learned.json"


Curve = tuple[tuple[float, float], ...]
"""(likelihood, share of such answers that were right on sentences not learned from), rising in both."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How likely each label is, adding up to one, which signs spoke, and how far such likelihoods can be trusted."""

    likely: Mapping[str, float]
    signs: Numbers
    """Their places in the judge's table."""
    reliability: Curve
    doubt: float = 0.0
    """The logarithm of how much commoner "none" is where the sentence stands than where it was learned."""

    @property
    def best(self) -> str:
        """The likeliest label, all doubts considered."""
        odds = exp(self.doubt)
        return max(self.likely, key=lambda label: self.likely[label] * (odds if label == NONE else 1))

    def share(self, label: str) -> float:
        """How likely the label is, all doubts considered."""
        whole = 1 + (exp(self.doubt) - 1) * self.likely[NONE]
        return self.likely[label] * (exp(self.doubt) if label == NONE else 1) / whole

    def confidence(self, label: str) -> float:
        """How often an answer as likely as that label is right, 0 .. 1: read off the reliability, linear in between."""
        points, likelihood = self.reliability, self.likely[label]
        at = bisect_right([point[0] for point in points], likelihood)
        if not points or at == len(points):
            return points[-1][1] if points else likelihood
        if at == 0:
            return points[0][1]
        (x0, y0), (x1, y1) = points[at - 1], points[at]
        return y0 + (y1 - y0) * (likelihood - x0) / (x1 - x0)


@dataclass(frozen=True, eq=False)
class Judge:
    """The weights: a row for each sign, a column for each label."""

    labels: tuple[str, ...]
    signs: tuple[str, ...]
    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    reliability: Curve

    def weigh(self, shown: Shown, doubt: float = 0.0, in_rows: Numbers | None = None) -> Judgement:
        """How likely each label is for a sentence that shows this; signs never met count nothing.

        A long sentence shows more signs, not surer ones: their sum is taken over the root of their number.
        `in_rows` has the places of the known signs in its rows, where they were looked up before.
        """
        known = self._known.find(shown, in_rows)
        share = USUAL / max(len(known), LEAST) ** 0.5
        scores = self.bias + share * self.weights.take(known, axis=0).sum(axis=0)
        likely = dict(zip(self.labels, shares(scores).tolist(), strict=True))
        return Judgement(likely, known, self.reliability, doubt)

    def in_rows(self, sentences: Sequence[Rows]) -> list[Numbers]:
        """For each of these sentences the places of the known signs in its rows."""
        return self._known.in_rows(sentences)

    @cached_property
    def _known(self) -> KnownSigns:
        return KnownSigns(self.signs)

    def telling(self, judgement: Judgement, label: str, other: str) -> list[tuple[str, float]]:
        """The signs that speak for a label against the other, the strongest first, with their weight."""
        one, two = self.labels.index(label), self.labels.index(other)
        found = [(self.signs[row], self.weights[row]) for row in judgement.signs]
        weighed = [(sign, float(row[one] - row[two])) for sign, row in found]
        return sorted((item for item in weighed if item[1] > 0), key=lambda item: (-item[1], item[0]))


def shares(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Likelihoods from scores, adding up to one along the last axis (softmax)."""
    odds = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=-1, keepdims=True), dtype=np.float32)


@cache
def judge_of_this_release() -> Judge:
    """The judge that learned.json describes.

    Raises:
        BadInputError: the file is damaged; `make refit` writes it anew.
    """
    try:
        return judge_from(json.loads(_FILE.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInputError(f"{_FILE} cannot be read ({error}); `make refit` writes it anew") from error


def judge_from(learned: Mapping[str, Any]) -> Judge:
    """A judge from what learned.json holds; `signs` has a number for each label, `scale` times the weight."""
    labels, signs = tuple(learned["labels"]), tuple(learned["signs"])
    weights = np.array(list(learned["signs"].values()), dtype=np.float32).reshape(len(signs), len(labels))
    bias = np.array(learned["bias"], dtype=np.float32)
    scale = np.float32(learned["scale"])
    reliability = tuple((float(x), float(y)) for x, y in learned["reliability"])
    return Judge(labels, signs, weights / scale, bias / scale, reliability)

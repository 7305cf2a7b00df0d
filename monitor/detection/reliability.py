"""Does confidence keep its word? Of answers given with 0.8, four in five should be right.

Both measures take what was said: (confidence, whether a fair reader accepts the answer) of every answer but none.
"""

from collections.abc import Iterable

Said = tuple[float, bool]
BINS = 10
"""Bins of equal width over 0 .. 1."""


def reliability(said: Iterable[Said]) -> list[dict[str, float]]:
    """Per bin that has answers: its bounds, mean confidence, share right, number of answers."""
    return [
        {
            "from": number / BINS,
            "to": (number + 1) / BINS,
            "confidence": round(_mean_confidence(inside), 3),
            "right": round(_share_right(inside), 4),
            "count": len(inside),
        }
        for number, inside in _binned(said)
    ]


def calibration_error(said: Iterable[Said]) -> float | None:
    """The expected calibration error (ECE), None without answers.

    Of answers other than none, right meaning leniently right: the mean over equal-width bins of 0.1, weighted by the
    number of answers in each, of |mean confidence - share right| (Naeini, Cooper and Hauskrecht, AAAI 2015).
    """
    bins = [inside for _, inside in _binned(said)]
    total = sum(map(len, bins))
    if not total:
        return None
    return sum(len(inside) * abs(_mean_confidence(inside) - _share_right(inside)) for inside in bins) / total


def _binned(said: Iterable[Said]) -> list[tuple[int, list[Said]]]:
    """Number of the bin -> what lies in it; a bin holds its lower bound, the last one 1.0 too."""
    bins: dict[int, list[Said]] = {}
    for confidence, right in said:
        number = min(int(confidence * BINS), BINS - 1)
        bins.setdefault(number, []).append((confidence, right))
    return sorted(bins.items())


def _mean_confidence(inside: list[Said]) -> float:
    return sum(confidence for confidence, _ in inside) / len(inside)


def _share_right(inside: list[Said]) -> float:
    return sum(right for _, right in inside) / len(inside)

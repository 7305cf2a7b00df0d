"""How a speed is taken: what Parley does against the least that a machine could do for it, in the same run.

Seconds say little about another machine; their ratio says what Parley adds to the raw work. Both sides take turns, so
that whatever else the machine does meets both, and the medians of all turns stand in the table.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Turn = Callable[[], int]
"""One turn of work that is timed whole; returns how many items it did. What it needs was made before."""


@dataclass(frozen=True)
class Case:
    """Two sides that do the same amount of work, turn by turn.

    Args:
        name: what is done.
        unit: what is counted.
        ours: the turns of Parley's side; what comes before a `yield` is not timed.
        raw: the turns of the other side.
        raw_name: what the other side is.
        at_most: the ratio above which something is wrong; None where nothing is promised.
    """

    name: str
    unit: str
    ours: Iterator[Turn]
    raw: Iterator[Turn]
    raw_name: str
    at_most: float | None = None


@dataclass(frozen=True)
class Result:
    """Medians of all turns, in seconds per item; `ratio` is the median of each turn's ours : raw."""

    name: str
    unit: str
    ours_s: float
    raw_name: str
    raw_s: float
    ratio: float
    at_most: float | None

    @property
    def is_kept(self) -> bool:
        """False when a promise is broken."""
        return self.at_most is None or self.ratio <= self.at_most

    def to_json(self) -> dict[str, Any]:
        """The result as numbers per second, which is how people speak of speed."""
        return {
            "name": self.name,
            "unit": self.unit,
            "per_second": round(1 / self.ours_s, 1),
            "raw": self.raw_name,
            "raw_per_second": round(1 / self.raw_s, 1),
            "ratio": round(self.ratio, 2),
            "at_most": self.at_most,
        }


@dataclass(frozen=True)
class Figure:
    """A number that is promised as such: milliseconds, megabytes, a ratio of two of our own times."""

    name: str
    value: float
    unit: str
    at_most: float
    aim: float | None = None
    """Where it should get to, if that is not what is promised yet."""

    @property
    def is_kept(self) -> bool:
        """False when a promise is broken."""
        return self.value <= self.at_most

    def to_json(self) -> dict[str, Any]:
        """The figure as it stands in the table."""
        return {
            "name": self.name,
            "value": round(self.value, 3),
            "unit": self.unit,
            "at_most": self.at_most,
            "aim": self.aim,
        }


def p95(values: Sequence[float]) -> float:
    """The value that 95 of a hundred do not exceed (nearest rank)."""
    return sorted(values)[-(-95 * len(values) // 100) - 1]


def measure(case: Case, turns: int) -> Result:
    """Let both sides take `turns` turns after one that warms up; seconds are those of the wall, waiting included."""
    pairs = [(_timed(next(case.ours)), _timed(next(case.raw))) for _ in range(turns + 1)][1:]
    return Result(
        name=case.name,
        unit=case.unit,
        ours_s=statistics.median(ours for ours, _ in pairs),
        raw_name=case.raw_name,
        raw_s=statistics.median(raw for _, raw in pairs),
        ratio=statistics.median(ours / raw for ours, raw in pairs),
        at_most=case.at_most,
    )


def _timed(turn: Turn) -> float:
    begun = time.perf_counter()
    items = turn()
    return (time.perf_counter() - begun) / items

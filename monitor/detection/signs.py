"""What a sentence shows to the judge: its words and their kin, the row of operators in it, what the rules found.

A sign is a short string, so that a weight can be read by a person: `w refused to`, `s not REJECT talks`,
`x rejected had` (the rules say rejected, and there is a "had" in the sentence).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from monitor.detection.claims import Candidate
from monitor.detection.discourse import UNKNOWN_AGE
from monitor.detection.findings import Findings, Refused
from monitor.detection.forms import Match
from monitor.detection.kin import kin
from monitor.detection.labelled import NONE
from monitor.detection.parsed import Parsed
from monitor.vocabulary import Attribution, Mood

IN_A_ROW = 3
"""Neighbours of a row are signs together, up to so many."""
ROWS = ("w", "k0", "k1", "k2", "s")
"""The rows of a sentence: its words, their kin from the widest groups to the narrowest, its steps."""
Rows = tuple[Sequence[str], ...]
"""One for each of ROWS."""
_KIN_IN_A_ROW = 2
_SPREAD = 5
_CAPITALS = 0.7
_DIGIT = re.compile(r"\d")
_DAYS = frozenset(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])
_MONTHS = frozenset(
    [
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ]
)
_STEPS = frozenset(
    {
        "not",
        "n't",
        "never",
        "no",
        "without",
        "if",
        "unless",
        "until",
        "after",
        "before",
        "would",
        "could",
        "may",
        "might",
        "will",
        "to",
        "that",
        "said",
        "had",
        "has",
        "was",
        "were",
        "been",
        "is",
        "are",
        "but",
        "despite",
        "since",
        "denied",
    }
)
"""Small words that stand among the operators in a sentence's row of steps."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a sentence shows: each one, two and three neighbours of its rows are a sign, and there are lone signs."""

    rows: Rows
    lone: tuple[str, ...] = ()

    def signs(self) -> list[str]:
        """All signs, each once, in a fixed order."""
        found = (sign for name, row in zip(ROWS, self.rows, strict=True) for sign in _neighbours(name, row))
        return list(dict.fromkeys([*found, *self.lone]))


def rows_of(parsed: Parsed) -> Rows:
    """The rows of a sentence as it stands."""
    by_word = zip(*map(_in_rows, parsed.words), strict=True) if parsed.words else ((), (), (), ())
    return (*by_word, _steps(parsed))


def shown(findings: Findings, rows: Rows | None = None) -> Shown:
    """Everything that the sentence shows; `rows` are those of it, where they are there already."""
    rows = rows or rows_of(findings.plain)
    steps = rows[-1]
    marks = list(_shape(findings.plain, findings.sentence.text))
    lone = dict.fromkeys([*_pairs(steps), *marks, *_read(findings, steps, marks)])
    return Shown(rows, tuple(lone))


@lru_cache(maxsize=8192)
def _in_rows(word: str) -> tuple[str, ...]:
    """The word as it stands in each row that has a place for every word."""
    own = folded(word)
    return (own, *kin(own))


def folded(word: str) -> str:
    """The word as signs write it: days, months and numbers are all alike."""
    if word in _DAYS:
        return "<day>"
    if word in _MONTHS:
        return "<month>"
    return "<number>" if _DIGIT.search(word) else word


def _neighbours(name: str, row: Sequence[str]) -> Iterator[str]:
    most = _KIN_IN_A_ROW if name.startswith("k") else IN_A_ROW
    for size in range(1, most + 1):
        for start in range(len(row) - size + 1):
            yield " ".join((name, *row[start : start + size]))


def _steps(parsed: Parsed) -> list[str]:
    placed = [(match.start, named(match)) for match in (*parsed.operators, *parsed.nodes)]
    placed += [(i, word) for i, word in enumerate(parsed.words) if word in _STEPS]
    return [step for _, step in sorted(placed)]


def named(match: Match) -> str:
    """A match as a step: an operator's name, a noun's value, a talk verb's operator."""
    if match.entry.kind == "operator":
        return match.entry.name
    return match.entry.value if match.entry.kind == "noun" else f"{match.entry.op}!"


def _pairs(steps: Sequence[str]) -> list[str]:
    return [f"p {step} {other}" for i, step in enumerate(steps) for other in steps[i + 2 : i + _SPREAD]]


def _shape(parsed: Parsed, text: str) -> Iterator[str]:
    if "?" in text:
        yield "h question"
    if not parsed.nodes:
        yield "h no talks"
    if parsed.homonyms:
        yield "h another sense"
    if text.rstrip()[-1:] not in ".!?\"”’'":
        yield "h headline"
    parts = text.split()
    if sum([part[:1].isupper() for part in parts]) > _CAPITALS * len(parts):
        yield "h title case"


def _read(findings: Findings, steps: Sequence[str], marks: Sequence[str]) -> Iterator[str]:
    first = read_by_rules(findings)
    yield f"c first {first}"
    yield from [f"x {first} {step}" for step in dict.fromkeys((*steps, *marks))]
    for candidate in findings.candidates:
        state = "present" if is_present(candidate) else candidate.timing.why or candidate.how.mood.value
        yield f"c {candidate.kind.value}"
        yield f"c {candidate.kind.value} {candidate.how.mood.value} {state}"
        yield f"c {candidate.kind.value} {candidate.chain.node.entry.strength} {state}"
        yield from (f"t {step}" for step in _operators(candidate))
    for refused in findings.refused:
        yield f"d {refused.kind}: {refused.reason}"
        yield from (f"u {step}" for step in _operators(refused))


def read_by_rules(findings: Findings) -> str:
    """The label that the rules give the sentence on the day of publication."""
    best = max(findings.candidates, key=lambda one: (is_present(one), one.fit), default=None)
    return best.kind.value if best and is_present(best) else NONE


def is_present(candidate: Candidate) -> bool:
    """True where the rules take it for a claim about the day of publication."""
    return (
        candidate.how.mood in {Mood.ASSERTED, Mood.PLANNED}
        and candidate.source.attribution is not Attribution.OPINION
        and (not candidate.timing.background or candidate.timing.why == UNKNOWN_AGE)
    )


def _operators(one: Candidate | Refused) -> Iterator[str]:
    for step in one.chain.steps:
        yield f"{'not ' if step.negated else ''}{step.op} {step.tense}"
    yield f"{'not ' if one.chain.negated else ''}{one.chain.node.entry.name} {one.chain.verb_tense}"

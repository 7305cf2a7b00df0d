"""What detection takes and gives: a document in, claims and dropped candidates out. Pure values.

Offsets are code points into the given text, or into the given title where `in_title` says so.
"""

from dataclasses import dataclass
from datetime import datetime

from monitor.vocabulary import Claim, Position, Precision, Span


@dataclass(frozen=True, slots=True)
class Document:
    """A text as it is stored; `published` is timezone-aware, None when nobody knows it."""

    title: str
    text: str
    published: datetime | None = None
    precision: Precision = Precision.UNKNOWN


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the document: where it stands, and how much that place weighs."""

    start: int
    end: int
    text: str
    position: Position
    in_title: bool = False

    def span(self, start: int, end: int) -> Span:
        """The part of the sentence from `start` to `end` as a span of the document."""
        return Span(
            start=self.start + start,
            end=self.start + end,
            text=self.text[start:end],
            in_title=self.in_title,
        )


@dataclass(frozen=True, slots=True)
class Dropped:
    """A candidate that made no claim: what it might have said (None: not that far), and what dropped it."""

    span: Span
    kind: str | None
    reason: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Detection:
    """Everything found in a document; `sentences` are those that were read, in order, the title first."""

    claims: tuple[Claim, ...]
    dropped: tuple[Dropped, ...]
    sentences: tuple[Sentence, ...]

"""What detection takes and gives: a document in, claims and dropped candidates out. Pure values.

Offsets are code points into the given text, or into the given title where `in_title` says so.
"""

from collections.abc import Mapping
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
class Trigger:
    """A talk noun or an operator over it, and the words that show it; `form` is the lexicon's entry that they fit."""

    name: str
    form: str
    words: tuple[Span, ...]
    negated: bool = False
    tense: str = ""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a claim rests on: operators, the outermost first, the talk noun last, and what tells how sure it is."""

    triggers: tuple[Trigger, ...]
    features: tuple[tuple[str, float], ...]
    """What confidence is reckoned from (see confidence.toml): feature -> value, those that are not zero."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A candidate that made no claim: what it might have said (None: not that far), and what dropped it.

    `triggers` are empty where a whole passage was passed over and no talk noun was looked at.
    """

    span: Span
    kind: str | None
    reason: str
    rule: str = ""
    triggers: tuple[Trigger, ...] = ()


@dataclass(frozen=True, slots=True)
class Detection:
    """Everything found in a document; `sentences` are those that were read, in order, the title first."""

    claims: tuple[Claim, ...]
    dropped: tuple[Dropped, ...]
    sentences: tuple[Sentence, ...]
    grounds: Mapping[str, Grounds]
    """Claim id -> what the claim rests on."""

"""Labelled texts, and what detection answered to each.

Strict: the answer is the label. Lenient: or one of `also`. Inversion: the answer is on the other side (talking against
not talking) and not in `also`. False alarm: an answer where the label is none.
"""

from dataclasses import dataclass
from typing import Any

from monitor.detection.explain import Explanation
from monitor.detection.model import Document
from monitor.vocabulary import ClaimKind, Precision

NONE = "none"
LABELS = (*(kind.value for kind in ClaimKind), NONE)
_OPEN = frozenset(kind.value for kind in ClaimKind if kind.is_open)


@dataclass(frozen=True, slots=True)
class Item:
    """A labelled text; `tags` name what is hard about it."""

    id: str
    document: Document
    label: str
    also: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for label in (self.label, *self.also):
            if label not in LABELS:
                raise ValueError(f"label {label!r} is none of {', '.join(LABELS)}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What detection said of a labelled text; the rule is empty for none, and what is not the label is explained."""

    item: Item
    kind: str
    confidence: float
    rule: str = ""
    explanation: Explanation | None = None

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

    def to_json(self) -> dict[str, Any]:
        """The answer beside its text, which can be evaluated again as it stands.

        `accepted` says that a fair reader takes the answer, label or not.
        """
        item = self.item
        return {
            "id": item.id,
            "label": item.label,
            "also": list(item.also),
            "answer": self.kind,
            "accepted": self.is_lenient,
            "inversion": self.is_inversion,
            "confidence": self.confidence,
            "rule": self.rule,
            "tags": list(item.tags),
            "title": item.document.title,
            "text": item.document.text,
            "published": _published(item.document),
            "explanation": self.explanation.to_json() if self.explanation else None,
        }


def _published(document: Document) -> str | None:
    if document.published is None:
        return None
    by_day = document.precision is Precision.DAY
    return document.published.date().isoformat() if by_day else document.published.isoformat()

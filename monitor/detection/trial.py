"""What a topic makes of an article: taken in or not, who is named where, which claims, what was passed over and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from monitor.detection.detector import detect
from monitor.detection.model import Detection, Document
from monitor.ids import content_hash, fact_id
from monitor.topics import Mention, Topic, find_in_article, relevance


@dataclass(frozen=True, slots=True)
class Match:
    """A party's name in the article: as it stands there, as what it stands for its party, and in which line."""

    party: str
    text: str
    role: str
    line: int
    """From 1; 0 is the title."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Trial:
    """A topic tried on one article."""

    is_relevant: bool
    reason: str
    matches: tuple[Match, ...]
    detection: Detection

    def to_json(self) -> dict[str, Any]:
        """As plain values; what is passed over comes with its reason."""
        return {
            "relevant": self.is_relevant,
            "reason": self.reason,
            "matches": [
                {
                    "party": one.party,
                    "text": one.text,
                    "role": one.role,
                    "in_title": one.line == 0,
                    "line": one.line,
                    "start": one.start,
                    "end": one.end,
                }
                for one in self.matches
            ],
            "claims": [claim.model_dump(mode="json") for claim in self.detection.claims],
            "passed_over": [
                {"kind": item.kind, "reason": item.reason, "rule": item.rule, "span": item.span.model_dump()}
                for item in self.detection.dropped
            ],
        }


def try_topic(topic: Topic, document: Document) -> Trial:
    """Everything that the topic makes of the document, whether it would take it in or not. Never raises."""
    found = relevance(topic, document.title, document.text)
    detection = detect(document, topic, fact_id("text", content_hash("", document.text)))
    return Trial(found.is_relevant, found.reason, tuple(_matches(topic, document)), detection)


def _matches(topic: Topic, document: Document) -> Iterator[Match]:
    in_title, in_text = find_in_article(topic, (document.title, document.text))
    for mention in in_title:
        yield _match(mention, document.title, 0)
    line, counted = 1, 0
    for mention in in_text:
        line += document.text.count("\n", counted, mention.start)
        counted = mention.start
        yield _match(mention, document.text, line)


def _match(mention: Mention, text: str, line: int) -> Match:
    words = " ".join(text[mention.start : mention.end].split())
    return Match(mention.party, words, mention.role.value, line, mention.start, mention.end)

"""What a source would bring if it were polled now, and what its topics make of it; nothing is taken in or noted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.errors import SourceError
from monitor.sources.config import SourceConfig
from monitor.sources.hops import shown
from monitor.sources.model import ArticleFound
from monitor.sources.state import SourceState, host_of, stamp
from monitor.sources.visit import Visitor
from monitor.topics import Topic, relevance


@dataclass(frozen=True, slots=True)
class Looked:
    """An entry, and for each topic of the source whether it would be taken in and why (not)."""

    article: ArticleFound
    topics: Mapping[str, tuple[bool, str]]

    @property
    def is_relevant(self) -> bool:
        """Whether any topic would take it in."""
        return any(relevant for relevant, _ in self.topics.values())


@dataclass(frozen=True, slots=True)
class Trial:
    """A source that was looked at: its entries, newest first; what was odd; the reason and the words when it failed."""

    source: SourceConfig
    entries: tuple[Looked, ...] = ()
    note: str = ""
    reason: str = ""
    words: str = ""

    @property
    def ok(self) -> bool:
        """Whether it could be read."""
        return not self.reason

    @property
    def relevant(self) -> int:
        """How many entries a topic would take in."""
        return sum(entry.is_relevant for entry in self.entries)


def try_source(source: SourceConfig, visitor: Visitor, topics: Mapping[str, Topic], now: datetime) -> Trial:
    """Fetch and read a source as a poll would, for the first time. Never raises for what is wrong with the source."""
    fresh = SourceState(source_id=source.id, place=source.place, host=host_of(source), due_at=stamp(now))
    try:
        visit = visitor.visit(source, fresh)
    except SourceError as error:
        return Trial(source, reason=error.reason, words=str(error))
    moved = f"it has moved for good to {shown(visit.moved_to)}" if visit.moved_to else ""
    note = "; ".join(filter(None, (visit.note, moved)))
    return Trial(source, looked_at(visit.articles or (), source, topics), note)


def looked_at(
    found: Sequence[ArticleFound], source: SourceConfig, topics: Mapping[str, Topic]
) -> tuple[Looked, ...]:
    """The articles (oldest first) as the source's topics see them, newest first."""
    return tuple(
        Looked(article, {name: _judged(topics[name], article) for name in source.topics})
        for article in reversed(found)
    )


def _judged(topic: Topic, article: ArticleFound) -> tuple[bool, str]:
    judgement = relevance(topic, article.title, article.text)
    return judgement.is_relevant, judgement.reason

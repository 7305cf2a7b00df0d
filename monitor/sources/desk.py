"""What becomes of a poll's entries: passed over with the reason, or handed on to the topics that they concern."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.sources.config import SourceConfig
from monitor.sources.intake import Polled, Taken
from monitor.sources.model import ArticleFound
from monitor.sources.pages import Pages
from monitor.sources.seen import Entries, Judged
from monitor.sources.visit import Visit
from monitor.topics import Topic, relevance
from monitor.tracing import about

Publish = Callable[[str, Sequence[ArticleFound], Polled], Taken]
"""(topic, articles oldest first, the poll): puts them into the topic's log; returns when they are there, or raises."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of the entries of a poll that were not known.

    `put_off` is how many wait for the next poll, `flooded` how many came in a flood and were taken in as history.
    """

    judged: tuple[Judged, ...] = ()
    put_off: int = 0
    flooded: int = 0


class Desk:
    """Judges entries and hands them on. Safe to use from several threads.

    Args:
        topics: id -> topic.
        entries: what sources have shown before.
        publish: puts articles into a topic's log; called by one thread at a time.
        pages: reads the pages of teasers; None: teasers are taken as they are.
        stopping: set when no more pages are to be fetched.
    """

    def __init__(
        self,
        topics: Mapping[str, Topic],
        entries: Entries,
        publish: Publish,
        pages: Pages | None,
        stopping: threading.Event,
    ) -> None:
        self._topics = topics
        self._entries = entries
        self._publish = publish
        self._pages = pages
        self._stopping = stopping
        self._publishing = threading.Lock()

    def hand_on(self, source: SourceConfig, visit: Visit, since: datetime | None) -> Handed:
        """Publish to each of the source's topics what speaks of it, as a whole text where there is one.

        `since` is when the source was last read before.
        """
        if not visit.articles:
            return Handed()
        unknown = self._entries.unknown(source.id, visit.articles)
        wanted, judged = self._judged(source, unknown)
        whole = dict(zip(wanted, self._whole([unknown[at].found for at in wanted], source), strict=True))
        flooded = 0
        for name in source.topics:
            ready = [whole[at] for at, topics in wanted.items() if name in topics]
            if relevant := [article for article in ready if article is not None]:
                with self._publishing, about(topic=name):
                    taken = self._publish(name, relevant, Polled(visit.articles, since))
                flooded += taken.flooded
        judged += [unknown[at] for at, article in whole.items() if article is not None]
        return Handed(tuple(judged), sum(article is None for article in whole.values()), flooded)

    def _judged(
        self, source: SourceConfig, unknown: Sequence[Judged]
    ) -> tuple[dict[int, list[str]], list[Judged]]:
        """Place of an entry -> the topics that it concerns; and those that concern none, with the reasons."""
        wanted: dict[int, list[str]] = {}
        passed: list[Judged] = []
        for at, entry in enumerate(unknown):
            title, text = entry.found.title, entry.found.text
            found = {name: relevance(self._topics[name], title, text) for name in source.topics}
            if topics := [name for name, judgement in found.items() if judgement.is_relevant]:
                wanted[at] = topics
            else:
                reasons = (f"{name}: {judgement.reason}" for name, judgement in found.items())
                passed.append(replace(entry, why="; ".join(reasons)))
        return wanted, passed

    def _whole(self, found: Sequence[ArticleFound], source: SourceConfig) -> Iterable[ArticleFound | None]:
        return found if self._pages is None else self._pages.read(found, source, self._stopping)

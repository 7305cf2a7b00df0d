"""What a topic's log says of its articles, folded from its events in order: the memory that decides what is new.

Articles are never forgotten: by id, by address and by exact text each is known for as long as the log is. What it takes
to recognise one that comes under another id, another address and with other words is kept for the newest only, which
are those that feeds still show. Pure.
"""

import sys
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from typing import NamedTuple

from monitor.ids import fact_id, normalised
from monitor.log.events import ArticleContent, ArticleIngested, ArticleRemoved, ArticleRevised, Event, data_of
from monitor.sources.canonical import canonical_url, is_root
from monitor.sources.likeness import Sketch, essence, number, sketch, title_number
from monitor.sources.model import ArticleFound
from monitor.sources.story import Stories
from monitor.vocabulary import Precision

MAX_RECENT = 20_000
"""So many articles have a `Look`: at fifty a day those of a year."""
_SHARED = 0
"""Stands for the article of an address that several articles have."""
_DAY_S = 86_400
_RHYTHM_OF = 500


class Version(NamedTuple):
    """A text that an article had, and the event that said so, both as numbers."""

    event: int
    essence: int


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """The newest that the log says of an article; its ids as bytes, since there are many."""

    key: bytes
    event: bytes
    story: bytes
    essence: int
    source: str
    outlet: str
    past: tuple[Version, ...] = ()
    """The versions before this one, oldest first."""
    removed: bool = False
    seen: float = 0.0
    """When it was first seen: seconds, UTC."""
    dated: bool = True
    named: bool = True
    """Its id comes from the source's own, not from its address or text."""

    @property
    def article_id(self) -> str:
        """Its id."""
        return self.key.hex()

    @property
    def event_id(self) -> str:
        """The id of the newest event that holds its text."""
        return self.event.hex()

    @property
    def story_id(self) -> str:
        """Its story's id."""
        return self.story.hex()

    @property
    def revisions(self) -> int:
        """How often its text has changed."""
        return len(self.past)


@dataclass(frozen=True, slots=True)
class Look:
    """What an article looks like, for recognising it in another place. `published` is in seconds, UTC."""

    title: int
    sketch: Sketch
    published: float | None
    to_minute: bool

    @classmethod
    def of(cls, title: str, text: str, published: datetime | None, precision: Precision) -> "Look":
        """The look of a text with its title and its day of publication as far as known."""
        seconds = published.timestamp() if published else None
        return cls(title_number(title), sketch(text), seconds, precision is Precision.TIME)

    @property
    def day(self) -> int | None:
        """The day of publication, counted from 1970, or None."""
        return None if self.published is None else int(self.published // _DAY_S)


class Known:
    """What a topic's log says of its articles. Applying an event twice changes nothing.

    Args:
        upon: what is known already: this memory then holds only what is added, and can be thrown away.
    """

    def __init__(self, upon: "Known | None" = None) -> None:
        self._upon = upon
        self._articles: dict[int, KnownArticle] = {}
        self._places: dict[int, int] = {}
        """Number of an address, or of an outlet and an exact text -> the article's number."""
        self._looks: dict[int, Look] = {}
        self._alike: defaultdict[int, list[int]] = defaultdict(list)
        """Number of a title, or of a source and a day of publication -> the articles with a look that have it."""
        self._removed: dict[int, Look] = {}
        self._moments: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_RHYTHM_OF))
        self._stories = None if upon else Stories()
        self._untold: list[tuple[str, str, datetime, str]] = []
        """What stories are to be told, if any are asked for: an index of them is no small thing."""

    def apply(self, event: Event) -> None:
        """Take in an event of the topic's log; those that are not about articles are passed over."""
        if event.type == "article.removed":
            self._remove(_key(data_of(event, ArticleRemoved).article_id))
        elif event.type == "article.ingested":
            self._take(event, data_of(event, ArticleIngested))
        elif event.type == "article.revised":
            self._take(event, data_of(event, ArticleRevised))

    def article(self, article_id: str) -> KnownArticle | None:
        """What is known of an article, or None."""
        return self._article(_key(article_id))

    def at(self, url: str) -> KnownArticle | None:
        """The one article that has this canonical address, or None."""
        place = self._place(number("url", url))
        return self._article(place) if place else None

    def is_shared(self, url: str) -> bool:
        """True if several articles have this canonical address, so that it identifies none."""
        return self._place(number("url", url)) == _SHARED

    def with_text(self, outlet: str, content: int) -> KnownArticle | None:
        """The first article of an outlet that had the text with this essence, or None."""
        place = self._place(number(outlet, content))
        return self._article(place) if place else None

    @property
    def has_removed(self) -> bool:
        """Whether any article was removed."""
        return bool(self._removed) or bool(self._upon and self._upon.has_removed)

    def look(self, article: KnownArticle) -> Look | None:
        """What an article looks like, or None when it is not among the newest."""
        key = _key(article.article_id)
        return (
            self._looks.get(key)
            or self._removed.get(key)
            or (self._upon.look(article) if self._upon else None)
        )

    def candidates(self, source: str, look: Look) -> Iterator[tuple[KnownArticle, Look]]:
        """Articles that may look alike: of the same title, or of the source within a day; removed ones always.

        None of those that were only added: what comes together is told apart by where it comes from.
        """
        if self._upon:
            return self._upon.candidates(source, look)
        days = () if look.day is None else (look.day - 1, look.day, look.day + 1)
        marks = (look.title, *(number(source, day) for day in days))
        keys = chain.from_iterable(self._alike.get(mark, ()) for mark in marks)
        return chain(
            ((self._articles[key], self._looks[key]) for key in keys),
            ((self._articles[key], removed) for key, removed in self._removed.items()),
        )

    def moments(self, source: str) -> list[float]:
        """When the newest articles of a source were published, else first seen: seconds, UTC, as they came."""
        before = self._upon.moments(source) if self._upon else []
        return before + list(self._moments.get(source, ()))

    def story_of(self, moment: datetime, text: str) -> str | None:
        """The story that a text belongs to, or None when it is a new one."""
        told = self._upon.story_of(moment, text) if self._upon else None
        if told or not (self._stories or self._untold):
            return told
        return self._told().story_of(moment, text)

    def _told(self) -> Stories:
        self._stories = self._stories or Stories()
        for article in self._untold:
            self._stories.add(*article)
        self._untold.clear()
        return self._stories

    def _take(self, event: Event, data: ArticleIngested | ArticleRevised) -> None:
        key, before, said = _key(data.article_id), self.article(data.article_id), _key(event.id)
        if before and said in {_key(before.event_id), *(version.event for version in before.past)}:
            return
        self._forget(key)
        identity, content = bytes.fromhex(data.article_id), essence(data.title, data.text)
        self._articles[key] = KnownArticle(
            key=identity,
            event=bytes.fromhex(event.id),
            story=identity if data.story_id == data.article_id else bytes.fromhex(data.story_id),
            essence=content,
            source=sys.intern(data.source),
            outlet=sys.intern(data.outlet),
            past=(*before.past, Version(_key(before.event_id), before.essence)) if before else (),
            removed=before.removed if before else False,
            seen=before.seen if before else data.first_seen_at.timestamp(),
            dated=data.published_at is not None,
            named=before.named
            if before
            else data.article_id not in unnamed_ids(data, data.canonical_url, data.content_hash),
        )
        for url in {data.canonical_url, canonical_url(data.url)}:
            if url and not is_root(url):
                place = number("url", url)
                self._places[place] = key if self._place(place) in (None, key) else _SHARED
        self._places.setdefault(number(data.outlet, content), key)
        self._remember(key, Look.of(data.title, data.text, data.published_at, data.precision))
        moment = data.published_at or data.first_seen_at
        if before is None:
            self._moments[data.source].append(moment.timestamp())
        self._untold.append((data.article_id, data.story_id, moment, data.text))
        if not self._upon:
            self._told()

    def _remember(self, key: int, look: Look) -> None:
        if self._articles[key].removed:
            self._removed[key] = look
            return
        self._looks[key] = look
        for mark in _marks(self._articles[key].source, look):
            self._alike[mark].append(key)
        if len(self._looks) > MAX_RECENT:
            self._forget(next(iter(self._looks)))

    def _forget(self, key: int) -> None:
        look = self._looks.pop(key, None)
        for mark in _marks(self._articles[key].source, look) if look else ():
            self._alike[mark].remove(key)
            if not self._alike[mark]:
                del self._alike[mark]

    def _remove(self, key: int) -> None:
        article = self._article(key)
        if article is None or article.removed:
            return
        look = self.look(article)
        self._forget(key)
        self._articles[key] = replace(article, removed=True)
        if look:
            self._removed[key] = look

    def _article(self, key: int) -> KnownArticle | None:
        own = self._articles.get(key)
        return own if own or not self._upon else self._upon._article(key)

    def _place(self, place: int) -> int | None:
        own = self._places.get(place)
        return own if own is not None or not self._upon else self._upon._place(place)


def unnamed_ids(
    article: ArticleContent | ArticleFound, url: str | None, content: str, *, shared: bool = False
) -> list[str]:
    """The ids that an article can have without an id of its source's own, the surest first.

    By its canonical address `url`, unless that is `shared` with others; by address, moment and title where the moment
    is known to the minute; by the hash of its content.
    """
    ids = [fact_id("url", url)] if url and not shared and not is_root(url) else []
    if article.published_at and article.precision is Precision.TIME:
        moment = article.published_at.astimezone(UTC).isoformat()
        ids.append(fact_id("entry", article.source, url, moment, normalised(article.title)))
    return [*ids, fact_id("text", article.outlet, content)]


def _marks(source: str, look: Look) -> tuple[int, ...]:
    return (look.title,) if look.day is None else (look.title, number(source, look.day))


def _key(id_: str) -> int:
    """An id as a number: 60 bits of it, which takes less space and is as good for one topic."""
    return int(id_[:15], 16)

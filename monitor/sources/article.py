"""What an article is, however often and under whatever address it comes: found article -> event of the log, or nothing.

`Known` is what a topic's log says of its articles, folded from its events in order; it decides whether an article is
new, changed, or known already. Pure.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from monitor.ids import article_event_id, content_hash, fact_id
from monitor.log.events import ArticleIngested, ArticleRemoved, ArticleRevised, Event, data_of
from monitor.sources.canonical import canonical_url
from monitor.sources.model import ArticleFound
from monitor.sources.story import Stories

MAX_REVISIONS = 24
"""Pages that change with every visit (a ticking clock, a counter) are not followed for ever."""
_ENOUGH_WORDS = 48
"""A text of so many words that comes again from the same outlet is the same article, whatever its address."""


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """The newest that the log says of an article."""

    event_id: str
    content: str
    source: str
    story_id: str
    revisions: int = 0
    removed: bool = False
    dated: bool = True


class Known:
    """What a topic's log says of its articles. Applying an event twice changes nothing."""

    def __init__(self) -> None:
        self._articles: dict[str, KnownArticle] = {}
        self._by_url: dict[str, str] = {}
        self._by_text: dict[tuple[str, str], str] = {}
        self._events: set[str] = set()
        self._stories = Stories()

    def apply(self, event: Event) -> None:
        """Take in an event of the topic's log; those that are not about articles are passed over."""
        if not event.type.startswith("article.") or event.id in self._events:
            return
        self._events.add(event.id)
        if event.type == "article.removed":
            article_id = data_of(event, ArticleRemoved).article_id
            if article_id in self._articles:
                self._articles[article_id] = replace(self._articles[article_id], removed=True)
            return
        data = data_of(event, ArticleIngested if event.type == "article.ingested" else ArticleRevised)
        before = self._articles.get(data.article_id)
        self._articles[data.article_id] = KnownArticle(
            event_id=event.id,
            content=data.content_hash,
            source=data.source,
            story_id=data.story_id,
            revisions=before.revisions + 1 if before else 0,
            removed=before.removed if before else False,
            dated=data.published_at is not None,
        )
        if data.canonical_url:
            self._by_url.setdefault(data.canonical_url, data.article_id)
        self._by_text.setdefault((data.outlet, data.content_hash), data.article_id)
        self._stories.add(data.article_id, data.story_id, data.published_at or data.first_seen_at, data.text)

    def article(self, article_id: str) -> KnownArticle | None:
        """What is known of an article, or None."""
        return self._articles.get(article_id)

    def identify(self, found: ArticleFound) -> str:
        """The article's id: by the source's own id of it, else by its address, else by its text.

        One that is known in any of these ways keeps the id that it has: a feed that changes all its ids, or a second
        feed of the same outlet, brings nothing new.
        """
        ids = _ids(found)
        for article_id in ids:
            if article_id in self._articles:
                return article_id
        by_url = None if found.url_shared else self._by_url.get(canonical_url(found.url) or "")
        if by_url is not None:
            return by_url
        same_text = self._by_text.get((found.outlet, content_hash(found.title, found.text)))
        if same_text is not None and len(found.text.split(maxsplit=_ENOUGH_WORDS)) >= _ENOUGH_WORDS:
            return same_text
        return ids[0]

    def story(self, article_id: str, found: ArticleFound) -> str:
        """The story's id: the id of its first article."""
        known = self._articles.get(article_id)
        if known is not None:
            return known.story_id
        return self._stories.story_of(found.moment, found.text) or article_id


def _ids(found: ArticleFound) -> list[str]:
    """The ids that the article can have, the surest first."""
    url = None if found.url_shared else canonical_url(found.url)
    ids = [fact_id("guid", found.source, found.guid)] if found.guid else []
    ids += [fact_id("url", url)] if url else []
    return ids or [fact_id("text", found.outlet, content_hash(found.title, found.text))]


def to_event(found: ArticleFound, topic: str, *, by: str, known: Known, now: datetime) -> Event | None:
    """`article.ingested`, `article.revised`, or None when the log of `topic` (its id) needs neither.

    Neither for an unchanged text, a removed article, one revised too often, and a text that another source brought
    first: two sources with a teaser and a full text of one page would else revise each other for ever. A day of
    publication that was not known before is a revision, since nothing that the text says could be dated without it.
    """
    article_id = known.identify(found)
    content = content_hash(found.title, found.text)
    before = known.article(article_id)
    fields = {
        "article_id": article_id,
        "url": found.url,
        "canonical_url": canonical_url(found.url),
        "outlet": found.outlet,
        "source": found.source,
        "title": found.title,
        "text": found.text,
        "language": found.language,
        "published_at": found.published_at,
        "precision": found.precision,
        "first_seen_at": found.first_seen_at,
        "content_hash": content,
        "story_id": known.story(article_id, found),
        "history": found.history,
    }
    if before is None:
        return Event.of(
            "article.ingested",
            ArticleIngested.model_validate(fields),
            id_=article_event_id(article_id, content),
            topic=topic,
            at=now,
            cause=None,
            by=by,
        )
    learned_its_day = not before.dated and found.published_at is not None
    is_unchanged = before.content == content and not learned_its_day
    if before.removed or is_unchanged or before.source != found.source:
        return None
    if before.revisions >= MAX_REVISIONS:
        return None
    return Event.of(
        "article.revised",
        ArticleRevised.model_validate({**fields, "previous": before.event_id}),
        id_=article_event_id(article_id, content, before.event_id),
        topic=topic,
        at=now,
        cause=None,
        by=by,
    )

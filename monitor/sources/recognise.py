"""Whether a found article is one that is known: by id, by address, by exact words, by likeness. Pure."""

from dataclasses import dataclass
from functools import cached_property

from monitor.ids import content_hash, fact_id
from monitor.sources.canonical import canonical_url, is_root
from monitor.sources.known import Known, KnownArticle, Look, unnamed_ids
from monitor.sources.likeness import MIN_WORDS, essence, is_long, likeness
from monitor.sources.model import ArticleFound

DAY_S = 86_400.0
_WEEK_S = 7 * DAY_S
EVER_S = float("inf")
_MINUTE_S = 60.0
# How alike (Jaccard) a text must be to one that had another id and another address.
_ALIKE = 0.5
_NEARLY_THE_SAME = 0.8
_NOTHING_IN_COMMON = 0.1
_NEVER = 2.0


@dataclass(frozen=True)
class Met:
    """A found article, with what is known under its id and under its address (None where others share that)."""

    found: ArticleFound
    known: Known
    essence: int
    own_url: str | None
    by_guid: KnownArticle | None
    by_url: KnownArticle | None

    @classmethod
    def of(cls, found: ArticleFound, known: Known) -> "Met":
        """Look an article up."""
        url = canonical_url(found.url)
        own = None if not url or found.url_shared or is_root(url) or known.is_shared(url) else url
        return cls(
            found=found,
            known=known,
            essence=essence(found.title, found.text),
            own_url=own,
            by_guid=known.article(guid_id(found)) if found.guid else None,
            by_url=known.at(own) if own else None,
        )

    @cached_property
    def look(self) -> Look:
        """What it looks like."""
        found = self.found
        return Look.of(found.title, found.text, found.published_at, found.precision)

    def by_text(self, apart: float | None) -> KnownArticle | None:
        """The outlet's article with exactly these words.

        Short texts may be the same by chance: one that has an id or an address of its own must also be published
        within `apart` seconds of the other; None: it is never the same.
        """
        found, same = self.found, self.known.with_text(self.found.outlet, self.essence)
        if same is None or len(found.text.split(maxsplit=MIN_WORDS)) >= MIN_WORDS:
            return same
        if apart == EVER_S or not (found.guid or self.own_url):
            return same
        look = self.known.look(same)
        if look is None or apart is None:
            return None
        published = found.published_at.timestamp() if found.published_at else None
        return same if published == look.published or _within(apart, published, look.published) else None

    def by_likeness(self, present: frozenset[str] | None, *, moved: bool) -> KnownArticle | None:
        """The article of the source or its outlet that this one is most like, if like enough.

        `present` are those that are still there under their own id or address: they are other articles. Without it
        only removed articles are looked for, which never come back.
        """
        source, outlet = self.found.source, self.found.outlet
        own, best, most = self.look, None, 0.0
        for article, other in self.known.candidates(source, own):
            if article.source != source and article.outlet != outlet:
                continue
            if article.removed:
                needed = _needed_of_removed(own, other)
            else:
                needed = _NEVER if present is None else _needed(own, other, moved=moved)
            if needed > 1 or (not article.removed and present and article.article_id in present):
                continue
            if (alike := likeness(own.sketch, other.sketch)) >= max(needed, most):
                best, most = article, alike
        return best

    @property
    def is_removed(self) -> bool:
        """Whether it is an article that was removed, by its id, its address, its words or its likeness to one."""
        if not self.known.has_removed:
            return False
        found = (self.by_guid, self.by_url, self.by_text(None), self.by_likeness(None, moved=False))
        return any(article.removed for article in found if article)

    @property
    def is_stranger(self) -> bool:
        """Whether it is not like the article that is known under its id."""
        return self.by_guid is not None and self._is_unlike(self.by_guid, _ALIKE)

    @property
    def is_like_its_id(self) -> bool:
        """Whether it is like the article that is known under its id, where that alone is no proof."""
        other = self.known.look(self.by_guid) if self.by_guid else None
        if other is None:
            return False
        is_of_its_day = _within(DAY_S, self.look.published, other.published)
        return (is_of_its_day and self.look.title == other.title) or likeness(
            self.look.sketch, other.sketch
        ) >= _ALIKE

    @property
    def is_next_at_address(self) -> bool:
        """Whether its source has put it, under an id of its own, where an article was with which it shares nothing."""
        before, found = self.by_url, self.found
        if not found.guid or self.by_guid or before is None:
            return False
        return before.named and before.source == found.source and self._is_unlike(before, _NOTHING_IN_COMMON)

    @property
    def is_next_of_its_id(self) -> bool:
        """Whether its id stands at another address on something else altogether: it is that of a place.

        Once an article may be written anew under its id, but hardly one that is published more than a week later.
        """
        before = self.by_guid
        if before is None or self.own_url is None or self.by_url == before:
            return False
        if before.revisions and self._is_unlike(before, _NOTHING_IN_COMMON):
            return True
        other = self.known.look(before)
        then, now = other.published if other else None, self.look.published
        return self.is_stranger and then is not None and now is not None and now - then > _WEEK_S

    def _is_unlike(self, article: KnownArticle, least: float) -> bool:
        """Whether an article has another title, another moment and other words, as far as is known."""
        other = self.known.look(article)
        return (
            other is not None
            and self.look.title != other.title
            and not _within(_MINUTE_S, self.look.published, other.published)
            and likeness(self.look.sketch, other.sketch) < least
        )

    def new_id(self, *, trust: bool) -> str:
        """The id of an article that was not recognised: from the source's own id of it, if that is to be trusted."""
        found = self.found
        if found.guid and not self.by_guid and trust:
            return guid_id(found)
        content = content_hash(found.title, found.text)
        ids = unnamed_ids(found, canonical_url(found.url), content, shared=self.own_url is None)
        return ids[0] if self.own_url else next(filter(self.known.article, ids), ids[0])


def guid_id(found: ArticleFound) -> str:
    """The id of an article that has an id of its source's own."""
    return fact_id("guid", found.source, found.guid)


def _needed_of_removed(one: Look, other: Look) -> float:
    """How alike a text must be to a removed article's to be that one."""
    if one.title == other.title:
        return _ALIKE
    return _NEARLY_THE_SAME if is_long(one.sketch) and is_long(other.sketch) else _NEVER


def _needed(one: Look, other: Look, *, moved: bool) -> float:
    """How alike two texts must be to be one article's, under another id and another address."""
    gap = None if one.published is None or other.published is None else abs(one.published - other.published)
    if (gap is None and not moved) or (gap is not None and gap > DAY_S):
        return _NEVER
    same_title = one.title == other.title
    same_minute = gap is not None and gap <= _MINUTE_S and one.to_minute and other.to_minute
    if same_title and (moved or same_minute):
        return _ALIKE
    signs = same_title + same_minute + moved
    if signs == 1:
        signs += is_long(one.sketch) and is_long(other.sketch)
    return _NEARLY_THE_SAME if signs > 1 else _NEVER


def _within(seconds: float, one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and abs(one - other) <= seconds

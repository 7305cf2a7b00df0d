"""What an article is, however often and under whatever address it comes: found article -> event of the log, or nothing.

A source's own id of an article is believed, then its address, then its text. Sources that change their ids, give one id
to several articles, or move with all their articles to another system show it by what they bring at once (`Shown`):
what is decided depends on that and on the log, and on nothing that a restart would lose. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from monitor.ids import article_event_id, content_hash
from monitor.log.events import ArticleIngested, ArticleRevised, Event
from monitor.sources.canonical import canonical_url
from monitor.sources.known import Known, KnownArticle
from monitor.sources.model import ArticleFound
from monitor.sources.recognise import DAY_S, EVER_S, Met

__all__ = [
    "ALONE",
    "MAX_REVISIONS",
    "Known",
    "KnownArticle",
    "Shown",
    "identify",
    "shown_together",
    "to_event",
]

MAX_REVISIONS = 24
"""Pages that change with every visit (a ticking clock, a counter) are not followed for ever."""
BAD_IDS = 0.05
"""Where more than this share of the known articles stand under another id, the source's ids are not believed."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the articles that sources show at once say together; sets of ids of sources, and of known articles."""

    sources: frozenset[str] = frozenset()
    """Of which it speaks."""
    at_home: frozenset[str] = frozenset()
    """Articles that stand there under their own address."""
    present: frozenset[str] = frozenset()
    """Articles that stand there under their own address or id."""
    doubted: frozenset[str] = frozenset()
    """Sources whose ids are not believed."""
    moved: frozenset[str] = frozenset()
    """Sources whose articles come under other ids and other addresses."""


ALONE = Shown()
"""Of an article that came by itself, or by hand: its id, its address and its exact words decide."""


def shown_together(found: Sequence[ArticleFound], known: Known) -> Shown:
    """What articles that came together say of their sources, by what is known already."""
    met = [Met.of(article, known) for article in found]
    at_home = frozenset(one.by_url.article_id for one in met if one.by_url)
    present = at_home | {one.by_guid.article_id for one in met if one.by_guid}
    sources = frozenset(one.found.source for one in met)
    of_each = {source: [one for one in met if one.found.source == source] for source in sources}
    return Shown(
        sources,
        at_home,
        present,
        doubted=frozenset(source for source in sources if _has_bad_ids(of_each[source], present)),
        moved=frozenset(source for source in sources if _has_moved(of_each[source], present)),
    )


def identify(found: ArticleFound, known: Known, shown: Shown = ALONE) -> str:
    """The article's id: by the source's own id of it, else by its address, else by its text, else by its likeness.

    One that is known in any of these ways keeps the id that it has: a feed that changes all its ids, or a second feed
    of the same outlet, brings nothing new.
    """
    return _identify(Met.of(found, known), shown)


def _identify(one: Met, shown: Shown) -> str:
    source = one.found.source
    trust = source not in shown.doubted
    # An id that stands on another article than the one at its address was given twice.
    is_not_its = one.is_next_of_its_id or (one.by_guid and _is_elsewhere(one.by_guid, one, shown))
    by_guid = None if is_not_its else one.by_guid
    if by_guid and trust:
        return by_guid.article_id
    apart = None if source not in shown.sources else DAY_S if trust else EVER_S
    recognised = None if trust and one.is_next_at_address else one.by_url
    recognised = recognised or one.by_text(apart)
    if not recognised:
        present = shown.present if source in shown.sources else None
        recognised = one.by_likeness(present, moved=source in shown.moved)
    if not recognised and by_guid and one.is_like_its_id:
        recognised = by_guid
    return recognised.article_id if recognised else one.new_id(trust=trust)


def to_event(
    found: ArticleFound, topic: str, *, by: str, known: Known, now: datetime, shown: Shown = ALONE
) -> Event | None:
    """`article.ingested`, `article.revised`, or None when the log of `topic` (its id) needs neither.

    Neither for a text that says what is known, a removed article, one revised too often or back and forth, and a text
    that another source brought first: two sources with a teaser and a full text of one page would else revise each
    other for ever. A day of publication that was not known before is a revision, since nothing that the text says could
    be dated without it.
    """
    one = Met.of(found, known)
    article_id = _identify(one, shown)
    before = known.article(article_id)
    if before and not _is_revision(one, before, shown):
        return None
    content = content_hash(found.title, found.text)
    fields = {
        "article_id": article_id,
        "url": found.url,
        "canonical_url": canonical_url(found.url),
        "outlet": found.outlet,
        "source": found.source,
        "title": found.title,
        "author": found.author,
        "text": found.text,
        "language": found.language,
        "published_at": found.published_at,
        "precision": found.precision,
        "first_seen_at": found.first_seen_at,
        "content_hash": content,
        "story_id": before.story_id if before else known.story_of(found.moment, found.text) or article_id,
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
    return Event.of(
        "article.revised",
        ArticleRevised.model_validate({**fields, "previous": before.event_id}),
        id_=article_event_id(article_id, content, before.event_id),
        topic=topic,
        at=now,
        cause=None,
        by=by,
    )


def _is_revision(one: Met, before: KnownArticle, shown: Shown) -> bool:
    """Whether a known article has changed in a way that the log should know of."""
    found, now = one.found, one.essence
    if before.removed or before.source != found.source or before.revisions >= MAX_REVISIONS:
        return False
    if not before.dated and found.published_at is not None:
        return True
    versions = [*(version.essence for version in before.past), before.essence]
    may_be_copy = found.source not in shown.sources or before.article_id in shown.present
    if now in versions and may_be_copy and before not in (one.by_guid, one.by_url):
        return False  # another copy, which was not corrected
    # Back once is a correction taken back; the same change twice is a page that has two versions.
    return now != before.essence and (before.essence, now) not in pairwise(versions)


def _has_bad_ids(met: Sequence[Met], present: frozenset[str]) -> bool:
    """Whether a source's ids change while its articles stay, or stand on articles that they did not name before."""
    compared = changed = strangers = 0
    for one in met:
        if not one.found.guid or one.is_next_at_address:
            continue
        same = one.by_url or one.by_text(DAY_S if one.own_url else EVER_S)
        if one.by_guid and (same in (None, one.by_guid) or one.by_guid.essence == one.essence):
            compared += 1
            strangers += same is None and one.own_url is not None and one.is_stranger
        elif same and same.source == one.found.source and (one.by_url or same.article_id not in present):
            compared += 1
            changed += 1
    bad = changed + strangers
    # A lone article with other words under its old id may have been written anew.
    return bad > BAD_IDS * compared and (bad > 1 or (bad == compared and not strangers))


def _has_moved(met: Sequence[Met], present: frozenset[str]) -> bool:
    """Whether most of a source's known articles come under another id and another address at once."""
    strange = [one for one in met if not one.by_guid and not one.by_url]
    enough = max(2, len(met) - len(strange))
    if len(strange) < enough or not met[0].known.moments(met[0].found.source):
        return False
    again = (one.by_text(DAY_S) or one.by_likeness(present, moved=True) for one in strange)
    return sum(article is not None for article in again) >= enough


def _is_elsewhere(article: KnownArticle, one: Met, shown: Shown) -> bool:
    """Whether a known article stands in the feed under its own address, and this is not it."""
    itself = one.by_url is not None and one.by_url.article_id == article.article_id
    return article.article_id in shown.at_home and not itself

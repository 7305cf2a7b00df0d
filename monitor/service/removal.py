"""A publisher wants an article's words back: they go out of every view, and what was learned from them stays.

    find the article in the logs             (by id or by address; several topics may hold it)
    append `article.removed`                 (id: the article, so that twice is once)
    withhold its words from messages         (those that are queued are rendered anew, here and now)
    have the logs read                       (the read model loses the words, the status stays)

Dying anywhere, doing it again goes on. The log itself only grows: the words stay in the older entries.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from monitor import __version__
from monitor.alerts.message import render
from monitor.alerts.withhold import withhold
from monitor.errors import BadInputError
from monitor.ids import removal_id
from monitor.log.events import (
    SYSTEM_TOPIC,
    ArticleContent,
    ArticleRemoved,
    ClaimsDetected,
    Event,
    TopicDefined,
    data_of,
)
from monitor.log.stream import EventLog, pass_over
from monitor.readmodel.projector import Projector
from monitor.service.claims import ARTICLES
from monitor.service.once import have_read
from monitor.service.wiring import Parley
from monitor.sources.canonical import canonical_url
from monitor.topics import Topic

BY = f"articles/{__version__}"


@dataclass(frozen=True)
class Held:
    """An article as a topic's log holds it now, without its text; of a removed one without its title too."""

    topic: str
    article_id: str
    outlet: str
    title: str
    published_at: datetime | None
    removed: str | None = None
    """Why its words are out of view; None while they are shown."""
    claims: int = 0
    """What the newest reading found in it."""
    alerts: int = 0
    """How many alerts quote it."""
    definition: Topic | None = None
    """The topic as the log last defined it; None when nobody has read the log yet."""


@dataclass
class _Shelf:
    """The articles of a topic's log of which one is wanted, by id or by address."""

    topic: str
    wanted: str
    definition: Topic | None = None
    articles: dict[str, Held] = field(default_factory=dict)
    found: set[str] = field(default_factory=set)
    quoting: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def take(self, event: Event) -> None:
        """Take in an event of the topic's log."""
        if event.type in ARTICLES:
            self._take_article(data_of(event, ARTICLES[event.type]))
        elif event.type == "article.removed":
            gone = data_of(event, ArticleRemoved)
            if known := self.articles.get(gone.article_id):
                self.articles[gone.article_id] = replace(known, title="", removed=gone.reason)
        elif event.type == "claims.detected":
            read = data_of(event, ClaimsDetected)
            if known := self.articles.get(read.article_id):
                self.articles[read.article_id] = replace(known, claims=len(read.claims))
        elif event.type == "topic.defined":
            self.definition = Topic.model_validate(data_of(event, TopicDefined).definition)
        for quote in event.data.get("evidence", ()):
            self.quoting[quote["article_id"]].add(event.data["alert_id"])

    def _take_article(self, article: ArticleContent) -> None:
        known = self.articles.get(article.article_id)
        removed = known.removed if known else None
        self.articles[article.article_id] = Held(
            topic=self.topic,
            article_id=article.article_id,
            outlet=article.outlet,
            title="" if removed else article.title,
            published_at=article.published_at,
            removed=removed,
        )
        canonical = canonical_url(self.wanted)
        if self.wanted in {article.article_id, article.url} or (
            canonical is not None and canonical == article.canonical_url
        ):
            self.found.add(article.article_id)

    def one(self) -> Held | None:
        """The article that is wanted, or None.

        Raises:
            BadInputError: several have this address.
        """
        if len(self.found) > 1:
            raise BadInputError(
                f"{len(self.found)} articles of {self.topic} have the address {self.wanted}; "
                f"name one of them by its id: {', '.join(sorted(self.found))}"
            )
        for id_ in self.found:
            alerts = len(self.quoting[id_])
            return replace(self.articles[id_], alerts=alerts, definition=self.definition)
        return None


def _on_shelf(log: EventLog, topic: str, wanted: str) -> Held | None:
    shelf = _Shelf(topic, wanted)
    for recorded in log.read_all(topic, corrupt=pass_over):
        shelf.take(recorded.event)
    return shelf.one()


def holding(log: EventLog, wanted: str, topic: str | None = None) -> list[Held]:
    """The article of that id or address in each topic that holds it, watched or not; `topic`: only there.

    Raises:
        BadInputError: no topic holds it, there is no such log, or several articles of a topic have the address.
    """
    known = [name for name in log.topics() if name != SYSTEM_TOPIC]
    if topic is not None and topic not in known:
        raise BadInputError(f"there is no log of {topic!r}; there is: {', '.join(known) or 'none yet'}")
    looked = [_on_shelf(log, name, wanted.strip()) for name in known if topic in {None, name}]
    found = [held for held in looked if held is not None]
    if not found:
        where = f"{topic} holds no" if topic else "no topic holds an"
        raise BadInputError(
            f"{where} article with the id or the address {wanted!r}; see `parley articles` for what there is"
        )
    return found


def remove(parley: Parley, held: Sequence[Held], reason: str, *, by_another: bool) -> None:
    """Take the words of articles out of every view; those that are removed already keep their reason.

    Args:
        parley: what to work with.
        held: the articles, as `holding` found them.
        reason: goes into the log and is shown beside the article.
        by_another: whether a service runs that reads the logs.

    Raises:
        BadInputError: there is no reason.
        LogError: the log did not take it; doing it again goes on.
        ParleyError: the service that runs did not go on reading.
    """
    if not reason.strip():
        raise BadInputError('a removal needs a reason, as in --reason "asked by the publisher"')
    for one in held:
        if one.removed is None:
            parley.log.append(one.topic, [_removal(one, reason.strip(), parley.clock())])
        _withhold(parley, one)
    have_read(parley, by_another=by_another)
    for one in held:
        if one.topic not in parley.topics:
            _project(parley, one)


def _removal(held: Held, reason: str, now: datetime) -> Event:
    return Event.of(
        "article.removed",
        ArticleRemoved(article_id=held.article_id, reason=reason),
        id_=removal_id(held.article_id),
        topic=held.topic,
        at=now,
        cause=None,
        by=BY,
    )


def _withhold(parley: Parley, held: Held) -> None:
    """Of a topic that nobody ever read, nobody was told anything."""
    if held.definition is not None:
        renderer = partial(render, topic=held.definition, dashboard_url=parley.settings.dashboard_url)
        withhold(parley.service, parley.log, held.topic, held.article_id, renderer)


def _project(parley: Parley, held: Held) -> None:
    """Of a topic that is watched no longer the read model may still show what it knew: there, nobody else reads on."""
    if held.definition is None:
        return
    projector = Projector(parley.read_model, held.definition)
    if projector.checkpoint is None:
        return
    projector.catch_up(parley.log)
    for recorded in parley.log.read_all(held.topic, corrupt=pass_over):
        projector.project(recorded)  # passes over what is projected already

"""A made-up story for the tests of the read model and of the screens: dock workers, a port and a mediator.

Events are appended to a log as the service would, with ids made as everywhere; the clock moves a second per event.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select

from monitor.ids import (
    alert_id,
    article_event_id,
    claim_id,
    claims_event_id,
    content_hash,
    fact_id,
    removal_id,
    shift_id,
)
from monitor.log.events import (
    AlertCancelled,
    AlertRaised,
    ArticleIngested,
    ArticleRemoved,
    ArticleRevised,
    ClaimsDetected,
    Detector,
    Event,
    Quote,
    StatusChange,
    StatusWithdrawn,
    TopicDefined,
)
from monitor.log.stream import EventLog
from monitor.readmodel.model import ReadModel
from monitor.readmodel.projection import project_page
from monitor.readmodel.projector import Projector, save_checkpoint
from monitor.readmodel.tables import METADATA, ArticleBodyRow
from monitor.status.state import TopicState
from monitor.topics.model import Channel, Party, Topic
from monitor.vocabulary import Attribution, Claim, ClaimKind, Mood, Position, Precision, Span, Status, When

TOPIC = Topic(
    id="docks",
    label="Dock workers – Port",
    parties=(
        Party(id="union", label="Dockers' union", aliases=("dockers",)),
        Party(id="port", label="Port authority", aliases=("port authority",)),
        Party(id="ministry", label="Ministry", aliases=("ministry",)),
    ),
    channels=(
        Channel(id="pay", label="Union and port authority", parties=("union", "port")),
        Channel(id="safety", label="Union and ministry", parties=("union", "ministry")),
        Channel(id="mediation", label="Through the mediator", intermediaries=("ministry",)),
    ),
)
DETECTOR = Detector(name="by-hand", version="1")
START = datetime(2026, 3, 1, 8, tzinfo=UTC)
BY = "test/1"
HOSTILE = (
    '<script>window.__x=1</script><img src="http://evil.test/a.png" onerror="window.__x=2">'
    "<style>body{display:none!important}</style>"
    '<a href="javascript:window.__x=3">x</a><span style="position:fixed;inset:0;z-index:9999">o</span>'
    '<form action="http://evil.test/f"><input></form> ![p](http://evil.test/md.png) :red[hi] $x$'
)


class Story:
    """Writes a log event by event."""

    def __init__(self, log: EventLog, topic: Topic = TOPIC, *, start: datetime = START) -> None:
        self.log = log
        self.topic = topic
        self.now = start
        self.decisions = 0

    def tell(self, type_: str, data: BaseModel, id_: str, cause: str | None = None) -> Event:
        """Append one event."""
        self.now += timedelta(seconds=1)
        event = Event.of(type_, data, id_=id_, topic=self.topic.id, at=self.now, cause=cause, by=BY)
        expected = self.decisions if event.is_decision else None
        self.decisions = self.log.append(self.topic.id, [event], expected_decisions=expected).decisions
        return event

    def define(self) -> Event:
        data = TopicDefined(definition=self.topic.model_dump(mode="json"), topic_hash=self.topic.hash)
        return self.tell("topic.defined", data, fact_id("topic", self.topic.id, self.topic.hash))

    def article(
        self,
        key: str,
        outlet: str,
        published: date,
        title: str,
        text: str,
        previous: Event | None = None,
        **more: Any,
    ) -> Event:
        moment = datetime(published.year, published.month, published.day, 6, tzinfo=UTC)
        fields: dict[str, Any] = {
            "article_id": fact_id("test-article", key),
            "url": f"https://{outlet.lower().replace(' ', '')}.example/{key}",
            "canonical_url": None,
            "outlet": outlet,
            "source": "made-up",
            "title": title,
            "author": "",
            "text": text,
            "language": "en",
            "published_at": moment,
            "precision": Precision.DAY,
            "first_seen_at": self.now,
            "content_hash": content_hash(title, text),
            "story_id": fact_id("story", key),
            "history": False,
            **more,
        }
        id_ = article_event_id(fields["article_id"], fields["content_hash"], previous and previous.id)
        if previous is None:
            return self.tell("article.ingested", ArticleIngested(**fields), id_)
        return self.tell("article.revised", ArticleRevised(**fields, previous=previous.id), id_)

    def remove(self, article_id: str) -> Event:
        gone = ArticleRemoved(article_id=article_id, reason="asked by its outlet")
        return self.tell("article.removed", gone, removal_id(article_id))

    def claims(self, article: Event, *claims: Claim, version: str = "1") -> Event:
        data = ClaimsDetected(
            article_event=article.id,
            article_id=article.data["article_id"],
            detector=Detector(name="by-hand", version=version),
            topic_hash=self.topic.hash,
            claims=claims,
        )
        id_ = claims_event_id(article.id, version, self.topic.hash)
        return self.tell("claims.detected", data, id_, article.id)

    def shift(
        self,
        cause: Event,
        channel: str,
        from_: Status,
        to: Status,
        name: str,
        start: tuple[date | None, date | None],
        claims: Sequence[Claim] = (),
        *,
        type_: str = "status.shifted",
        first: str | None = None,
        certainty: str = "reported",
        confidence: float = 0.8,
        reason: str = "new_shift",
    ) -> Event:
        data = StatusChange(
            shift_id=first or shift_id(self.topic.id, channel, to, cause.id),
            channel=channel,
            from_status=from_,
            to_status=to,
            name=name,
            start_earliest=start[0],
            start_latest=start[1],
            certainty=certainty,
            confidence=confidence,
            contested=False,
            claim_ids=tuple(claim.id for claim in claims),
            reason=reason,
        )
        return self.tell(type_, data, fact_id(type_, data.shift_id, cause.id), cause.id)

    def alert(
        self, shift: Event, article: Event, claims: Sequence[Claim], *, type_: str, reason: str
    ) -> Event:
        about = StatusChange.model_validate(shift.data)
        data = AlertRaised(
            alert_id=alert_id(about.shift_id),
            shift_id=about.shift_id,
            channel=about.channel,
            from_status=about.from_status,
            to_status=about.to_status,
            name=about.name,
            effective_at=about.start_earliest or about.start_latest,
            severity="major",
            certainty=about.certainty,
            text=f"{about.name} on {about.channel}",
            evidence=tuple(
                Quote(
                    claim_id=claim.id,
                    article_id=article.data["article_id"],
                    outlet=article.data["outlet"],
                    url=article.data["url"],
                    published_at=article.data["published_at"],
                    text=claim.span.text,
                )
                for claim in claims
            ),
            reason=reason,
        )
        return self.tell(type_, data, fact_id(type_, data.alert_id, shift.id), shift.id)

    def withdraw(self, shift: Event) -> tuple[Event, Event]:
        about = StatusChange.model_validate(shift.data)
        gone = StatusWithdrawn(
            shift_id=about.shift_id, channel=about.channel, to_status=about.to_status, reason="withdrawn"
        )
        first = self.tell("status.withdrawn", gone, fact_id("withdrawn", about.shift_id), shift.id)
        cancelled = AlertCancelled(
            alert_id=alert_id(about.shift_id),
            shift_id=about.shift_id,
            channel=about.channel,
            text="taken back",
            reason="withdrawn",
        )
        return first, self.tell("alert.cancelled", cancelled, fact_id("cancelled", about.shift_id), first.id)


def claim(
    article: Event,
    channel: str,
    kind: str,
    quote: str,
    earliest: date | None,
    latest: date | None,
    **more: Any,
) -> Claim:
    """A claim on a literal passage of the article's text (else of its title)."""
    text, in_title = article.data["text"], False
    if quote not in text:
        text, in_title = article.data["title"], True
    start = text.index(quote)
    fields: dict[str, Any] = {
        "position": Position.LEAD,
        "attribution": Attribution.OFFICIALS,
        "mood": Mood.ASSERTED,
        "confidence": 0.85,
        **more,
    }
    return Claim(
        id=claim_id(article.data["article_id"], channel, kind, quote, 0),
        channel=channel,
        kind=ClaimKind(kind),
        when=When(start_earliest=earliest, start_latest=latest),
        span=Span(start=start, end=start + len(quote), text=quote, in_title=in_title),
        rule="by hand",
        **fields,
    )


def tell_all(story: Story, *, moved: timedelta = timedelta()) -> None:
    """Proposed, under way, stalled, rejected on `pay`; hostile text on `safety`; nothing on `mediation`.

    All days are `moved`, for screens that ask what time it is.
    """
    story.define()
    told: list[tuple[Event, list[Claim], str, Status, Status, str, bool]] = []
    pay: list[tuple[str, str, date, str, str, str, str, str]] = [
        (
            "a1",
            "Harbour Post",
            date(2026, 1, 12),
            "Port offers dockers talks",
            "The port authority sent a letter on Monday. The port authority has offered talks on pay, "
            "its spokesman said. The union is yet to answer.",
            "The port authority has offered talks on pay",
            "proposed",
            "talks proposed",
        ),
        (
            "a2",
            "Daily Tide",
            date(2026, 1, 20),
            "Pay talks open at the docks",
            "Both sides sat down at noon. Talks on pay opened on Tuesday in the customs house, officials said, with "
            "a mediator in the next room.",
            "Talks on pay opened on Tuesday in the customs house",
            "underway",
            "talks begun",
        ),
        (
            "a3",
            "Harbour Post",
            date(2026, 2, 9),
            "Dock talks on hold",
            "A crane failed on Sunday. The pay talks have been put on hold since the accident, two people close to "
            "them said.",
            "The pay talks have been put on hold since the accident",
            "stalled",
            "talks stalled",
        ),
        (
            "a4",
            "Evening Anchor",
            date(2026, 2, 26),
            "Dockers reject new round",
            "The answer came at night. The dockers’ leader rejected a new round of talks, three delegates said, and "
            "called for a strike vote instead.",
            "The dockers’ leader rejected a new round of talks",
            "rejected",
            "talks rejected",
        ),
    ]
    before = Status.NONE
    for key, outlet, when, title, text, quote, kind, name in pay:
        day = when + moved
        article = story.article(key, outlet, day, title, text, history=key < "a3")
        earliest = None if kind == "stalled" else day
        found = [claim(article, "pay", kind, quote, earliest, day)]
        story.claims(article, *found)
        to = ClaimKind(kind).status
        told.append((article, found, "pay", before, to, name, key < "a3"))
        before = to
    evil_day = date(2026, 2, 27) + moved
    evil = story.article(
        "a5",
        'Evil <b>"Outlet"</b>',
        evil_day,
        f"Title {HOSTILE}",
        f"Text. {HOSTILE} The ministry called for talks.",
        url="javascript:window.__x=4",
    )
    found = [claim(evil, "safety", "proposed", f"{HOSTILE} The ministry called for talks", None, evil_day)]
    story.claims(evil, *found)
    told.append((evil, found, "safety", Status.NONE, Status.PROPOSED, "talks proposed", False))
    for article, claims, channel, from_, to, name, history in told:
        start = claims[0].when.start_earliest, claims[0].when.start_latest
        shift = story.shift(article, channel, from_, to, name, start, claims)
        type_, reason = ("alert.suppressed", "history") if history else ("alert.raised", "new_shift")
        story.alert(shift, article, claims, type_=type_, reason=reason)


def project(story: Story, model: ReadModel) -> Projector:
    """Project what the story's log holds and the model does not; into an empty model all at once, as a rebuild does."""
    if Projector(model, story.topic).checkpoint is None and (
        events := list(story.log.read_all(story.topic.id))
    ):
        with model.write(story.topic.id) as session:
            project_page(session, TopicState(story.topic), events)
            save_checkpoint(session, events[-1], story.log.epoch(story.topic.id) or "")
    return project_live(story, model)


def project_live(story: Story, model: ReadModel) -> Projector:
    """As a reader does it: each event in a transaction."""
    projector = Projector(model, story.topic)
    projector.catch_up(story.log)
    for recorded in story.log.read_all(story.topic.id):
        projector.project(recorded)
    return projector


def stored_text(model: ReadModel, topic: str, article_id: str) -> str | None:
    """An article's text as the read model holds it, whatever may be shown of it."""
    with model.read() as session:
        row = session.get(ArticleBodyRow, (topic, article_id))
        return None if row is None else row.text


def take_away(model: ReadModel) -> None:
    """Remove the read model in use, and whatever says that there was one."""
    if not model.store.url:
        for path in (model.data_dir / "readmodel").iterdir():
            path.unlink()
        return
    engine, name = model.store.service(), model.in_use()
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
        connection.exec_driver_sql("DELETE FROM read_model_in_use")
    engine.dispose()


def dump(model: ReadModel) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in the order of its key."""
    with model.read() as session:
        return {
            name: [
                tuple(row) for row in session.connection().execute(select(table).order_by(*table.primary_key))
            ]
            for name, table in sorted(METADATA.tables.items())
        }

"""A builder of claim records by what matters for status; everything else gets a plain value."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from monitor.ids import fact_id
from monitor.log.events import (
    ArticleIngested,
    ArticleRevised,
    ClaimJudged,
    ClaimsDetected,
    Detector,
    Event,
)
from monitor.status.decide import decide
from monitor.status.model import ClaimRecord
from monitor.status.state import TopicState
from monitor.topics.model import Channel, Party, Topic
from monitor.vocabulary import Attribution, Claim, ClaimKind, Mood, Position, Precision, Span, When


class Builder:
    """Makes claim records: `said("2025-05-24", "proposed", ...)`."""

    def __call__(
        self,
        published: str | datetime,
        kind: str,
        *,
        channel: str = "government",
        article: str | None = None,
        story: str | None = None,
        outlet: str | None = None,
        when: tuple[str | None, str | None] | None = None,
        nth: int = 0,
        first_seen: datetime | None = None,
        known_from: datetime | None = None,
        history: bool = False,
        text: str | None = None,
        **claim: Any,
    ) -> ClaimRecord:
        """A record of one claim; `published` is a day ("2025-05-24") or a moment ("2025-05-24T10:00").

        `when` None: the day of publication. `article` defaults to one per publication, `story` and `outlet` to one per
        article.
        """
        told, precision = _moment(published)
        article = article or f"article of {published}"
        seen = first_seen or told
        text = text or f"{kind} in {article}"
        claim_id = fact_id("claim", article, channel, kind, text, str(when), str(claim), nth)
        start, latest = when if when is not None else (told.date().isoformat(),) * 2
        return ClaimRecord(
            claim=Claim(
                id=claim_id,
                channel=channel,
                kind=ClaimKind(kind),
                mood=Mood(claim.pop("mood", "asserted")),
                attribution=Attribution(claim.pop("attribution", "sources")),
                position=Position(claim.pop("position", "headline")),
                confidence=claim.pop("confidence", 0.8),
                when=When(
                    start_earliest=date.fromisoformat(start) if start else None,
                    start_latest=date.fromisoformat(latest) if latest else None,
                ),
                span=Span(start=100 * nth, end=100 * nth + len(text), text=text),
                rule="test",
                **claim,
            ),
            article_id=fact_id("article", article),
            article_event=fact_id("event", article),
            story_id=fact_id("story", story or article),
            outlet=outlet or f"outlet of {article}",
            published_at=told,
            precision=precision,
            first_seen_at=seen,
            history=history,
            known_from=known_from or seen,
        )

    def copy(self, record: ClaimRecord, nth: int, hours: float = 1) -> ClaimRecord:
        """The same story in another outlet, some hours later."""
        article = fact_id("copy", record.article_id, nth)
        assert record.published_at is not None
        return replace(
            record,
            claim=record.claim.model_copy(update={"id": fact_id("copy", record.claim.id, nth)}),
            article_id=article,
            article_event=fact_id("event", article),
            outlet=f"copying outlet {nth}",
            published_at=record.published_at + timedelta(hours=hours),
        )


def _moment(published: str | datetime) -> tuple[datetime, Precision]:
    if isinstance(published, datetime):
        return published, Precision.TIME
    if "T" in published:
        return datetime.fromisoformat(published).replace(tzinfo=UTC), Precision.TIME
    return datetime.combine(date.fromisoformat(published), time(), tzinfo=UTC), Precision.DAY


@pytest.fixture(scope="session")
def said() -> Builder:
    return Builder()


class Newsroom:
    """A topic's log as the reader would write it: article, claims, decisions, each applied to the state."""

    BY = "test"

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.state = TopicState(topic)
        self.log: list[Event] = []

    def publish(
        self, *records: ClaimRecord, revised: bool = False, at: datetime | None = None
    ) -> list[Event]:
        """One article with these claims comes in; what is decided about it."""
        one = records[0]
        assert one.published_at is not None
        at = at or one.first_seen_at
        return self.reread(*records, at=at, event=self.article(one, at, revised=revised))

    def article(self, one: ClaimRecord, at: datetime, *, revised: bool = False) -> Event:
        """The article of a record comes in, or its revision."""
        content = {
            "article_id": one.article_id,
            "url": one.url,
            "canonical_url": None,
            "outlet": one.outlet,
            "source": "feed",
            "title": one.title,
            "author": "",
            "text": "",
            "language": "en",
            "published_at": one.published_at,
            "precision": one.precision,
            "first_seen_at": one.first_seen_at,
            "content_hash": fact_id("text", one.claim.span.text),
            "story_id": one.story_id,
            "history": one.history,
        }
        if revised:
            return self.append("article.revised", ArticleRevised(**content, previous=one.article_event), at)
        return self.append("article.ingested", ArticleIngested(**content), at)

    def reread(
        self, *records: ClaimRecord, at: datetime, event: Event | None = None, version: str = "1"
    ) -> list[Event]:
        """An article's current version is read by a detector; what is decided about it."""
        article = self.state.article(records[0].article_id)
        assert article is not None
        detected = ClaimsDetected(
            article_event=article.event,
            article_id=article.article_id,
            detector=Detector(name="test", version=version),
            topic_hash=self.topic.hash,
            claims=tuple(record.claim for record in records),
        )
        return self.decided(self.append("claims.detected", detected, at))

    def judge(self, type_: str, record: ClaimRecord, at: datetime) -> list[Event]:
        """A claim is dismissed or restored; what is decided about it."""
        judged = ClaimJudged(claim_id=record.claim.id, operator_id="op", why="test")
        return self.decided(self.append(type_, judged, at))

    def append(self, type_: str, data: BaseModel, at: datetime) -> Event:
        """An event of the log, applied."""
        event = Event.of(
            type_, data, id_=fact_id(type_, len(self.log)), topic=self.topic.id, at=at, cause=None, by=self.BY
        )
        return self.apply(event)

    def decided(self, cause: Event) -> list[Event]:
        """What is decided after `cause`, applied."""
        events = decide(self.state, cause, at=cause.recorded_at, by=self.BY)
        for event in events:
            self.apply(event)
        return events

    def apply(self, event: Event) -> Event:
        self.log.append(event)
        self.state.apply(event)
        return event


def brief(events: list[Event]) -> list[tuple[str, ...]]:
    """Events as (type, channel, name or "", reason), for comparing with what is expected."""
    return [
        (event.type, event.data["channel"], event.data.get("name", ""), event.data["reason"])
        for event in events
    ]


@pytest.fixture
def told() -> Callable[[list[Event]], list[tuple[str, ...]]]:
    return brief


@pytest.fixture(scope="session")
def topic() -> Topic:
    return Topic(
        id="pti",
        label="PTI",
        parties=(Party(id="pti", label="PTI"), Party(id="federal-government", label="Federal government")),
        channels=(
            Channel(
                id="government", label="PTI and the federal government", parties=("pti", "federal-government")
            ),
            Channel(id="establishment", label="PTI and the military"),
            Channel(id="overseas", label="Overseas Pakistanis"),
        ),
    )


@pytest.fixture(scope="session")
def new_room(topic: Topic) -> Callable[[], Newsroom]:
    return lambda: Newsroom(topic)


@pytest.fixture
def newsroom(new_room: Callable[[], Newsroom]) -> Newsroom:
    return new_room()

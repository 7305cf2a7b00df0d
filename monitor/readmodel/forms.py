"""The answers of the read model, as pydantic values: what `--json` prints and what the screens show.

Field names and nesting are a contract (ARCHITECTURE.md, "Contracts"). Days are ISO dates, moments ISO times in UTC.
`since` and `start` are a segment's `start_earliest` where known, else its `start_latest`.
"""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Form(BaseModel):
    """Base of the answers."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    def to_json(self) -> Any:
        """Plain JSON values under the names of the contract."""
        return self.model_dump(mode="json", by_alias=True)


class Evidence(Form):
    """A literal passage of an article, with where it stands."""

    article: str
    outlet: str
    published_at: datetime | None
    quote: str
    url: str | None


class ChannelStatus(Form):
    """Where one channel's talks stand."""

    channel: str
    status: str
    since: date | None
    certainty: str | None
    confidence: float | None
    contested: bool
    stale: bool
    evidence: list[Evidence]


class Shift(Form):
    """A shift as it stands after its last update."""

    shift: str
    channel: str
    from_: str = Field(alias="from")
    to: str
    name: str
    start: date | None
    certainty: str
    shifted_at: datetime


class ShiftEntry(Shift):
    """A shift in full, withdrawn or not, with when it began by what is known now and why it last changed."""

    start_earliest: date | None
    start_latest: date | None
    confidence: float
    contested: bool
    state: str
    """`shifted`, `updated` or `withdrawn`."""
    reason: str
    changed_at: datetime


class TopicStatus(Form):
    """Where a topic's talks stand: its headline, and each channel in the topic's order."""

    topic: str
    status: str
    since: date | None
    certainty: str | None
    confidence: float | None
    contested: bool
    stale: bool
    channels: list[ChannelStatus]
    last_shift: Shift | None


class SegmentForm(Form):
    """A period in which a channel had one status."""

    status: str
    name: str
    start: date | None
    start_earliest: date | None
    start_latest: date | None
    end: date | None
    last_evidence: date | None
    """The last day of which evidence shows that it held, not before `start_latest`."""
    stale_from: date | None
    """First day on which it is only the last known, for want of newer evidence; None: the next one began before."""
    certainty: str
    confidence: float
    contested: bool
    evidence: list[Evidence]


class ChannelTimeline(Form):
    """A channel's segments, oldest first."""

    channel: str
    segments: list[SegmentForm]


class TopicTimeline(Form):
    """The timelines of a topic's channels, in the topic's order."""

    topic: str
    channels: list[ChannelTimeline]


class AlertChange(Form):
    """One thing that happened to an alert."""

    at: datetime
    state: str
    certainty: str | None
    confidence: float | None
    contested: bool | None
    reason: str
    text: str


class AlertEntry(Form):
    """An alert as it stands, with everything that happened to it, oldest change first.

    `effective_at` is what was told; `start_earliest` .. `start_latest` is when the shift began by what is known now.
    """

    alert: str
    topic: str
    shift: str
    channel: str
    from_: str = Field(alias="from")
    to: str
    name: str
    status: str
    effective_at: date | None
    start_earliest: date | None
    start_latest: date | None
    raised_at: datetime
    certainty: str
    confidence: float | None
    """As its shift had it when it was told last."""
    contested: bool
    state: str
    reason: str
    severity: str
    text: str
    event: str
    """The id of the event that told it last."""
    acknowledged: bool
    """Whether a person took note of it as it stands."""
    articles: list[Evidence]
    changes: list[AlertChange]


class Silence(Form):
    """A time in which nothing new is told of a topic, or of one channel; `operator` is an opaque id."""

    silence: str
    topic: str
    channel: str | None
    from_: datetime = Field(alias="from")
    until: datetime
    operator: str
    why: str
    ended_at: datetime | None
    """When a person ended it before its time."""

    def is_over(self, now: datetime) -> bool:
        """Whether it holds no more at `now` (UTC-aware)."""
        return self.ended_at is not None or self.until <= now


class ClaimEntry(Form):
    """A claim in the form of `parley detect`, with its article and the time in which it was held true."""

    id: str
    kind: str
    status: str
    cameo: str
    channel: str
    parties: list[str]
    speaker: str | None
    principal: str | None
    mood: str
    attribution: str
    position: str
    background: bool
    when: dict[str, Any]
    span: dict[str, Any]
    confidence: float
    rule: str
    quote_hash: str
    """SHA-256 of the quote, in hex; it stays when the words are removed."""
    article: str
    outlet: str
    title: str
    url: str | None
    published_at: datetime | None
    known_from: datetime
    known_until: datetime | None


class TopicEntry(Form):
    """A topic that the log defines, with its channels' labels in order."""

    topic: str
    label: str
    channels: dict[str, str]
    time_zone: str | None = None
    """The name of the time zone in which its talks happen, as "Asia/Karachi"."""


class Freshness(Form):
    """How far a topic's log has been projected, and how new what it holds is."""

    topic: str
    position: str | None
    last_event_at: datetime | None
    last_article_at: datetime | None
    """When the newest article was first seen."""
    articles: int
    dead_letters: int


class SourceProblem(Form):
    """Why a source is in trouble: a word for counting, what happened, and what it means and a person can do."""

    reason: str
    words: str
    advice: str


class SourceForm(Form):
    """How a source fares. A number that is not known is None."""

    id: str
    outlet: str
    """Its name for people; empty: nobody has given one."""
    kind: str
    topics: list[str]
    place: str
    """Its address without login and query, or its path."""
    state: str
    """`new`, `well`, `silent`, `failing`, `gone` or `paused`."""
    since: datetime | None
    """Since when it has failed or been silent."""
    problem: SourceProblem | None
    """What hinders it, or has hindered its last poll."""
    last_ok_at: datetime | None
    last_poll_at: datetime | None
    next_poll_at: datetime | None
    """None where it is not polled."""
    error_streak: int
    entries_per_week: float | None
    entries_seen: int | None
    entries_relevant: int | None
    """How many of the entries seen a topic took in."""
    share_relevant: float | None
    """That, from 0 to 1."""
    newest_at: datetime | None
    """When it last brought something new."""
    note: str
    """What was odd at the last poll that succeeded; empty: nothing."""


class Headline(Form):
    """A headline that concerned no topic, and why: for each topic its id and, after a colon, the reason."""

    title: str
    url: str | None
    why: str
    seen_at: datetime


class PassedOver(Form):
    """What of a source was passed over in the last week: how many headlines, and the newest of them."""

    source: str
    count: int
    headlines: list[Headline]

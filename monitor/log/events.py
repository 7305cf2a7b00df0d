"""The vocabulary of the log: the envelope, and the data of every type of event. Pure.

The envelope takes its names from CloudEvents 1.0 where that has one: `id`, `type`, `data` mean what they mean there,
`recorded_at` is its `time`, `by` its `source`, `topic` its `subject`. `cause` is the event that led to this one.
Data is closed (unknown fields are refused); a change of shape is a new schema version with an upcaster.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from monitor import __version__
from monitor.errors import CorruptEventError, NewerLogError
from monitor.vocabulary import Certainty, Claim, Precision, Status, Value

SYSTEM_TOPIC = "_system"
"""The log of what belongs to no topic."""

EventId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
_EVENT_ID = re.compile(r"[0-9a-f]{32}")
_VERSION = re.compile(r"\d+")
Utc = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]


class TopicDefined(Value):
    """A topic as configured."""

    definition: dict[str, Any]
    topic_hash: EventId


class ArticleContent(Value):
    """What is known of an article's text; shared by `article.ingested` and `article.revised`."""

    article_id: EventId
    url: str | None
    canonical_url: str | None
    outlet: str
    source: str
    title: str
    author: str
    """Names as the source gives them; empty where it gives none."""
    text: str
    language: str
    published_at: Utc | None
    precision: Precision
    first_seen_at: Utc
    content_hash: EventId
    story_id: EventId
    history: bool


class ArticleIngested(ArticleContent):
    """A text that mentions the topic was seen for the first time."""


class ArticleRevised(ArticleContent):
    """An article's text changed; `previous` is the event that held it before."""

    previous: EventId


class ArticleRemoved(Value):
    """An article's words are out of every view from here on, at its publisher's request; its claims still hold."""

    article_id: EventId
    reason: str


class Detector(Value):
    """Which detector made the claims."""

    name: str
    version: str


class ClaimsDetected(Value):
    """Everything that the detector found in one article event; it replaces what it found there before."""

    article_event: EventId
    article_id: EventId
    detector: Detector
    topic_hash: EventId
    claims: tuple[Claim, ...]


class ClaimsFailed(Value):
    """The detector failed on an article; `error` is the traceback's last line."""

    article_event: EventId
    article_id: EventId
    detector: Detector
    topic_hash: EventId
    error: str


Verdict = Literal["dismissed", "restored"]
LONGEST_WHY = 500
"""Characters of a person's reason."""


class ClaimJudged(Value):
    """A person's correction: `claim.dismissed` or `claim.restored`. The operator is an opaque id."""

    claim_id: EventId
    operator_id: str
    why: str


class StatusChange(Value):
    """A shift as it stands: shared by `status.shifted` and `status.updated`."""

    shift_id: EventId
    channel: str
    from_status: Annotated[Status, Field(alias="from")]
    to_status: Annotated[Status, Field(alias="to")]
    name: str
    start_earliest: date | None
    start_latest: date | None
    certainty: Certainty
    confidence: Annotated[float, Field(ge=0, le=1)]
    contested: bool
    claim_ids: tuple[EventId, ...]
    reason: str


class StatusWithdrawn(Value):
    """The evidence behind a shift fell away."""

    shift_id: EventId
    channel: str
    to_status: Annotated[Status, Field(alias="to")]
    reason: str


class Quote(Value):
    """One piece of evidence as shown to people: a literal passage of a stored text."""

    claim_id: EventId
    article_id: EventId
    outlet: str
    url: str | None
    published_at: Utc | None
    text: str


Severity = Literal["critical", "major", "minor"]


class AlertRaised(Value):
    """An alert, deliverable (`alert.raised`), changed (`alert.updated`) or held back (`alert.suppressed`).

    It follows the Common Alerting Protocol, in our words: the type of the event is the type of the message
    (`monitor.alerts.cap`), `references` are the events that told this alert before, oldest first (of an update written
    before schema 2: none). `reason` is a word of `monitor.alerts.decision.Reason`.
    """

    alert_id: EventId
    shift_id: EventId
    channel: str
    from_status: Annotated[Status, Field(alias="from")]
    to_status: Annotated[Status, Field(alias="to")]
    name: str
    effective_at: date | None
    severity: Severity
    certainty: Certainty
    contested: bool = False
    text: str
    evidence: tuple[Quote, ...]
    reason: str
    references: tuple[EventId, ...] = ()
    test: bool = False
    """It only tries out whether alerts arrive."""


class AlertCancelled(Value):
    """An alert is taken back because its shift was withdrawn.

    What it was when it was last told; None in what was written before schema 2.
    """

    alert_id: EventId
    shift_id: EventId
    channel: str
    effective_at: date | None = None
    severity: Severity | None = None
    certainty: Certainty | None = None
    text: str
    reason: str
    references: tuple[EventId, ...] = ()
    test: bool = False


class AlertAcknowledged(Value):
    """A person has taken note of an alert as `cause` tells it: it counts until the alert changes."""

    alert_id: EventId
    operator_id: str


class SilenceBegun(Value):
    """A person wants no alerts of a topic or of one channel: `since` <= now < `until`. The operator is an opaque id."""

    silence_id: EventId
    channel: str | None
    """None: the whole topic."""
    since: Annotated[Utc, Field(alias="from")]
    until: Utc
    operator_id: str
    why: str


class SilenceEnded(Value):
    """A silence is over before its time."""

    silence_id: EventId
    operator_id: str


class SourceHealth(Value):
    """A source's health changed: `source.failing`, `source.silent`, `source.recovered` (in `_system`)."""

    source: str
    since: Utc
    reason: str


class Trouble(Value):
    """Operators were told of a trouble: `trouble.began`, `trouble.ended` (in `_system`).

    `about` is a topic, a role or a subscription's opaque id. The log learns it afterwards: it may be what is lost.
    """

    kind: str
    about: str
    since: Utc
    reason: str


class DeliveryOutcome(Value):
    """What came of an attempt: `delivery.succeeded`, `delivery.failed`, `delivery.abandoned`.

    `delivery.dropped` was never tried (attempt 0), and so was what is abandoned after a restore.
    """

    delivery_id: EventId
    alert_id: EventId
    subscription_id: str
    message: Literal["alert", "update", "cancel"]
    attempt: Annotated[int, Field(ge=0)]
    outcome: str


DATA: Mapping[str, type[BaseModel]] = {
    "topic.defined": TopicDefined,
    "article.ingested": ArticleIngested,
    "article.revised": ArticleRevised,
    "article.removed": ArticleRemoved,
    "claims.detected": ClaimsDetected,
    "claims.failed": ClaimsFailed,
    "claim.dismissed": ClaimJudged,
    "claim.restored": ClaimJudged,
    "status.shifted": StatusChange,
    "status.updated": StatusChange,
    "status.withdrawn": StatusWithdrawn,
    "alert.raised": AlertRaised,
    "alert.updated": AlertRaised,
    "alert.suppressed": AlertRaised,
    "alert.cancelled": AlertCancelled,
    "alert.acknowledged": AlertAcknowledged,
    "silence.begun": SilenceBegun,
    "silence.ended": SilenceEnded,
    "source.failing": SourceHealth,
    "source.silent": SourceHealth,
    "source.recovered": SourceHealth,
    "trouble.began": Trouble,
    "trouble.ended": Trouble,
    "delivery.succeeded": DeliveryOutcome,
    "delivery.failed": DeliveryOutcome,
    "delivery.abandoned": DeliveryOutcome,
    "delivery.dropped": DeliveryOutcome,
}
"""Type of event -> the model of its data (current schema version)."""

_SECOND = (
    "article.ingested", "article.revised", "alert.raised", "alert.updated", "alert.suppressed", "alert.cancelled",
)  # fmt: skip
SCHEMA: Mapping[str, int] = dict.fromkeys(DATA, 1) | dict.fromkeys(_SECOND, 2)
"""Type of event -> the schema version that is written today."""

T = TypeVar("T", bound=BaseModel)
Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


def _alert_1(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "contested": data["reason"] == "contested", "references": [], "test": False}


def _cancelled_1(data: dict[str, Any]) -> dict[str, Any]:
    unknown = dict.fromkeys(("effective_at", "severity", "certainty"))
    return {**data, **unknown, "references": [], "test": False}


UPCASTERS: Mapping[tuple[str, int], Upcaster] = {
    ("article.ingested", 1): lambda data: {**data, "author": ""},
    ("article.revised", 1): lambda data: {**data, "author": ""},
    ("alert.raised", 1): _alert_1,
    ("alert.updated", 1): _alert_1,
    ("alert.suppressed", 1): _alert_1,
    ("alert.cancelled", 1): _cancelled_1,
}
"""(type, version) -> a pure function from that version's data to the next version's."""


def missing_upcasters() -> list[tuple[str, int]]:
    """The (type, version) pairs that nothing upcasts; must be empty before a log is read."""
    return [
        (type_, version)
        for type_, current in SCHEMA.items()
        for version in range(1, current)
        if (type_, version) not in UPCASTERS
    ]


_DECISIONS = frozenset(type_ for type_ in DATA if type_.startswith(("status.", "alert."))) - {
    "alert.acknowledged"
}
"""Types that move a topic's decision counter. A person's acknowledgement is none: it must not look to the reader as if
another had decided."""


def is_decision(type_: str) -> bool:
    """True for the types that move the topic's decision counter."""
    return type_ in _DECISIONS


_CANONICAL = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=False, sort_keys=True, separators=(",", ":")
)


class Event(BaseModel):
    """One entry of the log."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    __slots__ = ("_payload",)
    """The data as a model, of an event that was read: so that it is validated once. A changed copy does not have it."""

    id: EventId
    type: str
    schema_version: Annotated[int, Field(ge=1, alias="schema")]
    topic: str
    recorded_at: Utc
    cause: EventId | None
    by: str
    data: dict[str, Any]

    @classmethod
    def of(
        cls, type_: str, data: BaseModel, *, id_: str, topic: str, at: datetime, cause: str | None, by: str
    ) -> "Event":
        """An event of today's schema version with typed data; `at` is timezone-aware.

        Raises:
            TypeError: the data is not of the type's model.
        """
        if type(data) is not DATA[type_]:
            raise TypeError(f"{type_} takes {DATA[type_].__name__}, not {type(data).__name__}")
        return cls(
            id=id_,
            type=type_,
            schema_version=SCHEMA[type_],
            topic=topic,
            recorded_at=at,
            cause=cause,
            by=by,
            data=data.model_dump(mode="json", by_alias=True),
        )

    @property
    def is_decision(self) -> bool:
        """Whether it moves the topic's decision counter."""
        return is_decision(self.type)

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no spaces, as written to the log.

        Raises:
            ValueError: its data holds what JSON has no word for (NaN); TypeError: or what is no JSON value.
        """
        return _CANONICAL.encode(self.fields())

    def read_again(self) -> "Event":
        """The event as it will be read once it is written; raises as `from_json` does."""
        return self._read(self.fields(), as_written=False)

    @classmethod
    def from_json(cls, raw: str | bytes) -> "Event":
        """An event as read from the log, upcast to today's schema version and validated.

        Raises:
            NewerLogError: a newer Parley wrote it.
            CorruptEventError: it is not an event.
        """
        try:
            fields = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise CorruptEventError(f"not an event of this log: {error}") from error
        return cls._read(fields, as_written=True)

    def fields(self) -> dict[str, Any]:
        """The event as the JSON object that is written."""
        return {**self.model_dump(mode="json", by_alias=True, exclude={"data"}), "data": self.data}

    @classmethod
    def _read(cls, fields: Any, *, as_written: bool) -> "Event":
        """`as_written`: data of today's schema is as its model gives it, for nothing else is ever written."""
        try:
            data, version, type_ = fields["data"], fields["schema"], fields["type"]
            as_written = as_written and version == SCHEMA[type_]
            if version > SCHEMA[type_]:
                raise ValueError(f"{type_} has schema {version}, this Parley knows {SCHEMA[type_]}")
            while version < SCHEMA[type_]:
                data = UPCASTERS[type_, version](data)
                version += 1
            payload = DATA[type_].model_validate(data)
            if not as_written:
                data = payload.model_dump(mode="json", by_alias=True)
            event = cls.model_validate({**fields, "schema": version, "data": data})
        except (ValueError, KeyError, TypeError, ValidationError, RecursionError) as error:
            if newer := _what_is_newer(fields):
                raise NewerLogError(newer) from error
            raise CorruptEventError(f"not an event of this log: {error}") from error
        object.__setattr__(event, "_payload", payload)  # frozen for everyone else
        return event


def _what_is_newer(fields: Any) -> str:
    """Why only a newer Parley can read an entry that this one cannot, and which; empty when it is no event at all.

    Only a newer one writes a type or a schema that is unknown here; whatever else is wrong with its entries, it may
    be right for it.
    """
    try:
        type_, version, by = str(fields["type"]), int(fields["schema"]), str(fields["by"])
        is_event = bool(_EVENT_ID.fullmatch(fields["id"])) and version >= 1
    except (KeyError, TypeError, ValueError):
        return ""
    writer = by.rpartition("/")[2]
    if type_ not in DATA:
        what = f"this one ({__version__}) does not know that type"
    elif version > SCHEMA[type_]:
        what = f"this one ({__version__}) knows schema {SCHEMA[type_]}"
    elif _numbers(writer) > _numbers(__version__):
        what = f"this one is {__version__}"
    else:
        return ""
    needed = f"{writer} or later" if _numbers(writer) > _numbers(__version__) else "the version that wrote it"
    told = f"this log was written by a newer Parley: {type_} schema {version}, by {by}; {what}. Upgrade to {needed}"
    return told if is_event else ""


def _numbers(version: str) -> tuple[int, ...]:
    """What compares of a version; nothing of what is none."""
    return tuple(map(int, _VERSION.findall(version))) if _VERSION.match(version) else ()


def data_of(event: Event, model: type[T]) -> T:
    """The event's data as the model that its type has."""
    payload = getattr(event, "_payload", None)
    return payload if type(payload) is model else model.model_validate(event.data)

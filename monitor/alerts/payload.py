"""What a machine is told about alerts: the body of a webhook, from which every other form of a message is made. Pure.

Quotes come from articles, so from strangers: they are stripped of control characters and cut to a length; a link is
passed on only when it is http or https.
"""

import re
from datetime import date
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from pydantic import Field, TypeAdapter

from monitor.log.events import AlertCancelled, AlertRaised, Event, Quote, Utc, data_of
from monitor.topics.model import Topic
from monitor.vocabulary import Certainty, Status, Value

AlertType = Literal["alert.raised", "alert.updated", "alert.cancelled"]
MessageType = Literal["Alert", "Update", "Cancel"]
_MESSAGE_TYPES: dict[str, MessageType] = {
    "alert.raised": "Alert",
    "alert.updated": "Update",
    "alert.cancelled": "Cancel",
}

MOST_QUOTES = 3
LONGEST_LABEL = 120
_LONGEST_QUOTE, _LONGEST_URL = 500, 500

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# Characters that make text run backwards could show a reader another quote than the one that was published.
_TURNING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


class Evidence(Value):
    """A passage of an article, as published; cut with an ellipsis when it is very long."""

    outlet: str
    published_at: Utc | None
    quote: str
    url: str | None


class PayloadData(Value):
    """What a webhook is told about an alert; a cancellation has neither statuses nor evidence.

    Its severity, certainty and day are those of what it takes back.
    """

    alert: str
    shift: str
    message_type: MessageType = "Alert"
    """As in the Common Alerting Protocol: `Alert`, `Update` or `Cancel`."""
    references: tuple[str, ...] = ()
    """The `webhook-id`s under which this receiver was told of the alert before, in order."""
    test: bool = False
    """Whether it is a test: then nothing has happened."""
    topic: str
    topic_label: str
    channel: str
    channel_label: str
    name: str | None = None
    from_status: Status | None = Field(default=None, alias="from")
    to_status: Status | None = Field(default=None, alias="to")
    effective_at: date | None = None
    severity: Literal["critical", "major", "minor"] | None = None
    certainty: Certainty | None = None
    contested: bool = False
    text: str
    reason: str
    evidence: tuple[Evidence, ...] = ()
    link: str


class Payload(Value):
    """The body of a webhook about one alert."""

    type: AlertType
    timestamp: Utc
    data: PayloadData


class DigestData(Value):
    """What waited for a subscription and is told in one message."""

    text: str
    link: str
    alerts: tuple[Payload, ...]
    """Each in its newest state, as if it came alone: what is taken back first, then the most severe."""
    more: int = Field(ge=0)
    """How many alerts found no room here; they stand behind the link."""


class DigestPayload(Value):
    """The body of a webhook about several alerts."""

    type: Literal["alerts.digest"] = "alerts.digest"
    timestamp: Utc
    data: DigestData


BODY: TypeAdapter[Payload | DigestPayload] = TypeAdapter(Payload | DigestPayload)
"""The body of any webhook about alerts. Its JSON Schema is `webhook.schema.json`, beside this module."""


def message_type(event: Event) -> MessageType:
    """What the Common Alerting Protocol 1.2 calls an alert event (`msgType`). What is held back is no message."""
    return _MESSAGE_TYPES[event.type]


def payload_of(event: Event, topic: Topic, dashboard_url: str) -> Payload:
    """What is told about an alert event of `topic`."""
    told: AlertRaised | AlertCancelled
    more: dict[str, Any] = {}
    if event.type == "alert.cancelled":
        told = data_of(event, AlertCancelled)
    else:
        told = data_of(event, AlertRaised)
        more = {
            "name": clean(told.name, LONGEST_LABEL),
            "from": told.from_status,
            "to": told.to_status,
            "contested": told.contested,
            "evidence": tuple(_evidence(quote) for quote in told.evidence[:MOST_QUOTES]),
        }
    channel = topic.channel(told.channel)
    data = {
        "alert": told.alert_id,
        "shift": told.shift_id,
        "message_type": message_type(event),
        "test": told.test,
        "effective_at": told.effective_at,
        "severity": told.severity,
        "certainty": told.certainty,
        "topic": event.topic,
        "topic_label": clean(topic.label, LONGEST_LABEL),
        "channel": told.channel,
        "channel_label": clean(channel.label if channel else told.channel, LONGEST_LABEL),
        "text": clean(told.text, _LONGEST_QUOTE),
        "reason": told.reason,
        "link": f"{dashboard_url.rstrip('/')}/alerts?topic={quote(event.topic)}&alert={told.alert_id}",
        **more,
    }
    return Payload.model_validate({"type": event.type, "timestamp": event.recorded_at, "data": data})


def as_first(payload: Payload) -> Payload:
    """The payload of an update for somebody who was never told of its alert: to them it is the alert."""
    data = payload.data.model_copy(update={"message_type": "Alert"})
    return payload.model_copy(update={"type": "alert.raised", "data": data})


def clean(text: str, longest: int) -> str:
    """Strangers' text on one line: no control or direction characters, no lone surrogates, cut to `longest`."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    whole = " ".join(_CONTROLS.sub(" ", _TURNING.sub("", whole)).split())
    return cut(whole, longest)


def cut(text: str, longest: int) -> str:
    """The text, of which too much is replaced by an ellipsis."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def link_to(url: str | None) -> str | None:
    """The URL when it may stand in a message as a link: http or https, of sane length, with nothing odd in it."""
    if url is None or clean(url, _LONGEST_URL) != url or " " in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None


def _evidence(quote_: Quote) -> Evidence:
    return Evidence(
        outlet=clean(quote_.outlet, LONGEST_LABEL),
        published_at=quote_.published_at,
        quote=clean(quote_.text, _LONGEST_QUOTE),
        url=link_to(quote_.url),
    )

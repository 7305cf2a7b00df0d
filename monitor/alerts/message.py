"""What people and machines are told about an alert event: subject, text, HTML and webhook payload. Pure.

Quotes come from articles, so from strangers: they are labelled as quotes, stripped of control characters, cut to a
length and escaped; a link is shown only when it is http or https. A message stays under 20 kB.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from html import escape
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from pydantic import Field, model_validator

from monitor.log.events import AlertCancelled, AlertRaised, Event, Quote, Utc, data_of
from monitor.topics.model import Topic
from monitor.vocabulary import WITHHELD, Certainty, Status, Value

AlertType = Literal["alert.raised", "alert.updated", "alert.cancelled"]

MOST_QUOTES = 3
LONGEST_BRIEF = 1000
_LONGEST_QUOTE, _LONGEST_URL, _LONGEST_LABEL, _LONGEST_SUBJECT = 500, 500, 120, 160

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
    """What a webhook is told about an alert; a cancellation has neither statuses nor evidence."""

    alert: str
    shift: str
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
    text: str
    reason: str
    evidence: tuple[Evidence, ...] = ()
    link: str


class Payload(Value):
    """The body of a webhook. Its JSON Schema is `webhook.schema.json`, beside this module."""

    type: AlertType
    timestamp: Utc
    data: PayloadData


class Message(Value):
    """One message in every form that a channel may want. It is the same for everybody: `for_mail` adds what is not."""

    subject: str
    text: str
    html: str
    payload: dict[str, Any]
    brief: str = ""
    """The same in plain text for a chat or a telephone, at most 1,000 characters; without one, the text's beginning."""

    @model_validator(mode="before")
    @classmethod
    def _always_brief(cls, fields: dict[str, Any]) -> dict[str, Any]:
        return fields if fields.get("brief") else {**fields, "brief": cut(fields["text"], LONGEST_BRIEF)}


def render(event: Event, topic: Topic, dashboard_url: str) -> Message:
    """The message about an alert event (`alert.raised`, `alert.updated` or `alert.cancelled`) of `topic`."""
    payload = _payload(event, topic, dashboard_url)
    subject = clean(f"{_PREFIX[payload.type]}{_headline(payload.data)}", _LONGEST_SUBJECT)
    facts = _facts(payload)
    return Message(
        subject=f"[Parley] {subject}",
        text=_text(subject, facts, payload.data),
        html=_html(subject, facts, payload.data),
        payload=payload.model_dump(mode="json", by_alias=True),
        brief=_brief(subject, payload.data),
    )


def for_mail(message: Message, unsubscribe: str) -> tuple[str, str]:
    """The message's text and HTML with the way to end what its recipient gets: a link, nobody else's."""
    if not unsubscribe:
        return message.text, message.html
    foot = f'<p style="font-size: .85em"><a href="{escape(unsubscribe)}">Stop these messages</a></p>'
    head, end, rest = message.html.rpartition("</body>")
    return f"{message.text}Stop these messages: {unsubscribe}\n", f"{head}{foot}{end}{rest}"


_PREFIX = {"alert.raised": "", "alert.updated": "Update: ", "alert.cancelled": ""}

_NOTES = {
    "alert.raised": "This is new.",
    "alert.updated": "This updates an earlier alert",
    "alert.cancelled": "This takes an earlier alert back: what it rested on no longer holds.",
}

_WHY_UPDATED = {
    "confirmed": ": it is now confirmed.",
    "contested": ": other reports now contradict it.",
    "settled": ": it is no longer contradicted.",
    "evidence_changed": ": what is known of its start or its support has changed.",
}
"""Reason of an update -> how the note goes on."""

_HOW_SURE = {
    Certainty.REPORTED: "reported: neither a party itself nor a second outlet has confirmed it yet",
    Certainty.CONFIRMED: "confirmed: by a party itself, or by two independent reports",
}


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


def _payload(event: Event, topic: Topic, dashboard_url: str) -> Payload:
    told: AlertRaised | AlertCancelled
    if event.type == "alert.cancelled":
        told, more = data_of(event, AlertCancelled), {}
    else:
        told = data_of(event, AlertRaised)
        more = {
            "name": clean(told.name, _LONGEST_LABEL),
            "from": told.from_status,
            "to": told.to_status,
            "effective_at": told.effective_at,
            "severity": told.severity,
            "certainty": told.certainty,
            "evidence": tuple(_evidence(quote) for quote in told.evidence[:MOST_QUOTES]),
        }
    channel = topic.channel(told.channel)
    data = {
        "alert": told.alert_id,
        "shift": told.shift_id,
        "topic": event.topic,
        "topic_label": clean(topic.label, _LONGEST_LABEL),
        "channel": told.channel,
        "channel_label": clean(channel.label if channel else told.channel, _LONGEST_LABEL),
        "text": clean(told.text, _LONGEST_QUOTE),
        "reason": told.reason,
        "link": f"{dashboard_url.rstrip('/')}/alerts?topic={quote(event.topic)}&alert={told.alert_id}",
        **more,
    }
    return Payload.model_validate({"type": event.type, "timestamp": event.recorded_at, "data": data})


def _evidence(quote_: Quote) -> Evidence:
    return Evidence(
        outlet=clean(quote_.outlet, _LONGEST_LABEL),
        published_at=quote_.published_at,
        quote=clean(quote_.text, _LONGEST_QUOTE),
        url=link_to(quote_.url),
    )


def _headline(data: PayloadData) -> str:
    if data.name is None:
        return data.text
    sure = f" ({data.certainty})" if data.certainty else ""
    return f"{data.channel_label}: {data.name}{sure}"


def _facts(payload: Payload) -> list[tuple[str, str]]:
    """Label and value of each line that says what changed, since when and how sure."""
    data = payload.data
    note = _NOTES[payload.type]
    if payload.type == "alert.updated":
        note += _WHY_UPDATED.get(data.reason, ".")
    # The sentence says since when, in words that fit how exactly that is known ("since", "by", "between").
    facts = [("What", data.text), ("Topic", data.topic_label)]
    if data.from_status and data.to_status and data.certainty:
        before = "nothing known" if data.from_status is Status.NONE else data.from_status.value
        facts += [
            ("Change", f"{before} → {data.to_status.value}"),
            ("How sure", _HOW_SURE[data.certainty]),
        ]
    return [*facts, ("Note", note)]


def _day(day: date | datetime) -> str:
    return f"{day.day} {day:%B %Y}"


def _byline(evidence: Evidence) -> str:
    when = f", {_day(evidence.published_at)}" if evidence.published_at else ""
    return f"{evidence.outlet}{when}"


def _quoted(evidence: Evidence) -> str:
    """The quote in its marks; what stands in its place when its article was removed is nobody's words."""
    return evidence.quote if evidence.quote == WITHHELD else f"“{evidence.quote}”"


def _text(subject: str, facts: Sequence[tuple[str, str]], data: PayloadData) -> str:
    lines = [subject, "", *(f"{label + ':':<10}{value}" for label, value in facts)]
    if data.evidence:
        lines += ["", "Quotes from the articles:"]
    for evidence in data.evidence:
        lines += ["", f"> {_quoted(evidence)}", f"  {_byline(evidence)}"]
        lines += [f"  {evidence.url}"] if evidence.url else []
    return "\n".join([*lines, "", f"Look it up: {data.link}", ""])


def _brief(subject: str, data: PayloadData) -> str:
    """What happened, the best quote, where to look it up."""
    lines = [subject] if data.text == subject else [subject, data.text]
    for evidence in data.evidence[:1]:
        where = f"{_byline(evidence)} {evidence.url}" if evidence.url else _byline(evidence)
        lines += [cut(_quoted(evidence), 300), where]
    return f"{cut(chr(10).join(lines), LONGEST_BRIEF - len(data.link) - 1)}\n{data.link}"


def _html(subject: str, facts: Sequence[tuple[str, str]], data: PayloadData) -> str:
    rows = "".join(
        f'<tr><th align="left" valign="top">{escape(label)}</th><td>{escape(value)}</td></tr>'
        for label, value in facts
    )
    quotes = "".join(_html_quote(evidence) for evidence in data.evidence)
    heading = "<p>Quotes from the articles:</p>" if quotes else ""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="color-scheme" content="light dark"></head>'
        '<body style="font-family: sans-serif; max-width: 40em">'
        f'<h1 style="font-size: 1.2em">{escape(subject)}</h1><table cellpadding="3">{rows}</table>'
        f'{heading}{quotes}<p><a href="{escape(data.link)}">Look it up on the dashboard</a></p></body></html>'
    )


def _html_quote(evidence: Evidence) -> str:
    byline = escape(_byline(evidence))
    if evidence.url:
        byline = f'<a href="{escape(evidence.url)}" rel="noopener noreferrer nofollow">{byline}</a>'
    return f"<blockquote><p>{escape(_quoted(evidence))}</p><footer>{byline}</footer></blockquote>"

"""A message in every form: subject, text, HTML, a short text for chat, a webhook's payload. Pure.

All forms are made of the payload, so a stored message can be told in another way: to somebody who was never told of the
alert that it updates, or with others in a digest. Every form stays under 20 kB.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, TypeVar, get_args

from pydantic import model_validator

from monitor.alerts import markup
from monitor.alerts.config import SEVERITIES
from monitor.alerts.payload import (
    AlertType,
    DigestData,
    DigestPayload,
    Evidence,
    Payload,
    PayloadData,
    as_first,
    clean,
    cut,
    link_to,
    payload_of,
)
from monitor.alerts.words import byline, change, facts, headline, mark, note, quoted
from monitor.log.events import Event
from monitor.topics.model import Topic
from monitor.vocabulary import Certainty, Status, Value

__all__ = ["Message", "clean", "cut", "digest", "for_mail", "in_context", "link_to", "render", "sample"]

LONGEST_BRIEF = 1000
_LONGEST_SUBJECT = 160
_LARGEST = 18_000
"""Bytes of a digest's form; what a mail adds to it still fits under 20 kB."""
_QUOTED_UP_TO = 10
"""A digest of so many alerts quotes each; a longer one is a list."""
_MOST_IN_BRIEF = 5
_ALERT_TYPES: Collection[str] = get_args(AlertType)

T = TypeVar("T", str, DigestPayload)


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
    return _message(payload_of(event, topic, dashboard_url))


def in_context(message: Message, *, first: bool, told: tuple[str, ...] = ()) -> Message:
    """The message as one recipient is told it: as its `first` of the alert, or after those it was `told` before."""
    type_ = message.payload.get("type")
    is_new = first and type_ == "alert.updated"
    if type_ not in _ALERT_TYPES or not (is_new or told):
        return message
    payload = Payload.model_validate(message.payload)
    if is_new:
        payload = as_first(payload)
    if told:
        payload = payload.model_copy(update={"data": payload.data.model_copy(update={"references": told})})
    return _message(payload)


def for_mail(message: Message, unsubscribe: str) -> tuple[str, str]:
    """The message's text and HTML with the way to end what its recipient gets: a link, nobody else's."""
    if not unsubscribe:
        return message.text, message.html
    return f"{message.text}Stop these messages: {unsubscribe}\n", markup.with_foot(message.html, unsubscribe)


def sample(dashboard_url: str, at: datetime) -> Message:
    """A message that shows that messages arrive, marked as a test in every form; `at` is UTC-aware."""
    data = {
        "alert": "0" * 32,
        "shift": "0" * 32,
        "test": True,
        "topic": "test",
        "topic_label": "A test of Parley",
        "channel": "test",
        "channel_label": "Two made-up parties",
        "name": "talks begun",
        "from": Status.NONE,
        "to": Status.UNDERWAY,
        "effective_at": at.date(),
        "severity": "minor",
        "certainty": Certainty.REPORTED,
        "text": "Two made-up parties: talks begun (reported). An alert looks like this.",
        "reason": "test",
        "evidence": (
            Evidence(outlet="The Example", published_at=at, quote="The two sides sat down today.", url=None),
        ),
        "link": f"{dashboard_url.rstrip('/')}/alerts",
    }
    return _message(Payload(type="alert.raised", timestamp=at, data=PayloadData.model_validate(data)))


def digest(payloads: Sequence[dict[str, Any]], at: datetime) -> Message:
    """One message about several alerts, given as the payloads of their newest messages; `at` is UTC-aware.

    What is taken back comes first, then the most severe, then the newest. Each form holds as many as fit and says how
    many more there are.
    """
    alerts = sorted((Payload.model_validate(one) for one in payloads), key=_weight)
    title = _title(alerts)
    # An alert's link leads to the alerts of its topic, with the alert chosen.
    several = len({alert.data.topic for alert in alerts}) > 1
    link = alerts[0].data.link.partition("?" if several else "&alert=")[0]
    quoting = len(alerts) <= _QUOTED_UP_TO

    def as_payload(shown: Sequence[Payload], more: int) -> DigestPayload:
        told = tuple(alert if quoting else _without_evidence(alert) for alert in shown)
        return DigestPayload(timestamp=at, data=DigestData(text=title, link=link, alerts=told, more=more))

    payload = _fitting(as_payload, lambda made: made.model_dump_json(by_alias=True), alerts)
    return Message(
        subject=f"[Parley] {title}",
        text=_fitting(lambda shown, more: _list(title, shown, more, link, quoting=quoting), str, alerts),
        html=_fitting(
            lambda shown, more: markup.digest(title, shown, more, link, quoting=quoting), str, alerts
        ),
        payload=payload.model_dump(mode="json", by_alias=True),
        brief=_brief_list(title, alerts, link),
    )


def _fitting(
    form: Callable[[Sequence[Payload], int], T], as_text: Callable[[T], str], alerts: Sequence[Payload]
) -> T:
    """The form with as many of the alerts as have room."""
    shown = len(alerts)
    while len(as_text(made := form(alerts[:shown], len(alerts) - shown)).encode()) > _LARGEST and shown:
        shown = min(shown - 1, shown * 9 // 10)
    return made


def _weight(payload: Payload) -> tuple[int, float]:
    severity = None if payload.type == "alert.cancelled" else payload.data.severity
    rank = SEVERITIES.index(severity) if severity else len(SEVERITIES)
    return -rank, -payload.timestamp.timestamp()


def _without_evidence(payload: Payload) -> Payload:
    return payload.model_copy(update={"data": payload.data.model_copy(update={"evidence": ()})})


def _title(alerts: Sequence[Payload]) -> str:
    topics = {alert.data.topic: alert.data.topic_label for alert in alerts}
    what = next(iter(topics.values())) if len(topics) == 1 else f"{len(topics)} topics"
    return clean(f"{len(alerts)} alerts on {what}", _LONGEST_SUBJECT)


def _message(payload: Payload) -> Message:
    return Message(
        subject=f"[Parley] {clean(headline(payload), _LONGEST_SUBJECT)}",
        text=_text(payload),
        html=_letter(payload),
        payload=payload.model_dump(mode="json", by_alias=True),
        brief=_brief(payload),
    )


def _letter(payload: Payload) -> str:
    """The HTML, with as many quotes as have room: escaped, a sign may need five."""
    made = markup.letter(payload)
    if len(made.encode()) <= _LARGEST or not payload.data.evidence:
        return made
    fewer = {"evidence": payload.data.evidence[:-1]}
    return _letter(payload.model_copy(update={"data": payload.data.model_copy(update=fewer)}))


def _text(payload: Payload) -> str:
    data = payload.data
    lines = [f"{mark(payload)}{data.text}", note(payload), ""]
    lines += [f"{label + ':':<10}{value}" for label, value in facts(payload)]
    if data.evidence:
        lines += ["", "Quotes from the articles:"]
    for evidence in data.evidence:
        lines += ["", f"> {quoted(evidence)}", f"  {byline(evidence)}"]
        lines += [f"  {evidence.url}"] if evidence.url else []
    return "\n".join([*lines, "", f"Look it up: {data.link}", ""])


def _brief(payload: Payload) -> str:
    """What happened, why it comes, the best quote, where to look it up."""
    data = payload.data
    lines = [f"{mark(payload)}{data.text}", " · ".join(filter(None, (change(payload), note(payload))))]
    for evidence in data.evidence[:1]:
        lines += [cut(quoted(evidence), 300), f"{byline(evidence)} {evidence.url or ''}".rstrip()]
    return _above(lines, data.link)


def _list(title: str, alerts: Sequence[Payload], more: int, link: str, *, quoting: bool) -> str:
    lines = [title]
    for alert in alerts:
        lines += ["", f"* {alert.data.text}"]
        lines += [f"  {' · '.join(filter(None, (change(alert), note(alert))))}"]
        for evidence in alert.data.evidence[: int(quoting)]:
            lines += [f"  > {quoted(evidence)}", f"    {byline(evidence)}"]
            lines += [f"    {evidence.url}"] if evidence.url else []
        lines += [f"  {alert.data.link}"]
    lines += ["", f"and {more} more"] if more else []
    return "\n".join([*lines, "", f"Look them up: {link}", ""])


def _brief_list(title: str, alerts: Sequence[Payload], link: str) -> str:
    shown = alerts[:_MOST_IN_BRIEF]
    lines = [title, *(f"- {cut(f'{mark(alert)}{alert.data.text}', 150)}" for alert in shown)]
    lines += [f"and {len(alerts) - len(shown)} more"] if len(alerts) > len(shown) else []
    return _above(lines, link)


def _above(lines: Sequence[str], link: str) -> str:
    return f"{cut(chr(10).join(lines), LONGEST_BRIEF - len(link) - 1)}\n{link}"

"""The words of messages, shared by all their forms: what changed, how sure that is, who says so and when. Pure."""

from datetime import date, datetime, time
from typing import NamedTuple

from monitor.alerts.payload import AlertType, Evidence, Payload
from monitor.vocabulary import WITHHELD, Certainty, Status

_NOTES: dict[AlertType, str] = {
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

TEST_NOTE = "This is a test: no talks have changed."

_HOW_SURE = {
    Certainty.REPORTED: "reported: neither a party itself nor a second outlet has confirmed it yet",
    Certainty.CONFIRMED: "confirmed: by a party itself, or by two independent reports",
}

_MIDNIGHT = time(0)


class Fact(NamedTuple):
    """One line of what a person should know."""

    label: str
    value: str


def headline(payload: Payload) -> str:
    """The subject: short, and what it is about first."""
    data = payload.data
    name = f"{data.channel_label}: {data.name}" if data.name else data.text
    sure = f" ({data.certainty}{', contested' if data.contested else ''})" if data.name else ""
    return f"{mark(payload)}{name}{sure}"


def mark(payload: Payload) -> str:
    """What stands before a headline, so that nobody takes it for what it is not."""
    if payload.data.test:
        return "TEST: "
    return "Update: " if payload.type == "alert.updated" else ""


def note(payload: Payload) -> str:
    """What kind of message it is, and why it comes."""
    if payload.data.test:
        return TEST_NOTE
    more = _WHY_UPDATED.get(payload.data.reason, ".") if payload.type == "alert.updated" else ""
    return _NOTES[payload.type] + more


def change(payload: Payload) -> str:
    """From what to what; empty for a cancellation."""
    before, after = payload.data.from_status, payload.data.to_status
    if before is None or after is None:
        return ""
    return f"{'nothing known' if before is Status.NONE else before.value} → {after.value}"


def _how_sure(payload: Payload) -> str:
    data = payload.data
    if data.certainty is None or payload.type == "alert.cancelled":
        return ""
    return _HOW_SURE[data.certainty] + ("; other reports contradict it" if data.contested else "")


def facts(payload: Payload) -> list[Fact]:
    """What changed, how sure that is, who says so."""
    data = payload.data
    outlets = list(dict.fromkeys(evidence.outlet for evidence in data.evidence))
    lines = [
        Fact("Change", change(payload)),
        Fact("How sure", _how_sure(payload)),
        Fact("Told by", ", ".join(outlets)),
        Fact("Topic", data.topic_label),
    ]
    return [fact for fact in lines if fact.value]


def day(moment: date | datetime) -> str:
    """For example: 29 May 2025."""
    return f"{moment.day} {moment:%B %Y}"


def byline(evidence: Evidence) -> str:
    """Outlet and publication; the time of day where it is known (midnight is how a day alone is kept)."""
    published = evidence.published_at
    if published is None:
        return evidence.outlet
    clock = "" if published.time() == _MIDNIGHT else f", {published:%H:%M} UTC"
    return f"{evidence.outlet}, {day(published)}{clock}"


def quoted(evidence: Evidence) -> str:
    """The quote in its marks; what stands in its place when its article was removed is nobody's words."""
    return evidence.quote if evidence.quote == WITHHELD else f"“{evidence.quote}”"

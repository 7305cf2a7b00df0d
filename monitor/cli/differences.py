"""What `replay` and `redetect` found, in the form of their JSON documents (ARCHITECTURE.md, "Contracts")."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from monitor.alerts.decision import quotes_of
from monitor.log.events import Quote
from monitor.service.redetection import Redetected
from monitor.service.replay import Replayed
from monitor.status.difference import ClaimsDifference, Reread, ShiftDifference
from monitor.status.model import ClaimRecord
from monitor.status.pairing import Announced
from monitor.topics import Topic


def replayed(found: Replayed, topic: Topic) -> dict[str, Any]:
    """The document of `parley replay`."""
    by_kind: dict[str, list[dict[str, Any]]] = {"moved": [], "changed": [], "appeared": [], "vanished": []}
    for one in found.shifts.differing:
        by_kind[one.kind].append(_shift(one, found))
    return {
        "topic": topic.id,
        "detector": found.reader.detector,
        "articles": {
            "read": sum(found.read_by.values()),
            "failed": len(found.failures),
            "unread": found.unread,
            "read_by": found.read_by,
        },
        "failures": [{"article": one.article_id, "error": one.error} for one in found.failures],
        "claims": _claims(found.claims),
        "shifts": {"same": found.shifts.same, **by_kind},
    }


def redetected(found: Redetected, topic: Topic) -> dict[str, Any]:
    """The document of `parley redetect`."""
    return {
        "topic": topic.id,
        "detector": found.reader.detector,
        "articles": {"read": found.read, "failed": found.failed, "known": found.known},
        "claims": _claims(found.claims),
        "decided": [{"id": event.id, "type": event.type, **event.data} for event in found.decided],
    }


def _claims(found: ClaimsDifference) -> dict[str, Any]:
    return {
        "kept": found.kept,
        "changed": [_changed(one) for one in found.changed],
        "gained": [_claim(one) for one in found.gained],
        "lost": [_claim(one) for one in found.lost],
    }


def _claim(record: ClaimRecord) -> dict[str, Any]:
    """A claim in the form of `parley detect`, with its article."""
    return {
        **record.claim.model_dump(mode="json"),
        "article": record.article_id,
        "title": record.title,
        "outlet": record.outlet,
        "published_at": _iso(record.published_at),
        "url": record.url,
    }


def _changed(one: Reread) -> dict[str, Any]:
    before = one.before.claim.model_dump(mode="json", include=set(one.differs))
    return {**_claim(one.after), "differs": list(one.differs), "was": before}


def _shift(one: ShiftDifference, found: Replayed) -> dict[str, Any]:
    return {
        "channel": one.channel,
        "status": _status(one),
        "differs": list(one.differs),
        "announced": announced(one.told, found),
        "now": now(one, found),
        "evidence": [_evidence(quote) for quote in quotes(one, found)],
    }


def _status(one: ShiftDifference) -> str:
    if one.segment is not None:
        return one.segment.status.value
    return one.told.change.to_status.value if one.told else ""


def announced(told: Announced | None, found: Replayed) -> dict[str, Any] | None:
    """A shift as it was announced last."""
    if told is None:
        return None
    change = told.change
    return {
        "shift": change.shift_id,
        "name": change.name,
        "start": _iso(change.start_earliest or change.start_latest),
        "start_earliest": _iso(change.start_earliest),
        "start_latest": _iso(change.start_latest),
        "certainty": change.certainty.value,
        "confidence": change.confidence,
        "contested": change.contested,
        **_alert(told, found),
    }


def now(one: ShiftDifference, found: Replayed) -> dict[str, Any] | None:
    """The shift as it would stand, and what would have become of its alert."""
    segment = one.segment
    if segment is None:
        return None
    return {
        "name": segment.name,
        "start": _iso(segment.start),
        "start_earliest": _iso(segment.start_earliest),
        "start_latest": _iso(segment.start_latest),
        "certainty": segment.certainty.value,
        "confidence": segment.confidence,
        "contested": segment.contested,
        **_alert(one.now, found),
    }


def _alert(shift: Announced | None, found: Replayed) -> dict[str, str | None]:
    if shift is None:
        return {"alert": None, "held_back": None}
    return {"alert": shift.alert, "held_back": found.held_back.get(shift.change.shift_id)}


def quotes(one: ShiftDifference, found: Replayed) -> Sequence[Quote]:
    """The words that carry the shift now; of one that vanishes, those that carried it."""
    if one.segment is not None:
        return quotes_of(found.now.held(one.segment.claim_ids))
    return quotes_of(found.told.held(one.told.change.claim_ids)) if one.told else ()


def _evidence(quote: Quote) -> dict[str, Any]:
    return {
        "article": quote.article_id,
        "outlet": quote.outlet,
        "published_at": _iso(quote.published_at),
        "quote": quote.text,
        "url": quote.url,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None

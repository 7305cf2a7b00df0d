"""Deterministic ids: doing a step twice makes the same id, so it changes nothing."""

import hashlib
import json
import re
import unicodedata

_SPACES = re.compile(r"\s+")


def fact_id(*parts: str | int | None) -> str:
    """128 bits, as 32 hex digits, of what makes a fact unique. The parts' order and boundaries count."""
    canonical = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(canonical.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def normalised(text: str) -> str:
    """Text as it counts for identity: NFKC, lower case, single spaces."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()


def content_hash(title: str, text: str) -> str:
    """What makes two versions of an article the same: title and text, whatever their spacing and case."""
    return fact_id("content", normalised(title), normalised(text))


def article_event_id(article_id: str, content: str, previous: str | None = None) -> str:
    """Id of `article.ingested`, or of `article.revised` after the event `previous` (so a text may come back)."""
    return fact_id("article", article_id, content, previous)


def claims_event_id(
    article_event: str, detector_version: str, topic_hash: str, previous: str | None = None
) -> str:
    """Id of `claims.detected`, and what that of `claims.failed` is made of.

    `previous` is the claims event that is superseded by a reading that was there before (so a detector may come back).
    """
    again = () if previous is None else (previous,)
    return fact_id("claims", article_event, detector_version, topic_hash, *again)


def claim_id(article_id: str, channel: str, kind: str, span_text: str, occurrence: int) -> str:
    """Id of a claim: neither the detector's version nor the content hash, so that a dismissal outlives both."""
    return fact_id("claim", article_id, channel, kind, normalised(span_text), occurrence)


def operator_id(name: str) -> str:
    """The opaque id of a person at work: names stay out of the log and of the audit."""
    return fact_id("operator", name.strip().casefold())


def removal_id(article_id: str) -> str:
    """Id of `article.removed`: an article is removed once, whoever asks again."""
    return fact_id("article-removed", article_id)


def quote_hash(text: str) -> str:
    """SHA-256 of a quote's UTF-8, in hex: who has the words can show that they were quoted."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def shift_id(topic: str, channel: str, new_status: str, cause: str) -> str:
    """Id of a shift, fixed for life by the event that first caused it."""
    return fact_id("shift", topic, channel, new_status, cause)


def alert_id(shift: str) -> str:
    """Id of the one alert of a shift."""
    return fact_id("alert", shift)


def delivery_id(alert: str, subscription: str, message: str) -> str:
    """Id of one message (`alert`, `update`, `cancel`) of one alert to one subscription."""
    return fact_id("delivery", alert, subscription, message)

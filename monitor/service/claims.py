"""From an article event to its claims event: what the detector of this version finds in it."""

import logging
import traceback
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from monitor.detection import DETECTOR, Document, detect
from monitor.ids import claims_event_id, fact_id
from monitor.log.events import (
    ArticleContent,
    ArticleIngested,
    ArticleRevised,
    ClaimsDetected,
    ClaimsFailed,
    Event,
    data_of,
)
from monitor.status.article import ReadBy
from monitor.topics import Topic
from monitor.vocabulary import Claim

ARTICLES: Mapping[str, type[ArticleContent]] = {
    "article.ingested": ArticleIngested,
    "article.revised": ArticleRevised,
}
"""Types of event that bring a text."""
READINGS = frozenset({"claims.detected", "claims.failed"})
"""Types of event that say what a detector made of a text."""
_log = logging.getLogger(__name__)


def present_reader(topic: Topic) -> ReadBy:
    """What a reading by this version of Parley depends on."""
    return ReadBy(DETECTOR.version, topic.hash)


def claims_of(event: Event, topic: Topic, now: datetime, *, by: str, previous: str | None = None) -> Event:
    """What the detector makes of an article event: `claims.detected`, or `claims.failed` with the reason.

    An article in a language that the topic does not read has no claims; why follows from the two of them
    (`Topic.unread_because`), so it is not stored.
    `previous` is the claims event that it supersedes, for a reading that was there before (`claims_event_id`).
    """
    article = data_of(event, ARTICLES[event.type])
    id_ = claims_event_id(event.id, DETECTOR.version, topic.hash, previous)
    about: dict[str, Any] = {
        "article_event": event.id,
        "article_id": article.article_id,
        "detector": DETECTOR,
        "topic_hash": topic.hash,
    }
    try:
        found = ClaimsDetected(**about, claims=_claims(article, topic))
    except Exception as error:  # noqa: BLE001 - a detector's defect must not stop the topic; it is recorded and counted
        _log.exception("topic %s: detection failed on article %s", topic.id, article.article_id)
        failed = ClaimsFailed(**about, error=traceback.format_exception_only(error)[-1].strip())
        id_ = fact_id("failed", id_)
        return Event.of("claims.failed", failed, id_=id_, topic=topic.id, at=now, cause=event.id, by=by)
    return Event.of("claims.detected", found, id_=id_, topic=topic.id, at=now, cause=event.id, by=by)


def _claims(article: ArticleContent, topic: Topic) -> tuple[Claim, ...]:
    if unread := topic.unread_because(article.language):
        _log.info("topic %s: article %s is passed over: %s", topic.id, article.article_id, unread)
        return ()
    return detect(document_of(article), topic, article.article_id).claims


def document_of(article: ArticleContent) -> Document:
    """What the detector reads of an article."""
    return Document(
        title=article.title, text=article.text, published=article.published_at, precision=article.precision
    )

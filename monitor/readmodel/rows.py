"""What each type of event writes of its own: topics, articles, shifts and alerts as they stand after it.

Claims and segments are not here: they follow from the topic's state, see `monitor.readmodel.projection`.
"""

from collections.abc import Callable, Mapping

from monitor.log.events import (
    ArticleContent,
    ArticleIngested,
    ArticleRemoved,
    ArticleRevised,
    ClaimsDetected,
    ClaimsFailed,
    SilenceBegun,
    SilenceEnded,
    StatusChange,
    StatusWithdrawn,
    TopicDefined,
    data_of,
)
from monitor.log.stream import Recorded
from monitor.readmodel import alert_writes, dismissals
from monitor.readmodel.page import Page
from monitor.readmodel.records import without_words_of
from monitor.readmodel.tables import (
    ArticleBodyRow,
    ArticleRow,
    ClaimRow,
    ShiftRow,
    SilenceRow,
    TopicRow,
)
from monitor.status.withhold import kind_of_failure


def _topic_defined(page: Page, recorded: Recorded) -> None:
    event, data = recorded.event, data_of(recorded.event, TopicDefined)
    page.put(
        TopicRow,
        {
            "label": str(data.definition.get("label", event.topic)),
            "definition": data.definition,
            "topic_hash": data.topic_hash,
            "defined_at": event.recorded_at,
        },
    )


def _article_ingested(page: Page, recorded: Recorded) -> None:
    _save_article(page, recorded, data_of(recorded.event, ArticleIngested), is_revision=False)


def _article_revised(page: Page, recorded: Recorded) -> None:
    _save_article(page, recorded, data_of(recorded.event, ArticleRevised), is_revision=True)


def _save_article(page: Page, recorded: Recorded, data: ArticleContent, *, is_revision: bool) -> None:
    """An article as it is known now; once removed, it stays without words whatever comes."""
    known = page.get(ArticleRow, data.article_id)
    removed = known["removed"] if known else None
    earlier = known["revisions"] if known else 0
    page.put(
        ArticleRow,
        {
            "article_id": data.article_id,
            "event_id": recorded.event.id,
            "url": data.url,
            "outlet": data.outlet,
            "source": data.source,
            "title": data.title if removed is None else "",
            "author": data.author if removed is None else "",
            "language": data.language,
            "published_at": data.published_at,
            "precision": data.precision.value,
            "first_seen_at": data.first_seen_at,
            "story_id": data.story_id,
            "history": data.history,
            "revisions": earlier + 1 if is_revision else 0,
            "removed": removed,
            "failure": None,
        },
    )
    if removed is None:
        body = {"article_id": data.article_id, "title": data.title, "text": data.text}
        page.put(ArticleBodyRow, body)


def _article_removed(page: Page, recorded: Recorded) -> None:
    data = data_of(recorded.event, ArticleRemoved)
    row = page.get(ArticleRow, data.article_id)
    if row is None:
        return
    failure = row["failure"] and kind_of_failure(row["failure"])
    page.put(ArticleRow, {**row, "removed": data.reason, "title": "", "author": "", "failure": failure})
    page.drop(ArticleBodyRow, data.article_id)
    for claim in page.claims_of(data.article_id):
        page.put(ClaimRow, {**claim, "claim": without_words_of(claim), "title": ""})
    alert_writes.withhold(page, data.article_id)


def _claims_detected(page: Page, recorded: Recorded) -> None:
    _note_failure(page, data_of(recorded.event, ClaimsDetected), None)


def _claims_failed(page: Page, recorded: Recorded) -> None:
    data = data_of(recorded.event, ClaimsFailed)
    _note_failure(page, data, data.error)


def _note_failure(page: Page, data: ClaimsDetected | ClaimsFailed, failure: str | None) -> None:
    row = page.get(ArticleRow, data.article_id)
    if row is None:
        return
    if failure and row["removed"] is not None:
        failure = kind_of_failure(failure)
    if failure != row["failure"]:
        page.put(ArticleRow, {**row, "failure": failure})


def _status_changed(page: Page, recorded: Recorded) -> None:
    event, data = recorded.event, data_of(recorded.event, StatusChange)
    known = page.get(ShiftRow, data.shift_id)
    page.put(
        ShiftRow,
        {
            "shift_id": data.shift_id,
            "channel": data.channel,
            "from_status": data.from_status.value,
            "to_status": data.to_status.value,
            "name": data.name,
            "start_earliest": data.start_earliest,
            "start_latest": data.start_latest,
            "certainty": data.certainty.value,
            "confidence": data.confidence,
            "first_certainty": known["first_certainty"] if known else data.certainty.value,
            "first_confidence": known["first_confidence"] if known else data.confidence,
            "contested": data.contested,
            "claim_ids": list(data.claim_ids),
            "state": event.type.removeprefix("status."),
            "reason": data.reason,
            "shifted_at": known["shifted_at"] if known else event.recorded_at,
            "changed_at": event.recorded_at,
        },
    )


def _status_withdrawn(page: Page, recorded: Recorded) -> None:
    event, data = recorded.event, data_of(recorded.event, StatusWithdrawn)
    if row := page.get(ShiftRow, data.shift_id):
        now = {"state": "withdrawn", "reason": data.reason, "changed_at": event.recorded_at}
        page.put(ShiftRow, {**row, **now})


def _silence_begun(page: Page, recorded: Recorded) -> None:
    data = data_of(recorded.event, SilenceBegun)
    page.put(
        SilenceRow,
        {
            "silence_id": data.silence_id,
            "channel": data.channel,
            "since": data.since,
            "until": data.until,
            "operator_id": data.operator_id,
            "why": data.why,
            "ended_at": None,
        },
    )


def _silence_ended(page: Page, recorded: Recorded) -> None:
    event, data = recorded.event, data_of(recorded.event, SilenceEnded)
    if row := page.get(SilenceRow, data.silence_id):
        page.put(SilenceRow, {**row, "ended_at": event.recorded_at})


WRITES: Mapping[str, Callable[[Page, Recorded], None]] = {
    "topic.defined": _topic_defined,
    "article.ingested": _article_ingested,
    "article.revised": _article_revised,
    "article.removed": _article_removed,
    "claims.detected": _claims_detected,
    "claims.failed": _claims_failed,
    "claim.dismissed": dismissals.write_dismissed,
    "claim.restored": dismissals.write_restored,
    "status.shifted": _status_changed,
    "status.updated": _status_changed,
    "status.withdrawn": _status_withdrawn,
    "alert.raised": alert_writes.write_changed,
    "alert.updated": alert_writes.write_changed,
    "alert.suppressed": alert_writes.write_changed,
    "alert.cancelled": alert_writes.write_cancelled,
    "alert.acknowledged": alert_writes.write_acknowledged,
    "silence.begun": _silence_begun,
    "silence.ended": _silence_ended,
}
"""Type of event -> what it writes of its own. Of a judged claim that is who and why: the state closes and opens it."""

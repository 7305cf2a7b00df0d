"""What each type of event writes of its own: topics, articles, shifts and alerts as they stand after it.

Claims and segments are not here: they follow from the topic's state, see `monitor.readmodel.projection`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlmodel import Session, col, update

from monitor.log.events import (
    AlertAcknowledged,
    AlertCancelled,
    AlertRaised,
    ArticleContent,
    ArticleIngested,
    ArticleRemoved,
    ArticleRevised,
    ClaimsDetected,
    ClaimsFailed,
    StatusChange,
    StatusWithdrawn,
    TopicDefined,
    data_of,
)
from monitor.log.stream import Recorded
from monitor.readmodel.tables import AlertRow, ArticleBodyRow, ArticleRow, ShiftRow, TopicRow


def _topic_defined(session: Session, recorded: Recorded) -> None:
    event, data = recorded.event, data_of(recorded.event, TopicDefined)
    session.merge(
        TopicRow(
            topic=event.topic,
            label=str(data.definition.get("label", event.topic)),
            definition=data.definition,
            topic_hash=data.topic_hash,
            defined_at=event.recorded_at,
        )
    )


def _article_ingested(session: Session, recorded: Recorded) -> None:
    _save_article(session, recorded, data_of(recorded.event, ArticleIngested), revisions=0)


def _article_revised(session: Session, recorded: Recorded) -> None:
    data = data_of(recorded.event, ArticleRevised)
    known = session.get(ArticleRow, (recorded.event.topic, data.article_id))
    _save_article(session, recorded, data, revisions=known.revisions + 1 if known else 1)


def _save_article(session: Session, recorded: Recorded, data: ArticleContent, *, revisions: int) -> None:
    topic = recorded.event.topic
    session.merge(
        ArticleRow(
            topic=topic,
            article_id=data.article_id,
            event_id=recorded.event.id,
            url=data.url,
            outlet=data.outlet,
            source=data.source,
            title=data.title,
            language=data.language,
            published_at=data.published_at,
            precision=data.precision.value,
            first_seen_at=data.first_seen_at,
            story_id=data.story_id,
            history=data.history,
            revisions=revisions,
            removed=None,
            failure=None,
        )
    )
    session.merge(ArticleBodyRow(topic=topic, article_id=data.article_id, text=data.text))


def _article_removed(session: Session, recorded: Recorded) -> None:
    data = data_of(recorded.event, ArticleRemoved)
    if row := session.get(ArticleRow, (recorded.event.topic, data.article_id)):
        row.removed = data.reason
        session.add(row)


def _claims_detected(session: Session, recorded: Recorded) -> None:
    _note_failure(session, recorded, data_of(recorded.event, ClaimsDetected), None)


def _claims_failed(session: Session, recorded: Recorded) -> None:
    data = data_of(recorded.event, ClaimsFailed)
    _note_failure(session, recorded, data, data.error)


def _note_failure(
    session: Session, recorded: Recorded, data: ClaimsDetected | ClaimsFailed, failure: str | None
) -> None:
    article = col(ArticleRow.topic) == recorded.event.topic, col(ArticleRow.article_id) == data.article_id
    session.exec(update(ArticleRow).where(*article).values(failure=failure))


def _status_changed(session: Session, recorded: Recorded) -> None:
    event, data = recorded.event, data_of(recorded.event, StatusChange)
    known = session.get(ShiftRow, (event.topic, data.shift_id))
    session.merge(
        ShiftRow(
            topic=event.topic,
            shift_id=data.shift_id,
            channel=data.channel,
            from_status=data.from_status.value,
            to_status=data.to_status.value,
            name=data.name,
            start_earliest=data.start_earliest,
            start_latest=data.start_latest,
            certainty=data.certainty.value,
            confidence=data.confidence,
            contested=data.contested,
            state=event.type.removeprefix("status."),
            reason=data.reason,
            shifted_at=known.shifted_at if known else event.recorded_at,
            changed_at=event.recorded_at,
        )
    )


def _status_withdrawn(session: Session, recorded: Recorded) -> None:
    event, data = recorded.event, data_of(recorded.event, StatusWithdrawn)
    if row := session.get(ShiftRow, (event.topic, data.shift_id)):
        row.state, row.reason, row.changed_at = "withdrawn", data.reason, event.recorded_at
        session.add(row)


def _alert_changed(session: Session, recorded: Recorded) -> None:
    event, data = recorded.event, data_of(recorded.event, AlertRaised)
    known = session.get(AlertRow, (event.topic, data.alert_id))
    state = event.type.removeprefix("alert.")
    change = _change(recorded, state, data.certainty.value, data.reason, data.text)
    session.merge(
        AlertRow(
            topic=event.topic,
            alert_id=data.alert_id,
            shift_id=data.shift_id,
            channel=data.channel,
            from_status=data.from_status.value,
            to_status=data.to_status.value,
            name=data.name,
            effective_at=data.effective_at,
            severity=data.severity,
            certainty=data.certainty.value,
            text=data.text,
            evidence=[quote.model_dump(mode="json") for quote in data.evidence],
            state=state,
            reason=data.reason,
            raised_at=known.raised_at if known else event.recorded_at,
            acknowledged=known.acknowledged if known else False,
            changes=[*known.changes, change] if known else [change],
        )
    )


def _alert_cancelled(session: Session, recorded: Recorded) -> None:
    event, data = recorded.event, data_of(recorded.event, AlertCancelled)
    if row := session.get(AlertRow, (event.topic, data.alert_id)):
        row.state, row.reason, row.text = "cancelled", data.reason, data.text
        row.changes = [*row.changes, _change(recorded, "cancelled", None, data.reason, data.text)]
        session.add(row)


def _alert_acknowledged(session: Session, recorded: Recorded) -> None:
    data = data_of(recorded.event, AlertAcknowledged)
    if row := session.get(AlertRow, (recorded.event.topic, data.alert_id)):
        row.acknowledged = True
        session.add(row)


def _change(recorded: Recorded, state: str, certainty: str | None, reason: str, text: str) -> dict[str, Any]:
    at = recorded.event.recorded_at.isoformat()
    return {"at": at, "state": state, "certainty": certainty, "reason": reason, "text": text}


WRITES: Mapping[str, Callable[[Session, Recorded], None]] = {
    "topic.defined": _topic_defined,
    "article.ingested": _article_ingested,
    "article.revised": _article_revised,
    "article.removed": _article_removed,
    "claims.detected": _claims_detected,
    "claims.failed": _claims_failed,
    "status.shifted": _status_changed,
    "status.updated": _status_changed,
    "status.withdrawn": _status_withdrawn,
    "alert.raised": _alert_changed,
    "alert.updated": _alert_changed,
    "alert.suppressed": _alert_changed,
    "alert.cancelled": _alert_cancelled,
    "alert.acknowledged": _alert_acknowledged,
}
"""Type of event -> what it writes of its own. A judged claim writes nothing here: the state closes and opens claims."""

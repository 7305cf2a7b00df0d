"""What each type of event writes of its own: topics, articles, shifts and alerts as they stand after it.

Claims and segments are not here: they follow from the topic's state, see `monitor.readmodel.projection`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from sqlmodel import Session, col, delete, select

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
    Quote,
    SilenceBegun,
    SilenceEnded,
    StatusChange,
    StatusWithdrawn,
    TopicDefined,
    data_of,
)
from monitor.log.stream import Recorded
from monitor.readmodel.records import record_of, stored_claim
from monitor.readmodel.tables import (
    AlertRow,
    ArticleBodyRow,
    ArticleRow,
    ClaimRow,
    ShiftRow,
    SilenceRow,
    TopicRow,
)
from monitor.status.withhold import kind_of_failure, without_words
from monitor.vocabulary import WITHHELD


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
    _save_article(session, recorded, data_of(recorded.event, ArticleIngested), is_revision=False)


def _article_revised(session: Session, recorded: Recorded) -> None:
    _save_article(session, recorded, data_of(recorded.event, ArticleRevised), is_revision=True)


def _save_article(session: Session, recorded: Recorded, data: ArticleContent, *, is_revision: bool) -> None:
    """An article as it is known now; once removed, it stays without words whatever comes."""
    topic = recorded.event.topic
    known = session.get(ArticleRow, (topic, data.article_id))
    removed = known.removed if known else None
    earlier = known.revisions if known else 0
    session.merge(
        ArticleRow(
            topic=topic,
            article_id=data.article_id,
            event_id=recorded.event.id,
            url=data.url,
            outlet=data.outlet,
            source=data.source,
            title=data.title if removed is None else "",
            author=data.author if removed is None else "",
            language=data.language,
            published_at=data.published_at,
            precision=data.precision.value,
            first_seen_at=data.first_seen_at,
            story_id=data.story_id,
            history=data.history,
            revisions=earlier + 1 if is_revision else 0,
            removed=removed,
            failure=None,
        )
    )
    if removed is None:
        session.merge(ArticleBodyRow(topic=topic, article_id=data.article_id, text=data.text))


def _article_removed(session: Session, recorded: Recorded) -> None:
    topic, data = recorded.event.topic, data_of(recorded.event, ArticleRemoved)
    row = session.get(ArticleRow, (topic, data.article_id))
    if row is None:
        return
    row.removed, row.title, row.author = data.reason, "", ""
    row.failure = row.failure and kind_of_failure(row.failure)
    session.add(row)
    body = col(ArticleBodyRow.topic) == topic, col(ArticleBodyRow.article_id) == data.article_id
    session.exec(delete(ArticleBodyRow).where(*body))
    for claim in session.exec(
        select(ClaimRow).where(ClaimRow.topic == topic, ClaimRow.article_id == data.article_id)
    ):
        claim.claim, claim.title = stored_claim(without_words(record_of(claim))), ""
        session.add(claim)
    for alert in session.exec(select(AlertRow).where(AlertRow.topic == topic)):
        evidence = [withheld(quote, {data.article_id}) for quote in alert.evidence]
        if evidence != alert.evidence:
            alert.evidence = evidence
            session.add(alert)


def withheld(quote: dict[str, Any], removed: Collection[str]) -> dict[str, Any]:
    """A quote of an alert, without its words when its article is among those `removed`."""
    return {**quote, "text": WITHHELD} if quote["article_id"] in removed else quote


def removed_of(session: Session, topic: str, quotes: Iterable[Quote]) -> list[str]:
    """Which of the quoted articles are removed: an alert may have been decided on before, and be appended after."""
    quoted = col(ArticleRow.article_id).in_({quote.article_id for quote in quotes})
    removed = col(ArticleRow.removed).is_not(None)
    return list(session.exec(select(ArticleRow.article_id).where(ArticleRow.topic == topic, quoted, removed)))


def _claims_detected(session: Session, recorded: Recorded) -> None:
    _note_failure(session, recorded, data_of(recorded.event, ClaimsDetected), None)


def _claims_failed(session: Session, recorded: Recorded) -> None:
    data = data_of(recorded.event, ClaimsFailed)
    _note_failure(session, recorded, data, data.error)


def _note_failure(
    session: Session, recorded: Recorded, data: ClaimsDetected | ClaimsFailed, failure: str | None
) -> None:
    if row := session.get(ArticleRow, (recorded.event.topic, data.article_id)):
        row.failure = kind_of_failure(failure) if failure and row.removed is not None else failure
        session.add(row)


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
    removed = removed_of(session, event.topic, data.evidence)
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
            evidence=[withheld(quote.model_dump(mode="json"), removed) for quote in data.evidence],
            state=state,
            reason=data.reason,
            raised_at=known.raised_at if known and known.state != "suppressed" else event.recorded_at,
            event_id=event.id,
            acknowledged=False,
            changes=[*known.changes, change] if known else [change],
        )
    )


def _alert_cancelled(session: Session, recorded: Recorded) -> None:
    event, data = recorded.event, data_of(recorded.event, AlertCancelled)
    if row := session.get(AlertRow, (event.topic, data.alert_id)):
        row.state, row.reason, row.text = "cancelled", data.reason, data.text
        row.event_id, row.acknowledged = event.id, False
        row.changes = [*row.changes, _change(recorded, "cancelled", None, data.reason, data.text)]
        session.add(row)


def _alert_acknowledged(session: Session, recorded: Recorded) -> None:
    """Of what was told before it changed, a person may have taken note just then: that counts no more."""
    event, data = recorded.event, data_of(recorded.event, AlertAcknowledged)
    row = session.get(AlertRow, (event.topic, data.alert_id))
    if row is not None and event.cause in {None, row.event_id}:
        row.acknowledged = True
        session.add(row)


def _silence_begun(session: Session, recorded: Recorded) -> None:
    event, data = recorded.event, data_of(recorded.event, SilenceBegun)
    session.merge(
        SilenceRow(
            topic=event.topic,
            silence_id=data.silence_id,
            channel=data.channel,
            since=data.since,
            until=data.until,
            operator_id=data.operator_id,
            why=data.why,
        )
    )


def _silence_ended(session: Session, recorded: Recorded) -> None:
    event, data = recorded.event, data_of(recorded.event, SilenceEnded)
    if row := session.get(SilenceRow, (event.topic, data.silence_id)):
        row.ended_at = event.recorded_at
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
    "silence.begun": _silence_begun,
    "silence.ended": _silence_ended,
}
"""Type of event -> what it writes of its own. A judged claim writes nothing here: the state closes and opens claims."""

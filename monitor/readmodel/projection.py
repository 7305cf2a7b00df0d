"""What each event does to the tables. No transaction is begun or ended here: the projector and the rebuild do that.

    fold the event into the topic's state        (claims, timelines, what was announced)
    write the event's own rows                   (`monitor.readmodel.rows`)
    keep what was decided, in its order          (`monitor.readmodel.decisions`)
    settle the claims of the article concerned, and rewrite the segments that changed

An event that cannot be projected leaves a dead letter with its traceback, and the projection goes on without it.
"""

import logging
import traceback
from collections import Counter
from collections.abc import Sequence

from sqlalchemy import insert
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, delete, select

from monitor.log.events import ClaimJudged, data_of
from monitor.log.stream import Recorded
from monitor.readmodel import decisions
from monitor.readmodel.records import stored_claim
from monitor.readmodel.rows import WRITES
from monitor.readmodel.tables import ClaimRow, DeadLetterRow, SegmentRow
from monitor.status.model import ClaimRecord, Segment
from monitor.status.pairing import changed
from monitor.status.state import TopicState

_ABOUT_CLAIMS = ("article.", "claims.", "claim.")
"""Prefixes of the types that change which claims are held true, and with them the segments."""

_log = logging.getLogger(__name__)


def project_event(session: Session, state: TopicState, recorded: Recorded) -> None:
    """Fold the event into `state` and write what follows from it; what fails becomes a dead letter.

    Raises:
        OperationalError: the database itself failed; `state` may be ahead of it.
    """
    try:
        with session.begin_nested():
            _project(session, state, recorded)
    except OperationalError:
        raise
    except Exception:  # noqa: BLE001 - whatever it is, it must not stop the topic; it is recorded
        _log.exception("cannot project %s at %s", recorded.event.type, recorded.position)
        session.add(dead_letter(recorded, traceback.format_exc()))


def dead_letter(recorded: Recorded, trace: str) -> DeadLetterRow:
    """The row that says that an event was passed over, and why."""
    event = recorded.event
    return DeadLetterRow(
        topic=event.topic,
        position=recorded.position,
        event_id=event.id,
        type=event.type,
        recorded_at=event.recorded_at,
        traceback=trace,
    )


def _project(session: Session, state: TopicState, recorded: Recorded) -> None:
    event = recorded.event
    tells = event.type.startswith(_ABOUT_CLAIMS)
    channels = [channel.id for channel in state.topic.channels] if tells else []
    before = {channel: state.segments(channel) for channel in channels}
    state.apply(event)
    if write := WRITES.get(event.type):
        write(session, recorded)
    decisions.keep(session, recorded)
    if tells and (article := _article_of(session, recorded)):
        _settle_claims(session, state, recorded, article)
    for channel in channels:
        _replace_segments(session, event.topic, channel, before[channel], state.segments(channel))


def _article_of(session: Session, recorded: Recorded) -> str | None:
    """The article whose claims the event may have changed."""
    event = recorded.event
    if event.type in {"claim.dismissed", "claim.restored"}:
        claim_id = data_of(event, ClaimJudged).claim_id
        of_claim = select(ClaimRow.article_id).where(
            ClaimRow.topic == event.topic, ClaimRow.claim_id == claim_id
        )
        return session.exec(of_claim).first()
    return event.data.get("article_id")


def _settle_claims(session: Session, state: TopicState, recorded: Recorded, article: str) -> None:
    """Close the article's records that the state holds no longer, and open those that it holds now."""
    event = recorded.event
    query = select(ClaimRow).where(ClaimRow.topic == event.topic, ClaimRow.article_id == article)
    rows = session.exec(query.order_by(col(ClaimRow.ordinal))).all()
    found = [claim["id"] for claim in event.data.get("claims", ())]
    held = {
        record.claim.id: record
        for record in state.held(dict.fromkeys([row.claim_id for row in rows] + found))
    }
    times = Counter(row.claim_id for row in rows)
    for row in rows:
        record = held.get(row.claim_id)
        if row.known_until is not None:
            continue
        if record is not None and (record.known_from, record.article_event) == (
            row.known_from,
            row.article_event,
        ):
            del held[row.claim_id]
        else:
            row.known_until = event.recorded_at
            session.add(row)
    for id_, record in held.items():
        session.add(claim_row(event.topic, times[id_], record))


def claim_row(topic: str, ordinal: int, record: ClaimRecord) -> ClaimRow:
    """The row of a claim record; `ordinal` tells the records of one claim apart."""
    claim = record.claim
    return ClaimRow(
        topic=topic,
        claim_id=claim.id,
        ordinal=ordinal,
        channel=claim.channel,
        kind=claim.kind.value,
        status=claim.status.value,
        article_id=record.article_id,
        article_event=record.article_event,
        story_id=record.story_id,
        outlet=record.outlet,
        title=record.title,
        url=record.url,
        published_at=record.published_at,
        precision=record.precision.value,
        first_seen_at=record.first_seen_at,
        history=record.history,
        known_from=record.known_from,
        known_until=record.known_until,
        claim=stored_claim(record),
    )


def _replace_segments(
    session: Session, topic: str, channel: str, before: Sequence[Segment], after: Sequence[Segment]
) -> None:
    """Write the segments that differ; where there are more or fewer than before, all from the first of them on."""
    if after is before:
        return
    _, part = changed(before, after)
    rows = delete(SegmentRow).where(col(SegmentRow.topic) == topic, col(SegmentRow.channel) == channel)
    rows = rows.where(col(SegmentRow.ordinal) >= part.start)
    if len(before) == len(after):
        rows = rows.where(col(SegmentRow.ordinal) < part.stop)
    else:
        part = slice(part.start, None)
    session.exec(rows)
    written = [
        {
            "topic": topic,
            "channel": channel,
            "ordinal": ordinal,
            "status": segment.status.value,
            "name": segment.name,
            "start_earliest": segment.start_earliest,
            "start_latest": segment.start_latest,
            "end": segment.end,
            "certainty": segment.certainty.value,
            "confidence": segment.confidence,
            "contested": segment.contested,
            "claim_ids": segment.claim_ids,
            "counter_ids": segment.counter_ids,
            "last_evidence": segment.last_evidence,
        }
        for ordinal, segment in enumerate(after[part], start=part.start)
    ]
    if written:  # one statement for all: a segment costs its row, not an object of the ORM
        session.execute(insert(SegmentRow), written)

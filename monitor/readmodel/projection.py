"""What events do to the tables. No transaction is begun or ended here: the projector and the rebuild do that.

    for each event:
        fold it into the topic's state               (claims, timelines, what was announced)
        its own rows                                 (`monitor.readmodel.rows`)
        keep what was decided, in its order          (`monitor.readmodel.decisions`)
        settle the claims of the article concerned
    write the rows, and rewrite the segments that changed

An event that cannot be projected leaves a dead letter with its traceback, and the projection goes on without it.
"""

import logging
import traceback
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from monitor.log.events import ClaimJudged, data_of
from monitor.log.stream import Recorded
from monitor.readmodel import decisions
from monitor.readmodel.dialects import table_of
from monitor.readmodel.page import Page
from monitor.readmodel.records import stored_claim
from monitor.readmodel.rows import WRITES
from monitor.readmodel.tables import ClaimRow, DeadLetterRow, SegmentRow
from monitor.readmodel.volume import said_by
from monitor.status.model import ClaimRecord, Segment
from monitor.status.pairing import changed
from monitor.status.state import TopicState

_ABOUT_CLAIMS = ("article.", "claims.", "claim.")
"""Prefixes of the types that change which claims are held true, and with them the segments."""

_SEGMENT = table_of(SegmentRow)
_log = logging.getLogger(__name__)


def project_event(session: Session, state: TopicState, recorded: Recorded) -> None:
    """Fold the event into `state` and write what follows from it; what fails becomes a dead letter.

    Raises:
        OperationalError: the database itself failed; `state` may be ahead of it.
    """
    try:
        with session.begin_nested():
            project_page(session, state, [recorded])
    except OperationalError:
        raise
    except Exception:  # noqa: BLE001 - whatever it is, it must not stop the topic; it is recorded
        letter = _letter_of(recorded)
        session.execute(insert(DeadLetterRow), [{"topic": state.topic.id, **letter}])


def project_page(session: Session, state: TopicState, events: Sequence[Recorded]) -> None:
    """Fold events of one topic into `state` and write what follows from them all; what fails becomes a dead letter.

    Raises:
        Exception: what follows from all of them cannot be said or written. Nothing may be kept of it then; one by one,
            `project_event` finds out whose fault it is.
    """
    topic = state.topic.id
    page = Page(session, state, events)
    tell = any(recorded.event.type.startswith(_ABOUT_CLAIMS) for recorded in events)
    channels = [channel.id for channel in state.topic.channels] if tell else []
    before = {channel: state.segments(channel) for channel in channels}
    for recorded in events:
        try:
            _project(page, state, recorded)
        except Exception:  # noqa: BLE001 - as above
            page.undo()
            page.put(DeadLetterRow, _letter_of(recorded))
        page.done()
    after = {channel: state.segments(channel) for channel in channels}
    page.write()
    page.volume.write(session, topic)
    for channel in channels:
        _replace_segments(session, topic, channel, before[channel], after[channel])


def _letter_of(recorded: Recorded) -> dict[str, Any]:
    """The row that says that an event was passed over, and why; to be asked while its error is handled."""
    event = recorded.event
    _log.exception("cannot project %s at %s", event.type, recorded.position)
    return {
        "position": recorded.position,
        "event_id": event.id,
        "type": event.type,
        "recorded_at": event.recorded_at,
        "traceback": traceback.format_exc(),
    }


def _project(page: Page, state: TopicState, recorded: Recorded) -> None:
    event = recorded.event
    state.apply(event)
    if write := WRITES.get(event.type):
        write(page, recorded)
    decisions.keep(page, recorded)
    if event.type.startswith(_ABOUT_CLAIMS) and (article := _article_of(page, recorded)):
        _settle_claims(page, state, recorded, article)


def _article_of(page: Page, recorded: Recorded) -> str | None:
    """The article whose claims the event may have changed."""
    event = recorded.event
    if event.type in {"claim.dismissed", "claim.restored"}:
        claim = page.get(ClaimRow, data_of(event, ClaimJudged).claim_id, 0)
        return claim["article_id"] if claim else None
    return event.data.get("article_id")


def _settle_claims(page: Page, state: TopicState, recorded: Recorded, article: str) -> None:
    """Close the article's records that the state holds no longer, and open those that it holds now."""
    event, rows = recorded.event, page.claims_of(article)
    said = said_by(rows)
    known = [row["claim_id"] for row in rows] + [claim["id"] for claim in event.data.get("claims", ())]
    held = {record.claim.id: record for record in state.held(dict.fromkeys(known))}
    times = Counter(row["claim_id"] for row in rows)
    for row in rows:
        record = held.get(row["claim_id"])
        if row["known_until"] is not None:
            continue
        if record is not None and (record.known_from, record.article_event) == (
            row["known_from"],
            row["article_event"],
        ):
            del held[row["claim_id"]]
        else:
            page.put(ClaimRow, {**row, "known_until": event.recorded_at})
    for id_, record in held.items():
        page.put(ClaimRow, _claim_row(times[id_], record))
    page.volume.change(said, said_by(page.claims_of(article)))


def _claim_row(ordinal: int, record: ClaimRecord) -> dict[str, Any]:
    """The row of a claim record; `ordinal` tells the records of one claim apart."""
    claim = record.claim
    return {
        "claim_id": claim.id,
        "ordinal": ordinal,
        "channel": claim.channel,
        "kind": claim.kind.value,
        "status": claim.status.value,
        "article_id": record.article_id,
        "article_event": record.article_event,
        "story_id": record.story_id,
        "outlet": record.outlet,
        "title": record.title,
        "url": record.url,
        "published_at": record.published_at,
        "precision": record.precision.value,
        "first_seen_at": record.first_seen_at,
        "history": record.history,
        "known_from": record.known_from,
        "known_until": record.known_until,
        "claim": stored_claim(record),
    }


def _replace_segments(
    session: Session, topic: str, channel: str, before: Sequence[Segment], after: Sequence[Segment]
) -> None:
    """Write the segments that differ; where there are more or fewer than before, all from the first of them on."""
    if after is before:
        return
    _, part = changed(before, after)
    gone = [_SEGMENT.c.topic == topic, _SEGMENT.c.channel == channel, _SEGMENT.c.ordinal >= part.start]
    if len(before) == len(after):
        gone.append(_SEGMENT.c.ordinal < part.stop)
    else:
        part = slice(part.start, None)
    session.connection().execute(delete(_SEGMENT).where(*gone))
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
    if written:
        session.connection().execute(insert(_SEGMENT), written)

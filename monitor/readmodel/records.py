"""From rows to values: the status core's records and segments, and the forms that are shown. One function per row."""

import re
from typing import Any

from monitor.ids import quote_hash
from monitor.readmodel.article_forms import ArticleEntry, Passage
from monitor.readmodel.forms import (
    AlertChange,
    AlertEntry,
    ClaimEntry,
    Evidence,
    SegmentForm,
    Shift,
    ShiftEntry,
    Silence,
)
from monitor.readmodel.tables import ArticleRow, ClaimRow, SegmentRow, ShiftRow, SilenceRow
from monitor.status.headline import stale_from
from monitor.status.model import ClaimRecord, Segment, Withheld
from monitor.status.withhold import without_words
from monitor.topics.model import Topic
from monitor.vocabulary import Certainty, Claim, Precision, Status

_SENTENCE_ENDS = re.compile(r"""(?:(?<=[.?!۔؟])|(?<=[.?!۔؟]["”’)]))\s+|\n+""")
_WITHHELD = "withheld"
_CONTEXT = 280
"""Characters of text on either side of a passage, before they are cut to whole sentences or words."""


def segment_of(row: SegmentRow) -> Segment:
    """The segment as the status core made it."""
    return Segment(
        channel=row.channel,
        status=Status(row.status),
        name=row.name,
        start_earliest=row.start_earliest,
        start_latest=row.start_latest,
        end=row.end,
        certainty=Certainty(row.certainty),
        confidence=row.confidence,
        contested=row.contested,
        claim_ids=tuple(row.claim_ids),
        counter_ids=tuple(row.counter_ids),
        last_evidence=row.last_evidence,
    )


def stored_claim(record: ClaimRecord) -> dict[str, Any]:
    """A record's claim as its row holds it."""
    kept = {} if record.withheld is None else {_WITHHELD: record.withheld._asdict()}
    return {**record.claim.model_dump(mode="json"), **kept}


def _claim_of(row: ClaimRow) -> tuple[dict[str, Any], Withheld | None]:
    """A row's claim, and what is kept of words that were taken out of view."""
    claim = dict(row.claim)
    kept = claim.pop(_WITHHELD, None)
    return claim, None if kept is None else Withheld(**kept)


def record_of(row: ClaimRow) -> ClaimRecord:
    """The claim record as the status core takes it."""
    claim, withheld = _claim_of(row)
    return ClaimRecord(
        claim=Claim.model_validate(claim),
        article_id=row.article_id,
        article_event=row.article_event,
        story_id=row.story_id,
        outlet=row.outlet,
        published_at=row.published_at,
        precision=Precision(row.precision),
        first_seen_at=row.first_seen_at,
        history=row.history,
        known_from=row.known_from,
        known_until=row.known_until,
        title=row.title,
        url=row.url,
        withheld=withheld,
    )


def without_words_of(row: dict[str, Any]) -> dict[str, Any]:
    """The claim that a row holds, as it is held once its article is removed."""
    return stored_claim(without_words(record_of(ClaimRow(**row))))


def passage_of(row: ClaimRow, text: str | None) -> Passage:
    """A claim's passage with the text around it; `text` is the article's (None, or a headline: no context)."""
    span = row.claim["span"]
    before = after = ""
    # A revision may have moved the passage: then it stands alone, for the text no longer holds it there.
    if text is not None and not span["in_title"] and text[span["start"] : span["end"]] == span["text"]:
        start, end = span["start"], span["end"]
        before = _tail(text[max(0, start - _CONTEXT) : start], cut=start > _CONTEXT)
        after = "" if _SENTENCE_ENDS.match(text[end - 1 : end + 1], 1) else _head(text[end : end + _CONTEXT])
    return Passage(
        before=before,
        quote=span["text"],
        after=after,
        claim=row.claim_id,
        kind=row.kind,
        status=row.status,
        attribution=row.claim["attribution"],
        article=row.article_id,
        title=row.title,
        outlet=row.outlet,
        url=row.url,
        published_at=row.published_at,
        precision=row.precision,
    )


def _tail(text: str, *, cut: bool) -> str:
    """What of `text` belongs to the sentence that goes on after it; `cut`: there is more before `text`."""
    *earlier, last = _SENTENCE_ENDS.split(text)
    if earlier or not cut:
        return last.strip()
    return f"… {last.partition(' ')[2].strip()}"


def _head(text: str) -> str:
    """What of `text` belongs to the sentence that it goes on with."""
    return _SENTENCE_ENDS.split(text, maxsplit=1)[0].rstrip()


def segment_form(topic: Topic, segment: Segment, evidence: list[Evidence]) -> SegmentForm:
    """A segment of the topic as shown."""
    return SegmentForm(
        status=segment.status,
        name=segment.name,
        start=segment.start,
        start_earliest=segment.start_earliest,
        start_latest=segment.start_latest,
        end=segment.end,
        last_evidence=max(filter(None, (segment.last_evidence, segment.start_latest)), default=None),
        stale_from=stale_from(segment, topic.stale_after_days),
        certainty=segment.certainty,
        confidence=segment.confidence,
        contested=segment.contested,
        evidence=evidence,
    )


def shift_form(row: ShiftRow) -> Shift:
    """A shift as shown."""
    return Shift(
        shift=row.shift_id,
        channel=row.channel,
        from_=row.from_status,
        to=row.to_status,
        name=row.name,
        start=row.start_earliest or row.start_latest,
        certainty=row.certainty,
        shifted_at=row.shifted_at,
    )


def shift_entry(row: ShiftRow) -> ShiftEntry:
    """A shift as it is listed."""
    return ShiftEntry(
        **shift_form(row).model_dump(),
        start_earliest=row.start_earliest,
        start_latest=row.start_latest,
        confidence=row.confidence,
        contested=row.contested,
        state=row.state,
        reason=row.reason,
        changed_at=row.changed_at,
    )


def alert_entry(row: Any) -> AlertEntry:
    """An alert as shown; `row` has its columns, and when its shift began by what is known now."""
    return AlertEntry(
        alert=row.alert_id,
        topic=row.topic,
        shift=row.shift_id,
        channel=row.channel,
        from_=row.from_status,
        to=row.to_status,
        name=row.name,
        status=row.to_status,
        effective_at=row.effective_at,
        start_earliest=row.start_earliest,
        start_latest=row.start_latest,
        raised_at=row.raised_at,
        certainty=row.certainty,
        confidence=row.confidence,
        contested=row.contested,
        state=row.state,
        reason=row.reason,
        severity=row.severity,
        text=row.text,
        event=row.event_id,
        acknowledged=row.acknowledged,
        articles=[
            Evidence(
                article=quote["article_id"],
                outlet=quote["outlet"],
                published_at=quote["published_at"],
                quote=quote["text"],
                url=quote["url"],
            )
            for quote in row.evidence
        ],
        changes=[AlertChange.model_validate(change) for change in row.changes],
    )


def silence_form(row: SilenceRow) -> Silence:
    """A silence as shown."""
    return Silence(
        silence=row.silence_id,
        topic=row.topic,
        channel=row.channel,
        from_=row.since,
        until=row.until,
        operator=row.operator_id,
        why=row.why,
        ended_at=row.ended_at,
    )


def claim_entry(row: ClaimRow) -> ClaimEntry:
    """A claim as shown."""
    claim, withheld = _claim_of(row)
    return ClaimEntry(
        **claim,
        quote_hash=withheld.quote_hash if withheld else quote_hash(claim["span"]["text"]),
        article=row.article_id,
        outlet=row.outlet,
        title=row.title,
        url=row.url,
        published_at=row.published_at,
        known_from=row.known_from,
        known_until=row.known_until,
    )


def article_entry(row: ArticleRow) -> ArticleEntry:
    """An article as shown."""
    return ArticleEntry(
        article=row.article_id,
        outlet=row.outlet,
        source=row.source,
        title=row.title,
        author=row.author,
        url=row.url,
        language=row.language,
        published_at=row.published_at,
        precision=row.precision,
        first_seen_at=row.first_seen_at,
        history=row.history,
        story=row.story_id,
        revisions=row.revisions,
        removed=row.removed,
        failure=row.failure,
    )

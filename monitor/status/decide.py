"""After claims changed: what differs from what was announced, as the events that say so.

Every segment of a channel has one shift. A segment without one is a new shift; a shift whose segment changed is
updated, where the change is worth telling; a shift without a segment is withdrawn. The same state and cause give the
same events, and once these are applied there is nothing left to say.

When a new detector reads the articles again, nothing is said until it has read the last of them: half way, the evidence
of one shift is of two detectors, and a shift could be taken back that the next article would carry on.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.alerts.decision import (
    Alert,
    Circumstances,
    Reason,
    alert_cancelled_for,
    alert_for,
    alert_update_for,
)
from monitor.ids import fact_id, shift_id
from monitor.log.events import ClaimsDetected, Event, StatusChange, StatusWithdrawn, data_of
from monitor.status.model import Segment
from monitor.status.pairing import Announced, days_moved, start_of
from monitor.status.rules import RULES
from monitor.status.state import TopicState
from monitor.vocabulary import Certainty, Status

DECIDED_AFTER = frozenset({"claims.detected", "claim.dismissed", "claim.restored", "article.removed"})
"""Types of event after which there may be something to say."""


class _Change(NamedTuple):
    """A status event to be, with the alert that follows it."""

    type: str
    data: StatusChange | StatusWithdrawn
    alert: Alert | None


def decide(state: TopicState, cause: Event, *, at: datetime, by: str) -> list[Event]:
    """The `status.*` and `alert.*` events that `cause`, the last event applied to `state`, leads to.

    Args:
        state: the fold of the topic's log up to and including `cause`.
        cause: the event that may have changed something; other types than DECIDED_AFTER lead to nothing.
        at: `recorded_at` of the events (timezone-aware). Nothing else depends on it.
        by: component and version that decides.
    """
    if cause.type not in DECIDED_AFTER or (_is_reread(state, cause) and state.is_rereading):
        return []
    events = []
    for change in _changes(state, cause):
        shift = change.data.shift_id
        status_id = fact_id(change.type, shift, cause.id)
        events.append(
            Event.of(change.type, change.data, id_=status_id, topic=cause.topic, at=at, cause=cause.id, by=by)
        )
        if change.alert is not None:
            type_, data = change.alert
            told_id = fact_id(type_, shift, cause.id)
            events.append(
                Event.of(type_, data, id_=told_id, topic=cause.topic, at=at, cause=status_id, by=by)
            )
    return events


def _changes(state: TopicState, cause: Event) -> Iterator[_Change]:
    learned_at = _learned_at(state, cause)
    for channel in state.channels:
        yield from _channel_changes(state, cause, channel, learned_at)


def _channel_changes(
    state: TopicState, cause: Event, channel: str, learned_at: datetime
) -> Iterator[_Change]:
    segments, pairing = state.segments(channel), state.pairing(channel)
    pairs = pairing.look(segments)
    yield from (_withdraw(state, told) for told in pairs.fallen)
    said = {told.start for told in pairs.fallen}
    falling = {told.change.shift_id for told in pairs.fallen}
    begun: Counter[Status] = Counter()
    for at, told in pairs.segments:
        segment, before = segments[at], segments[at - 1].status if at else Status.NONE
        reason = _worth_telling(told.change, segment) if told else Reason.NEW_SHIFT
        if reason is None:
            continue
        said.add(start_of(segment))
        found = Circumstances(
            state.held(segment.claim_ids),
            learned_at,
            is_current=at == len(segments) - 1,
            is_redetected=_is_redetected(state, cause, segment),
            is_told=told is None and pairing.has_told(segment),
            is_silenced=state.telling.is_silent(channel, cause.recorded_at),
            flaps=segment.flapping,
            is_known_contested=state.telling.is_contested(channel, falling),
            cools=_cools(state, segment, falling, cause.recorded_at),
            references=told.messages if told else (),
        )
        if told is not None:
            change = _status_change(told.change.shift_id, segment, before, reason)
            alert = alert_update_for(state.topic, change, found, before=told.alert, why=told.alert_reason)
            yield _Change("status.updated", change, alert)
        else:
            id_ = _new_shift_id(cause, segment, begun[segment.status])
            begun[segment.status] += 1
            change = _status_change(id_, segment, before, reason)
            yield _Change("status.shifted", change, alert_for(state.topic, change, found))
    pairing.settle(said)


def _withdraw(state: TopicState, told: Announced) -> _Change:
    change = told.change
    withdrawn = StatusWithdrawn(
        shift_id=change.shift_id, channel=change.channel, to_status=change.to_status, reason=Reason.WITHDRAWN
    )
    alert = alert_cancelled_for(state.topic, change, withdrawn, told.messages)
    return _Change("status.withdrawn", withdrawn, alert)


def _cools(state: TopicState, segment: Segment, falling: set[str], at: datetime) -> bool:
    """Whether an alert of the same status was raised lately, and is not taken back just now."""
    raised = state.telling.raised_at(segment.channel, segment.status, falling)
    return raised is not None and at - raised < timedelta(days=state.topic.cool_down_days)


def _new_shift_id(cause: Event, segment: Segment, nth: int) -> str:
    """One article can tell of two segments of one status (talks in November, talks in March): they are counted."""
    return shift_id(
        cause.topic, segment.channel, segment.status, cause.id if nth == 0 else f"{cause.id}/{nth + 1}"
    )


def _status_change(id_: str, segment: Segment, before: Status, reason: Reason) -> StatusChange:
    return StatusChange(
        shift_id=id_,
        channel=segment.channel,
        from_status=before,
        to_status=segment.status,
        name=segment.name,
        start_earliest=segment.start_earliest,
        start_latest=segment.start_latest,
        certainty=segment.certainty,
        confidence=segment.confidence,
        contested=segment.contested,
        claim_ids=segment.claim_ids,
        reason=reason,
    )


def _worth_telling(told: StatusChange, segment: Segment) -> Reason | None:
    """The most important of what changed since the shift was last told, or None: small changes make no event."""
    confirmed, was_confirmed = (x.certainty is Certainty.CONFIRMED for x in (segment, told))
    moved = days_moved(told, segment) >= RULES.update.start_days
    surer = abs(told.confidence - segment.confidence) >= RULES.update.confidence
    changes = (
        (confirmed and not was_confirmed, Reason.CONFIRMED),
        (segment.contested and not told.contested, Reason.CONTESTED),
        (told.contested and not segment.contested, Reason.SETTLED),
        (moved or (was_confirmed and not confirmed), Reason.EVIDENCE_CHANGED),
        (surer, Reason.CONFIDENCE_CHANGED),
        (told.name != segment.name, Reason.HISTORY_CHANGED),
    )
    return next((reason for changed, reason in changes if changed), None)


def _is_reread(state: TopicState, cause: Event) -> bool:
    """Whether the event tells nothing but what an article says that had been read before.

    A removal tells nothing of its own either; but it may be the last thing that reading again waited for.
    """
    if cause.type == "article.removed":
        return True
    if cause.type != "claims.detected":
        return False
    detected = data_of(cause, ClaimsDetected)
    article = state.article(detected.article_id)
    return article is not None and article.event == detected.article_event and article.readings > 1


def _is_redetected(state: TopicState, cause: Event, segment: Segment) -> bool:
    """Whether what is to be said of a segment comes of reading again.

    A new article's claims can come between; then what rests on articles that were read again does.
    """
    if _is_reread(state, cause):
        return True
    if cause.type != "claims.detected" or not state.is_rereading:
        return False
    articles = {record.article_id for record in state.held([*segment.claim_ids, *segment.counter_ids])}
    return all(known.readings > 1 for id_ in articles if (known := state.article(id_)) and not known.removed)


def _learned_at(state: TopicState, cause: Event) -> datetime:
    """When Parley learned of it: a new article when it was first seen; all else when it was recorded."""
    if cause.type == "claims.detected":
        article = state.article(data_of(cause, ClaimsDetected).article_id)
        if article is not None:
            return article.learned_at
    return cause.recorded_at

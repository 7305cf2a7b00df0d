"""What to tell about a change of status, and why. Pure: a function of values, its reason is stored and shown.

A shift has one alert: raised or held back when the shift is new, updated when what it says gets another weight,
cancelled when its evidence falls away. What was held back once stays so; only what waits for surer word (flapping, cool
down) is raised when that comes. Moments come from what the events say.
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from monitor.ids import alert_id, normalised
from monitor.log.events import AlertCancelled, AlertRaised, Quote, Severity, StatusChange, StatusWithdrawn
from monitor.status.model import ClaimRecord
from monitor.status.rules import RULES
from monitor.topics.model import Topic
from monitor.vocabulary import Certainty, Position, Status


class Reason(StrEnum):
    """Why a change was told, or was not."""

    NEW_SHIFT = "new_shift"
    CONFIRMED = "confirmed"
    CONTESTED = "contested"
    SETTLED = "settled"
    """No longer contested."""
    EVIDENCE_CHANGED = "evidence_changed"
    """The start moved, or what confirmed it fell away."""
    CONFIDENCE_CHANGED = "confidence_changed"
    HISTORY_CHANGED = "history_changed"
    """What went before is now known to be another status, so the shift has another name."""
    WITHDRAWN = "withdrawn"
    HISTORY = "history"
    """All its articles came as history: with a source's first poll, the seeds, an import."""
    REDETECTED = "redetected"
    """Found by reading old articles again: no news, whatever the day, since the articles had been there."""
    TOLD = "told"
    """All that it rests on was told already, as part of a shift that older news has divided since."""
    LATE = "late"
    """Learned too long after it began."""
    PAST = "past"
    """Already over when it was learned."""
    UNPLACEABLE = "unplaceable"
    """Told only as background, with no word of when it began."""
    SILENCED = "silenced"
    """Somebody wanted no alerts at that time."""
    FLAPPING = "flapping"
    """Reports turn back and forth, none is confirmed, and that was told already."""
    COOL_DOWN = "cool_down"
    """The same status was told lately, and nobody has confirmed that it is so again."""


TOLD_WHEN_UPDATED = frozenset({Reason.CONFIRMED, Reason.CONTESTED, Reason.SETTLED, Reason.EVIDENCE_CHANGED})
"""Updates that a subscriber hears of; the others only stand in the log."""

WAITS = frozenset({Reason.FLAPPING, Reason.COOL_DOWN})
"""Why an alert was held back that is raised after all when its shift is confirmed, or contested no more."""

SEVERITY: dict[Status, Severity] = {
    Status.PROPOSED: "minor",
    Status.SCHEDULED: "minor",
    Status.UNDERWAY: "major",
    Status.AGREED: "critical",
    Status.STALLED: "major",
    Status.REJECTED: "major",
    Status.COLLAPSED: "critical",
}

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


class Circumstances(NamedTuple):
    """What an alert depends on beside the shift: the evidence, when it was learned, whether it still holds."""

    records: Sequence[ClaimRecord]
    learned_at: datetime
    is_current: bool
    is_redetected: bool = False
    """Whether it comes of reading again what was read before."""
    is_told: bool = False
    """Whether an alert that was raised rests on all of its evidence already."""
    is_silenced: bool = False
    flaps: bool = False
    """Whether reports turn back and forth, and this is one turn too many."""
    is_known_contested: bool = False
    """Whether the last that was told of the channel is that it is contested."""
    cools: bool = False
    """Whether an alert of the same status was raised lately, and stands."""
    references: tuple[str, ...] = ()
    """The events that told the alert so far."""


class Alert(NamedTuple):
    """The event to append."""

    type: str
    data: AlertRaised | AlertCancelled


def alert_for(topic: Topic, change: StatusChange, found: Circumstances) -> Alert:
    """The alert of a new shift: `alert.raised`, or `alert.suppressed` with the reason why not."""
    if reason := held_back(topic, change, found):
        return Alert("alert.suppressed", _alert(topic, change, found, reason))
    return Alert("alert.raised", _alert(topic, change, found, _news(found)))


def _news(found: Circumstances) -> Reason:
    return Reason.CONTESTED if found.flaps else Reason.NEW_SHIFT


def alert_update_for(
    topic: Topic, change: StatusChange, found: Circumstances, *, before: str | None, why: str = ""
) -> Alert | None:
    """`alert.updated`, or None: nothing a subscriber needs, a status that is old or over, an alert never raised.

    `alert.raised` for one that waited for surer word, however late that comes.

    That a status is now contested is news however long it has stood; that it is confirmed after all is not. What comes
    of reading old articles again is none.

    `before` is the state of the alert so far (`raised`, `updated`, `suppressed` or `cancelled`), `why` its reason.
    """
    reason = Reason(change.reason)
    if found.is_redetected or found.is_silenced or not found.is_current or reason not in TOLD_WHEN_UPDATED:
        return None
    if before == "suppressed" and why in WAITS and reason in {Reason.CONFIRMED, Reason.SETTLED}:
        return Alert("alert.raised", _alert(topic, change, found, reason))
    late = reason is not Reason.CONTESTED and _is_late(topic, change, found)
    if late or before not in {"raised", "updated"}:
        return None
    return Alert("alert.updated", _alert(topic, change, found, reason))


def alert_cancelled_for(
    topic: Topic, change: StatusChange, withdrawn: StatusWithdrawn, references: tuple[str, ...] = ()
) -> Alert:
    """`alert.cancelled` for a shift whose evidence fell away; `change` is the shift as it was last told."""
    label = _label(topic, change.channel)
    data = AlertCancelled(
        alert_id=alert_id(withdrawn.shift_id),
        shift_id=withdrawn.shift_id,
        channel=withdrawn.channel,
        effective_at=_effective(change),
        severity=SEVERITY[change.to_status],
        certainty=change.certainty,
        text=f"{label}: withdrawn, the evidence for “{change.name}”{_since(change)} no longer stands.",
        reason=withdrawn.reason,
        references=references,
    )
    return Alert("alert.cancelled", data)


def held_back(topic: Topic, change: StatusChange, found: Circumstances) -> Reason | None:
    """Why a new shift is no news, or None when it is."""
    if found.records and all(record.history for record in found.records):
        return Reason.HISTORY
    if found.is_redetected:
        return Reason.REDETECTED
    if found.is_told:
        return Reason.TOLD
    if _is_late(topic, change, found):
        return Reason.LATE
    if not found.is_current:
        return Reason.PAST
    if change.start_earliest is None and all(record.claim.background for record in found.records):
        return Reason.UNPLACEABLE
    if found.is_silenced:
        return Reason.SILENCED
    if found.flaps:
        return Reason.FLAPPING if found.is_known_contested else None
    return Reason.COOL_DOWN if found.cools and change.certainty is Certainty.REPORTED else None


def _is_late(topic: Topic, change: StatusChange, found: Circumstances) -> bool:
    began = _began(change, found.records)
    is_old = began is not None and (found.learned_at.date() - began).days > topic.late_after_days
    return is_old and not _goes_on(change, found)


def _goes_on(change: StatusChange, found: Circumstances) -> bool:
    """Whether talks come to light that are held today: that they began some weeks ago makes them no old story."""
    learned = found.learned_at.date()
    return change.to_status is Status.UNDERWAY and any(
        record.claim.position is not Position.BODY
        and not record.claim.background
        and record.claim.when.start_latest == learned
        for record in found.records
    )


def _began(change: StatusChange, records: Sequence[ClaimRecord]) -> date | None:
    """The day from which lateness counts: the last possible one, but the middle of a vague past.

    "A fresh effort began after the winter", written in April, may be of April and is as likely of February.
    """
    earliest, latest = change.start_earliest, change.start_latest
    dating = [record.claim for record in records if record.claim.when.start_earliest == earliest]
    told_as_past = dating and all(claim.background for claim in dating)
    if earliest is None or latest is None or not told_as_past:
        return latest
    return earliest + (latest - earliest) / 2


def _alert(topic: Topic, change: StatusChange, found: Circumstances, reason: Reason) -> AlertRaised:
    return AlertRaised(
        alert_id=alert_id(change.shift_id),
        shift_id=change.shift_id,
        channel=change.channel,
        from_status=change.from_status,
        to_status=change.to_status,
        name=change.name,
        effective_at=_effective(change),
        severity=SEVERITY[change.to_status],
        certainty=change.certainty,
        contested=change.contested,
        text=_sentence(topic, change, flaps=found.flaps),
        evidence=quotes_of(found.records),
        reason=reason,
        references=found.references,
    )


def _effective(change: StatusChange) -> date | None:
    return change.start_earliest or change.start_latest


def _sentence(topic: Topic, change: StatusChange, *, flaps: bool) -> str:
    """For example: PTI and the federal government: talks rejected (reported), since 29 May 2025."""
    doubt = ", contested" if change.contested else ""
    more = " Reports turn back and forth, and none is confirmed." if flaps else ""
    return f"{_label(topic, change.channel)}: {change.name} ({change.certainty}{doubt}){_since(change, ', ')}.{more}"


def _since(change: StatusChange, separator: str = " ") -> str:
    earliest, latest = change.start_earliest, change.start_latest
    if latest is None:
        return f"{separator}since {_day(earliest)}" if earliest else ""
    if earliest is None:
        return f"{separator}by {_day(latest)}"
    if earliest == latest:
        return f"{separator}since {_day(latest)}"
    return f"{separator}some time between {_day(earliest)} and {_day(latest)}"


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _label(topic: Topic, channel_id: str) -> str:
    channel = topic.channel(channel_id)
    return channel.label if channel else channel_id


def quotes_of(records: Sequence[ClaimRecord]) -> tuple[Quote, ...]:
    """The heaviest passages (the records come heaviest first), of different outlets before a second of one.

    What an outlet says twice in the same words, as its headline and its first sentence do, is quoted once.
    """
    outlets: set[str] = set()
    said: set[tuple[str, str]] = set()
    first: list[ClaimRecord] = []
    again: list[ClaimRecord] = []
    for record in records:
        words = (record.outlet, normalised(record.claim.span.text).rstrip(".!?… "))
        if words in said:
            continue
        (again if record.outlet in outlets else first).append(record)
        outlets.add(record.outlet)
        said.add(words)
    return tuple(_quote(record) for record in [*first, *again][: RULES.evidence.quotes])


def _quote(record: ClaimRecord) -> Quote:
    return Quote(
        claim_id=record.claim.id,
        article_id=record.article_id,
        outlet=record.outlet,
        url=record.url,
        published_at=record.published_at,
        text=record.claim.span.text[: RULES.evidence.quote_characters],
    )

"""What one article says of a channel's status: of all its claims the heaviest speak, the others stand by as evidence.

A headline outweighs the body, so an article argues with itself only where it gives both sides like weight.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time

from monitor.status.model import ClaimRecord
from monitor.status.rules import RULES
from monitor.status.statement import Statement, When
from monitor.status.weighing import (
    brings_news,
    denied,
    heaviest,
    is_answer,
    is_below,
    is_dated,
    is_held,
    is_named,
    is_no_dispute,
    is_on_record,
    is_weighty,
    may_open,
    sure,
    weight_of,
)
from monitor.vocabulary import Attribution, ClaimKind, Position, Precision, Status

_COARSE = {Precision.WEEK, Precision.MONTH}


def statements_of(records: Iterable[ClaimRecord]) -> list[Statement]:
    """The statements of one article's claims; claims without any date are no statements."""
    channels: dict[str, list[ClaimRecord]] = defaultdict(list)
    found = list(records)
    for record in found:
        if record.claim.when.start_latest is not None:
            channels[record.claim.channel].append(record)
    said: list[Statement] = []
    for channel in sorted(channels):
        told = _of_channel(sorted(channels[channel], key=heaviest))
        said += told if brings_news(found, channel) else map(_without_news, told)
    return said


def _without_news(statement: Statement) -> Statement:
    """An aside, an explainer, a retelling: what it says of the present bears out what is known, and begins nothing."""
    return statement if statement.background else replace(statement, opens=False)


def _of_channel(records: list[ClaimRecord]) -> list[Statement]:
    """Statements of one article on one channel; the records come heaviest first."""
    carrying = [record for record in records if record.claim.carries_status]
    now = _main_first(_not_denied([r for r in carrying if not r.claim.background], records))
    spoken = _present(now) if now else []
    main = now[0].claim.status if now else None
    denials = [record for record in records if denied(record.claim.kind, record.claim.mood)]
    if spoken:
        spoken[0] = _disputed(spoken[0], now, denials)
    if now and _is_part_of_a_denial(now[0], denials):
        spoken, main = [_without_news(statement) for statement in spoken], None
    if any(_is_resumption(record, now[0]) for record in now):
        spoken = [replace(statement, resumes=True) for statement in spoken]
    past = _past([record for record in carrying if record.claim.background])
    first_day = min((statement.day for statement in spoken), default=None)
    return [
        *spoken,
        *(_before(statement, first_day, main) for statement in past),
        *_denials(records, main),
    ]


def _is_part_of_a_denial(main: ClaimRecord, denials: list[ClaimRecord]) -> bool:
    """True for "there will be no talks", below the denial of reports of them: that they are off is not what is new."""
    is_refusal = main.claim.status is Status.REJECTED and main.claim.position is Position.BODY
    return is_refusal and any(
        not one.claim.background and is_below(main, one) and weight_of(main) < weight_of(one)
        for one in denials
    )


def _is_resumption(record: ClaimRecord, main: ClaimRecord) -> bool:
    return record.claim.kind is ClaimKind.RESUMED and is_weighty(record, main)


def _not_denied(now: list[ClaimRecord], records: list[ClaimRecord]) -> list[ClaimRecord]:
    """Without what a denial higher up in the article denies: it names the reports that it denies.

    And without talks of which no headline and no party tells, where a party itself says that there are none.
    """
    denials = [r for r in records if denied(r.claim.kind, r.claim.mood) and not r.claim.background]
    return [
        record
        for record in now
        if not any(
            record.claim.status in denied(denial.claim.kind, denial.claim.mood)
            and (
                (is_below(record, denial) and weight_of(record) < weight_of(denial))
                or (is_on_record(denial) and _is_others_word_of_talks(record))
            )
            for denial in denials
        )
    ]


def _is_others_word_of_talks(record: ClaimRecord) -> bool:
    claim = record.claim
    is_low = claim.position is not Position.HEADLINE and claim.status is Status.UNDERWAY
    return is_low and not is_on_record(record)


def _main_first(now: list[ClaimRecord]) -> list[ClaimRecord]:
    """What headline and lead say is what the article says: of the side that is told there the more, the heaviest claim.

    Unless one of like weight answers it or is further on. Another party's refusal answers an offer; "to meet again on 2
    January" stands above talks that were held today; "broke off on Friday" comes before who would go on.
    """
    if not now:
        return now
    top = [record for record in now if record.claim.position is not Position.BODY]
    sides = {
        is_open: _together(r for r in top if r.claim.status.is_open == is_open) for is_open in (True, False)
    }
    main = max(now, key=lambda record: sides[record.claim.status.is_open])
    ahead = [
        record
        for record in now
        if is_weighty(record, main)
        and (
            is_answer(main.claim, record.claim)
            or is_held(main.claim, record.claim)
            or (is_dated(main.claim, record.claim) and not is_below(record, main))
            or _is_breakdown_beside(main, record)
        )
    ]
    return sorted(now, key=lambda record: (record not in ahead[:1], record is not main))


def _together(records: Iterable[ClaimRecord]) -> float:
    """What claims weigh that say one thing in several places: the heaviest of each place, added up."""
    places: dict[Position, float] = {}
    for record in records:
        place = record.claim.position
        places[place] = max(weight_of(record), places.get(place, 0.0))
    return math.fsum(places.values())


def _is_breakdown_beside(offer: ClaimRecord, end: ClaimRecord) -> bool:
    """Talks that ended, told as prominently as the offer and not as something of an earlier day."""
    both = (offer.claim.status, end.claim.status) in RULES.both_hold
    return both and not is_below(end, offer) and not _is_earlier(end, offer)


def _present(now: list[ClaimRecord]) -> list[Statement]:
    """The main claim speaks; so do claims on its side of another time, or as weighty ones of another party."""
    main = now[0]
    groups: dict[tuple[When, str | None], list[ClaimRecord]] = {}
    beside = []
    for record in now:
        group = (_when(record), record.claim.principal)
        if record.claim.status.is_open != main.claim.status.is_open:
            continue
        if group in groups or _speaks_beside(record, main) or _is_of_another_time(record, main):
            groups.setdefault(group, []).append(record)
        elif record.claim.status is main.claim.status:
            beside.append(record)
    first, *others = groups.values()
    spoken, told = _statement([*first, *beside]), [_statement(group) for group in others]
    # Of what one article says twice only the heavier counts; the party's own word goes with it.
    said = any(one.on_record for one in told if one.copy_key == spoken.copy_key)
    return [replace(spoken, on_record=spoken.on_record or said), *told]


def _speaks_beside(record: ClaimRecord, main: ClaimRecord) -> bool:
    """As weighty a claim speaks too; one of another status only from as high a place: a headline says what is new."""
    same = record.claim.status is main.claim.status
    return is_weighty(record, main) and (same or not is_below(record, main))


def _is_of_another_time(record: ClaimRecord, main: ClaimRecord) -> bool:
    """A claim of the main one's status may date it otherwise; one of another status must be of an earlier day.

    Of two ends it must stand as high too: "he calls off talks" is the news, whatever was ruled out on Tuesday. And what
    the outlet itself adds in the body of an earlier day is a reminder.
    """
    if record.claim.status is main.claim.status:
        return _when(record) not in (None, _when(main))
    reminds = record.claim.position is Position.BODY and record.claim.attribution is Attribution.OUTLET
    if is_below(record, main) and (main.claim.status.is_closed or reminds):
        return False
    return _is_earlier(record, main)


def _is_earlier(record: ClaimRecord, main: ClaimRecord) -> bool:
    """True when a claim is of a day before the main one's."""
    days = (record.claim.when.start_latest, main.claim.when.start_earliest or main.claim.when.start_latest)
    return days[0] is not None and days[1] is not None and days[0] < days[1]


def _past(records: list[ClaimRecord]) -> list[Statement]:
    groups: dict[tuple[When, Status], list[ClaimRecord]] = {}
    for record in records:
        groups.setdefault((_when(record), record.claim.status), []).append(record)
    return [_statement(group) for group in groups.values()]


def _before(statement: Statement, first_day: date | None, main: Status | None) -> Statement:
    """History as told stands before what its article says of the present, though the days may overlap."""
    day = statement.day
    if first_day is not None and (statement.earliest is None or statement.earliest <= first_day):
        day = min(day, first_day)
    return replace(statement, day=day, moment=_midnight(day), followed_by=main)


def _disputed(spoken: Statement, now: list[ClaimRecord], denials: list[ClaimRecord]) -> Statement:
    """The main statement with what speaks against it in its own article.

    It is disputed by a claim of like weight, and by a denial only where two named people are at odds.
    """
    main = now[0]
    opposite = [record for record in now if record.claim.status.is_open != spoken.status.is_open]
    agreeing = [record for record in now if record not in opposite]
    rivals = [
        record
        for record in opposite
        if _stands_against(record, agreeing)
        and may_open(record)
        and not is_no_dispute(record.claim, main.claim)
    ]
    ours = {
        record.claim.speaker for record in now if record.claim.id in spoken.claim_ids and is_named(record)
    }
    at_odds = [
        record
        for record in denials
        if spoken.status in denied(record.claim.kind, record.claim.mood)
        and not record.claim.background
        and (ours and is_named(record) and record.claim.speaker not in ours)
    ]
    against = {record.claim.id: record for record in (*at_odds, *rivals, *opposite)}
    weights = [*map(weight_of, rivals), *(_weight_of_denial(one, main) for one in at_odds)]
    disputed = max(weights, default=0.0)
    return replace(spoken, against_ids=tuple(against), disputed=disputed, is_denied=bool(at_odds))


def _weight_of_denial(denial: ClaimRecord, main: ClaimRecord) -> float:
    """What takes two is denied as loudly as it is told, however far down news puts that; an offer takes but one."""
    if main.claim.status is Status.PROPOSED:
        return weight_of(denial)
    return max(RULES.weight.position[main.claim.position] * sure(denial), weight_of(denial))


def _stands_against(record: ClaimRecord, said: list[ClaimRecord]) -> bool:
    """True when a contrary claim of the same time weighs about as much as the main one, the first of `said`.

    What stands no lower than the contrary and bears the main one out weighs with it.
    """
    main = said[0]
    before = _together([main, *(other for other in said if not is_below(other, record))])
    return weight_of(record) >= RULES.weight.minor * before and not _is_earlier(record, main)


def _denials(records: list[ClaimRecord], main: Status | None) -> list[Statement]:
    """Denials of what the article does not itself say; "no formal talks yet, but efforts go on" denies no efforts.

    The first speaks; those that deny the same stand by it.
    """
    if main and not main.is_open:
        return []
    told = [(denied(one.claim.kind, one.claim.mood), one) for one in records if not one.claim.background]
    said = [(denies, one) for denies, one in told if denies and main not in denies]
    if not said:
        return []
    denies = said[0][0]
    statement = _statement([one for what, one in said if what == denies])
    return [replace(statement, status=Status.NONE, denies=denies, opens=False)]


def _statement(group: list[ClaimRecord]) -> Statement:
    """The statement of the group's first claim; others of its status stand by it."""
    speaking = group[0]
    claim = speaking.claim
    agreeing = [record for record in group if record.claim.status is claim.status]
    told = speaking.published_at or speaking.first_seen_at
    day = min(claim.when.start_latest or told.date(), told.date())
    when = _when(speaking)
    exact = when is None and not claim.background and speaking.precision is Precision.TIME
    return Statement(
        channel=claim.channel,
        status=claim.status,
        earliest=min(claim.when.start_earliest, day) if claim.when.start_earliest else None,
        day=day,
        moment=told if exact else _midnight(day),
        told=told,
        background=claim.background,
        when=when,
        article=speaking.article_id,
        story=speaking.story_id,
        outlet=speaking.outlet.casefold(),
        voice=claim.principal,
        weight=weight_of(speaking),
        sure=max(sure(record) for record in agreeing),
        on_record=any(is_on_record(record) for record in agreeing),
        opens=may_open(speaking),
        claim_ids=tuple(record.claim.id for record in agreeing),
    )


def _when(record: ClaimRecord) -> When:
    """None for a claim that holds on its article's day of publication, so that later copies say the same."""
    when, told = record.claim.when, (record.published_at or record.first_seen_at).date()
    is_now = when.start_earliest == told or (record.precision in _COARSE and when.start_latest == told)
    if when.start_latest is None or (is_now and not record.claim.background):
        return None
    return (when.start_earliest, when.start_latest)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)

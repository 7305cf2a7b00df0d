"""What one claim weighs, and in which capacity its speaker speaks."""

from collections import Counter
from collections.abc import Sequence

from monitor.status.genre import brings_no_news, names_talks
from monitor.status.model import ClaimRecord
from monitor.status.rules import RULES
from monitor.vocabulary import Attribution, Claim, ClaimKind, Mood, Position, Status

PRELIMINARY = frozenset({Status.PROPOSED, Status.SCHEDULED})
_OPEN = frozenset(status for status in Status if status.is_open)


def weight_of(record: ClaimRecord) -> float:
    """Position times how sure the claim is."""
    return RULES.weight.position[record.claim.position] * sure(record)


def heaviest(record: ClaimRecord) -> tuple[float, bool, int, str]:
    """Sorts the heaviest first; of claims that weigh the same, the one that is said first."""
    span = record.claim.span
    return (-weight_of(record), not span.in_title, span.start, record.claim.id)


def sure(record: ClaimRecord) -> float:
    """The claim's confidence; halved for one party's word about the other's stance."""
    return record.claim.confidence * (RULES.weight.other_side if _is_about_other_side(record) else 1.0)


def is_weighty(record: ClaimRecord, main: ClaimRecord) -> bool:
    """True when a claim weighs about as much as its article's main one."""
    return weight_of(record) >= RULES.weight.minor * weight_of(main)


def is_below(record: ClaimRecord, main: ClaimRecord) -> bool:
    """True when a claim stands in a less prominent place than its article's main one."""
    places = RULES.weight.position
    return places[record.claim.position] < places[main.claim.position]


def may_open(record: ClaimRecord) -> bool:
    """True when a claim may begin a segment; opinion only supports one, and so does an aside about an old offer."""
    claim = record.claim
    is_old_offer = claim.background and claim.status in PRELIMINARY
    least = RULES.weight.steps_back if is_old_offer else RULES.weight.opens
    return weight_of(record) >= least and claim.attribution not in RULES.never_opens.attributions


def brings_news(article: Sequence[ClaimRecord], channel: str) -> bool:
    """True when an article, by all its claims, tells the news of a channel's talks: in its headline or its lead.

    What stands in the body alone is an aside of a text about something else, or about other talks. It begins nothing,
    unless two sentences of it say the same of the present; neither does what an explainer, a retelling or an opinion
    says of the present.
    """
    above = [record for record in article if record.claim.position is not Position.BODY]
    today = {record.claim.channel for record in above if not record.claim.background}
    about = channel in today if today else bool(above) or any(map(_names_talks, article))
    return (about or _dwells_on_it(article, channel)) and not any(map(_brings_no_news, article))


def _dwells_on_it(article: Sequence[ClaimRecord], channel: str) -> bool:
    """True when two sentences of an article say one thing of the present of the channel."""
    said = {
        (record.claim.status, record.claim.span.start)
        for record in article
        if record.claim.channel == channel
        and record.claim.mood is Mood.ASSERTED
        and not record.claim.background
        and may_open(record)
    }
    return any(times > 1 for times in Counter(status for status, _ in said).values())


def _names_talks(record: ClaimRecord) -> bool:
    return record.withheld.names_talks if record.withheld else names_talks(record.title)


def _brings_no_news(record: ClaimRecord) -> bool:
    return record.withheld.brings_no_news if record.withheld else brings_no_news(record.title, record.url)


def is_on_record(record: ClaimRecord) -> bool:
    """True when the party whose stance it is says so itself."""
    return record.claim.attribution is Attribution.PARTY and not _is_about_other_side(record)


def is_named(record: ClaimRecord) -> bool:
    """True when someone known stands by the claim."""
    return record.claim.speaker is not None and record.claim.attribution in {
        Attribution.PARTY,
        Attribution.OFFICIALS,
    }


def denied(kind: ClaimKind, mood: Mood) -> frozenset[Status]:
    """The statuses that a claim denies."""
    if kind is ClaimKind.DENIED:
        return _OPEN if mood in {Mood.ASSERTED, Mood.DENIED} else frozenset()
    return frozenset({kind.status}) if mood is Mood.DENIED else frozenset()


def is_answer(offer: Claim, reply: Claim) -> bool:
    """One party refuses what another has put forward: both are true, one after the other."""
    return (offer.status, reply.status) in RULES.answers and differ(offer.principal, reply.principal)


def is_dated(offer: Claim, date: Claim) -> bool:
    """An offer, and a day that is set for talks: it has been taken up."""
    return (offer.status, date.status) == (Status.PROPOSED, Status.SCHEDULED)


def is_held(date: Claim, talks: Claim) -> bool:
    """A date for talks, and talks that are held already: the date is for the next round."""
    held = talks.status is Status.UNDERWAY and talks.mood is Mood.ASSERTED
    return held and date.status is Status.SCHEDULED and date.when.start_latest == talks.when.start_latest


def is_no_dispute(offer: Claim, end: Claim) -> bool:
    """An offer told beside its refusal, also where it is not said whose words they are, or beside a breakdown."""
    is_reply = (offer.status, end.status) in RULES.answers and not is_one_party(
        offer.principal, end.principal
    )
    return is_reply or (offer.status, end.status) in RULES.both_hold


def differ(one: str | None, other: str | None) -> bool:
    """True when both are known and not the same."""
    return one is not None and other is not None and one != other


def _is_about_other_side(record: ClaimRecord) -> bool:
    """One party says what the other wants. A speaker who is not one of the claim's parties speaks for none."""
    claim = record.claim
    return claim.principal is not None and claim.speaker != claim.principal and claim.speaker in claim.parties


def is_one_party(one: str | None, other: str | None) -> bool:
    """True when both are known and the same."""
    return one is not None and one == other

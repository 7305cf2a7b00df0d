"""What a statement is to the status that holds: an echo of it, an answer to it, or news. Predicates, nothing else."""

from collections.abc import Iterator
from datetime import date

from monitor.status.evidence import Role
from monitor.status.heads import Head, State, Trail, reaches
from monitor.status.rules import RULES
from monitor.status.statement import Statement
from monitor.status.weighing import differ, is_one_party
from monitor.vocabulary import Status


def was_told_before(head: Head, said: Statement) -> bool:
    """True for a step towards the status that holds, of the same day, told when that was not yet known.

    The offer that was news in May is no echo of a meeting on the same day that comes to light in June.
    """
    opener = head.opener
    same_side = (
        said.status.is_open
        and opener.status.is_open
        and RULES.order[said.status] < RULES.order[opener.status]
    )
    return said.opens and same_side and said.day == opener.day and said.told.date() < opener.told.date()


def dates_anew(state: State, head: Head, said: Statement) -> bool:
    """True for news in headline or lead of what was only hinted at, in asides of earlier days: it starts today.

    So does what is known of as history of long ago. Talks that have gone on since a hint do not start again.
    """
    if not state.aside or said.status is not head.status or said.background or is_aside(said):
        return False
    if not said.opens or said.day <= head.opener.day:
        return False
    since = (said.day - head.opener.day).days
    if head.opener.background:
        return since > RULES.time.history_days
    return since <= RULES.time.confirm_days or said.status is not Status.UNDERWAY


def is_a_resumption(state: State, head: Head, said: Statement) -> bool:
    """True for "talks resume", as news, where nothing has been heard of them for a while: nobody told of the pause."""
    is_news = said.resumes and said.opens and not said.background and not is_aside(said)
    goes_on = head.status is Status.UNDERWAY and said.status is Status.UNDERWAY
    return is_news and goes_on and (said.day - state.last_day).days > RULES.time.pause_days


def echoes(state: State, head: Head, said: Statement) -> bool:
    """True for the status that holds, or other words for it."""
    if said.status is head.status:
        return True
    return is_echo(head, state.last_day, said) and not _asks_for_what_is_rumoured(state, head, said)


def is_echo(head: Head, last_day: date, said: Statement) -> bool:
    """True while a claim of another status is only other words for the one that holds."""
    reach = RULES.echo(head.status, said.status)
    return reach is not None and said.day - last_day <= reach


def _asks_for_what_is_rumoured(state: State, head: Head, said: Statement) -> bool:
    """A party that asks for talks on record, where one story alone has told that they are held: they are not."""
    is_rumour = head.status is Status.UNDERWAY and state.hearsay not in {None, said.story}
    return is_rumour and said.on_record and said.opens and said.weight >= head.opener.weight


def is_an_answer(state: State, head: Head, said: Statement) -> bool:
    """One party refuses what another has put forward, or breaks off. If nobody says who does, an aside is no answer."""
    if (head.status, said.status) not in {*RULES.answers, *RULES.both_hold}:
        return False
    offers = [head.opener, *_lately_for(state.trail, said.day)]
    if any(differ(offer.voice, said.voice) for offer in offers):
        return True
    is_own = any(is_one_party(offer.voice, said.voice) for offer in offers)
    return not is_own and said.weight >= RULES.weight.minor * head.opener.weight


def _lately_for(trail: Trail | None, day: date) -> Iterator[Statement]:
    """What was said for the current head in the days before `day`, newest first."""
    while trail is not None and reaches(trail.statement, day):
        if trail.role is Role.FOR:
            yield trail.statement
        trail = trail.previous


def is_the_end(state: State, head: Head, said: Statement) -> bool:
    """A party says on record that talks are over of which nothing later is known: that contradicts nobody."""
    is_end = (head.status, said.status) == (Status.UNDERWAY, Status.COLLAPSED)
    return is_end and said.on_record and said.day > state.last_day


def is_faint_step_back(head: Head, said: Statement) -> bool:
    """An aside about efforts does not turn talks that are under way into a proposal; those of a year before it does."""
    is_faint = not is_further(head, said) and said.weight < RULES.weight.steps_back
    return said.status.is_open and is_faint and not head.opener.is_vague


def is_further(head: Head, said: Statement) -> bool:
    """True where it says that talks have come further than the status that holds."""
    return RULES.order[said.status] > RULES.order[head.status]


def is_aside(said: Statement) -> bool:
    """True for what stands below the lead, or is told as history."""
    return said.weight < RULES.weight.steps_back or said.background

"""The sweep: a channel's statements, in order, become heads of segments. One pure step per statement.

A step says what the statement is evidence for and against, and the state after it. The state holds only what later
steps ask for, so that a sweep done again from the middle can stop where it meets the old states.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import takewhile
from typing import TypeAlias

from monitor.status.evidence import Role
from monitor.status.heads import Head, HeadKey, State, Trail, chain, reaches
from monitor.status.rules import RULES
from monitor.status.statement import Statement
from monitor.status.turns import (
    dates_anew,
    echoes,
    is_a_resumption,
    is_an_answer,
    is_aside,
    is_echo,
    is_faint_step_back,
    is_further,
    is_the_end,
    was_told_before,
)
from monitor.status.weighing import PRELIMINARY, differ

Effect: TypeAlias = tuple[HeadKey, Statement, Role]
Effects: TypeAlias = tuple[Effect, ...]


def step(state: State, said: Statement) -> tuple[State, Effects]:
    """The state after one more statement, and what it is evidence for."""
    if said.denies:
        return _deny(state, said)
    if state.head is None:
        return _open(state, said) if said.opens else (state, ())
    if said.background and (said.is_vague or said.status in PRELIMINARY):
        return _recall(state, state.head, said)
    return _advance(state, state.head, said)


def _advance(state: State, head: Head, said: Statement) -> tuple[State, Effects]:
    """A statement of the present, or of a day in the past that is well known."""
    if was_told_before(head, said):
        return _before(state, head, said)
    if dates_anew(state, head, said):
        return _open_anew(head, said)
    if is_a_resumption(state, head, said):
        return _open(state, said)
    if echoes(state, head, said):
        return _support(state, head, said)
    contradicts = said.status.is_open != head.status.is_open
    if not contradicts:
        return _open(state, said) if said.opens and not is_faint_step_back(head, said) else (state, ())
    if is_an_answer(state, head, said) or is_the_end(state, head, said):
        return _open(state, said) if said.opens else (state, ())
    return _contend(state, head, said)


def _open_anew(head: Head, said: Statement) -> tuple[State, Effects]:
    """The segment once more, from this day on; the hint that opened it stays among its evidence, history does not."""
    hint = () if head.opener.background else (head.opener,)
    state = State(
        Head(said, head.previous), _held_on(said), Trail(said, Role.FOR, None), _hearsay([*hint, said])
    )
    return state, tuple((said.key, one, Role.FOR) for one in (*hint, said))


def _before(state: State, head: Head, said: Statement) -> tuple[State, Effects]:
    """It stands before the current segment, with the one there if that says the same."""
    before = head.previous
    if before is not None and before.status is said.status:
        return state, ((before.key, said, Role.FOR),)
    return _insert(state, head, said)


def _contend(state: State, head: Head, said: Statement) -> tuple[State, Effects]:
    """Opposite sides close in time: the heavier has it, and what was said against it is kept against it."""
    defence, former, attack = _sides(state.trail, said)
    attack = [*attack, said] if said.opens else attack
    against = [*former, *attack]
    if said.opens and _concludes(against) and (not defence or _weight(against) > _weight(defence)):
        lead = min(attack, key=lambda s: (-s.weight, s.key))
        opener = next(s for s in attack if s.status is lead.status)
        opened, _ = _open(state, opener)
        carrying = [*former, *attack[attack.index(opener) :]]
        trail = None
        for statement in defence:
            trail = Trail(statement, Role.AGAINST, trail, former=True)
        for statement in carrying:
            trail = Trail(statement, Role.FOR, trail)
        effects = [(opener.key, statement, Role.FOR) for statement in carrying]
        effects += [effect for statement in defence for effect in _held_against(opener, statement)]
        last_day, hearsay = _last_day(opened, said), _hearsay(carrying)
        aside = all(map(is_aside, carrying))
        return replace(opened, trail=trail, last_day=last_day, hearsay=hearsay, aside=aside), tuple(effects)
    if defence or said.opens:
        trail = Trail(said, Role.AGAINST, state.trail)
        return replace(state, trail=trail), _held_against(head.opener, said)
    return state, ()


def _held_against(opener: Statement, said: Statement) -> Effects:
    """What speaks against a segment; an offer after a breakdown does not, nor that breakdown against the offer."""
    for offer, end in ((said, opener), (opener, said)):
        if (offer.status, end.status) in RULES.both_hold and end.moment <= offer.moment:
            return ()
    return ((opener.key, said, Role.AGAINST),)


def _concludes(attack: list[Statement]) -> bool:
    """An article that gives both sides like weight overturns nothing alone; a second story may bear it out."""
    one_sided = any(s.disputed < RULES.weight.contests * s.weight for s in attack)
    return one_sided or len({s.story for s in attack}) > 1


def _sides(trail: Trail | None, said: Statement) -> tuple[list[Statement], list[Statement], list[Statement]]:
    """Who stands for the current head near `said`, who near it for what that head overturned, and who spoke against it.

    Each oldest first.

    The defence counts from the contested hours before the first challenger on, or else reports that contradict each
    other in turn would overturn each other in turn. Challenges of the last days that nobody answered count too, a
    segment starts where its earliest claim is. But an aside does not date the news back, and neither does what nobody
    bore out in time to confirm it: what was hinted at weeks ago and is said plainly today starts today.
    """
    reach = RULES.time.contested
    defence: list[Statement] = []
    former: list[Statement] = []
    attack: list[Statement] = []
    answered = False
    while trail is not None and (reaches(trail.statement, said.day) or not answered):
        earlier = trail.statement
        near = abs(said.moment - earlier.moment) <= reach
        if trail.role is Role.FOR:
            answered = True
            if earlier.story != said.story or differ(earlier.voice, said.voice):
                defence.append(earlier)
        elif earlier.opens and earlier.status.is_open == said.status.is_open:
            as_weighty = earlier.weight >= RULES.weight.minor * said.weight
            lately = said.moment - earlier.moment <= timedelta(days=RULES.time.confirm_days)
            if trail.former:
                former += [earlier] if near else []
            elif near or (as_weighty and lately and not answered):
                attack.append(earlier)
        trail = trail.previous
    first = min(statement.moment for statement in (*former, *attack, said))
    if all(abs(said.moment - statement.moment) > reach for statement in defence):
        return [], former[::-1], attack[::-1]
    within = [statement for statement in defence[::-1] if statement.moment >= first - reach]
    return within, former[::-1], attack[::-1]


def _recall(state: State, head: Head, said: Statement) -> tuple[State, Effects]:
    """History told vaguely: it joins a segment of its status, or fills a gap, but never turns the present."""
    alike = next((h for h in _overlapping(head, said) if h.status is said.status), None)
    if alike is not None:
        return state, ((alike.key, said, Role.FOR),)
    if not said.opens or _is_the_news_itself(said):
        return state, ()
    earliest = said.earliest
    if earliest is None:
        return _recall_undated(state, head, said)
    inside = list(takewhile(lambda h: h.opener.day >= earliest, chain(head)))
    if not inside:
        return _advance(state, head, said)
    if said.status in PRELIMINARY or len(inside) > 1:
        return state, ()
    if head.status.is_open == said.status.is_open:
        return _advance(state, head, said) if is_further(head, said) else (state, ())
    return _insert(state, head, said) if said.status.is_open else _open(state, said)


def _is_the_news_itself(said: Statement) -> bool:
    """True for what an article also says of the present, and dates vaguely days before: it tells of one event."""
    lately = said.told.date() - said.day <= timedelta(days=RULES.time.confirm_days)
    return said.followed_by is said.status and said.is_vague and lately


def _recall_undated(state: State, head: Head, said: Statement) -> tuple[State, Effects]:
    """Undated ("had stalled earlier"): it can only stand right before what its own article says of the present."""
    if said.followed_by is None or said.status in PRELIMINARY:
        return state, ()
    if said.followed_by is not head.status:
        return _advance(state, head, said)
    if head.status.is_open == said.status.is_open:
        return state, ()
    before = head.previous
    if before is not None and (before.status is said.status or is_echo(before, before.opener.day, said)):
        return state, ((before.key, said, Role.FOR),)
    return _insert(state, head, said)


def _deny(state: State, said: Statement) -> tuple[State, Effects]:
    """A denial weighs against what it denies; what a party denies on record and one story alone tells echoes no more.

    After a false report that talks are held, the day that is then set for them is news.
    """
    head = state.head
    if head is None or head.status not in said.denies:
        return state, ()
    if said.on_record and state.hearsay is not None:
        state = replace(state, last_day=date.min)
    return state, ((head.key, said, Role.AGAINST),)


def _hearsay(carrying: Sequence[Statement]) -> str | None:
    """The one story that they are, unless a party says it on record."""
    stories = {statement.story for statement in carrying}
    is_sole = len(stories) == 1 and not any(statement.on_record for statement in carrying)
    return stories.pop() if is_sole else None


def _open(state: State, said: Statement) -> tuple[State, Effects]:
    trail = Trail(said, Role.FOR, None)
    opened = State(Head(said, state.head), _held_on(said), trail, _hearsay([said]), is_aside(said))
    return opened, ((said.key, said, Role.FOR),)


def _insert(state: State, head: Head, said: Statement) -> tuple[State, Effects]:
    """A segment before the current one."""
    return replace(state, head=Head(head.opener, Head(said, head.previous))), ((said.key, said, Role.FOR),)


def _support(state: State, head: Head, said: Statement) -> tuple[State, Effects]:
    trail = Trail(said, Role.FOR, state.trail)
    hearsay = state.hearsay if _hearsay([said]) == state.hearsay else None
    aside = state.aside and is_aside(said)
    supported = replace(state, trail=trail, last_day=_last_day(state, said), hearsay=hearsay, aside=aside)
    return supported, ((head.key, said, Role.FOR),)


def _last_day(state: State, said: Statement) -> date:
    return max(state.last_day, _held_on(said))


def _held_on(said: Statement) -> date:
    """The day on which a statement shows that the status held; "they had met before" shows it of no day at all."""
    return date.min if said.background and said.earliest is None else said.evidence_day


def _overlapping(head: Head, said: Statement) -> Iterator[Head]:
    """The heads whose time meets the statement's interval, newest first."""
    for one in chain(head):
        yield one
        if said.earliest is not None and one.opener.day < said.earliest:
            return


def _weight(statements: list[Statement]) -> float:
    """Summed over stories: a story counts once."""
    heaviest: dict[str, float] = {}
    for statement in statements:
        heaviest[statement.story] = max(statement.weight, heaviest.get(statement.story, 0.0))
    return sum(heaviest[story] for story in sorted(heaviest))

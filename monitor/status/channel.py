"""One channel's timeline: its statements in order, swept step by step, and the segments that come of it.

A statement that comes or goes is swept in place, and what follows only until the sweep meets its old states. Numbers of
segments whose evidence is untouched are kept.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import repeat
from typing import NamedTuple

from monitor.status.evidence import Evidence
from monitor.status.model import Segment
from monitor.status.rules import shift_name
from monitor.status.statements import Statement
from monitor.status.sweep import Effects, Head, HeadKey, State, chain, same, step


class _Place(NamedTuple):
    """What a segment owes to its neighbours."""

    name: str
    start_earliest: date | None
    start_latest: date | None
    end: date | None

    @property
    def start(self) -> date | None:
        return self.start_earliest or self.start_latest


class _Built(NamedTuple):
    """A segment and what it was made of."""

    draft: Segment
    place: _Place
    segment: Segment


class ChannelTimeline:
    """The statements of one channel and its segments."""

    def __init__(self) -> None:
        self._statements: list[Statement] = []
        self._steps: list[tuple[State, Effects]] = []
        self._evidence: dict[HeadKey, Evidence] = defaultdict(Evidence)
        self._drafts: dict[HeadKey, Segment] = {}
        self._built: list[_Built] = []
        self._segments: list[Segment] | None = None

    @property
    def segments(self) -> list[Segment]:
        """The segments, oldest first."""
        if self._segments is None:
            heads = list(chain(self._state(len(self._steps)).head))[::-1]
            drafts = [self._draft(head) for head in heads]
            self._built = list(
                map(_build, drafts, _places(drafts), [*self._built, *repeat(None, len(drafts))])
            )
            self._segments = [built.segment for built in self._built]
        return self._segments

    def add(self, statement: Statement) -> None:
        """Sweep one more statement in."""
        at = bisect_left(self._statements, statement.key, key=_key)
        self._statements.insert(at, statement)
        self._steps.insert(at, (self._state(at), ()))
        self._again(at)

    def remove(self, statement: Statement) -> None:
        """Sweep as if the statement had never been made."""
        at = bisect_left(self._statements, statement.key, key=_key)
        after, effects = self._steps.pop(at)
        del self._statements[at]
        self._undo(effects)
        self._segments = None
        if at < len(self._statements) and not same(self._state(at), after, self._statements[at].day):
            self._again(at)

    def _again(self, at: int) -> None:
        """Sweep again from `at` until the states are the old ones."""
        self._segments = None
        state = self._state(at)
        for index in range(at, len(self._statements)):
            old, old_effects = self._steps[index]
            state, effects = step(state, self._statements[index])
            if effects != old_effects:
                self._undo(old_effects)
                self._do(effects)
            self._steps[index] = (state, effects)
            following = index + 1
            if following < len(self._statements) and same(state, old, self._statements[following].day):
                return

    def _state(self, at: int) -> State:
        return self._steps[at - 1][0] if at else State()

    def _do(self, effects: Effects) -> None:
        for head, statement, role in effects:
            self._evidence[head].add(statement, role)
            self._drafts.pop(head, None)

    def _undo(self, effects: Effects) -> None:
        for head, statement, role in effects:
            self._evidence[head].remove(statement, role)
            self._drafts.pop(head, None)
            if not self._evidence[head]:
                del self._evidence[head]

    def _draft(self, head: Head) -> Segment:
        """The segment as its own evidence has it."""
        draft = self._drafts.get(head.key)
        if draft is None:
            draft = self._drafts[head.key] = _of_evidence(head.opener, self._evidence[head.key])
        return draft


def _of_evidence(opener: Statement, evidence: Evidence) -> Segment:
    return Segment(
        channel=opener.channel,
        status=opener.status,
        name="",
        start_earliest=evidence.start(opener).earliest,
        start_latest=opener.day,
        end=None,
        certainty=evidence.certainty,
        confidence=evidence.confidence,
        contested=evidence.contested,
        claim_ids=evidence.claim_ids,
        counter_ids=evidence.counter_ids,
        last_evidence=evidence.last_day,
    )


def _places(drafts: Sequence[Segment]) -> list[_Place]:
    """Names, and starts that do not run backwards, each segment ended by the next.

    What is known of the neighbours narrows an uncertain start: after talks that began in May at the earliest, nothing
    began in April; what came before a segment had begun when that one did.
    """
    places: list[_Place] = []
    statuses = [draft.status for draft in drafts]
    known = date.min
    for at, draft in enumerate(drafts):
        known = max(known, draft.start_earliest or known)
        name = shift_name(statuses[:at], draft.status)
        places.append(_Place(name, known if draft.start_earliest else None, draft.start_latest, None))
    for at in range(len(places) - 2, -1, -1):
        name, earliest, latest, _ = places[at]
        following = places[at + 1]
        bound = following.start_latest if earliest else following.start
        latest = min(day for day in (latest, bound) if day is not None)
        places[at] = _Place(name, earliest, latest, following.start)
    return places


def _build(draft: Segment, place: _Place, before: _Built | None) -> _Built:
    """The segment in its place; the very one of last time where nothing changed."""
    if before is not None and before.draft is draft and before.place == place:
        return before
    return _Built(draft, place, replace(draft, **place._asdict()))


def _key(statement: Statement) -> tuple[object, ...]:
    return statement.key

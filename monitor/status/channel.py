"""One channel's timeline: its statements in order, swept step by step, and the segments that come of it.

Statements that come or go are swept in when somebody asks, and what follows only until the sweep meets its old states.
Then the segments whose evidence or neighbours changed are placed anew; all others stay the very same values.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from monitor.status.evidence import Evidence
from monitor.status.heads import Head, HeadKey, State, same
from monitor.status.model import Segment
from monitor.status.rules import RULES, shift_name
from monitor.status.statement import Statement
from monitor.status.sweep import Effects, step
from monitor.status.weighing import PRELIMINARY
from monitor.vocabulary import Certainty, Status


class _Past(NamedTuple):
    """What a segment needs to know of all that came before it."""

    known: date = date.min
    """Nothing later began before this day."""
    status: Status = Status.NONE
    anchor: Status = Status.NONE
    """What talks had come to, apart from proposals and dates."""
    day: date = date.min
    """When the last status began."""
    turns: int = 0
    """How often the side has changed lately, one way and the other, with nobody to confirm it."""

    def and_then(self, draft: Segment) -> "_Past":
        """The past of the segment after `draft`."""
        known = max(self.known, draft.start_earliest or self.known)
        anchor = self.anchor if draft.status in PRELIMINARY else draft.status
        return _Past(known, draft.status, anchor, draft.start_latest or date.min, self._turns(draft))

    def flaps(self, draft: Segment) -> bool:
        """Whether `draft` is one turn too many."""
        return self._turned(draft) and self._turns(draft) >= RULES.flapping.turns

    def _turns(self, draft: Segment) -> int:
        if draft.certainty is Certainty.CONFIRMED or draft.start_latest is None:
            return 0
        held = ((draft.last_evidence or draft.start_latest) - draft.start_latest).days
        since = (draft.start_latest - self.day).days
        return 0 if max(held, since) >= RULES.flapping.days else self.turns + self._turned(draft)

    def _turned(self, draft: Segment) -> bool:
        return self.status is not Status.NONE and draft.status.is_open != self.status.is_open


class ChannelTimeline:
    """The statements of one channel and its segments."""

    def __init__(self) -> None:
        self._statements: list[Statement] = []
        self._steps: list[tuple[State, Effects]] = []
        self._unswept: set[tuple[object, ...]] = set()
        self._evidence: dict[HeadKey, Evidence] = defaultdict(Evidence)
        self._touched: set[HeadKey] = set()
        self._heads: list[Head] = []
        self._places: dict[HeadKey, int] = {}
        self._drafts: list[Segment] = []
        self._pasts: list[_Past] = []
        self._segments: list[Segment] = []

    @property
    def segments(self) -> Sequence[Segment]:
        """The segments, oldest first; the same sequence for as long as nothing changes."""
        self._sweep()
        if affected := self._redraft():
            self._place(self._hand_on(affected))
        return self._segments

    def add(self, statement: Statement) -> None:
        """Take in one more statement."""
        at = bisect_left(self._statements, statement.key, key=_key)
        self._statements.insert(at, statement)
        self._steps.insert(at, (self._state(at), ()))
        self._unswept.add(statement.key)

    def remove(self, statement: Statement) -> None:
        """As if the statement had never been made."""
        at = bisect_left(self._statements, statement.key, key=_key)
        _, effects = self._steps.pop(at)
        del self._statements[at]
        self._undo(effects)
        self._unswept.add(self._statements[at].key if at < len(self._statements) else statement.key)

    def _sweep(self) -> None:
        """Sweep again from each change on, until the states are the old ones."""
        swept = 0
        for key in sorted(self._unswept):
            at = bisect_left(self._statements, key, key=_key)
            if at >= swept:
                swept = self._sweep_from(at)
        self._unswept.clear()

    def _sweep_from(self, at: int) -> int:
        state = self._state(at)
        while at < len(self._statements):
            old, old_effects = self._steps[at]
            state, effects = step(state, self._statements[at])
            if effects != old_effects:
                self._undo(old_effects)
                self._do(effects)
            self._steps[at] = (state, effects)
            at += 1
            if at < len(self._statements) and same(state, old, self._statements[at].day):
                break
        return at

    def _state(self, at: int) -> State:
        return self._steps[at - 1][0] if at else State()

    def _do(self, effects: Effects) -> None:
        for head, statement, role in effects:
            self._evidence[head].add(statement, role)
            self._touched.add(head)

    def _undo(self, effects: Effects) -> None:
        for head, statement, role in effects:
            self._evidence[head].remove(statement, role)
            self._touched.add(head)
            if not self._evidence[head]:
                del self._evidence[head]

    def _redraft(self) -> set[int]:
        """Draft the segments whose head or evidence is another; returns where something may have to be placed anew."""
        kept, fresh = self._new_heads()
        shrunk = len(self._heads) > kept + len(fresh)
        for head in self._heads[kept:]:
            del self._places[head.key]
        self._heads[kept:] = fresh
        self._places.update((head.key, at) for at, head in enumerate(fresh, start=kept))
        affected = {self._places[key] for key in self._touched if key in self._places}
        affected.update(range(kept, len(self._heads)))
        self._touched.clear()
        del self._drafts[kept:], self._pasts[kept:]
        for at in sorted(affected):
            self._drafts[at : at + 1] = [self._draft(self._heads[at])]
        if shrunk:
            self._segments = self._segments[: len(self._heads)]
        if kept and (shrunk or fresh):
            affected.add(kept - 1)
        return affected

    def _new_heads(self) -> tuple[int, list[Head]]:
        """How many of the oldest heads are those of last time, and the heads after them, oldest first."""
        fresh = []
        head = self._state(len(self._steps)).head
        while head is not None and self._heads[head.depth : head.depth + 1] != [head]:
            fresh.append(head)
            head = head.previous
        return (head.depth + 1 if head else 0), fresh[::-1]

    def _draft(self, head: Head) -> Segment:
        """The segment as its own evidence has it."""
        opener, evidence = head.opener, self._evidence[head.key]
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

    def _hand_on(self, affected: set[int]) -> set[int]:
        """Bring the pasts up to date, each as far as it changes; returns what is affected then."""
        reached = set(affected)
        for start in sorted(affected):
            for at in range(start, len(self._drafts)):
                past = self._past(at).and_then(self._drafts[at])
                if self._pasts[at : at + 1] == [past]:
                    break
                self._pasts[at : at + 1] = [past]
                reached.update(range(at + 1, min(at + 2, len(self._drafts))))
        return reached

    def _past(self, at: int) -> _Past:
        return self._pasts[at - 1] if at else _Past()

    def _place(self, affected: Iterable[int]) -> None:
        """Place segments, newest first, and before them those that are placed otherwise because of it."""
        segments: list[Segment | None] = [*self._segments]
        segments += [None] * (len(self._heads) - len(segments))
        for start in sorted(affected, reverse=True):
            for at in range(start, -1, -1):
                following = segments[at + 1] if at + 1 < len(segments) else None
                placed = _placed(self._drafts[at], self._past(at), following)
                if placed == segments[at]:
                    break
                segments[at] = placed
        placed_all = [segment for segment in segments if segment is not None]
        if placed_all != self._segments:
            self._segments = placed_all


def _placed(draft: Segment, past: _Past, following: Segment | None) -> Segment:
    """The segment with its name, a start that does not run backwards, and ended by the next one.

    What is known of the neighbours narrows an uncertain start: after talks that began in May at the earliest, nothing
    began in April; what came before a segment had begun when that one did.
    """
    earliest, latest, end, flaps = draft.start_earliest, draft.start_latest, None, past.flaps(draft)
    if earliest is not None:
        earliest = max(past.known, earliest)
    if following is not None:
        end = following.start
        bound = following.start_latest if earliest else end
        latest = min((day for day in (latest, bound) if day is not None), default=None)
    return replace(
        draft,
        name=shift_name((past.anchor, past.status), draft.status),
        start_earliest=earliest,
        start_latest=latest,
        end=end,
        contested=draft.contested or flaps,
        flapping=flaps,
    )


def _key(statement: Statement) -> tuple[object, ...]:
    return statement.key

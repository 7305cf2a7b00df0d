"""What speaks for and against one segment, kept so that adding or taking away one statement is cheap.

Sums are of whole numbers, so that the order in which statements come and go leaves no trace.
"""

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import dropwhile, islice, takewhile
from operator import itemgetter

from monitor.status.rules import RULES
from monitor.status.statement import Statement
from monitor.vocabulary import Certainty

_UNITS = 1_000_000
_SUREST = 0.98
"""One claim alone is never surer than this, so that its doubt stays finite."""

Key = Callable[[Statement], tuple[object, ...]]


class Role(StrEnum):
    """What a statement is to a segment."""

    FOR = "for"
    AGAINST = "against"


class Evidence:
    """The statements for and against one segment."""

    def __init__(self) -> None:
        self._by_start = _Sorted(lambda s: (s.day, -s.weight, s.key))
        self._by_weight = _Sorted(lambda s: (-s.weight, s.key))
        self._by_told = _Sorted(lambda s: (s.told, s.key))
        self._present = _Sorted(lambda s: (s.moment, s.key))
        self._by_day = _Sorted(lambda s: (s.evidence_day, s.key))
        self._against = _Sorted(lambda s: (s.moment, s.key))
        self._disputed = _Sorted(lambda s: (s.moment, s.key))
        self._support = _Stories()
        self._counter = _Stories()
        self._on_record = 0
        self._corroborated: bool | None = False

    def __bool__(self) -> bool:
        return bool(self._by_start.items or self._against.items)

    def add(self, statement: Statement, role: Role) -> None:
        """Count a statement."""
        if role is Role.AGAINST:
            self._against.add(statement)
            self._counter.add(statement)
            return
        if self._corroborated is False:
            self._corroborated = any(_corroborate(statement, other) for other in self._near(statement))
        for kept in self._kept(statement):
            kept.add(statement)
        self._support.add(statement)
        self._on_record += statement.on_record

    def remove(self, statement: Statement, role: Role) -> None:
        """Undo `add`."""
        if role is Role.AGAINST:
            self._against.remove(statement)
            self._counter.remove(statement)
            return
        for kept in self._kept(statement):
            kept.remove(statement)
        self._support.remove(statement)
        self._on_record -= statement.on_record
        self._corroborated = None if self._corroborated else self._corroborated

    def start(self, opener: Statement) -> Statement:
        """The statement that dates the start: the heaviest that says the same as the opener and of the same day."""
        first = bisect_left(self._by_start.keys, (opener.day,))
        return next(s for s in islice(self._by_start.items, first, None) if s.status is opener.status)

    @property
    def certainty(self) -> Certainty:
        """Confirmed by the party on the record, or by two stories of different outlets within days."""
        if self._corroborated is None:
            told = self._by_told.items
            self._corroborated = any(_corroborate(one, other) for one in told for other in self._near(one))
        return Certainty.CONFIRMED if self._on_record or self._corroborated else Certainty.REPORTED

    @property
    def confidence(self) -> float:
        """Noisy-or over stories, less what speaks against: doubts (-log of being wrong) add up."""
        doubt = self._support.doubt - RULES.weight.counter * (self._counter.doubt + self._disputes())
        sure = 1 - math.exp(-max(doubt, 0.0) / _UNITS)
        return round(min(max(sure, RULES.confidence.floor), RULES.confidence.ceiling), 4)

    @property
    def contested(self) -> bool:
        """True when the last contradiction weighed comparably to the support near it, and more did not follow.

        One that comes when support has long fallen silent settles nothing: only support does.
        """
        reach = RULES.time.contested
        if not self._present.items:
            return False
        answered = self._against.last_until(self._present.items[-1].moment + reach)
        moments = [s.moment for s in (answered, *self._disputed.items[-1:]) if s is not None]
        if not moments:
            return False
        last = max(moments)
        near = list(self._present.between(last - reach, last + reach))
        against = _by_voice(self._against.between(last - reach, last), lambda s: s.weight)
        against += _by_voice(near, lambda s: s.disputed)
        contests = bool(near) and against >= RULES.weight.contests * _by_voice(near, lambda s: s.weight)
        return contests and not self._settled(last + reach, against)

    def _settled(self, after: datetime, against: float) -> bool:
        """True when enough has been said for it, after the contested hours, to leave the contradiction behind."""
        stories: dict[str, float] = {}
        for statement in self._present.after(after):
            stories[statement.story] = max(statement.weight, stories.get(statement.story, 0.0))
            if math.fsum(stories.values()) >= RULES.weight.settles * against:
                return True
        return False

    @property
    def last_day(self) -> date:
        """Day of the newest evidence that the status held."""
        return self._by_day.items[-1].evidence_day

    @property
    def claim_ids(self) -> tuple[str, ...]:
        """The claims that carry the segment, those that speak first, heaviest first."""
        heaviest = self._by_weight.items[: RULES.evidence.kept]
        ids = [s.claim_ids[0] for s in heaviest] + [id_ for s in heaviest for id_ in s.claim_ids[1:]]
        return tuple(dict.fromkeys(ids))[: RULES.evidence.kept]

    @property
    def counter_ids(self) -> tuple[str, ...]:
        """The claims that speak against it, newest first."""
        newest = self._against.items[: -RULES.evidence.kept - 1 : -1]
        heaviest = self._by_weight.items[: RULES.evidence.kept]
        ids = [id_ for s in newest for id_ in s.claim_ids] + [id_ for s in heaviest for id_ in s.against_ids]
        return tuple(dict.fromkeys(ids))[: RULES.evidence.kept]

    def _kept(self, statement: Statement) -> "list[_Sorted]":
        kept = [self._by_start, self._by_weight, self._by_told, self._by_day]
        if not statement.background:
            kept.append(self._present)
        if statement.disputed:
            kept.append(self._disputed)
        return kept

    def _near(self, statement: Statement) -> "Iterator[Statement]":
        days = timedelta(days=RULES.time.confirm_days)
        return self._by_told.between(statement.told - days, statement.told + days)

    def _disputes(self) -> int:
        """Doubt that contradictions within the newest supporting articles add."""
        newest = self._disputed.items[-RULES.evidence.kept :]
        return sum(_doubt(min(s.sure, s.disputed)) for s in newest)


class _Sorted:
    """Statements in an order of their own; the keys begin with a moment where `between` is used."""

    def __init__(self, key: Key) -> None:
        self.items: list[Statement] = []
        self.keys: list[tuple[object, ...]] = []
        self._key = key

    def add(self, statement: Statement) -> None:
        key = self._key(statement)
        at = bisect_left(self.keys, key)
        self.keys.insert(at, key)
        self.items.insert(at, statement)

    def remove(self, statement: Statement) -> None:
        at = bisect_left(self.keys, self._key(statement))
        if self.items[at] != statement:
            raise ValueError(f"not among the evidence: {statement}")
        del self.keys[at], self.items[at]

    def between(self, start: datetime, end: datetime) -> Iterator[Statement]:
        found = self._from(bisect_left(self.keys, (start,)))
        return takewhile(lambda s: self._key(s)[0] <= end, found)  # type: ignore[operator]  # a moment here

    def last_until(self, moment: datetime) -> Statement | None:
        """The newest of those that are no later than `moment`."""
        at = bisect_right(self.keys, moment, key=itemgetter(0))
        return self.items[at - 1] if at else None

    def after(self, moment: datetime) -> Iterator[Statement]:
        return dropwhile(lambda s: self._key(s)[0] == moment, self._from(bisect_left(self.keys, (moment,))))

    def _from(self, at: int) -> Iterator[Statement]:
        return (self.items[index] for index in range(at, len(self.items)))


class _Stories:
    """Doubts per story: each story counts with its best statement."""

    def __init__(self) -> None:
        self.doubt = 0
        self._doubts: dict[str, list[int]] = {}

    def add(self, statement: Statement) -> None:
        doubts = self._doubts.setdefault(statement.story, [])
        self.doubt -= doubts[-1] if doubts else 0
        insort(doubts, _doubt(statement.sure))
        self.doubt += doubts[-1]

    def remove(self, statement: Statement) -> None:
        doubts = self._doubts[statement.story]
        self.doubt -= doubts[-1]
        doubts.remove(_doubt(statement.sure))
        if doubts:
            self.doubt += doubts[-1]
        else:
            del self._doubts[statement.story]


def _doubt(sure: float) -> int:
    return round(-math.log(1 - min(sure, _SUREST)) * _UNITS)


def _corroborate(one: Statement, other: Statement) -> bool:
    return one.story != other.story and one.outlet != other.outlet


def _by_voice(statements: Iterable[Statement], weight: Callable[[Statement], float]) -> float:
    """What statements weigh together: copies of a story once, and a party that tells it several outlets once."""
    heaviest: dict[tuple[bool, str | None], float] = {}
    for statement in statements:
        is_own = statement.on_record and statement.voice is not None
        voice = (is_own, statement.voice if is_own else statement.story)
        heaviest[voice] = max(weight(statement), heaviest.get(voice, 0.0))
    return math.fsum(heaviest.values())

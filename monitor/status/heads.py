"""The heads of a channel's segments and what was said while the newest stood: the sweep's state, and when two agree."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeAlias

from monitor.status.evidence import Role
from monitor.status.rules import RULES
from monitor.status.statement import Statement
from monitor.vocabulary import Status

HeadKey: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """A segment as the sweep knows it: the statement that opened it, and the segment before."""

    opener: Statement
    previous: "Head | None"
    depth: int = field(init=False)
    """How many segments came before."""
    mark: int = field(init=False)
    """Differs where the openers so far differ, so that unlike pasts are told apart at a glance."""

    def __post_init__(self) -> None:
        before = self.previous
        object.__setattr__(self, "depth", before.depth + 1 if before else 0)
        object.__setattr__(self, "mark", hash((before.mark if before else None, self.opener)))

    @property
    def status(self) -> Status:
        """The segment's status."""
        return self.opener.status

    @property
    def key(self) -> HeadKey:
        """What names the segment within one sweep."""
        return self.opener.key


@dataclass(frozen=True, slots=True, eq=False)
class Trail:
    """What was said while the current head stood, newest first: what a challenger may have to weigh against."""

    statement: Statement
    role: Role
    previous: "Trail | None"
    former: bool = False
    """It stood for the status that the head overturned, and counts again when somebody bears it out soon."""


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What later steps ask for."""

    head: Head | None = None
    last_day: date = date.min
    """Day of the newest evidence for the current head."""
    trail: Trail | None = None
    hearsay: str | None = None
    """The one story that alone carries the current head; None where a second does, or a party has said it on record."""
    aside: bool = False
    """True while the current head rests on asides and history alone: it is nobody's headline or lead."""


def chain(head: Head | None) -> Iterator[Head]:
    """The heads, newest first."""
    while head is not None:
        yield head
        head = head.previous


def same(one: State, other: State, day: date) -> bool:
    """True when no statement of `day` or later can tell the two states apart."""
    return (
        (one.last_day, one.hearsay, one.aside) == (other.last_day, other.hearsay, other.aside)
        and _same_heads(one.head, other.head)
        and _same_trail(one.trail, other.trail, day)
    )


def reaches(earlier: Statement, day: date) -> bool:
    """True when `earlier` may count for or against a statement of `day`: it may defend against a first challenger."""
    return day - earlier.day <= 2 * RULES.time.contested + timedelta(days=1)


def _same_heads(one: Head | None, other: Head | None) -> bool:
    while one is not other:
        if one is None or other is None or one.mark != other.mark or one.opener != other.opener:
            return False
        one, other = one.previous, other.previous
    return True


def _same_trail(one: Trail | None, other: Trail | None, day: date) -> bool:
    """Compares as far as `_sides` can look back from `day` on."""
    answered = False
    while one is not other:
        if one is None or other is None or one.statement != other.statement:
            return False
        if (one.role, one.former) != (other.role, other.former):
            return False
        answered = answered or one.role is Role.FOR
        if answered and not reaches(one.statement, day):
            return True
        one, other = one.previous, other.previous
    return True

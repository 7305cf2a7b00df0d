"""One article's word on one channel at one time; copies of a story say one thing once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from monitor.status.rules import RULES
from monitor.status.weighing import PRELIMINARY
from monitor.vocabulary import Status

When = tuple[date | None, date] | None
"""The interval that a claim names; None for the day of publication."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One article's word on one channel at one time.

    `day` places it: by then it had certainly begun. `moment` is its publication where it speaks of the present, else
    the beginning of `day`. A denial has status NONE and says what it denies. `sure` is the speaking claim's confidence,
    halved where one party speaks for the other.
    """

    channel: str
    status: Status
    earliest: date | None
    day: date
    moment: datetime
    told: datetime
    background: bool
    when: When
    article: str
    story: str
    outlet: str
    voice: str | None
    weight: float
    sure: float
    on_record: bool
    opens: bool
    claim_ids: tuple[str, ...]
    against_ids: tuple[str, ...] = ()
    disputed: float = 0.0
    """Weight of a named person's contradiction within the same article."""
    is_denied: bool = False
    """Whether somebody who is named there denies it."""
    denies: frozenset[Status] = frozenset()
    resumes: bool = False
    """Whether talks are said to be held again: they had paused, whoever told of that."""
    followed_by: Status | None = None
    """For background: what its article says of the present."""
    key: tuple[object, ...] = field(init=False, compare=False, repr=False)
    """Place in the order of statements; nothing but the statement itself decides it."""

    def __post_init__(self) -> None:
        is_late = self._is_late_end
        key = (
            self.day,
            is_late or not self.background,
            self.told if is_late else self.moment,
            self.is_vague and self.status in PRELIMINARY,
            RULES.order.get(self.status, len(RULES.order)),
            -self.weight,
            self.told,
            self.article,
            self.claim_ids,
        )
        object.__setattr__(self, "key", key)

    @property
    def _is_late_end(self) -> bool:
        """True for an end that is told later than on its day: it stands behind what was told of that day then."""
        is_late = self.background and not self.is_vague and self.told.date() > self.day
        return is_late and self.status.is_closed

    @property
    def is_vague(self) -> bool:
        """True for history whose time is hardly known."""
        return self.background and (
            self.earliest is None or (self.day - self.earliest).days > RULES.time.vague_days
        )

    @property
    def evidence_day(self) -> date:
        """The day up to which it shows that the status held."""
        return (self.earliest or self.day) if self.background else self.told.date()

    @property
    def copy_key(self) -> tuple[object, ...]:
        """Equal for the same word of the same story; one that also tells who denies it is another word."""
        said = (self.status, self.when, self.background, self.denies, self.is_denied)
        return (self.story, self.channel, *said)

    @property
    def first_told(self) -> tuple[datetime, float, str]:
        """Of the copies of a story, the one with the smallest counts."""
        return (self.told, -self.weight, self.article)


def without_copies(statements: Iterable[Statement]) -> set[Statement]:
    """One statement for all copies of a story that say the same: the first that was told."""
    first: dict[tuple[object, ...], Statement] = {}
    for statement in statements:
        known = first.setdefault(statement.copy_key, statement)
        if statement.first_told < known.first_told:
            first[statement.copy_key] = statement
    return set(first.values())

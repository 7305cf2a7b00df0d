"""The words of Parley as types: what a claim is made of. Pure values that every room shares.

The tables come from the field's code book (CAMEO; its successor PLOVER merges these codes) and ARCHITECTURE.md.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, computed_field, model_validator

ANY_CHANNEL = "any"
"""The channel of claims found with the topic `any`, which has no parties."""

WITHHELD = "[text removed at the publisher’s request]"
"""What stands in place of a quote whose article was removed; the outlet and the day stand beside it as ever."""


class Value(BaseModel):
    """Base of frozen values; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Status(StrEnum):
    """Where a channel's talks stand. NONE is never a segment: it means that nothing is known."""

    PROPOSED = "proposed"
    SCHEDULED = "scheduled"
    UNDERWAY = "underway"
    AGREED = "agreed"
    STALLED = "stalled"
    REJECTED = "rejected"
    COLLAPSED = "collapsed"
    NONE = "none"

    @property
    def is_open(self) -> bool:
        """True on the side of talking (proposed, scheduled, underway, agreed)."""
        return self in _OPEN

    @property
    def is_closed(self) -> bool:
        """True on the side of not talking (stalled, rejected, collapsed)."""
        return self in _CLOSED


_OPEN = {Status.PROPOSED, Status.SCHEDULED, Status.UNDERWAY, Status.AGREED}
_CLOSED = {Status.STALLED, Status.REJECTED, Status.COLLAPSED}


class ClaimKind(StrEnum):
    """What one passage says about the talks."""

    PROPOSED = "proposed"
    SCHEDULED = "scheduled"
    UNDERWAY = "underway"
    RESUMED = "resumed"
    PROGRESS = "progress"
    AGREEMENT = "agreement"
    STALLED = "stalled"
    REJECTED = "rejected"
    COLLAPSED = "collapsed"
    DENIED = "denied"

    @property
    def status(self) -> Status:
        """The status that the kind leads to; NONE for `denied`, which weighs against what it denies."""
        return _STATUS_AND_CAMEO[self][0]

    @property
    def cameo(self) -> str:
        """The CAMEO event code, for joining with GDELT, ICEWS and the like."""
        return _STATUS_AND_CAMEO[self][1]

    @property
    def is_open(self) -> bool:
        """True for the kinds on the side of talking."""
        return self.status.is_open


_STATUS_AND_CAMEO: dict[ClaimKind, tuple[Status, str]] = {
    ClaimKind.PROPOSED: (Status.PROPOSED, "036"),
    ClaimKind.SCHEDULED: (Status.SCHEDULED, "036"),
    ClaimKind.UNDERWAY: (Status.UNDERWAY, "046"),
    ClaimKind.RESUMED: (Status.UNDERWAY, "046"),
    ClaimKind.PROGRESS: (Status.UNDERWAY, "046"),
    ClaimKind.AGREEMENT: (Status.AGREED, "057"),
    ClaimKind.STALLED: (Status.STALLED, "164"),
    ClaimKind.REJECTED: (Status.REJECTED, "125"),
    ClaimKind.COLLAPSED: (Status.COLLAPSED, "164"),
    ClaimKind.DENIED: (Status.NONE, "016"),
}


class Mood(StrEnum):
    """How a claim is put. Only ASSERTED and PLANNED ones carry a status."""

    ASSERTED = "asserted"
    PLANNED = "planned"
    CONDITIONAL = "conditional"
    HYPOTHETICAL = "hypothetical"
    DENIED = "denied"


class Attribution(StrEnum):
    """Who stands behind a claim."""

    PARTY = "party"
    """A party to the talks, on the record and by name."""
    OFFICIALS = "officials"
    """Named or titled officials and mediators who are no party."""
    SOURCES = "sources"
    """Unnamed sources, "reportedly", another outlet's report."""
    OUTLET = "outlet"
    """The outlet itself, in its own voice."""
    OPINION = "opinion"
    """Opinion, analysis, prediction."""


class Position(StrEnum):
    """Where in the article a claim stands; weight 3, 2, 1 (checklist of the field: lead bias)."""

    HEADLINE = "headline"
    LEAD = "lead"
    BODY = "body"


class Precision(StrEnum):
    """How exactly a publication time is known."""

    TIME = "time"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    UNKNOWN = "unknown"


class Certainty(StrEnum):
    """How well a shift is supported."""

    REPORTED = "reported"
    CONFIRMED = "confirmed"


class When(Value):
    """When what a claim says began to hold: somewhere in `start_earliest` .. `start_latest`, both inclusive UTC days.

    None means unknown on that side. `end` is the last day on which it held, where the text says so.
    """

    start_earliest: date | None = None
    start_latest: date | None = None
    end: date | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        days = [day for day in (self.start_earliest, self.start_latest, self.end) if day is not None]
        if days != sorted(days):
            raise ValueError(f"an interval must not run backwards: {days}")
        return self


class Span(Value):
    """A passage: code-point offsets into the article's text as stored, and the passage itself.

    The headline counts: a span with `in_title` points into the article's title instead of its text.
    """

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    text: str
    in_title: bool = False


class Claim(Value):
    """What one passage says about one channel's status."""

    id: str
    channel: str
    kind: ClaimKind
    parties: tuple[str, ...] = ()
    speaker: str | None = None
    """Who says it: a party's id, a name, or None."""
    principal: str | None = None
    """Whose stance or act it is: a party's id where known. "Raja said Khan refused": speaker Raja, principal pti."""
    mood: Mood = Mood.ASSERTED
    attribution: Attribution = Attribution.OUTLET
    position: Position = Position.BODY
    background: bool = False
    """True when the passage tells of an earlier time (history), so that it says nothing about publication day."""
    when: When = When()
    span: Span
    confidence: Annotated[float, Field(ge=0, le=1)]
    rule: str
    """The lexicon entries and composition that made the claim, e.g. "REJECT(RESUME(talks)): refuse, resume"."""

    @computed_field  # type: ignore[prop-decorator]  # Pydantic's manual: mypy knows none
    @property
    def status(self) -> Status:
        """The status that the claim leads to: that of its kind, but what is to resume is not resumed yet."""
        if self.kind is ClaimKind.RESUMED and self.mood is Mood.PLANNED:
            return Status.SCHEDULED
        return self.kind.status

    @computed_field  # type: ignore[prop-decorator]  # Pydantic's manual: mypy knows none
    @property
    def cameo(self) -> str:
        """The CAMEO code of the claim's kind."""
        return self.kind.cameo

    @model_validator(mode="before")
    @classmethod
    def _drop_computed(cls, data: object) -> object:
        """A dumped claim holds its computed fields; they are derived again, not stored."""
        if isinstance(data, dict):
            data = data.copy()
            data.pop("status", None)
            data.pop("cameo", None)
        return data

    @property
    def carries_status(self) -> bool:
        """True for asserted or planned claims that lead to a status."""
        return self.mood in {Mood.ASSERTED, Mood.PLANNED} and self.kind.status is not Status.NONE

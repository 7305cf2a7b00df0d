"""What can be asked for in a query. An unknown parameter is refused: misspelt, it would choose everything."""

import re
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

from monitor.vocabulary import Certainty, ClaimKind, Status

MOST = 500
"""Entries on a page."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(value: object) -> date:
    text = str(value)
    if not _DAY.fullmatch(text):
        raise ValueError(f"takes a date like 2025-05-29, not {text[:40]!r}")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text} is no day: {error}") from error


def _moment(value: object, of_day: time = time.max) -> datetime:
    text = str(value)
    if _DAY.fullmatch(text):
        return datetime.combine(_day(text), of_day, UTC)
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f"takes a date or an ISO time (in which + is written %2B), not {text[:40]!r}"
        ) from error


Nothing = SkipJsonSchema[None]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
_DAY_OR_TIME = WithJsonSchema(
    {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}
)
Moment = Annotated[datetime, BeforeValidator(_moment), _DAY_OR_TIME]
"""A day means its end."""
Since = Annotated[datetime, BeforeValidator(lambda value: _moment(value, time.min)), _DAY_OR_TIME]
"""A day means its beginning."""


class Asked(BaseModel):
    """Base of what can be asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Past(Asked):
    """Of another day, or by what was known then."""

    as_of: Annotated[Day | Nothing, Field(description="As it was on this day (valid time).")] = None
    known_at: Annotated[
        Moment | Nothing,
        Field(description="As Parley knew it then (knowledge time); a day means its end, in UTC."),
    ] = None


class Between(Asked):
    """The days of what a list holds."""

    from_: Annotated[
        Since | Nothing,
        Field(
            alias="from",
            description="Of this day (UTC) or moment or later, by the moment that orders the list.",
        ),
    ] = None
    until: Annotated[
        Moment | Nothing, Field(description="Of this day (UTC) or moment or earlier, by that moment.")
    ] = None

    def chosen(self) -> dict[str, Any]:
        """The values that choose entries, under the names of the lists' filters."""
        named = self.model_dump(exclude={"limit", "cursor", "from_", "until"})
        return {**named, "first": self.from_, "last": self.until}


class Paged(Between):
    """One page of a list."""

    limit: Annotated[int, Field(ge=1, le=MOST, description="How many entries a page has at most.")] = 100
    cursor: Annotated[
        str | Nothing, Field(max_length=1000, description="Where to go on: as the Link header has it.")
    ] = None


class OfChannel(Paged):
    """Of one channel, about one status."""

    channel: Text | Nothing = None
    status: Annotated[Status | Nothing, Field(description="The status that it leads to.")] = None


class AskedShifts(OfChannel):
    """Which shifts."""

    certainty: Certainty | Nothing = None
    state: Literal["shifted", "updated", "withdrawn"] | Nothing = None


class ChosenAlerts(Between, Past):
    """Which alerts."""

    channel: Text | Nothing = None
    status: Annotated[
        list[Status],
        Field(default_factory=list, max_length=10, description="The statuses that they lead to."),
    ]
    severity: Literal["minor", "major", "critical"] | Nothing = None
    certainty: Certainty | Nothing = None
    contested: bool | Nothing = None
    state: Annotated[
        list[Literal["raised", "updated", "cancelled", "suppressed"]],
        Field(default_factory=list, max_length=10, description="What became of them."),
    ]
    q: Annotated[
        Text | Nothing,
        Field(
            description='Words and "phrases", all of which stand in what they say or quote or in an outlet.'
        ),
    ] = None


class AskedAlerts(Paged, ChosenAlerts):
    """A page of alerts."""


class AskedClaims(OfChannel):
    """Which claims."""

    kind: ClaimKind | Nothing = None
    outlet: Text | Nothing = None
    article: Annotated[Text | Nothing, Field(description="The article's id.")] = None
    known_at: Annotated[
        Moment | Nothing, Field(description="Those held true then; a day means its end, in UTC.")
    ] = None
    superseded: Annotated[bool, Field(description="Those too that are no longer held true.")] = False


class AskedArticles(Paged):
    """Which articles."""

    outlet: Text | Nothing = None
    source: Annotated[Text | Nothing, Field(description="The source's id.")] = None
    story: Annotated[Text | Nothing, Field(description="The story's id: copies of one report share it.")] = (
        None
    )

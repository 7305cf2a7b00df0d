"""The rules of status that are numbers and names, read once from `rules.toml` and `names.toml` beside this file."""

import tomllib
from collections.abc import Sequence
from datetime import timedelta
from importlib.resources import files
from typing import Annotated, Any

from pydantic import Field

from monitor.vocabulary import Attribution, Position, Status, Value

Part = Annotated[float, Field(gt=0, le=1)]
Days = Annotated[int, Field(ge=0)]


class Weight(Value):
    """What a claim weighs, and what weight it takes to do something."""

    position: dict[Position, float]
    other_side: Part
    opens: float
    steps_back: float
    minor: Part
    contests: Part
    settles: float
    counter: Part


class NeverOpens(Value):
    """Claims that never open a segment, whatever they weigh."""

    attributions: frozenset[Attribution]


class Time(Value):
    """How near two claims must be."""

    contested_hours: Days
    confirm_days: Days
    vague_days: Days
    history_days: Days
    pause_days: Days

    @property
    def contested(self) -> timedelta:
        """Opposite claims no further apart than this contest each other."""
        return timedelta(hours=self.contested_hours)


class Bounds(Value):
    """No segment is surer or less sure than this."""

    floor: Part
    ceiling: Part


class Kept(Value):
    """How much evidence is named."""

    kept: int
    quotes: int
    quote_characters: int


class Update(Value):
    """How far an announced shift must move before that is told."""

    confidence: Part
    start_days: Days


class Flapping(Value):
    """When reports that turn back and forth are no news any more."""

    turns: Annotated[int, Field(ge=1)]
    days: Days


class Rules(Value):
    """`rules.toml`, whose comments say what each number does."""

    weight: Weight
    never_opens: NeverOpens
    time: Time
    confidence: Bounds
    evidence: Kept
    update: Update
    flapping: Flapping
    echo_days: dict[Status, dict[Status, Days]]
    answers: tuple[tuple[Status, Status], ...]
    both_hold: tuple[tuple[Status, Status], ...]
    order: dict[Status, int]

    def echo(self, current: Status, said: Status) -> timedelta | None:
        """For how long a claim of `said` is evidence of `current` instead of a change; None: not at all."""
        days = self.echo_days.get(current, {}).get(said)
        return None if days is None else timedelta(days=days)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))


RULES = Rules.model_validate(_read("rules.toml"))

SHIFT_NAMES: dict[tuple[Status, Status], str] = {
    (Status(before), Status(after)): name
    for before, row in _read("names.toml").items()
    for after, name in row.items()
}
"""(from, to) -> what the shift is called."""

_PRELIMINARY = {Status.PROPOSED, Status.SCHEDULED}
_LOOKS_BACK = {Status.PROPOSED, Status.SCHEDULED, Status.UNDERWAY}


def shift_name(history: Sequence[Status], to: Status) -> str:
    """What the change to `to` is called after the statuses in `history` (oldest first, `to` not among them).

    A proposal or a date between does not hide what talks had come to: stalled, proposed, underway is "talks resumed".
    """
    before = history[-1] if history else Status.NONE
    if to in _LOOKS_BACK and before in _PRELIMINARY:
        anchor = next((status for status in reversed(history) if status not in _PRELIMINARY), Status.NONE)
        before = anchor if anchor.is_closed else before
    return SHIFT_NAMES[before, to]

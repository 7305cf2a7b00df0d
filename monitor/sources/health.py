"""When a source's health is worth telling an operator: it fails, is odd in its silence, or recovers."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.sources.schedule import GONE, NO_LINK, silent_after
from monitor.sources.state import SourceState, moment_of, stamp

FAILURES_TOLD = 3
"""One failure is nothing, and many a feed fails twice in a row."""
FAILING, SILENT, RECOVERED = "failing", "silent", "recovered"
_MOST = 0.6
_FEW = 3


@dataclass(frozen=True, slots=True)
class Change:
    """A source's health changed: to `failing`, `silent` or `recovered`, `since` when (UTC), and why in words."""

    source_id: str
    to: str
    since: datetime
    reason: str

    @property
    def told(self) -> str:
        """How the source's row notes that it was told."""
        return "" if self.to == RECOVERED else f"{self.to} {stamp(self.since)}"


def changes(rows: Iterable[SourceState], now: datetime) -> Iterator[Change]:
    """What is to be told of the sources now, given what was told before.

    Where most sources have no link at once it is the network: then all that have none are told of together, as soon
    as one has failed often enough.
    """
    sources = list(rows)
    patience = 1 if _is_network(sources) else FAILURES_TOLD
    for row in sources:
        change = _change(row, now, patience if _reason(row) in NO_LINK else FAILURES_TOLD)
        if change is not None and change.told != row.told:
            yield change


def standing(row: SourceState, now: datetime) -> str:
    """How the source fares at `now`, in a word: new, well, silent, failing, gone, paused."""
    if row.is_paused:
        return "gone" if _reason(row) == GONE else "paused"
    if row.error_streak:
        return FAILING
    if _silent_since(row, now):
        return SILENT
    return "well" if row.polled_once else "new"


def _change(row: SourceState, now: datetime, patience: int) -> Change | None:
    failing = moment_of(row.failing_since)
    if row.is_paused and _reason(row) != GONE:
        return None
    if failing is not None and (row.error_streak >= patience or row.is_paused):
        return Change(row.source_id, FAILING, failing, row.last_error)
    if failing is not None:
        return None  # not yet worth a word; nor is it well
    if newest := _silent_since(row, now):
        usual = f"about {row.entries_per_week:.0f} a week" if row.entries_per_week >= 1 else "few"
        return Change(row.source_id, SILENT, newest, f"no new entry since then; it used to bring {usual}")
    if row.told and row.last_ok_at:
        since = datetime.fromisoformat(row.told.partition(" ")[2])
        return Change(row.source_id, RECOVERED, since, f"was {row.told.partition(' ')[0]}")
    return None


def _silent_since(row: SourceState, now: datetime) -> datetime | None:
    """When it last brought something new, where it has been asked for longer than its rhythm explains, in vain."""
    newest, asked = moment_of(row.newest_at), moment_of(row.last_ok_at) or now
    is_silent = newest is not None and min(asked, now) - newest > silent_after(row.entries_per_week)
    return newest if is_silent else None


def _is_network(sources: Sequence[SourceState]) -> bool:
    """True where most sources have no link, and one of them has failed so often that it is worth telling."""
    polled = [row for row in sources if row.kind != "folder" and not row.is_paused]
    without = [row for row in polled if row.error_streak and _reason(row) in NO_LINK]
    enough = len(without) >= max(_FEW, _MOST * len(polled))
    return enough and any(row.error_streak >= FAILURES_TOLD for row in without)


def _reason(row: SourceState) -> str:
    return row.last_error.partition(":")[0]

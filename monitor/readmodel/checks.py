"""Whether a topic's sources are being read: what makes an old status "unchecked". Computed when asked, never stored.

The rhythm of a source is its own: what counts is how many of its polls have failed to come.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.readmodel.forms import Form, SourceForm
from monitor.readmodel.model import ReadModel
from monitor.readmodel.sources import sources

POLLS_MISSED = 3
"""A source that was not read for longer than so many of its intervals is not current."""
_LEAST_INTERVAL = timedelta(minutes=5)
"""The service itself wakes every few seconds, and a machine that was asleep needs a moment."""
_READ = frozenset({"well", "silent"})


class Checks(Form):
    """How the sources of a topic are read. Those that are paused or gone are not counted."""

    last_at: datetime | None
    """When one of them was last read."""
    well: int
    total: int
    is_current: bool
    """False: none of them was read for more than three of its intervals. True too where there is none to read."""


def checks(model: ReadModel, topic: str, now: datetime) -> Checks:
    """How the topic's sources are read at `now` (UTC-aware).

    Raises:
        StoreError: the service's database cannot be read.
    """
    return checks_of(sources(model, now), topic, now)


def checks_of(every: Sequence[SourceForm], topic: str, now: datetime) -> Checks:
    """The same by what was asked of all sources already."""
    polled = [one for one in every if topic in one.topics and one.next_poll_at is not None]
    return Checks(
        last_at=max((one.last_ok_at for one in polled if one.last_ok_at), default=None),
        well=sum(one.state in _READ for one in polled),
        total=len(polled),
        is_current=not polled or any(_is_current(one, now) for one in polled),
    )


def _is_current(one: SourceForm, now: datetime) -> bool:
    due = one.next_poll_at
    if due is None:
        return False
    if (
        one.last_ok_at is None or one.last_poll_at is None
    ):  # new: nothing is amiss until it fails, or nobody polls it
        return one.error_streak < POLLS_MISSED and now - due <= POLLS_MISSED * _LEAST_INTERVAL
    # After failures the next poll is put off, twice as long each time: the interval is what that began from.
    interval = (due - one.last_poll_at) / (1 << min(max(one.error_streak - 1, 0), 12))
    return now - one.last_ok_at <= POLLS_MISSED * max(interval, _LEAST_INTERVAL)

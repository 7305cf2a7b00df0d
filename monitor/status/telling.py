"""What people were told of each channel so far, and when they want to hear nothing: the fold of alerts and silences.

All moments come from the events: when an alert was recorded, from when and until when a silence holds.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from monitor.log.events import AlertCancelled, AlertRaised, Event, SilenceBegun, SilenceEnded, data_of
from monitor.vocabulary import Status


class Telling:
    """The alerts that stand, by channel and status, and the silences that hold."""

    def __init__(self) -> None:
        self._raised: dict[tuple[str, Status], dict[str, datetime]] = defaultdict(dict)
        """Shift -> when its alert was raised, oldest first; cancelled ones are gone."""
        self._last: dict[str, AlertRaised] = {}
        """Channel -> what was told of it last, unless that was taken back."""
        self._silences: dict[str, SilenceBegun] = {}

    def alerted(self, event: Event, alert: AlertRaised) -> None:
        """An alert was raised, updated or held back."""
        if event.type == "alert.suppressed":
            return
        self._raised[alert.channel, alert.to_status].setdefault(alert.shift_id, event.recorded_at)
        self._last[alert.channel] = alert

    def cancelled(self, alert: AlertCancelled, status: Status) -> None:
        """An alert of `status` was taken back."""
        self._raised[alert.channel, status].pop(alert.shift_id, None)
        if (last := self._last.get(alert.channel)) and last.shift_id == alert.shift_id:
            del self._last[alert.channel]

    def silenced(self, event: Event) -> None:
        """A silence begins; those that are over by then are forgotten."""
        silence = data_of(event, SilenceBegun)
        self._silences = {id_: one for id_, one in self._silences.items() if one.until > event.recorded_at}
        self._silences[silence.silence_id] = silence

    def unsilenced(self, event: Event) -> None:
        """A silence ends before its time."""
        self._silences.pop(data_of(event, SilenceEnded).silence_id, None)

    def raised_at(self, channel: str, status: Status, falling: Collection[str] = ()) -> datetime | None:
        """When the newest alert of this status was raised that stands, and whose shift is not `falling` just now."""
        raised = reversed(self._raised.get((channel, status), {}).items())
        return next((at for shift, at in raised if shift not in falling), None)

    def is_contested(self, channel: str, falling: Collection[str] = ()) -> bool:
        """Whether the last that was told of a channel is that it is contested, and its shift is not `falling`."""
        last = self._last.get(channel)
        return last is not None and last.contested and last.shift_id not in falling

    def is_silent(self, channel: str, at: datetime) -> bool:
        """Whether nothing new is to be told of a channel at that moment."""
        return any(
            one.since <= at < one.until for one in self._silences.values() if one.channel in {None, channel}
        )

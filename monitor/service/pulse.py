"""Whether the roles of this process can do their work now: kept in memory, so that it can be told whatever else fails.

The rows of `monitor.readmodel.roles` tell all processes' operators the same, with a delay and as long as there is SQL.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from threading import Event as Signal

from monitor.readmodel.roles import SILENT_AFTER

_STARTING = "has not done its work yet"


class Pulse:
    """The last word of each role's readers (`ingest`, `watch pti`, ...). Safe to use from several threads."""

    def __init__(self) -> None:
        self._stopping = Signal()
        self._words: dict[str, str] = {}
        self._ok_at: dict[str, datetime] = {}

    def expect(self, readers: Iterable[str]) -> None:
        """These are to work here, and have yet to begin."""
        self._words = dict.fromkeys(readers, _STARTING)

    @property
    def readers(self) -> Collection[str]:
        """Those that work here."""
        return self._words.keys()

    def stop(self) -> None:
        """The process is to end: from now on it is not ready."""
        self._stopping.set()

    def note(self, reader: str, now: datetime, trouble: str) -> None:
        """A reader did its work at `now` (UTC-aware), or what hinders it."""
        self._words[reader] = trouble
        if not trouble:
            self._ok_at[reader] = now

    def troubles(self, now: datetime) -> dict[str, str]:
        """Reader -> why it is not ready at `now` (UTC-aware); empty: all are well and have caught up.

        A reader that hangs says nothing; one that is at a long piece of work has not caught up.
        """
        if self._stopping.is_set():
            return dict.fromkeys(self._words or ["process"], "is stopping")
        found = {}
        for reader, word in list(self._words.items()):
            ok_at = self._ok_at.get(reader)
            if word:
                found[reader] = word
            elif ok_at is not None and now - ok_at > SILENT_AFTER:
                found[reader] = f"is busy or hangs: it has not caught up since {ok_at:%Y-%m-%d %H:%M:%S} UTC"
        return found

"""Put an export into an empty Redis: every entry at the position that it had, in a log of a new epoch.

All segments are read, and what Redis holds is compared with them, before anything is written. An import that was killed
has left a beginning of the same log, so doing it again goes on after that; any other log is refused.
"""

import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any, cast

from monitor.errors import ArchiveError, BadInputError, LogError
from monitor.failpoints import reached
from monitor.log.connect import redis_errors
from monitor.log.events import is_decision
from monitor.log.export import Progress
from monitor.log.keys import Stream, ids_key, key
from monitor.log.manifest import Manifest, damage
from monitor.log.place import Place
from monitor.log.position import FIELD, START, Entry, order
from monitor.log.segments import cut, read_segment
from monitor.log.stream import PAGE, EventLog

_IMPORT = files("monitor.log").joinpath("import.lua").read_text(encoding="utf-8")
_MOST_BYTES = 1_000_000
"""Of a batch that Redis takes in at once; it serves nobody else meanwhile."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What a topic's log holds after an import: so many entries, with the deliveries'; `new` of them came now."""

    events: int
    new: int
    epoch: str


class LogImport:
    """Imports one export.

    Args:
        log: where to import it.
        place: where the segments lie.
        manifest: which ones there are.
        until: what the log took later is left out (UTC-aware); None: nothing is.
    """

    def __init__(
        self, log: EventLog, place: Place, manifest: Manifest, until: datetime | None = None
    ) -> None:
        self._log = log
        self._script = cast("Any", log.client).register_script(_IMPORT)
        self._place = place
        self._manifest = manifest
        self._until_ms = None if until is None else int(until.timestamp() * 1000)

    def run(self, progress: Progress | None = None) -> dict[str, Imported]:
        """Import; returns what there is by topic.

        Raises:
            ArchiveError: a segment is missing or damaged; nothing was written.
            BadInputError: Redis holds other events; nothing was written.
            LogUnavailableError: Redis or the place does not answer; doing it again goes on.
        """
        if found := damage(self._place, self._manifest, set()):
            raise ArchiveError("; ".join(found))
        ends = self._ends()
        return {topic: self._topic(topic, ends, progress) for topic in self._manifest.logs}

    def _ends(self) -> dict[tuple[str, Stream], tuple[str, int]]:
        """How far each stream is imported already: its last position, and how many entries that are."""
        if strangers := set(self._log.topics()) - set(self._manifest.logs):
            raise BadInputError(
                f"Redis holds the log of {', '.join(sorted(strangers))} already: an import needs an empty one"
            )
        return {
            (topic, stream): self._end(topic, stream) for topic in self._manifest.logs for stream in Stream
        }

    def _end(self, topic: str, stream: Stream) -> tuple[str, int]:
        last, count = START, 0
        exported = self._exported(topic, stream, START)
        while page := self._log.entries.page(topic, stream, last, PAGE):
            for entry in page:
                if entry != next(exported, None):
                    raise BadInputError(
                        f"Redis holds a log of {topic} already, and at {entry.position} it has another event than the "
                        f"export at {self._place}: an import needs an empty Redis"
                    )
            last, count = page[-1].position, count + len(page)
        return last, count

    def _topic(
        self, topic: str, ends: dict[tuple[str, Stream], tuple[str, int]], progress: Progress | None
    ) -> Imported:
        epoch = self._log.epoch(topic) or secrets.token_hex(16)
        events = new = 0
        for stream in Stream:
            last, count = ends[topic, stream]
            for batch in cut(self._exported(topic, stream, last), PAGE, _MOST_BYTES):
                self._write(topic, stream, last, batch, epoch)
                last, new = batch[-1].position, new + len(batch)
                count += len(batch)
                if progress is not None:
                    progress(topic, len(batch))
            events += count
        return Imported(events, new, epoch)

    def _exported(self, topic: str, stream: Stream, after: str) -> Iterator[Entry]:
        """The entries of the export after a position, up to the moment where it is to end."""
        part = self._manifest.logs[topic].streams.get(stream)
        for segment in part.segments if part else ():
            if order(segment.last) <= order(after):
                continue
            for entry in read_segment(self._place, segment):
                here = order(entry.position)
                if self._until_ms is not None and here[0] > self._until_ms:
                    return
                if here > order(after):
                    yield entry

    def _write(self, topic: str, stream: Stream, last: str, batch: Sequence[Entry], epoch: str) -> None:
        buckets: list[str] = []
        arguments: list[Any] = [last, 0, epoch]
        for entry in batch:
            id_, type_ = _facts(entry)
            arguments[1] += stream is Stream.LOG and is_decision(type_)
            buckets.append(ids_key(topic, stream, id_ or "000"))
            names_and_values = [part for field in entry.fields.items() for part in field]
            arguments += [entry.position, bytes.fromhex(id_), len(names_and_values), *names_and_values]
        keys = [key(topic, stream), key(topic, "decisions"), key(topic, "epoch"), *buckets]
        with redis_errors(self._log.client):
            outcome = self._script(keys=keys, args=arguments)
        reached("import.batch")
        if outcome == b"conflict":
            raise LogError(
                f"somebody else writes to the log of {topic} while it is imported: stop every role, empty that Redis "
                "and import again"
            )


def _facts(entry: Entry) -> tuple[str, str]:
    """The id and the type that an entry carries; empty where it carries none."""
    try:
        event = json.loads(entry.fields[FIELD])
        id_, type_ = str(event["id"]), str(event["type"])
        return (id_, type_) if len(bytes.fromhex(id_)) == _ID_BYTES else ("", "")
    except (ValueError, KeyError, TypeError, RecursionError):
        return "", ""


_ID_BYTES = 16

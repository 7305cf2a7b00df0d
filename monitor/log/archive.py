"""The archiver: what is old leaves Redis for segments, so that its memory stays bounded. Nothing else removes entries.

    take the oldest entries, below every checkpoint and older than what is to be kept
    write them as a segment                   (whole at once, on the disk or taken by the store)
    read it back, and compare                 (entry by entry)
    name it in the archive's manifest         (what is in Redis no more must be found without it)
    let them go from Redis                    (one script: checks that they are those, trims, lists the segment)

Killed anywhere, doing it again goes on: until the last step the entries are in Redis, and from then on readers find the
segment in the list. A segment that was written and never listed is a file that nobody reads.

The index of ids keeps what was archived: an article that comes again after years is still known, and causes are still
found, without a look into the archive. That costs 45 bytes an event, where the entry took twenty times as much.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any, cast

from monitor.errors import ArchiveError
from monitor.failpoints import reached
from monitor.log.connect import redis_errors
from monitor.log.export import Progress, entries_between
from monitor.log.keys import Stream, archive_key, key
from monitor.log.manifest import Manifest, StreamPart, read_manifest, write_manifest
from monitor.log.place import Place
from monitor.log.position import START, Entry, order
from monitor.log.segments import Segment, read_segment, runs, write_segment
from monitor.log.stream import EventLog

_TRIM = files("monitor.log").joinpath("trim.lua").read_text(encoding="utf-8")


class Archiver:
    """Moves the beginnings of streams into an archive.

    Args:
        log: what is archived; it reads through the same place.
        place: where segments go.
        stop: asked before each segment; true ends the work early.
    """

    def __init__(self, log: EventLog, place: Place, stop: Callable[[], bool] = lambda: False) -> None:
        self._log = log
        self._place = place
        self._stop = stop
        self._script = cast("Any", log.client).register_script(_TRIM)

    def move(
        self, topic: str, stream: Stream, below: str, now: datetime, progress: Progress | None = None
    ) -> int:
        """Archive the stream's entries below a position; returns how many left Redis.

        Args:
            topic: whose stream.
            stream: which of its streams.
            below: the lowest checkpoint of all who read it, or the position from which entries are young: it stays.
            now: UTC-aware, for the manifest.
            progress: called with the topic and how many more have left.

        Raises:
            ArchiveError: the place does not give back what was put there; nothing of it left Redis.
            LogUnavailableError: Redis or the place does not answer.
        """
        epoch = self._log.epoch(topic)
        if epoch is None:
            return 0
        self._note(topic, epoch, now)
        archived = self._log.entries.archived(topic, stream)
        moved = 0
        entries = entries_between(
            self._log, topic, stream, archived.last if archived else START, _before(below)
        )
        for run in runs(entries):
            if self._stop():
                break
            segment = self._write(topic, stream, run, archived)
            self._note(topic, epoch, now, stream, segment)
            reached("archive.noted")
            if not self._trim(topic, stream, epoch, archived, segment, run):
                self._note(topic, epoch, now)
                break
            reached("archive.trimmed")
            archived, moved = segment, moved + len(run)
            if progress is not None:
                progress(topic, len(run))
        return moved

    def _write(self, topic: str, stream: Stream, run: Sequence[Entry], previous: Segment | None) -> Segment:
        segment = write_segment(self._place, topic, stream, run, previous)
        reached("archive.written")
        if read_segment(self._place, segment) != list(run):
            raise ArchiveError(
                f"{self._place}/{segment.file} is not what was written; nothing has left Redis"
            )
        return segment

    def _note(
        self, topic: str, epoch: str, now: datetime, stream: Stream | None = None, new: Segment | None = None
    ) -> None:
        """Have the manifest name what Redis says is archived, and a segment that is about to be."""
        manifest = Manifest.now("archive", now)
        for one in Stream:
            segments = self._log.entries.segments(topic, one)
            if new is not None and one is stream:
                # Another archiver may have been faster; then this one is not taken, and the manifest is put right.
                segments = [*(old for old in segments if old.end <= new.before), new]
            manifest = manifest.with_stream(topic, one, epoch, StreamPart.of(segments))
        name = f"archive-{topic}-{epoch}.json"
        known = read_manifest(self._place, name) if manifest.events else manifest
        if known is None or known.logs != manifest.logs:
            write_manifest(self._place, name, manifest)

    def _trim(
        self,
        topic: str,
        stream: Stream,
        epoch: str,
        previous: Segment | None,
        segment: Segment,
        run: Sequence[Entry],
    ) -> bool:
        """Let the entries go; False when another archiver moved some meanwhile."""
        arguments: list[str] = [
            epoch,
            previous.last if previous else "",
            segment.model_dump_json(),
            _after(segment.last),
            *(entry.position for entry in run),
        ]
        with redis_errors(self._log.client):
            outcome = self._script(
                keys=[key(topic, stream), key(topic, "epoch"), archive_key(topic, stream)], args=arguments
            )
        if outcome == b"other":
            raise ArchiveError(
                f"the log of {topic} does not begin with what was archived up to {segment.last}: nothing of that has "
                "left Redis; `parley log verify` says more"
            )
        return bool(outcome == b"trimmed")


def _after(position: str) -> str:
    milliseconds, sequence = order(position)
    return f"{milliseconds}-{sequence + 1}"


def _before(position: str) -> str:
    """The highest position below one; no entry stands at the highest sequence of a millisecond."""
    milliseconds, sequence = order(position)
    if sequence:
        return f"{milliseconds}-{sequence - 1}"
    return f"{milliseconds - 1}-{2**64 - 1}" if milliseconds else START

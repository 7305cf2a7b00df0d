"""Copy the log out of Redis: into segments with a manifest, incrementally, while everything runs.

    read how far each stream goes             (deliveries first: what caused them is in the topic's log then)
    keep the segments that are there already  (whole, and of the same log: else it is refused)
    write the entries after them, segment by segment, noting each in `unfinished.json`
    write the manifest, and remove `unfinished.json`

Killed anywhere, the old manifest still names what is whole, and doing it again goes on after the last segment noted.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Literal

from monitor.errors import ArchiveError, BadInputError
from monitor.failpoints import reached
from monitor.log.keys import Stream
from monitor.log.manifest import (
    MANIFEST,
    UNFINISHED,
    Manifest,
    StreamPart,
    read_manifest,
    write_manifest,
)
from monitor.log.place import Place
from monitor.log.position import START, Entry, order
from monitor.log.segments import Segment, read_hashed, read_segment, runs, write_segment
from monitor.log.stream import PAGE, EventLog

_log = logging.getLogger(__name__)

Progress = Callable[[str, int], None]
"""Called with a topic and how many more of its entries are done."""


def export(log: EventLog, place: Place, now: datetime, progress: Progress | None = None) -> Manifest:
    """Bring the export at a place up to what the log holds now; returns its manifest.

    Raises:
        BadInputError: the place holds an export of another log, or something else than an export.
        ArchiveError: what is there is damaged.
        LogUnavailableError: Redis or the place does not answer; doing it again goes on.
    """
    known = read_manifest(place, UNFINISHED) or read_manifest(place)
    if known is not None and known.kind != "export":
        raise BadInputError(f"{place} is no export but {_WHAT[known.kind]}: give another place")
    manifest = copy_log(log, place, known, Manifest.now("export", now), progress)
    write_manifest(place, MANIFEST, manifest)
    reached("export.manifest")
    place.remove(UNFINISHED)
    return manifest


_WHAT = {"archive": "the archive of a log", "backup": "a backup", "export": "an export"}


def copy_log(
    log: EventLog, place: Place, known: Manifest | None, new: Manifest, progress: Progress | None = None
) -> Manifest:
    """Write what the log holds now into segments at a place, beyond what `known` has; returns `new` with all of it.

    How far it has come stands in `UNFINISHED` meanwhile, which the caller removes. Raises as `export` does.
    """
    heads = _heads(log)
    if known and (gone := set(known.logs) - {topic for topic, _ in heads}):
        raise _of_another(place, ", ".join(sorted(gone)))
    manifest = new
    for topic, stream in heads:
        kept = _kept(log, place, known, topic, stream)
        epoch = log.epoch(topic) or ""
        manifest = manifest.with_stream(topic, stream, epoch, StreamPart.of(kept))
    for (topic, stream), head in heads.items():
        epoch = manifest.logs[topic].epoch
        segments = list(manifest.logs[topic].streams[stream].segments)
        after = segments[-1].last if segments else START
        for run in runs(entries_between(log, topic, stream, after, head)):
            segments.append(write_segment(place, topic, stream, run, segments[-1] if segments else None))
            reached("export.segment")
            manifest = manifest.with_stream(topic, stream, epoch, StreamPart.of(segments))
            write_manifest(place, UNFINISHED, manifest)
            if progress is not None:
                progress(topic, len(run))
    return manifest


def entries_between(log: EventLog, topic: str, stream: Stream, after: str, head: str) -> Iterator[Entry]:
    """The entries after a position up to another one, archived ones too."""
    while page := log.entries.page(topic, stream, after, PAGE):
        for entry in page:
            if order(entry.position) > order(head):
                return
            yield entry
        after = page[-1].position


def _heads(log: EventLog) -> Mapping[tuple[str, Stream], str]:
    topics = log.topics()
    return {
        (topic, stream): log.head(topic, stream=stream)
        for stream in (Stream.DELIVERIES, Stream.LOG)
        for topic in topics
    }


def _kept(log: EventLog, place: Place, known: Manifest | None, topic: str, stream: Stream) -> list[Segment]:
    """The segments of a stream that need not be written again: those before the first that is missing or damaged.

    Raises:
        BadInputError: they are another log's.
    """
    part = known.logs.get(topic) if known else None
    if part is None:
        return []
    kept: list[Segment] = []
    for segment in part.streams.get(stream, StreamPart()).segments:
        try:
            read_hashed(place, segment.file, segment.sha256)
        except ArchiveError as error:
            _log.warning("%s; it is written again from the log", error)
            break
        kept.append(segment)
    if part.epoch != log.epoch(topic) or (kept and not _is_of(log, place, topic, stream, kept[-1])):
        raise _of_another(place, topic)
    return kept


def _of_another(place: Place, topics: str) -> BadInputError:
    return BadInputError(
        f"{place} holds another log of {topics} than Redis does (which was restored, or lost data, since): "
        "it stays as it is; give another place"
    )


def _is_of(log: EventLog, place: Place, topic: str, stream: Stream, segment: Segment) -> bool:
    """Whether the last entry of a segment is the log's."""
    entry = log.entries.at(topic, stream, segment.last)
    return entry is not None and entry == read_segment(place, segment)[-1]


def require(
    place: Place, name: str = MANIFEST, kind: Literal["export", "backup", "archive"] | None = None
) -> Manifest:
    """The manifest of that name, which must be there.

    Raises:
        ArchiveError: there is none, or only an unfinished one; or it is damaged.
        BadInputError: it is of another kind than the one asked for.
    """
    manifest = read_manifest(place, name)
    if manifest is None:
        if name == MANIFEST and place.read(UNFINISHED) is not None:
            raise ArchiveError(f"the export at {place} was not finished: run `parley log export` again")
        raise ArchiveError(f"there is no export at {place}: {name} is missing")
    if kind is not None and manifest.kind != kind:
        raise BadInputError(f"{place}/{name} is no {kind} but {_WHAT[manifest.kind]}")
    return manifest

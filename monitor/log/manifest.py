"""Manifests: what an export, a backup or the archive holds, hashed itself, so that nothing of it can change unseen."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from monitor import __version__
from monitor.errors import ArchiveError
from monitor.log.events import Utc
from monitor.log.keys import Stream
from monitor.log.place import Place
from monitor.log.segments import Hash, Position, Segment, is_chained, read_hashed, read_segment

FORMAT = 1
MANIFEST = "manifest.json"
"""The name of an export's manifest."""
UNFINISHED = "unfinished.json"
"""The manifest of an export that is being made: it says where to go on, and that this is not whole."""


class Part(BaseModel):
    """Base of what a manifest is made of."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StreamPart(Part):
    """A stream from its beginning up to `last`; the numbers are said once more, so that a lost segment shows."""

    events: int = 0
    first: Position | None = None
    last: Position | None = None
    segments: tuple[Segment, ...] = ()

    @classmethod
    def of(cls, segments: Iterable[Segment]) -> "StreamPart":
        """The part that these segments make."""
        held = tuple(segments)
        if not held:
            return cls()
        return cls(events=held[-1].end, first=held[0].first, last=held[-1].last, segments=held)


class LogPart(Part):
    """A topic's log, which has this epoch."""

    epoch: str
    streams: dict[Stream, StreamPart]


class TableFile(Part):
    """Rows of a table, as gzipped JSON lines."""

    file: str
    rows: Annotated[int, Field(ge=1)]
    sha256: Hash


class TablePart(Part):
    """A table; its order says in which order rows came to be."""

    rows: int
    files: tuple[TableFile, ...]


class Manifest(Part):
    """What a place holds."""

    format: int = FORMAT
    parley: str = __version__
    """The version of Parley that wrote it."""
    kind: Literal["export", "archive", "backup"]
    at: Utc
    """When it was begun: what was there then is in it."""
    logs: dict[str, LogPart]
    tables: dict[str, TablePart] = {}

    @property
    def events(self) -> int:
        """How many entries it holds."""
        return sum(part.events for log in self.logs.values() for part in log.streams.values())

    @property
    def files(self) -> dict[str, str]:
        """Every file that it names, with its sha256."""
        segments = {
            one.file: one.sha256
            for log in self.logs.values()
            for part in log.streams.values()
            for one in part.segments
        }
        return segments | {one.file: one.sha256 for table in self.tables.values() for one in table.files}

    @classmethod
    def now(cls, kind: Literal["export", "archive", "backup"], at: datetime) -> "Manifest":
        """One that holds nothing yet."""
        return cls(kind=kind, at=at, logs={})

    def with_stream(self, topic: str, stream: Stream, epoch: str, part: StreamPart) -> "Manifest":
        """This manifest with another part for a stream."""
        known = self.logs.get(topic)
        streams = dict(known.streams) if known else {}
        return self.model_copy(
            update={"logs": {**self.logs, topic: LogPart(epoch=epoch, streams={**streams, stream: part})}}
        )


def write_manifest(place: Place, name: str, manifest: Manifest) -> None:
    """Put a manifest into its place."""
    document = manifest.model_dump(mode="json")
    place.write(name, json.dumps({**document, "sha256": _digest(document)}, indent=1).encode() + b"\n")


def read_manifest(place: Place, name: str = MANIFEST) -> Manifest | None:
    """The manifest of that name, or None.

    Raises:
        ArchiveError: it is damaged, contradicts itself, or a newer Parley wrote it.
        LogUnavailableError: the place cannot be read.
    """
    content = place.read(name)
    if content is None:
        return None
    where = f"{place}/{name}"
    try:
        document: Any = json.loads(content)
        said = document.pop("sha256", None)
        if document.get("format", 0) > FORMAT:
            raise ArchiveError(
                f"{where} was written in a newer form by Parley {document.get('parley')}: use that version, or later"
            )
        if said != _digest(document):
            raise ArchiveError(f"{where} is damaged: it is not what was written")
        manifest = Manifest.model_validate(document)
    except (ValueError, AttributeError, TypeError, RecursionError, ValidationError) as error:
        raise ArchiveError(
            f"{where} is no manifest of Parley, or is damaged: {_first_line(error)}"
        ) from error
    if wrong := _contradiction(manifest):
        raise ArchiveError(f"{where} contradicts itself: {wrong}")
    return manifest


def manifests(place: Place) -> list[str]:
    """The names of the manifests at a place, in alphabetical order: backups are named by their moments."""
    return sorted(
        name for name in place.sizes() if name.endswith(".json") and "/" not in name and name != UNFINISHED
    )


@dataclass(frozen=True, slots=True)
class Inspected:
    """What was found at a place: the manifests that can be read, by name, and everything that is wrong."""

    manifests: dict[str, Manifest]
    problems: list[str]


def inspect(place: Place, passed: Callable[[str], None] | None = None) -> Inspected:
    """Look at every manifest of a place and every file that they name; `passed` is called with each file's name.

    Raises:
        LogUnavailableError: the place cannot be read.
    """
    held: dict[str, Manifest] = {}
    problems: list[str] = []
    sound: set[str] = set()
    for name in manifests(place):
        try:
            manifest = read_manifest(place, name)
        except ArchiveError as error:
            problems.append(str(error))
            continue
        if manifest is not None:
            held[name] = manifest
            problems += damage(place, manifest, sound, passed)
    if not held and not problems:
        unfinished = place.read(UNFINISHED) is not None
        why = "what was begun there was not finished: do it again" if unfinished else "there is no manifest"
        problems.append(f"{place} holds no export, backup or archive: {why}")
    return Inspected(held, list(dict.fromkeys(problems)))


def damage(
    place: Place, manifest: Manifest, sound: set[str], passed: Callable[[str], None] | None = None
) -> list[str]:
    """What is wrong with the files that a manifest names, file by file; nothing when it is whole.

    Args:
        place: where they lie.
        manifest: what should be there.
        sound: names of files that were looked at already and are sound; those that are found so are added.
        passed: called with each file's name when it was looked at.
    """
    found = []
    for name, look in _looks(place, manifest):
        if name in sound:
            continue
        try:
            look()
            sound.add(name)
        except ArchiveError as error:
            found.append(str(error))
        if passed is not None:
            passed(name)
    return found


def _looks(place: Place, manifest: Manifest) -> Iterable[tuple[str, Callable[[], object]]]:
    for log in manifest.logs.values():
        for part in log.streams.values():
            for segment in part.segments:
                yield segment.file, _bound(read_segment, place, segment)
    for table in manifest.tables.values():
        for one in table.files:
            yield one.file, _bound(read_hashed, place, one.file, one.sha256)


T = TypeVar("T")


def _bound(look: Callable[..., T], *arguments: Any) -> Callable[[], T]:
    return lambda: look(*arguments)


def _contradiction(manifest: Manifest) -> str | None:
    for topic, log in manifest.logs.items():
        for stream, part in log.streams.items():
            if not is_chained(part.segments):
                return f"the segments of {topic} ({stream}) are no chain"
            if part != StreamPart.of(part.segments):
                return f"{topic} ({stream}) should hold {part.events} events from {part.first} to {part.last}"
    for name, table in manifest.tables.items():
        if table.rows != sum(one.rows for one in table.files):
            return f"the files of the table {name} do not hold its {table.rows} rows"
    return None


def _digest(document: Mapping[str, Any]) -> str:
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]

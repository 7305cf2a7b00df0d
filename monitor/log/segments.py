"""Segments: runs of a stream's entries outside Redis, as gzipped JSON lines, hashed and chained to the one before.

A line is `{"position":"1764-0","event":{...}}`, with the event's JSON byte for byte as it stands in the stream. What
is no event is `{"position":"1764-0","fields":[["name","value"],...]}` in base64: it is kept as it is.
"""

import gzip
import hashlib
import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from monitor.errors import ArchiveError
from monitor.log.keys import Stream
from monitor.log.place import Place
from monitor.log.position import FIELD, Entry, order

MOST_ENTRIES = 5000
MOST_BYTES = 8_000_000
"""A segment ends with the entry that reaches one of these (bytes: before it is compressed)."""
FIRST_LINK = "0" * 64
"""What the first segment of a stream is chained to."""

Position = Annotated[str, Field(pattern=r"^\d+-\d+$")]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Segment(BaseModel):
    """A segment, as the manifest of its place and, of an archive, the log know it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    first: Position
    last: Position
    before: Annotated[int, Field(ge=0)]
    """How many entries the stream has before it."""
    events: Annotated[int, Field(ge=1)]
    size: int
    sha256: Hash
    """Of the file."""
    chain: Hash
    """Of the previous segment's link in the chain and this one's sha256: the last one vouches for all."""

    @property
    def end(self) -> int:
        """How many entries the stream has up to and with it."""
        return self.before + self.events


def link(previous: str, sha256: str) -> str:
    """The next link of a chain."""
    return hashlib.sha256(bytes.fromhex(previous) + bytes.fromhex(sha256)).hexdigest()


def is_chained(segments: Sequence[Segment]) -> bool:
    """Whether they are a stream's segments from its beginning, in order, with none missing."""
    if not segments:
        return True
    first = segments[0]
    if first.before != 0 or first.chain != link(FIRST_LINK, first.sha256):
        return False
    in_order = all(order(one.first) <= order(one.last) for one in segments)
    return in_order and all(_follows(one, next_) for one, next_ in pairwise(segments))


def _follows(one: Segment, next_: Segment) -> bool:
    return (
        next_.before == one.end
        and order(next_.first) > order(one.last)
        and next_.chain == link(one.chain, next_.sha256)
    )


def runs(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """The entries in runs of a segment's size."""
    return cut(entries, MOST_ENTRIES, MOST_BYTES)


def cut(entries: Iterable[Entry], most_entries: int, most_bytes: int) -> Iterator[list[Entry]]:
    """The entries in runs, each of which ends with the entry that reaches one of the bounds."""
    run: list[Entry] = []
    size = 0
    for entry in entries:
        run.append(entry)
        size += sum(map(len, entry.fields.values()))
        if len(run) >= most_entries or size >= most_bytes:
            yield run
            run, size = [], 0
    if run:
        yield run


def write_segment(
    place: Place, topic: str, stream: Stream, entries: Sequence[Entry], previous: Segment | None
) -> Segment:
    """Write entries as the segment after `previous`, whole at once. The same entries give the same file."""
    content = gzip.compress(b"".join(map(line_of, entries)), compresslevel=6, mtime=0)
    digest = hashlib.sha256(content).hexdigest()
    first, last = entries[0].position, entries[-1].position
    segment = Segment(
        file=f"{topic}/{stream}/{first}_{last}_{digest[:16]}.jsonl.gz",
        first=first,
        last=last,
        before=previous.end if previous else 0,
        events=len(entries),
        size=len(content),
        sha256=digest,
        chain=link(previous.chain if previous else FIRST_LINK, digest),
    )
    place.write(segment.file, content)
    return segment


def read_segment(place: Place, segment: Segment) -> list[Entry]:
    """A segment's entries, as they were written.

    Raises:
        ArchiveError: the file is missing, damaged, or not what was said of it.
        LogUnavailableError: the place cannot be read.
    """
    where = f"{place}/{segment.file}"
    content = read_hashed(place, segment.file, segment.sha256)
    try:
        entries = [_entry_of(line) for line in gzip.decompress(content).splitlines()]
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise ArchiveError(f"{where} holds something that is no line of a segment: {error}") from error
    positions = [order(entry.position) for entry in entries]
    found = (len(entries), entries[0].position, entries[-1].position) if entries else (0, "", "")
    if found != (segment.events, segment.first, segment.last) or any(
        one >= next_ for one, next_ in pairwise(positions)
    ):
        raise ArchiveError(
            f"{where} does not fit its manifest: {found[0]} entries from {found[1]} to {found[2]}, "
            f"not {segment.events} from {segment.first} to {segment.last} in order"
        )
    return entries


def read_hashed(place: Place, name: str, sha256: str) -> bytes:
    """The content of a file that has this hash; raises as `read_segment` does."""
    content = place.read(name)
    if content is None:
        raise ArchiveError(f"{place}/{name} is missing")
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ArchiveError(
            f"{place}/{name} is damaged: its content is not what was written ({len(content)} bytes)"
        )
    return content


def line_of(entry: Entry) -> bytes:
    """An entry as a line of a segment."""
    raw = entry.fields.get(FIELD)
    if raw is not None and len(entry.fields) == 1 and _is_one_line_of_json(raw):
        return _PREFIX % entry.position.encode() + raw + b"}\n"
    fields = [[b64encode(name).decode(), b64encode(value).decode()] for name, value in entry.fields.items()]
    return json.dumps({"position": entry.position, "fields": fields}).encode() + b"\n"


_PREFIX = b'{"position":"%s","event":'


def _is_one_line_of_json(raw: bytes) -> bool:
    """Whether it can stand in a line and be found there again byte for byte."""
    if not raw.startswith(b"{") or len(raw.splitlines()) != 1:
        return False
    try:
        json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return True


def _entry_of(line: bytes) -> Entry:
    fields = json.loads(line)
    position = fields["position"]
    if "event" in fields:
        return Entry(position, {FIELD: line[len(_PREFIX % position.encode()) : -1]})
    return Entry(position, {b64decode(name): b64decode(value) for name, value in fields["fields"]})

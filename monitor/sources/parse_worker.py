"""The process that parses feeds: `python -m monitor.sources.parse_worker REQUESTS ANSWERS MEMORY_MB`.

It reads requests from one pipe and writes answers to another until the first one ends. A request is two frames (where
the bytes come from, as JSON; the bytes), an answer is one (JSON, of plain values only). It holds no secrets, makes no
connections, and may be killed at any moment.
"""

import gc
import json
import os
import resource
import struct
import sys
from dataclasses import dataclass
from typing import IO

from pydantic import TypeAdapter

from monitor.errors import SourceError
from monitor.sources.entries import ParsedFeed
from monitor.sources.feed import parse_feed

OUT_OF_MEMORY = 3
"""The exit code of a worker to which the memory limit gave no more."""
MAX_FRAME_BYTES = 64_000_000
_SIZE = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Answer:
    """A feed, or why there is none (the reason and words of a SourceError)."""

    feed: ParsedFeed | None
    reason: str = ""
    words: str = ""


ANSWER = TypeAdapter(Answer)


def write_frame(stream: IO[bytes], data: bytes) -> None:
    """Write bytes with their length before them, and flush."""
    stream.write(_SIZE.pack(len(data)))
    stream.write(data)
    stream.flush()


def read_frame(stream: IO[bytes]) -> bytes:
    """Read what `write_frame` wrote.

    Raises:
        EOFError: the stream ended before the frame did, or the frame is too long.
    """
    (size,) = _SIZE.unpack(_exactly(stream, _SIZE.size))
    if size > MAX_FRAME_BYTES:
        raise EOFError(f"a frame of {size} bytes")
    return _exactly(stream, size)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError(f"{len(data)} of {size} bytes")
    return data


def main() -> None:
    """Answer requests until there are no more."""
    requests, answers, memory_mb = map(int, sys.argv[1:])
    limit = memory_mb * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Trees of a feed are freed without the collector, which would only look through them while they grow.
    gc.freeze()
    gc.disable()
    try:
        with os.fdopen(requests, "rb") as incoming, os.fdopen(answers, "wb") as outgoing:
            _serve(incoming, outgoing)
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)


def _serve(incoming: IO[bytes], outgoing: IO[bytes]) -> None:
    write_frame(outgoing, b"ready")
    while True:
        try:
            request = json.loads(read_frame(incoming))
        except EOFError:
            return
        answer = _answer(read_frame(incoming), request["url"], request["content_type"])
        write_frame(outgoing, answer)
        gc.collect()


def _answer(body: bytes, url: str, content_type: str) -> bytes:
    try:
        answer = ANSWER.dump_json(Answer(parse_feed(body, url, content_type)))
    except SourceError as error:
        return ANSWER.dump_json(Answer(None, error.reason, str(error)))
    if len(answer) <= MAX_FRAME_BYTES:
        return answer
    words = f"the feed holds {len(answer)} bytes of text, more than the {MAX_FRAME_BYTES} that are read"
    return ANSWER.dump_json(Answer(None, "too_large", words))


if __name__ == "__main__":
    main()

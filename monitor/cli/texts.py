"""Texts to read, as users give them: JSON lines `{id, text, title?, published?}`, or one plain text."""

import json as jsonlib
import re
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from io import BufferedReader
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import typer

from monitor.cli import terminal
from monitor.detection import Document
from monitor.errors import BadInputError
from monitor.vocabulary import Precision

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Text:
    """One text to read, as given."""

    id: str
    document: Document
    fields: dict[str, Any]
    where: str = ""
    """File and line, as messages name them."""


Refuse = Callable[[BadInputError], None]


def refuse(error: BadInputError) -> None:
    """End with the first line that is no text."""
    raise error


class BadLines:
    """Where lines go that are no texts: each is named on stderr, and the rest is read."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, error: BadInputError) -> None:
        """Name and count a bad line."""
        typer.echo(f"parley: {terminal.plain(str(error))}", err=True)
        self.count += 1

    def nothing(self, file: str, what: str) -> BadInputError:
        """The error for a file in which nothing could be read."""
        found = f"none of its {self.count} lines can be read" if self.count else "it is empty"
        return BadInputError(f"{named(file)} has no {what}: {found}")


def texts_of(file: str, on_bad: Refuse = refuse) -> Iterator[Text]:
    """The texts of a file of JSON lines; `-` is stdin. A line that is no text goes to `on_bad`, named, and is left out.

    Raises:
        BadInputError: the file cannot be read.
    """
    for number, raw in enumerate(_raw_lines(file), 1):
        line = raw.strip()
        if not line:
            continue
        try:
            yield _text(line, number, f"{named(file)}, line {number}")
        except BadInputError as error:
            on_bad(error)


def _text(line: str, number: int, where: str) -> Text:
    try:
        fields = jsonlib.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"{where} is not JSON: {error}") from error
    if not isinstance(fields, dict) or not isinstance(fields.get("text"), str):
        raise BadInputError(f'{where}: expected an object with a "text", like {{"text": "..."}}')
    return Text(
        id=str(fields.get("id", number)),
        document=_document(fields["text"], fields.get("title"), fields.get("published"), where),
        fields=fields,
        where=where,
    )


def _raw_lines(file: str) -> Iterator[str]:
    try:
        with nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb") as lines:
            _check_lines(lines, file)
            first = lines.readline().removeprefix(BOM_UTF8)
            # Bytes that are no UTF-8 must not end the command half way: they become U+FFFD, as in every stored text.
            yield from (line.decode("utf-8", "replace") for line in chain((first,), lines))
    except OSError as error:
        raise BadInputError(f"cannot read {file}: {error.strerror}") from error


def _check_lines(lines: BinaryIO, file: str) -> None:
    """Say once that a file is no text: by its beginning, since line by line it would be said for each of them."""
    head = lines.peek() if isinstance(lines, BufferedReader) else b""
    first = head.removeprefix(BOM_UTF8).lstrip().split(b"\n")[0]
    is_text = first.startswith(b"{") or "\ufffd" not in first.decode("utf-8", "replace")
    if b"\0" in head or not is_text:
        raise BadInputError(f"{named(file)} is no text but binary data; expected JSON lines in UTF-8")


def plain_text(file: str, title: str = "", published: str | None = None) -> Text:
    """A plain text file as one text, `-` is stdin; raises BadInputError."""
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise BadInputError(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInputError(
            f"{named(file)} is no text in UTF-8 (byte {error.start}); save it as UTF-8"
        ) from error
    if "\0" in text:
        raise BadInputError(f"{named(file)} is no text but binary data; expected plain text in UTF-8")
    if not text.strip():
        raise BadInputError(f"{named(file)} has no text: it is empty")
    name = "stdin" if file == "-" else Path(file).name
    return Text(name, _document(text, title, published, "--published"), {})


def _document(text: str, title: object, published: object, where: str) -> Document:
    moment, precision = _published(published, where)
    heading = title if isinstance(title, str) else ""
    return Document(_SURROGATE.sub("\ufffd", heading), _SURROGATE.sub("\ufffd", text), moment, precision)


def _published(value: object, where: str) -> tuple[datetime | None, Precision]:
    if value is None or value == "":
        return None, Precision.UNKNOWN
    try:
        text = str(value)
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return datetime.combine(date.fromisoformat(text), time_of_day.min, UTC), Precision.DAY
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInputError(
            f'{where}: "published" must be a date like 2025-05-29 or an ISO time, not {value!r}'
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC), Precision.TIME


def named(file: str) -> str:
    """The file as messages name it."""
    return "stdin" if file == "-" else file

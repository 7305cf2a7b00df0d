"""Texts to read, as users give them: JSON lines `{id, text, title?, published?}`, or one plain text."""

import json as jsonlib
import re
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from itertools import chain
from pathlib import Path
from typing import Any

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
    if file == "-":
        # Bytes that are no UTF-8 must not end the command half way: they become U+FFFD, as in every stored text.
        first = sys.stdin.buffer.readline().removeprefix(BOM_UTF8)
        yield from (line.decode("utf-8", "replace") for line in chain((first,), sys.stdin.buffer))
        return
    try:
        with Path(file).open(encoding="utf-8-sig", errors="replace") as lines:
            yield from lines
    except OSError as error:
        raise BadInputError(f"cannot read {file}: {error.strerror}") from error


def plain_text(path: Path, title: str = "", published: str | None = None) -> Text:
    """A plain text file as one text; raises BadInputError."""
    try:
        text = path.read_bytes().decode("utf-8-sig", "replace")
    except OSError as error:
        raise BadInputError(f"cannot read {path}: {error.strerror}") from error
    return Text(path.name, _document(text, title, published, "--published"), {})


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

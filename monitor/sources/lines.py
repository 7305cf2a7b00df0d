"""A file of JSON lines as articles: one dated article a line, for trying a topic on history.

`{id?, title, text, published, outlet, url, guid?}`; other fields are passed over. A bad line refuses the whole file, by
its number, before anything is done with the others: a history with holes would answer another question.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from monitor.errors import BadInputError
from monitor.sources.boilerplate import strip_boilerplate
from monitor.sources.canonical import canonical_url
from monitor.sources.model import ArticleFound
from monitor.sources.text import clean_text, clean_title
from monitor.sources.titles import made_up_title
from monitor.vocabulary import Precision

SOURCE = "lines"
_DAY = len("2025-05-29")


class _Line(BaseModel):
    """What a line says of an article."""

    text: str
    published: str
    title: str | None = None
    outlet: str | None = None
    url: str | None = None
    guid: str | int | None = None


def read_lines(path: Path) -> list[ArticleFound]:
    """The articles of a file of JSON lines, oldest first; each is first seen when it was published.

    Raises:
        BadInputError: the file cannot be read, holds no article, or has bad lines: the first one's number and fault.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"cannot read {path}: {error.strerror}") from error
    found: list[ArticleFound] = []
    refused: list[str] = []
    for number, line in _numbered(raw):
        try:
            found.append(_article(_parsed(line), path))
        except ValueError as error:
            refused.append(f"{path}, line {number}: {error}")
    if refused:
        more = f" (and {len(refused) - 1} more bad lines)" if len(refused) > 1 else ""
        raise BadInputError(refused[0] + more)
    if not found:
        raise BadInputError(f"{path} holds no articles; expected JSON lines with text and published")
    return sorted(
        found, key=lambda article: article.moment
    )  # stable: articles of one moment keep their order


def _numbered(raw: bytes) -> Iterator[tuple[int, str]]:
    # Bytes that are no UTF-8 become U+FFFD, as in every stored text.
    lines = raw.decode("utf-8-sig", "replace").split("\n")
    return ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def _parsed(line: str) -> _Line:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise ValueError('expected an object, like {"text": "...", "published": "2025-05-29"}')
    try:
        return _Line.model_validate(fields)
    except ValidationError as error:
        problem = error.errors()[0]
        key = problem["loc"][0]
        if problem["type"] == "missing":
            raise ValueError(f'there is no "{key}"') from error
        raise ValueError(f'"{key}" must be a text, not {problem["input"]!r:.60}') from error


def _article(line: _Line, path: Path) -> ArticleFound:
    published, precision = _published(line.published)
    cleaned, notes = clean_text(line.text)
    text = strip_boilerplate(cleaned).text
    if not any(character.isalnum() for character in text):
        raise ValueError('"text" holds no words')
    url = line.url if canonical_url(line.url) else None
    title = clean_title(line.title or "")
    if not title:
        title, how = made_up_title(url, text)
        notes += (how,)
    return ArticleFound(
        url=url,
        outlet=clean_title(line.outlet or "") or urlsplit(url or "").hostname or path.stem,
        source=SOURCE,
        title=title,
        text=text,
        language="en",
        published_at=published,
        precision=precision,
        first_seen_at=published,
        guid=None if line.guid is None else str(line.guid),
        notes=notes,
    )


def _published(text: str) -> tuple[datetime, Precision]:
    """A day without a time is its midnight in UTC; a time without a zone is UTC."""
    try:
        if len(text) == _DAY:
            return datetime.combine(date.fromisoformat(text), time(), UTC), Precision.DAY
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC), Precision.TIME
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f'"published" must be a date like 2025-05-29 or an ISO time, not {text!r:.60}'
        ) from error

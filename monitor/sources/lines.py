"""A file of JSON lines as articles: one article a line, for trying a topic on history or for taking in by hand.

`{id?, title, text, published, outlet, url, guid?, author?}`; other fields are passed over. For a rehearsal a bad line
refuses the whole file, by its number, before anything is done with the others: a history with holes would answer
another question. What is taken in by hand may have holes, and lines without a date.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from monitor.errors import BadInputError
from monitor.sources.boilerplate import strip_boilerplate
from monitor.sources.canonical import canonical_url
from monitor.sources.model import ArticleFound, Refused
from monitor.sources.text import clean_text, clean_title
from monitor.sources.titles import made_up_title
from monitor.vocabulary import Precision

SOURCE = "lines"
SUFFIXES = (".jsonl", ".ndjson")
_AHEAD = timedelta(days=1)
"""So far ahead of the present a publication may be: the clocks and zones of newsrooms differ."""
_LONGEST_FIRST_LINE = 8_000_000
_DAY = len("2025-05-29")


class _Line(BaseModel):
    """What a line says of an article."""

    text: str
    published: str | None = None
    title: str | None = None
    author: str | None = None
    outlet: str | None = None
    url: str | None = None
    guid: str | int | None = None


@dataclass(frozen=True, slots=True)
class LinesRead:
    """What a file of JSON lines holds: the articles, oldest first, and the lines that are none."""

    articles: tuple[ArticleFound, ...]
    refused: tuple[Refused, ...]


def holds_lines(path: Path) -> bool:
    """True if a file is one of JSON lines: by its name, or because its first line is a JSON object."""
    if path.suffix.lower() in SUFFIXES:
        return True
    try:
        with path.open("rb") as file:
            first = file.readline(_LONGEST_FIRST_LINE)
        return isinstance(json.loads(first), dict)
    except (OSError, ValueError, RecursionError):  # whoever reads it says what is wrong with it
        return False


def read_lines(path: Path, *, now: datetime | None = None) -> list[ArticleFound]:
    """The articles of a file of JSON lines, oldest first; each is first seen when it was published.

    A line that was published more than a day after `now` is bad; without `now` any day will do.

    Raises:
        BadInputError: the file cannot be read, holds no article, or has bad lines: the first one's number and fault.
    """
    read = _read(path, lambda line: _article(line, path.stem), now)
    if read.refused:
        first, more = read.refused[0], len(read.refused) - 1
        raise BadInputError(f"{first.name}: {first.why}" + (f" (and {more} more bad lines)" if more else ""))
    return list(read.articles)


def take_lines(path: Path, *, now: datetime, history: bool = False) -> LinesRead:
    """The articles of a file of JSON lines and its bad lines; the articles are first seen `now`, and may have no date.

    Raises:
        BadInputError: the file cannot be read, or holds nothing.
    """
    return _read(path, lambda line: replace(_article(line, path.stem, now), history=history), now)


def _read(path: Path, article_of: Callable[[_Line], ArticleFound], now: datetime | None) -> LinesRead:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"cannot read {path}: {error.strerror}") from error
    found: list[ArticleFound] = []
    refused: list[Refused] = []
    for number, line in _numbered(raw):
        try:
            article = article_of(_parsed(line))
            _check_past(article, now)
            found.append(article)
        except ValueError as error:
            refused.append(Refused(f"{path}, line {number}", str(error)))
    if not found and not refused:
        raise BadInputError(f"{path} holds no articles; expected JSON lines with text and published")
    found.sort(key=lambda article: article.moment)  # stable: articles of one moment keep their order
    return LinesRead(tuple(found), tuple(refused))


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
        raise ValueError(
            f'"{key}" must be a text in quotes, not {json.dumps(problem["input"])[:60]}'
        ) from error


def _article(line: _Line, outlet: str, first_seen_at: datetime | None = None) -> ArticleFound:
    """The article of a line, of `outlet` where it names none; first seen when published, unless that is given."""
    published, precision = _published(line.published) if line.published else (None, Precision.UNKNOWN)
    first_seen_at = first_seen_at or published
    if first_seen_at is None:
        raise ValueError('there is no "published"')
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
        outlet=clean_title(line.outlet or "") or urlsplit(url or "").hostname or outlet,
        source=SOURCE,
        title=title,
        author=clean_title(line.author or ""),
        text=text,
        language="en",
        published_at=published,
        precision=precision,
        first_seen_at=first_seen_at,
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


def _check_past(article: ArticleFound, now: datetime | None) -> None:
    if now and article.moment > now + _AHEAD:
        raise ValueError(
            f'"published" is {article.moment:%Y-%m-%d}, which is yet to come; expected the day on which it came out'
        )

"""A folder of texts, web pages and Markdown files as a source: the seeds, and whatever an operator wants to import.

A `manifest.toml` beside the files may say what is known of each (outlet, url, published, precision, title, language),
and knows better than the file. What cannot be read as an article is refused with the reason, file by file; the others
go on.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from monitor.errors import SourceError
from monitor.sources.boilerplate import Stripped, strip_boilerplate
from monitor.sources.filetext import SUFFIXES, FileFacts, read_bytes
from monitor.sources.model import ArticleFound, Refused
from monitor.sources.text import clean_text, clean_title
from monitor.sources.titles import made_up_title
from monitor.vocabulary import Precision

MANIFEST = "manifest.toml"
MAX_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class FolderRead:
    """What a folder holds: the articles in order of publication, and what was refused."""

    articles: tuple[ArticleFound, ...]
    refused: tuple[Refused, ...]


def read_folder(
    folder: Path,
    *,
    now: datetime,
    source: str = "",
    outlet: str = "",
    language: str = "en",
    history: bool = True,
) -> FolderRead:
    """Every article of a folder (its files that hold text, not those of folders within), oldest first.

    `source`, `outlet` and `language` stand for what neither manifest nor file says; `source` is the folder's name when
    empty. `now` is the moment at which the articles are first seen.

    Raises:
        SourceError: there is no such folder, or it cannot be listed.
    """
    source = source or folder.resolve().name
    try:
        names = sorted(entry.name for entry in folder.iterdir() if entry.suffix.lower() in SUFFIXES)
    except OSError as error:
        raise SourceError("folder", f"cannot read the folder {folder}: {error.strerror}") from error
    manifest, refused = _manifest(folder / MANIFEST)
    articles = []
    for name in names:
        try:
            known = manifest.pop(name, None) or _nothing_known(name)
            articles.append(_article(folder / name, known, source, outlet, language, now, history=history))
        except SourceError as error:
            refused.append(Refused(name.encode("utf-8", "replace").decode(), str(error)))
    refused += [Refused(name, "the manifest names it, but there is no such file") for name in manifest]
    articles.sort(key=lambda article: article.moment)  # stable: files of one moment stay in order of name
    return FolderRead(tuple(articles), tuple(refused))


def read_file(
    path: Path, *, now: datetime, source: str = "import", outlet: str = "", history: bool = True
) -> ArticleFound:
    """One text file as an article; a manifest beside it counts.

    Raises:
        SourceError: it cannot be read as an article.
    """
    manifest, _ = _manifest(path.parent / MANIFEST)
    try:
        known = manifest.get(path.name) or _nothing_known(path.name)
        return _article(path, known, source, outlet, "en", now, history=history)
    except SourceError as error:
        raise SourceError(error.reason, f"{path}: {error}") from error


def _manifest(path: Path) -> tuple[dict[str, FileFacts], list[Refused]]:
    """What the manifest says of each file, by name; its bad entries are refused one by one."""
    if not path.exists():
        return {}, []
    try:
        table: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return {}, [Refused(path.name, f"not a manifest that can be read: {error}")]
    entries = table.get("article", [])
    if not isinstance(entries, list) or set(table) - {"article"}:
        return {}, [Refused(path.name, "a manifest holds nothing but [[article]] tables")]
    known: dict[str, FileFacts] = {}
    refused = []
    for number, entry in enumerate(entries, 1):
        try:
            article = FileFacts.model_validate(entry)
        except ValidationError as error:
            problem = error.errors()[0]
            key = ".".join(str(part) for part in problem["loc"])
            refused.append(Refused(path.name, f"[[article]] number {number}, {key}: {problem['msg']}"))
            continue
        known[article.file] = article
    return known, refused


def _nothing_known(name: str) -> FileFacts:
    try:
        return FileFacts(file=name)
    except ValidationError as error:  # a backslash, bytes that are no UTF-8
        raise SourceError("name", "its name holds characters that cannot be stored: rename it") from error


def _bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise SourceError("unreadable", "not a file")
        if path.stat().st_size > MAX_BYTES:
            raise SourceError("too_large", f"larger than {MAX_BYTES // 1_000_000} MB, which no article is")
        return path.read_bytes()
    except OSError as error:
        raise SourceError("unreadable", f"cannot be read: {error.strerror}") from error


def _article(
    path: Path, known: FileFacts, source: str, outlet: str, language: str, now: datetime, *, history: bool
) -> ArticleFound:
    file = read_bytes(_bytes(path), path.name)
    known = known.over(file.facts)
    cleaned, notes = clean_text(file.text)
    stripped = Stripped(cleaned, None, None) if file.is_page else strip_boilerplate(cleaned)
    if not any(character.isalnum() for character in stripped.text):
        raise SourceError("empty", "holds no text")
    title = clean_title(known.title or stripped.title or "")
    if not title:
        title, how = made_up_title(known.url, stripped.text)
        notes += (how,)
    published, precision = _published(known, stripped.day)
    return ArticleFound(
        url=known.url,
        outlet=known.outlet or outlet or source,
        source=source,
        title=title,
        author=clean_title(known.author),
        text=stripped.text,
        language=known.language or language,
        published_at=published,
        precision=precision,
        first_seen_at=now,
        guid=None if known.url else str(path.resolve()),
        history=history,
        notes=notes,
    )


def _published(known: FileFacts, day: datetime | None) -> tuple[datetime | None, Precision]:
    """The manifest's word, else the date above the text. A day without a time is its midnight in UTC."""
    stated = known.published
    if stated is None:
        return (day, Precision.DAY) if day else (None, Precision.UNKNOWN)
    if isinstance(stated, datetime):
        moment = stated if stated.tzinfo else stated.replace(tzinfo=UTC)
        try:
            return moment.astimezone(UTC), known.precision or Precision.TIME
        except OverflowError as error:  # the first or last day of the calendar
            raise SourceError(
                "date", f"its published is {stated}, which is no day of our calendar"
            ) from error
    return datetime.combine(stated, time(), UTC), known.precision or Precision.DAY

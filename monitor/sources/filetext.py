"""What a file of a folder holds: plain text, a saved web page, or Markdown with what is known of it on top.

The lines on top (front matter) are `key: value` between two lines of `---`, as many tools write them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Annotated, Any

from markdown_it import MarkdownIt
from pydantic import ConfigDict, Field, ValidationError
from trafilatura import bare_extraction
from trafilatura.settings import Document
from trafilatura.utils import decode_file

from monitor.errors import SourceError
from monitor.sources.dates import OF_A_PAGE, read_date
from monitor.sources.text import html_to_text
from monitor.vocabulary import Precision, Value

_ADDRESS = re.compile(r"https?://\S+")
_FRONT = re.compile(r"---[ \t]*\n(?P<lines>.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_PAIR = re.compile(r"(?P<key>[A-Za-z][\w-]*)[ \t]*:(?:[ \t]+(?P<value>.*))?")
_QUOTED = re.compile(r"""(["'])(?P<inside>.*)\1(?:[ \t]+#.*)?""")
_COMMENT = re.compile(r"(?:^|[ \t]+)#.*")
_SEVERAL_LINES = re.compile(r"[>|][+-]?")
_LONGEST_LINE = 2_000


class FileFacts(Value):
    """What a manifest, or a file itself, says of a file; everything but its name may be missing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Annotated[str, Field(pattern=r"^[^/\\]+$")]
    outlet: str = ""
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    published: datetime | date | None = None
    precision: Precision | None = None
    title: str = ""
    author: str = ""
    language: str = ""
    note: str = ""

    def over(self, other: "FileFacts") -> "FileFacts":
        """These facts, and the other's where these say nothing."""
        stated = {name for name in type(self).model_fields if getattr(self, name)}
        if self.published:
            stated.add("precision")  # it tells of the one moment
        return other.model_copy(update={name: getattr(self, name) for name in stated})


@dataclass(frozen=True, slots=True)
class FileText:
    """A file's text and what it says of itself. `is_page` says that nothing but the article is left."""

    text: str
    facts: FileFacts
    is_page: bool = False


def read_bytes(raw: bytes, name: str) -> FileText:
    """What a file of this name holds; one whose name says nothing is plain text.

    Raises:
        SourceError: `encoding`, `binary`, `front_matter`: it is no text that can be read, and why.
    """
    suffix = name[name.rfind(".") :].lower()
    return _READERS.get(suffix, _plain)(raw, name)


def _plain(raw: bytes, name: str) -> FileText:
    return FileText(_decoded(raw), FileFacts(file=name))


def _markdown(raw: bytes, name: str) -> FileText:
    text = _decoded(raw).replace("\r\n", "\n")
    front: dict[str, str] = {}
    if text.startswith("---\n"):
        found = _FRONT.match(text)
        if found is None:
            raise SourceError("front_matter", "begins with ---, but no other --- ends what is known of it")
        front, text = _pairs(found["lines"]), text[found.end() :]
    return FileText(html_to_text(MarkdownIt("commonmark").render(text)), _facts(front, name))


def _page(raw: bytes, name: str) -> FileText:
    if b"\0" in raw[:1_000] and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError("binary", "holds binary data, not text")
    page = bare_extraction(
        raw,
        with_metadata=True,
        include_comments=False,
        include_tables=False,
        date_extraction_params=OF_A_PAGE,
    )
    if not isinstance(page, Document) or not page.text:
        return FileText(html_to_text(decode_file(raw)), FileFacts(file=name))
    known = {
        "title": page.title,
        "author": page.author,
        "published": page.date,
        "outlet": page.sitename,
        "url": page.url if _ADDRESS.fullmatch(page.url or "") else None,
        "language": page.language,
    }
    return FileText(
        page.text, _facts({key: value for key, value in known.items() if value}, name), is_page=True
    )


_READERS: Mapping[str, Callable[[bytes, str], FileText]] = MappingProxyType(
    {
        ".txt": _plain,
        ".text": _plain,
        ".md": _markdown,
        ".markdown": _markdown,
        ".html": _page,
        ".htm": _page,
    }
)
SUFFIXES = tuple(_READERS)


def _decoded(raw: bytes) -> str:
    text = None
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig")):
        if text is None and raw.startswith(mark):
            try:
                text = raw.decode(encoding)
            except UnicodeDecodeError as error:
                words = f"not text in UTF-8: {error.reason} at byte {error.start}"
                raise SourceError("encoding", words) from error
    assert text is not None  # noqa: S101 - every text starts with nothing
    if 20 * text.count("\0") > len(text):
        raise SourceError("binary", "holds binary data, not text")
    return text


def _pairs(lines: str) -> dict[str, str]:
    """The keys in lower case with their values; lines of another form belong to keys that no article has (lists)."""
    pairs: dict[str, str] = {}
    for line in lines.split("\n"):
        if found := _PAIR.fullmatch(line[:_LONGEST_LINE]):
            pairs[found["key"].lower()] = _value((found["value"] or "").strip())
    return pairs


def _value(written: str) -> str:
    """A value without its quotes or the comment after it; empty for one of several lines (no fact needs them)."""
    if quoted := _QUOTED.fullmatch(written):
        mark, inside = quoted[1], quoted["inside"]
        return inside.replace("''", mark) if mark == "'" else inside.replace('\\"', mark)
    bare = _COMMENT.sub("", written)
    return "" if _SEVERAL_LINES.fullmatch(bare) else bare


def _facts(stated: Mapping[str, str], name: str) -> FileFacts:
    facts: dict[str, Any] = {
        key: stated[key] for key in ("title", "author", "outlet", "url", "language") if stated.get(key)
    }
    if language := facts.get("language"):
        facts["language"] = re.split("[-_]", language)[0].lower()
    if when := stated.get("published") or stated.get("date"):
        facts["published"] = _moment(when)
    try:
        return FileFacts(file=name, **facts)
    except ValidationError as error:
        key = error.errors()[0]["loc"][0]
        raise SourceError("front_matter", f"its {key} is {facts[str(key)]!r:.80}, which cannot be") from error


def _moment(text: str) -> datetime | date:
    """A day, or a moment where there is a time; a time without a zone is UTC.

    Raises:
        SourceError: it is no date, or one that can be read in two ways.
    """
    moment, precision = read_date(text)
    if moment is None or precision is Precision.MONTH:
        words = f"its date is {text!r:.60}; expected one like 2026-02-03 or 2026-02-03T10:00+05:00"
        raise SourceError("front_matter", words)
    return moment if ":" in text or precision is Precision.TIME else moment.date()

"""A source as the operator writes it in the settings."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from monitor.errors import SourceError
from monitor.sources.canonical import canonical_url

WORDS = "{words}"
"""Stands in the address of a search feed where the topic's words belong."""
PRIVATE = frozenset({"headers"})
"""Keys whose values are shown nowhere."""
MAX_MINUTES = 7 * 24 * 60
_ID = r"[a-z0-9][a-z0-9_-]{0,40}"
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
OWN_HEADERS = frozenset(
    """accept-encoding connection content-length host if-modified-since if-none-match range te trailer transfer-encoding
    upgrade""".split()  # noqa: SIM905 - a list of words reads as one
)
"""Headers that Parley sets itself; another value would break the connection or the polite asking for what is new."""


def _like(pattern: str, expected: str) -> AfterValidator:
    """Requires a text to match all of the pattern; `expected` says what that means."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"expected {expected}")
        return value

    return AfterValidator(check)


def _web_address(value: str) -> str:
    if value and (not re.fullmatch(r"https?://[^\s\x00-\x1f\x7f]+", value) or canonical_url(value) is None):
        raise ValueError(
            "expected an address that begins with http:// or https:// and a host, without spaces"
        )
    if set("{}").intersection(value.replace(WORDS, "")):
        raise ValueError(f"expected no {{ and }} but those of {WORDS}, where the words of a search belong")
    return value


Id = Annotated[str, _like(_ID, "an id of at most 41 lower-case letters, digits, - and _")]
Url = Annotated[str, AfterValidator(_web_address)]
Language = Annotated[
    str, _like("[a-z]{2,3}", 'a language code of two or three lower-case letters, like "en"')
]
Country = Annotated[str, _like("([A-Z]{2})?", 'a country code of two capitals (ISO 3166), like "PK"')]
Minutes = Annotated[int, Field(ge=1, le=MAX_MINUTES)]


class SourceConfig(BaseModel):
    """One `[[sources]]` table: a feed or a search feed (with `url`), or a folder of text files (with `path`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Id
    kind: Literal["feed", "search", "folder"] = "feed"
    url: Url = ""
    """Of a search feed with `{words}`, which the topic's own words replace."""
    path: Path | None = None
    topics: Annotated[tuple[str, ...], Field(min_length=1)] = ("pti",)
    outlet: str = ""
    """Its name in evidence; empty: as the feed names itself."""
    language: Language = "en"
    country: Country = ""
    """Where the outlet is at home; empty: nobody has said."""
    trust: Literal["low", "normal", "high"] = "normal"
    """The operator's own note, shown with --json; nothing depends on it."""
    interval_minutes: Minutes = 15
    """At most so long between two polls; a source that brings much is polled more often."""
    min_interval_minutes: Minutes = 5
    """Never more often than this."""
    max_interval_minutes: Minutes | None = None
    """Lets a source that brings little, or asks to be left alone for longer, be polled as rarely as this."""
    headers: dict[str, SecretStr] = {}
    """Sent with each request to the feed (a key, a subscription)."""
    headers_files: dict[str, Path] = {}
    """Headers whose values stand in files, which are read at each poll."""
    full_text: bool = True
    """Fetch the article's page where the feed has a teaser only."""
    display: Literal["text", "excerpt"] = "excerpt"
    """What may be shown of its articles: all of the text, or the sentences around the evidence."""
    allow_private: bool = False
    """Permit a feed on a private network (link-local addresses stay forbidden)."""

    @model_validator(mode="after")
    def _has_a_place(self) -> Self:
        if self.kind == "folder" and (self.path is None or self.url):
            raise ValueError("a folder has a path, and no url")
        if self.kind != "folder" and (not self.url or self.path):
            raise ValueError(f"a {self.kind} has a url, and no path")
        if self.kind == "feed" and WORDS in self.url:
            raise ValueError(f'an address with {WORDS} is a search: say kind = "search"')
        if self.kind == "search" and (self.url.count(WORDS) != 1 or WORDS in urlsplit(self.url).netloc):
            raise ValueError(f"the url of a search has {WORDS} once, where the topic's words belong")
        return self

    @model_validator(mode="after")
    def _has_bounds_around_its_interval(self) -> Self:
        usual, rarest = self.interval_minutes, self.max_interval_minutes
        if "min_interval_minutes" in self.model_fields_set and self.min_interval_minutes > usual:
            raise ValueError(f"min_interval_minutes is more than interval_minutes ({usual})")
        if rarest is not None and rarest < usual:
            raise ValueError(f"max_interval_minutes is less than interval_minutes ({usual})")
        return self

    @model_validator(mode="after")
    def _has_headers_that_can_be_sent(self) -> Self:
        names = [name.lower() for name in (*self.headers, *self.headers_files)]
        if names and self.kind == "folder":
            raise ValueError("a folder is not asked with headers")
        for name in names:
            if not HEADER_NAME.fullmatch(name):
                raise ValueError(f"{name!r} cannot be the name of a header")
            if name in OWN_HEADERS:
                raise ValueError(f"the header {name} is set by Parley itself")
            if names.count(name) > 1:
                raise ValueError(f"the header {name} is given twice")
        for name, value in self.headers.items():
            if not _can_be_sent(value.get_secret_value()):
                raise ValueError(f"the value of the header {name} has characters that no header can have")
        return self

    @property
    def place(self) -> str:
        """The address or the path: what the source is, whatever it is called."""
        return self.url or str(self.path)

    def request_headers(self) -> Mapping[str, str]:
        """The headers to send with each request, with those read whose values stand in files.

        Raises:
            SourceError: `header`: a file cannot be read, or what it holds cannot be sent.
        """
        values = {name: value.get_secret_value() for name, value in self.headers.items()}
        for name, path in self.headers_files.items():
            try:
                values[name] = path.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
                raise SourceError("header", f"cannot read the header {name} from {path}: {why}") from error
            if not _can_be_sent(values[name]):
                raise SourceError(
                    "header", f"{path} holds what no header can have; expected one line of text"
                )
        return values


def _can_be_sent(value: str) -> bool:
    return value.isascii() and value.isprintable()

"""What a fetch asks, apart from the address: validators, the kind of answer preferred, a source's own headers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

import httpx

from monitor.errors import SourceError
from monitor.sources.config import HEADER_NAME, OWN_HEADERS
from monitor.sources.freshness import keeps_validators

NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_HEADER_VALUE = re.compile(r"[^\s\x00-\x1f\x7f]([^\x00-\x08\x0a-\x1f\x7f]*[^\s\x00-\x1f\x7f])?")


class Accept(Enum):
    """What kind of answer a fetch prefers."""

    FEED = (
        b"application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, "
        b"text/html;q=0.5, */*;q=0.1"
    )
    PAGE = b"text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.1"
    TEXT = b"text/plain, */*;q=0.1"


@dataclass(frozen=True, slots=True)
class Validators:
    """What the server said of the version it sent; asks it next time for a newer one only.

    They are opaque, and sent back byte for byte; Latin-1 gives every byte a character.
    """

    etag: str = ""
    last_modified: str = ""

    @property
    def headers(self) -> dict[bytes, bytes]:
        """The headers of a conditional request."""
        both = {b"If-None-Match": self.etag, b"If-Modified-Since": self.last_modified}
        return {name: value.encode("latin-1") for name, value in both.items() if value}

    @classmethod
    def of(cls, response: httpx.Response) -> "Validators":
        """The validators that came with a response; none when it is one that must not be asked about."""
        if not keeps_validators(response.headers):
            return cls()
        raw = {name.lower(): value.decode("latin-1") for name, value in response.headers.raw}
        return cls(raw.get(b"etag", ""), raw.get(b"last-modified", ""))


NO_VALIDATORS = Validators()


@dataclass(frozen=True, slots=True)
class Question:
    """What a fetch asks, apart from the address."""

    validators: Validators
    accept: Accept
    private_headers: Mapping[bytes, bytes]
    most: int
    """How many bytes the body may have, unpacked; when it has more, it is cut or refused."""
    cut: bool

    def headers(self, *, at_home: bool) -> dict[bytes, bytes]:
        """The request's headers; the source's own only while `at_home`, which is with the host that they are for.

        Only the new entries of a feed are asked for (RFC 3229) where it is known what the old ones are.
        """
        asked = {b"accept": self.accept.value, b"accept-encoding": b"gzip", **self.validators.headers}
        if self.accept is Accept.FEED and self.validators.headers:
            asked[b"a-im"] = b"feed"
        return {**asked, **self.private_headers} if at_home else asked


def checked(headers: Mapping[str, str]) -> dict[bytes, bytes]:
    """A source's own headers as they go out.

    Raises:
        SourceError: `header`, for one that cannot be sent; without its value, which may be a secret.
    """
    checked = {}
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name) or name.lower() in OWN_HEADERS:
            raise SourceError(
                "header", f"a source cannot set the header {name[:40]!r}: leave it out of its settings"
            )
        if not _HEADER_VALUE.fullmatch(value):
            raise SourceError("header", f"the value of the header {name!r} must be one line and not empty")
        checked[name.lower().encode("ascii")] = value.encode("utf-8", "surrogatepass")
    return checked

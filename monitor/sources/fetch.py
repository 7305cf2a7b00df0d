"""One polite GET: guarded, with a total deadline, a cap on what it unpacks, validators, and redirects followed by hand.

Every way in which it can fail has a short reason (`SourceError.reason`), so that it can be counted and told in words.
"""

import ssl
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from monitor.errors import ForbiddenAddressError, SourceError
from monitor.guard import USER_AGENT, guarded_client

DEADLINE_S = 30.0
MAX_BYTES = 8_000_000
MAX_REDIRECTS = 5
MAX_RETRY_AFTER_S = 31 * 86_400.0
_SLICE = 65_536
_ACCEPT = b"application/rss+xml, application/atom+xml, application/xml;q=0.9, text/html;q=0.5, */*;q=0.1"
_REDIRECTS = {301, 302, 303, 307, 308}
_REASONS = {
    401: "login",
    403: "forbidden",
    404: "not_found",
    407: "login",
    408: "timeout",
    410: "gone",
    429: "rate_limited",
}


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
        """The validators that came with a response."""
        raw = {name.lower(): value.decode("latin-1") for name, value in response.headers.raw}
        return cls(raw.get(b"etag", ""), raw.get(b"last-modified", ""))


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back. `complete` is false when the connection broke within the body: then `body` is its beginning."""

    url: str
    body: bytes
    content_type: str
    validators: Validators
    not_modified: bool = False
    complete: bool = True


class Fetcher:
    """Fetches URLs that others chose. Safe to use from several threads.

    Args:
        deadline: seconds that a fetch may last in all, redirects included.
        max_bytes: how large a body may become, unpacked.
        user_agent: how Parley names itself; an operator may add an address for complaints.
    """

    def __init__(
        self, *, deadline: float = DEADLINE_S, max_bytes: int = MAX_BYTES, user_agent: str = USER_AGENT
    ) -> None:
        self.deadline = deadline
        self._max_bytes = max_bytes
        self._user_agent = user_agent
        self._tls: ssl.SSLContext = httpx.create_ssl_context(trust_env=False)

    def get(self, url: str, validators: Validators = Validators(), *, allow_private: bool = False) -> Fetched:
        """Fetch `url`, conditionally when there are validators.

        Raises:
            SourceError: with the reason; `retry_after` when the server named one.
        """
        client = guarded_client(
            allow_private=allow_private,
            timeout=self.deadline,
            lifetime=self.deadline,
            user_agent=self._user_agent,
            tls=self._tls,
        )
        with client:
            try:
                return self._follow(client, httpx.URL(url), validators)
            except ForbiddenAddressError as error:
                raise SourceError("forbidden_address", str(error)) from error
            except httpx.TimeoutException as error:
                raise SourceError("timeout", f"{_shown(url)} took longer than {self.deadline:g} s") from error
            except httpx.InvalidURL as error:
                raise SourceError("url", f"not an address that can be fetched: {error}") from error
            except httpx.UnsupportedProtocol as error:
                raise SourceError("url", f"only http and https are fetched: {_shown(url)}") from error
            except httpx.TransportError as error:
                raise SourceError("connection", f"{_shown(url)}: {error or type(error).__name__}") from error

    def _follow(self, client: httpx.Client, url: httpx.URL, validators: Validators) -> Fetched:
        headers = {b"Accept": _ACCEPT, b"Accept-Encoding": b"gzip", **validators.headers}
        for _ in range(MAX_REDIRECTS + 1):
            with client.stream("GET", url, headers=headers) as response:
                if response.status_code not in _REDIRECTS:
                    return self._take(response, validators)
                url = _next_hop(response)
        raise SourceError("redirect", f"{_shown(url)}: more than {MAX_REDIRECTS} redirects")

    def _take(self, response: httpx.Response, sent: Validators) -> Fetched:
        received = Validators.of(response)
        fetched = Fetched(str(response.url), b"", response.headers.get("content-type", ""), received)
        if response.status_code == httpx.codes.NOT_MODIFIED and sent.headers:
            kept = Validators(received.etag or sent.etag, received.last_modified or sent.last_modified)
            return replace(fetched, not_modified=True, validators=kept)
        if response.status_code != httpx.codes.OK:
            raise _refusal(response)
        body, complete = self._read(response)
        return replace(fetched, body=body, complete=complete)

    def _read(self, response: httpx.Response) -> tuple[bytes, bool]:
        body = bytearray()
        unpack = _unpacker(response)
        try:
            for packed in response.iter_raw():
                for piece in unpack(packed):
                    body += piece
                    if len(body) > self._max_bytes:
                        raise SourceError(
                            "too_large",
                            f"{_shown(response.url)} sends more than {self._max_bytes / 1e6:g} MB",
                        )
        except (httpx.ReadError, httpx.RemoteProtocolError):
            if not body:
                raise
            return bytes(body), False
        except zlib.error as error:
            raise SourceError("encoding", f"{_shown(response.url)}: broken compression: {error}") from error
        return bytes(body), unpack.complete


class _Plain:
    complete = True

    def __call__(self, packed: bytes) -> Iterator[bytes]:
        yield packed


class _Gzip:
    """Unpacks a slice at a time: a small file can hold gigabytes, which are counted before they are unpacked."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 32)

    @property
    def complete(self) -> bool:
        return self._stream.eof

    def __call__(self, packed: bytes) -> Iterator[bytes]:
        while packed and not self._stream.eof:
            yield self._stream.decompress(packed, _SLICE)
            packed = self._stream.unconsumed_tail


def _unpacker(response: httpx.Response) -> _Plain | _Gzip:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("", "identity", "none", "utf-8"):  # the last two are what misconfigured servers say
        return _Plain()
    if encoding in ("gzip", "x-gzip", "deflate"):
        return _Gzip()
    raise SourceError("encoding", f"{_shown(response.url)} sends {encoding[:40]!r}, which was not asked for")


def _next_hop(response: httpx.Response) -> httpx.URL:
    here = response.url
    location = response.headers.get("location", "")
    if not location:
        raise SourceError("redirect", f"{_shown(here)} redirects to nowhere")
    try:
        there = here.join(location).copy_with(fragment=None)
    except httpx.InvalidURL as error:
        raise SourceError("redirect", f"{_shown(here)} redirects to what is no address: {error}") from error
    if there.userinfo and there.host != here.host:
        there = there.copy_with(username=None, password=None)
    if there.scheme not in ("http", "https") or (here.scheme == "https" and there.scheme == "http"):
        raise SourceError("redirect", f"{_shown(here)} redirects to {_shown(there)}, which is not safe")
    return there


def _refusal(response: httpx.Response) -> SourceError:
    status = response.status_code
    reason = _REASONS.get(status, "server" if status >= httpx.codes.INTERNAL_SERVER_ERROR else "http")
    if response.headers.get("cf-mitigated") == "challenge":
        reason = "challenge"
    message = f"{_shown(response.url)} answered {status} {response.reason_phrase}".rstrip()
    return SourceError(reason, message, retry_after=_retry_after(response))


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds that the server asks to wait: a number, or a date that counts from the server's own clock."""
    stated = response.headers.get("retry-after", "").strip()
    if stated.isdecimal() and stated.isascii():
        return min(float(stated[:12]), MAX_RETRY_AFTER_S)
    until, now = _http_date(stated), _http_date(response.headers.get("date", ""))
    if until is None:
        return None
    return min(max((until - (now or datetime.now(UTC))).total_seconds(), 0.0), MAX_RETRY_AFTER_S)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _shown(url: str | httpx.URL) -> str:
    """The address as it may be logged: without a password, on one line, not endless."""
    try:
        bare = str(httpx.URL(url).copy_with(username=None, password=None, query=None, fragment=None))
    except httpx.InvalidURL:
        bare = str(url)
    return "".join(character for character in bare if character.isprintable())[:200]

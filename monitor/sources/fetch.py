"""One polite GET: guarded, with a total deadline, a cap on what it unpacks, validators, and redirects followed by hand.

Every way in which it can fail has a short reason (`SourceError.reason`), so that it can be counted and told in words.
"""

import hashlib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import httpx

from monitor.errors import ForbiddenAddressError, SourceError
from monitor.guard import guarded_client, user_agent
from monitor.sources.barriers import Barrier, barred, challenged, what_stands_instead
from monitor.sources.freshness import fresh_for, keeps_validators, retry_after
from monitor.sources.hops import REDIRECTS, Way, shown
from monitor.sources.request import NO_HEADERS, NO_VALIDATORS, Accept, Question, Validators, checked
from monitor.sources.unpack import Unpacker

__all__ = ["Accept", "Fetched", "Fetcher", "Validators"]

Clock = Callable[[], datetime]

DEADLINE_S = 30.0
MAX_BYTES = 8_000_000
MAX_REDIRECTS = 5
_REFUSAL_BYTES = 200_000
"""How much of a refusal is looked at to see what it is."""
_REASONS = {
    401: "login",
    403: "forbidden",
    404: "not_found",
    407: "login",
    408: "timeout",
    410: "gone",
    429: "rate_limited",
}
_BARRIER_STATUSES = {403, 503}
_IM_USED = 226
_MOST_WORDS = 200
"""How many characters of what a server or a library says are passed on."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back from `url`, which is given without a password that it was asked with.

    `complete` is false when the connection broke within the body: then `body` is its beginning.
    """

    url: str
    body: bytes
    content_type: str
    validators: Validators
    not_modified: bool = False
    complete: bool = True
    is_delta: bool = False
    """Only entries that are new since the last answer (226): one that is missing was not taken down."""
    fresh_for: timedelta | None = None
    """How long the server says that nothing newer will come."""
    moved_to: str | None = None
    """The address to use from now on, when every redirect on the way was a permanent one."""

    @property
    def digest(self) -> str:
        """SHA-256 of the unpacked body in hex, "" when there is none: servers give the same bytes new validators."""
        return hashlib.sha256(self.body).hexdigest() if self.body else ""


class Fetcher:
    """Fetches URLs that others chose. Safe to use from several threads.

    Args:
        deadline: seconds that a fetch may last in all, redirects included.
        max_bytes: how large a body may become, unpacked.
        contact: the operator's address (mail or web) for complaints, which goes with Parley's name.
        clock: the present moment, UTC; counts where a server does not tell its own.

    Raises:
        BadInputError: the contact cannot be sent.
    """

    def __init__(
        self,
        *,
        deadline: float = DEADLINE_S,
        max_bytes: int = MAX_BYTES,
        contact: str = "",
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._user_agent = user_agent(contact)
        self._clock = clock
        self._tls: ssl.SSLContext = httpx.create_ssl_context(trust_env=False)

    def get(
        self,
        url: str,
        validators: Validators = NO_VALIDATORS,
        *,
        allow_private: bool = False,
        headers: Mapping[str, str] = NO_HEADERS,
        accept: Accept = Accept.FEED,
        cut_at: int | None = None,
    ) -> Fetched:
        """Fetch `url`, conditionally when there are validators.

        Args:
            url: where.
            validators: those of the last answer.
            allow_private: permit the operator's own network.
            headers: name -> value, for this source alone: sent to no host but that of `url`, and shown nowhere.
            accept: what kind of answer is preferred.
            cut_at: take this many bytes of the body and leave the rest, instead of refusing one that is too large.

        Raises:
            SourceError: with the reason; `retry_after` when the server named one.
        """
        question = Question(
            validators, accept, checked(headers), cut_at or self._max_bytes, cut=cut_at is not None
        )
        client = guarded_client(
            allow_private=allow_private,
            timeout=self._deadline,
            lifetime=self._deadline,
            user_agent=self._user_agent,
            tls=self._tls,
        )
        with client:
            try:
                return self._follow(client, Way(httpx.URL(url)), question)
            except ForbiddenAddressError as error:
                raise SourceError("forbidden_address", str(error)) from error
            except httpx.TimeoutException as error:
                raise SourceError("timeout", f"{shown(url)} took longer than {self._deadline:g} s") from error
            except (httpx.InvalidURL, UnicodeError) as error:
                raise SourceError(
                    "url", "not an address that can be fetched: check how it is written"
                ) from error
            except httpx.UnsupportedProtocol as error:
                raise SourceError("url", f"only http and https are fetched: {shown(url)}") from error
            except httpx.TransportError as error:
                words = (str(error) or type(error).__name__)[:_MOST_WORDS]
                raise SourceError("connection", f"{shown(url)}: {words}") from error

    def _follow(self, client: httpx.Client, way: Way, question: Question) -> Fetched:
        # As a hook, for httpx looks at redirects too, and fails in other words at those that lead nowhere.
        client.event_hooks = {"response": [way.step]}
        for _ in range(MAX_REDIRECTS + 1):
            with client.stream("GET", way.url, headers=question.headers(at_home=way.at_home)) as response:
                if response.status_code not in REDIRECTS:
                    return self._take(response, way, question)
        raise SourceError("redirect", f"{shown(way.url)}: more than {MAX_REDIRECTS} redirects")

    def _take(self, response: httpx.Response, way: Way, question: Question) -> Fetched:
        received, now = Validators.of(response), self._clock()
        fetched = Fetched(
            str(way.url.copy_with(username=None, password=None)),
            b"",
            response.headers.get("content-type", ""),
            received,
            fresh_for=fresh_for(response.headers, now),
            moved_to=way.moved_to(response),
        )
        sent = question.validators
        if response.status_code == httpx.codes.NOT_MODIFIED and sent.headers:
            return replace(fetched, not_modified=True, validators=_refreshed(sent, response))
        if response.status_code not in (httpx.codes.OK, _IM_USED) or challenged(response.headers):
            raise _refusal(response, now)
        body, complete = _read(response, question.most)
        if len(body) > question.most:
            if not question.cut:
                raise SourceError("too_large", f"{shown(way.url)} sends more than {question.most / 1e6:g} MB")
            body = body[: question.most]
        return replace(fetched, body=body, complete=complete, is_delta=response.status_code == _IM_USED)


def _refreshed(sent: Validators, response: httpx.Response) -> Validators:
    """The validators after a 304: a date that it names is newer, but the version is the one that was asked about."""
    if not keeps_validators(response.headers):
        return Validators()
    received = Validators.of(response)
    return Validators(sent.etag or received.etag, received.last_modified or sent.last_modified)


def _read(response: httpx.Response, most: int) -> tuple[bytes, bool]:
    """The unpacked body, and whether it is whole; when it is more than `most` bytes, the beginning that says so."""
    body, received = bytearray(), 0
    unpacker = Unpacker(response.headers.get("content-encoding", ""))
    try:
        for packed in response.iter_raw():
            for piece in unpacker.feed(packed):
                body += piece
                if len(body) > most:
                    return bytes(body), False
            received += len(packed)
            if received > 2 * most:  # it unpacks to nothing, without end
                raise SourceError(
                    "encoding", f"the answer is packed in {received} bytes, but holds {len(body)}"
                )
    except (httpx.ReadError, httpx.RemoteProtocolError):
        if not body:
            raise
        return bytes(body), False
    body += unpacker.end()
    return bytes(body), unpacker.complete


def _refusal(response: httpx.Response, now: datetime) -> SourceError:
    status, place = response.status_code, shown(response.url)
    barrier: Barrier | None = "challenge" if challenged(response.headers) else None
    if barrier is None and status in _BARRIER_STATUSES:
        content_type = response.headers.get("content-type", "")
        barrier = what_stands_instead(_glimpse(response), str(response.url), content_type)
    reason = _REASONS.get(status, "server" if status >= httpx.codes.INTERNAL_SERVER_ERROR else "http")
    message = f"{place} answered {status} {response.reason_phrase[:_MOST_WORDS]}".rstrip()
    if barrier:
        reason, message = barrier, f"{message}: {barred(barrier, place)}"
    wait = retry_after(response.headers, now)
    return SourceError(reason, message, retry_after=None if wait is None else wait.total_seconds())


def _glimpse(response: httpx.Response) -> bytes:
    """The beginning of a refusal's body. When it cannot be read, its status says enough."""
    try:
        return _read(response, _REFUSAL_BYTES)[0]
    except (SourceError, httpx.TransportError):
        return b""

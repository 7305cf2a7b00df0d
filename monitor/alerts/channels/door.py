"""The only way out for Apprise: what its services send through `requests` goes through Parley's guard instead.

Addresses are checked where the connection is made, certificates always, nothing is redirected, no proxy is asked, and
when the time is over nothing more can leave, however long a service goes on.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpx
import requests
from requests.adapters import HTTPAdapter

from monitor.errors import ForbiddenAddressError
from monitor.guard import guarded_client

_LONGEST_ANSWER = 1_000_000
_door: ContextVar["Door | None"] = ContextVar("door", default=None)


class Door:
    """What one delivery may send, and what became of its last request.

    Args:
        allow_private: whether it may lead into a private network.
        seconds: how long it is open.
        tls: how certificates are checked.
    """

    def __init__(self, *, allow_private: bool, seconds: float, tls: ssl.SSLContext) -> None:
        self._client = guarded_client(allow_private=allow_private, timeout=seconds, lifetime=seconds, tls=tls)
        self.answer: httpx.Response | None = None
        """The last request's, if it got one."""
        self.error: Exception | None = None
        """Why the last request got none."""
        self.asked = False

    def send(self, request: requests.PreparedRequest) -> requests.Response:
        """Send a request of a service.

        Raises:
            requests.ConnectionError: there was no answer; `error` says why.
        """
        self.answer, self.error, self.asked = None, None, True
        try:
            return self._exchange(request)
        except (httpx.HTTPError, httpx.InvalidURL, ForbiddenAddressError) as error:
            self.error = error
            raise requests.ConnectionError(type(error).__name__, request=request) from error

    def _exchange(self, request: requests.PreparedRequest) -> requests.Response:
        content = bytearray()
        posted = self._client.stream(
            str(request.method), str(request.url), content=_body(request.body), headers=_headers(request)
        )
        with posted as answer:
            self.answer = answer
            for chunk in answer.iter_bytes():
                content += chunk
                if len(content) > _LONGEST_ANSWER:
                    break
        return _for_requests(request, answer, bytes(content))

    def close(self) -> None:
        """Let nothing through any more."""
        self._client.close()


@contextmanager
def through(door: Door) -> Iterator[None]:
    """Within `with`, all that this thread sends with `requests` goes through the door."""
    token = _door.set(door)
    try:
        yield
    finally:
        _door.reset(token)


def _headers(request: requests.PreparedRequest) -> dict[bytes, bytes]:
    return {_bytes(name): _bytes(value) for name, value in request.headers.items()}


def _bytes(words: str | bytes) -> bytes:
    return words.encode() if isinstance(words, str) else words


def _body(body: Any) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else b"".join(body)


def _for_requests(
    request: requests.PreparedRequest, answer: httpx.Response, content: bytes
) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status_code
    response.reason = answer.reason_phrase
    response.headers.update(answer.headers)
    response.url = str(request.url)
    response.request = request
    response.encoding = answer.encoding
    response._content = content
    return response


_plain_send = HTTPAdapter.send


def _send(self: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
    door = _door.get()
    return _plain_send(self, request, *args, **options) if door is None else door.send(request)


# Apprise's services call `requests.post` and the like, which leaves no other place to step in.
HTTPAdapter.send = _send  # type: ignore[method-assign]  # see above

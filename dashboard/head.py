"""What the app's own page says of itself to those who list or share its links: the state, before any script has run.

Streamlit serves one unchanging document for every page. Its title is exchanged for the topic's, with what a preview
needs; its scripts stay as they are, and with them the hashes in the content security policy (`dashboard.gate`).
"""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TITLE = b"<title>Streamlit</title>"
_OF_A_FILE = ("etag", "last-modified", "accept-ranges")
"""What holds of the document as it lies on the disk."""


class HeadOf:
    """Puts `head(request)`, as HTML, in the place of the title of Streamlit's document."""

    def __init__(self, app: ASGIApp, head: Callable[[Request], str]) -> None:
        self._app = app
        self._head = head

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        asks_for_page = scope["type"] == "http" and "text/html" in Headers(scope=scope).get("accept", "")
        if not asks_for_page or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        plain = {name.encode() for name in ("accept-encoding", "range", "if-none-match", "if-modified-since")}
        kept = [pair for pair in scope["headers"] if pair[0] not in plain]
        answer = _Answer(send)
        await self._app({**scope, "headers": kept}, receive, answer.take)
        await answer.send(lambda: self._head(Request(scope)))


class _Answer:
    """An answer that is held back until it is whole, where it is a document."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_document(message):
            self._start = message
        elif self._start is not None and message["type"] == "http.response.body":
            self._body += message.get("body", b"")
        else:
            await self._send(message)

    async def send(self, head: Callable[[], str]) -> None:
        if self._start is None:
            return
        if _TITLE in self._body:
            said = await run_in_threadpool(head)
            self._body = self._body.replace(_TITLE, said.encode(), 1)
            headers = MutableHeaders(scope=self._start)
            for name in _OF_A_FILE:
                del headers[name]
            headers["content-length"] = str(len(self._body))
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": self._body})


def _is_document(start: Message) -> bool:
    return start["status"] == 200 and Headers(raw=start["headers"]).get("content-type", "").startswith(
        "text/html"
    )

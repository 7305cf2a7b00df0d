"""The live stream of a topic, `/v1/topics/{topic}/stream`: server-sent events of its shifts and alerts as they come.

Each event's `id` is that of its event in the log, so `Last-Event-ID` goes on after it with nothing lost or doubled,
also after a restart, a rebuild of the read model, or the log's import into another Redis:

    none      from now on; the first event, `start`, has the id to come back with
    0         from the topic's beginning
    known     from there on
    unknown   a `reset` says that there may be a gap, and it goes on from now

A stream looks for news by the read model's version, asked for once for all streams of a topic; SQL runs in threads.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import Response
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send

from monitor.alerts.message import render
from monitor.api.context import Context
from monitor.api.documents import TopicId
from monitor.api.problems import problem
from monitor.errors import NotFoundError, ParleyError
from monitor.log.events import Event
from monitor.readmodel.decisions import after, newest_place
from monitor.readmodel.model import ReadModel
from monitor.readmodel.progress import version
from monitor.topics.model import Topic

MOST_STREAMS = 100
"""How many may be open at once; the next one is asked to come back later."""
HEARTBEAT_S = 15.0
SEND_TIMEOUT_S = 10.0
"""Who does not read for so long is hung up on; shorter than what a server may take to stop."""

_POLL_S = 0.5
_PAGE = 100
_COME_BACK_MS = 3000
_LATER_S = 60
_log = logging.getLogger(__name__)

_EXAMPLE = """id: 13d87891d6f2fc99a073c9d416a54e8d
event: start
data: {"topic":"pti"}
retry: 3000

id: 7d2f0c5b1f1b4a26a5b0a5c3f9f0e4aa
event: status.shifted
data: {"type":"status.shifted","timestamp":"2026-03-01T08:10:00+00:00","data":{"topic":"pti","to":"rejected"}}

: still here

"""


def router(context: Context) -> APIRouter:
    """The stream of each topic."""
    routes = APIRouter(prefix="/v1/topics", tags=["feeds"])
    versions = _Versions(context.read)
    open_: set[_Stream] = set()

    @routes.head("/{topic}/stream", include_in_schema=False)
    @routes.get(
        "/{topic}/stream",
        response_class=Response,
        responses={
            200: {
                "description": "Events until the caller hangs up or the server stops.",
                "content": {"text/event-stream": {"example": _EXAMPLE}},
            },
        },
    )
    async def stream(topic: TopicId, last_event_id: Annotated[str, Header()] = "") -> Response:
        """Shifts and alerts as server-sent events; with `Last-Event-ID` from there on, with `0` from the beginning."""
        first = await asyncio.to_thread(_first, context.read, topic, last_event_id)
        if len(open_) >= MOST_STREAMS:
            return problem(
                503,
                f"{MOST_STREAMS} streams are open already; come back in a minute, or read the feed alerts.atom",
                {"Retry-After": str(_LATER_S)},
            )
        return _Stream(_followed(context, versions, topic, first), open_)

    return routes


class _Stream(EventSourceResponse):
    """An answer that is among the open ones for as long as it is sent."""

    def __init__(self, events: AsyncIterator[ServerSentEvent], open_: set["_Stream"]) -> None:
        super().__init__(
            events,
            ping=HEARTBEAT_S,
            ping_message_factory=lambda: ServerSentEvent(comment="still here"),
            send_timeout=SEND_TIMEOUT_S,
        )
        self._open = open_

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._open.add(self)
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            _log.warning("hung up on a stream that was not read for %s s", SEND_TIMEOUT_S)
        finally:
            self._open.discard(self)


class _Versions:
    """What changes whenever there may be news of a topic, asked for once for all its streams."""

    def __init__(self, model: ReadModel) -> None:
        self._model = model
        self._found: dict[str, tuple[float, tuple[str, str]]] = {}
        self._asking = asyncio.Lock()

    async def of(self, topic: str) -> tuple[str, str]:
        """The topic's version, at most half a second old; raises StoreError when it cannot be read."""
        async with self._asking:
            now = asyncio.get_running_loop().time()
            at, found = self._found.get(topic, (float("-inf"), ("", "")))
            if now - at >= _POLL_S:
                found = await asyncio.to_thread(version, self._model, topic)
                self._found[topic] = now, found
            return found


async def _followed(
    context: Context, versions: _Versions, topic: str, first: ServerSentEvent
) -> AsyncIterator[ServerSentEvent]:
    """The first event, and then what comes after it, until the process is to end or the topic is gone."""
    yield first
    place, seen, troubled = str(first.id), None, False
    while not context.stopping():
        try:
            current = await versions.of(topic)
            news = [] if current == seen else await asyncio.to_thread(_news, context, topic, place)
        except NotFoundError:
            return
        except ParleyError as error:
            # To hang up would help nobody: the caller would meet the same, and browsers do not come back after that.
            if not troubled:
                _log.warning("the stream of %s stands still until this is mended: %s", topic, error)
            troubled = True
            await asyncio.sleep(_POLL_S)
            continue
        troubled = False
        for event in news:
            yield event
            place = str(event.id)
        if len(news) < _PAGE:
            seen = current
            await asyncio.sleep(_POLL_S)


def _first(model: ReadModel, topic: str, last: str) -> ServerSentEvent:
    """The event that a stream begins with; its id is the place to go on from. Raises as `queries.status` does."""
    if not last:
        return _start(topic, newest_place(model, topic))
    return _start(topic, last) if after(model, topic, last, limit=0).known else _reset(model, topic, last)


def _start(topic: str, place: str) -> ServerSentEvent:
    return _sent("start", place, {"topic": topic}, retry=_COME_BACK_MS)


def _reset(model: ReadModel, topic: str, last: str) -> ServerSentEvent:
    words = (
        f"no event {last[:100]!r} is known of {topic}: events may be missing here; what there is stands "
        f"at /v1/topics/{topic}/alerts"
    )
    place = newest_place(model, topic)
    return _sent("reset", place, {"topic": topic, "detail": words}, retry=_COME_BACK_MS)


def _news(context: Context, topic: str, place: str) -> list[ServerSentEvent]:
    """The next page of what was decided after a place, oldest first."""
    found = after(context.read, topic, place, limit=_PAGE)
    if not found.known:  # the log was lost in part, and the read model made again from the rest
        return [_reset(context.read, topic, place)]
    url = context.settings.dashboard_url
    return [_sent(event.type, event.id, _said(event, found.topic, url)) for event in found.events]


def _said(event: Event, topic: Topic, dashboard_url: str) -> dict[str, Any]:
    """An alert as a webhook is told of it; a shift in the same form."""
    if event.type.startswith("alert."):
        return render(event, topic, dashboard_url).payload
    data = {"topic": event.topic, **event.data}
    return {"type": event.type, "timestamp": event.recorded_at.isoformat(), "data": data}


def _sent(type_: str, place: str, data: dict[str, Any], *, retry: int | None = None) -> ServerSentEvent:
    """Its data are plain ASCII on one line, whatever the words."""
    return ServerSentEvent(json.dumps(data, separators=(",", ":")), event=type_, id=place, retry=retry)

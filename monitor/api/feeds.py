"""The feeds of a topic's alerts: `/v1/topics/{topic}/alerts.atom`, `.rss` and `.json` (JSON Feed 1.1).

Each entry is at `/v1/topics/{topic}/alerts/{event}.cap` as a document of the Common Alerting Protocol too.

An alert, each update of it and its cancellation are entries of their own, in the words that every subscriber gets.
An entry's id is that of its event in the log, so it outlives a rebuild; entries do not change afterwards, so an entry's
`updated` is its event's moment, and readers show each of them as new once. Alerts that were held back have none.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Annotated, NamedTuple
from urllib.parse import quote
from uuid import UUID

import lxml.html
from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from monitor.alerts.cap import cap_of
from monitor.alerts.markup import SHEET
from monitor.alerts.message import clean, render
from monitor.api.answers import answer
from monitor.api.context import ApiOptions, Context
from monitor.api.documents import TopicId
from monitor.api.feed_formats import CAP, Entry, Feed, atom, json_feed, rss, writable
from monitor.ids import fact_id
from monitor.log.events import Event
from monitor.readmodel.decisions import ToldAlerts, told_alert, told_alerts
from monitor.topics.model import Topic

MOST_ENTRIES = 100
EventId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="The id of the event that told it.")]

_LONGEST_TITLE = 200
_SUBJECT_PREFIX = "[Parley] "


class Format(NamedTuple):
    """A form that a feed can have."""

    media_type: str
    write: Callable[[Feed], bytes]


FORMATS = {
    "atom": Format("application/atom+xml", atom),
    "rss": Format("application/rss+xml", rss),
    "json": Format("application/feed+json", json_feed),
}
"""Ending of the address -> the form."""

_EXAMPLE = Feed(
    id="urn:uuid:7a365f0b-9e2f-ccd9-a420-3e0211151207",
    title="Dock workers and the port: alerts",
    home="https://parley.example/alerts?topic=docks",
    address="https://api.parley.example/v1/topics/docks/alerts",
    updated=datetime(2026, 3, 1, 8, 10, tzinfo=UTC),
    entries=(
        Entry(
            id="urn:uuid:13d87891-d6f2-fc99-a073-c9d416a54e8d",
            at=datetime(2026, 3, 1, 8, 10, tzinfo=UTC),
            kind="alert.raised",
            title="Union and port authority: talks rejected (reported)",
            summary="Union and port authority: talks rejected (reported), since 1 March 2026.",
            cap="https://api.parley.example/v1/topics/docks/alerts/13d87891d6f2fc99a073c9d416a54e8d.cap",
            html="<blockquote><p>“The union has rejected a new round of talks”</p></blockquote>",
            link="https://parley.example/alerts?topic=docks&alert=19d064c3224e9a40da3b4334afa537f9",
            alert={
                "type": "alert.raised",
                "timestamp": "2026-03-01T08:10:00Z",
                "data": {"certainty": "reported"},
            },
        ),
    ),
)


def router(context: Context) -> APIRouter:
    """The feeds."""
    routes = APIRouter(prefix="/v1/topics", tags=["feeds"])
    for ending, form in FORMATS.items():
        feed = _endpoint(context, ending, form)
        path = f"/{{topic}}/alerts.{ending}"
        example = form.write(_EXAMPLE._replace(address=f"{_EXAMPLE.address}.{ending}")).decode()
        content = {form.media_type: {"example": json.loads(example) if ending == "json" else example}}
        routes.add_api_route(
            path,
            feed,
            methods=["GET"],
            name=f"alerts_{ending}",
            summary=f"The topic's alerts as a feed ({form.media_type})",
            response_class=Response,
            responses={
                200: {"description": "Newest entry first.", "content": content},
                304: {"description": "You have it."},
            },
        )
    _add_cap(routes, context)
    return routes


def _add_cap(routes: APIRouter, context: Context) -> None:
    @routes.get(
        "/{topic}/alerts/{event}.cap",
        name="alert_cap",
        response_class=Response,
        responses={200: {"content": {CAP: {"schema": {"type": "string"}}}}},
    )
    def cap(request: Request, topic: TopicId, event: EventId) -> Response:
        """One alert, update or cancellation as a document of the Common Alerting Protocol 1.2."""
        told = told_alert(context.read, topic, event)
        sent = {one.id: one.recorded_at for one in told.events}
        [wanted] = [one for one in told.events if one.id == event]
        body = cap_of(wanted, told.topic, sender=context.settings.api_url, sent=sent)
        return answer(request, body, CAP)


def _endpoint(context: Context, ending: str, form: Format) -> Callable[[Request, str], Response]:
    def feed(request: Request, topic: TopicId) -> Response:
        """An entry for each alert, each update of one and each cancellation; those that were held back have none."""
        told = told_alerts(context.read, topic, limit=MOST_ENTRIES)
        body = form.write(feed_of(told, context.settings, ending))
        return _conditional(request, body, form.media_type, told.moved_at)

    return feed


def feed_of(told: ToldAlerts, options: ApiOptions, ending: str) -> Feed:
    """The feed of what was told, at the address with this ending."""
    topic = told.topic
    here = quote(topic.id, safe="")
    title = clean(f"{topic.label}: alerts", _LONGEST_TITLE)
    return Feed(
        id=_urn(fact_id("alerts-feed", topic.id)),
        title=title,
        home=f"{options.dashboard_url.rstrip('/')}/alerts?topic={here}",
        address=f"{options.api_url.rstrip('/')}/v1/topics/{here}/alerts.{ending}",
        # Without alerts, the feed is as old as the topic's definition.
        updated=told.events[0].recorded_at if told.events else told.defined_at,
        entries=tuple(_entry(event, topic, options) for event in told.events),
    )


def _entry(event: Event, topic: Topic, options: ApiOptions) -> Entry:
    message = render(event, topic, options.dashboard_url)
    here = f"{options.api_url.rstrip('/')}/v1/topics/{quote(topic.id, safe='')}"
    said = message.payload["data"]
    return Entry(
        id=_urn(event.id),
        at=event.recorded_at,
        kind=event.type,
        title=message.subject.removeprefix(_SUBJECT_PREFIX),
        summary=said["text"],
        html=_fragment(message.html),
        cap=f"{here}/alerts/{event.id}.cap",
        link=said["link"],
        alert=message.payload,
    )


def _fragment(page: str) -> str:
    """What a message's page shows, without the page around it and the heading, which is the entry's title."""
    [sheet] = lxml.html.document_fromstring(writable(page)).find_class(SHEET)
    return "".join(
        lxml.html.tostring(part, encoding="unicode") for part in sheet.iterchildren() if part.tag != "h1"
    )


def _urn(id_: str) -> str:
    return UUID(hex=id_).urn


def _conditional(request: Request, body: bytes, media_type: str, modified: datetime) -> Response:
    """The answer, or 304 when the caller has it already. An ETag decides where both are given (RFC 9110, 13.2.2)."""
    last = format_datetime(modified.replace(microsecond=0), usegmt=True)
    full = answer(request, body, media_type, **{"Last-Modified": last})
    if "if-none-match" in request.headers or not _is_of(request.headers.get("if-modified-since"), modified):
        return full
    kept = {name: value for name, value in full.headers.items() if not name.startswith("content-")}
    return Response(status_code=304, headers=kept)


def _is_of(said: str | None, modified: datetime) -> bool:
    """Whether the header names this very moment: a log that was replayed may hold a later one before it."""
    try:
        moment = parsedate_to_datetime(said or "")
    except (ValueError, OverflowError):
        return False
    return modified.replace(microsecond=0) == (moment if moment.tzinfo else moment.replace(tzinfo=UTC))

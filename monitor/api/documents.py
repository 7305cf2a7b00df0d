"""The documents of the topics and the sources, as the command prints them with --json.

A list is one page of what the command prints; the Link header leads to the next one.
"""

import json
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Path as InPath
from fastapi import Query as InQuery
from fastapi.responses import Response

from monitor.api.answers import document
from monitor.api.context import Context
from monitor.api.parameters import AskedAlerts, AskedArticles, AskedClaims, AskedShifts, Past
from monitor.readmodel import alert_lists, lists, queries
from monitor.readmodel.forms import ShiftEntry
from monitor.readmodel.paging import Page
from monitor.topics.model import Topic

TopicId = Annotated[str, InPath(max_length=100, description="The topic's id.", examples=["pti"])]
EXAMPLES: dict[str, Any] = json.loads(Path(__file__).with_name("examples.json").read_text(encoding="utf-8"))
"""Name of a route -> what it may answer."""
_LINK = {
    "Link": {
        "description": 'The next page (rel="next"); on the last one there is none.',
        "schema": {"type": "string"},
    }
}
_TAG = {"ETag": {"description": "For If-None-Match.", "schema": {"type": "string"}}}


def router(context: Context) -> APIRouter:
    """`/v1/topics`, each topic's documents and lists, and `/v1/sources`."""
    routes = APIRouter(prefix="/v1", tags=["documents"])
    _add_documents(routes, context)
    _add_lists(routes, context)
    return routes


def _add_documents(routes: APIRouter, context: Context) -> None:
    @routes.get("/sources", response_model=list[queries.SourceForm], responses=_answers("sources"))
    def sources(request: Request) -> Response:
        """How each source fares."""
        return document(request, queries.sources(context.read, context.clock()))

    @routes.get("/topics", response_model=list[queries.TopicEntry], responses=_answers("topics"))
    def topics(request: Request) -> Response:
        """The topics that there are, by label."""
        return document(request, queries.topics(context.read))

    @routes.get("/topics/{topic}", response_model=Topic, responses=_answers("topic"))
    def topic(request: Request, topic: TopicId) -> Response:
        """Whose talks these are: the parties with their names, and the channels, the most telling first."""
        return document(request, queries.definition(context.read, topic))

    @routes.get("/topics/{topic}/status", response_model=queries.TopicStatus, responses=_answers("status"))
    def status(request: Request, topic: TopicId, past: Annotated[Past, InQuery()]) -> Response:
        """Where the talks stand, since when, how sure that is, and who says so: `parley status --json`."""
        found = queries.status(
            context.read, topic, now=context.clock(), as_of=past.as_of, known_at=past.known_at
        )
        return document(request, found)

    @routes.get(
        "/topics/{topic}/timeline", response_model=queries.TopicTimeline, responses=_answers("timeline")
    )
    def timeline(request: Request, topic: TopicId, past: Annotated[Past, InQuery()]) -> Response:
        """Each channel's segments with their evidence, oldest first: `parley timeline --json`."""
        found = queries.timeline(context.read, topic, as_of=past.as_of, known_at=past.known_at)
        return document(request, found)


def _add_lists(routes: APIRouter, context: Context) -> None:
    @routes.get(
        "/topics/{topic}/shifts", response_model=list[ShiftEntry], responses=_answers("shifts", paged=True)
    )
    def shifts(request: Request, topic: TopicId, asked: Annotated[AskedShifts, InQuery()]) -> Response:
        """The shifts, last told first (see `from`), withdrawn ones among them."""
        chosen = lists.ShiftFilter(**asked.chosen())
        found = lists.shifts(context.read, topic, chosen, limit=asked.limit, cursor=asked.cursor)
        return _page(request, found)

    @routes.get(
        "/topics/{topic}/alerts",
        response_model=list[queries.AlertEntry],
        responses=_answers("alerts", paged=True),
    )
    def alerts(request: Request, topic: TopicId, asked: Annotated[AskedAlerts, InQuery()]) -> Response:
        """What was told and what was not, last raised first (see `from`): `parley alerts --json`."""
        chosen = queries.AlertFilter(**asked.chosen())
        found = alert_lists.alerts_after(context.read, topic, chosen, limit=asked.limit, cursor=asked.cursor)
        return _page(request, found)

    @routes.get(
        "/topics/{topic}/claims",
        response_model=list[queries.ClaimEntry],
        responses=_answers("claims", paged=True),
    )
    def claims(request: Request, topic: TopicId, asked: Annotated[AskedClaims, InQuery()]) -> Response:
        """The claims, last published article first (see `from`): `parley claims --json`."""
        chosen = queries.ClaimFilter(**asked.chosen())
        found = lists.claims(context.read, topic, chosen, limit=asked.limit, cursor=asked.cursor)
        return _page(request, found)

    @routes.get(
        "/topics/{topic}/articles",
        response_model=list[queries.ArticleEntry],
        responses=_answers("articles", paged=True),
    )
    def articles(request: Request, topic: TopicId, asked: Annotated[AskedArticles, InQuery()]) -> Response:
        """The articles without their texts, last published first (see `from`)."""
        chosen = lists.ArticleFilter(**asked.chosen())
        found = lists.articles(context.read, topic, chosen, limit=asked.limit, cursor=asked.cursor)
        return _page(request, found)


def _page(request: Request, found: Page[Any]) -> Response:
    if found.next is None:
        return document(request, found.entries)
    there = request.url.include_query_params(cursor=found.next)
    return document(request, found.entries, Link=f'<{there}>; rel="next"')


def _answers(name: str, *, paged: bool = False) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of a route's answers."""
    return {
        200: {
            "content": {"application/json": {"example": EXAMPLES[name]}},
            "headers": {**_TAG, **(_LINK if paged else {})},
        },
        304: {"description": "You have it."},
    }

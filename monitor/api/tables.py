"""Documents as CSV, for spreadsheets: the same as in JSON, a line for each entry."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as InQuery
from fastapi.responses import Response

from monitor.api.answers import answer
from monitor.api.context import Context
from monitor.api.documents import TopicId
from monitor.api.parameters import Past
from monitor.readmodel import queries

CSV = "text/csv"


def router(context: Context) -> APIRouter:
    """`/v1/topics/{topic}/timeline.csv`."""
    routes = APIRouter(prefix="/v1/topics", tags=["tables"])

    @routes.get(
        "/{topic}/timeline.csv",
        name="timeline_csv",
        response_class=Response,
        responses={
            200: {"content": {CSV: {"schema": {"type": "string"}}}},
            304: {"description": "You have it."},
        },
    )
    def timeline(request: Request, topic: TopicId, past: Annotated[Past, InQuery()]) -> Response:
        """Each channel's segments, oldest first; days are ISO dates, and `articles` are the ids of the evidence."""
        found = queries.timeline(context.read, topic, as_of=past.as_of, known_at=past.known_at)
        named = f'attachment; filename="{topic}-timeline.csv"'
        return answer(request, queries.timeline_csv(found).encode(), CSV, **{"Content-Disposition": named})

    return routes

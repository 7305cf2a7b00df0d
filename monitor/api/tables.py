"""Documents as CSV, for spreadsheets: whatever is chosen, whole, a line for each entry.

As the feeds do, each has an address of its own: that of the JSON with the ending `.csv`, which takes the same
questions, but for those about pages.
"""

from itertools import chain
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Query as InQuery
from fastapi.responses import Response

from monitor import __version__
from monitor.api.answers import CSV, answer, streamed
from monitor.api.context import Context
from monitor.api.documents import TopicId
from monitor.api.parameters import ChosenAlerts, Past
from monitor.readmodel import queries

_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
    304: {"description": "You have it."},
}


def router(context: Context) -> APIRouter:
    """`/v1/topics/{topic}/timeline.csv` and `/alerts.csv`."""
    routes = APIRouter(prefix="/v1/topics", tags=["tables"])

    @routes.get("/{topic}/timeline.csv", name="timeline_csv", response_class=Response, responses=_ANSWERS)
    def timeline(request: Request, topic: TopicId, past: Annotated[Past, InQuery()]) -> Response:
        """Each channel's segments, oldest first; days are ISO dates, and `articles` are the ids of the evidence."""
        found = queries.timeline(context.read, topic, as_of=past.as_of, known_at=past.known_at)
        return answer(request, queries.timeline_csv(found).encode(), CSV, **_named(topic, "timeline"))

    @routes.get("/{topic}/alerts.csv", name="alerts_csv", response_class=Response, responses=_ANSWERS)
    def alerts(request: Request, topic: TopicId, asked: Annotated[ChosenAlerts, InQuery()]) -> Response:
        """All alerts that are chosen, last raised first; outlets, quotes and addresses of one share a cell."""
        version = ":".join([__version__, *queries.version(context.read, topic)])
        batches = queries.alert_batches(context.read, topic, queries.AlertFilter(**asked.chosen()))
        first = next(batches)  # what cannot be asked is refused before anything is sent
        parts = queries.alerts_csv(chain([first], batches))
        return streamed(request, version, parts, CSV, **_named(topic, "alerts"))

    return routes


def _named(topic: str, what: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{topic}-{what}.csv"'}

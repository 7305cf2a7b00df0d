"""The documents of the topics and the sources, as the command prints them with --json."""

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import TypeAdapter

from monitor.api.context import Context
from monitor.readmodel import queries


def router(context: Context) -> APIRouter:
    """`/v1/sources`, and `/v1/topics/...`."""
    routes = APIRouter(prefix="/v1")

    @routes.get("/sources")
    def sources() -> Response:
        return _json(queries.sources(context.read, context.clock()))

    @routes.get("/topics/{topic}/status")
    def status(topic: str) -> Response:
        return _json(queries.status(context.read, topic, now=context.clock()))

    @routes.get("/topics/{topic}/timeline")
    def timeline(topic: str) -> Response:
        return _json(queries.timeline(context.read, topic))

    @routes.get("/topics/{topic}/alerts")
    def alerts(topic: str) -> Response:
        return _json(queries.alerts(context.read, topic))

    return routes


def _json(document: object) -> Response:
    return Response(
        TypeAdapter(object).dump_json(document, by_alias=True),
        media_type="application/json",
    )

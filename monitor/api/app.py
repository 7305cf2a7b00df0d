"""The HTTP interface: `/healthz`, `/readyz`, the sources, and each topic's status, timeline and alerts.

A topic's documents are those that the command prints with --json.
"""

from collections.abc import Callable
from datetime import datetime

from pydantic import TypeAdapter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from monitor.errors import BadInputError, ParleyError
from monitor.readmodel import queries

Clock = Callable[[], datetime]


def create_app(read: queries.ReadModel, troubles: Callable[[], dict[str, str]], clock: Clock) -> Starlette:
    """The application over a read model; `troubles` names the roles that cannot work now, and why."""

    def healthz(request: Request) -> Response:
        return PlainTextResponse("alive\n")

    def readyz(request: Request) -> Response:
        found = troubles()
        return JSONResponse({"ready": not found, "troubles": found}, 503 if found else 200)

    def status(request: Request) -> Response:
        return _json(queries.status(read, request.path_params["topic"], now=clock()))

    def timeline(request: Request) -> Response:
        return _json(queries.timeline(read, request.path_params["topic"]))

    def alerts(request: Request) -> Response:
        return _json(queries.alerts(read, request.path_params["topic"]))

    def sources(request: Request) -> Response:
        return _json(queries.sources(read, clock()))

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/v1/sources", sources),
            Route("/v1/topics/{topic}/status", status),
            Route("/v1/topics/{topic}/timeline", timeline),
            Route("/v1/topics/{topic}/alerts", alerts),
        ],
        exception_handlers={ParleyError: _refused},
    )


def _json(document: object) -> Response:
    return Response(
        TypeAdapter(object).dump_json(document, by_alias=True),
        media_type="application/json",
    )


def _refused(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 404 if isinstance(error, BadInputError) else 503)

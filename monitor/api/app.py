"""The HTTP interface: its parts put together, and what OpenAPI says of them."""

from fastapi import APIRouter, Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from prometheus_client import CollectorRegistry, Counter

from monitor import __version__
from monitor.api import (
    documents,
    explaining,
    feeds,
    health,
    metrics,
    operator,
    problems,
    stream,
    subscriptions,
    tables,
)
from monitor.api.access import Gate, needs
from monitor.api.context import Context
from monitor.api.tokens import Scope

_ABOUT = """\
Where political talks stand, since when, how sure that is, and which sentences in which articles say so.

Moments are ISO 8601 in UTC, days are ISO dates. A document carries an ETag: send it in If-None-Match, and you get it
again only when it has changed. A list is one page; its Link header leads to the next (`rel="next"`). Errors are
`application/problem+json` (RFC 9457).
"""


def create_app(context: Context) -> FastAPI:
    """The application over a read model."""
    # The pages /docs and /redoc would load scripts from a third party.
    app = FastAPI(
        title="Parley",
        version=__version__,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    registry = CollectorRegistry()
    answered = Counter("parley_api_answers", "Answers of the HTTP interface.", ["status"], registry=registry)
    app.include_router(health.router(context.troubles))
    for part in (documents, tables, explaining, feeds, stream):
        _add_for_readers(app, context, part.router(context))
    registry.register(metrics.Ready(context.troubles))
    registry.register(metrics.Kept(context))
    _add_for_readers(app, context, metrics.router(registry))
    # Whoever has the link in a mail needs no token.
    app.include_router(subscriptions.router(context), responses=problems.RESPONSES)
    app.include_router(operator.router(context), responses=problems.RESPONSES)
    problems.install(app)
    app.add_middleware(Gate, context=context, answered=answered)
    if context.settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=context.settings.origins,
            allow_headers=["Authorization", "If-None-Match", "Last-Event-ID"],
            expose_headers=["ETag", "Link", "Retry-After"],
        )
    return app


def _add_for_readers(app: FastAPI, context: Context, routes: APIRouter) -> None:
    """Add routes for whoever may read."""
    wanted = [Depends(needs(Scope.READ))] if context.settings.read != "open" else []
    app.include_router(routes, dependencies=wanted, responses=problems.RESPONSES)

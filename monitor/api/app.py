"""The HTTP interface: its parts put together."""

from fastapi import FastAPI

from monitor import __version__
from monitor.api import documents, health, problems, subscriptions
from monitor.api.context import Context

PARTS = (health.router, documents.router, subscriptions.router)
"""Each takes the context and gives its routes."""


def create_app(context: Context) -> FastAPI:
    """The application over a read model."""
    # The pages /docs and /redoc would load scripts from a third party.
    app = FastAPI(title="Parley", version=__version__, docs_url=None, redoc_url=None)
    for router in PARTS:
        app.include_router(router(context))
    problems.install(app)
    return app

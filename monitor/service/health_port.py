"""A small HTTP server of a process that has no HTTP interface: `/healthz`, `/readyz` and `/metrics`."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from monitor.api import health, metrics
from monitor.service.settings import HealthSettings

STOP_S = 5.0


@contextmanager
def health_port(settings: HealthSettings, troubles: Callable[[], dict[str, str]]) -> Iterator[None]:
    """Answer for as long as this lasts, where the settings say.

    Args:
        settings: where to listen.
        troubles: role of this process -> why it is not ready; asked at each request.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(health.router(troubles))
    registry = CollectorRegistry()
    registry.register(metrics.Ready(troubles))
    app.include_router(metrics.router(registry))
    config = uvicorn.Config(
        app, host=settings.host, port=settings.port, log_config=None, log_level="warning", access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="health", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(STOP_S)

"""The HTTP interface on a real server, over the made-up story."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import fakeredis
import httpx
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from monitor.api.app import create_app
from monitor.api.context import ApiOptions, Context
from monitor.log.stream import EventLog
from monitor.readmodel.queries import ReadModel
from monitor.readmodel.store import Store
from monitor.service.wiring import open_service
from tests.readmodel.story import Story, project, tell_all

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def told_model(data: Path) -> ReadModel:
    """The made-up story, told and projected; a service has run on the folder."""
    server = fakeredis.FakeServer()
    log = EventLog(fakeredis.FakeRedis(protocol=2, legacy_responses=False, server=server))
    story, model = Story(log), ReadModel(data)
    tell_all(story)
    project(story, model)
    open_service(Store(data)).dispose()
    return model


@contextmanager
def served(context: Context, app: FastAPI | None = None) -> Iterator[httpx.Client]:
    """A client of the interface, or of another application."""
    with serving(app or create_app(context)) as client:
        yield client


@contextmanager
def serving(app: ASGIApp) -> Iterator[httpx.Client]:
    """A client of an application."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, verify=False) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(10)


def context_of(model: ReadModel, *, troubles: dict[str, str] | None = None, **options: object) -> Context:
    """A context with a clock that stands still."""
    return Context(model, lambda: troubles or {}, lambda: NOW, ApiOptions(**options))

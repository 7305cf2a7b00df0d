"""How a process fares: alive, ready."""

from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel


class Readiness(BaseModel):
    """Whether all that runs in the process is well and has caught up."""

    ready: bool
    troubles: dict[str, str]
    """Role -> what hinders it."""


def router(troubles: Callable[[], dict[str, str]]) -> APIRouter:
    """`/healthz` and `/readyz`; `troubles` says what hinders which role of this process now."""
    routes = APIRouter(tags=["service"])

    @routes.get("/healthz", response_class=PlainTextResponse)
    def healthz() -> str:
        """Whether this process answers at all."""
        return "alive\n"

    @routes.get("/readyz", response_model=Readiness, responses={503: {"model": Readiness}})
    def readyz() -> Response:
        """Whether every role of this process can do its work now, and what hinders those that cannot."""
        hindered = troubles()
        found = Readiness(ready=not hindered, troubles=hindered)
        return JSONResponse(found.model_dump(), 503 if hindered else 200)

    return routes

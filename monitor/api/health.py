"""How the service fares: alive, ready."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel

from monitor.api.context import Context


class Readiness(BaseModel):
    """Whether all is well."""

    ready: bool
    troubles: dict[str, str]
    """Role -> what hinders it."""


def router(context: Context) -> APIRouter:
    """`/healthz` and `/readyz`."""
    routes = APIRouter(tags=["service"])

    @routes.get("/healthz", response_class=PlainTextResponse)
    def healthz() -> str:
        """Whether this process answers at all."""
        return "alive\n"

    @routes.get("/readyz", response_model=Readiness, responses={503: {"model": Readiness}})
    def readyz() -> Response:
        """Whether every role can do its work now, and what hinders those that cannot."""
        found = Readiness(ready=not (troubles := context.troubles()), troubles=troubles)
        return JSONResponse(found.model_dump(), 503 if troubles else 200)

    return routes

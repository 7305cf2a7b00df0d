"""How the service fares: alive, ready."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from monitor.api.context import Context


def router(context: Context) -> APIRouter:
    """`/healthz` and `/readyz`."""
    routes = APIRouter(tags=["service"])

    @routes.get("/healthz", response_class=PlainTextResponse)
    def healthz() -> str:
        """Whether this process answers at all."""
        return "alive\n"

    @routes.get("/readyz")
    def readyz() -> Response:
        """Whether every role can do its work now, and what hinders those that cannot."""
        found = context.troubles()
        return JSONResponse({"ready": not found, "troubles": found}, 503 if found else 200)

    return routes

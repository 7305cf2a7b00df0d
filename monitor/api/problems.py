"""Errors as `application/problem+json` (RFC 9457): Parley's own, the framework's, and those that nobody foresaw."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

from monitor.api.answers import SAFETY
from monitor.errors import AlreadyError, BadInputError, NotFoundError, ParleyError

MEDIA_TYPE = "application/problem+json"
_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
_NOTHING = "none_required"
"""Pydantic's word for: it is not left out either. That is no fault of what was given."""
_EXAMPLE: JsonDict = {
    "type": "about:blank",
    "title": "Not Found",
    "status": 404,
    "detail": "there is no topic 'ptj'; there is: pti",
}


class Problem(BaseModel):
    """What went wrong. `title` names the kind of trouble, `detail` what it was this time and what to do."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    type: str = "about:blank"
    title: str
    status: int
    detail: str


RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "Why it failed.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}
"""What OpenAPI says of the errors of a route."""


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """The answer to a request that failed."""
    said = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return JSONResponse(said.model_dump(), status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Have every error of the application answered as a problem, and OpenAPI know what that is."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        described = plain()
        described["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        return described

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's manual has it

    @app.exception_handler(NotFoundError)
    def not_found(request: Request, error: NotFoundError) -> JSONResponse:
        return problem(404, str(error))

    @app.exception_handler(AlreadyError)
    def already(request: Request, error: AlreadyError) -> JSONResponse:
        return problem(409, str(error))

    @app.exception_handler(BadInputError)
    def bad(request: Request, error: BadInputError) -> JSONResponse:
        return problem(422, str(error))

    @app.exception_handler(ParleyError)
    def unavailable(request: Request, error: ParleyError) -> JSONResponse:
        return problem(503, str(error))

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> JSONResponse:
        detail, headers = error.detail, dict(error.headers or {})
        if error.status_code == 404 and detail == HTTPStatus.NOT_FOUND.phrase:
            detail = f"there is nothing at {request.url.path}; /openapi.json lists what there is"
        elif error.status_code == 405:
            detail = f"{request.url.path} does not take {request.method}"
            headers["Allow"] = ", ".join(_methods(request))
        return problem(error.status_code, detail, headers)

    @app.exception_handler(RequestValidationError)
    def wrong(request: Request, error: RequestValidationError) -> JSONResponse:
        faults = (_fault(one) for one in error.errors() if one["type"] != _NOTHING)
        return problem(422, "; ".join(faults))

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> JSONResponse:
        return problem(500, "this is a defect of Parley; its log has the traceback", SAFETY)


def _methods(request: Request) -> list[str]:
    """What the path takes; the framework itself names the methods of one of its routes only."""
    routes: list[BaseRoute] = request.app.routes
    asked = {method: {**request.scope, "method": method} for method in _METHODS}
    return [one for one, scope in asked.items() if any(r.matches(scope)[0] is Match.FULL for r in routes)]


def _fault(error: dict[str, Any]) -> str:
    place, *names = error["loc"]
    # After a parameter's name stands only which of its types was tried.
    where = ".".join(map(str, names if place == "body" else names[:1])) or place
    return f"{where}: {error['msg'].removeprefix('Value error, ')}"

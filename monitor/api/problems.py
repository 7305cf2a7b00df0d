"""Errors as `application/problem+json` (RFC 9457): Parley's own, the framework's, and those that nobody foresaw."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from monitor.errors import BadInputError, ParleyError

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """What went wrong. `title` names the kind of trouble, `detail` what it was this time and what to do."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """The answer to a request that failed."""
    said = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return JSONResponse(said.model_dump(), status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Have every error of the application answered as a problem."""

    @app.exception_handler(BadInputError)
    def not_found(request: Request, error: BadInputError) -> JSONResponse:
        return problem(404, str(error))

    @app.exception_handler(ParleyError)
    def unavailable(request: Request, error: ParleyError) -> JSONResponse:
        return problem(503, str(error))

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> JSONResponse:
        detail = error.detail
        if error.status_code == 404 and detail == HTTPStatus.NOT_FOUND.phrase:
            detail = f"there is nothing at {request.url.path}; /openapi.json lists what there is"
        elif error.status_code == 405:
            detail = f"{request.url.path} does not take {request.method}"
        return problem(error.status_code, detail, dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    def wrong(request: Request, error: RequestValidationError) -> JSONResponse:
        return problem(422, "; ".join(_fault(one) for one in error.errors()))

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> JSONResponse:
        return problem(500, "this is a defect of Parley; its log has the traceback")


def _fault(error: dict[str, object]) -> str:
    where = error["loc"]
    assert isinstance(where, tuple)  # noqa: S101  (pydantic's form)
    return f"{'.'.join(str(part) for part in where[1:]) or where[0]}: {error['msg']}"

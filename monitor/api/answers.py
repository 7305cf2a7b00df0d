"""How documents are sent: as JSON under the names of the contract, with an ETag, and not again to who has them."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from pydantic import TypeAdapter

JSON = "application/json"
CSV = "text/csv; charset=utf-8"
SAFETY = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
"""Headers of every answer: nothing here is a page that loads or runs anything."""


def answer(request: Request, body: bytes, media_type: str, **headers: str) -> Response:
    """The body, or 304 when the request names its ETag. Whoever keeps it asks again before each use."""
    headers = _headers(body) | headers
    return _known(request, headers) or Response(body, media_type=media_type, headers=headers)


def streamed(
    request: Request, version: str, parts: Iterable[str], media_type: str, **headers: str
) -> Response:
    """As `answer`, of a text that is made while it is sent; what it says follows from `version` and the address."""
    headers = _headers(f"{version} {request.url}".encode()) | headers
    return _known(request, headers) or StreamingResponse(parts, media_type=media_type, headers=headers)


def document(request: Request, form: Any, **headers: str) -> Response:
    """A form, or a list of forms, as JSON."""
    return answer(request, TypeAdapter(Any).dump_json(form, by_alias=True), JSON, **headers)


def _headers(tagged: bytes) -> dict[str, str]:
    tag = f'"{sha256(tagged).hexdigest()[:32]}"'
    return {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Authorization"}


def _known(request: Request, headers: dict[str, str]) -> Response | None:
    """304 where the request names the ETag."""
    if _names(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return None


def _names(if_none_match: str, tag: str) -> bool:
    """A proxy that compresses makes tags weak (`W/`); for reading they are as good."""
    tags = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return tag in tags or "*" in tags

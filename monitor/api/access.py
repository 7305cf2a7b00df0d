"""Who may come in: tokens, rate limits, the size of a query, and the headers that every answer carries."""

import base64
import math
import time
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Annotated, NamedTuple

from fastapi import HTTPException, Request, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from prometheus_client import Counter
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as Connection

from monitor.api.answers import SAFETY
from monitor.api.context import Context
from monitor.api.problems import problem
from monitor.api.tokens import Scope, holder
from monitor.errors import ParleyError

LONGEST_QUERY = 4096
"""Bytes of a query string."""
_ASK = {"WWW-Authenticate": 'Bearer realm="Parley", Basic realm="Parley"'}
_BEARER = HTTPBearer(
    auto_error=False,
    description="A token of `parley tokens add`. Programs that know only names and passwords give it as the password.",
)
_UNLIMITED = "/healthz"
_ENDLESS = "/stream"
"""What an address ends with whose answer has no end; it knows by itself what its head is."""


class Caller(NamedTuple):
    """Who asks: the name of a token and its scope, or nobody known."""

    name: str | None = None
    scope: Scope | None = None


def needs(scope: Scope) -> Callable[..., None]:
    """The dependency of a route that wants a token of this scope."""

    def check(
        request: Request, _shown: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]
    ) -> None:
        caller: Caller = request.state.caller
        if caller.scope is None:
            raise HTTPException(401, "this needs a token; `parley tokens add` makes one", _ASK)
        if not caller.scope.covers(scope):
            raise HTTPException(403, f"the token {caller.name} may {caller.scope}; this needs {scope}")

    return check


class Gate:
    """ASGI middleware before every route: it finds out who asks, refuses too much, and answers HEAD as GET."""

    def __init__(self, app: ASGIApp, context: Context, answered: Counter) -> None:
        self._app = app
        self._store = context.read.store
        self._proxy_header = context.settings.user_header if context.settings.read == "proxy" else None
        self._answered = answered
        self._rate = parse(context.settings.rate) if context.settings.rate else None
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    async def __call__(self, connection: Connection, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if connection["type"] != "http":
            await self._app(connection, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._answered.labels(message["status"]).inc()
                headers = MutableHeaders(scope=message)
                for name, value in SAFETY.items():
                    headers.setdefault(name, value)
            await send(message)

        inner = await self._let_in(connection)
        try:
            await inner(connection, receive, sent)
        except Exception:
            self._answered.labels(500).inc()  # what answers a defect stands before this gate
            raise

    async def _let_in(self, connection: Connection) -> ASGIApp:
        """What answers: the application, or a refusal."""
        if len(connection["query_string"]) > LONGEST_QUERY:
            return problem(414, f"the query is longer than {LONGEST_QUERY} bytes")
        try:
            caller = await run_in_threadpool(self._caller, Headers(scope=connection))
        except ParleyError as error:
            return problem(503, str(error))
        if wait := self._too_soon(connection, caller):
            detail = f"more than {self._rate}; try again in {wait} s"
            return problem(429, detail, {"Retry-After": str(wait)})
        if caller is None:
            return problem(401, "nobody has this token; `parley tokens list` names those there are", _ASK)
        connection.setdefault("state", {})["caller"] = caller
        is_head = connection["method"] == "HEAD" and not connection["path"].endswith(_ENDLESS)
        return self._as_get if is_head else self._app

    async def _as_get(self, connection: Connection, receive: Receive, send: Send) -> None:
        # The server leaves the body out: it still knows the method.
        await self._app({**connection, "method": "GET"}, receive, send)

    def _caller(self, headers: Headers) -> Caller | None:
        """Who asks; None when a token is shown that nobody has."""
        authorization = headers.get("authorization")
        if authorization is None:
            user = headers.get(self._proxy_header, "").strip() if self._proxy_header else ""
            return Caller(f"user {user[:80]}", Scope.READ) if user else Caller()
        row = holder(self._store, _secret(authorization))
        return None if row is None else Caller(row.name, Scope(row.scope))

    def _too_soon(self, connection: Connection, caller: Caller | None) -> int:
        """Seconds that the caller has to wait; 0: none."""
        if self._rate is None or connection["path"] == _UNLIMITED:
            return 0
        key = f"token {caller.name}" if caller and caller.name else client_key(connection)
        if self._limiter.hit(self._rate, key):
            return 0
        ends = self._limiter.get_window_stats(self._rate, key).reset_time
        return max(1, math.ceil(ends - time.time()))


def _secret(authorization: str) -> str:
    """The token in an Authorization header; empty where there is none."""
    kind, _, value = authorization.partition(" ")
    if kind.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[2]
        except ValueError:
            return ""
    return value.strip() if kind.lower() == "bearer" else ""


def client_key(connection: Connection) -> str:
    """Whom a request counts for: the client's address, of IPv6 the network, in which a household has any number."""
    host = (connection.get("client") or ("",))[0]
    try:
        address = ip_address(host)
    except ValueError:  # a unix socket, or whatever a proxy wrote
        return str(host)
    return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else host

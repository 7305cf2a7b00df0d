"""Who may look, and what every answer carries: ASGI middleware before Streamlit.

Read access is open, or needs the token of the settings (as the password of the browser's own dialog, with any name; a
signed cookie carries it to the websocket, to which some browsers send no password), or is what a trusted proxy grants:
then only the proxy may reach this port, and it names the user in a header that it lets no client set.
"""

import base64
import hmac
import re
from collections.abc import Mapping
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Literal, NamedTuple

import streamlit
from itsdangerous import BadSignature, TimestampSigner
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.catalogue import say

READ_VARIABLE = "PARLEY_DASHBOARD_READ"
TOKEN_VARIABLE = "PARLEY_DASHBOARD_TOKEN"  # noqa: S105 - the variable's name
HEADER_VARIABLE = "PARLEY_DASHBOARD_USER_HEADER"
_COOKIE = "parley_reader"
_KEPT_S = 30 * 24 * 3600
_HEALTH = frozenset({"/_stcore/health", "/readyz"})
"""What tells those who watch over the service how it is, and nobody anything of the talks."""
_METRICS = "/_stcore/metrics"
Read = Literal["open", "token", "proxy"]
_READS: tuple[Read, ...] = ("open", "token", "proxy")
_ASK = {"WWW-Authenticate": 'Basic realm="Parley", charset="UTF-8"'}


class Access(NamedTuple):
    """Who may read the dashboard."""

    read: Read = "open"
    token: str = ""
    user_header: str = "X-Forwarded-User"

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Access":
        """As the environment says, which the supervisor sets."""
        read = environ.get(READ_VARIABLE, "open")
        known = next((one for one in _READS if one == read), None)
        if known is None:
            raise ValueError(f"{READ_VARIABLE} is open, token or proxy, not {read!r}")
        return cls(known, environ.get(TOKEN_VARIABLE, ""), environ.get(HEADER_VARIABLE, cls().user_header))

    def environment(self) -> dict[str, str]:
        """What `of` reads."""
        return {READ_VARIABLE: self.read, TOKEN_VARIABLE: self.token, HEADER_VARIABLE: self.user_header}


class Gate:
    """Lets in who may read; its answers load nothing from elsewhere and stand in nobody's frame."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access
        self._signer = TimestampSigner(access.token, salt="parley.dashboard") if access.token else None
        self._safety = safety()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        cookie = ""
        if scope["path"] not in _HEALTH and not self._is_in(headers):
            if not self._shows_token(headers):
                await self._refuse(scope, receive, self._marked(send, ""))
                return
            cookie = self._new_cookie(scope)
        if scope["path"] == _METRICS:  # of Streamlit itself: names of caches, numbers of sessions
            await Response(status_code=404)(scope, receive, self._marked(send, cookie))
            return
        await self._app(scope, receive, self._marked(send, cookie))

    def _is_in(self, headers: Headers) -> bool:
        if self._access.read == "open":
            return True
        if self._access.read == "proxy":
            return bool(headers.get(self._access.user_header, "").strip())
        try:
            kept = SimpleCookie(headers.get("cookie", "")).get(_COOKIE)
            return (
                kept is not None
                and self._signer is not None
                and bool(self._signer.unsign(kept.value, max_age=_KEPT_S))
            )
        except (CookieError, BadSignature):
            return False

    def _shows_token(self, headers: Headers) -> bool:
        kind, _, value = headers.get("authorization", "").partition(" ")
        if self._access.read != "token" or not self._access.token:
            return False
        if kind.lower() == "basic":
            try:
                value = base64.b64decode(value, validate=True).decode().partition(":")[2]
            except ValueError:
                return False
        elif kind.lower() != "bearer":
            return False
        return hmac.compare_digest(value.strip().encode(), self._access.token.encode())

    def _new_cookie(self, scope: Scope) -> str:
        assert self._signer is not None  # noqa: S101 - a token was shown, so there is one
        secure = "; Secure" if scope["scheme"] in {"https", "wss"} else ""
        value = self._signer.sign("reader").decode()
        return f"{_COOKIE}={value}; Path=/; Max-Age={_KEPT_S}; HttpOnly; SameSite=Lax{secure}"

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif self._access.read == "token":
            answer = PlainTextResponse(say("gate.token"), 401, _ASK)
            await answer(scope, receive, send)
        else:
            words = say("gate.proxy", header=self._access.user_header)
            await PlainTextResponse(words, 403)(scope, receive, send)

    def _marked(self, send: Send, cookie: str) -> Send:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._safety.items():
                    headers.setdefault(name, value)
                if cookie:
                    headers.append("Set-Cookie", cookie)
            await send(message)

        return sent


def safety() -> dict[str, str]:
    """Headers of every answer. Streamlit's page has one script of its own in it, which is named by its hash."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = " ".join(
        f"'sha256-{base64.b64encode(sha256(one.encode()).digest()).decode()}'" for one in scripts
    )
    policy = (
        f"default-src 'self'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }

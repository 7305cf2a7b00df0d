"""When a browser was here last, so that Alerts can mark what is new since: a cookie that holds two times, no more.

Streamlit's own pages set no cookies, so it is set where the page itself is served. A visit ends after half an hour
without a page being opened.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "parley_visits"
_PAUSE = timedelta(minutes=30)
_KEPT_S = 365 * 24 * 3600
_LONGEST = len("9999999999")


class Visits:
    """ASGI middleware that keeps the cookie; it stores nothing here."""

    def __init__(self, app: ASGIApp, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if "text/html" not in headers.get("accept", ""):
            await self._app(scope, receive, send)
            return
        cookie = written(_cookies(headers), self._clock(), secure=scope["scheme"] == "https")

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("Set-Cookie", cookie)
            await send(message)

        await self._app(scope, receive, sent)


def last_visit(cookies: Mapping[str, str]) -> datetime | None:
    """When the visit before this one ended; None: this is the first."""
    return _times(cookies)[0]


def written(cookies: Mapping[str, str], now: datetime, *, secure: bool) -> str:
    """The cookie that follows on a browser's cookies when it opens a page."""
    before, here = _times(cookies)
    if here is not None and now - here > _PAUSE:
        before = here
    stamps = ".".join("" if time is None else str(int(time.timestamp())) for time in (before, now))
    flag = "; Secure" if secure else ""
    return f"{COOKIE}={stamps}; Path=/; Max-Age={_KEPT_S}; HttpOnly; SameSite=Lax{flag}"


def _times(cookies: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    """The end of the visit before, and the last opening of a page; nothing of what is no such cookie."""
    first, _, last = str(cookies.get(COOKIE, "")).partition(".")
    return _time(first), _time(last)


def _time(stamp: str) -> datetime | None:
    if not (stamp.isascii() and stamp.isdigit()) or len(stamp) > _LONGEST:
        return None
    return datetime.fromtimestamp(int(stamp), UTC)


def _cookies(headers: Headers) -> dict[str, str]:
    try:
        return {name: one.value for name, one in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}

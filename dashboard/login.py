"""Where operators sign in and out: two plain pages, which work without scripts.

the form is sent from our own page          (by the browser's word: Sec-Fetch-Site, else Origin)
not too many tries                          (of one client, of all)
the HTTP interface knows the token          (scope `operator`; see `dashboard.api`)
a session begins                            (`dashboard.sessions`; the cookie is HttpOnly and SameSite=Strict)
"""

import re
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import parse_qs, urlencode, urlsplit

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard import markup
from dashboard.api import Api, ApiError
from dashboard.catalogue import say
from dashboard.markup import e
from dashboard.sessions import COOKIE, HELD_S, Operator, Sessions

_LONGEST = 4096
_LONGEST_TOKEN = 200
_OF_A_CLIENT, _OF_ALL = parse("10/minute"), parse("120/minute")
_PLACE = re.compile(r"[a-z]*(\?[A-Za-z0-9._~%=&+-]*)?")
"""A page of ours with its parameters: neither a host nor a scheme fits in."""
# Without a referrer policy of its own, the gate's would have browsers send the form without their Origin.
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
_STYLE = """
:root { color-scheme: light dark; font: 100%/1.5 "Source Sans", system-ui, sans-serif; }
body { margin: 0 auto; max-width: 30rem; padding: 2rem 1.25rem; background: light-dark(#fff, #0f1419);
  color: light-dark(#14181d, #e8ecf1); }
main { border: 1px solid light-dark(#c9d0d8, #3a4552); border-radius: .5rem; padding: 1rem 1.5rem 1.5rem;
  background: light-dark(#f5f7f9, #1a2129); }
h1 { font-size: 1.6rem; line-height: 1.15; margin: .4rem 0 .8rem; }
p { margin: 0 0 .8rem; } label { display: block; font-weight: 600; }
input { box-sizing: border-box; width: 100%; font: inherit; padding: .55rem .7rem; margin: .25rem 0 1rem;
  border: 1px solid light-dark(#828d99, #6e7a88); border-radius: .5rem; background: Canvas; color: CanvasText; }
button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: .5rem 1.3rem; border: 0; border-radius: .5rem;
  background: light-dark(#0b4fa3, #8fb4f5); color: light-dark(#fff, #0f1419); }
a { color: light-dark(#0b4fa3, #8fb4f5); } code { font-size: max(.9em, .8rem); overflow-wrap: anywhere; }
.wrong { border: 2px solid light-dark(#7a5200, #f1c66b); border-radius: .5rem; padding: .45rem .75rem; }
"""


def routes(api: Api, sessions: Sessions) -> list[Route]:
    """`/login` and `/logout`."""
    door = _Door(api, sessions)
    return [
        Route("/login", door.show_login, methods=["GET"]),
        Route("/login", door.login, methods=["POST"]),
        Route("/logout", door.show_logout, methods=["GET"]),
        Route("/logout", door.logout, methods=["POST"]),
    ]


class _Door:
    def __init__(self, api: Api, sessions: Sessions) -> None:
        self._api = api
        self._sessions = sessions
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def show_login(self, request: Request) -> Response:
        """The form, or who is signed in already."""
        found = self._operator(request)
        return _logout_page(found) if found else _login_page(_place(request.query_params.get("next")))

    async def login(self, request: Request) -> Response:
        """Sign in with the token of the form."""
        if (fields := await _fields(request)) is None:
            return _login_page("", say("login.strange"), 403)
        token, place = fields.get("token", "").strip(), _place(fields.get("next"))
        if not self._limiter.hit(_OF_A_CLIENT, _client(request)) or not self._limiter.hit(_OF_ALL, "all"):
            return _login_page(place, say("login.too_often"), 429)
        if not token.isascii() or not token.isprintable() or not 0 < len(token) <= _LONGEST_TOKEN:
            return _login_page(place, say("login.unknown"), 401)
        try:
            name = await run_in_threadpool(self._api.operator, token)
        except ApiError as error:
            return _login_page(place, str(error), 503)
        if name is None:
            return _login_page(place, say("login.unknown"), 401)
        self._sessions.end(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse(place or "./", 303, _HEADERS)
        _give(answer, request, self._sessions.begin(Operator(name, token)), HELD_S)
        return answer

    async def show_logout(self, request: Request) -> Response:
        """A button to sign out."""
        found = self._operator(request)
        return _logout_page(found) if found else _login_page("")

    async def logout(self, request: Request) -> Response:
        """Sign out: the cookie is worth nothing from now on, wherever it is."""
        if await _fields(request) is None:
            return _login_page("", say("login.strange"), 403)
        self._sessions.end(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("./", 303, _HEADERS)
        _give(answer, request, "", 0)
        return answer

    def _operator(self, request: Request) -> Operator | None:
        return self._sessions.find(request.cookies.get(COOKIE, ""))


async def _fields(request: Request) -> dict[str, str] | None:
    """The fields of a form that our own page sent; None: another page sent it, or it is none."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "")
    ours = site == "same-origin" if site else urlsplit(origin).netloc == request.headers.get("host", "-")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST:
            return None
    if not ours:
        return None
    try:
        found = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return None
    return {name: values[-1] for name, values in found.items()}


def _give(answer: Response, request: Request, value: str, seconds: int) -> None:
    answer.set_cookie(
        COOKIE,
        value,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def _place(asked: str | None) -> str:
    """Where to go on within the dashboard; empty: its first page."""
    return asked if asked and len(asked) < 1000 and _PLACE.fullmatch(asked) else ""


def _client(request: Request) -> str:
    """Whom a try counts for: an address, of IPv6 the network."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else host


def _login_page(place: str, wrong: str = "", status: int = 200) -> Response:
    said = f"<p class='wrong' role='alert'>{e(wrong)}</p>" if wrong else ""
    kept = f'<input type="hidden" name="next" value="{e(place)}">' if place else ""
    command = f"<code>{e(say('login.command'))}</code>"
    return _page(
        say("login.title"),
        f"{said}<p>{e(say('login.about'))}</p>"
        f'<form method="post" action="login">{kept}<label for="token">{e(say("login.token"))}</label>'
        '<input type="password" id="token" name="token" required autocomplete="current-password" autofocus>'
        f"<button>{e(say('login.sign_in'))}</button></form>"
        f"<p style='margin-top:1rem'>{markup.said('login.how', command=command)}</p>",
        status,
    )


def _logout_page(operator: Operator) -> Response:
    return _page(
        say("login.signed_in", name=operator.name),
        f"<p>{e(say('login.until'))}</p>"
        f'<form method="post" action="logout"><button>{e(say("login.sign_out"))}</button></form>',
    )


def _page(title: str, body: str, status: int = 200) -> Response:
    html = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{e(say('live.tab', title=title))}</title><style>{_STYLE}</style></head><body>"
        f"<main><h1>{e(title)}</h1>{body}</main>"
        f'<p style="margin-top:1rem"><a href="./">{e(say("login.back"))}</a></p></body></html>\n'
    )
    return HTMLResponse(html, status, _HEADERS)


def address(place: str) -> str:
    """The address of the page to sign in on, from which one comes back to `place`."""
    return f"login?{urlencode({'next': place})}"

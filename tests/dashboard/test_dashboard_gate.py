"""Who may read the dashboard: everybody, who has the token, or whom the proxy names; health is for everybody."""

import base64
import hashlib
import re
import warnings
from pathlib import Path
from typing import Any

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from dashboard.gate import Access, Gate

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it would rather have httpx2
    from starlette.testclient import TestClient

TOKEN = "a-token-of-more-than-20-letters"
PLAIN = base64.b64encode(f"anybody:{TOKEN}".encode()).decode()


def client(access: Access, base_url: str = "http://desk.example") -> TestClient:
    """A browser before a page, a websocket and Streamlit's own addresses."""

    async def page(_: Any) -> PlainTextResponse:
        return PlainTextResponse("where talks stand")

    async def stream(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("where talks stand")
        await socket.close()

    pages = [Route(path, page) for path in ("/", "/_stcore/health", "/_stcore/metrics")]
    routes = [*pages, WebSocketRoute("/_stcore/stream", stream)]
    return TestClient(
        Starlette(routes=routes, middleware=[Middleware(Gate, access=access)]), base_url=base_url
    )


def hears(browser: TestClient, **headers: str) -> bool:
    try:
        with browser.websocket_connect("ws://desk.example/_stcore/stream", headers=headers) as socket:
            return socket.receive_text() == "where talks stand"
    except WebSocketDisconnect as refused:
        return refused.code != 1008


def test_an_open_dashboard_asks_nobody() -> None:
    browser = client(Access())
    assert browser.get("/").text == "where talks stand"
    assert hears(browser)


def test_without_the_token_there_is_neither_page_nor_websocket() -> None:
    browser = client(Access("token", TOKEN))
    refused = browser.get("/")
    assert (refused.status_code, "set-cookie" in refused.headers) == (401, False)
    assert refused.headers["www-authenticate"].startswith("Basic ")
    assert not hears(browser)


@pytest.mark.parametrize(
    "shown",
    [
        "Basic " + base64.b64encode(b"anybody:another-token-of-20-letters").decode(),
        "Basic " + base64.b64encode(TOKEN.encode()).decode(),
        "Basic %%%",
        "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
        f"Bearer {TOKEN}x",
        "Bearer",
        "Digest " + TOKEN,
        "",
    ],
)
def test_what_is_not_the_token_does_not_pass(shown: str) -> None:
    assert client(Access("token", TOKEN)).get("/", headers={"Authorization": shown}).status_code == 401


@pytest.mark.parametrize("shown", [f"Basic {PLAIN}", f"Bearer {TOKEN}", f"basic {PLAIN}"])
def test_the_token_opens_the_page_and_its_cookie_the_websocket(shown: str) -> None:
    browser = client(Access("token", TOKEN))
    let_in = browser.get("/", headers={"Authorization": shown})
    assert let_in.text == "where talks stand"
    assert "httponly" in let_in.headers["set-cookie"].lower()
    assert TOKEN not in let_in.headers["set-cookie"]
    assert hears(browser), "the cookie is kept by the browser"
    assert "set-cookie" not in browser.get("/").headers


def test_a_cookie_is_worth_nothing_under_another_token_or_when_it_was_forged() -> None:
    browser = client(Access("token", TOKEN))
    browser.get("/", headers={"Authorization": f"Bearer {TOKEN}"})
    kept = browser.cookies["parley_reader"]
    changed = client(Access("token", "the-next-token-of-20-letters"))
    for cookie in (kept, kept[:-1] + ("a" if kept[-1] != "a" else "b"), "reader", "", '"'):
        assert changed.get("/", headers={"Cookie": f"parley_reader={cookie}"}).status_code == 401


def test_the_cookie_goes_over_https_only_where_the_page_does() -> None:
    shown = {"Authorization": f"Bearer {TOKEN}"}
    plain = client(Access("token", TOKEN)).get("/", headers=shown)
    safe = client(Access("token", TOKEN), "https://desk.example").get("/", headers=shown)
    assert ("Secure" in plain.headers["set-cookie"], "Secure" in safe.headers["set-cookie"]) == (False, True)


def test_behind_a_proxy_only_whom_it_names_may_read() -> None:
    browser = client(Access("proxy", user_header="X-Desk-User"))
    assert browser.get("/").status_code == 403
    assert browser.get("/", headers={"X-Desk-User": "  "}).status_code == 403
    assert browser.get("/", headers={"X-Forwarded-User": "amina"}).status_code == 403
    assert browser.get("/", headers={"X-Desk-User": "amina"}).status_code == 200
    assert not hears(browser)
    assert hears(browser, **{"X-Desk-User": "amina"})


@pytest.mark.parametrize("access", [Access(), Access("token", TOKEN), Access("proxy")])
def test_health_is_for_everybody_and_streamlits_own_numbers_are_for_nobody(access: Access) -> None:
    browser = client(access)
    assert browser.get("/_stcore/health").status_code == 200
    shown = {"Authorization": f"Bearer {TOKEN}", "X-Forwarded-User": "amina"}
    assert browser.get("/_stcore/metrics", headers=shown).status_code == 404


def test_a_token_mode_without_a_token_lets_nobody_in() -> None:
    for shown in ("Bearer ", "Basic " + base64.b64encode(b"anybody:").decode()):
        assert client(Access("token", "")).get("/", headers={"Authorization": shown}).status_code == 401


@pytest.mark.parametrize("status", ["/", "/nowhere"])
def test_every_answer_says_what_a_browser_may_load(status: str) -> None:
    headers = client(Access()).get(status).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert "unsafe" not in policy["script-src"]
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    inline = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = {base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in inline}
    assert set(re.findall(r"'sha256-([^']+)'", policy["script-src"])) == hashes != set()
    assert headers["x-content-type-options"] == "nosniff"


def test_the_access_goes_through_the_environment_unharmed() -> None:
    access = Access("token", TOKEN, "X-Desk-User")
    assert Access.of(access.environment()) == access
    with pytest.raises(ValueError, match="open, token or proxy"):
        Access.of({"PARLEY_DASHBOARD_READ": "closed"})

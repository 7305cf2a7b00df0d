"""Operators sign in and out: by our own form alone, with an operator's token, and not by guessing."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from dashboard import login, sessions
from dashboard.api import Api, ApiError
from dashboard.gate import Access, Gate
from dashboard.sessions import COOKIE, HELD_S, Operator, Sessions
from tests.api.serving import serving

TOKEN = "parley_of-the-desk"
OURS = {"Sec-Fetch-Site": "same-origin"}


class Interface(Api):
    """One token is an operator's; of `broken` nobody can say."""

    def operator(self, token: str) -> str | None:
        if token == "broken":
            raise ApiError("the interface sleeps <b>")
        return "desk" if token == TOKEN else None


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def held(clock: Clock) -> Sessions:
    return Sessions(clock)


@pytest.fixture
def browser(held: Sessions) -> Iterator[httpx.Client]:
    app = Starlette(routes=login.routes(Interface(), held), middleware=[Middleware(Gate, access=Access())])
    with serving(app) as client:
        yield client


def test_an_operator_comes_in_goes_where_they_wanted_and_out_again(
    browser: httpx.Client, held: Sessions
) -> None:
    page = browser.get("/login", params={"next": "evidence?topic=pti&p=2"})
    assert page.status_code == 200
    assert 'name="next" value="evidence?topic=pti&amp;p=2"' in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert (page.headers["referrer-policy"], page.headers["cache-control"]) == ("same-origin", "no-store")
    form = {"token": f" {TOKEN} ", "next": "evidence?topic=pti&p=2"}
    answer = browser.post("/login", data=form, headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, "evidence?topic=pti&p=2")
    cookie = answer.headers["set-cookie"]
    for said in ("HttpOnly", "SameSite=strict", f"Max-Age={HELD_S}", "Path=/"):
        assert said in cookie
    assert "Secure" not in cookie
    kept = browser.cookies[COOKIE]
    assert held.find(kept) == Operator("desk", TOKEN)
    assert "Signed in as desk" in browser.get("/login").text
    out = browser.post("/logout", headers=OURS)
    assert (out.status_code, out.headers["location"]) == (303, "./")
    assert held.find(kept) is None, "a copy of the cookie is worth nothing now"


@pytest.mark.parametrize(
    ("token", "status", "said"),
    [
        ("parley_guess", 401, "no operator"),
        ("", 401, "no operator"),
        ("x" * 201, 401, "no operator"),
        ("täg", 401, "no operator"),
        ("broken", 503, "the interface sleeps &lt;b&gt;"),
    ],
)
def test_nobody_else_comes_in(browser: httpx.Client, token: str, status: int, said: str) -> None:
    answer = browser.post("/login", data={"token": token}, headers=OURS)
    assert answer.status_code == status
    assert said in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://talks.example", "Host": "talks.example"},
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
    ],
)
def test_a_form_of_another_page_does_nothing(
    browser: httpx.Client, held: Sessions, headers: dict[str, str]
) -> None:
    kept = held.begin(Operator("desk", TOKEN))
    browser.cookies.set(COOKIE, kept)
    for path in ("/login", "/logout"):
        answer = browser.post(path, data={"token": TOKEN}, headers=headers)
        assert answer.status_code == 403, path
        assert "set-cookie" not in answer.headers
    assert held.find(kept) is not None


def test_over_tls_the_cookie_goes_back_over_tls_only(browser: httpx.Client) -> None:
    headers = {**OURS, "X-Forwarded-Proto": "https"}
    assert "; Secure" in browser.post("/login", data={"token": TOKEN}, headers=headers).headers["set-cookie"]


def test_an_older_browser_says_only_its_origin(browser: httpx.Client) -> None:
    answer = browser.post(
        "/login", data={"token": TOKEN}, headers={"Origin": "http://talks.example", "Host": "talks.example"}
    )
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "place",
    ["https://evil.test", "//evil.test", "javascript:alert(1)", "../x", "a\r\nb", "x" * 1000, "\\\\evil"],
)
def test_it_leads_nowhere_else(browser: httpx.Client, place: str) -> None:
    answer = browser.post("/login", data={"token": TOKEN, "next": place}, headers=OURS)
    assert answer.headers["location"] == "./"
    assert 'name="next"' not in browser.get("/login", params={"next": place}).text


def test_who_guesses_must_wait(browser: httpx.Client) -> None:
    tries = [browser.post("/login", data={"token": "guess"}, headers=OURS) for _ in range(12)]
    assert [one.status_code for one in tries] == [401] * 10 + [429] * 2
    assert browser.post("/login", data={"token": TOKEN}, headers=OURS).status_code == 429


def test_too_long_a_form_is_refused(browser: httpx.Client) -> None:
    assert browser.post("/login", data={"token": "x" * 5000}, headers=OURS).status_code == 403


def test_a_session_ends_by_itself_and_what_is_kept_tells_no_token(clock: Clock, held: Sessions) -> None:
    kept = held.begin(Operator("desk", TOKEN))
    assert TOKEN not in repr(vars(held))
    assert kept not in repr(vars(held))
    for other in ("", "x", kept[:-2] + "AA", "ü", "A" * 43):
        assert held.find(other) is None
    clock.now += HELD_S - 1
    assert held.find(kept) is not None
    clock.now += 1
    assert held.find(kept) is None


def test_it_is_asked_now_and_then_if_a_token_still_holds(clock: Clock, held: Sessions) -> None:
    kept = held.begin(Operator("desk", TOKEN))
    assert not held.is_due(kept, 60)
    clock.now += 60
    assert held.is_due(kept, 60)
    assert not held.is_due(kept, 60), "once is enough"
    assert not held.is_due("x", 0)


def test_of_too_many_the_oldest_ends(held: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "_MOST", 2)
    kept = [held.begin(Operator(str(n), TOKEN)) for n in range(3)]
    assert [held.find(one) is not None for one in kept] == [False, True, True]

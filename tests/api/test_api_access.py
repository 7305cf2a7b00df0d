"""Who may come in, and what is refused: tokens, rate limits, sizes, errors, headers, on a real server."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import Depends
from sqlalchemy import Engine

from monitor.api import tokens
from monitor.api.access import client_key, needs
from monitor.api.app import create_app
from monitor.api.tokens import Scope
from monitor.readmodel.queries import ReadModel
from monitor.readmodel.store import SERVICE_FILE
from monitor.service.wiring import open_service
from tests.api.serving import NOW, context_of, served, told_model

STATUS = "/v1/topics/docks/status"


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def model(tmp_path: Path) -> ReadModel:
    return told_model(tmp_path / "data")


@pytest.fixture
def service(model: ReadModel) -> Iterator[Engine]:
    engine = open_service(model.store)
    yield engine
    engine.dispose()


def is_problem(answer: httpx.Response, status: int) -> bool:
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert set(said) == {"type", "title", "status", "detail"}
    assert said["title"]
    assert said["detail"]
    return (answer.status_code, said["status"]) == (status, status)


def test_reading_by_token_needs_one(model: ReadModel, service: Engine) -> None:
    secret = tokens.add(service, "desk", Scope.READ, NOW)
    with served(context_of(model, read="token")) as client:
        for path in (STATUS, "/v1/topics", "/v1/sources", "/metrics"):
            answer = client.get(path)
            assert is_problem(answer, 401)
            assert "Bearer" in answer.headers["www-authenticate"]
            assert client.get(path, headers=bearer(secret)).status_code == 200
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 200


def test_a_feed_reader_may_give_the_token_as_a_password(model: ReadModel, service: Engine) -> None:
    secret = tokens.add(service, "desk", Scope.READ, NOW)
    with served(context_of(model, read="token")) as client:
        assert client.get(STATUS, auth=("anyone", secret)).status_code == 200
        assert client.get(STATUS, auth=("anyone", "guess")).status_code == 401
        for broken in (
            "Basic !",
            f"Basic {base64.b64encode(bytes([255])).decode()}",
            "Digest x",
            "Bearer",
            "",
        ):
            assert is_problem(client.get(STATUS, headers={"Authorization": broken}), 401), broken


def test_a_token_that_nobody_has_is_refused_even_where_reading_is_open(model: ReadModel) -> None:
    with served(context_of(model)) as client:
        assert is_problem(client.get(STATUS, headers=bearer("parley_guess")), 401)


def test_a_token_is_refused_once_it_is_rotated_or_removed(model: ReadModel, service: Engine) -> None:
    old = tokens.add(service, "desk", Scope.READ, NOW)
    with served(context_of(model, read="token")) as client:
        new = tokens.rotate(service, "desk", NOW)
        assert client.get(STATUS, headers=bearer(old)).status_code == 401
        assert client.get(STATUS, headers=bearer(new)).status_code == 200
        tokens.remove(service, "desk")
        assert client.get(STATUS, headers=bearer(new)).status_code == 401


@pytest.mark.parametrize("held", Scope)
@pytest.mark.parametrize("needed", Scope)
def test_a_scope_covers_those_before_it(
    model: ReadModel, service: Engine, held: Scope, needed: Scope
) -> None:
    secret = tokens.add(service, "desk", held, NOW)
    app = create_app(context_of(model))
    app.add_api_route("/guarded", lambda: "let in", dependencies=[Depends(needs(needed))])
    with served(context_of(model), app) as client:
        assert client.get("/guarded").status_code == 401
        answer = client.get("/guarded", headers=bearer(secret))
    order = list(Scope)
    if order.index(held) >= order.index(needed):
        assert answer.status_code == 200
    else:
        assert is_problem(answer, 403)
        assert needed in answer.json()["detail"]


def test_the_secret_is_kept_nowhere(model: ReadModel, service: Engine) -> None:
    secret = tokens.add(service, "desk", Scope.READ, NOW)
    service.dispose()
    for path in model.data_dir.glob(f"{SERVICE_FILE}*"):
        assert secret.encode() not in path.read_bytes()


def test_who_asks_too_often_is_told_when_to_come_back(model: ReadModel, service: Engine) -> None:
    secret = tokens.add(service, "desk", Scope.READ, NOW)
    with served(context_of(model, rate="3/hour")) as client:
        assert [client.get(STATUS).status_code for _ in range(3)] == [200, 200, 200]
        refused = client.get(STATUS)
        assert is_problem(refused, 429)
        assert 3500 < int(refused.headers["retry-after"]) <= 3600
        # A token has a count of its own, and whoever only looks whether all is alive is not counted.
        assert client.get(STATUS, headers=bearer(secret)).status_code == 200
        assert client.get("/healthz").status_code == 200
        # Guesses count for who guesses.
        assert client.get(STATUS, headers=bearer("guess")).status_code == 429


def test_a_household_with_many_addresses_is_one_client() -> None:
    def key(host: str | None) -> str:
        return client_key({"client": None if host is None else (host, 1)})

    assert key("2001:db8:1:2::1") == key("2001:db8:1:2:ffff::9") != key("2001:db8:1:3::1")
    assert key("203.0.113.4") != key("203.0.113.5")
    assert (key(None), key("unknown")) == ("", "unknown")


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/v1/topics/nope/status", 404, "docks"),
        ("/v1/topics/nope", 404, "docks"),
        ("/v1/topics/docks/claims?channel=nope", 404, "pay, safety, mediation"),
        ("/v1/nothing", 404, "/openapi.json"),
        (f"{STATUS}?as_of=yesterday", 422, "as_of: takes a date like 2025-05-29, not 'yesterday'"),
        (f"{STATUS}?as_of=2026-02-30", 422, "2026-02-30"),
        (f"{STATUS}?known_at=0001-01-01T00:00:00%2B14:00", 422, "known_at"),
        (f"{STATUS}?asof=2026-02-20", 422, "asof"),
        ("/v1/topics/docks/alerts?limit=0", 422, "limit"),
        ("/v1/topics/docks/alerts?limit=501", 422, "limit"),
        ("/v1/topics/docks/alerts?state=odd", 422, "state"),
        ("/v1/topics/docks/claims?outlet=" + "x" * 201, 422, "outlet"),
        ("/v1/topics/docks/claims?outlet=" + "x" * 5000, 414, "4096"),
    ],
)
def test_every_refusal_is_a_problem_that_says_what_to_do(
    client: httpx.Client, path: str, status: int, words: str
) -> None:
    answer = client.get(path)
    assert is_problem(answer, status)
    assert words in answer.json()["detail"]


def _cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        _cursor(),
        _cursor("2026-03-01T08:00:00Z"),
        _cursor("2026-03-01T08:00:00Z", "a", 1, "b", 10**30),
        _cursor("2026-03-01T08:00:00", "a", 1, "b", 1),
        _cursor("0001-01-01T00:00:00+14:00", "a", 1, "b", 1),
        _cursor({}, [], None, 1, "x"),
        base64.urlsafe_b64encode(b"[" * 600).decode(),
    ],
)
def test_a_cursor_that_the_list_never_gave_is_refused(client: httpx.Client, cursor: str) -> None:
    answer = client.get("/v1/topics/docks/claims", params={"cursor": cursor})
    assert is_problem(answer, 422)
    assert "cursor" in answer.json()["detail"]


def test_a_method_that_is_not_there_is_refused(client: httpx.Client) -> None:
    answer = client.post(STATUS)
    assert is_problem(answer, 405)
    assert answer.headers["allow"] == "GET"


def test_a_defect_is_a_problem_that_tells_nothing_of_the_inside(model: ReadModel) -> None:
    def broken() -> dict[str, str]:
        raise RuntimeError("a secret of the inside")

    context = context_of(model)._replace(troubles=broken)
    with served(context) as client:
        answer = client.get("/readyz")
    assert is_problem(answer, 500)
    assert "secret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_damaged_service_database_is_a_problem_and_not_a_crash(model: ReadModel) -> None:
    for path in model.data_dir.glob(f"{SERVICE_FILE}-*"):
        path.unlink()
    (model.data_dir / SERVICE_FILE).write_bytes(b"no database" * 1000)
    with served(context_of(model)) as client:
        assert is_problem(client.get(STATUS, headers=bearer("any")), 503)
        assert is_problem(client.get("/metrics"), 503)
        assert client.get(STATUS).status_code == 200


@pytest.mark.parametrize("path", [STATUS, "/healthz", "/v1/nothing", "/openapi.json"])
def test_every_answer_keeps_browsers_from_doing_anything_with_it(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"


def test_other_sites_may_read_only_where_the_setting_names_them(
    client: httpx.Client, told: ReadModel
) -> None:
    here = {"Origin": "https://desk.example"}
    assert "access-control-allow-origin" not in client.get(STATUS, headers=here).headers
    with served(context_of(told, origins=("https://desk.example",), rate="1/hour")) as other:
        asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
        assert other.options(STATUS, headers=here | asked).status_code == 200
        for _ in range(2):  # a refusal can be read too
            answer = other.get(STATUS, headers=here)
            assert answer.headers["access-control-allow-origin"] == "https://desk.example"
        assert answer.status_code == 429
        elsewhere = other.get(STATUS, headers={"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in elsewhere.headers


def test_openapi_tells_of_tokens_where_they_are_needed(told: ReadModel) -> None:
    open_, closed = (create_app(context_of(told, read=read)).openapi() for read in ("open", "token"))
    assert "security" not in open_["paths"]["/v1/topics"]["get"]
    assert closed["paths"]["/v1/topics"]["get"]["security"]
    assert "security" not in closed["paths"]["/healthz"]["get"]

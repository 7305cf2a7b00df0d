"""The settings of the HTTP interface, and that the role which serves it heeds them."""

import time
from pathlib import Path

import httpx
import pytest

from monitor.api import tokens
from monitor.api.tokens import Scope
from monitor.cli.context import utc_now
from monitor.errors import SettingsError
from monitor.log.stream import EventLog
from monitor.service.roles import Roles
from monitor.service.settings import load_settings
from monitor.service.wiring import assemble
from tests.processes import free_port


def test_origins_come_from_a_list_and_from_the_environment(tmp_path: Path) -> None:
    config = tmp_path / "parley.toml"
    config.write_text('[api]\norigins = ["https://desk.example"]\n')
    assert load_settings(config, environ={}).api.origins == ("https://desk.example",)
    environ = {"PARLEY_API_ORIGINS": "https://desk.example, http://localhost:3000"}
    assert load_settings(config, environ=environ).api.origins == (
        "https://desk.example",
        "http://localhost:3000",
    )
    assert load_settings(config, environ={"PARLEY_API_ORIGINS": ""}).api.origins == ()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('rate = "often"', "line 2: api.rate: expected a number and a time"),
        ('rate = "0/minute"', "line 2: api.rate: expected a number and a time"),
        ('read = "all"', "line 2: api.read"),
        ('origins = ["https://desk.example/page"]', "not 'https://desk.example/page'"),
        ('origins = ["desk.example"]', "line 2: api.origins: expected sites like"),
        ("origins = 3", "line 2: api.origins: expected a list"),
    ],
)
def test_a_wrong_setting_is_named_with_its_line(tmp_path: Path, line: str, expected: str) -> None:
    config = tmp_path / "parley.toml"
    config.write_text(f"[api]\n{line}\n")
    with pytest.raises(SettingsError) as error:
        load_settings(config, environ={})
    assert expected in str(error.value)


def test_links_lead_to_the_public_address_where_there_is_one() -> None:
    assert load_settings(environ={}).api_url == "http://127.0.0.1:8500"
    environ = {"PARLEY_API_PUBLIC_URL": "https://talks.example/"}
    assert load_settings(environ=environ).api_url == "https://talks.example"


def test_the_role_serves_by_its_settings(fake_log: EventLog, tmp_path: Path) -> None:
    port = free_port()
    environ = {
        "PARLEY_API_PORT": str(port),
        "PARLEY_API_READ": "token",
        "PARLEY_API_RATE": "2/hour",
        "PARLEY_API_ORIGINS": "https://desk.example",
    }
    parley = assemble(load_settings(data=tmp_path, environ=environ), fake_log, utc_now)
    secret = tokens.add(parley.service, "desk", Scope.READ, utc_now())
    failed: list[BaseException] = []
    roles = Roles(parley, ["api"], failed.append)
    roles.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            _wait_for(client)
            assert client.get("/v1/topics").status_code == 401
            shown = {"Authorization": f"Bearer {secret}", "Origin": "https://desk.example"}
            answers = [client.get("/v1/topics", headers=shown) for _ in range(3)]
    finally:
        roles.stop()
        parley.service.dispose()
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["access-control-allow-origin"] == "https://desk.example"
    assert failed == []


def _wait_for(client: httpx.Client) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            client.get("/healthz")
        except httpx.ConnectError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return

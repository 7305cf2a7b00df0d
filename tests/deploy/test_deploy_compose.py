"""What docker-compose.yml promises, as far as it shows without an engine; a drill brings it up for real."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor import __version__
from monitor.service.settings import load_settings, variables

TOP = Path(__file__).parents[2]
SERVICES = tuple(yaml.safe_load((TOP / "docker-compose.yml").read_text(encoding="utf-8"))["services"])
REACH_OUT = {"ingest", "notify"}
NGINX = {"gate", "proxy"}
"""They are reached from outside, and publishing needs a network that is not internal; they run nothing but nginx."""
ONE_SHOT = {"migrate"}
SHAPES = {
    "memory": r"\d+[mg]",
    "image": r"[\w./-]+:\d+\.\d+(\.\d+)?[\w.-]*",
    "user": r"[1-9]\d*:[1-9]\d*",
}

Compose = dict[str, Any]


def mounted(service: Compose) -> dict[str, str]:
    """Where a container sees a secret -> the secret."""
    both = [
        one if isinstance(one, dict) else {"source": one, "target": one} for one in service.get("secrets", [])
    ]
    return {f"/run/secrets/{one['target']}": one["source"] for one in both}


def sources(service: Compose) -> list[str]:
    return [volume.split(":")[0] for volume in service.get("volumes", [])]


def test_it_follows_the_compose_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    checked = subprocess.run(
        [*command, TOP / "docker-compose.yml"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_hardened(compose: Compose, name: str) -> None:
    service = compose["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"], "and the engine's seccomp profile stays"
    assert "privileged" not in service
    assert re.fullmatch(SHAPES["user"], service["user"])
    assert service.get("tmpfs", ["/tmp:size=64m"])[0] in {"/tmp:size=64m", "/tmp:size=256m"}
    assert re.fullmatch(SHAPES["memory"], service["mem_limit"])
    assert 0 < service["pids_limit"] <= 200
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_comes_back_says_when_it_is_well_and_gets_time_to_stop(
    compose: Compose, name: str
) -> None:
    service = compose["services"][name]
    assert re.fullmatch(SHAPES["image"], service["image"]), "an image has a version"
    assert service["restart"] == ("no" if name in ONE_SHOT else "unless-stopped")
    assert re.fullmatch(r"\d+s", service["stop_grace_period"])
    assert service["init"] is True
    assert ("healthcheck" in service) is (name not in ONE_SHOT)


def test_the_image_is_of_this_version_and_built_once(compose: Compose) -> None:
    ours = {
        name: one for name, one in compose["services"].items() if one["image"].startswith("localhost/parley")
    }
    assert {one["image"] for one in ours.values()} == {f"localhost/parley:{__version__}"}
    assert [name for name, one in ours.items() if "build" in one] == ["migrate"]


def test_only_ingest_and_notify_reach_out(compose: Compose) -> None:
    open_ = {name for name, network in compose["networks"].items() if not (network or {}).get("internal")}
    reach_out = {name for name, one in compose["services"].items() if open_ & set(one["networks"])}
    assert reach_out == REACH_OUT | NGINX


def test_only_nginx_is_published_and_without_the_profile_only_on_this_machine(compose: Compose) -> None:
    published = {name: one["ports"] for name, one in compose["services"].items() if "ports" in one}
    assert published == {
        "gate": ["127.0.0.1:8501:8501", "127.0.0.1:8500:8500"],
        "proxy": ["0.0.0.0:443:8443"],
    }
    assert compose["services"]["proxy"]["profiles"] == ["proxy"]


def test_who_is_in_the_networks_of_the_log_and_the_tables(compose: Compose) -> None:
    def members(network: str) -> set[str]:
        return {name for name, one in compose["services"].items() if network in one["networks"]}

    assert members("log") == {"redis", "ingest", "watch", "notify", "api", "backup"}
    assert members("tables") == {"postgres", "migrate", "dashboard"} | members("log") - {"redis"}
    assert members("front") == {"gate", "proxy", "api", "dashboard"}


def test_all_that_is_referred_to_is_there_and_all_that_is_there_is_referred_to(compose: Compose) -> None:
    services = compose["services"].values()
    assert {one for service in services for one in service["networks"]} == compose["networks"].keys()
    named = {source for service in services for source in sources(service)}
    assert {one for one in named if not one.startswith(".")} == compose["volumes"].keys()
    assert all((TOP / one).exists() for one in named if one.startswith("."))
    assert {secret for one in services for secret in mounted(one).values()} == compose["secrets"].keys()
    assert {one for service in services for one in service.get("depends_on", {})} <= compose[
        "services"
    ].keys()
    builds = [one["build"] for one in services if "build" in one]
    assert all((TOP / one["context"] / one["dockerfile"]).is_file() for one in builds)


def test_every_secret_is_a_file_that_init_makes(compose: Compose, secrets: Path) -> None:
    files = {name: one["file"] for name, one in compose["secrets"].items()}
    assert files == {name: f"./deploy/secrets/{name}" for name in files}
    assert files.keys() == {path.name for path in secrets.iterdir()}


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_is_in_the_environment_and_each_file_named_there_is_mounted(
    compose: Compose, name: str
) -> None:
    service = compose["services"][name]
    environment = service.get("environment", {})
    files = {value for variable, value in environment.items() if variable.endswith("_FILE")}
    assert files <= mounted(service).keys()
    for variable in environment:
        assert variable.endswith("_FILE") or not re.search(
            "PASSWORD|KEY|DATABASE|REDIS|SECRET|TOKEN", variable
        )


def test_each_role_has_the_login_of_its_own_name(compose: Compose) -> None:
    for name, service in compose["services"].items():
        logins = [secret for secret in mounted(service).values() if secret.startswith("redis-url-")]
        wanted = name in {"ingest", "watch", "notify", "api", "backup"}
        assert logins == ([f"redis-url-{name}"] if wanted else [])


def test_only_migrate_has_the_administrators_login_of_the_database(compose: Compose) -> None:
    has = {name for name, one in compose["services"].items() if "database-admin-url" in mounted(one).values()}
    assert has == {"migrate"}


def test_the_dashboard_has_the_login_that_may_only_read(compose: Compose) -> None:
    assert set(mounted(compose["services"]["dashboard"]).values()) == {"database-reader-url"}


def test_every_setting_that_it_gives_is_one_of_parleys(compose: Compose) -> None:
    known = {name for name, _ in variables()} | {"PARLEY_CONFIG"}
    for service in compose["services"].values():
        given = {one for one in service.get("environment", {}) if one.startswith("PARLEY_")}
        assert {one.removesuffix("_FILE") for one in given} <= known


def test_the_example_explains_every_variable_with_its_default_and_no_other(
    compose_text: str,
) -> None:
    text = re.sub(r"^\s*#.*$", "", compose_text, flags=re.MULTILINE)
    used: dict[str, set[str]] = {}
    while found := re.findall(r"\$\{(\w+):-([^${}]*)\}", text):
        for name, default in found:
            used.setdefault(name, set()).add(default)
        text = re.sub(r"\$\{(\w+):-([^${}]*)\}", r"\2", text)
    assert "${" not in text, "every variable has a default"
    example = (TOP / "deploy/.env.example").read_text(encoding="utf-8")
    told = dict(re.findall(r"^#(\w+)=(.*)$", example, re.MULTILINE))
    assert {name: {value} for name, value in told.items()} == used
    for name in told:
        assert re.search(rf"^# .+\n(#\w+=.*\n)*#{name}=", example, re.MULTILINE), f"{name} is explained"


def test_without_a_settings_file_of_ones_own_nothing_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(TOP / "deploy/compose.toml", environ={})
    plain = load_settings(environ={"PARLEY_DATA": str(settings.data)})
    assert settings.model_dump() == plain.model_dump()

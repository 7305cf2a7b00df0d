"""What docker-compose.yml and deploy/ promise, as far as it shows without an engine; a drill brings them up for real.

Nothing else here needs a YAML parser, so this reads the file by lines, in the shape in which it is written: services
stand two spaces deep, each begins with `<<: *hardened`, and lists of networks and volumes name what they use.
"""

import re
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
import redis

from monitor.log.binary import choose_binary
from monitor.log.embedded import SETTINGS
from monitor.service.settings import load_settings, variables

TOP = Path(__file__).parents[1]
TEXT = (TOP / "docker-compose.yml").read_text(encoding="utf-8")
READ_BY_COMPOSE = {"PARLEY_PORT", "PARLEY_TOML"}


def blocks(text: str, depth: int) -> dict[str, str]:
    """Name -> what stands below it, of the names at one depth of indentation."""
    parts = re.split(rf"^ {{{depth}}}([\w-]+):", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


SECTIONS = blocks(TEXT, 0)
SERVICES = blocks(SECTIONS["services"], 2)


def parts_of(service: str) -> dict[str, str]:
    return blocks(SERVICES[service], 4)


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_hardened_and_says_when_it_is_well(service: str) -> None:
    parts = parts_of(service)
    assert "<<: *hardened" in SERVICES[service]
    assert re.search(r"\n      test: \[.+\]", parts["healthcheck"])
    assert re.search(r":[\w.-]*\d", parts["image"]), "an image has a version"
    assert "latest" not in parts["image"]
    assert "privileged: true" not in SERVICES[service]


def test_what_hardened_means() -> None:
    assert {"read_only: true", "cap_drop: [ALL]", "init: true"} <= set(map(str.strip, TEXT.splitlines()))
    assert 'security_opt: ["no-new-privileges:true"]' in SECTIONS["x-hardened"]


def test_no_service_runs_as_root() -> None:
    dockerfile = (TOP / "deploy/Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"^USER (.+)$", dockerfile, re.MULTILINE) == ["10001:10001"]
    for service, text in SERVICES.items():
        if "localhost/parley:" not in parts_of(service)["image"]:
            assert re.search(r'\n    user: "[1-9]\d*:[1-9]\d*"', text), service


def test_only_the_dashboard_is_published_and_only_on_this_machine() -> None:
    published = {service: parts_of(service)["ports"] for service in SERVICES if "ports" in parts_of(service)}
    assert published.keys() == {"dashboard"}
    assert published["dashboard"].strip() == '["127.0.0.1:${PARLEY_PORT:-8501}:8501"]'
    assert parts_of("redis")["networks"].strip() == "[inside]"
    assert "inside: { internal: true }" in SECTIONS["networks"]


def test_all_that_is_referred_to_is_there() -> None:
    networks, volumes = blocks(SECTIONS["networks"], 2), blocks(SECTIONS["volumes"], 2)
    for service in SERVICES:
        parts = parts_of(service)
        assert set(re.findall(r"\w+", parts["networks"])) <= networks.keys()
        for source in re.findall(r"^ +- (\S+?):/", parts["volumes"], re.MULTILINE):
            place = source[source.find(":-") + 2 :].rstrip("}") if source.startswith("$") else source
            assert (TOP / place).exists() if place.startswith(".") else place in volumes, place
        assert set(re.findall(r"^ {6}(\w+): \{ condition", parts.get("depends_on", ""), re.MULTILINE)) <= set(
            SERVICES
        )
    aliases, anchors = set(re.findall(r"\*(\w+)", TEXT)), set(re.findall(r"&(\w+)", TEXT))
    assert aliases <= anchors
    for context, dockerfile in re.findall(r"build: \{ context: (\S+), dockerfile: (\S+) \}", TEXT):
        assert (TOP / context / dockerfile).is_file()


def test_every_variable_is_one_that_parley_or_compose_reads() -> None:
    named = set(re.findall(r"\bPARLEY_[A-Z_]+", TEXT))
    assert named <= {name for name, _ in variables()} | {"PARLEY_CONFIG"} | READ_BY_COMPOSE
    assert "PARLEY_REDIS_URL" in named


def test_what_the_image_copies_is_in_the_build_context() -> None:
    dockerfile = (TOP / "deploy/Dockerfile").read_text(encoding="utf-8")
    ignored = set((TOP / ".dockerignore").read_text(encoding="utf-8").split())
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
    assert len(copied) > 3
    for name in " ".join(copied).split():
        assert (TOP / name).exists(), name
        assert name not in ignored, name


def test_redis_takes_its_configuration_and_keeps_what_the_embedded_one_keeps() -> None:
    binary, _ = choose_binary(None, None)
    with tempfile.TemporaryDirectory(prefix="pt-") as folder:
        socket, configuration = f"{folder}/redis.sock", Path(folder) / "redis.conf"
        text = (TOP / "deploy/redis.conf").read_text(encoding="utf-8")
        configuration.write_text(text.replace("\ndir /data\n", f"\ndir {folder}\n"))
        server = subprocess.Popen(
            [binary, str(configuration), "--port", "0", "--unixsocket", socket], stdout=subprocess.DEVNULL
        )
        try:
            with redis.Redis(unix_socket_path=socket, protocol=2, decode_responses=True) as client:
                wait_for(client, server)
                kept = ("appendonly", "appendfsync", "aof-load-truncated", "save", "maxmemory-policy")
                assert {name: client.config_get(name)[name] for name in kept} == {
                    name: SETTINGS[name] for name in kept
                }
        finally:
            server.kill()
            server.wait()


def wait_for(client: redis.Redis, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        try:
            client.ping()
        except redis.ConnectionError:
            assert server.poll() is None, "the configuration was refused"
            time.sleep(0.05)
        else:
            return
    raise AssertionError("Redis does not answer")


def test_without_a_settings_file_of_ones_own_nothing_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(TOP / "deploy/compose.toml", environ={})
    plain = load_settings(environ={"PARLEY_DATA": str(settings.data)})
    assert settings.model_dump() == plain.model_dump()

"""docker-compose.yml brought up for real: a copy of the checkout, ports and secrets of its own, receivers outside.

The command is `docker compose`, or what PARLEY_COMPOSE says. The first build of the image takes minutes.
"""

import base64
import http.server
import json
import os
import shlex
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from tests.processes import free_port

TOP = Path(__file__).parents[2]
COMMAND = shlex.split(os.environ.get("PARLEY_COMPOSE", "docker compose"))
ENGINE = "docker" if COMMAND[0] == "docker" else "podman"
UP_S, WELL_S, STEP_S = 800, 60, 120
HOST = "parley.example"
SETTINGS = """
[smtp]
host = "{address}"
port = {smtp}
security = "none"
sender = "parley@parley.example"

[[subscriptions]]
id = "hook"
kind = "webhook"
url = "http://{address}:{hook}/parley"
secret = "whsec_{secret}"
allow_private = true

[[subscriptions]]
id = "desk"
kind = "email"
address = "desk@example.org"
"""


class Outside:
    """A webhook receiver and a mail server on this machine, outside the stack, and what they got."""

    def __init__(self) -> None:
        self.hooks: list[dict[str, Any]] = []
        self.hook_ids: list[str] = []
        """Of each of them, in the same order: a receiver knows a repeat by it."""
        self.mails: list[Envelope] = []

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """A mail was sent."""
        self.mails.append(envelope)
        return "250 OK"


class Stack:
    """The project, and what is asked of it."""

    def __init__(self, folder: Path, environ: dict[str, str], say: Callable[[str], None]) -> None:
        self.folder = folder
        self.project = environ["COMPOSE_PROJECT_NAME"]
        self.ports = {name: int(environ[f"PARLEY_{name}PORT"]) for name in ("", "API_", "HTTPS_")}
        self.services = yaml.safe_load((folder / "docker-compose.yml").read_text())["services"]
        self.running = [name for name in self.services if name != "migrate"]
        self.well_s = 0.0
        self._say = say
        clean = {key: value for key, value in os.environ.items() if not key.startswith("PARLEY_")}
        self._environ = {**clean, **environ}

    def __call__(self, *arguments: str, **more: Any) -> "subprocess.CompletedProcess[str]":
        """Run a verb of compose."""
        return self._told(COMMAND, arguments, **more)

    def engine(self, *arguments: str, **more: Any) -> "subprocess.CompletedProcess[str]":
        """Run a command of the engine, for what compose has no verb for, or one that takes it seconds."""
        return self._told([ENGINE], arguments, **more)

    def start_all(self) -> None:
        """Start every service after those it depends on.

        podman-compose's plain `start` starts all at once; podman refuses that now and then, and nobody is told.
        """
        for service in self.running:
            self("start", service)

    def inside(self, service: str, *command: str, **more: Any) -> "subprocess.CompletedProcess[str]":
        """Run a command in a service's container; no container, no success."""
        return self.engine("exec", "-i", self._id(service), *command, **more)

    def inspected(self) -> list[dict[str, Any]]:
        """What the engine tells of every container."""
        ids = self("ps", "-q").stdout.split()
        found: list[dict[str, Any]] = json.loads(self.engine("inspect", *ids).stdout)
        return found

    def container(self, service: str) -> dict[str, Any]:
        """What the engine tells of a service's container."""
        [found] = json.loads(self.engine("inspect", self._id(service)).stdout)
        return dict(found)

    def log(self) -> dict[str, Any]:
        """What `parley log stats` says: how many events of which type each topic has, and from when to when."""
        found: dict[str, Any] = json.loads(self.inside("api", "parley", "log", "stats", "--json").stdout)
        return found["topics"]

    def detected(self) -> int:
        """How many articles of the topic pti were read for claims."""
        return int(self.log().get("pti", {}).get("by_type", {}).get("claims.detected", 0))

    def is_well(self, service: str) -> bool:
        """Whether a service's health check passes."""
        test = [part.replace("$$", "$") for part in self.services[service]["healthcheck"]["test"]]
        command = test[1:] if test[0] == "CMD" else ["sh", "-c", test[1]]
        return self.inside(service, *command, check=False).returncode == 0

    def wait(self, what: str, done: Callable[[], bool], within: float = STEP_S) -> None:
        """Wait until something holds, or fail with what the containers said last."""
        deadline = time.monotonic() + within
        while not done():
            if time.monotonic() > deadline:
                logs, states = self("logs", check=False), self("ps", "-a", check=False).stdout
                raise AssertionError(
                    f"{what}: not within {within} s\n{logs.stdout[-6000:]}{logs.stderr[-2000:]}\n{states}"
                )
            time.sleep(1)

    def wait_until_well(self, within: float = STEP_S) -> float:
        """Wait until the health check of every service passes; when the last one did, in seconds from now.

        To ask takes seconds too, so all are asked at once, and what counts is when the answer was asked for.
        """
        begun = time.monotonic()

        def well_at(service: str) -> float:
            asked = [0.0]

            def look() -> bool:
                asked[0] = time.monotonic() - begun
                return self.is_well(service)

            self.wait(service, look, within)
            return asked[0]

        with ThreadPoolExecutor(len(self.running)) as pool:
            return max(pool.map(well_at, self.running))

    def url(self, path: str = "", port: str = "") -> str:
        """An address of the gate: of the dashboard, or with "API_" of the HTTP interface."""
        return f"http://127.0.0.1:{self.ports[port]}/{path}"

    def secrets(self) -> dict[str, str]:
        """Each secret that a person must not see: the words that alone give something away."""
        found = {}
        for path in (self.folder / "deploy/secrets").iterdir():
            words = path.read_text().strip()
            if words and path.name not in {"tls.crt", "redis.acl"}:
                found[path.name] = words.split(":")[2].partition("@")[0] if "://" in words else words[-64:]
        return found

    def _id(self, service: str) -> str:
        """The running container of a service, by the engine's name for it; "none" where none runs."""
        labels = {"project": self.project, "service": service}
        filters = [f"--filter=label=com.docker.compose.{name}={value}" for name, value in labels.items()]
        return next(iter(self._run([ENGINE, "ps", "-q", *filters]).stdout.split()), "none")

    def _told(
        self,
        tool: list[str],
        arguments: tuple[str, ...],
        within: float = STEP_S,
        given: str = "",
        check: bool = True,
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command, and say which and how long it took; it must succeed, unless that is not to be checked."""
        begun = time.monotonic()
        done = self._run([*tool, *arguments], within, given)
        if check:
            assert done.returncode == 0, (
                f"{tool[-1]} {' '.join(arguments)}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
            )
        self._say(f"{arguments[0]} {' '.join(arguments[-1:])[:40]!r}: {time.monotonic() - begun:.1f} s")
        return done

    def _run(
        self, command: list[str], within: float = STEP_S, given: str = ""
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self._environ,
            input=given,
            capture_output=True,
            text=True,
            timeout=within,
            check=False,
        )


@pytest.fixture(scope="session")
def outside() -> Iterator[Outside]:
    """The receivers, listening where containers reach them."""
    got = Outside()

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.hook_ids.append(self.headers["webhook-id"])
            got.hooks.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: a drill prints how far it is, and no more."""

    with http.server.ThreadingHTTPServer(("0.0.0.0", 0), Hook) as hook:
        threading.Thread(target=hook.serve_forever, daemon=True).start()
        mail = Controller(got, hostname="0.0.0.0", port=free_port())
        mail.start()
        got.hook_port, got.smtp_port = hook.server_address[1], mail.port
        yield got
        mail.stop()
        hook.shutdown()


@pytest.fixture(scope="session")
def stack(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, outside: Outside
) -> Iterator[Stack]:
    """The stack, up from clean with the profiles proxy and backup, with the seeds read."""
    if shutil.which(COMMAND[0]) is None:
        pytest.skip(f"there is no {COMMAND[0]}; name another command with PARLEY_COMPOSE")
    if ENGINE == "docker" and subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        pytest.skip("Docker's engine does not answer")
    folder = copy_of_the_checkout(tmp_path_factory.mktemp("compose"))
    subprocess.run(["sh", folder / "deploy/init"], check=True, capture_output=True)
    (folder / "parley.toml").write_text(settings_for(outside))
    with told(request) as say:
        project = Stack(folder, environ(), say)
        try:
            project(
                "up", "-d", "--build", "redis", within=UP_S
            )  # a lab may have to make its base images first
            project("build", within=UP_S)
            project("up", "-d", within=UP_S)
            project.well_s = project.wait_until_well()
            project.wait("the seeds", lambda: project.detected() == 5)
            yield project
        finally:
            project("down", "-v", check=False)


@contextmanager
def told(request: pytest.FixtureRequest) -> Iterator[Callable[[str], None]]:
    """What prints a line at once: a drill of minutes says how far it is."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def say(line: str) -> None:
        with capture.global_and_fixture_disabled():
            print(f"  {line}", flush=True)  # noqa: T201  (how far it is)

    yield say


def environ() -> dict[str, str]:
    """What compose is told: a name and ports of its own."""
    port, api, https = free_port(), free_port(), free_port()
    return {
        "COMPOSE_PROJECT_NAME": f"parley-drill-{port}",
        "COMPOSE_PROFILES": "proxy,backup",
        "PARLEY_TOML": "./parley.toml",
        "PARLEY_PORT": str(port),
        "PARLEY_API_PORT": str(api),
        "PARLEY_HTTPS_ADDRESS": "127.0.0.1",
        "PARLEY_HTTPS_PORT": str(https),
        "PARLEY_PUBLIC_URL": f"https://{HOST}:{https}",
        "PARLEY_API_PUBLIC_URL": f"https://{HOST}:{https}",
    }


def settings_for(outside: Any) -> str:
    """A settings file with a subscription by webhook and one by mail, to receivers on this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("198.51.100.1", 9))  # nothing is sent; this finds the address that others reach us at
        address = probe.getsockname()[0]
    secret = base64.b64encode(b"d" * 32).decode()
    return SETTINGS.format(address=address, smtp=outside.smtp_port, hook=outside.hook_port, secret=secret)


def copy_of_the_checkout(folder: Path) -> Path:
    """What git knows of, as it stands now."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (TOP / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(TOP / name, folder / name)
    return folder

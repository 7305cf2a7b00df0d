"""docker-compose.yml for real: it comes up, shows the seeds, is confined, and loses or doubles nothing when parts die.

The command is `docker compose`, or what PARLEY_COMPOSE says; it runs on a copy of the checkout, under a project name
and a port of its own, and removes its containers and volumes in the end. The first build of the image takes minutes.
"""

import json
import os
import shlex
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

pytestmark = [pytest.mark.drill, pytest.mark.timeout(1200)]
TOP = Path(__file__).parents[2]
COMMAND = shlex.split(os.environ.get("PARLEY_COMPOSE", "docker compose"))
UP_S, STEP_S = 800, 120
SERVICES = ("redis", "parley", "dashboard")
CRASH = """
import os, pathlib, signal
for process in pathlib.Path("/proc").glob("[0-9]*"):
    if process.name != "1" and b"\\0run\\0--role\\0" in (process / "cmdline").read_bytes():
        os.kill(int(process.name), signal.SIGKILL)
"""
REACH_REDIS = "import socket; socket.create_connection(('redis', 6379), timeout=3)"
NEWS = (
    "PTI and government teams meet again\n\nISLAMABAD: The PTI and the federal government resumed talks in Islamabad "
    "on Friday, Barrister Gohar Ali Khan told reporters after the first sitting of the two committees.\n"
)


class Compose:
    """The project, and what is asked of it."""

    def __init__(self, folder: Path, port: int, say: Callable[[str], None]) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._folder = folder
        self._say = say
        clean = {key: value for key, value in os.environ.items() if not key.startswith("PARLEY_")}
        self._environ = {**clean, "COMPOSE_PROJECT_NAME": f"parley-drill-{port}", "PARLEY_PORT": str(port)}

    def __call__(
        self, *arguments: str, within: float = STEP_S, given: str = "", check: bool = True
    ) -> "subprocess.CompletedProcess[str]":
        """Run a verb of compose; says which, and how long it took."""
        begun = time.monotonic()
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=self._folder,
            env=self._environ,
            input=given,
            capture_output=True,
            text=True,
            timeout=within,
            check=False,
        )
        if check:
            assert done.returncode == 0, (
                f"compose {' '.join(arguments)}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
            )
        self._say(f"{arguments[0]} {' '.join(arguments[-1:])[:40]!r}: {time.monotonic() - begun:.1f} s")
        return done

    def inside(self, service: str, *command: str, **more: Any) -> "subprocess.CompletedProcess[str]":
        """Run a command in a service's container."""
        return self("exec", "-T", service, *command, **more)

    def log(self) -> dict[str, Any]:
        """What `parley log stats` says: how many events of which type each topic has, and from when to when."""
        found: dict[str, Any] = json.loads(self.inside("parley", "parley", "log", "stats", "--json").stdout)
        return found["topics"]

    def wait(self, what: str, done: Callable[[], bool], within: float = STEP_S) -> None:
        """Wait until something holds, or fail with what the containers said last."""
        deadline = time.monotonic() + within
        while not done():
            if time.monotonic() > deadline:
                logs = self("logs", check=False)
                raise AssertionError(
                    f"{what}: not within {within} s\n{logs.stdout[-6000:]}{logs.stderr[-2000:]}"
                )
            time.sleep(1)

    def wait_until_well(self) -> None:
        """Wait until Redis, Parley and the dashboard answer."""
        ask = "import urllib.request as u; u.urlopen('http://127.0.0.1:8500/healthz', timeout=3)"
        for service, command in (("redis", ("redis-cli", "ping")), ("parley", ("python", "-c", ask))):
            self.wait(service, lambda s=service, c=command: not self.inside(s, *c, check=False).returncode)
        self.wait("dashboard", self.dashboard_answers)

    def dashboard_answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=3) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@pytest.fixture(scope="module")
def compose(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Compose]:
    if shutil.which(COMMAND[0]) is None:
        pytest.skip(f"there is no {COMMAND[0]}; name another command with PARLEY_COMPOSE")
    if (
        COMMAND[0] == "docker"
        and subprocess.run(["docker", "info"], capture_output=True, check=False).returncode
    ):
        pytest.skip("Docker's engine does not answer")
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def say(line: str) -> None:
        with capture.global_and_fixture_disabled():
            print(f"  {line}", flush=True)  # noqa: T201 - a drill of minutes says how far it is

    project = Compose(copy_of_the_checkout(tmp_path_factory.mktemp("compose")), free_port(), say)
    try:
        project("up", "-d", "--build", within=UP_S)
        project.wait_until_well()
        project.wait(
            "the seeds", lambda: project.log().get("pti", {}).get("by_type", {}).get("claims.detected") == 5
        )
        yield project
    finally:
        project("down", "-v", check=False)


def copy_of_the_checkout(folder: Path) -> Path:
    """What git knows of, as it stands now."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (TOP / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(TOP / name, folder / name)
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_dashboard_shows_the_seeds(compose: Compose, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(compose.url)
    hero = page.get_by_role("region", name="Current status")
    expect(hero.get_by_role("heading", level=1)).to_contain_text("talks rejected", timeout=30_000)
    for text in ("Last known", "29 May 2025", "WION"):
        expect(hero).to_contain_text(text)
    page.goto(f"{compose.url}/timeline")
    timeline = page.locator(".parley", has=page.get_by_role("heading", level=1))
    for outlet in ("Khyber News", "The Azb", "Daily Times", "WION"):
        expect(timeline).to_contain_text(outlet, timeout=30_000)
    page.close()


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_has_no_root_no_capability_and_nothing_to_write_on(
    compose: Compose, service: str
) -> None:
    status = compose.inside(service, "cat", "/proc/1/status").stdout
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert "0" not in fields["Uid"].split()
    assert int(fields["CapEff"], 16) == 0
    assert fields["NoNewPrivs"] == "1"
    for place in ("/usr/x", "/etc/x", "/x"):
        assert compose.inside(service, "touch", place, check=False).returncode != 0


def test_only_parley_reaches_redis(compose: Compose) -> None:
    compose.inside("parley", "python", "-c", REACH_REDIS)
    assert compose.inside("dashboard", "python", "-c", REACH_REDIS, check=False).returncode != 0


def test_a_crash_of_parley_is_mended_by_itself_and_doubles_nothing(compose: Compose) -> None:
    before = compose.log()
    compose.inside("parley", "python", "-c", CRASH, check=False)
    time.sleep(5)
    compose.wait_until_well()
    assert compose.log() == before
    compose.inside("parley", "parley", "log", "verify")


@pytest.mark.parametrize("ending", [("restart",), ("kill", "-s", "KILL")])
def test_parley_goes_on_where_it_was(compose: Compose, ending: tuple[str, ...]) -> None:
    before = compose.log()
    compose(*ending, "parley")
    compose("start", "parley")
    compose.wait_until_well()
    time.sleep(5)
    assert compose.log() == before


def test_the_service_outlives_its_redis_and_takes_in_what_comes_after(compose: Compose) -> None:
    before = compose.log()
    compose("kill", "-s", "KILL", "redis")
    time.sleep(8)
    assert compose.dashboard_answers()
    compose("start", "redis")
    compose.wait_until_well()
    assert compose.log() == before
    compose.inside("parley", "sh", "-c", "cat > /tmp/news.txt", given=NEWS)
    taken = compose.inside(
        "parley", "parley", "ingest", "/tmp/news.txt", "--published", "2025-06-06", "--json"
    )
    assert json.loads(taken.stdout)["ingested"] == 1
    compose.wait("the new article", lambda: compose.log()["pti"]["by_type"]["claims.detected"] == 6)
    compose.inside("parley", "parley", "log", "verify")


def test_it_all_stops_in_time(compose: Compose) -> None:
    before = compose.log()
    begun = time.monotonic()
    compose("stop")
    assert time.monotonic() - begun < 60
    compose("start")
    time.sleep(20)
    if (
        not compose.dashboard_answers()
    ):  # its port may be held for a while by connections that have just ended
        compose("start")
    compose.wait_until_well()
    assert compose.log() == before

"""Parts of the compose stack fail under load: what is wrong is said, and nothing is lost or doubled.

`--seed` repeats a run's random choices, `--kill-seconds` says for how long roles are killed.
"""

import random
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests.drills.failing import Load, ails
from tests.drills.stack import Outside, Stack

pytestmark = [pytest.mark.drill, pytest.mark.stack, pytest.mark.timeout(1800)]
ROLES = ("ingest", "watch", "notify", "api", "dashboard")
OPERATOR = "user operator on nopass ~* &* +@all\n"


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """This drill's dice, of the seed and its own name, whichever drills run beside it."""
    seed = request.config.getoption("--seed")
    print(f"--seed {seed}")  # noqa: T201 - shown with a failure
    return random.Random(f"{seed} {request.node.name}")


@pytest.fixture
def load(stack: Stack, outside: Outside, chance: random.Random) -> Load:
    """Articles of this drill."""
    return Load(stack, outside, chance)


def says(stack: Stack, check: str, words: str, role: str = "ingest") -> None:
    """Wait until the doctor names what is wrong."""
    stack.wait(f"{check}: {words}", lambda: words in ails(stack, role).get(check, ""))


@pytest.mark.parametrize(
    ("part", "check", "words"),
    [("redis", "log", "Redis at redis:6379 does not answer"), ("postgres", "database", "cannot open")],
)
def test_a_store_is_killed_and_comes_back(
    stack: Stack, load: Load, part: str, check: str, words: str
) -> None:
    load.send()
    with load.running():
        stack("kill", "-s", "KILL", part)
        says(stack, check, words)
        stack.wait("a command that takes articles in says so too", lambda: bool(load.refusals))
        stack("start", part)
    load.check()


def test_roles_are_killed_at_random_under_load(
    stack: Stack, load: Load, chance: random.Random, request: pytest.FixtureRequest
) -> None:
    end = time.monotonic() + request.config.getoption("--kill-seconds")
    killed = []
    with load.running():
        while time.monotonic() < end:
            role = chance.choice(ROLES)
            stack("kill", "-s", "KILL", role)
            time.sleep(chance.uniform(0, 3))
            stack("start", role)
            killed.append(role)
    assert len(killed) > 2
    assert load.rounds > 1
    load.check()


def test_a_role_is_cut_off_from_redis(stack: Stack, load: Load) -> None:
    load.send()
    watch = stack.container("watch")
    network = next(name for name in watch["NetworkSettings"]["Networks"] if name.endswith("_log"))
    if stack.engine("network", "disconnect", network, watch["Name"], check=False).returncode:
        pytest.skip("this engine cannot take a running container off a network")
    try:
        with load.running():  # a command that takes articles in waits a minute for `watch`
            says(stack, "roles", "watch")
            stack.engine("network", "connect", network, watch["Name"])
    finally:
        stack.engine("network", "connect", network, watch["Name"], check=False)
    load.check()


def test_redis_has_no_room_left(stack: Stack, load: Load) -> None:
    load.send()
    configure = may_configure(stack)
    try:
        configure("1mb")
        said = load.attempt()
        assert said is not None
        assert "memory" in said.lower()
    finally:
        configure("768mb")
    load.send()
    load.check()


def may_configure(stack: Stack) -> Callable[[str], None]:
    """How an operator sets Redis's memory; no login of the stack may, so one is added first."""
    rules = stack.folder / "deploy/secrets/redis.acl"
    rules.chmod(0o644)
    with rules.open("a") as file:
        file.write(OPERATOR)
    stack("restart", "redis")
    stack.wait_until_well()

    def configure(memory: str) -> None:
        command = ("redis-cli", "--user", "operator", "--pass", "any", "CONFIG", "SET", "maxmemory", memory)
        assert stack.inside("redis", *command).stdout.strip() == "OK"

    return configure


def test_redis_loses_its_disk_and_a_backup_brings_it_back(
    stack: Stack, outside: Outside, load: Load, browser: Browser
) -> None:
    load.send()
    load.check()
    stack("run", "--rm", "backup", "backup", "/backups")
    stack.inside("redis", "sh", "-c", "rm -r /data/*")
    stack("kill", "-s", "KILL", "redis")
    stack("start", "redis")
    says(stack, "roles", "was lost")
    page = browser.new_page()
    page.goto(stack.url())
    expect(page.get_by_text("was lost").first).to_be_visible(timeout=60_000)
    page.close()
    told = list(outside.hook_ids)
    start_empty(stack)
    stack("run", "--rm", "backup", "restore", "/backups")
    stack("up", "-d", within=800)
    load.check()
    assert outside.hook_ids == told, "nothing of the past is told again"
    load.send()
    load.check()


def start_empty(stack: Stack) -> None:
    """Only the stores run, and hold nothing, as in a new stack with the old volume of backups."""
    stack.inside("backup", "sh", "-c", "rm -rf /data/*")
    stack("stop", *ROLES, "backup")
    stack.inside("redis", "sh", "-c", "rm -rf /data/*")
    stack("kill", "-s", "KILL", "redis")
    stack("start", "redis")
    psql = ("psql", "-U", "postgres", "-d", "postgres", "-c")
    stack.inside("postgres", *psql, "DROP DATABASE parley WITH (FORCE)")
    stack.inside("postgres", *psql, "CREATE DATABASE parley")
    stack("run", "--rm", "migrate")

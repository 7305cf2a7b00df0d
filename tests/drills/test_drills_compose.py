"""docker-compose.yml for real: it comes up, is confined, tells others, and loses or doubles nothing when parts die."""

import json
import time
from datetime import UTC, datetime

import pytest

from tests.drills.stack import WELL_S, Outside, Stack

pytestmark = [pytest.mark.drill, pytest.mark.stack, pytest.mark.timeout(1800)]
ROLES = ("ingest", "watch", "notify", "api", "dashboard")
NGINX = ("gate", "proxy")
CRASH = """
import os, pathlib, signal
for process in pathlib.Path("/proc").glob("[0-9]*"):
    if process.name != "1" and b"\\0run\\0--role\\0" in (process / "cmdline").read_bytes():
        os.kill(int(process.name), signal.SIGKILL)
"""
REACH = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=3)"
LISTED = "for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$f; echo; done"
NEWS = (
    "PTI and government teams meet again\n\nISLAMABAD: The PTI and the federal government resumed talks in Islamabad "
    "on {day}, Barrister Gohar Ali Khan told reporters after the first sitting of the two committees.\n"
)


def test_all_health_checks_pass_in_time(stack: Stack) -> None:
    assert stack.well_s < WELL_S


@pytest.mark.parametrize("service", ["redis", "postgres", *ROLES, *NGINX, "backup"])
def test_a_container_has_no_root_no_capability_and_nothing_to_write_on(stack: Stack, service: str) -> None:
    look = "cat /proc/1/status; touch /usr/x || touch /etc/x || touch /x && echo WRITTEN"
    status = stack.inside(service, "sh", "-c", look, check=False).stdout
    assert "WRITTEN" not in status
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert "0" not in fields["Uid"].split()
    assert int(fields["CapEff"], 16) == 0
    assert fields["NoNewPrivs"] == "1"
    assert fields["Seccomp"] == "2"


def test_the_image_has_no_compiler(stack: Stack) -> None:
    assert stack.inside("watch", "sh", "-c", "command -v cc gcc g++ make || true").stdout == ""


def test_only_who_needs_it_reaches_redis_postgres_and_the_world(stack: Stack, outside: Outside) -> None:
    def reach(host: str, port: int) -> set[str]:
        command = ("python", "-c", REACH, host, str(port))
        return {role for role in ROLES if not stack.inside(role, *command, check=False).returncode}

    assert reach("redis", 6379) == {"ingest", "watch", "notify", "api"}
    assert reach("postgres", 5432) == set(ROLES)
    address = (stack.folder / "parley.toml").read_text().partition('host = "')[2].partition('"')[0]
    assert reach(address, outside.hook_port) == {"ingest", "notify"}


def test_no_secret_is_in_what_the_engine_the_logs_and_the_lists_of_processes_tell(stack: Stack) -> None:
    told = json.dumps(stack.inspected()) + stack("logs").stdout
    for service in stack.running:
        told += stack.inside(service, "sh", "-c", LISTED).stdout
    secrets = stack.secrets()
    assert len(secrets) >= 11
    assert {name for name, words in secrets.items() if words in told} == set()


def test_the_login_of_the_roles_is_no_administrators(stack: Stack) -> None:
    ask = "SELECT rolname FROM pg_roles WHERE rolcanlogin AND (rolsuper OR rolcreaterole)"
    found = stack.inside("postgres", "psql", "-U", "postgres", "-d", "parley", "-Atc", ask).stdout.split()
    assert found == ["postgres"]


def test_an_alert_reaches_a_webhook_and_a_mailbox_outside_once(stack: Stack, outside: Outside) -> None:
    now = datetime.now(UTC)
    stack.inside("ingest", "sh", "-c", "cat > /tmp/today.txt", given=NEWS.format(day=f"{now:%A}"))
    stack.inside(
        "ingest", "parley", "ingest", "/tmp/today.txt", "--published", now.isoformat(timespec="seconds")
    )
    stack.wait("the alert", lambda: bool(outside.hooks and outside.mails))
    time.sleep(5)
    assert [hook["data"]["to"] for hook in outside.hooks] == ["underway"]
    assert [mail.rcpt_tos for mail in outside.mails] == [["desk@example.org"]]
    assert b"resumed" in (outside.mails[0].original_content or b"")


def test_a_backup_is_made_at_once(stack: Stack) -> None:
    stack.wait("the backup", lambda: "backup-" in stack.inside("backup", "ls", "/backups").stdout)
    stack.inside("backup", "sh", "/etc/parley/nightly", "log", "verify")


@pytest.mark.parametrize("role", ROLES)
def test_a_crash_of_a_role_is_mended_by_itself_and_doubles_nothing(stack: Stack, role: str) -> None:
    before = stack.log()
    stack.inside(role, "python", "-c", CRASH, check=False)
    time.sleep(3)
    stack.wait_until_well()
    assert stack.log() == before


@pytest.mark.parametrize("ending", [("restart",), ("kill", "-s", "KILL")])
def test_roles_go_on_where_they_were(stack: Stack, ending: tuple[str, ...]) -> None:
    before = stack.log()
    for role in ("ingest", "watch", "notify"):
        stack(*ending, role)
        stack("start", role)
    stack.wait_until_well()
    time.sleep(5)
    assert stack.log() == before


@pytest.mark.parametrize(("lost", "day"), [("redis", 6), ("postgres", 20)])
def test_the_roles_outlive_what_they_keep_things_in_and_take_in_what_comes_after(
    stack: Stack,
    lost: str,
    day: int,
) -> None:
    before, detected = stack.log(), stack.detected()
    stack("kill", "-s", "KILL", lost)
    time.sleep(8)
    stack("start", lost)
    stack.wait_until_well()
    assert stack.log() == before
    news = f"/tmp/after-{lost}.txt"  # the same path again would be a revision
    stack.inside("ingest", "sh", "-c", f"cat > {news}", given=NEWS.format(day=f"June {day}"))
    taken = stack.inside("ingest", "parley", "ingest", news, "--published", f"2025-06-{day:02}", "--json")
    assert json.loads(taken.stdout)["ingested"] == 1
    stack.wait("the new article", lambda: stack.detected() == detected + 1)
    stack.inside("api", "parley", "log", "verify")


def test_it_all_stops_in_time(stack: Stack) -> None:
    before = stack.log()
    begun = time.monotonic()
    stack("stop")
    assert time.monotonic() - begun < WELL_S
    stack.start_all()
    stack.wait_until_well()
    assert stack.log() == before

"""A claim is dismissed over HTTP and by the command, on a real Redis, while a service reads: all follows within 5 s."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from monitor import ids
from monitor.api import tokens
from monitor.api.context import Context
from monitor.api.tokens import Scope
from monitor.log.embedded import open_log
from monitor.log.verify import verify
from monitor.readmodel import queries
from monitor.readmodel.dismissals import dismissed_claims
from monitor.service.judging import Bench
from monitor.service.settings import Settings
from monitor.service.watch import watches
from monitor.service.wiring import Parley as Service
from monitor.service.wiring import assemble
from tests.api.serving import served
from tests.integration.conftest import run_parley
from tests.integration.test_quieting_commands import line

NOW = datetime.now(UTC)
TALKS = ("A long evening in Islamabad", "The PTI and the federal government held talks, both sides said.")
WITHIN_S = 5.0
"""Issue 7: the status, the alerts and the page follow within 5 s."""


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with one alert, that rests on one claim."""
    (tmp_path / "one.jsonl").write_text(line(1, NOW - timedelta(days=2), *TALKS))
    done = run_parley("ingest", str(tmp_path / "one.jsonl"), data=tmp_path / "data")
    assert done.returncode == 0, done.stderr
    return tmp_path / "data"


@pytest.fixture
def service(data: Path) -> Iterator[Service]:
    """The role `watch` at work on it."""
    stop = threading.Event()
    with open_log(data) as log:
        parley = assemble(Settings(data=data), log, now)
        threads = [threading.Thread(target=watch.run, args=(stop,)) for watch in watches(parley)]
        for thread in threads:
            thread.start()
        yield parley
        stop.set()
        for thread in threads:
            thread.join(20)
        assert verify(log) == []
        parley.close()


def follows(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + WITHIN_S
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_the_status_and_the_alert_follow_what_an_operator_says(service: Service) -> None:
    model = service.read_model
    secret = tokens.add(service.service, "desk", Scope.OPERATOR, now())
    (claim,) = queries.claims(model, "pti")
    bench = Bench(service.log, model, service.topics)
    context = Context(model, dict, now, judge=bench.judged_for(now))

    def stands(status: str, alert: str) -> bool:
        (told,) = queries.alerts(model, "pti")
        return (queries.status(model, "pti", now=now()).status, told.state) == (status, alert)

    def judge(client: httpx.Client, verdict: str, why: str) -> None:
        answer = client.post(
            f"/v1/topics/pti/claims/{claim.id}/{verdict}",
            json={"why": why},
            headers={"Authorization": f"Bearer {secret}"},
        )
        assert answer.status_code == 200, answer.text
        assert answer.json()["shown"] is True

    assert stands("underway", "raised")
    with served(context) as client:
        judge(client, "dismiss", "They met in 2023.")
        assert follows(lambda: stands("none", "cancelled"))
        (gone,) = dismissed_claims(model, "pti")
        assert gone.dismissal is not None
        assert gone.dismissal.dismissed_by == ids.operator_id("desk")
        judge(client, "restore", "They met this week, too.")
        assert follows(lambda: queries.status(model, "pti", now=now()).status == "underway")
        assert dismissed_claims(model, "pti") == []


def test_the_command_does_the_same_without_a_service(data: Path) -> None:
    (claim,) = json.loads(run_parley("claims", "pti", "--json", data=data).stdout)
    listed = run_parley("claims", "pti", data=data)
    assert claim["id"][:8] in listed.stdout
    assert run_parley("claims", "list", "pti", data=data).stdout == listed.stdout
    named = ("pti", claim["id"][:8], "--operator", "Desk")
    done = run_parley("claims", "dismiss", *named, "--why", "They met in 2023.", data=data)
    assert (done.returncode, done.stdout[:26]) == (0, "pti/government: dismissed: "[:26])
    assert json.loads(run_parley("status", "pti", "--json", data=data).stdout)["status"] == "none"
    (alert,) = json.loads(run_parley("alerts", "pti", "--json", data=data).stdout)
    assert alert["state"] == "cancelled"
    assert json.loads(run_parley("claims", "--json", data=data).stdout) == []

    other = run_parley("claims", "dismiss", *named[:3], "Another", "--why", "So it is.", data=data)
    assert other.returncode == 2
    assert "already" in other.stderr
    back = run_parley("claims", "restore", *named, "--why", "They met again.", "--json", data=data)
    assert back.returncode == 0
    said = json.loads(back.stdout)
    assert said["verdict"] == "restored"
    assert said["dismissal"]["restored_by"] == ids.operator_id("desk")
    assert json.loads(run_parley("status", "pti", "--json", data=data).stdout)["status"] == "underway"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("dismiss", "pti", "ffffffff", "--why", "x"), "not one claim"),
        (("dismiss", "nowhere", "ffffffff", "--why", "x"), "no topic 'nowhere'"),
        (("dismiss", "pti", "ffffffff"), "parameter: why"),
    ],
)
def test_the_command_says_what_is_wrong(data: Path, arguments: tuple[str, ...], said: str) -> None:
    done = run_parley("claims", *arguments, data=data)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1

"""What operators do over HTTP: who they are, and their word on claims; refused to everybody else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import fakeredis
import httpx
import pytest

from monitor import ids
from monitor.api import tokens
from monitor.api.tokens import Scope
from monitor.errors import LogUnavailableError
from monitor.log.events import Verdict
from monitor.log.stream import EventLog
from monitor.readmodel import queries
from monitor.readmodel.model import ReadModel
from monitor.service.judging import Bench
from monitor.service.wiring import open_service
from tests.api.serving import NOW, context_of, served
from tests.readmodel.story import TOPIC, Story, project, tell_all

WHY = {"why": "It speaks of last year."}


class Desk(NamedTuple):
    """The interface over the made-up story, with a token of each scope."""

    client: httpx.Client
    log: EventLog
    story: Story
    model: ReadModel
    secrets: dict[Scope, str]

    @property
    def claim(self) -> str:
        return next(one.id for one in queries.claims(self.model, "docks") if one.status == "rejected")

    def post(
        self, verdict: str, claim: str, body: Any = WHY, scope: Scope = Scope.OPERATOR, topic: str = "docks"
    ) -> httpx.Response:
        path = f"/v1/topics/{topic}/claims/{claim}/{verdict}"
        return self.client.post(path, json=body, headers=bearer(self.secrets[scope]), timeout=20)

    def words(self) -> list[str]:
        kept = (one.event.type for one in self.log.read_all("docks"))
        return [type_ for type_ in kept if type_.startswith("claim.")]


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr("monitor.service.judging.PATIENCE_S", 0.2)
    server = fakeredis.FakeServer()
    log = EventLog(fakeredis.FakeRedis(protocol=2, legacy_responses=False, server=server))
    story, model = Story(log), ReadModel(tmp_path / "data")
    tell_all(story)
    project(story, model)
    service = open_service(model.store)
    secrets = {scope: tokens.add(service, f"a-{scope}", scope, NOW) for scope in Scope}
    service.dispose()
    bench = Bench(log, model, {TOPIC.id: TOPIC})
    with served(context_of(model)._replace(judge=bench.judged_for(lambda: NOW))) as client:
        yield Desk(client, log, story, model, secrets)


def problem(answer: httpx.Response, status: int) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == status, answer.text
    return str(answer.json()["detail"])


def test_me_says_whose_token_it_is(desk: Desk) -> None:
    me = desk.client.get("/v1/me", headers=bearer(desk.secrets[Scope.OPERATOR])).json()
    assert me == {"name": "a-operator", "scope": "operator", "operator": ids.operator_id("a-operator")}
    me = desk.client.get("/v1/me", headers=bearer(desk.secrets[Scope.READ])).json()
    assert me == {"name": "a-read", "scope": "read", "operator": None}
    assert desk.client.get("/v1/me").json() == {"name": None, "scope": None, "operator": None}
    problem(desk.client.get("/v1/me", headers=bearer("parley_guess")), 401)


def test_an_operator_dismisses_and_restores_a_claim(desk: Desk) -> None:
    claim, who = desk.claim, ids.operator_id("a-operator")
    answer = desk.post("dismiss", claim)
    assert answer.status_code == 200
    said = answer.json()
    assert len(said.pop("event")) == 32
    assert said == {
        "topic": "docks", "claim": claim, "verdict": "dismissed", "operator": who, "shown": False,
    }  # fmt: skip
    project(desk.story, desk.model)
    again = desk.post("dismiss", claim).json()
    assert (again["event"], again["shown"]) == (answer.json()["event"], True)
    assert "already" in problem(desk.post("dismiss", claim, {"why": "I think so too."}), 409)
    assert desk.post("restore", claim).json()["verdict"] == "restored"
    assert desk.words() == ["claim.dismissed", "claim.restored"]
    kept = [one.event for one in desk.log.read_all("docks")][-1]
    assert "a-operator" not in str(kept)
    assert kept.data == {"claim_id": claim, "operator_id": who, "why": WHY["why"]}


@pytest.mark.parametrize("scope", [Scope.READ, Scope.WRITE])
def test_nobody_else_may(desk: Desk, scope: Scope) -> None:
    assert "this needs operator" in problem(desk.post("dismiss", desk.claim, scope=scope), 403)
    path = f"/v1/topics/docks/claims/{desk.claim}/dismiss"
    assert "needs a token" in problem(desk.client.post(path, json=WHY), 401)
    assert desk.words() == []


def test_what_cannot_be_is_refused_in_clear_words(desk: Desk) -> None:
    claim = desk.claim
    assert "has no claim" in problem(desk.post("dismiss", "0" * 32), 404)
    assert "not watched" in problem(desk.post("dismiss", claim, topic="elsewhere"), 404)
    assert "is not dismissed" in problem(desk.post("restore", claim), 409)
    assert "claim: " in problem(desk.post("dismiss", "no-id"), 422)
    assert "why: " in problem(desk.post("dismiss", claim, {}), 422)
    assert "why: " in problem(desk.post("dismiss", claim, {"why": "x" * 501}), 422)
    assert "say why" in problem(desk.post("dismiss", claim, {"why": "   "}), 422)
    assert "reason: " in problem(desk.post("dismiss", claim, {**WHY, "reason": "x"}), 422)
    assert desk.words() == []


def test_a_log_that_cannot_be_reached_and_one_that_is_not_there_are_said(desk: Desk) -> None:
    def out_of_reach(
        topic: str, claim: str, verdict: Verdict, *, operator: str, why: str
    ) -> tuple[str, bool]:
        raise LogUnavailableError("Redis does not answer at unix:/nowhere")

    path = f"/v1/topics/docks/claims/{desk.claim}/dismiss"
    for judge, said in ((out_of_reach, "does not answer"), (None, "has no log")):
        with served(context_of(desk.model)._replace(judge=judge)) as client:
            answer = client.post(path, json=WHY, headers=bearer(desk.secrets[Scope.OPERATOR]))
            assert said in problem(answer, 503)

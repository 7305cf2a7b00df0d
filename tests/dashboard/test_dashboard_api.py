"""What the dashboard asks of the real HTTP interface, and what it says when that does not answer."""

from pathlib import Path

import pytest

from dashboard.api import Api, ApiError, Subscribing
from monitor.api import tokens
from monitor.api.tokens import Scope
from monitor.log.events import Verdict
from monitor.service.wiring import open_service
from tests.api.serving import NOW, context_of, served, told_model

CLAIM = "0" * 31 + "1"


class Offer:
    """Who may subscribe."""

    is_open = True


def test_it_knows_operators_and_judges_for_them(tmp_path: Path) -> None:
    model = told_model(tmp_path / "data")
    service = open_service(model.store)
    secrets = {scope: tokens.add(service, f"a-{scope}", scope, NOW) for scope in Scope}
    service.dispose()
    said: list[tuple[str, ...]] = []

    def judge(topic: str, claim: str, verdict: Verdict, *, operator: str, why: str) -> tuple[str, bool]:
        said.append((topic, claim, verdict, why))
        return "e" * 32, True

    with served(context_of(model, read="token")._replace(judge=judge)) as client:
        api = Api(str(client.base_url).rstrip("/"))
        assert api.operator(secrets[Scope.OPERATOR]) == "a-operator"
        assert api.operator(secrets[Scope.WRITE]) is None
        assert api.operator("parley_guess") is None
        assert api.judge(secrets[Scope.OPERATOR], "docks", CLAIM, "dismiss", "of last year")
        with pytest.raises(ApiError, match="this needs operator"):
            api.judge(secrets[Scope.WRITE], "docks", CLAIM, "dismiss", "why")
        with pytest.raises(ApiError, match="why: "):
            api.judge(secrets[Scope.OPERATOR], "docks", CLAIM, "restore", "")
        with pytest.raises(ApiError):
            api.judge(secrets[Scope.OPERATOR], "docks", "../../../me?", "dismiss", "why")
        assert api.subscribing() == Subscribing(is_open=False, feeds_are_open=False)
    assert said == [("docks", CLAIM, "dismissed", "of last year")]


def test_it_says_whether_people_may_subscribe(tmp_path: Path) -> None:
    context = context_of(told_model(tmp_path / "data"))._replace(people=Offer())
    with served(context) as client:
        api = Api(str(client.base_url).rstrip("/"))
        assert api.subscribing() == Subscribing(is_open=True, feeds_are_open=True)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://[", "nonsense"])
def test_an_interface_that_does_not_answer_is_said(url: str) -> None:
    for ask in (lambda: Api(url).operator("x"), lambda: Api(url).subscribing()):
        with pytest.raises(ApiError, match="does not answer at"):
            ask()


def test_the_environment_says_where_it_is() -> None:
    api = Api("http://api:8500", "https://talks.example")
    assert Api.of(api.environment()) == api
    assert Api.of({}) == Api("http://127.0.0.1:8500", "")

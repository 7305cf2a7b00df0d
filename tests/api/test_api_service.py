"""Health and metrics over HTTP: what operators and their machines ask for."""

import base64
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine
from sqlmodel import Session

from monitor.alerts.config import SubscriptionConfig
from monitor.alerts.delivery import SETTLED
from monitor.alerts.subscriptions import Subscriptions, subscription_id
from monitor.alerts.tables import DeliveryRow, MessageRow
from monitor.alerts.vault import Vault
from monitor.readmodel.queries import ReadModel
from monitor.readmodel.roles import note_health
from monitor.service.wiring import open_service
from monitor.sources.config import SourceConfig
from monitor.sources.state import SourceStates
from tests.api.serving import NOW, context_of, served, told_model

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
Values = dict[tuple[str, ...], float]


def metrics(client: httpx.Client) -> Values:
    """(name, label values in order) -> value."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, *(sample.labels[key] for key in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_alive_is_not_the_same_as_ready(told: ReadModel) -> None:
    troubles: dict[str, str] = {}
    with served(context_of(told, troubles=troubles)._replace(troubles=lambda: troubles)) as client:
        assert client.get("/readyz").json() == {"ready": True, "troubles": {}}
        assert metrics(client)["parley_ready",] == 1
        troubles["watch"] = "Redis does not answer"
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == {"ready": False, "troubles": {"watch": "Redis does not answer"}}
        assert metrics(client)["parley_ready",] == 0


def test_metrics_tell_what_the_read_model_holds(client: httpx.Client) -> None:
    found = metrics(client)
    assert found["parley_articles",] == found["parley_claims",] == found["parley_shifts",] == 5
    assert (found["parley_topics",], found["parley_dead_letters",]) == (1, 0)
    assert found["parley_alerts", "raised"] == 3
    assert found["parley_alerts", "suppressed"] == 2
    assert found["parley_alerts", "cancelled"] == 0
    assert found["parley_last_event_timestamp_seconds",] == pytest.approx(1772352021)


def test_metrics_tell_of_nothing_before_anything_has_run(tmp_path: Path) -> None:
    with served(context_of(ReadModel(tmp_path))) as client:
        found = metrics(client)
    assert found["parley_articles",] == 0
    assert ("parley_last_event_timestamp_seconds",) not in found


def test_metrics_tell_of_deliveries_sources_and_roles(tmp_path: Path) -> None:
    model = told_model(tmp_path / "data")
    service = open_service(model.store)
    states = SourceStates(service)
    states.enrol([SourceConfig(id=id_, url=f"https://{id_}.example/feed") for id_ in ("post", "tide")], NOW)
    note_health(service, "ingest", NOW)
    note_health(service, "watch docks", NOW - timedelta(seconds=40))
    note_health(service, "watch rails", NOW)
    note_health(service, "notify", NOW, "the mail server does not answer")
    _deliver(service, [("mail", "succeeded"), ("mail", "abandoned"), ("hook", "failed"), ("hook", "pending")])
    service.dispose()
    with served(context_of(model)) as client:
        text = client.get("/metrics").text
        found = metrics(client)
    assert {key[1:]: value for key, value in found.items() if key[0] == "parley_delivery_queue"} == {
        ("email", "succeeded"): 1,
        ("email", "abandoned"): 1,
        ("webhook", "failed"): 1,
        ("webhook", "pending"): 1,
    }
    assert found["parley_delivery_age_seconds",] == 8 * 60
    assert found["parley_sources", "new"] == 2
    assert found["parley_feed_stale",] == 0
    role = "parley_role_last_success_timestamp_seconds"
    assert found[role, "ingest"] == NOW.timestamp()
    assert found[role, "watch"] == NOW.timestamp() - 40  # the reader that lags most
    assert (role, "notify") not in found
    assert not {"docks", "post", "tide", "desk@example.org"} & set(text.replace('"', " ").split())


def _deliver(service: Engine, outcomes: list[tuple[str, str]]) -> None:
    """One delivery after the other, a minute apart, the first ten minutes ago."""
    mail = SubscriptionConfig(id="mail", kind="email", address="desk@example.org")
    hook = SubscriptionConfig(id="hook", kind="webhook", url="https://desk.example/hook", secret=SECRET)
    Subscriptions(service, Vault("a" * 43 + "=")).sync([mail, hook], NOW)
    with Session(service) as session:
        session.add(MessageRow(event_id="e", topic="docks", alert="a", kind="alert", content={}))
        session.flush()
        for seq, (name, state) in enumerate(outcomes):
            session.add(
                DeliveryRow(
                    delivery_id=str(seq),
                    event_id="e",
                    alert="a",
                    subscription=subscription_id(name),
                    kind="alert",
                    state=state,
                    settled_at=NOW if state in SETTLED else None,
                    next_try_at=NOW,
                    created_at=NOW - timedelta(minutes=10 - seq),
                )
            )
        session.commit()


def test_answers_are_counted_by_status(told: ReadModel) -> None:
    with served(context_of(told, rate="3/hour")) as client:
        for path in ("/v1/topics", "/v1/nothing"):
            client.get(path)
        found = metrics(client)
        assert client.get("/v1/topics").status_code == 429
    assert found["parley_api_answers_total", "200"] == 1
    assert found["parley_api_answers_total", "404"] == 1


def test_a_defect_is_counted_too(told: ReadModel) -> None:
    def broken() -> dict[str, str]:
        raise RuntimeError("a defect")

    troubles: list[Callable[[], dict[str, str]]] = [broken]
    with served(context_of(told)._replace(troubles=lambda: troubles[-1]())) as client:
        assert client.get("/readyz", headers={"Connection": "close"}).status_code == 500
        troubles.append(dict)
        assert metrics(client)["parley_api_answers_total", "500"] == 1

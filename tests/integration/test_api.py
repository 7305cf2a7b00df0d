"""The HTTP interface over the read model of the seeds."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from monitor.api.app import create_app
from monitor.readmodel.queries import ReadModel

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def troubles() -> dict[str, str]:
    return {}


@contextmanager
def served(app: Starlette) -> Iterator[httpx.Client]:
    """A client of the application on a real server."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        yield client
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def client(seeded_model: ReadModel, troubles: dict[str, str]) -> Iterator[httpx.Client]:
    with served(create_app(seeded_model, lambda: troubles, lambda: NOW)) as client:
        yield client


def test_status_timeline_and_alerts_are_the_documents_of_the_command(client: httpx.Client) -> None:
    status = client.get("/v1/topics/pti/status").json()
    assert (status["status"], status["since"], status["stale"]) == ("rejected", "2025-05-29", True)
    timeline = client.get("/v1/topics/pti/timeline").json()
    assert [channel["channel"] for channel in timeline["channels"]] == [
        "government",
        "establishment",
        "overseas",
    ]
    alerts = client.get("/v1/topics/pti/alerts").json()
    assert {"from", "to", "state", "reason"} <= set(alerts[0])


def test_an_unknown_topic_is_not_found_and_says_which_there_are(client: httpx.Client) -> None:
    answer = client.get("/v1/topics/ptj/status")
    assert answer.status_code == 404
    assert "pti" in answer.json()["error"]


def test_alive_is_not_the_same_as_ready(client: httpx.Client, troubles: dict[str, str]) -> None:
    assert client.get("/readyz").json() == {"ready": True, "troubles": {}}
    troubles["watch"] = "Redis does not answer"
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["troubles"] == {"watch": "Redis does not answer"}


def test_without_a_read_model_it_says_so(tmp_path: Path) -> None:
    with served(create_app(ReadModel(tmp_path), dict, lambda: NOW)) as client:
        assert client.get("/v1/topics/pti/status").status_code == 503

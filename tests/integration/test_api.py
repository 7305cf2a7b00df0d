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
from fastapi import FastAPI

from monitor.api.app import create_app
from monitor.api.context import Context
from monitor.ids import fact_id, quote_hash
from monitor.log.stream import EventLog
from monitor.readmodel import queries
from monitor.readmodel.queries import WITHHELD, ReadModel
from monitor.readmodel.roles import SERVICE_FILE
from monitor.readmodel.store import open_engine
from monitor.sources.config import SourceConfig
from monitor.sources.state import SourceStates
from tests.readmodel.story import Story, project, tell_all

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def troubles() -> dict[str, str]:
    return {}


@contextmanager
def served(app: FastAPI) -> Iterator[httpx.Client]:
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
    with served(create_app(Context(seeded_model, lambda: troubles, lambda: NOW))) as client:
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
    assert "pti" in answer.json()["detail"]


def test_the_sources_are_told_with_how_they_fare(tmp_path: Path) -> None:
    model = ReadModel(tmp_path)
    with served(create_app(Context(model, dict, lambda: NOW))) as client:
        assert client.get("/v1/sources").json() == []
        states = SourceStates(open_engine(tmp_path / SERVICE_FILE))
        states.enrol([SourceConfig(id="post", url="https://me:pass@post.example/feed?key=pass")], NOW)
        answer = client.get("/v1/sources")
    assert "pass" not in answer.text
    [source] = answer.json()
    assert (source["id"], source["place"]) == ("post", "https://post.example/feed")
    assert (source["state"], source["next_poll_at"]) == ("new", "2026-11-22T00:00:00Z")
    assert (source["entries_seen"], source["problem"]) == (None, None)


def test_alive_is_not_the_same_as_ready(client: httpx.Client, troubles: dict[str, str]) -> None:
    assert client.get("/readyz").json() == {"ready": True, "troubles": {}}
    troubles["watch"] = "Redis does not answer"
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["troubles"] == {"watch": "Redis does not answer"}


def test_what_a_removed_article_said_is_answered_without_its_words(
    fake_log: EventLog, data_dir: Path
) -> None:
    story, model = Story(fake_log), ReadModel(data_dir)
    tell_all(story)
    project(story, model)
    paths = [f"/v1/topics/docks/{what}" for what in ("status", "timeline", "alerts")]
    words = "The dockers’ leader rejected a new round of talks"
    with served(create_app(Context(model, dict, lambda: NOW))) as client:
        before = [client.get(path).text for path in paths]
        story.remove(fact_id("test-article", "a4"))
        project(story, model)
        after = [client.get(path).text for path in paths]
    assert all(words in answer for answer in before)
    assert after == [answer.replace(words, WITHHELD) for answer in before]


def test_another_days_status_is_the_same_without_the_words(fake_log: EventLog, data_dir: Path) -> None:
    """It is computed from the claims as they are stored."""
    story, model = Story(fake_log), ReadModel(data_dir)
    tell_all(story)
    project(story, model)
    before = queries.timeline(model, "docks", as_of=NOW.date())
    claims = {claim.id: claim for claim in queries.claims(model, "docks")}
    for key in ("a1", "a2", "a3", "a4"):
        story.remove(fact_id("test-article", key))
    project(story, model)
    after = queries.timeline(model, "docks", as_of=NOW.date())
    for one, other in zip(before.channels, after.channels, strict=True):
        assert [(part.status, part.start, part.confidence) for part in one.segments] == [
            (part.status, part.start, part.confidence) for part in other.segments
        ]
    for claim in queries.claims(model, "docks"):
        was = claims[claim.id]
        assert claim.quote_hash == was.quote_hash == quote_hash(was.span["text"])
        assert (claim.span["start"], claim.span["end"]) == (was.span["start"], was.span["end"])
        assert (claim.kind, claim.channel, claim.when) == (was.kind, was.channel, was.when)


def test_without_a_read_model_it_says_so(tmp_path: Path) -> None:
    with served(create_app(Context(ReadModel(tmp_path), dict, lambda: NOW))) as client:
        assert client.get("/v1/topics/pti/status").status_code == 503

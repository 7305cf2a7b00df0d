"""From a real log into the queue, and a process that is killed for real on the way to a real receiver."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import Session, select

from monitor.alerts.fanout import fanned_out, follow, review_restored
from monitor.alerts.queue import claim
from monitor.alerts.tables import DeliveryRow, OutcomeRow, transaction
from monitor.errors import DataLostError
from monitor.log.keys import Stream, key
from monitor.readmodel.store import Store
from monitor.service.loss import accept_loss
from monitor.service.wiring import open_service

ROOT = Path(__file__).parents[2]
PROCESS = Path(__file__).parent / "deliver_once.py"


def append(log, *recorded):
    for entry in recorded:
        log.append("pti", [entry.event], expected_decisions=log.decisions("pti"))


def test_alerts_in_the_log_become_deliveries_once(story, engine, clock, embedded_log):
    clock.now = clock.now.replace(year=2020)  # subscribed before the server appends anything
    story.subscribe(story.webhook("desk"))
    append(embedded_log, story.alert("a"), story.alert("b", "alert.suppressed"), story.update("a"))
    assert follow(engine, embedded_log, "pti", story.render, clock) == 2
    assert follow(engine, embedded_log, "pti", story.render, clock) == 0
    append(embedded_log, story.cancel("a"), story.update("b"))
    assert follow(engine, embedded_log, "pti", story.render, clock) == 1
    assert fanned_out(engine, "pti").position == embedded_log.head("pti")


def test_a_topic_without_a_log_has_nothing_to_tell(story, engine, clock, fake_log):
    assert follow(engine, fake_log, "pti", story.render, clock) == 0
    assert fanned_out(engine, "pti") is None


def test_fanning_out_stops_loudly_when_the_log_lost_what_was_told(story, engine, clock, embedded_log):
    append(embedded_log, story.alert("a"))
    follow(engine, embedded_log, "pti", story.render, clock)
    embedded_log._redis.flushall()
    append(embedded_log, story.alert("b"))
    with pytest.raises(DataLostError):
        follow(engine, embedded_log, "pti", story.render, clock)


def test_an_entry_that_is_no_event_is_told_of_and_passed_over(story, engine, clock, embedded_log, caplog):
    clock.now = clock.now.replace(year=2020)
    story.subscribe(story.webhook("desk"))
    embedded_log._redis.xadd(key("pti", Stream.LOG), {"event": "{}"})
    append(embedded_log, story.alert("a"))
    assert follow(engine, embedded_log, "pti", story.render, clock) == 1
    assert "no event" in caplog.text
    assert len(claim(engine, clock(), 9)) == 1


def deliver(data, url, failpoint="", *more):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PARLEY_FAILPOINT": failpoint}
    run = subprocess.run(
        [sys.executable, str(PROCESS), str(data), url, *more],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode in {0, -signal.SIGKILL}, run.stderr
    return run.returncode


@pytest.mark.drill
@pytest.mark.parametrize(
    "failpoint", ["commit.before:2", "commit.after:2", "send.after:1", "commit.before:4"]
)
def test_a_killed_process_leaves_nothing_undone(tmp_path, receiver, failpoint):
    assert deliver(tmp_path, receiver.url, failpoint) == -signal.SIGKILL
    assert deliver(tmp_path, receiver.url) == 0
    ids = [request.headers["webhook-id"] for request in receiver.requests]
    assert len(set(ids)) == 2
    assert len(ids) - len(set(ids)) <= 1
    recorded = [json.loads(line) for line in (tmp_path / "outcomes").read_text().splitlines()]
    assert {event["data"]["delivery_id"] for event in recorded} == set(ids)
    assert {event["type"] for event in recorded} == {"delivery.succeeded"}


@pytest.mark.drill
@pytest.mark.parametrize(
    "failpoint",
    [*(f"commit.{at}:{number}" for at in ("before", "after") for number in (2, 3, 4, 5)), "send.after:1"],
)
def test_a_digest_survives_a_kill_at_any_point(tmp_path, receiver, failpoint):
    assert deliver(tmp_path, receiver.url, failpoint, "group") == -signal.SIGKILL
    assert deliver(tmp_path, receiver.url, "", "group") == 0
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1
    assert {len(request.json["data"]["alerts"]) for request in receiver.requests} == {2}
    recorded = [json.loads(line) for line in (tmp_path / "outcomes").read_text().splitlines()]
    assert {event["type"] for event in recorded} == {"delivery.succeeded"}
    assert len({event["data"]["alert_id"] for event in recorded}) == 2


def test_what_a_restored_log_tells_is_for_review_and_what_comes_after_it_is_sent(
    story, engine, clock, embedded_log
):
    clock.now = clock.now.replace(year=2020)
    story.subscribe(story.webhook("desk"))
    append(embedded_log, story.alert("told"))
    follow(engine, embedded_log, "pti", story.render, clock)
    append(embedded_log, story.alert("untold"), story.update("untold"))
    with transaction(engine) as session:
        review_restored(session, "pti", embedded_log.head("pti"), embedded_log.epoch("pti"))
    assert follow(engine, embedded_log, "pti", story.render, clock) == 0
    append(embedded_log, story.cancel("untold"), story.alert("new"))
    assert follow(engine, embedded_log, "pti", story.render, clock) == 2
    with Session(engine) as session:
        rows = session.exec(select(DeliveryRow).order_by(DeliveryRow.seq)).all()
        review = [(row.kind, row.state, row.last_error) for row in rows]
        outcomes = [json.loads(row.event) for row in session.exec(select(OutcomeRow))]
    assert review == [
        ("alert", "pending", None),
        ("alert", "abandoned", "restored"),
        ("update", "abandoned", "restored"),
        ("cancel", "pending", None),
        ("alert", "pending", None),
    ]
    assert {(one["type"], one["data"]["outcome"], one["data"]["attempt"]) for one in outcomes} == {
        ("delivery.abandoned", "restored", 0)
    }
    assert len(outcomes) == 2


def test_after_a_loss_was_accepted_alerts_that_were_never_queued_are_for_review(
    tmp_path, story, clock, embedded_log
):
    engine = story.engine = open_service(Store(tmp_path))
    clock.now = clock.now.replace(year=2020)
    story.subscribe(story.webhook("desk"))
    append(embedded_log, story.alert("a"))
    follow(engine, embedded_log, "pti", story.render, clock)
    embedded_log._redis.flushall()
    append(embedded_log, story.alert("b"))
    assert accept_loss(engine, embedded_log, ["pti"]) == ["pti"]
    assert accept_loss(engine, embedded_log, ["pti"]) == []
    append(embedded_log, story.alert("c"))
    assert follow(engine, embedded_log, "pti", story.render, clock) == 1
    with Session(engine) as session:
        states = session.exec(select(DeliveryRow.state).order_by(DeliveryRow.seq)).all()
    assert states == ["pending", "abandoned", "pending"]


def test_what_a_restored_log_tells_is_for_review_on_every_page(story, engine):
    story.subscribe(story.webhook("desk"))
    first, second, after = story.alert("a"), story.alert("b"), story.alert("c")
    with transaction(engine) as session:
        review_restored(session, "pti", second.position, "e" * 32)
    assert (story.tell(first), story.tell(second), story.tell(after)) == (0, 0, 1)

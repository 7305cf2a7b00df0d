"""How far the stages are is measured by who reads the logs, once for all, and told where there is no Redis."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis

from monitor.log.stream import EventLog
from monitor.metrics import CONSUMER_LAG_EVENTS
from monitor.readmodel import queries
from monitor.readmodel.stages import STAGES, software, stage_lags
from monitor.service import stages
from monitor.service.notify import Notify
from monitor.service.settings import Settings
from monitor.service.stages import keep_measured, measured
from monitor.service.watch import watches
from monitor.service.wiring import Parley, assemble
from monitor.sources.intake import Intake
from tests.service.test_service_reader import ARTICLES


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def parley(embedded_log: EventLog, tmp_path: Path) -> Iterator[Parley]:
    settings = Settings.model_validate({"data": tmp_path / "data", "seeds": False})
    made = assemble(settings, embedded_log, Clock())
    yield made
    made.service.dispose()


def later(parley: Parley) -> None:
    parley.clock.now += stages.EVERY


def events(parley: Parley) -> dict[str, int]:
    return {lag.stage: lag.events for lag in measured(parley)}


def test_each_stage_is_behind_until_it_has_worked(parley: Parley) -> None:
    assert events(parley) == dict.fromkeys(STAGES, 0)
    Intake(parley.log, by="test", clock=parley.clock).publish("pti", ARTICLES[:2])
    later(parley)
    assert events(parley) == dict.fromkeys(STAGES, 2)
    (waits, *_) = stage_lags(parley.read_model.store)
    assert waits.topic == "pti"
    assert waits.since is not None
    assert abs(waits.since - datetime.now(UTC)) < timedelta(minutes=1)
    (watch,) = watches(parley)
    watch.tick()
    later(parley)
    found = events(parley)
    assert (found["read_model"], found["reaction"]) == (0, 0)
    assert found["queue"] > 2, "what was decided is to be told too"
    notify = Notify(parley)
    notify.tick()
    notify.close()
    later(parley)
    keep_measured(parley)
    assert events(parley) == dict.fromkeys(STAGES, 0)
    for stage in STAGES:
        assert CONSUMER_LAG_EVENTS.labels(stage)._value.get() == 0


def test_it_is_measured_once_for_all_processes(parley: Parley) -> None:
    before = measured(parley)
    Intake(parley.log, by="test", clock=parley.clock).publish("pti", ARTICLES[:1])
    assert [lag.events for lag in measured(parley)] == [0, 0, 0], "another has just done it"
    later(parley)
    assert [lag.events for lag in measured(parley)] == [1, 1, 1]
    assert before[0].measured_at < stage_lags(parley.read_model.store)[0].measured_at


def test_redis_version_is_noted(parley: Parley) -> None:
    measured(parley)
    assert software(parley.read_model.store)["redis"] == parley.log.server().version


def test_what_was_measured_last_stands_while_redis_is_away(parley: Parley) -> None:
    measured(parley)
    at = stage_lags(parley.read_model.store)[0].measured_at
    later(parley)
    dead = EventLog(redis.Redis(port=1, socket_timeout=1, retry=None))
    keep_measured(assembled_with(parley, dead))
    assert {lag.measured_at for lag in stage_lags(parley.read_model.store)} == {at}
    shown = queries.operations(parley.read_model, parley.clock())
    assert shown.stages[0].measured_at == at


def assembled_with(parley: Parley, log: EventLog) -> Parley:
    return Parley(parley.settings, parley.topics, log, parley.read_model, parley.service, parley.clock)

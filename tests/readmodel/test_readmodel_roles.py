"""How roles fare that run in several processes: nobody overwrites another, and the dead are forgotten in time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from monitor import __version__
from monitor.readmodel import counts
from monitor.readmodel.model import ReadModel
from monitor.readmodel.roles import (
    FORGOTTEN_AFTER,
    SILENT_AFTER,
    health_rows,
    note_health,
    note_stopped,
    this_instance,
    troubles,
)
from monitor.readmodel.store import Store
from monitor.service.wiring import open_service

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = NOW + SILENT_AFTER + timedelta(seconds=1)


@pytest.fixture
def store(data_dir: Path) -> Store:
    return Store(data_dir)


@pytest.fixture
def service(store: Store) -> Engine:
    return open_service(store)


def test_two_processes_of_a_role_have_a_row_each(store: Store, service: Engine) -> None:
    note_health(service, "watch docks", NOW, instance="one:1")
    note_health(service, "watch docks", NOW, "the disk is full", instance="two:1")
    note_health(service, "watch docks", NOW)
    rows = health_rows(store)
    assert sorted(row.instance for row in rows) == sorted(["one:1", "two:1", this_instance()])
    assert {row.version for row in rows} == {__version__}
    assert troubles(store, NOW) == {"watch docks": "the disk is full"}
    note_health(service, "watch docks", NOW, "out of memory", instance="one:1")
    assert troubles(store, NOW) == {"watch docks": "out of memory; the disk is full"}


def test_a_process_that_died_is_no_trouble_while_another_does_the_same(store: Store, service: Engine) -> None:
    note_health(service, "notify", NOW, "was at its end", instance="dead:1")
    note_health(service, "notify", LATER, instance="alive:2")
    assert troubles(store, LATER) == {}
    assert [row.instance for row in health_rows(store)] == ["alive:2", "dead:1"], "operators see both"
    silent = LATER + SILENT_AFTER + timedelta(seconds=1)
    assert troubles(store, silent) == {"notify": "has not been heard of since 2026-03-02 09:01 UTC"}


def test_who_is_silent_for_a_day_is_forgotten_once_another_does_its_work(
    store: Store, service: Engine
) -> None:
    for role in ("notify", "watch gone"):
        note_health(service, role, NOW, instance="dead:1")
    note_health(service, "watch docks", NOW + FORGOTTEN_AFTER, instance="alive:2")
    assert len(health_rows(store)) == 3
    day = NOW + FORGOTTEN_AFTER + timedelta(seconds=1)
    note_health(service, "watch docks", day, instance="alive:2")
    assert [row.role for row in health_rows(store)] == ["notify", "watch docks"]
    assert troubles(store, day) == {"notify": "has not been heard of since 2026-03-02 09:00 UTC"}


def test_who_is_stopped_on_purpose_takes_those_along_that_died_before(store: Store, service: Engine) -> None:
    note_health(service, "notify", NOW, instance="dead:1")
    note_health(service, "notify", LATER, instance="other:3")
    note_health(service, "notify", LATER, instance="alive:2")
    note_health(service, "ingest", NOW, instance="dead:1")
    note_stopped(service, "notify", LATER, instance="alive:2")
    assert [(row.role, row.instance) for row in health_rows(store)] == [
        ("ingest", "dead:1"),
        ("notify", "other:3"),
    ]


def test_the_last_success_is_that_of_the_reader_that_lags_most_wherever_it_runs(
    store: Store, service: Engine
) -> None:
    second = timedelta(seconds=1)
    note_health(service, "watch docks", NOW, instance="one:1")
    note_health(service, "watch docks", NOW + 9 * second, instance="two:1")
    note_health(service, "watch rails", NOW + 5 * second, instance="one:1")
    assert counts.last_successes(ReadModel(store)) == {"watch": NOW + 5 * second}

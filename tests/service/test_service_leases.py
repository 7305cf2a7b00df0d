"""Leases: each piece of work has one holder, what a dead process held is taken over, and shares are even."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from monitor.errors import StoreError
from monitor.log.stream import Checkpoint
from monitor.readmodel.store import Store
from monitor.service.leases import LEASE, Shared, alone, replicas, share
from monitor.service.tables import reaction_of, save_reaction
from monitor.service.wiring import open_service
from tests.postgres import Postgres

NAMES = ["budget", "pti", "rail", "steel"]


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(store: Store) -> Iterator[Engine]:
    engine = open_service(store)
    yield engine
    engine.dispose()


def watcher(service: Engine, clock: Clock, holder: str, names: list[str] = NAMES) -> Shared:
    leases = Shared(service, clock, holder)
    leases.want("watch", names)
    leases.renew()
    return leases


def held(leases: Shared, names: list[str] = NAMES) -> list[str]:
    return [name for name in names if leases.holds("watch", name)]


def test_who_is_alone_holds_everything(service: Engine, clock: Clock) -> None:
    one = watcher(service, clock, "one")
    assert held(one) == NAMES
    assert not one.holds("notify"), "nobody asked for that"


def test_a_second_process_waits_until_the_first_lets_go_of_what_is_more_than_its_share(
    service: Engine, clock: Clock
) -> None:
    one = watcher(service, clock, "one")
    two = watcher(service, clock, "two")
    assert held(two) == []
    one.renew()
    assert len(held(one)) == 2
    two.renew()
    assert sorted(held(one) + held(two)) == NAMES
    for leases in (one, two) * 3:
        before = held(leases)
        leases.renew()
        assert held(leases) == before, "what is shared evenly stays where it is"


def test_what_a_dead_process_held_is_taken_over_when_it_runs_out(service: Engine, clock: Clock) -> None:
    watcher(service, clock, "one")
    clock.now += timedelta(seconds=1)
    two = watcher(service, clock, "two")
    assert held(two) == []
    clock.now += LEASE
    two.renew()
    assert held(two) == NAMES


def test_what_is_given_up_is_taken_at_once(service: Engine, clock: Clock) -> None:
    one, two = watcher(service, clock, "one"), watcher(service, clock, "two")
    one.give_up()
    two.renew()
    assert held(one) == []
    assert held(two) == NAMES


def test_who_could_not_renew_for_too_long_holds_nothing(service: Engine, clock: Clock) -> None:
    one = watcher(service, clock, "one")
    clock.now += LEASE
    assert held(one) == []
    one.renew()
    assert held(one) == NAMES


def test_a_process_that_starts_again_under_its_name_goes_on_at_once(service: Engine, clock: Clock) -> None:
    watcher(service, clock, "host:7")
    assert held(watcher(service, clock, "host:7")) == NAMES


def test_processes_with_other_topics_share_with_nobody(service: Engine, clock: Clock) -> None:
    one = watcher(service, clock, "one", ["budget", "pti"])
    two = watcher(service, clock, "two", ["rail", "steel"])
    one.renew()
    assert (held(one), held(two)) == (["budget", "pti"], ["rail", "steel"])


def test_a_lease_of_a_clock_that_was_far_ahead_holds_nobody_up(service: Engine, clock: Clock) -> None:
    clock.now += timedelta(days=400)
    watcher(service, clock, "one")
    clock.now -= timedelta(days=400)
    assert held(watcher(service, clock, "two")) == NAMES


def test_the_processes_of_a_role_are_known_while_they_live(store: Store, clock: Clock) -> None:
    assert replicas(store, "watch", clock.now) == []
    service = open_service(store)
    watcher(service, clock, "one")
    watcher(service, clock, "two").want("notify")
    assert replicas(store, "watch", clock.now) == ["one", "two"]
    assert replicas(store, "notify", clock.now) == []
    assert replicas(store, "watch", clock.now + LEASE) == []
    service.dispose()


def test_many_at_once_never_hold_the_same(service: Engine, clock: Clock) -> None:
    everyone = [Shared(service, clock, f"p{number}") for number in range(8)]

    def work(leases: Shared) -> None:
        leases.want("watch", NAMES)
        leases.want("notify")
        for _ in range(3):
            leases.renew()

    threads = [threading.Thread(target=work, args=(leases,)) for leases in everyone]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    once = [name for leases in everyone for name in held(leases)]
    assert len(once) == len(set(once))
    for leases in everyone * 2:  # what one leaves at its turn may be for those who had theirs
        leases.renew()
    assert sorted(name for leases in everyone for name in held(leases)) == NAMES
    assert sum(leases.holds("notify") for leases in everyone) == 1


def test_a_database_that_is_gone_is_an_error_and_the_lease_runs_out(
    postgres: Postgres, data_dir: Path, clock: Clock
) -> None:
    url = postgres.fresh()
    service = open_service(Store(data_dir, url))
    one = watcher(service, clock, "one")
    postgres.drop(url)
    with pytest.raises(StoreError, match="leases cannot be renewed"):
        one.renew()
    assert held(one) == NAMES, "until it runs out"
    clock.now += LEASE
    assert held(one) == []
    service.dispose()


@given(
    mine=st.sets(st.sampled_from("abcdefgh")),
    free=st.sets(st.sampled_from("abcdefgh")),
    replicas=st.integers(1, 9),
)
def test_a_share_keeps_what_there_is_before_it_takes_more(
    mine: set[str], free: set[str], replicas: int
) -> None:
    kept = share(sorted(mine), sorted(free - mine), 8, replicas)
    assert len(kept) == min(-(-8 // replicas), len(mine | free))
    assert set(kept) <= mine or mine <= set(kept)


def test_one_at_a_time_is_alone_at_a_piece_of_work(store: Store, service: Engine) -> None:
    inside, most = 0, 0
    guard = threading.Lock()

    def work(name: str) -> None:
        nonlocal inside, most
        for _ in range(5):
            with alone(store, service, name):
                with guard:
                    inside += 1
                    most = max(most, inside)
                time.sleep(0.002)
                with guard:
                    inside -= 1

    threads = [threading.Thread(target=work, args=("intake-pti",)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most == 1
    with alone(store, service, "intake-pti"), alone(store, service, "intake-rail"):
        pass  # another piece of work waits for nobody


def test_a_reader_that_lags_behind_another_does_not_move_the_topic_back(service: Engine) -> None:
    ahead, behind = Checkpoint("10-0", "b" * 32, "epoch"), Checkpoint("9-5", "a" * 32, "epoch")
    save_reaction(service, "pti", ahead)
    save_reaction(service, "pti", behind)
    assert reaction_of(service, "pti") == ahead
    anew = Checkpoint("1-0", "c" * 32, "another")
    save_reaction(service, "pti", anew)
    assert reaction_of(service, "pti") == anew, "a log that was restored begins anew"

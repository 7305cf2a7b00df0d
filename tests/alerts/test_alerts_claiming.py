"""Many who claim and settle at one time, in threads and in processes of their own: each delivery goes out once."""

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from monitor.alerts.delivery import State, Verdict, outcome
from monitor.alerts.outcomes import record_outcomes
from monitor.alerts.queue import LEASE, claim, settle
from monitor.alerts.tables import DeliveryRow, OutcomeRow
from tests.postgres import IN_POSTGRES

ROOT = Path(__file__).parents[2]
SUBSCRIPTIONS, ALERTS, THREADS = 12, 8, 6


def work_off(engine, clock, hands=5):
    """Claim and settle until nothing is due; what was claimed, in order."""
    claimed = []
    idle = 0
    while idle < 20:
        mine = claim(engine, clock(), hands)
        idle = 0 if mine else idle + 1
        claimed += [(one.recipient.subscription, one.delivery_id, one.attempt) for one in mine]
        done = Verdict(State.SUCCEEDED, "accepted")
        settle(engine, [outcome(one, done, at=clock(), by="test") for one in mine])
    return claimed


def once_each(claimed, engine):
    """Everything was claimed once, and succeeded."""
    assert Counter(id_ for _, id_, _ in claimed) == Counter(ids_of(engine))
    assert {attempt for *_, attempt in claimed} == {1}
    with Session(engine) as session:
        assert set(session.exec(select(DeliveryRow.state))) == {State.SUCCEEDED}
        assert len(session.exec(select(OutcomeRow)).all()) == len(claimed), "the log is told of each"


def ids_of(engine):
    with Session(engine) as session:
        return session.exec(select(DeliveryRow.delivery_id)).all()


@pytest.fixture
def queued(story):
    """A queue with several alerts for each of several subscriptions."""
    story.subscribe(*(story.webhook(f"desk-{number}") for number in range(SUBSCRIPTIONS)))
    story.tell(*(story.alert(str(number)) for number in range(ALERTS)))
    return story


def test_what_many_threads_claim_at_one_time_is_claimed_once(queued, engine, clock):
    with ThreadPoolExecutor(THREADS) as pool:
        working = [pool.submit(work_off, engine, clock) for _ in range(THREADS)]
    once_each([one for worker in working for one in worker.result()], engine)


def test_a_subscription_has_one_on_its_way_whoever_claims(queued, engine, clock):
    with ThreadPoolExecutor(THREADS) as pool:
        claimed = [one for many in pool.map(lambda _: claim(engine, clock(), 4), range(40)) for one in many]
    assert Counter(one.recipient.subscription for one in claimed).most_common(1)[0][1] == 1
    assert len(claimed) == SUBSCRIPTIONS
    clock.turn(LEASE + timedelta(seconds=1))
    with ThreadPoolExecutor(THREADS) as pool:
        again = [one for many in pool.map(lambda _: claim(engine, clock(), 4), range(40)) for one in many]
    assert Counter(one.recipient.subscription for one in again).most_common(1)[0][1] == 1
    assert len(again) == SUBSCRIPTIONS


@IN_POSTGRES
def test_one_who_claims_waits_for_nobody_and_passes_over_what_others_hold(queued, engine, clock):
    with engine.begin() as other:
        held = other.exec_driver_sql(
            "SELECT id FROM subscription ORDER BY id LIMIT 3 FOR NO KEY UPDATE"
        ).scalars()
        held = set(held)
        claimed = claim(engine, clock(), SUBSCRIPTIONS)
    assert len(claimed) == SUBSCRIPTIONS - 3
    assert not held & {one.recipient.subscription for one in claimed}
    assert {one.recipient.subscription for one in claim(engine, clock(), SUBSCRIPTIONS)} == held


def test_outcomes_that_several_tell_the_log_are_all_told_and_then_forgotten(queued, engine, clock):
    work_off(engine, clock)
    told = []
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda _: record_outcomes(engine, told.append), range(THREADS)))
    assert len({event.id for event in told}) == SUBSCRIPTIONS * ALERTS
    with Session(engine) as session:
        assert session.exec(select(OutcomeRow)).all() == []


@pytest.mark.drill
@IN_POSTGRES
def test_two_processes_claim_each_delivery_once(queued, engine, store):
    command = [sys.executable, "-m", "tests.alerts.claim_all", str(store.data), store.url]
    claiming = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    answers = [process.communicate(timeout=90) for process in claiming]
    assert [process.returncode for process in claiming] == [0, 0], answers
    once_each([tuple(one) for out, _ in answers for one in json.loads(out)], engine)

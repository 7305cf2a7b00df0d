"""The way from alert events into the queue, and out of it."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from monitor.alerts.delivery import State, Verdict, outcome
from monitor.alerts.fanout import fanned_out
from monitor.alerts.outcomes import record_outcomes
from monitor.alerts.queue import LEASE, claim, exchange, settle
from monitor.alerts.subscriptions import subscription_id
from monitor.alerts.tables import DeliveryRow, OutcomeRow, SubscriptionRow
from monitor.errors import LogUnavailableError


def rows(engine):
    with Session(engine) as session:
        return list(session.exec(select(DeliveryRow).order_by(DeliveryRow.seq)))


def finish(story, delivery, state=State.SUCCEEDED, reason="accepted", retry_at=None):
    now = story.clock()
    judged = Verdict(state, reason, retry_at=retry_at)
    settle(story.engine, [outcome(delivery, judged, at=now, by="test")])


def test_each_subscription_gets_one_delivery_of_an_alert(story):
    story.subscribe(story.webhook("desk"), story.email("anna"))
    assert story.tell(story.alert()) == 2
    assert {row.subscription for row in rows(story.engine)} == {
        subscription_id("desk"),
        subscription_id("anna"),
    }
    assert {row.state for row in rows(story.engine)} == {State.PENDING}


def test_fanning_out_twice_changes_nothing(story):
    story.subscribe(story.webhook("desk"))
    raised, updated = story.alert(), story.update()
    story.tell(raised, updated)
    before = [row.model_dump() for row in rows(story.engine)]
    assert story.tell(raised) == 0
    assert story.tell(raised, updated) == 0
    assert [row.model_dump() for row in rows(story.engine)] == before
    assert fanned_out(story.engine, "pti").event_id == updated.event.id


def test_a_suppressed_alert_is_told_to_nobody(story):
    story.subscribe(story.webhook("desk"))
    assert story.tell(story.alert(type_="alert.suppressed", reason="late")) == 0
    assert rows(story.engine) == []
    assert fanned_out(story.engine, "pti") is not None


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        ({}, True),
        ({"topics": ("pti",)}, True),
        ({"topics": ("elsewhere",)}, False),
        ({"min_severity": "major"}, True),
        ({"min_severity": "critical"}, False),
    ],
)
def test_a_subscription_gets_the_topics_and_severities_that_it_asks_for(story, config, wanted):
    story.subscribe(story.webhook("desk", **config))
    assert story.tell(story.alert(severity="major")) == wanted


def test_who_subscribes_later_is_not_told_of_the_past(story, clock):
    old = story.alert("old")
    clock.turn(timedelta(minutes=1))
    story.subscribe(story.webhook("desk"))
    assert story.tell(old, story.alert("new")) == 1


def test_corrections_go_only_to_those_who_got_the_alert_or_will(story, clock):
    story.subscribe(story.webhook("got"), story.webhook("will"), story.webhook("never"))
    story.tell(story.alert())
    for delivery in claim(story.engine, clock(), 9):
        if delivery.recipient.subscription == subscription_id("got"):
            finish(story, delivery)
        if delivery.recipient.subscription == subscription_id("never"):
            finish(story, delivery, State.ABANDONED, "refused")
    clock.turn(timedelta(seconds=1))
    story.subscribe(*(story.webhook(name) for name in ("got", "will", "never", "new")))
    assert story.tell(story.update()) == 2
    told = {row.subscription for row in rows(story.engine) if row.kind == "update"}
    assert told == {subscription_id("got"), subscription_id("will")}


def test_every_update_of_an_alert_is_a_message_of_its_own(story):
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert(), story.update(), story.update(), story.cancel())
    assert [row.kind for row in rows(story.engine)] == ["alert", "update", "update", "cancel"]
    assert len({row.delivery_id for row in rows(story.engine)}) == 4


def test_what_was_settled_makes_room_in_the_same_transaction(story, clock):
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert(), story.cancel())
    [first] = claim(story.engine, clock(), 9)
    arrived = outcome(first, Verdict(State.SUCCEEDED, "accepted"), at=clock(), by="test")
    [second] = exchange(story.engine, [arrived], clock(), 9)
    assert (second.kind, second.attempt) == ("cancel", 1)
    assert [row.state for row in rows(story.engine)] == [State.SUCCEEDED, State.LEASED]


def test_where_nothing_may_be_claimed_it_is_only_settled(story, clock):
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert("a"), story.alert("b"))
    [first] = claim(story.engine, clock(), 9)
    arrived = outcome(first, Verdict(State.SUCCEEDED, "accepted"), at=clock(), by="test")
    assert exchange(story.engine, [arrived], clock(), 0) == []
    assert [row.state for row in rows(story.engine)] == [State.SUCCEEDED, State.PENDING]


def test_a_correction_waits_until_the_alert_is_settled(story, clock):
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert(), story.cancel())
    first = claim(story.engine, clock(), 9)
    assert [delivery.kind for delivery in first] == ["alert"]
    finish(story, first[0], State.FAILED, "server", clock() + timedelta(hours=1))
    assert claim(story.engine, clock(), 9) == []
    clock.turn(timedelta(hours=1))
    again = claim(story.engine, clock(), 9)
    assert [(delivery.kind, delivery.attempt) for delivery in again] == [("alert", 2)]
    finish(story, again[0])
    assert [delivery.kind for delivery in claim(story.engine, clock(), 9)] == ["cancel"]


def test_who_never_got_the_alert_is_not_told_that_it_is_withdrawn(story, clock):
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert(), story.cancel())
    [delivery] = claim(story.engine, clock(), 9)
    finish(story, delivery, State.ABANDONED, "refused")
    assert [row.state for row in rows(story.engine)] == [State.ABANDONED, State.ABANDONED]
    assert claim(story.engine, clock(), 9) == []


def test_a_failed_alert_does_not_hold_up_other_alerts(story, clock):
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert("a"), story.alert("b"))
    [first] = claim(story.engine, clock(), 9)
    finish(story, first, State.FAILED, "server", clock() + timedelta(hours=5))
    [second] = claim(story.engine, clock(), 9)
    assert (second.alert != first.alert, second.attempt) == (True, 1)


def test_a_subscription_has_one_delivery_on_its_way_at_a_time(story, clock):
    story.subscribe(story.webhook("busy"), story.webhook("idle"))
    story.tell(*(story.alert(str(number)) for number in range(5)))
    claimed = claim(story.engine, clock(), 99)
    assert len(claimed) == len({delivery.recipient.subscription for delivery in claimed}) == 2
    assert claim(story.engine, clock(), 99) == []


def test_fresh_deliveries_come_before_repeated_ones(story, clock):
    story.subscribe(story.webhook("down"))
    story.tell(story.alert("a"))
    [failed] = claim(story.engine, clock(), 1)
    finish(story, failed, State.FAILED, "server", clock())
    story.subscribe(story.webhook("down"), story.webhook("up"))
    story.tell(story.alert("b"))
    [first] = claim(story.engine, clock(), 1)
    assert first.attempt == 1


def test_the_attempt_is_counted_before_anything_is_sent(story, clock):
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert())
    claim(story.engine, clock(), 1)
    assert [(row.state, row.attempts) for row in rows(story.engine)] == [(State.LEASED, 1)]


def test_what_a_dead_dispatcher_leased_is_claimed_again_under_the_same_id(story, clock):
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert())
    [dead] = claim(story.engine, clock(), 1)
    clock.turn(LEASE - timedelta(seconds=1))
    assert claim(story.engine, clock(), 1) == []
    clock.turn(timedelta(seconds=1))
    [taken] = claim(story.engine, clock(), 1)
    assert (taken.delivery_id, taken.attempt) == (dead.delivery_id, 2)
    assert taken.message == dead.message


def test_a_late_failure_does_not_undo_what_another_dispatcher_is_doing(story, clock):
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert())
    [slow] = claim(story.engine, clock(), 1)
    clock.turn(LEASE)
    [quick] = claim(story.engine, clock(), 1)
    finish(story, slow, State.ABANDONED, "refused")
    assert rows(story.engine)[0].state == State.LEASED
    finish(story, quick)
    assert rows(story.engine)[0].state == State.SUCCEEDED


def test_a_late_success_counts(story, clock):
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert())
    [slow] = claim(story.engine, clock(), 1)
    clock.turn(LEASE)
    [quick] = claim(story.engine, clock(), 1)
    finish(story, slow)
    finish(story, quick, State.FAILED, "timeout", clock())
    assert rows(story.engine)[0].state == State.SUCCEEDED
    assert claim(story.engine, clock(), 1) == []


def test_a_receiver_that_is_gone_is_paused_until_it_is_configured_elsewhere(story, clock):
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert("a"), story.alert("b"))
    [delivery] = claim(story.engine, clock(), 1)
    finish(story, delivery, State.ABANDONED, "gone")
    assert claim(story.engine, clock(), 9) == []
    story.subscribe(story.webhook("desk"))
    assert story.tell(story.alert("c")) == 0
    story.subscribe(story.webhook("desk", "http://127.0.0.1:9/elsewhere"))
    assert [delivery.alert for delivery in claim(story.engine, clock(), 9)] == [
        story.alert("b").event.data["alert_id"]
    ]


def test_a_subscription_that_left_the_configuration_is_paused_and_its_address_forgotten(story, clock):
    story.subscribe(story.email("anna"))
    story.tell(story.alert())
    story.subscribe()
    assert claim(story.engine, clock(), 9) == []
    with Session(story.engine) as session:
        row = session.get(SubscriptionRow, subscription_id("anna"))
        assert (row.target, row.secret) == ("", None)
    story.subscribe(story.email("anna"))
    assert len(claim(story.engine, clock(), 9)) == 1


def test_outcomes_wait_for_the_log_and_are_recorded_once_it_is_back(story, clock):
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert())
    [delivery] = claim(story.engine, clock(), 1)
    finish(story, delivery)

    def unavailable(event):
        raise LogUnavailableError("no Redis")

    recorded = []
    assert record_outcomes(story.engine, unavailable) == 0
    assert record_outcomes(story.engine, recorded.append) == 1
    assert record_outcomes(story.engine, recorded.append) == 0
    assert [(event.type, event.cause) for event in recorded] == [("delivery.succeeded", delivery.event_id)]


def test_an_outcome_that_the_log_refuses_does_not_hold_up_the_others(story, clock):
    story.subscribe(story.webhook("one"), story.webhook("two"))
    story.tell(story.alert())
    for delivery in claim(story.engine, clock(), 2):
        finish(story, delivery)
    recorded = []

    def refuse_first(event):
        if not recorded and not refused:
            refused.append(event)
            raise ValueError("a defect")
        recorded.append(event)

    refused = []
    assert record_outcomes(story.engine, refuse_first) == 1
    assert record_outcomes(story.engine, recorded.append) == 1
    assert {event.id for event in recorded} == {refused[0].id, recorded[0].id}
    with Session(story.engine) as session:
        assert list(session.exec(select(OutcomeRow))) == []


def test_no_address_and_no_secret_shows_in_a_repr_or_an_event(story, clock):
    story.subscribe(story.email("anna"), story.webhook("desk", "http://127.0.0.1:9/token123"))
    story.tell(story.alert())
    shown = [repr(config) for config in (story.email("anna"), story.webhook("desk", "http://h/token123"))]
    with Session(story.engine) as session:
        shown += [repr(row) for row in session.exec(select(SubscriptionRow))]
    for delivery in claim(story.engine, clock(), 9):
        judged = Verdict(State.ABANDONED, "refused", detail="550 <anna@example.org> unknown")
        shown += [repr(delivery), outcome(delivery, judged, at=clock(), by="test").events[0].to_json()]
    for text in shown:
        assert not any(secret in text for secret in ("anna@", "token123", "whsec_"))

"""What a subscription wishes is what it gets: when, together with what, and in which state."""

from datetime import time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from monitor.alerts.delivery import State, Verdict, outcome
from monitor.alerts.gather import gather
from monitor.alerts.outcomes import record_outcomes
from monitor.alerts.queue import claim, settle
from monitor.alerts.tables import DeliveryRow
from monitor.alerts.withhold import withhold
from monitor.ids import fact_id
from monitor.vocabulary import WITHHELD

HOUR = timedelta(hours=1)
DAILY = {"digest": "daily", "digest_at": time(18)}  # six hours after the story begins
NOON = {"quiet_from": time(11), "quiet_until": time(14)}  # the story begins at 12:00


def rows(story):
    with Session(story.engine) as session:
        return list(session.exec(select(DeliveryRow).order_by(col(DeliveryRow.seq))))


def states(story):
    return [(row.kind, row.state, row.last_error) for row in rows(story)]


def due(story, after=timedelta(0)):
    story.clock.turn(after)
    gather(story.engine, story.clock())
    return claim(story.engine, story.clock(), 99)


def finish(story, delivery, state=State.SUCCEEDED, reason="accepted", retry_at=None, **more):
    judged = Verdict(state, reason, retry_at=retry_at, **more)
    settle(story.engine, [outcome(delivery, judged, at=story.clock(), by="test")])


def recorded(story):
    events = []
    record_outcomes(story.engine, events.append)
    return [
        (event.type, event.data["message"], event.data["attempt"], event.data["outcome"]) for event in events
    ]


@pytest.mark.parametrize(
    ("wishes", "told"),
    [
        ({"channels": ("government",)}, True),
        ({"channels": ("overseas",)}, False),
        ({"statuses": ("rejected", "agreed")}, True),
        ({"statuses": ("agreed",)}, False),
        ({"min_certainty": "confirmed"}, False),
    ],
)
def test_only_what_is_wished_is_told(story, wishes, told):
    story.subscribe(story.webhook("desk", **wishes))
    assert story.tell(story.alert()) == told


def test_who_wants_only_what_is_confirmed_is_told_when_it_is_as_of_an_alert(story):
    story.subscribe(story.webhook("sure", min_certainty="confirmed"))
    contested = story.alert(type_="alert.updated", reason="contested")
    assert story.tell(story.alert(), contested) == 0
    assert story.tell(story.update()) == 1
    [delivery] = due(story)
    assert (delivery.kind, delivery.message.payload["type"]) == ("alert", "alert.raised")
    assert "(confirmed)" in delivery.message.subject
    assert "pdate" not in delivery.message.text
    assert story.tell(story.cancel()) == 1


def test_what_is_confirmed_at_once_is_told_at_once(story):
    story.subscribe(story.webhook("sure", min_certainty="confirmed"))
    assert story.tell(story.alert(certainty="confirmed"), story.update()) == 2


def test_what_is_held_in_quiet_hours_is_sent_when_they_end(story):
    story.subscribe(story.webhook("desk", **NOON))
    story.tell(story.alert())
    assert states(story) == [("alert", "waiting", None)]
    assert due(story, HOUR) == []
    [delivery] = due(story, HOUR)
    assert (delivery.kind, delivery.attempt) == ("alert", 1)


def test_what_is_dropped_in_quiet_hours_is_kept_with_its_reason_and_never_corrected(story):
    story.subscribe(story.webhook("desk", quiet_then="drop", **NOON))
    assert story.tell(story.alert()) == 0
    assert states(story) == [("alert", "dropped", "quiet_hours")]
    assert recorded(story) == [("delivery.dropped", "alert", 0, "quiet_hours")]
    story.clock.turn(3 * HOUR)
    assert story.tell(story.update(), story.cancel()) == 0


def test_a_correction_of_what_was_told_is_held_where_an_alert_is_dropped(story):
    story.subscribe(story.webhook("desk", quiet_from=time(13), quiet_until=time(14), quiet_then="drop"))
    story.tell(story.alert())
    finish(story, *due(story))
    story.clock.turn(HOUR)
    assert story.tell(story.cancel()) == 1
    assert due(story) == []
    [delivery] = due(story, HOUR)
    assert delivery.message.payload["data"]["references"] == [rows(story)[0].delivery_id]


def test_what_is_urgent_waits_for_nothing(story):
    story.subscribe(story.webhook("desk", quiet_then="drop", **NOON, **DAILY))
    story.tell(story.alert(severity="critical"))
    [delivery] = due(story)
    finish(story, delivery)
    story.tell(story.cancel(severity="critical"))
    assert [one.kind for one in due(story)] == ["cancel"]


def test_a_cancellation_that_does_not_say_how_severe_it_is_waits_for_nothing(story):
    story.subscribe(story.webhook("desk", **DAILY, urgent="critical"))
    story.tell(story.alert(severity="critical"))
    finish(story, *due(story))
    story.tell(story.cancel(severity=None))
    assert [one.kind for one in due(story)] == ["cancel"]


def test_a_group_goes_together_when_the_window_of_its_first_alert_ends(story):
    story.subscribe(story.webhook("desk", group_s=60))
    story.tell(story.alert("a"))
    story.clock.turn(timedelta(seconds=50))
    story.tell(story.alert("b"))
    assert due(story, timedelta(seconds=9)) == []
    [delivery] = due(story, timedelta(seconds=1))
    assert (delivery.kind, len(delivery.parts)) == ("digest", 2)
    assert delivery.message.payload["type"] == "alerts.digest"
    assert {one["data"]["alert"] for one in delivery.message.payload["data"]["alerts"]} == {
        row.alert for row in rows(story) if row.part_of
    }


def test_a_single_alert_that_waited_goes_as_itself(story):
    story.subscribe(story.webhook("desk", **DAILY))
    alert = story.alert()
    story.tell(alert)
    [delivery] = due(story, 6 * HOUR)
    assert (delivery.kind, delivery.message) == ("alert", story.render(alert.event))


def test_what_was_updated_before_it_was_sent_is_told_once_in_its_newest_state(story):
    story.subscribe(story.webhook("desk", **DAILY))
    story.tell(story.alert())
    assert story.tell(story.update()) == 0
    [delivery] = due(story, 6 * HOUR)
    assert (delivery.kind, delivery.message.payload["type"]) == ("alert", "alert.raised")
    assert "(confirmed)" in delivery.message.subject
    assert len(rows(story)) == 1


def test_what_was_taken_back_before_it_was_sent_is_not_told_at_all(story):
    story.subscribe(story.webhook("desk", **DAILY))
    story.tell(story.alert())
    assert story.tell(story.cancel()) == 0
    assert states(story) == [("alert", "dropped", "withdrawn")]
    assert due(story, 6 * HOUR) == []
    assert recorded(story) == [("delivery.dropped", "alert", 0, "withdrawn")]


def test_a_cancellation_takes_the_place_of_an_update_that_waits(story):
    story.subscribe(story.webhook("desk", **NOON))
    story.clock.turn(3 * HOUR)
    story.tell(story.alert())
    finish(story, *due(story))
    story.clock.turn(21 * HOUR)
    assert story.tell(story.update(), story.update(), story.cancel()) == 2
    assert states(story)[1:] == [("update", "dropped", "superseded"), ("cancel", "waiting", None)]
    assert [one.kind for one in due(story, 2 * HOUR)] == ["cancel"]


def test_what_is_confirmed_no_longer_is_not_told_until_it_is_again(story):
    story.subscribe(story.webhook("sure", min_certainty="confirmed", **DAILY))
    story.tell(story.alert(), story.update())
    story.tell(story.alert(type_="alert.updated", reason="evidence_changed"))
    assert states(story) == [("alert", "dropped", "unconfirmed")]
    assert story.tell(story.update()) == 1
    assert states(story) == [("alert", "waiting", None)]
    [delivery] = due(story, 6 * HOUR)
    assert "(confirmed)" in delivery.message.subject


def digest_of_two(story, **wishes):
    story.subscribe(story.webhook("desk", **(wishes or DAILY)))
    events = story.alert("a"), story.alert("b")
    story.tell(*events)
    [delivery] = due(story, 6 * HOUR)
    return delivery, events


def test_the_parts_of_a_digest_share_its_outcome_and_the_log_learns_of_each(story):
    delivery, _ = digest_of_two(story)
    finish(story, delivery, State.FAILED, "server", story.clock() + HOUR)
    assert [state for _, state, _ in states(story)] == ["joined", "joined", "failed"]
    [again] = due(story, HOUR)
    assert (again.delivery_id, again.message) == (delivery.delivery_id, delivery.message)
    finish(story, again)
    assert [state for _, state, _ in states(story)] == ["succeeded"] * 3
    assert (
        recorded(story)
        == [("delivery.failed", "alert", 1, "server")] * 2
        + [("delivery.succeeded", "alert", 2, "accepted")] * 2
    )


def test_corrections_wait_for_a_digest_and_refer_to_it(story):
    delivery, _ = digest_of_two(story, group_s=60)
    finish(story, delivery, State.FAILED, "server", story.clock() + HOUR)
    assert story.tell(story.cancel("a")) == 1
    assert due(story, timedelta(minutes=2)) == []
    [again] = due(story, HOUR)
    finish(story, again)
    [cancel] = due(story)
    assert cancel.message.payload["data"]["references"] == [delivery.delivery_id]


def test_a_correction_of_what_is_still_on_its_way_goes_alone_after_it(story):
    story.subscribe(story.webhook("desk", group_s=60))
    story.tell(story.alert("a"))
    [alone] = due(story, timedelta(minutes=1))
    finish(story, alone, State.FAILED, "server", story.clock() + HOUR)
    story.tell(story.cancel("a"), story.alert("b"))
    [other] = due(story, timedelta(minutes=1))
    assert (other.kind, other.alert) == ("alert", story.alert("b").event.data["alert_id"])
    finish(story, other)
    [again] = due(story, HOUR)
    assert again.delivery_id == alone.delivery_id
    finish(story, again)
    assert [one.kind for one in due(story)] == ["cancel"]


def test_who_never_got_a_digest_is_not_told_of_corrections(story):
    delivery, _ = digest_of_two(story)
    story.tell(story.cancel("a"))
    finish(story, delivery, State.ABANDONED, "refused")
    assert [state for _, state, _ in states(story)] == ["abandoned"] * 4
    assert story.tell(story.cancel("b")) == 0


def test_who_may_have_got_an_alert_is_told_of_corrections(story):
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert())
    finish(story, *due(story), State.ABANDONED, "unknown", unknown=True)
    assert story.tell(story.cancel()) == 1
    assert [one.kind for one in due(story)] == ["cancel"]


def test_a_digest_loses_the_words_of_an_article_that_is_removed(story, embedded_log):
    delivery, events = digest_of_two(story)
    for told in events:
        embedded_log.append("pti", [told.event], expected_decisions=embedded_log.decisions("pti"))
    assert withhold(story.engine, embedded_log, "pti", fact_id("article"), story.render) == 3
    finish(story, delivery, State.FAILED, "server", story.clock())
    [again] = due(story)
    assert "Khan has rejected" not in again.message.model_dump_json()
    assert WITHHELD in again.message.text


def test_more_alerts_than_a_digest_holds_make_a_second(story, monkeypatch):
    monkeypatch.setattr("monitor.alerts.gather.MOST_PARTS", 3)
    story.subscribe(story.webhook("desk", **DAILY))
    story.tell(*(story.alert(str(number)) for number in range(5)))
    [first] = due(story, 6 * HOUR)
    finish(story, first)
    [second] = due(story)
    assert (len(first.parts), len(second.parts)) == (3, 2)


WISHES = st.fixed_dictionaries(
    {
        "min_certainty": st.sampled_from(["reported", "confirmed"]),
        "group_s": st.sampled_from([0, 60]),
        "digest": st.sampled_from(["off", "hourly"]),
        "quiet_then": st.sampled_from(["hold", "drop"]),
    },
    optional={"quiet_from": st.just(time(13)), "quiet_until": st.just(time(15))},
).filter(lambda wishes: ("quiet_from" in wishes) == ("quiet_until" in wishes))
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["alert", "update", "cancel", "wait", "send", "fail", "die"]), st.sampled_from("ab")
    ),
    max_size=20,
)


@pytest.mark.drill
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WISHES, STEPS)
def test_whatever_happens_each_state_is_told_once_and_nothing_is_left(
    story_on, tmp_path_factory, wishes, steps
):
    _, story = story_on(tmp_path_factory.mktemp("life") / "service.sqlite")
    story.subscribe(story.webhook("desk", **wishes))
    told: list[tuple[str, str]] = []
    newest: dict[str, str] = {}
    lives = {"a": 0, "b": 0}

    def send(*, fail=False):
        for delivery in due(story):
            if fail:
                finish(story, delivery, State.FAILED, "server", story.clock())
            else:
                told.extend((part.delivery_id, part.kind) for part in delivery.told)
                finish(story, delivery)

    for step, key in steps:
        if step in {"alert", "update", "cancel"}:
            if (step == "alert") != (newest.get(key) in {None, "cancel"}):
                continue
            lives[key] += step == "alert"
            newest[key] = step
            story.tell(getattr(story, step)(f"{key}{lives[key]}"))
        elif step == "die":  # after claiming; the lease runs out
            due(story)
            story.clock.turn(timedelta(minutes=3))
        elif step == "wait":
            story.clock.turn(timedelta(minutes=25))
        else:
            send(fail=step == "fail")
    for _ in range(40):
        story.clock.turn(timedelta(hours=1))
        send()
    assert len(told) == len(set(told))
    assert {row.state for row in rows(story)} <= {State.SUCCEEDED, State.DROPPED}
    for row in rows(story):
        assert (row.last_error is None) == (row.state == State.SUCCEEDED)
        if row.kind in {"update", "cancel"}:  # nobody is corrected who was not told
            assert any(
                one.alert == row.alert and one.kind == "alert" and one.state == State.SUCCEEDED
                for one in rows(story)
            )

"""The queue as people see it, and deliveries that are put back by hand."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from monitor.alerts import overview
from monitor.alerts.delivery import LIMITED, RESTORED, SCHEDULE, State, Verdict, outcome, verdict
from monitor.alerts.gather import gather
from monitor.alerts.overview import Depth, Wanted
from monitor.alerts.queue import claim, settle
from monitor.alerts.replay import Replayed, given_up, put_back
from monitor.alerts.subscriptions import subscription_id
from monitor.alerts.tables import DeliveryRow, OutcomeRow, transaction
from monitor.errors import BadInputError, DeliveryError, StoreError
from monitor.readmodel.store import Store

DAY = timedelta(days=1)


def fail(story: Any, *, state: State = State.ABANDONED, reason: str = "timeout", detail: str = "slow") -> str:
    """The next delivery fails; its id."""
    (delivery,) = claim(story.engine, story.clock(), 1)
    retry_at = story.clock() if state is State.FAILED else None
    judged = Verdict(state, reason, detail, retry_at)
    settle(story.engine, [outcome(delivery, judged, at=story.clock(), by="test")])
    return str(delivery.delivery_id)


def succeed(story: Any) -> str:
    (delivery,) = claim(story.engine, story.clock(), 1)
    judged = Verdict(State.SUCCEEDED, "accepted")
    settle(story.engine, [outcome(delivery, judged, at=story.clock(), by="test")])
    return str(delivery.delivery_id)


def again(story: Any, *ids: str, cancelled: tuple[str, ...] = ()) -> list[Replayed]:
    return [one for group in put_back(story.engine, ids, cancelled, story.clock()) for one in group]


def row(story: Any, id_: str) -> DeliveryRow:
    with Session(story.engine) as session:
        return session.exec(select(DeliveryRow).where(DeliveryRow.delivery_id == id_)).one()


def test_each_attempt_is_told_with_its_moment_and_its_reason(story: Any) -> None:
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert())
    fail(story, state=State.FAILED, reason="rate_limited", detail="the receiver answered 429")
    story.clock.turn(timedelta(minutes=1))
    claim(story.engine, story.clock(), 1)  # and the process dies
    story.clock.turn(timedelta(minutes=5))
    id_ = succeed(story)
    with Session(story.engine) as session:
        shown = overview.show(session, id_[:8])
    assert [(one.number, one.outcome) for one in shown.attempts] == [
        (1, "rate_limited: the receiver answered 429"),
        (2, "nobody knows: whoever sent it ended before it was noted"),
        (3, "accepted"),
    ]
    assert shown.attempts[0].at == story.now
    assert shown.attempts[2].at == story.clock()
    assert shown.entry.next_try_at is None
    assert shown.entry.subscription_name == "desk"
    assert "talks rejected" in shown.text


def test_what_waited_for_its_turn_was_no_attempt(story: Any) -> None:
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert())
    (delivery,) = claim(story.engine, story.clock(), 1)
    busy = verdict(1, DeliveryError(LIMITED, "busy", retry=True, retry_after=30), story.clock(), 1.0)
    settle(story.engine, [outcome(delivery, busy, at=story.clock(), by="test")])
    with Session(story.engine) as session:
        shown = overview.show(session, delivery.delivery_id)
    assert shown.attempts == ()
    assert shown.entry.next_try_at == story.clock() + timedelta(seconds=30)


def test_deliveries_are_found_by_state_topic_subscription_and_day_newest_first(story: Any) -> None:
    story.subscribe(story.webhook("desk"), story.email("anna"))
    story.tell(story.alert("a"))
    bad = fail(story)
    story.clock.turn(DAY)
    story.tell(story.alert("b"))

    def found(**wanted: Any) -> int:
        with Session(story.engine) as session:
            return len(overview.find(session, Wanted(**wanted)))

    assert found() == 4
    assert found(states=(State.ABANDONED,)) == 1
    assert found(states=(State.ABANDONED, State.PENDING)) == 4
    assert found(topic="pti") == 4
    assert found(topic="elsewhere") == 0
    assert found(subscription=subscription_id("anna")) == 2
    assert found(since=story.clock()) == 2
    with Session(story.engine) as session:
        assert bad in {one.delivery_id for one in overview.find(session, Wanted())[-2:]}
        newest, *_ = overview.find(session, Wanted(), limit=1)
    assert newest.created_at == story.clock()
    assert newest.next_try_at == story.clock()


def test_the_queue_in_numbers(story: Any) -> None:
    story.subscribe(story.webhook("desk"), story.email("anna"))
    story.tell(story.alert("a"))
    fail(story)
    story.clock.turn(DAY)
    story.tell(story.alert("b"))
    with Session(story.engine) as session:
        numbers = overview.numbers(session, story.clock())
        recent = overview.numbers(session, story.clock(), story.clock())
    assert set(numbers.depths) == {
        Depth("email", State.PENDING, True, 2),
        Depth("webhook", State.ABANDONED, False, 1),
        Depth("webhook", State.PENDING, True, 1),
    }
    assert numbers.oldest_due == story.now
    assert numbers.count(State.PENDING) == 3
    assert Depth("webhook", State.ABANDONED, False, 1) not in recent.depths
    assert recent.count(State.PENDING) == 3


def test_an_empty_queue_has_nothing_due(story: Any) -> None:
    with Session(story.engine) as session:
        numbers = overview.numbers(session, story.clock())
    assert (numbers.depths, numbers.oldest_due) == ((), None)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("550 <anna.b@example.org>: unknown", "550 <…@example.org>: unknown"),
        ("POST https://me:pw@chat.example/hook/T0ken?x=1 failed", "POST https://chat.example/… failed"),
        ("tgram://123456:AbC/-100 is wrong", "tgram://… is wrong"),
        ("bot 110201543AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw refused", "bot 1102… refused"),
        ("the receiver answered 500", "the receiver answered 500"),
    ],
)
def test_what_was_said_is_shown_without_addresses_and_tokens(said: str, shown: str) -> None:
    assert overview.masked(said) == shown


def test_an_id_that_names_none_or_several_is_refused(story: Any) -> None:
    with Session(story.engine) as session:
        for id_ in ("", "abc", "f" * 32, "%%%%%%%%"):
            with pytest.raises(BadInputError, match="there is no delivery"):
                overview.full_id(session, id_)
        with pytest.raises(BadInputError, match="there is no subscription 'x'; known are none yet"):
            overview.subscription_named(session, "x")


def test_what_was_given_up_is_sent_again_under_its_id_with_the_whole_schedule(story: Any) -> None:
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert())
    for _ in SCHEDULE[1:]:
        fail(story, state=State.FAILED)
    id_ = fail(story)
    story.clock.turn(DAY)
    assert again(story, id_) == [Replayed(id_, True, "put back")]
    assert (row(story, id_).state, row(story, id_).settled_at) == (State.PENDING, None)
    (delivery,) = claim(story.engine, story.clock(), 1)
    assert (delivery.delivery_id, delivery.attempt) == (id_, len(SCHEDULE) + 1)
    judged = verdict(
        delivery.attempt - delivery.attempts_before,
        DeliveryError("timeout", "slow", retry=True),
        story.clock(),
        1.0,
    )
    assert judged.state is State.FAILED
    assert judged.retry_at == story.clock() + SCHEDULE[1]
    settle(story.engine, [outcome(delivery, judged, at=story.clock(), by="test")])
    with Session(story.engine) as session:  # each outcome is an event of its own
        assert len(session.exec(select(OutcomeRow)).all()) == len(SCHEDULE) + 1


def test_putting_back_twice_changes_nothing(story: Any) -> None:
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert())
    id_ = fail(story)
    again(story, id_)
    before = row(story, id_).model_dump()
    story.clock.turn(DAY)
    assert again(story, id_) == [Replayed(id_, False, "it is in the queue already")]
    assert row(story, id_).model_dump() == before
    succeed(story)
    assert again(story, id_) == [Replayed(id_, False, "it has arrived")]


def test_an_alert_takes_along_what_corrects_it_in_order(story: Any) -> None:
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert(), story.update())
    fail(story)
    with Session(story.engine) as session:
        ids = given_up(session, Wanted())
    assert len(ids) == 2
    results = again(story, *ids)
    assert {one.delivery_id for one in results} == set(ids)
    assert all(one.put_back for one in results)
    assert [succeed(story), succeed(story)] == ids


def test_an_alert_that_was_taken_back_is_not_told_to_who_never_got_it(story: Any) -> None:
    story.subscribe(story.webhook("desk"))
    alert = story.alert()
    story.tell(alert)
    id_ = fail(story)
    (refused,) = again(story, id_, cancelled=(alert.event.data["alert_id"],))
    assert refused.refused
    assert row(story, id_).state == State.ABANDONED


def test_who_got_an_alert_gets_its_cancellation_also_late(story: Any) -> None:
    story.subscribe(story.webhook("desk"))
    alert = story.alert()
    story.tell(alert, story.cancel())
    succeed(story)
    id_ = fail(story)
    (done,) = again(story, id_, cancelled=(alert.event.data["alert_id"],))
    assert done.put_back


def digest_given_up(story: Any) -> tuple[str, list[str]]:
    """A digest of two alerts, a and b, is given up: its id, and those of its parts."""
    story.subscribe(story.webhook("desk", digest="hourly", urgent=None))
    story.tell(story.alert("a"), story.alert("b"))
    story.clock.turn(timedelta(hours=1))
    assert gather(story.engine, story.clock()) == 1
    digest = fail(story)
    with Session(story.engine) as session:
        parts = session.exec(select(DeliveryRow.delivery_id).where(DeliveryRow.part_of == digest)).all()
    assert {row(story, part).state for part in parts} == {State.ABANDONED}
    return digest, list(parts)


def test_a_digest_is_sent_again_as_it_was(story: Any) -> None:
    digest, parts = digest_given_up(story)
    with Session(story.engine) as session:
        assert given_up(session, Wanted()) == [digest]
        assert overview.numbers(session, story.clock()).count(State.ABANDONED) == 1
        assert [one.outcome for one in overview.show(session, parts[0]).attempts] == ["timeout: slow"]
    assert again(story, parts[0]) == [Replayed(digest, True, "put back")]
    assert again(story, *parts) == [Replayed(digest, False, "it is in the queue already")]
    assert {row(story, part).state for part in parts} == {State.JOINED}
    assert succeed(story) == digest
    assert {row(story, part).state for part in parts} == {State.SUCCEEDED}


def test_of_a_digest_that_holds_no_more_the_rest_is_sent_each_by_itself(story: Any) -> None:
    digest, parts = digest_given_up(story)
    stale = row(story, parts[0]).alert
    results = again(story, digest, cancelled=(stale,))
    assert {one.delivery_id: one.put_back for one in results} == {parts[0]: False, parts[1]: True}
    assert succeed(story) == parts[1]
    assert claim(story.engine, story.clock(), 1) == []
    assert again(story, digest, cancelled=(stale,))[0].refused


def test_what_was_not_to_be_sent_is_not_put_back(story: Any) -> None:
    hours = {"quiet_from": "00:00", "quiet_until": "23:59", "quiet_then": "drop", "urgent": None}
    story.subscribe(story.webhook("desk", **hours))
    story.tell(story.alert())
    with Session(story.engine) as session:
        (entry,) = overview.find(session, Wanted())
    assert (entry.state, entry.next_try_at) == (State.DROPPED, None)
    (refused,) = again(story, entry.delivery_id)
    assert refused.refused
    assert "it was not to be sent (quiet" in refused.words


def test_what_a_restored_log_told_is_sent_again_only_when_that_is_meant(story: Any) -> None:
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert("a"), story.alert("b"))
    bad = fail(story)
    (other,) = claim(story.engine, story.clock(), 1)
    with transaction(story.engine) as session:
        for_review = session.exec(
            select(DeliveryRow).where(DeliveryRow.delivery_id == other.delivery_id)
        ).one()
        for_review.state, for_review.last_error = State.ABANDONED, RESTORED
    with Session(story.engine) as session:
        assert given_up(session, Wanted()) == [bad]
        assert given_up(session, Wanted(), restored=True) == [other.delivery_id]
    assert again(story, other.delivery_id)[0].put_back


def test_a_subscription_that_is_gone_gets_nothing_again(story: Any) -> None:
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert())
    id_ = fail(story, reason="gone")
    (paused,) = again(story, id_)
    assert paused.refused
    assert "410" in paused.words
    story.subscribe()
    (removed,) = again(story, id_)
    assert removed.words.startswith("its subscription has ended: ")


def test_a_database_that_is_none_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "service.sqlite"
    path.write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match=str(path)), Store(tmp_path).reading(DeliveryRow):
        pass

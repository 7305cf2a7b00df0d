"""What differs between two states of a topic: what was announced of one, and what is known in the other."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.status.difference import claims_between, shifts_between
from monitor.vocabulary import Mood


def differing(told, now):
    return [(one.kind, one.differs) for one in shifts_between(told.state, now.state).differing]


def test_a_shift_that_begins_earlier_has_moved(new_room, said):
    told, now = new_room(), new_room()
    for room, day in ((told, "2025-05-29"), (now, "2025-05-20")):
        room.publish(said(day, "rejected", article="a"))
    (moved,) = shifts_between(told.state, now.state).differing
    assert (moved.kind, moved.differs) == ("moved", ("start",))
    assert moved.told.change.start_latest.isoformat() == "2025-05-29"
    assert moved.segment.start_latest.isoformat() == "2025-05-20"


def test_a_shift_that_is_better_supported_is_told_otherwise(new_room, said):
    told, now = new_room(), new_room()
    for room in (told, now):
        room.publish(said("2025-05-29T10:00", "rejected"))
    now.publish(said("2025-05-29T12:00", "rejected"))
    ((kind, differs),) = differing(told, now)
    assert kind == "changed"
    assert "certainty" in differs


def test_another_status_on_the_same_day_is_one_that_vanishes_and_one_that_appears(new_room, said):
    told, now = new_room(), new_room()
    told.publish(said("2025-05-29", "rejected", article="a"))
    now.publish(said("2025-05-29", "underway", article="a"))
    assert sorted(differing(told, now)) == [("appeared", ()), ("vanished", ())]


def test_what_was_told_may_lag_behind_what_is_known_by_as_little_as_is_not_told(newsroom, said):
    later = datetime(2025, 5, 30, tzinfo=UTC)
    newsroom.publish(said("2025-05-29", "rejected", outlet="o"))
    assert (
        newsroom.publish(said("2025-05-27", "rejected", outlet="o", confidence=0.6, first_seen=later)) == []
    )
    (told,), (segment,) = newsroom.state.announced.values(), newsroom.state.segments("government")
    assert told.change.start_latest != segment.start_latest
    assert differing(newsroom, newsroom) == []


def test_a_claim_in_the_same_passage_is_kept_and_said_to_be_read_otherwise(new_room, said):
    told, now = new_room(), new_room()
    record, lost, gained = (
        said("2025-05-29", "rejected"),
        said("2025-05-30", "underway"),
        said("2025-05-31", "stalled"),
    )
    otherwise = replace(
        record, claim=record.claim.model_copy(update={"mood": Mood.PLANNED, "confidence": 0.5})
    )
    for room, records in ((told, (record, lost)), (now, (otherwise, gained))):
        for one in records:
            room.publish(one)
    found = claims_between(told.state.standing, now.state.standing)
    assert (found.kept, [one.differs for one in found.changed]) == (1, [("mood", "confidence")])
    assert [one.claim.id for one in found.gained] == [gained.claim.id]
    assert [one.claim.id for one in found.lost] == [lost.claim.id]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["proposed", "underway", "rejected", "collapsed", "stalled", "denied"]),
        st.integers(0, 240),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_whatever_was_announced_of_what_is_known_differs_in_nothing(new_room, said, steps):
    newsroom = new_room()
    for n, (kind, hours, dismiss) in enumerate(steps):
        published = datetime(2025, 5, 20, tzinfo=UTC) + timedelta(hours=hours)
        record = said(published, kind, article=f"a{n}")
        newsroom.publish(record)
        if dismiss:
            newsroom.judge("claim.dismissed", record, datetime(2025, 6, 1, tzinfo=UTC))
        found = shifts_between(newsroom.state, newsroom.state)
        assert found.differing == ()
        assert found.same == sum(not told.withdrawn for told in newsroom.state.announced.values())

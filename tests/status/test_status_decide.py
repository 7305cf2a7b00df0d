"""From one article to the next: what is announced, what is updated, what is taken back, and what is kept silent."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.log.events import ArticleRemoved, Event, StatusChange, data_of
from monitor.status.decide import DECIDED_AFTER, decide
from monitor.status.state import TopicState
from monitor.status.timeline import timeline
from monitor.vocabulary import WITHHELD


def at(moment):
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


def only(events, type_):
    (found,) = [event for event in events if event.type == type_]
    return found


def test_a_new_status_is_a_shift_and_an_alert_caused_by_it(newsroom, said):
    events = newsroom.publish(said("2025-05-29T10:00", "rejected", confidence=0.7))
    claims = next(event for event in newsroom.log if event.type == "claims.detected")
    shifted, raised = events
    assert (shifted.type, raised.type) == ("status.shifted", "alert.raised")
    assert (shifted.cause, raised.cause) == (claims.id, shifted.id)
    assert shifted.data["from"] == "none"
    assert raised.data["reason"] == "new_shift"
    assert raised.data["text"] == (
        "PTI and the federal government: talks rejected (reported), since 29 May 2025."
    )


def test_the_same_status_told_again_is_no_new_shift(newsroom, said, told):
    newsroom.publish(said("2025-05-29T10:00", "rejected", confidence=0.95, attribution="party"))
    assert newsroom.publish(said("2025-05-31T10:00", "rejected")) == []


def test_a_second_outlet_confirms_and_subscribers_hear_of_it_once(newsroom, said, told):
    newsroom.publish(said("2025-05-29T10:00", "rejected", confidence=0.7))
    assert told(newsroom.publish(said("2025-05-30T10:00", "rejected", confidence=0.7))) == [
        ("status.updated", "government", "talks rejected", "confirmed"),
        ("alert.updated", "government", "talks rejected", "confirmed"),
    ]
    third = newsroom.publish(said("2025-05-31T10:00", "rejected", confidence=0.7))
    assert [event for event in third if event.type.startswith("alert.")] == []


def test_an_older_report_moves_the_start_of_the_same_shift(newsroom, said):
    first = newsroom.publish(said("2025-05-20T10:00", "underway", confidence=0.9, attribution="party"))
    later = newsroom.publish(
        said("2025-05-14T10:00", "underway", first_seen=at("2025-05-21"), confidence=0.9)
    )
    assert only(later, "status.updated").data["shift_id"] == only(first, "status.shifted").data["shift_id"]
    assert only(later, "status.updated").data["start_latest"] == "2025-05-14"
    assert [event.type for event in later if event.type == "status.shifted"] == []


def test_one_article_with_two_segments_of_one_status_makes_two_shifts(newsroom, said):
    same = {"article": "a", "background": True, "position": "lead"}
    events = newsroom.publish(
        said("2025-04-14", "underway", when=("2024-11-01", "2024-11-01"), **same),
        said("2025-04-14", "collapsed", when=("2024-11-26", "2024-11-26"), **same),
        said("2025-04-14", "underway", when=("2025-03-15", "2025-03-15"), **same),
    )
    shifts = [event.data["shift_id"] for event in events if event.type == "status.shifted"]
    assert len(set(shifts)) == len(shifts) == 3
    assert len({event.id for event in events}) == len(events)


def test_a_dismissed_claim_takes_its_shift_and_alert_back(newsroom, said, told):
    record = said("2025-05-29T10:00", "rejected")
    newsroom.publish(record)
    taken_back = newsroom.judge("claim.dismissed", record, at("2025-05-30"))
    assert [event.type for event in taken_back] == ["status.withdrawn", "alert.cancelled"]
    assert newsroom.state.segments("government") == []
    assert "no longer stands" in taken_back[1].data["text"]


def test_a_restored_claim_is_a_shift_again_with_an_id_of_its_own(newsroom, said):
    record = said("2025-05-29T10:00", "rejected")
    first = only(newsroom.publish(record), "status.shifted")
    newsroom.judge("claim.dismissed", record, at("2025-05-30"))
    again = newsroom.judge("claim.restored", record, at("2025-05-31"))
    assert only(again, "status.shifted").data["shift_id"] != first.data["shift_id"]
    assert only(again, "alert.raised").data["reason"] == "new_shift"


def test_a_claim_restored_long_after_is_no_news(newsroom, said):
    record = said("2025-05-29T10:00", "rejected")
    newsroom.publish(record)
    newsroom.judge("claim.dismissed", record, at("2025-05-30"))
    again = newsroom.judge("claim.restored", record, at("2025-06-30"))
    assert only(again, "alert.suppressed").data["reason"] == "late"


def test_a_dismissal_outlives_a_new_detection(newsroom, said):
    record = said("2025-05-29T10:00", "rejected")
    newsroom.publish(record)
    newsroom.judge("claim.dismissed", record, at("2025-05-30"))
    assert newsroom.reread(record, at=at("2025-06-01"), version="2") == []
    assert newsroom.state.segments("government") == []


def test_a_shift_found_by_reading_an_old_article_again_is_no_news(newsroom, said):
    record = said("2025-05-29T10:00", "rejected")
    noise = said("2025-05-29T10:00", "rejected", mood="conditional")
    newsroom.publish(noise)
    found = newsroom.reread(record, at=at("2025-07-01"), version="2")
    assert only(found, "alert.suppressed").data["reason"] == "redetected"


def test_a_revision_closes_what_the_older_text_said(newsroom, said):
    record = said("2025-05-29T10:00", "rejected", article="a")
    other = said("2025-05-29T10:00", "proposed", article="a")
    newsroom.publish(record)
    events = newsroom.publish(other, revised=True, at=at("2025-05-29T12:00"))
    assert [event.type for event in events] == [
        "status.withdrawn", "alert.cancelled", "status.shifted", "alert.raised",
    ]  # fmt: skip
    closed = [r for r in newsroom.state.records if r.known_until is not None]
    assert [(r.claim.id, r.known_until) for r in closed] == [(record.claim.id, at("2025-05-29T12:00"))]


def test_claims_of_a_superseded_version_carry_nothing(newsroom, said):
    record = said("2025-05-29T10:00", "rejected", article="a")
    old = newsroom.article(record, at("2025-05-29T10:00"))
    newsroom.article(record, at("2025-05-29T11:00"), revised=True)
    detected = Event.model_validate(
        {
            **newsroom.log[0].model_dump(by_alias=True),
            "type": "claims.detected",
            "id": "0" * 32,
            "data": {
                "article_event": old.id,
                "article_id": record.article_id,
                "detector": {"name": "test", "version": "1"},
                "topic_hash": newsroom.topic.hash,
                "claims": [record.claim.model_dump(mode="json")],
            },
        }
    )
    newsroom.apply(detected)
    assert newsroom.state.records == []


def remove(newsroom, record):
    """The publisher wants the article of a record gone; what is decided about that."""
    gone = ArticleRemoved(article_id=record.article_id, reason="asked by the outlet")
    return newsroom.decided(newsroom.append("article.removed", gone, at("2025-05-30")))


def test_a_removed_article_loses_its_words_and_nothing_that_was_learned(newsroom, said):
    record = replace(
        said("2025-05-29T10:00", "rejected", text="Khan rejects talks"), title="Khan rejects talks"
    )
    newsroom.publish(record)
    before = list(newsroom.state.segments("government"))
    assert remove(newsroom, record) == []
    assert list(newsroom.state.segments("government")) == before
    (kept,) = newsroom.state.records
    assert (kept.claim.span.start, kept.claim.span.end) == (0, len("Khan rejects talks"))
    assert (kept.claim.id, kept.claim.kind, kept.claim.channel) == (record.claim.id, "rejected", "government")
    assert (kept.claim.span.text, kept.title) == (WITHHELD, "")
    assert kept.withheld.quote_hash == hashlib.sha256(b"Khan rejects talks").hexdigest()


def test_what_is_told_after_a_removal_quotes_the_others_only(newsroom, said):
    first = said("2025-05-29T10:00", "rejected", text="Khan rejects talks")
    newsroom.publish(first)
    remove(newsroom, first)
    events = newsroom.publish(said("2025-05-30T10:00", "rejected", text="PTI will not talk"))
    quotes = {quote["text"] for event in events for quote in event.data.get("evidence", ())}
    assert quotes == {WITHHELD, "PTI will not talk"}


@pytest.mark.parametrize("after", ["claims.dismissed", "revised", "read late"])
def test_a_removed_article_has_no_words_whatever_comes_after(newsroom, said, after):
    record = said("2025-05-29T10:00", "rejected", text="Khan rejects talks")
    if after == "read late":
        newsroom.article(record, at("2025-05-29"))
    else:
        newsroom.publish(record)
    remove(newsroom, record)
    if after == "revised":
        newsroom.publish(
            said("2025-05-29T10:00", "stalled", text="Talks pause"), revised=True, at=at("2025-06-01")
        )
    elif after == "read late":
        newsroom.reread(record, at=at("2025-06-01"))
    else:
        newsroom.judge("claim.dismissed", record, at("2025-06-01"))
        newsroom.judge("claim.restored", record, at("2025-06-02"))
    assert newsroom.state.standing
    assert {record.claim.span.text for record in newsroom.state.records} == {WITHHELD}


def test_removing_what_is_not_there_changes_nothing(newsroom, said):
    newsroom.publish(said("2025-05-29T10:00", "rejected"))
    before = newsroom.state.records
    assert remove(newsroom, said("2025-05-01T10:00", "proposed")) == []
    assert newsroom.state.records == before


def test_dismissing_the_first_of_two_reports_moves_the_shift_instead_of_taking_it_back(newsroom, said):
    first = said("2025-05-20T10:00", "rejected", confidence=0.7)
    newsroom.publish(first)
    newsroom.publish(said("2025-05-24T10:00", "rejected", confidence=0.7))
    events = newsroom.judge("claim.dismissed", first, at("2025-05-25"))
    assert [(e.type, e.data["reason"]) for e in events] == [
        ("status.updated", "evidence_changed"),
        ("alert.updated", "evidence_changed"),
    ]


def test_a_suppressed_alert_stays_silent_when_its_shift_is_confirmed(newsroom, said, told):
    old = {"background": True, "when": ("2024-11-20", "2024-11-20"), "position": "lead"}
    newsroom.publish(said("2025-05-20T10:00", "collapsed", **old))
    assert told(newsroom.publish(said("2025-05-21T10:00", "collapsed", **old))) == [
        ("status.updated", "government", "talks collapsed", "confirmed")
    ]


def test_history_behind_a_shift_renames_it_in_silence(newsroom, said, told):
    newsroom.publish(said("2025-05-24T10:00", "underway", confidence=0.9))
    events = newsroom.publish(
        said(
            "2025-05-25T10:00",
            "collapsed",
            background=True,
            when=("2025-03-01", "2025-03-01"),
            position="lead",
        )
    )
    assert told(events) == [
        ("status.shifted", "government", "talks collapsed", "new_shift"),
        ("alert.suppressed", "government", "talks collapsed", "late"),
        ("status.updated", "government", "talks resumed", "history_changed"),
    ]


def test_what_was_told_is_not_told_again_when_late_news_divides_it(newsroom, said, told):
    """After an outage news comes out of order: what looked like one time of talks was broken off in between."""
    late = {"first_seen": at("2025-05-21T12:00"), "confidence": 0.9, "attribution": "party"}
    newsroom.publish(said("2025-05-21T10:00", "underway", confidence=0.9, attribution="party"))
    newsroom.publish(said("2025-05-15T10:00", "underway", **late))
    events = newsroom.publish(said("2025-05-18T10:00", "stalled", **late))
    assert ("alert.suppressed", "government", "talks resumed", "told") in told(events)
    assert ("alert.raised", "government", "talks resumed", "new_shift") not in told(events)


@pytest.mark.parametrize("hours", [1, 6, 8, 13, 24])
def test_contradicting_reports_do_not_flap(newsroom, said, told, hours):
    """Every few hours another outlet says the opposite: one shift, and one word that it is contested."""
    events = []
    for n in range(12):
        moment = datetime(2025, 5, 20, tzinfo=UTC) + timedelta(hours=hours * n)
        events += newsroom.publish(said(moment, "underway" if n % 2 == 0 else "rejected", confidence=0.8))
    alerts = [line for line in told(events) if line[0].startswith("alert.")]
    assert [line[0] for line in alerts].count("alert.raised") == 1
    assert [line[3] for line in alerts].count("contested") == 1
    assert len(alerts) <= 3


def test_after_a_contest_the_side_that_keeps_being_told_has_it_from_its_first_word(newsroom, said):
    newsroom.publish(said("2025-05-20T08:00", "underway"))
    newsroom.publish(said("2025-05-20T12:00", "rejected"))
    newsroom.publish(said("2025-05-23T12:00", "rejected"))
    now = newsroom.state.segments("government")[-1]
    assert (now.status, now.start.isoformat()) == ("rejected", "2025-05-20")


def test_an_answer_to_an_offer_is_a_shift_and_no_contest(newsroom, said):
    newsroom.publish(said("2025-05-20T08:00", "proposed", principal="federal-government"))
    events = newsroom.publish(said("2025-05-20T18:00", "rejected", principal="pti"))
    assert only(events, "alert.raised").data["name"] == "talks rejected"
    assert newsroom.state.segments("government")[-1].contested is False


def test_quotes_name_different_outlets_first_and_are_literal(newsroom, said):
    record = said(
        "2025-05-29T10:00",
        "rejected",
        outlet="wion",
        article="a",
        text="Khan rejects dialogue",
        confidence=0.9,
    )
    same = said(
        "2025-05-29T10:00", "rejected", outlet="wion", article="a", text="he said no", position="body"
    )
    newsroom.publish(record, same)
    events = newsroom.publish(
        said("2025-05-29T11:00", "rejected", outlet="dawn", text="Khan says no", confidence=0.5)
    )
    quotes = only(events, "alert.updated").data["evidence"]
    assert [(quote["outlet"], quote["text"]) for quote in quotes] == [
        ("wion", "Khan rejects dialogue"),
        ("dawn", "Khan says no"),
        ("wion", "he said no"),
    ]


@pytest.mark.parametrize("type_", ["article.ingested", "topic.defined", "status.shifted", "claims.failed"])
def test_nothing_is_decided_after_events_that_change_no_claims(newsroom, said, type_):
    newsroom.article(said("2025-05-29T10:00", "rejected"), at("2025-05-29T10:00"))
    event = newsroom.log[-1].model_copy(update={"type": type_})
    assert type_ not in DECIDED_AFTER
    assert decide(newsroom.state, event, at=event.recorded_at, by="test") == []


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["proposed", "underway", "rejected", "collapsed", "stalled", "denied"]),
        st.integers(0, 240),
        st.sampled_from(["publish", "publish", "publish", "dismiss", "restore", "revise"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)
LIVES = settings(max_examples=40, deadline=None)


def play(newsroom, said, steps):
    """A life of a topic; yields (cause, decided) with the decisions not yet applied a second time."""
    records = []
    clock = datetime(2025, 6, 1, tzinfo=UTC)
    for n, (kind, hours, act, history) in enumerate(steps):
        clock += timedelta(hours=1)
        published = datetime(2025, 5, 20, tzinfo=UTC) + timedelta(hours=hours)
        if act == "publish" or not records:
            record = replace(said(published, kind, article=f"a{n}"), history=history, first_seen_at=clock)
            records.append(record)
            yield newsroom.publish(record)
        elif act == "revise":
            record = replace(said(published, kind, article="a0"), first_seen_at=clock)
            records.append(record)
            yield newsroom.publish(record, revised=True)
        else:
            type_ = "claim.dismissed" if act == "dismiss" else "claim.restored"
            yield newsroom.judge(type_, records[hours % len(records)], clock)


@LIVES
@given(steps=STEPS)
def test_deciding_again_after_the_decisions_says_nothing_new(new_room, said, steps):
    newsroom = new_room()
    for _ in play(newsroom, said, steps):
        cause = next(e for e in reversed(newsroom.log) if e.type in DECIDED_AFTER)
        assert decide(newsroom.state, cause, at=cause.recorded_at, by="test") == []


@LIVES
@given(steps=STEPS)
def test_a_replayed_log_decides_the_same_and_ends_in_the_same_state(new_room, said, steps):
    newsroom = new_room()
    for _ in play(newsroom, said, steps):
        pass
    again = TopicState(newsroom.topic)
    expected: list[Event] = []
    for event in newsroom.log:
        if event.is_decision:
            assert event == expected.pop(0)
        again.apply(event)
        if event.type in DECIDED_AFTER:
            assert expected == []
            expected = decide(again, event, at=event.recorded_at, by="test")
    assert expected == []
    assert again.announced == newsroom.state.announced
    assert again.decisions == newsroom.state.decisions == sum(event.is_decision for event in newsroom.log)
    assert again.records == newsroom.state.records


@LIVES
@given(steps=STEPS)
def test_a_reader_that_starts_anywhere_decides_as_the_one_that_ran_all_along(new_room, said, steps):
    newsroom = new_room()
    for _ in play(newsroom, said, steps):
        pass
    for place, cause in enumerate(newsroom.log):
        if cause.type in DECIDED_AFTER:
            fresh = TopicState(newsroom.topic)
            for event in newsroom.log[: place + 1]:
                fresh.apply(event)
            ran = list(takewhile(lambda event: event.is_decision, newsroom.log[place + 1 :]))
            assert decide(fresh, cause, at=cause.recorded_at, by="test") == ran


@LIVES
@given(steps=STEPS)
def test_what_was_decided_but_never_written_is_decided_again(new_room, said, steps):
    newsroom = new_room()
    for _ in play(newsroom, said, steps):
        pass
    again = TopicState(newsroom.topic)
    for event in newsroom.log:
        again.apply(event)
        first, second = (decide(again, event, at=event.recorded_at, by="test") for _ in range(2))
        assert first == second


@LIVES
@given(steps=STEPS)
def test_what_stands_announced_is_what_the_timeline_of_all_records_says(new_room, said, steps):
    newsroom = new_room()
    for _ in play(newsroom, said, steps):
        segments = timeline(newsroom.state.records).get("government", [])
        standing = [told.change for told in newsroom.state.announced.values() if not told.withdrawn]
        assert sorted((s.status, s.name) for s in segments) == sorted((c.to_status, c.name) for c in standing)


@LIVES
@given(steps=STEPS)
def test_every_shift_has_one_alert_that_begins_once_and_ends_with_it(new_room, said, steps):
    newsroom = new_room()
    for _ in play(newsroom, said, steps):
        pass
    ids = [event.id for event in newsroom.log]
    assert len(ids) == len(set(ids))
    for shift, told in newsroom.state.announced.items():
        alerts = [e.type for e in newsroom.log if e.is_decision and e.data["shift_id"] == shift]
        first = next(type_ for type_ in alerts if type_.startswith("alert."))
        assert first in {"alert.raised", "alert.suppressed"}
        assert alerts.count(first) == 1
        assert ("alert.cancelled" in alerts) == told.withdrawn
        assert "alert.raised" in alerts or "alert.updated" not in alerts


def test_a_shift_keeps_its_id_through_all_its_updates(newsroom, said):
    newsroom.publish(said("2025-05-29T10:00", "rejected", confidence=0.5))
    newsroom.publish(said("2025-05-29T12:00", "rejected", confidence=0.5))
    newsroom.publish(said("2025-05-29T13:00", "underway", confidence=0.7))
    changes = [
        data_of(e, StatusChange) for e in newsroom.log if e.type in {"status.shifted", "status.updated"}
    ]
    assert len(changes) > 1
    assert len({change.shift_id for change in changes}) == 1

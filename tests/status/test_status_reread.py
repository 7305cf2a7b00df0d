"""A new detector reads the articles again: nothing is told for the past, and all of it is decided at once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.ids import claims_event_id, fact_id
from monitor.log.events import ArticleRemoved, ClaimsFailed, Detector
from monitor.status.article import ReadBy
from monitor.status.timeline import timeline
from monitor.vocabulary import Mood

LATER = datetime(2025, 6, 1, tzinfo=UTC)


def types(events):
    return [event.type for event in events]


def in_mood(record, mood):
    """The record as another detector would have read it: a conditional claim carries no status."""
    return replace(record, claim=record.claim.model_copy(update={"mood": Mood(mood)}))


def fail(newsroom, record, version):
    """A detector fails on the article of a record; what is decided about it."""
    article = newsroom.state.article(record.article_id)
    failed = ClaimsFailed(
        article_event=article.event,
        article_id=article.article_id,
        detector=Detector(name="test", version=version),
        topic_hash=newsroom.topic.hash,
        error="ValueError",
    )
    return newsroom.decided(newsroom.append("claims.failed", failed, LATER))


@pytest.fixture
def two(newsroom, said):
    """Two outlets told of one refusal; an alert was raised and confirmed."""
    records = [said("2025-05-29T10:00", "rejected"), said("2025-05-29T12:00", "rejected")]
    for record in records:
        newsroom.publish(record)
    return records


def test_a_shift_is_not_taken_back_while_the_next_article_may_still_carry_it(newsroom, said):
    """Half way, the older detector's claim is gone and the newer's is yet to come."""
    first, second = (
        said("2025-05-29T10:00", "rejected"),
        said("2025-05-29T12:00", "rejected", mood="conditional"),
    )
    newsroom.publish(first)
    newsroom.publish(second)
    none = in_mood(first, "conditional")
    some = in_mood(second, "asserted")
    assert newsroom.reread(none, at=LATER, version="2") == []
    assert newsroom.state.segments("government") == []
    assert newsroom.reread(some, at=LATER, version="2") == []
    assert [told.withdrawn for told in newsroom.state.announced.values()] == [False]


def test_a_shift_that_no_article_supports_any_more_is_taken_back_once_all_are_read(newsroom, two):
    none = [in_mood(one, "conditional") for one in two]
    assert newsroom.reread(none[0], at=LATER, version="2") == []
    assert types(newsroom.reread(none[1], at=LATER, version="2")) == ["status.withdrawn", "alert.cancelled"]


def test_a_shift_that_was_found_at_last_is_told_to_nobody_however_new_it_is(newsroom, said, told):
    record = said("2025-05-31T10:00", "collapsed")
    newsroom.publish(in_mood(record, "conditional"))
    assert told(newsroom.reread(record, at=LATER, version="2")) == [
        ("status.shifted", "government", "talks collapsed", "new_shift"),
        ("alert.suppressed", "government", "talks collapsed", "redetected"),
    ]


def test_what_reading_again_changes_of_a_shift_stands_in_the_log_and_is_told_to_nobody(newsroom, said, two):
    denied = said("2025-05-29T12:00", "underway", article="article of 2025-05-29T12:00")
    newsroom.reread(two[0], at=LATER, version="2")
    events = newsroom.reread(denied, at=LATER, version="2")
    assert "status.updated" in types(events)
    assert not {"alert.raised", "alert.updated"} & set(types(events))


def test_a_new_article_is_news_also_when_it_comes_while_the_others_are_read_again(newsroom, said, two):
    newsroom.reread(two[0], at=LATER, version="2")
    news = newsroom.publish(said("2025-05-31T10:00", "underway"))
    assert "alert.raised" in types(news)
    assert "alert.updated" not in types(newsroom.reread(two[1], at=LATER, version="2"))


def test_what_was_read_again_is_no_news_either_when_a_new_article_comes_between(newsroom, said, two):
    talks = said("2025-05-31T10:00", "underway", article="a")
    newsroom.publish(in_mood(talks, "conditional"))
    assert newsroom.reread(talks, at=LATER, version="2") == []
    events = newsroom.publish(said("2025-05-31T11:00", "underway", channel="establishment"))
    reasons = {(event.type, event.data["channel"], event.data["reason"]) for event in events}
    assert ("alert.suppressed", "government", "redetected") in reasons
    assert ("alert.raised", "establishment", "new_shift") in reasons


def test_an_article_on_which_the_new_detector_fails_keeps_its_claims(newsroom, two):
    assert fail(newsroom, two[0], "2") == []
    assert newsroom.reread(two[1], at=LATER, version="2") == []
    assert not newsroom.state.is_rereading
    assert len(newsroom.state.segments("government")[0].claim_ids) == 2


def test_an_article_that_a_detector_reads_at_last_after_it_failed_is_no_news(newsroom, said):
    record = said("2025-05-31T10:00", "rejected")
    newsroom.article(record, LATER)
    fail(newsroom, record, "1")
    assert types(newsroom.reread(record, at=LATER, version="2")) == ["status.shifted", "alert.suppressed"]


@pytest.mark.parametrize("gone", ["removed", "revised"])
def test_an_article_that_goes_meanwhile_is_not_waited_for(newsroom, said, two, gone):
    newsroom.publish(third := said("2025-05-30T10:00", "rejected"))
    newsroom.reread(two[0], at=LATER, version="2")
    if gone == "removed":
        newsroom.append("article.removed", ArticleRemoved(article_id=third.article_id, reason="test"), LATER)
    else:
        newsroom.article(third, LATER, revised=True)
    assert newsroom.state.is_rereading
    newsroom.reread(two[1], at=LATER, version="2")
    assert not newsroom.state.is_rereading


def test_a_removal_decides_what_reading_again_still_waited_for_and_tells_nobody_of_the_past(newsroom, said):
    first, last = said("2025-05-31T10:00", "rejected"), said("2025-05-31T11:00", "proposed")
    newsroom.publish(in_mood(first, "conditional"))
    newsroom.publish(last)
    assert newsroom.reread(first, at=LATER, version="2") == []
    gone = ArticleRemoved(article_id=last.article_id, reason="test")
    events = newsroom.decided(newsroom.append("article.removed", gone, LATER))
    assert "status.shifted" in types(events)
    assert "alert.raised" not in types(events)


def test_an_article_that_was_removed_before_is_not_waited_for(newsroom, said, two):
    newsroom.publish(third := said("2025-05-20T10:00", "proposed"))
    gone = ArticleRemoved(article_id=third.article_id, reason="test")
    newsroom.append("article.removed", gone, LATER)
    for record in two:
        newsroom.reread(record, at=LATER, version="2")
    assert not newsroom.state.is_rereading


def test_a_removal_half_way_waits_like_all_else_that_is_of_two_detectors(newsroom, said, two):
    newsroom.publish(third := said("2025-05-20T10:00", "proposed"))
    newsroom.reread(in_mood(two[0], "conditional"), at=LATER, version="2")
    gone = ArticleRemoved(article_id=third.article_id, reason="test")
    assert newsroom.decided(newsroom.append("article.removed", gone, LATER)) == []
    assert newsroom.state.is_rereading


def test_an_article_that_came_after_the_reading_began_is_not_waited_for(newsroom, said, two):
    """A service of the older version may still run: what it reads first is as well read."""
    newsroom.reread(two[0], at=LATER, version="2")
    newsroom.publish(said("2025-05-31T10:00", "rejected"))
    newsroom.reread(two[1], at=LATER, version="2")
    assert not newsroom.state.is_rereading


def test_the_state_knows_whose_reading_is_the_newest(newsroom, two):
    newsroom.reread(two[0], at=LATER, version="2")
    readers = [newsroom.state.article(record.article_id).read_by for record in two]
    assert readers == [ReadBy("2", newsroom.topic.hash), ReadBy("1", newsroom.topic.hash)]


def test_a_detector_that_comes_back_makes_another_event_of_the_same_reading():
    article, topic = fact_id("article"), fact_id("topic")
    first = claims_event_id(article, "1", topic)
    assert first == fact_id("claims", article, "1", topic), "ids of logs that exist must stay what they are"
    assert (
        len({first, claims_event_id(article, "2", topic), claims_event_id(article, "1", topic, first)}) == 3
    )


KINDS = st.sampled_from(["proposed", "underway", "rejected", "collapsed", "stalled", "denied"])


@settings(max_examples=60, deadline=None)
@given(read=st.lists(st.tuples(KINDS, KINDS, st.integers(0, 240), st.booleans()), min_size=1, max_size=7))
def test_after_reading_all_again_what_is_announced_is_what_the_new_detector_finds(new_room, said, read):
    """And in all this nobody hears of anything but what is taken back."""
    newsroom, again = new_room(), []
    for n, (before, after, hours, found) in enumerate(read):
        published = datetime(2025, 5, 20, tzinfo=UTC) + timedelta(hours=hours)
        newsroom.publish(said(published, before, article=f"a{n}"))
        record = said(published, after, article=f"a{n}")
        again.append(in_mood(record, "asserted" if found else "conditional"))
    decided = [newsroom.reread(record, at=LATER, version="2") for record in again]
    assert all(events == [] for events in decided[:-1])
    assert set(types(decided[-1])) <= {
        "status.shifted", "status.updated", "status.withdrawn", "alert.suppressed", "alert.cancelled",
    }  # fmt: skip
    segments = timeline(newsroom.state.records).get("government", [])
    standing = [told.change for told in newsroom.state.announced.values() if not told.withdrawn]
    assert sorted((s.status, s.name) for s in segments) == sorted((c.to_status, c.name) for c in standing)

"""What holds of every timeline, whatever was said: laws, tested on made-up news."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.status.timeline import Timelines, timeline
from monitor.status.weighing import brings_news
from monitor.status.withhold import without_words

LAW = settings(max_examples=60, deadline=None)
START = datetime(2025, 3, 1, tzinfo=UTC)
KINDS = [
    "proposed", "scheduled", "underway", "resumed", "progress", "agreement", "stalled", "rejected", "collapsed",
    "denied",
]  # fmt: skip


@st.composite
def news(draw, said, max_articles=8):
    """Claim records of some articles, close enough in time to get in each other's way."""
    records = []
    for article in range(draw(st.integers(1, max_articles))):
        published = START + timedelta(hours=draw(st.integers(0, 24 * 40)))
        if draw(st.booleans()):
            published = published.replace(hour=0, minute=0)
        story = draw(st.sampled_from([None, None, "s1", "s2"]))
        outlet = draw(st.sampled_from(["dawn", "geo", "ary"]))
        history = draw(st.booleans())
        for nth in range(draw(st.integers(1, 3))):
            records.append(
                replace(
                    said(
                        published,
                        draw(st.sampled_from(KINDS)),
                        article=f"a{article}",
                        story=story,
                        outlet=outlet,
                        nth=nth,
                        history=history,
                        **draw(_claims(published)),
                    ),
                    known_from=published + timedelta(hours=draw(st.integers(1, 60))),
                )
            )
    return records


@st.composite
def _claims(draw, published):
    background = draw(st.sampled_from([False, False, True]))
    told = published.date()
    if background:
        latest = told - timedelta(days=draw(st.integers(1, 30)))
        width = draw(st.sampled_from([None, 0, 0, 2, 10, 30]))
        when = (None if width is None else str(latest - timedelta(days=width)), str(latest))
    else:
        back = draw(st.sampled_from([0, 0, 0, 1, 2, 5]))
        when = (
            None
            if back == 0
            else (str(told - timedelta(days=back)), str(told - timedelta(days=draw(st.integers(0, back)))))
        )
    return {
        "background": background,
        "when": when,
        "channel": draw(st.sampled_from(["government", "government", "overseas"])),
        "mood": draw(st.sampled_from(["asserted", "asserted", "planned", "denied", "conditional"])),
        "position": draw(st.sampled_from(["headline", "lead", "body"])),
        "attribution": draw(st.sampled_from(["party", "officials", "sources", "outlet", "opinion"])),
        "speaker": draw(st.sampled_from([None, "pti", "Raja", "Swati"])),
        "principal": draw(st.sampled_from([None, "pti", "federal-government"])),
        "parties": ("pti", "federal-government"),
        "confidence": draw(st.sampled_from([0.3, 0.6, 0.8, 0.95])),
    }


@pytest.mark.drill
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_timeline_kept_up_to_date_is_the_one_made_at_once(said, data):
    records = data.draw(news(said))
    timelines, held = Timelines(), {}
    for record in records:
        timelines.add(record)
        held[record.claim.id] = record
        for claim_id in data.draw(st.lists(st.sampled_from(sorted(held) or [""]), max_size=2)):
            timelines.close(claim_id)
            held.pop(claim_id, None)
        if data.draw(st.booleans()):
            _compare(timelines, held)
    _compare(timelines, held)


def _compare(timelines, held):
    whole = timeline(held.values())
    assert {c: timelines.segments(c) for c in timelines.channels if timelines.segments(c)} == whole


@LAW
@given(data=st.data())
def test_the_order_of_records_does_not_matter(said, data):
    records = data.draw(news(said))
    assert timeline(data.draw(st.permutations(records))) == timeline(records)


@LAW
@given(data=st.data())
def test_a_record_that_comes_twice_counts_once(said, data):
    records = data.draw(news(said))
    assert timeline([*records, data.draw(st.sampled_from(records))]) == timeline(records)


@LAW
@given(data=st.data())
def test_known_at_a_moment_is_the_timeline_of_what_was_known_then(said, data):
    closing = st.one_of(st.none(), st.integers(0, 100).map(lambda hours: timedelta(hours=hours)))
    records = []
    for record in data.draw(news(said)):
        after = data.draw(closing)
        records.append(replace(record, known_until=None if after is None else record.known_from + after))
    moment = START + timedelta(hours=data.draw(st.integers(0, 24 * 45)))
    then = [
        replace(record, known_until=None)
        for record in records
        if record.known_from <= moment and (record.known_until is None or moment < record.known_until)
    ]
    assert timeline(records, known_at=moment) == timeline(then)


@LAW
@given(data=st.data())
def test_as_of_a_day_is_a_prefix_of_the_whole(said, data):
    records = data.draw(news(said))
    day = START.date() + timedelta(days=data.draw(st.integers(-35, 45)))
    whole, then = timeline(records), timeline(records, as_of=day)
    for channel, segments in whole.items():
        begun = then.get(channel, [])
        assert [(s.status, s.name, s.start) for s in begun] == [
            (s.status, s.name, s.start) for s in segments[: len(begun)]
        ]
        assert all(s.start_latest <= day for s in begun)
        assert all(s.start_latest > day for s in segments[len(begun) :])
        assert not begun or (begun[-1].end is None and begun[-1].last_evidence <= day)


@LAW
@given(data=st.data())
def test_segments_follow_one_another(said, data):
    for segments in timeline(data.draw(news(said))).values():
        for segment, following in pairwise(segments):
            again = (str(following.status), following.name) == ("underway", "talks resumed")
            assert segment.status is not following.status or again
            assert segment.end == following.start
            assert segment.start <= following.start
            assert segment.start_latest <= following.start_latest
        for segment in segments:
            assert segment.start_earliest is None or segment.start_earliest <= segment.start_latest
            assert 0 < segment.confidence < 1
            assert segment.claim_ids
            assert segments[-1].end is None


@LAW
@given(data=st.data())
def test_copies_of_a_story_on_the_same_day_add_nothing(said, data):
    """The next day, "on Monday" is an earlier time than the copy's own, so only the same day is a law; of two reports
    of one moment either may be the copy.
    """
    records = data.draw(news(said))
    article = data.draw(st.sampled_from(sorted({record.article_id for record in records})))
    originals = [record for record in records if record.article_id == article]
    minutes = data.draw(st.integers(1, 60 * (24 - originals[0].published_at.hour) - 1))
    copies = [replace(said.copy(record, 1, hours=minutes / 60), outlet="copies") for record in originals]
    assert timeline([*records, *copies]) == timeline(records)


@LAW
@given(data=st.data())
def test_a_denial_carries_no_segment_and_raises_no_confidence(said, data):
    records = data.draw(news(said))
    published = START + timedelta(hours=data.draw(st.integers(0, 24 * 40)))
    kind = data.draw(st.sampled_from(["denied", "underway", "rejected"]))
    denial = said(
        published,
        kind,
        article="denial",
        mood="asserted" if kind == "denied" else "denied",
        attribution=data.draw(st.sampled_from(["party", "officials"])),
        speaker="Raja",
        confidence=data.draw(st.sampled_from([0.3, 0.9])),
    )
    before = timeline(records).get("government", [])
    after = timeline([*records, denial]).get("government", [])
    assert not any(denial.claim.id in segment.claim_ids for segment in after)
    was = {segment.claim_ids: segment.confidence for segment in before}
    assert all(segment.confidence <= was.get(segment.claim_ids, 1.0) for segment in after)
    if (
        denial.claim.attribution == "officials"
    ):  # a party's makes what one story told no hindrance to what follows
        assert [(s.status, s.start, s.certainty) for s in after] == [
            (s.status, s.start, s.certainty) for s in before
        ]


TITLES = ["", "Back to the table", "Opinion | No way back", "What we know so far", "PTI in Lahore"]


@LAW
@given(data=st.data())
def test_taking_words_out_of_view_changes_no_timeline(data, said):
    records = [
        replace(record, title=data.draw(st.sampled_from(TITLES)), url="https://news.example/opinion/x")
        if data.draw(st.booleans())
        else replace(record, title=data.draw(st.sampled_from(TITLES)))
        for record in data.draw(news(said))
    ]
    removed = data.draw(st.sets(st.sampled_from(sorted({record.article_id for record in records}))))
    kept = [without_words(record) if record.article_id in removed else record for record in records]
    assert timeline(kept) == timeline(records)
    assert [without_words(record) for record in kept] == [without_words(record) for record in records]


@pytest.mark.parametrize(
    ("title", "opens"), [("Back to the table", True), ("Opinion | Talks", False), ("PTI in Lahore", False)]
)
def test_what_a_headline_told_still_counts_when_it_is_out_of_view(title, opens, said):
    record = replace(said("2025-05-29T10:00", "rejected", position="body", confidence=0.95), title=title)
    channel = record.claim.channel
    assert brings_news([record], channel) == brings_news([without_words(record)], channel) == opens

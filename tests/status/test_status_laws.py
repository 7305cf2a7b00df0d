"""What holds of every timeline, whatever was said: laws, tested on made-up news."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.status.timeline import Timelines, timeline

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


@settings(max_examples=300, deadline=None)
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

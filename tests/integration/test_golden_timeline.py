"""What the five seeds say, read closely by people, against what Parley makes of them.

The expectations are the reading, not the output: they change only when a closer reading does.
"""

from datetime import UTC, date, datetime

import pytest

from monitor.readmodel import queries
from monitor.readmodel.forms import SegmentForm
from monitor.readmodel.queries import ReadModel
from monitor.service.ingest import seeds_folder
from monitor.sources.folder import read_folder
from tests.readmodel.story import stored_text

LATER = datetime(2026, 11, 22, tzinfo=UTC)
NOVEMBER = (date(2024, 11, 1), date(2024, 11, 30))
MARCH = (date(2025, 3, 1), date(2025, 3, 31))


@pytest.fixture(scope="module")
def timelines(seeded_model: ReadModel) -> dict[str, list[SegmentForm]]:
    answer = queries.timeline(seeded_model, "pti")
    return {channel.channel: channel.segments for channel in answer.channels}


def outlets(segment: SegmentForm) -> set[str]:
    return {piece.outlet for piece in segment.evidence}


def begins_within(segment: SegmentForm, bounds: tuple[date, date]) -> bool:
    first, last = segment.start_earliest, segment.start_latest
    return first is not None and last is not None and bounds[0] <= first <= last <= bounds[1]


def test_the_channels_stand_in_the_topics_order(timelines: dict[str, list[SegmentForm]]) -> None:
    assert list(timelines) == ["government", "establishment", "overseas"]


def test_the_government_talks_collapsed_stalled_were_to_be_resumed_and_were_rejected(
    timelines: dict[str, list[SegmentForm]],
) -> None:
    assert [segment.status for segment in timelines["government"]] == [
        "collapsed",
        "stalled",
        "proposed",
        "rejected",
    ]


def test_the_first_effort_with_the_government_collapsed_in_november_2024(
    timelines: dict[str, list[SegmentForm]],
) -> None:
    collapsed = timelines["government"][0]
    assert begins_within(collapsed, NOVEMBER)
    assert "WION" in outlets(collapsed)


def test_the_stall_with_the_government_has_an_unknown_start(timelines: dict[str, list[SegmentForm]]) -> None:
    stalled = timelines["government"][1]
    assert stalled.start_earliest is None
    assert outlets(stalled) == {"Daily Times"}


def test_the_efforts_to_resume_are_confirmed_and_began_two_nights_before_the_report(
    timelines: dict[str, list[SegmentForm]],
) -> None:
    proposed = timelines["government"][2]
    assert proposed.name == "efforts to resume talks"
    assert begins_within(proposed, (date(2025, 5, 22), date(2025, 5, 24)))
    assert proposed.certainty == "confirmed"
    assert "Daily Times" in outlets(proposed)


def test_the_rejection_is_reported_since_the_day_of_the_report(
    timelines: dict[str, list[SegmentForm]],
) -> None:
    rejected = timelines["government"][3]
    assert rejected.name == "talks rejected"
    assert (rejected.start, rejected.end) == (date(2025, 5, 29), None)
    assert rejected.certainty == "reported"
    assert outlets(rejected) == {"WION"}


def test_talks_with_the_establishment_are_at_most_proposed_and_disputed_in_april(
    timelines: dict[str, list[SegmentForm]],
) -> None:
    segments = timelines["establishment"]
    assert {segment.status for segment in segments} == {"proposed"}
    assert segments[0].contested
    assert begins_within(segments[0], (date(2025, 4, 8), date(2025, 4, 14)))


def test_the_overseas_talks_were_held_collapsed_and_resumed(timelines: dict[str, list[SegmentForm]]) -> None:
    held, broken, resumed = timelines["overseas"]
    assert (held.status, resumed.status) == ("underway", "underway")
    assert broken.status in {"collapsed", "stalled"}
    assert begins_within(held, NOVEMBER)
    assert begins_within(broken, NOVEMBER)
    assert begins_within(resumed, MARCH)
    assert resumed.name == "talks resumed"
    assert resumed.end is None
    assert {"Khyber News", "The Azb", "ExBulletin"} <= outlets(held)
    assert {"Khyber News", "ExBulletin"} <= outlets(broken)
    assert {"Khyber News", "The Azb", "ExBulletin"} <= outlets(resumed)


def test_no_agreement_anywhere(timelines: dict[str, list[SegmentForm]]) -> None:
    assert not [one for segments in timelines.values() for one in segments if one.status == "agreed"]


def test_the_headline_is_the_rejection_and_it_is_stale_long_after(seeded_model: ReadModel) -> None:
    answer = queries.status(seeded_model, "pti", now=LATER)
    assert (answer.status, answer.since, answer.stale) == ("rejected", date(2025, 5, 29), True)
    assert answer.last_shift is not None
    assert answer.last_shift.name == "talks rejected"


def test_the_article_published_last_changes_nothing_about_the_present(seeded_model: ReadModel) -> None:
    before = queries.status(seeded_model, "pti", now=LATER, as_of=date(2025, 6, 1))
    after = queries.status(seeded_model, "pti", now=LATER, as_of=date(2025, 6, 3))
    assert (before.status, before.since) == (after.status, after.since) == ("rejected", date(2025, 5, 29))
    assert [one.status for one in before.channels] == [one.status for one in after.channels]


def test_every_segment_has_quotes_that_stand_literally_in_a_stored_text(
    seeded_model: ReadModel, timelines: dict[str, list[SegmentForm]]
) -> None:
    titles = {entry.article: entry.title for entry in queries.articles(seeded_model, "pti")}
    for segment in (one for segments in timelines.values() for one in segments):
        assert segment.evidence
        for piece in segment.evidence:
            stored = stored_text(seeded_model, "pti", piece.article) or ""
            assert piece.quote in stored or piece.quote in titles[piece.article]


def test_the_stored_texts_keep_the_seeds_sentences(seeded_model: ReadModel) -> None:
    found = read_folder(seeds_folder(), now=LATER).articles
    stored = [stored_text(seeded_model, "pti", one.article) for one in queries.articles(seeded_model, "pti")]
    assert sorted(article.text for article in found) == sorted(text or "" for text in stored)


def test_nothing_of_the_seeds_is_deliverable(seeded_model: ReadModel) -> None:
    told = queries.alerts(seeded_model, "pti")
    assert told
    assert {(alert.state, alert.reason) for alert in told} == {("suppressed", "history")}

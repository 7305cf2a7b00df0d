"""What close reading of the five seed articles says, as hand-made claims; and the timelines that must come of it.

The claims are not the detector's: they are what a person finds in the texts, the distracting passages included.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import permutations

import pytest

from monitor.status.headline import headline
from monitor.status.timeline import timeline

NOVEMBER = ("2024-11-01", "2024-11-30")
OFFERS = {"position": "body", "confidence": 0.6}


@pytest.fixture
def seeds(said):
    """Article -> its claim records, in order of publication."""

    def of(article, published, outlet):
        def claim(kind, text, **more):
            return said(published, kind, article=article, outlet=outlet, text=text, **more)

        return claim

    khyber = of("000", "2025-04-14", "Khyber News")
    azb = of("001", "2025-04-14", "The Azb")
    exbulletin = of("002", "2025-06-02", "ExBulletin")
    wion = of("003", "2025-05-29", "WION")
    daily_times = of("004", "2025-05-24", "Daily Times")
    overseas = {"channel": "overseas", "position": "body", "confidence": 0.7}
    past = {**overseas, "background": True}
    return {
        "000": [
            khyber("underway", "talks began", when=NOVEMBER, **{**past, "position": "lead"}),
            khyber("proposed", "showed willingness to reach a settlement", when=NOVEMBER, **past),
            khyber("collapsed", "He ended the discussions", when=NOVEMBER, **past),
            khyber("underway", "a fresh effort began", when=("2024-12-01", "2025-04-14"), **past),
            khyber("progress", "some progress was made", when=("2025-03-01", "2025-03-31"), **past),
            khyber("underway", "As talks continue behind the scenes", **overseas),
            khyber("proposed", "Azam Swati publicly supported dialogue", channel="establishment", position="body",
                   confidence=0.7, attribution="party", speaker="Azam Swati", principal="pti"),
            khyber("denied", "Swati’s statement was his own opinion", channel="establishment", position="body",
                   confidence=0.6, attribution="party", speaker="Salman Akram Raja", principal="pti"),
        ],
        "001": [
            azb("underway", "a detailed conversation in November", when=NOVEMBER, **{**past, "position": "lead"}),
            azb("underway", "part of key ongoing discussions", **{**overseas, "position": "lead"}),
            azb("underway", "met in the third week of March", when=("2025-03-15", "2025-03-21"), **past),
            azb("stalled", "he halted further negotiations", when=NOVEMBER, **past),
        ],
        "004": [
            daily_times("proposed", "Efforts to resume negotiations", position="lead", principal="pti"),
            daily_times("proposed", "instructed to explore renewed dialogue", when=("2025-05-22", "2025-05-24"),
                        position="body", principal="pti"),
            daily_times("proposed", "efforts are actively ongoing", position="body", attribution="party",
                        speaker="Barrister Saif", principal="pti"),
            daily_times("underway", "no formal negotiations are underway yet", mood="denied", position="body",
                        attribution="party", speaker="Barrister Saif"),
            daily_times("stalled", "had stalled earlier", when=(None, "2025-05-23"), background=True, position="body"),
        ],
        "003": [
            wion("rejected", "Imran Khan rejects renewed dialogue", principal="pti"),
            wion("rejected", "he reportedly rejected the offer", position="body", principal="pti"),
            wion("rejected", "within a week, Khan reversed", when=("2025-05-22", "2025-05-29"), position="body",
                 principal="pti"),
            wion("proposed", "hopes for renewed dialogue", **{**OFFERS, "position": "lead"}),
            wion("proposed", "public dialogue offer made by Shehbaz Sharif", principal="federal-government",
                 when=(None, "2025-05-28"), background=True, **OFFERS),
            wion("proposed", "Gohar had conveyed approval in principle", principal="pti", speaker="Barrister Gohar",
                 attribution="party", **OFFERS),
            wion("collapsed", "a similar effort collapsed", when=NOVEMBER, background=True, position="lead"),
            wion("proposed", "it was reportedly open to talks", when=NOVEMBER, background=True, **OFFERS),
            wion("proposed", "unless held directly with the establishment", channel="establishment", principal="pti",
                 **OFFERS),
        ],
        "002": [
            exbulletin("underway", "several meetings last November", when=NOVEMBER, **{**past, "position": "lead"}),
            exbulletin("collapsed", "Khan had decided to end the talks", when=("2024-11-24", "2024-11-26"), **past),
            exbulletin("underway", "a delegation in March", when=("2025-03-01", "2025-03-31"), **past),
            exbulletin("underway", "met earlier this year", when=("2025-01-01", "2025-06-01"), **past),
        ],
    }  # fmt: skip


@pytest.fixture
def timelines(seeds):
    return timeline(record for records in seeds.values() for record in records)


def in_brief(segments):
    return [(segment.status, segment.name) for segment in segments]


def test_government_collapsed_stalled_was_to_be_resumed_and_was_rejected(timelines):
    collapsed, stalled, proposed, rejected = timelines["government"]
    assert in_brief(timelines["government"]) == [
        ("collapsed", "talks collapsed"),
        ("stalled", "talks stalled"),
        ("proposed", "efforts to resume talks"),
        ("rejected", "talks rejected"),
    ]
    assert (collapsed.start_earliest, collapsed.start_latest) == (date(2024, 11, 1), date(2024, 11, 30))
    assert stalled.start_earliest is None
    assert stalled.start_latest <= date(2025, 5, 23)
    assert date(2025, 5, 22) <= proposed.start_earliest <= proposed.start_latest <= date(2025, 5, 24)
    assert rejected.start_earliest == rejected.start_latest == date(2025, 5, 29)
    assert rejected.end is None


def test_government_is_confirmed_where_saif_is_on_the_record_and_reported_where_sources_are(timelines):
    _, _, proposed, rejected = timelines["government"]
    assert proposed.certainty == "confirmed"
    assert (rejected.certainty, rejected.contested) == ("reported", False)


def test_establishment_was_proposed_at_most_and_contested(timelines):
    (proposed,) = timelines["establishment"]
    assert (proposed.status, proposed.name, proposed.start) == (
        "proposed",
        "talks proposed",
        date(2025, 4, 14),
    )
    assert proposed.contested, "Swati against Raja, and one source's word in May outweighs neither"


def test_overseas_talks_collapsed_in_november_and_resumed_in_march(timelines):
    november, collapsed, march = timelines["overseas"]
    assert in_brief(timelines["overseas"]) == [
        ("underway", "talks begun"),
        ("collapsed", "talks collapsed"),
        ("underway", "talks resumed"),
    ]
    assert november.start.month == collapsed.start.month == 11
    assert (march.start_earliest, march.start_latest) == (date(2025, 3, 15), date(2025, 3, 21))
    assert march.last_evidence == date(2025, 4, 14), "the seed published in June tells of March only"


def test_nothing_was_agreed(timelines):
    assert all(segment.status != "agreed" for segments in timelines.values() for segment in segments)


def test_the_headline_is_the_rejection_as_last_known(timelines, topic):
    now = headline(topic, timelines, date(2026, 11, 22))
    assert (now.channel, now.segment.status, now.segment.start, now.stale) == (
        "government", "rejected", date(2025, 5, 29), True,
    )  # fmt: skip


def test_the_seed_published_last_changes_nothing_about_the_present(timelines, seeds):
    without = timeline(r for name, records in seeds.items() if name != "002" for r in records)
    assert [s[-1].status for s in without.values()] == [s[-1].status for s in timelines.values()]
    assert without["government"] == timelines["government"]


def test_the_order_in_which_the_seeds_come_does_not_matter(timelines, seeds):
    for order in permutations(seeds):
        assert timeline(record for name in order for record in seeds[name]) == timelines


def test_as_if_new_only_the_effort_and_the_rejection_reach_subscribers(newsroom, seeds, told):
    events = [event for records in seeds.values() for event in newsroom.publish(*records)]
    alerts = [line for line in told(events) if line[0].startswith("alert.")]
    assert [line for line in alerts if line[0] == "alert.raised" and line[1] == "government"] == [
        ("alert.raised", "government", "efforts to resume talks", "new_shift"),
        ("alert.raised", "government", "talks rejected", "new_shift"),
    ]
    assert {line[1:3] for line in alerts if line[0] == "alert.raised" and line[1] != "government"} <= {
        ("establishment", "talks proposed")
    }
    assert [line for line in alerts if line[0] not in {"alert.raised", "alert.suppressed"}] == []
    assert {line[1:] for line in alerts if line[0] == "alert.suppressed"} == {
        ("overseas", "talks begun", "late"),
        ("overseas", "talks collapsed", "late"),
        ("overseas", "talks resumed", "late"),
        ("government", "talks collapsed", "late"),
        ("government", "talks stalled", "past"),
    }


def test_as_history_every_shift_is_decided_and_none_is_sent(newsroom, seeds, told):
    seen = datetime(2026, 11, 22, tzinfo=UTC)
    events = []
    for records in seeds.values():
        history = [_as_history(record, seen) for record in records]
        events += newsroom.publish(*history)
    alerts = [line for line in told(events) if line[0].startswith("alert.")]
    assert len([line for line in told(events) if line[0] == "status.shifted"]) == 8
    assert {(line[0], line[3]) for line in alerts} == {("alert.suppressed", "history")}


def _as_history(record, seen):
    return replace(record, history=True, first_seen_at=seen)

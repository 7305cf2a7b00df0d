"""Cases of timelines, each a small piece of news and what must come of it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from monitor.status.headline import headline, is_stale, stale_from
from monitor.status.timeline import Timelines, timeline


def government(records, **when):
    return timeline(records, **when).get("government", [])


def statuses(records):
    return [str(segment.status) for segment in government(records)]


def test_nothing_said_is_no_segment():
    assert timeline([]) == {}


@pytest.mark.parametrize("mood", ["conditional", "hypothetical", "denied"])
def test_what_is_not_asserted_carries_nothing(said, mood):
    assert timeline([said("2025-05-24", "underway", mood=mood)]) == {}


def test_a_claim_without_any_date_carries_nothing(said):
    assert timeline([said("2025-05-24", "underway", when=(None, None))]) == {}


@pytest.mark.parametrize(
    "weak",
    [{"position": "body", "confidence": 0.3}, {"attribution": "opinion"}],
    ids=["a doubtful aside", "an opinion"],
)
def test_weak_claims_support_but_do_not_open(said, weak):
    aside = said("2025-05-25", "underway", **weak)
    assert statuses([aside]) == []
    (segment,) = government([said("2025-05-24", "underway"), aside])
    assert aside.claim.id in segment.claim_ids


def test_an_article_does_not_argue_with_itself(said):
    headline_, body = (
        said("2025-05-24", "rejected", article="a"),
        said("2025-05-24", "underway", article="a", position="body"),
    )
    (segment,) = government([headline_, body])
    assert (segment.status, segment.contested) == ("rejected", False)
    assert segment.counter_ids == (body.claim.id,)


def test_an_offer_during_running_talks_is_no_step_back(said):
    assert statuses([said("2025-05-01", "underway"), said("2025-05-10", "proposed")]) == ["underway"]


@pytest.mark.parametrize("talks", ["underway", "scheduled"])
def test_an_offer_more_than_two_weeks_after_the_last_word_of_talks_is_news(said, talks):
    assert statuses([said("2025-05-01", talks), said("2025-05-15", "proposed")]) == [talks]
    assert statuses([said("2025-05-01", talks), said("2025-05-16", "proposed")]) == [talks, "proposed"]


def test_a_refusal_answers_whichever_side_has_offered(said):
    offers = [
        said("2025-05-20", "proposed", position="headline", article="a", principal="pti"),
        said("2025-05-20", "proposed", position="lead", article="c", principal="government"),
    ]
    refusal = said("2025-05-21", "rejected", position="lead", article="b", principal="pti")
    assert statuses([*offers, refusal]) == ["proposed", "rejected"]
    assert statuses([offers[0], refusal]) == ["proposed"]


@pytest.mark.parametrize(("place", "expected"), [("headline", "scheduled"), ("body", "proposed")])
def test_a_day_set_beside_an_offer_that_was_taken_up_is_what_is_told(said, place, expected):
    offer = said("2025-05-20", "proposed", position="headline", article="a")
    day = said("2025-05-20", "scheduled", position=place, article="a", mood="planned", confidence=0.7)
    assert statuses([offer, day]) == [expected]


def starts(records):
    return [str(segment.start_latest) for segment in government(records)]


def hint(said, kind):
    """What the body of an article says twice, below a headline about something else."""
    return [said("2025-05-01", kind, position="body", article="hint", nth=nth) for nth in (0, 1)]


@pytest.mark.parametrize("place", ["headline", "lead"])
def test_what_an_aside_hinted_at_starts_on_the_day_it_is_news(said, place):
    news = said("2025-05-04", "rejected", position=place)
    (segment,) = government([*hint(said, "rejected"), news])
    assert str(segment.start_latest) == "2025-05-04"
    assert news.claim.id in segment.claim_ids
    assert len(segment.claim_ids) > 1


def test_one_more_aside_dates_nothing_anew(said):
    aside = said("2025-05-04", "rejected", position="body")
    assert starts([*hint(said, "rejected"), aside]) == ["2025-05-01"]


def test_talks_that_have_gone_on_since_the_hint_do_not_start_again(said):
    assert starts([*hint(said, "underway"), said("2025-05-08", "underway")]) == ["2025-05-08"]
    assert starts([*hint(said, "underway"), said("2025-05-09", "underway")]) == ["2025-05-01"]


@pytest.mark.parametrize(
    ("news", "start"),
    [("2025-05-04", "2025-05-01"), ("2025-05-31", "2025-05-01"), ("2025-06-01", "2025-06-01")],
)
def test_what_is_history_of_long_ago_starts_with_the_news(said, news, start):
    told = said("2025-05-03", "rejected", when=("2025-05-01", "2025-05-01"), **PAST)
    assert starts([told, said(news, "rejected")]) == [start]


@pytest.mark.parametrize(("kind", "days"), [("resumed", 11), ("underway", 11), ("resumed", 10)])
def test_talks_that_resume_after_a_pause_that_nobody_told_of_are_news(said, kind, days):
    again = said(str(date(2025, 5, 1) + timedelta(days)), kind)
    found = government([said("2025-05-01", "underway"), again])
    expected = ["talks begun", "talks resumed"] if (kind, days) == ("resumed", 11) else ["talks begun"]
    assert [segment.name for segment in found] == expected


def test_a_party_that_asks_for_talks_on_record_ends_the_rumour_that_they_are_held(said):
    rumour = said("2025-05-01", "underway", position="lead", confidence=0.7)
    party = {"attribution": "party", "speaker": "pti", "principal": "pti"}
    assert statuses([rumour, said("2025-05-04", "proposed", **party)]) == ["underway", "proposed"]
    assert statuses([rumour, said("2025-05-04", "proposed")]) == ["underway"]
    borne_out = said("2025-05-02", "underway", position="lead", confidence=0.7)
    assert statuses([rumour, borne_out, said("2025-05-04", "proposed", **party)]) == ["underway"]


def test_talks_that_break_down_some_days_after_an_offer_was_refused_are_news(said):
    refusal = said("2025-05-01", "rejected")
    assert statuses([refusal, said("2025-05-04", "collapsed")]) == ["rejected"]
    assert statuses([refusal, said("2025-05-05", "collapsed")]) == ["rejected", "collapsed"]


def test_the_same_end_in_other_words_is_one_end(said):
    ends = [said("2025-05-01", "collapsed"), said("2025-05-03", "rejected"), said("2025-05-20", "stalled")]
    assert statuses(ends) == ["collapsed"]


def test_talks_move_on_without_contradiction(said):
    steps = ["proposed", "scheduled", "underway", "agreement"]
    records = [said(f"2025-05-01T{8 + n:02}:00", kind) for n, kind in enumerate(steps)]
    assert statuses(records) == ["proposed", "scheduled", "underway", "agreed"]


@pytest.mark.parametrize(
    ("hours", "weight", "expected"),
    [
        (6, 0.6, [("underway", True)]),
        (36, 0.8, [("underway", True)]),
        (6, 0.95, [("underway", False), ("collapsed", True)]),
        (37, 0.8, [("underway", False), ("collapsed", False)]),
    ],
    ids=["lighter and soon", "as heavy, just within", "heavier and soon", "later"],
)
def test_opposite_reports_soon_after_contest_and_later_change(said, hours, weight, expected):
    first = said("2025-05-20T00:00", "underway")
    assert first.published_at is not None
    second = said(first.published_at + timedelta(hours=hours), "collapsed", confidence=weight)
    assert [(s.status, s.contested) for s in government([first, second])] == expected


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ((0, 6, 24), ["collapsed", "underway", "collapsed"]),
        ((0, 20, 40), ["collapsed", "underway"]),
    ],
    ids=["borne out soon", "the first word is too old to count"],
)
def test_what_was_contradicted_counts_again_when_a_second_outlet_bears_it_out(said, hours, expected):
    records = [
        said(f"2025-05-{20 + hour // 24}T{hour % 24:02}:00", status, confidence=confidence, outlet=outlet)
        for hour, status, confidence, outlet in zip(
            hours,
            ("collapsed", "underway", "collapsed"),
            (0.8, 0.95, 0.8),
            ("The Exchange", "Trade Wire", "City Ledger"),
            strict=True,
        )
    ]
    segments = government(records)
    assert [segment.status for segment in segments] == expected
    assert segments[-1].contested
    if len(segments) == 3:
        last = segments[-1]
        assert (last.start_earliest, last.certainty) == (date(2025, 5, 21), "confirmed")
        assert set(last.claim_ids) == {records[0].claim.id, records[2].claim.id}


def test_a_much_lighter_contradiction_is_kept_but_contests_nothing(said):
    aside = said("2025-05-20T06:00", "collapsed", position="body")
    (segment,) = government([said("2025-05-20T00:00", "underway"), aside])
    assert (segment.contested, segment.counter_ids) == (False, (aside.claim.id,))


def test_two_named_people_of_one_party_contest_each_other_within_one_article(said):
    on_record = {"article": "a", "position": "lead", "attribution": "party", "principal": "pti"}
    swati = said("2025-04-14", "proposed", speaker="Swati", confidence=0.7, **on_record)
    raja = said("2025-04-14", "rejected", speaker="Raja", confidence=0.6, **on_record)
    (segment,) = government([swati, raja])
    assert (segment.status, segment.contested, segment.counter_ids) == ("proposed", True, (raja.claim.id,))


def announced_and_denied(said, denial, *more, **second):
    """A government announces a deal; a copy of that story adds what the other side says, far down."""
    deal = {"attribution": "party", "speaker": "government", "principal": "government", "confidence": 0.9}
    return government(
        [
            said("2025-05-20T17:00", "agreement", position="lead", article="a", story="a", **deal),
            said(
                "2025-05-21T16:00",
                "agreement",
                position="lead",
                article="b",
                **second,
                **deal,
            ),
            said("2025-05-21T16:00", "denied", position="body", article="b", **second, **denial),
            *more,
        ]
    )


@pytest.mark.parametrize(
    ("place", "by", "held"),
    [("lead", "outlet", False), ("headline", "outlet", True), ("lead", "party", True)],
)
def test_talks_of_which_others_tell_below_the_headline_are_none_where_a_party_denies_them(
    said, place, by, held
):
    told = said("2025-05-20", "underway", position=place, article="a", attribution=by, principal="pti")
    party = {"attribution": "party", "speaker": "pti", "principal": "pti"}
    denial = said("2025-05-20", "denied", position="body", article="a", **party)
    assert bool(government([told, denial])) is held


def test_that_talks_are_refused_below_a_denial_of_them_is_no_news(said):
    aside = {"article": "r", "position": "body", "confidence": 0.7}
    rumour = [said("2025-07-19", "underway", nth=nth, **aside) for nth in (1, 2)]
    denial = said("2025-07-20", "denied", article="a")
    refusal = said("2025-07-20", "rejected", article="a", position="body", attribution="party")
    assert statuses([*rumour, denial, refusal]) == ["underway"]
    aloud = said("2025-07-20", "rejected", article="a", position="lead", attribution="party")
    assert statuses([*rumour, denial, aloud])[-1] == "rejected"


def test_what_an_article_dates_vaguely_days_before_its_news_is_that_news(said):
    talks = said("2025-01-02", "underway")
    news = said("2025-01-23", "collapsed", article="a")
    recalled = {"article": "a", "position": "body", "background": True}
    vaguely = said("2025-01-23", "collapsed", when=("2025-01-13", "2025-01-19"), **recalled)
    assert [one.start_latest for one in government([talks, news, vaguely])] == [
        date(2025, 1, 2),
        date(2025, 1, 23),
    ]
    years_ago = said("2025-01-23", "collapsed", when=("2023-03-01", "2023-05-31"), **recalled)
    assert statuses([talks, news, years_ago]) == ["collapsed", "underway", "collapsed"]


@pytest.mark.parametrize(("attribution", "expected"), [("outlet", ["proposed"]), ("party", ["agreed"])])
def test_what_the_outlet_adds_of_an_earlier_day_is_a_reminder(said, attribution, expected):
    offer = said("2025-05-16", "proposed", article="a")
    aside = {"when": ("2025-05-10", "2025-05-10"), "position": "body", "attribution": attribution}
    assert statuses([offer, said("2025-05-16", "agreement", article="a", **aside)]) == expected


@pytest.mark.parametrize("second", [{"story": "a"}, {"story": "b"}], ids=["a copy", "another story"])
def test_what_the_other_side_denies_of_a_deal_contests_it_however_far_down_it_is_told(said, second):
    rebels = {"attribution": "party", "speaker": "pti", "principal": "pti", "confidence": 0.75}
    aside = said("2025-05-21T16:00", "stalled", position="body", article="b", confidence=0.6, **second)
    (segment,) = announced_and_denied(said, rebels, aside, **second)
    assert (segment.status, segment.contested) == ("agreed", True)
    assert segment.counter_ids[1:] == (aside.claim.id,), "the denial is shown first"


def test_a_denial_far_down_by_nobody_known_contests_no_deal(said):
    (segment,) = announced_and_denied(said, {"confidence": 0.75}, story="a")
    assert (segment.status, segment.contested) == ("agreed", False)


def test_an_offer_takes_but_one_so_that_a_denial_far_down_contests_it_no_more_than_it_weighs(said):
    offer = {"attribution": "party", "speaker": "government", "principal": "government"}
    denial = {"attribution": "party", "speaker": "pti", "principal": "pti"}
    records = [
        said("2025-05-20", "proposed", position="headline", article="a", **offer),
        said("2025-05-20", "denied", position="body", article="a", **denial),
    ]
    (segment,) = government(records)
    assert (segment.status, segment.contested) == ("proposed", False)


def test_a_dissenter_and_someone_who_agrees_are_no_dispute_with_the_same_person(said):
    saif = {"article": "a", "position": "lead", "attribution": "party", "speaker": "Saif", "principal": "pti"}
    (segment,) = government([said("2025-05-24", "proposed", **saif), said("2025-05-24", "denied", **saif)])
    assert (segment.status, segment.contested) == ("proposed", False)


def test_a_denial_lowers_what_it_denies(said):
    talks = said("2025-05-20T00:00", "underway", confidence=0.6)
    denial = said("2025-05-20T06:00", "denied", attribution="party", speaker="Raja")
    (before,), (after,) = government([talks]), government([talks, denial])
    assert after.confidence < before.confidence
    assert (after.contested, after.counter_ids) == (True, (denial.claim.id,))


@pytest.mark.parametrize(
    ("second", "certainty"),
    [
        ({"outlet": "dawn"}, "confirmed"),
        ({"outlet": "geo"}, "reported"),
        ({"outlet": "dawn", "story": "same"}, "reported"),
        ({"outlet": "dawn", "published": "2025-05-28"}, "reported"),
        ({"outlet": "geo", "attribution": "party"}, "confirmed"),
    ],
    ids=["another outlet", "the same outlet", "a copy", "eight days later", "the party itself"],
)
def test_confirmed_by_another_outlet_within_days_or_by_the_party_itself(said, second, certainty):
    first = said("2025-05-20", "rejected", outlet="geo", story="same")
    other = said(second.pop("published", "2025-05-21"), "rejected", article="b", **second)
    (segment,) = government([first, other])
    assert segment.certainty == certainty


def test_a_headline_by_nobody_takes_the_partys_own_word_in_the_lead_with_it(said):
    headline = said("2025-05-20", "proposed", position="headline", article="a")
    lead = said("2025-05-20", "proposed", position="lead", article="a", attribution="party", principal="pti")
    (segment,) = government([headline, lead])
    assert segment.certainty == "confirmed"


def test_an_end_told_in_other_words_weeks_later_does_not_take_the_place_of_what_was_told_that_day(said):
    told = said("2025-05-20T09:00", "rejected", position="headline", article="a")
    when = ("2025-05-20", "2025-05-20")
    later = said("2025-06-07", "collapsed", when=when, article="b", outlet="dawn", **PAST)
    (segment,) = government([told, later])
    assert (segment.status, segment.claim_ids) == ("rejected", (told.claim.id, later.claim.id))


def test_a_party_denies_on_record_in_the_lead_what_the_headline_denies_by_nobody(said):
    party = {"attribution": "party", "speaker": "pti", "principal": "pti"}
    records = [
        said("2025-05-20", "underway", position="headline", article="a"),
        said("2025-05-21", "denied", position="headline", article="b", attribution="sources"),
        said("2025-05-21", "denied", position="lead", article="b", **party),
        said("2025-05-25", "scheduled", position="headline", article="c", outlet="dawn"),
    ]
    first, second = government(records)
    assert (first.counter_ids, second.status) == ((records[1].claim.id, records[2].claim.id), "scheduled")


@pytest.mark.parametrize(("by", "statuses"), [("party", ["underway", "collapsed"]), ("outlet", ["underway"])])
def test_a_party_that_says_on_record_that_talks_are_over_contradicts_nobody_of_the_day_before(
    said, by, statuses
):
    talks = said("2025-05-20T16:00", "underway", position="headline", article="a", attribution="party")
    end = said("2025-05-21T09:00", "collapsed", position="headline", article="b", attribution=by)
    assert [segment.status for segment in government([talks, end])] == statuses


def test_one_party_about_the_other_weighs_half_and_confirms_nothing(said):
    about = {
        "attribution": "party",
        "parties": ("pti", "federal-government"),
        "principal": "pti",
        "confidence": 0.8,
    }
    (other,) = government([said("2025-05-20", "rejected", speaker="federal-government", **about)])
    (own,) = government([said("2025-05-20", "rejected", speaker="pti", **about)])
    assert (other.certainty, own.certainty) == ("reported", "confirmed")
    assert other.confidence == pytest.approx(own.confidence / 2)


def test_stories_add_confidence_and_copies_do_not(said):
    one = said("2025-05-20T00:00", "rejected", confidence=0.6)
    other = said("2025-05-20T10:00", "rejected", confidence=0.5)
    assert government([one])[0].confidence == pytest.approx(0.6)
    assert government([one, other])[0].confidence == pytest.approx(1 - 0.4 * 0.5)
    assert government([one, said.copy(one, 1), said.copy(one, 2)])[0].confidence == pytest.approx(0.6)


def test_a_copy_that_comes_late_does_not_bring_the_old_status_back(said):
    rejected = said("2025-05-20T00:00", "rejected")
    assert statuses(
        [rejected, said("2025-05-24T00:00", "underway"), said.copy(rejected, 1, hours=24 * 6)]
    ) == [
        "rejected",
        "underway",
    ]


def test_a_segment_starts_where_its_earliest_claim_starts(said):
    (segment,) = government(
        [said("2025-05-20", "underway"), said("2025-05-22", "underway", when=("2025-05-10", "2025-05-12"))]
    )
    assert (segment.start_earliest, segment.start_latest) == (date(2025, 5, 10), date(2025, 5, 12))
    assert segment.last_evidence == date(2025, 5, 22)


PAST = {"background": True, "position": "body"}


class TestHistory:
    def test_a_vague_report_joins_the_segment_that_it_may_speak_of(self, said):
        (segment,) = government(
            [
                said("2025-04-14", "underway", when=("2025-03-15", "2025-03-21"), **PAST),
                said("2025-04-14", "underway", when=("2024-12-01", "2025-04-13"), article="b", **PAST),
            ]
        )
        assert (segment.start_earliest, segment.start_latest) == (date(2025, 3, 15), date(2025, 3, 21))

    def test_an_end_on_a_day_comes_after_talks_of_the_same_month(self, said):
        month = ("2024-11-01", "2024-11-30")
        segments = government(
            [
                said("2025-06-02", "underway", when=month, article="a", **PAST),
                said("2025-06-02", "collapsed", when=("2024-11-24", "2024-11-26"), article="b", **PAST),
            ]
        )
        assert [str(segment.status) for segment in segments] == ["underway", "collapsed"]
        assert segments[0].start_latest <= segments[1].start_latest

    def test_an_undated_past_stands_right_before_the_present_of_its_article(self, said):
        assert statuses(
            [
                said("2025-05-24", "stalled", article="a", when=(None, "2025-05-23"), **PAST),
                said("2025-05-24", "proposed", article="a", when=("2025-05-22", "2025-05-22")),
            ]
        ) == ["stalled", "proposed"]

    def test_a_later_article_may_tell_what_went_before_the_present(self, said):
        records = [
            said("2025-05-24", "proposed"),
            said("2025-05-27", "stalled", article="b", when=(None, "2025-05-26"), **PAST),
            said("2025-05-27", "proposed", article="b"),
        ]
        stalled, proposed = government(records)
        assert (stalled.status, stalled.start_earliest) == ("stalled", None)
        assert (proposed.name, proposed.start) == ("efforts to resume talks", date(2025, 5, 24))

    def test_background_alone_never_turns_the_present(self, said):
        records = [
            said("2025-05-24", "underway"),
            said("2025-06-02", "collapsed", article="b", when=(None, "2025-06-01"), **PAST),
            said("2025-06-02", "proposed", article="c", when=("2025-01-01", "2025-06-01"), **PAST),
        ]
        assert statuses(records) == ["underway"]

    def test_a_vague_past_that_may_belong_anywhere_makes_no_segment(self, said):
        records = [
            said("2025-05-10", "proposed"),
            said("2025-05-20", "rejected"),
            said("2025-06-02", "underway", article="b", when=("2025-01-01", "2025-06-01"), **PAST),
        ]
        assert statuses(records) == ["proposed", "rejected"]

    def test_dated_history_fills_in_what_was_not_known(self, said):
        records = [
            said("2025-05-24", "underway"),
            said("2025-06-02", "collapsed", article="b", when=("2025-03-01", "2025-03-02"), **PAST),
        ]
        assert [segment.name for segment in government(records)] == ["talks collapsed", "talks resumed"]

    def test_an_aside_about_an_old_offer_is_no_segment(self, said):
        offer = {"when": ("2024-11-26", "2024-11-26"), "background": True}
        assert statuses([said("2025-06-02", "proposed", position="body", **offer)]) == []
        assert statuses([said("2025-06-02", "proposed", position="lead", **offer)]) == ["proposed"]

    def test_history_keeps_nothing_fresh(self, said):
        (segment,) = government(
            [
                said("2025-03-20", "underway"),
                said("2025-06-02", "underway", article="b", when=("2025-03-01", "2025-03-31"), **PAST),
            ]
        )
        assert segment.last_evidence == date(2025, 3, 20)


def test_as_of_a_day_shows_only_what_had_begun(said):
    records = [said("2025-05-01", "underway"), said("2025-05-20", "collapsed")]
    (then,) = government(records, as_of=date(2025, 5, 10))
    assert (then.status, then.end, then.last_evidence) == ("underway", None, date(2025, 5, 1))


def test_known_at_a_moment_leaves_out_what_came_later(said):
    first, second = said("2025-05-01", "underway"), said("2025-05-20", "collapsed")
    assert [str(s.status) for s in government([first, second], known_at=first.known_from)] == ["underway"]
    assert government([first, second], known_at=first.known_from - timedelta(seconds=1)) == []


def test_closing_what_is_not_held_changes_nothing(said):
    timelines = Timelines()
    timelines.close("0" * 32)
    timelines.add(said("2025-05-01", "underway"))
    assert [str(segment.status) for segment in timelines.segments("government")] == ["underway"]
    assert timelines.segments("overseas") == []


def test_history_told_vaguely_twice_over_makes_no_two_segments_of_one_status_in_a_row(said):
    records = [
        said("2025-02-04", "stalled", article="a1"),
        said("2025-03-08", "underway", article="a2", background=True, when=("2025-02-04", "2025-03-06")),
        said("2025-03-24", "resumed", article="a3", background=True, when=("2025-02-05", "2025-03-07")),
    ]
    assert statuses(records) == ["underway", "stalled", "underway"]


def test_news_leaves_the_segments_it_does_not_touch_the_very_same(said):
    timelines = Timelines()
    for day, kind in [("01", "underway"), ("10", "stalled"), ("20", "underway")]:
        timelines.add(said(f"2025-05-{day}", kind, article=f"a{day}"))
    timelines.add(said("2025-05-21", "rejected", channel="overseas"))
    before, overseas = timelines.segments("government"), timelines.segments("overseas")
    timelines.add(said("2025-05-30", "collapsed", article="a30"))
    after = timelines.segments("government")
    assert after is timelines.segments("government")
    assert timelines.segments("overseas") is overseas
    assert all(now is was for now, was in zip(after[:2], before[:2], strict=True))
    assert [segment.end for segment in after[2:]] == [date(2025, 5, 30), None]
    assert before[2].end is None


class TestHeadline:
    def test_the_first_channel_that_is_not_stale_speaks(self, topic, said):
        records = [said("2025-03-01", "rejected"), said("2025-05-20", "underway", channel="overseas")]
        found = headline(topic, timeline(records), date(2025, 5, 24))
        assert (found.channel, found.stale) == ("overseas", False)

    def test_when_all_are_stale_the_first_that_has_any_speaks(self, topic, said):
        records = [said("2025-03-01", "underway", channel="overseas"), said("2025-02-01", "rejected")]
        found = headline(topic, timeline(records), date(2026, 5, 24))
        assert (found.channel, found.segment.status, found.stale) == ("government", "rejected", True)

    def test_nothing_known_is_no_channel(self, topic):
        assert headline(topic, {}, date(2025, 5, 24)) == (None, None, False)

    @pytest.mark.parametrize(("days", "stale"), [(30, False), (31, True)])
    def test_a_status_is_stale_after_thirty_days_without_evidence(self, said, days, stale):
        (segment,) = government([said("2025-05-01", "underway")])
        assert is_stale(segment, date(2025, 5, 1) + timedelta(days=days), 30) is stale

    def test_from_that_day_on_it_is_the_last_known_unless_another_began_before(self, said):
        (segment,) = government([said("2025-05-01", "underway")])
        first = stale_from(segment, 30)
        assert first == date(2025, 6, 1)
        assert not is_stale(segment, first - timedelta(days=1), 30)
        assert is_stale(segment, first, 30)
        assert stale_from(replace(segment, end=first), 30) is None
        assert stale_from(replace(segment, end=first + timedelta(days=1)), 30) == first
        assert stale_from(segment, 10**9) is None
        assert stale_from(replace(segment, last_evidence=None), 30) == segment.start


class TestWithinOneArticle:
    def test_the_refusal_of_another_partys_offer_is_what_the_article_says(self, said):
        body = {"article": "a", "position": "lead"}
        offer = said("2025-05-20", "proposed", principal="federal-government", confidence=0.8, **body)
        refusal = said("2025-05-20", "rejected", principal="pti", confidence=0.7, **body)
        (segment,) = government([offer, refusal])
        assert (segment.status, segment.contested) == ("rejected", False)

    def test_an_aside_of_an_open_time_does_not_stand_before_the_headline(self, said):
        records = [
            said("2025-05-29", "rejected", article="a"),
            said("2025-05-29", "collapsed", article="a", position="body", when=(None, "2025-05-29")),
        ]
        assert statuses(records) == ["rejected"]

    def test_of_two_claims_as_heavy_the_one_said_first_speaks(self, said):
        same = {"article": "a", "position": "lead", "channel": "government"}
        proposed, underway = said("2025-05-29", "proposed", **same), said("2025-05-29", "underway", **same)
        assert statuses([proposed, _said_at(underway, 90)]) == ["proposed"]
        assert statuses([_said_at(proposed, 90), underway]) == ["underway"]


def _said_at(record, offset):
    span = record.claim.span.model_copy(update={"start": offset, "end": offset + 8})
    return replace(record, claim=record.claim.model_copy(update={"span": span}))


def test_an_aside_about_efforts_does_not_turn_old_talks_into_a_proposal(said):
    talks = said("2025-01-01", "underway")
    assert statuses([talks, said("2025-05-10", "proposed", position="body")]) == ["underway"]
    assert statuses([talks, said("2025-05-10", "proposed", position="lead")]) == ["underway", "proposed"]


def test_a_contest_is_settled_by_twice_its_weight_after_the_contested_hours(said):
    contest = [said("2025-05-20T00:00", "underway"), said("2025-05-20T06:00", "collapsed", confidence=0.6)]
    one, two = said("2025-05-23T00:00", "underway"), said("2025-05-24T00:00", "underway")
    assert [segment.contested for segment in government([*contest, one])] == [True]
    assert [segment.contested for segment in government([*contest, one, two])] == [False]


def test_a_contest_is_not_settled_by_one_more_contradiction(said):
    contest = [said("2025-05-20T00:00", "underway"), said("2025-05-20T06:00", "collapsed", confidence=0.6)]
    denial = said("2025-05-27T00:00", "denied")
    assert [segment.contested for segment in government([*contest, denial])] == [True]
    support = [said(f"2025-05-{day}T00:00", "underway") for day in (28, 29, 30)]
    assert [segment.contested for segment in government([*contest, denial, *support])] == [False]

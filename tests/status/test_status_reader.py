"""What a careful reader makes of a day's articles: which word of one counts, and what it takes to change one's mind."""

from dataclasses import replace

import pytest

from monitor.status.timeline import timeline


def told(records):
    return [(str(s.status), str(s.start_latest)) for s in timeline(records).get("government", [])]


def statuses(records):
    return [status for status, _ in told(records)]


class TestOneArticle:
    def test_a_headline_says_what_is_new_and_a_lead_of_another_party_does_not_go_beyond_it(self, said):
        offer = said("2025-05-14", "proposed", article="a")
        misread = said(
            "2025-05-14", "scheduled", article="a", position="lead", principal="pti", confidence=0.95
        )
        assert statuses([offer, misread]) == ["proposed"]

    def test_a_date_for_the_next_round_stands_above_talks_that_are_held(self, said):
        date_ = said("2024-12-23", "scheduled", article="a", mood="planned", principal="pti")
        round_ = said("2024-12-23", "underway", article="a", position="lead", principal="pti")
        assert statuses([date_, round_]) == ["underway"]
        plan = said("2024-12-23", "underway", article="a", position="lead", principal="pti", mood="planned")
        assert statuses([date_, plan]) == ["scheduled"]

    def test_talks_that_are_to_resume_are_scheduled_until_they_are_held(self, said):
        stalled = said("2024-12-10", "stalled")
        plan = said("2024-12-18", "resumed", mood="planned")
        held = said("2024-12-20", "underway")
        segments = timeline([stalled, plan, held])["government"]
        assert [(one.status, one.name) for one in segments[1:]] == [
            ("scheduled", "talks to resume"),
            ("underway", "talks resumed"),
        ]

    def test_what_a_denial_higher_up_denies_are_the_reports_that_it_names(self, said):
        denial = said("2024-12-10", "denied", article="a")
        report = said("2024-12-10", "underway", article="a", position="lead")
        assert statuses([denial, report]) == []
        assert statuses([denial, said("2024-12-10", "underway", article="a")]) == ["underway"]

    def test_of_several_ends_the_headline_names_the_news(self, said):
        end = said("2025-01-23", "collapsed", article="a")
        earlier = said(
            "2025-01-23", "rejected", article="a", position="body", when=("2025-01-21", "2025-01-21")
        )
        assert told([end, earlier]) == [("collapsed", "2025-01-23")]

    def test_an_offer_told_beside_its_refusal_disputes_nothing(self, said):
        refusal = said("2025-05-29", "rejected", article="a")
        offer = said("2025-05-29", "proposed", article="a", position="lead", principal="federal-government")
        (segment,) = timeline([refusal, offer])["government"]
        assert (segment.status, segment.contested) == ("rejected", False)

    @pytest.mark.parametrize("sure_of_the_offer", [0.7, 0.9], ids=["the offer is lighter", "heavier"])
    def test_talks_that_broke_off_are_the_news_though_one_side_would_go_on(self, said, sure_of_the_offer):
        end = said("2024-09-27", "collapsed", article="b", position="lead")
        offer = {"article": "b", "position": "lead", "principal": "pti", "confidence": sure_of_the_offer}
        records = [said("2024-09-17", "underway"), end, said("2024-09-27", "proposed", **offer)]
        assert statuses(records) == ["underway", "collapsed"]

    def test_a_breakdown_of_an_earlier_day_does_not_hide_the_offer(self, said):
        end = said("2024-09-20", "collapsed", article="b", position="lead", when=("2024-09-10", "2024-09-10"))
        offer = said("2024-09-20", "proposed", article="b", position="lead", principal="pti", confidence=0.9)
        assert statuses([end, offer])[-1] == "proposed"

    def test_headline_and_lead_are_not_gainsaid_by_one_sentence_further_down(self, said):
        end = said("2023-05-22", "collapsed")
        again = said("2023-10-26", "resumed", article="b")
        borne_out = said("2023-10-26", "resumed", article="b", position="lead", confidence=0.75)
        misread = said("2023-10-26", "rejected", article="b", position="lead", principal="pti")
        assert statuses([end, again, misread]) == ["collapsed"], "one sentence against one"
        assert statuses([end, again, borne_out, misread]) == ["collapsed", "underway"]

    def test_headline_and_lead_say_what_the_article_says_though_a_sentence_below_is_surer(self, said):
        records = [
            said("2023-05-02", "underway"),
            said("2023-05-22", "collapsed", article="b", confidence=0.55),
            said("2023-05-22", "collapsed", article="b", position="lead", confidence=0.7),
            said("2023-05-22", "underway", article="b", position="lead", confidence=0.9),
        ]
        assert statuses(records) == ["underway", "collapsed"]

    def test_what_was_said_on_an_earlier_day_does_not_dispute_todays_word(self, said):
        end, again = said("2023-05-22", "collapsed"), said("2023-10-26", "resumed", article="b")
        tuesday = ("2023-10-24", "2023-10-24")
        refusal = said("2023-10-26", "rejected", article="b", position="lead", principal="pti", when=tuesday)
        assert statuses([end, again, refusal]) == ["collapsed", "underway"]


class TestChangeOfMind:
    def test_willingness_after_a_breakdown_does_not_contradict_it(self, said):
        end = said("2024-09-27T10:00", "collapsed")
        soon = said("2024-09-27T20:00", "proposed", position="lead", principal="pti")
        (segment,) = timeline([end, soon])["government"]
        assert (segment.status, segment.contested, segment.counter_ids) == ("collapsed", False, ())
        offer = said("2024-09-27T20:00", "proposed", principal="pti", confidence=0.9)
        segments = timeline([end, offer])["government"]
        assert [(s.status, s.contested) for s in segments] == [("collapsed", False), ("proposed", False)]

    def test_a_breakdown_on_the_day_after_an_offer_is_told(self, said):
        offer = said("2024-09-26T20:00", "proposed", principal="federal-government", confidence=0.9)
        assert statuses([offer, said("2024-09-27T20:00", "collapsed")]) == ["proposed", "collapsed"]

    def test_an_article_that_gives_both_sides_like_weight_overturns_nothing_alone(self, said):
        talks = said("2025-01-01", "underway")
        end = said("2025-01-20", "collapsed", article="b")
        rival = said("2025-01-20", "underway", article="b", position="lead", principal="pti")
        assert statuses([talks, end]) == ["underway", "collapsed"]
        (segment,) = timeline([talks, end, rival])["government"]
        assert (segment.status, end.claim.id in segment.counter_ids) == ("underway", True)

    def test_a_second_story_bears_it_out_from_where_it_was_first_told(self, said):
        talks = said("2025-01-01", "underway")
        end = said("2025-01-20", "collapsed", article="b")
        rival = said("2025-01-20", "underway", article="b", position="lead", principal="pti")
        second = said("2025-01-22", "collapsed", article="c")
        assert told([talks, end, rival, second])[1:] == [("collapsed", "2025-01-20")]

    def test_an_aside_about_new_talks_is_no_step_back_from_those_of_a_year_before(self, said):
        old = said("2026-03-20", "agreement", article="z", background=True, when=("2025-01-01", "2025-12-31"))
        aside = said("2026-01-12T12:00", "scheduled", position="body", mood="planned")
        aside = replace(aside, title="Pay talks open")
        assert statuses([old, aside]) == ["agreed", "scheduled"]

    def test_after_a_false_report_that_a_party_denies_the_day_that_is_set_is_news(self, said):
        rumour = said("2025-01-10T12:00", "underway")
        denial = said(
            "2025-01-11T12:00", "denied", article="b", attribution="party", speaker="pti", principal="pti"
        )
        day = said("2025-01-20T12:00", "scheduled", article="c", mood="planned")
        second = said("2025-01-12T12:00", "underway", article="d")
        assert statuses([rumour, day]) == ["underway"]
        assert statuses([rumour, denial, day]) == ["underway", "scheduled"]
        assert statuses([rumour, denial, second, day]) == ["underway"], "somebody bears the report out"

    def test_an_aside_that_overturned_nothing_does_not_date_the_news_weeks_back(self, said):
        talks, denial = said("2025-01-16T12:00", "underway"), said("2025-01-17T12:00", "denied", article="b")
        aside = said("2025-01-17T12:00", "rejected", article="b", position="body", confidence=0.5)
        refusal = said("2025-02-05T12:00", "rejected")
        assert told([talks, denial, aside, refusal])[1:] == [("rejected", "2025-02-05")]

    def test_what_was_hinted_at_weeks_ago_and_is_said_plainly_today_starts_today(self, newsroom, said):
        newsroom.publish(said("2024-10-07T12:00", "underway"))
        newsroom.publish(said("2024-10-08T12:00", "rejected", position="lead"))
        refusal = said("2024-10-23T12:00", "rejected")
        heard = [
            (event.type, event.data["text"]) for event in newsroom.publish(refusal) if "text" in event.data
        ]
        assert heard == [
            (
                "alert.raised",
                "PTI and the federal government: talks rejected (reported), since 23 October 2024.",
            )
        ]

    def test_talks_that_were_held_before_some_day_do_not_swallow_todays_offer(self, said):
        aside = said("2024-12-05", "underway", article="a", background=True, when=(None, "2024-12-04"))
        assert statuses([aside, said("2024-12-05", "proposed", article="a")]) == ["underway", "proposed"]

    def test_an_offer_is_no_echo_of_a_meeting_of_that_day_that_comes_to_light_later(self, said):
        refusal, offer = said("2025-05-01T12:00", "rejected"), said("2025-05-14T12:00", "proposed")
        later = said("2025-05-29T12:00", "underway", when=("2025-05-14", "2025-05-14"), background=True)
        assert statuses([refusal, offer, later]) == ["rejected", "proposed", "underway"]

    def test_a_refusal_answers_an_offer_though_nobody_says_whose_it_is(self, said):
        offer = said("2025-01-30T10:00", "proposed", principal="federal-government")
        assert statuses([offer, said("2025-01-31T10:00", "rejected")]) == ["proposed", "rejected"]
        aside = said("2025-01-31T10:00", "rejected", position="body")
        assert statuses([offer, aside]) == ["proposed"]
        same = said("2025-01-31T10:00", "rejected", principal="federal-government")
        assert statuses([offer, same]) == ["proposed"]

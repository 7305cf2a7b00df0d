"""What a careful reader makes of a day's articles: which word of one counts, and what it takes to change one's mind."""

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

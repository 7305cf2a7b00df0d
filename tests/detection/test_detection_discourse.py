"""When what a text tells happened, beyond the dates that stand beside it."""

from datetime import UTC, datetime

from monitor.detection import Document, detect
from monitor.topics import ANY, load_topics

PTI = load_topics()["pti"]


def test_what_is_told_of_an_old_day_happened_around_it() -> None:
    text = (
        "The march ended on the night of November 26 in Islamabad. The PTI and the federal government held talks. "
        "Nothing came of it."
    )
    found = detect(Document("", text, datetime(2025, 6, 3, tzinfo=UTC)), PTI, "0" * 32).claims
    told = [one for one in found if one.background and one.kind == "underway"]
    assert [(str(one.when.start_earliest), str(one.when.start_latest)) for one in told] == [
        ("2024-11-01", "2024-11-30")
    ]


def test_the_months_of_what_will_be_do_not_date_what_it_comes_after() -> None:
    text = "Guards will strike in December and January after talks with the operators ended without an offer."
    found = detect(
        Document("", text, datetime(2022, 11, 22, tzinfo=UTC)), ANY, "0" * 32, by_rules_alone=True
    ).claims
    assert [(one.kind, one.background) for one in found] == [("collapsed", False)]


def test_at_last_holds_no_talks() -> None:
    text = "The ministers met the union. They have seen sense at last."
    found = detect(
        Document("", text, datetime(2022, 11, 22, tzinfo=UTC)), ANY, "0" * 32, by_rules_alone=True
    ).claims
    assert [one.span.text for one in found] == ["The ministers met the union."]


def test_then_goes_on_with_the_tale_and_a_date_before_said_dates_what_was_said() -> None:
    tale = "In November of last year envoys met in secret. Then he has been promised a crowd, and he ended the talks."
    for text, when in (
        (tale, "2024-11-30"),
        ("The ministry, which only last week said it would not negotiate, sent flowers.", "2025-06-01"),
    ):
        found = detect(
            Document("", text, datetime(2025, 6, 3, tzinfo=UTC)), ANY, "0" * 32, by_rules_alone=True
        )
        claim = found.claims[-1]
        assert (claim.background, str(claim.when.start_latest)) == (True, when)

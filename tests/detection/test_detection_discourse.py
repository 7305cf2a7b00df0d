"""When what a text tells happened, beyond the dates that stand beside it."""

from datetime import UTC, datetime

import pytest

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


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("A sitting of the two teams scheduled for Tuesday was cancelled.", "collapsed"),
        ("Talks planned for Wednesday between the guild and the port were called off.", "collapsed"),
        ("The round of talks due on Thursday has been postponed.", "stalled"),
        ("The ministry put off the talks set for Friday.", "stalled"),
        ("Negotiations on Tuesday were postponed.", "stalled"),
    ],
)
def test_the_day_of_a_meeting_is_not_that_on_which_it_was_called_off(text: str, kind: str) -> None:
    published = datetime(2026, 11, 22, tzinfo=UTC)
    found = detect(Document("", text, published), ANY, "0" * 32, by_rules_alone=True).claims
    assert [
        (one.when.start_earliest, one.when.start_latest, one.background) for one in found if one.kind == kind
    ] == [(published.date(), published.date(), False)]


def test_talks_that_ended_on_a_day_ended_on_that_day() -> None:
    published = datetime(2026, 11, 22, tzinfo=UTC)
    text = "The talks scheduled last month collapsed on Thursday."
    found = detect(Document("", text, published), ANY, "0" * 32, by_rules_alone=True).claims
    assert ("collapsed", "2026-11-19") in [(one.kind, str(one.when.start_latest)) for one in found]


def test_what_had_just_happened_is_news_save_in_a_tale_of_an_old_day() -> None:
    published = datetime(2026, 11, 25, tzinfo=UTC)
    now = "Both teams looked tired. The guild and the port had just signed the accord."
    then = "In May 2019 the mayor fell ill. The guild and the port had just signed the accord."
    for text, background in ((now, False), (then, True)):
        (found,) = detect(Document("", text, published), ANY, "0" * 32, by_rules_alone=True).claims
        assert (found.kind, found.background) == ("agreement", background)


@pytest.mark.parametrize(
    "text",
    [
        "We have had no notice from the port that it is leaving the talks.",
        "The embassy has not seen any sign that the rebels have walked out of the negotiations.",
        "There is no guarantee that the talks will resume.",
        "Neither side has said that the talks are over.",
        "The envoy never said the talks had collapsed.",
        "A breakdown in talks between the guild and the port would mean strikes in December.",
        "The resumption of negotiations would calm the markets.",
        "It will be the first time that the guild and the port have held talks.",
        "If she comes, it would be the first time the rebels have ever negotiated with a minister.",
    ],
)
def test_what_nobody_shows_and_what_would_have_consequences_has_not_happened(text: str) -> None:
    found = detect(
        Document("", text, datetime(2026, 11, 22, tzinfo=UTC)), ANY, "0" * 32, by_rules_alone=True
    ).claims
    assert [one.kind for one in found if one.carries_status] == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("No one has confirmed that the negotiations have been called off.", None),
        ("None of the envoys confirmed that the talks had been suspended.", None),
        ("No dates for a strike have been announced and the two sides will return to the table.", "resumed"),
        ("The collapse of the talks last night left the envoys without a plan.", "collapsed"),
        ("The guild said that the talks are over.", "collapsed"),
    ],
)
def test_who_confirms_nothing_tells_nothing_and_a_second_clause_stands_for_itself(
    text: str, kind: str | None
) -> None:
    found = detect(
        Document("", text, datetime(2026, 11, 22, tzinfo=UTC)), ANY, "0" * 32, by_rules_alone=True
    ).claims
    assert {one.kind for one in found if one.carries_status} == ({kind} if kind else set())

"""Traps of newsroom copy, each met on whole articles: what the rules alone make of them."""

from datetime import UTC, date, datetime

import pytest

from monitor.detection import Document, detect, main_claim
from monitor.topics import ANY
from monitor.vocabulary import Precision

PUBLISHED = datetime(2025, 6, 11, tzinfo=UTC)
"""A Wednesday."""


def says(text: str, title: str = "") -> str:
    found = detect(Document(title, text, PUBLISHED, Precision.DAY), ANY, "newsroom", by_rules_alone=True)
    main, _ = main_claim(found, PUBLISHED)
    return main.value if main else "none"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Members of the rail union walked out at 14 train operators.", "none"),
        ("About 40,000 signallers will walk out on 3, 5 and 7 November.", "none"),
        ("More rail misery for the West as union walks out in November", "none"),
        ("The association is separate from the union, whose members walk out next month.", "none"),
        ("Teachers' walkout enters its third week.", "none"),
        ("The union suspended a strike on the northern line.", "none"),
        ("Rail strikes called off as union and operators agree to talks", "scheduled"),
        ("Union suspends strike for talks with the employers", "scheduled"),
        ("The union's negotiators walked out of the meeting.", "collapsed"),
        ("Union walks out of the room as pay talks fail", "collapsed"),
        ("The teachers' union walked out of talks with the government.", "collapsed"),
    ],
)
def test_a_strike_is_no_act_at_the_table(text: str, kind: str) -> None:
    assert says(text) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The union will strike on Friday after its talks with the airline broke down.", "collapsed"),
        ("Teachers are to strike after two weeks of talks ended without an offer.", "collapsed"),
        ("The strike was called off after the union and the airline agreed to resume talks.", "resumed"),
        ("The strike was called off after the union reached a deal with the airline.", "agreement"),
        ("Three weeks after the talks broke down, the union named a strike.", "none"),
        ("The union named a strike three weeks after the talks broke down.", "none"),
        ("The union struck for a day after the talks broke down last month.", "none"),
    ],
)
def test_the_after_clause_of_a_lead_is_news_unless_an_older_time_stands_with_it(text: str, kind: str) -> None:
    assert says(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "Both delegations agreed to meet on Friday.",
        "The two sides are to meet on Monday for a first round of talks.",
        "The speaker called the first meeting of the two sides for Monday.",
        "The minister and the union will meet on Tuesday to resume talks.",
        "Unions and ministers to hold talks in July",
        "The speaker has summoned the third round of talks for Thursday.",
    ],
)
def test_what_is_for_a_coming_day_holds_from_publication(text: str) -> None:
    found = detect(Document("", text, PUBLISHED, Precision.DAY), ANY, "newsroom", by_rules_alone=True)
    claims = [claim for claim in found.claims if claim.kind.value in {"scheduled", "resumed"}]
    assert claims
    assert all(not claim.background and claim.when.start_latest == date(2025, 6, 11) for claim in claims)
    assert all(claim.when.start_earliest == date(2025, 6, 11) for claim in claims)

"""Talks that led to a deal, were remembered or only imagined, and dates that name something else than talks."""

from datetime import UTC, date, datetime

import pytest

from monitor.detection import Document, detect
from monitor.detection.model import Claim
from monitor.topics import ANY

NOW = datetime(2025, 6, 3, tzinfo=UTC)


def claims(sentence: str) -> tuple[Claim, ...]:
    """What the rules find in an article whose body says this."""
    text = f"{sentence} Nobody else had a word to add. The offices were shut for the day."
    return detect(Document("", text, NOW), ANY, "0" * 32, by_rules_alone=True).claims


@pytest.mark.parametrize(
    ("sentence", "kinds"),
    [
        ("A pay deal between the dockers and the port ends weeks of talks.", {"agreement"}),
        ("The growers and the mill struck a deal overnight, ending months of negotiations.", {"agreement"}),
        ("The treaty put an end to two years of talks between the neighbours.", {"agreement"}),
        ("The walkout ended weeks of talks between the dockers and the port.", {"collapsed"}),
        ("The dockers and the port ended months of talks without a deal.", {"collapsed"}),
        ("The port ended its talks with the dockers after the deal was leaked.", {"collapsed"}),
        ("The dockers did not reach a deal, and the port ended the talks.", {"collapsed", "stalled"}),
    ],
)
def test_a_deal_crowns_the_talks_that_it_ends(sentence: str, kinds: set[str]) -> None:
    assert {claim.kind.value for claim in claims(sentence)} == kinds


@pytest.mark.parametrize(
    "sentence",
    [
        "The essay looks back at the negotiations between the rebels and the junta.",
        "Suppose the rebels had walked out of the talks with the junta.",
        "Imagine the junta calls off the peace talks.",
    ],
)
def test_what_is_remembered_or_imagined_is_not_asserted(sentence: str) -> None:
    assert [claim for claim in claims(sentence) if claim.mood == "asserted"] == []


@pytest.mark.parametrize(
    ("sentence", "day", "background"),
    [
        ("The talks have stalled over the inquiry into the riots of 12 January.", date(2025, 6, 3), False),
        ("The talks collapsed on the evening of 12 January.", date(2025, 1, 12), True),
        ("The talks of 12 January collapsed.", date(2025, 1, 12), True),
    ],
)
def test_the_day_that_names_something_else_is_not_that_of_the_talks(
    sentence: str, day: date, background: bool
) -> None:
    [claim] = claims(sentence)
    assert (claim.when.start_earliest, claim.background) == (day, background)

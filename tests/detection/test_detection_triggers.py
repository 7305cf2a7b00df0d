"""A claim and a dropped candidate can show the words they come from: operators in order, each with its passages."""

from datetime import UTC, datetime

import pytest

from monitor.detection import Detection, Document, detect
from monitor.topics import ANY

TODAY = datetime(2025, 5, 29, tzinfo=UTC)


def read(text: str, title: str = "") -> Detection:
    return detect(Document(title, text, TODAY), ANY, "a" * 32, by_rules_alone=True)


CHAINS = [
    (
        "Neither side has so far agreed to resume talks with the other.",
        [("AGREE", "Neither … has so far agreed to"), ("RESUME", "to resume"), ("talks", "talks")],
    ),
    (
        "The front has not yet ruled out holding no negotiations.",
        [("REJECT", "has not yet ruled out"), ("HOLD", "holding no"), ("talks", "negotiations")],
    ),
    (
        "Efforts to break the deadlock in the talks failed on Monday.",
        [
            ("FAIL", "failed"),
            ("EFFORT", "Efforts"),
            ("BREAK", "to break"),
            ("STALL", "deadlock"),
            ("talks", "talks"),
        ],
    ),
    ("The minister is speaking to nobody in the guild.", [("speak to", "is speaking to nobody")]),
]


@pytest.mark.parametrize(
    ("text", "expected"), CHAINS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_claim_names_its_operators_from_the_outside_in_with_their_words(
    text: str, expected: list[tuple[str, str]]
) -> None:
    found = read(text)
    triggers = found.grounds[found.claims[0].id].triggers
    assert [(one.name, " … ".join(span.text for span in one.words)) for one in triggers] == expected


def test_the_words_stand_where_the_spans_say() -> None:
    title, text = "Guild rejects talks offer", "A first line.\nThe guild refused on Monday to hold talks."
    found = read(text, title)
    spans = [span for grounds in found.grounds.values() for one in grounds.triggers for span in one.words]
    assert {span.in_title for span in spans} == {True, False}
    for span in spans:
        assert (title if span.in_title else text)[span.start : span.end] == span.text


def test_every_claim_has_its_grounds() -> None:
    found = read("They refused talks. Talks resumed on Monday. If they agree to talks, all may change.")
    assert len(found.claims) >= 3
    assert set(found.grounds) == {claim.id for claim in found.claims}


def test_a_dropped_candidate_shows_its_words_too() -> None:
    (dropped,) = read("The bank is in talks to buy a rival.").dropped
    assert dropped.reason == "another sense of the word"
    assert [span.text for span in dropped.triggers[-1].words] == ["talks"]


def test_what_is_said_twice_in_a_sentence_is_one_claim_and_the_other_is_dropped_with_that_reason() -> None:
    found = read("The guild refused talks and the union rejected negotiations.")
    assert [claim.kind for claim in found.claims] == ["rejected"]
    assert [one.reason for one in found.dropped] == ["says again what its sentence says more surely"]

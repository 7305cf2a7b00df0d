"""A detection explains itself: sentence by sentence, what was considered, by which words, and what came of it."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.detection import Detection, Document, Explanation, detect, explain
from monitor.topics import ANY

TODAY = datetime(2025, 5, 29, tzinfo=UTC)
TITLE = "Guild rejects talks offer"
TEXT = (
    "Neither side has so far agreed to resume talks with the other. The weather was mild.\n"
    "Also read: what the talks are about\n"
    "The bank is in talks to buy a rival, and the guild refused on Monday to hold talks."
)
WORDS = [
    "talks",
    "rejected",
    "not",
    "to",
    "resume",
    "the",
    ",",
    "that",
    "collapsed",
    "if",
    ".",
    "Also read: talks\n",
]


def read(text: str, title: str = "") -> Detection:
    return detect(Document(title, text, TODAY), ANY, "a" * 32)


@pytest.fixture(scope="module")
def told() -> Explanation:
    return explain(read(TEXT, TITLE))


def test_every_sentence_is_told_in_order_with_its_place(told: Explanation) -> None:
    assert [(one.sentence.text[:11], one.sentence.position) for one in told.sentences] == [
        ("Guild rejec", "headline"),
        ("Neither sid", "lead"),
        ("The weather", "lead"),
        ("The bank is", "body"),
    ]
    assert told.sentences[2].candidates == ()


def test_an_accepted_candidate_names_its_operators_in_order_with_the_words_of_each(told: Explanation) -> None:
    (candidate,) = told.sentences[1].candidates
    assert candidate.is_accepted
    assert candidate.reason is None
    assert candidate.claim is not None
    assert (candidate.kind, candidate.rule) == (candidate.claim.kind, candidate.claim.rule)
    assert [(one.name, one.negated) for one in candidate.operators] == [("AGREE", True), ("RESUME", False)]
    assert [[word.text for word in one.words] for one in candidate.triggers] == [
        ["Neither", "has so far agreed to"],
        ["to resume"],
        ["talks"],
    ]


def test_a_dropped_candidate_stands_in_its_sentence_with_what_dropped_it(told: Explanation) -> None:
    dropped, accepted = told.sentences[3].candidates
    assert (dropped.is_accepted, dropped.reason) == (False, "another sense of the word")
    assert (accepted.is_accepted, accepted.kind) == (True, "rejected")


def test_a_passage_that_was_not_read_is_no_candidate(told: Explanation) -> None:
    assert [(one.reason, one.span.text[:9]) for one in told.passed_over] == [("boilerplate", "Also read")]


def test_the_json_holds_all_that_a_screen_needs(told: Explanation) -> None:
    shown = json.loads(json.dumps(told.to_json()))
    sentence = shown["sentences"][1]
    assert set(sentence) == {"text", "start", "end", "in_title", "position", "candidates"}
    (candidate,) = sentence["candidates"]
    assert candidate["verdict"] == "accepted"
    assert candidate["operators"][0]["words"][0] == {
        "start": 0,
        "end": 7,
        "text": "Neither",
        "in_title": False,
    }
    assert candidate["talk_noun"]["words"][0]["text"] == "talks"
    assert {"mood", "attribution", "when", "channel", "confidence", "claim", "features"} <= set(candidate)
    dropped = shown["sentences"][3]["candidates"][0]
    assert set(dropped) == set(candidate)
    assert (dropped["verdict"], dropped["claim"], dropped["mood"]) == ("dropped", None, None)
    assert shown["passed_over"][0]["reason"] == "boilerplate"


def assert_complete(found: Detection, told: Explanation) -> None:
    """Each claim and each dropped candidate is told exactly once, inside its sentence."""
    candidates = [(one.sentence, candidate) for one in told.sentences for candidate in one.candidates]
    claims = [candidate.claim for _, candidate in candidates if candidate.claim]
    assert sorted(claim.id for claim in claims) == sorted(claim.id for claim in found.claims)
    assert len(candidates) - len(claims) + len(told.passed_over) == len(found.dropped)
    for sentence, candidate in candidates:
        assert candidate.span.in_title == sentence.in_title
        for span in (candidate.span, *(word for one in candidate.triggers for word in one.words)):
            at = span.start - sentence.start
            assert sentence.text[at : at + len(span.text)] == span.text


@pytest.mark.drill
@given(st.lists(st.sampled_from(WORDS), max_size=50), st.lists(st.sampled_from(WORDS), max_size=8))
@settings(max_examples=80, deadline=None)
def test_nothing_is_lost_and_nothing_told_twice(words: list[str], title: list[str]) -> None:
    found = read(" ".join(words), " ".join(title))
    assert_complete(found, explain(found))


def test_a_sentence_too_long_is_told_up_to_the_cut() -> None:
    found = read("talks resumed, " * 200)
    told = explain(found)
    assert_complete(found, told)
    assert [one.reason for one in told.passed_over] == ["the sentence is too long to be read whole"]

"""No text breaks detection, and none costs more than its length."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.detection import Document, detect, main_claim
from monitor.topics import ANY
from monitor.vocabulary import Precision

PUBLISHED = datetime(2025, 6, 11, tzinfo=UTC)
WORDS = [
    "talks",
    "rejected",
    "not",
    "to",
    "resume",
    "the",
    "offer",
    ",",
    "that",
    "collapsed",
    "if",
    "PTI",
    ".",
    "“",
    "’s",
    "no",
]


def read(text: str, title: str = "") -> None:
    document = Document(title, text, PUBLISHED, Precision.DAY)
    found = detect(document, ANY, "hostile")
    assert found == detect(document, ANY, "hostile")
    for claim in found.claims:
        source = title if claim.span.in_title else text
        assert source[claim.span.start : claim.span.end] == claim.span.text
        assert 0.3 <= claim.confidence <= 0.95
    main_claim(found, PUBLISHED)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00talks\x00 collapsed\x00",
        "talks \ud800 collapsed \udfff on Monday",
        "المحادثات انهارت. \u202etalks collapsed\u202c",
        "İstanbul’da talks collapsed in İstanbul.",
        "ﬁnal talks ﬀ collapsed",
        "....!!!???",
        "’’’’““““",
    ],
)
def test_odd_text_is_read(text: str) -> None:
    read(text, title=text)


@given(st.text(max_size=300), st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_any_text_is_read_and_spans_are_literal(text: str, title: str) -> None:
    read(text, title)


@given(st.lists(st.sampled_from(WORDS), max_size=60))
@settings(max_examples=120, deadline=None)
def test_any_order_of_its_own_words_is_read(words: list[str]) -> None:
    read(" ".join(words))


def seconds(text: str) -> float:
    begun = time.perf_counter()
    detect(Document("", text, PUBLISHED, Precision.DAY), ANY, "long")
    return time.perf_counter() - begun


@pytest.mark.parametrize(
    "unit", ["a", "talks ", "talks talks talks. ", "rejected to resume talks that, ", "“’s"]
)
def test_time_grows_with_length_alone(unit: str) -> None:
    short, long = (unit * (size // len(unit)) for size in (20_000, 160_000))
    seconds(short)
    # Eight times the text; room for a busy machine, none for a square.
    assert seconds(long) < 30 * max(seconds(short), 0.01)


def test_a_sentence_too_long_is_cut_and_said_so() -> None:
    found = detect(Document("", "talks " * 5000, PUBLISHED, Precision.DAY), ANY, "long")
    assert any("too long" in dropped.reason for dropped in found.dropped)

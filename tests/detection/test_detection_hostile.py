"""No text breaks detection, and none costs more than its length."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.detection import Detection, Document, detect, main_claim
from monitor.topics import ANY, Topic, load_topics
from monitor.vocabulary import Precision, Span

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


PTI = load_topics()["pti"]
SCRIPTS = (
    "talks",
    "\u0627\u0644\u0645\u062d\u0627\u062f\u062b\u0627\u062a",
    "переговоры",
    "会谈破裂",
    "बातचीत",
    "τα",
    "ﬁnal",
    "İ",
    "ß",
    "🤝🏽",
)
JOINERS = ("\u200b", "\u200d", "\u202e", "\u202c", "\ufeff", "\u00ad", "\u0301", "\u2028", "\x85", "\x00")
WORD = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(SCRIPTS),
    st.sampled_from(JOINERS),
    st.text(st.characters(categories=("Cs",)), min_size=1, max_size=2),
    st.text(max_size=6),
    st.builds(str.__mul__, st.sampled_from(["talks", "not", "re-", "n’t", "A.", "é"]), st.integers(1, 300)),
)
"""A word of talks, of another script, without width, of lone surrogates, of anything, or far too long."""
MIXED = st.builds(str.join, st.sampled_from(["", " ", "\u00a0", "\n", ". "]), st.lists(WORD, max_size=40))


def read(text: str, title: str = "", topic: Topic = ANY) -> None:
    document = Document(title, text, PUBLISHED, Precision.DAY)
    found = detect(document, topic, "hostile")
    assert found == detect(document, topic, "hostile")
    for span in spans(found):
        source = title if span.in_title else text
        assert source[span.start : span.end] == span.text
    assert all(0.3 <= claim.confidence <= 0.95 for claim in found.claims)
    main_claim(found, PUBLISHED)


def spans(found: Detection) -> Iterator[Span]:
    """Every passage of the document that a detection points at."""
    yield from (claim.span for claim in found.claims)
    yield from (dropped.span for dropped in found.dropped)
    yield from (sentence.span(0, len(sentence.text)) for sentence in found.sentences)
    grounds = (trigger for one in found.grounds.values() for trigger in one.triggers)
    refused = (trigger for dropped in found.dropped for trigger in dropped.triggers)
    yield from (span for trigger in (*grounds, *refused) for span in trigger.words)


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


@pytest.mark.drill
@given(st.lists(st.sampled_from(WORDS), max_size=60))
@settings(max_examples=120, deadline=None)
def test_any_order_of_its_own_words_is_read(words: list[str]) -> None:
    read(" ".join(words))


@pytest.mark.drill
@given(MIXED, MIXED)
@settings(max_examples=400, deadline=None)
def test_mixed_scripts_surrogates_and_endless_words_are_read(text: str, title: str) -> None:
    read(text, title)


@given(MIXED, MIXED)
@settings(max_examples=60, deadline=None)
def test_they_are_read_for_a_topic_with_parties_too(text: str, title: str) -> None:
    read(f"PTI {text} government", title, PTI)


def seconds(text: str, title: str = "") -> float:
    begun = time.perf_counter()
    detect(Document(title, text, PUBLISHED, Precision.DAY), ANY, "long")
    return time.perf_counter() - begun


@pytest.mark.drill
@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "talks ",
        "talks talks talks. ",
        "rejected to resume talks that, ",
        "“’s",
        " ",
        "not ",
        "n’t",
        "A. ",
        "re-",
        "(",
        "no talks, ",
        "called talks ",
        "\u0301",
        "\ud800",
        "会谈",
        "\n",
        "1,",
        "on 3 June ",
        "ISLAMABAD ",
    ],
)
@pytest.mark.parametrize("place", ["text", "title"])
def test_time_grows_with_length_alone(unit: str, place: str) -> None:
    short, long = ({"text": "", place: unit * (size // len(unit))} for size in (20_000, 160_000))
    seconds(**short)
    # Eight times the text; room for a busy machine, none for a square.
    assert seconds(**long) < 30 * max(seconds(**short), 0.01)


def test_a_sentence_too_long_is_cut_and_said_so() -> None:
    found = detect(Document("", "talks " * 5000, PUBLISHED, Precision.DAY), ANY, "long")
    assert any("too long" in dropped.reason for dropped in found.dropped)

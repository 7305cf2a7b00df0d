"""What of a text counts as its content, and how alike two texts are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.ids import content_hash
from monitor.sources.likeness import SKETCH_RUNS, essence, is_long, likeness, sketch

SAID = 'Khan\'s party said - on Monday - that "talks" would go on. Officials were told 3 hours before.'


@pytest.mark.parametrize(
    "shown",
    [
        "Khan’s party said – on Monday – that “talks” would go on. Officials were told 3 hours before.",
        "Khan's party said — on\u00a0Monday — that «talks»  would\n\ngo on. Officials were told 3 hours before.",
        "Khan's par\u00adty said-on Monday-that 'talks' would go on . Officials were told 3 hours before.",
        SAID.upper(),
        SAID + " Updated 3 minutes ago",
        "Last updated: 14 March 2026, 10:45 pm PKT. " + SAID,
        "Updated on 2026-03-14 22:45 GMT " + SAID,
        "Published 4 hours ago | " + SAID,
        SAID + " (updated just now)",
        SAID + " 12 mins ago",
        "5 منٹ قبل " + SAID,
    ],
)
def test_signs_spaces_and_clocks_are_no_content(shown: str) -> None:
    assert essence("Talks", shown) == essence("Talks", SAID)


@pytest.mark.parametrize(
    "said",
    [
        SAID.replace("would", "would not"),
        SAID.replace("Monday", "Tuesday"),
        SAID.replace("3 hours", "4 hours"),
        SAID + " Twelve were killed.",
        SAID + " The party published 3 lists.",
        SAID.replace("go on. Officials", "go on, officials"),
    ],
)
def test_words_and_figures_are_content(said: str) -> None:
    assert essence("Talks", said) != essence("Talks", SAID)
    assert essence("Talks off", said) != essence("Talks", said)


def test_figures_behind_other_words_are_content() -> None:
    assert essence("", "The party published 3 lists.") != essence("", "The party published 4 lists.")


@given(st.text(max_size=200), st.text(max_size=200))
def test_equal_content_hashes_mean_equal_essences(one: str, other: str) -> None:
    for text in (one.upper(), " ".join(one.split()), other):
        if content_hash("t", one) == content_hash("t", text):
            assert essence("t", one) == essence("t", text)


def words(first: int, last: int) -> str:
    return " ".join(f"word{number}" for number in range(first, last))


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        (words(0, 150), words(0, 150), 1, 1),
        (words(0, 150), words(150, 300), 0, 0),
        (words(0, 40), words(0, 20), 17 / 37, 17 / 37),
        (words(0, 150), words(0, 140), 0.8, 1),
        (words(0, 150), words(50, 200), 0.3, 0.7),
        ("", "", 0, 0),
        ("one two", "one two", 1, 1),
    ],
)
def test_likeness_is_the_share_of_runs_in_common(one: str, other: str, low: float, high: float) -> None:
    assert low <= likeness(sketch(one), sketch(other)) <= high
    assert likeness(sketch(one), sketch(other)) == likeness(sketch(other), sketch(one))


def test_a_text_is_long_from_48_words_on() -> None:
    assert not is_long(sketch(words(0, 47)))
    assert is_long(sketch(words(0, 48)))
    assert len(sketch(words(0, 10_000))) == 4 * SKETCH_RUNS

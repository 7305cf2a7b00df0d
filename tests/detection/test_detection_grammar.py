"""Thousands of sentences of known meaning, from a grammar of operators, nouns, parties and tenses, are read rightly."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from monitor.detection import Answer, Document, Item, detect, main_claim
from monitor.topics import ANY
from monitor.vocabulary import Mood, Precision
from tests.detection.grammar import FAMILIES, PLAIN, Sentence, sample

PUBLISHED = datetime(2025, 6, 11, tzinfo=UTC)
SEED = 20250611
TRIES = 8
"""Sentences drawn of each frame; what comes twice counts once."""
BY_RULES = 0.97
"""Of each family, this part must be read rightly by rules alone; of the whole, WITH_LEARNING with what was learned."""
WITH_LEARNING = 0.90
EVERY = 5
Sample = Mapping[str, list[Sentence]]


def drawn(number: int, tries: int, config: pytest.Config) -> Sample:
    """Sentences of every family; the seed is told, so that the same can be drawn again."""
    found = {family: sample(family, tries, number) for family in FAMILIES}
    reporter, capture = (
        config.pluginmanager.get_plugin(name) for name in ("terminalreporter", "capturemanager")
    )
    with capture.global_and_fixture_disabled():
        reporter.write_line(f"\ngrammar: seed {number}, {sum(map(len, found.values()))} sentences")
    return found


@pytest.fixture(scope="module")
def whole(request: pytest.FixtureRequest) -> Sample:
    """The same sentences in every run."""
    return drawn(SEED, TRIES, request.config)


def answer(sentence: Sentence, *, by_rules_alone: bool) -> Answer:
    """What is read; where an end is denied and nothing else is said, "denied", as such sentences are labelled."""
    best, *also = sentence.labels
    document = Document("", sentence.text, PUBLISHED, Precision.DAY)
    found = detect(document, ANY, "grammar", by_rules_alone=by_rules_alone)
    kind, confidence = main_claim(found, PUBLISHED)
    said = kind.value if kind else "none"
    if kind is None and any(claim.mood is Mood.DENIED for claim in found.claims):
        said = "denied"
    item = Item(sentence.text, document, best, tuple(also), (sentence.family,))
    return Answer(item, said, confidence)


def share(answers: list[Answer]) -> float:
    return sum(one.is_lenient for one in answers) / len(answers)


def with_learning(found: Sample) -> list[Answer]:
    """What is read of some of every family: the encoder takes thirty times as long as the rules."""
    chosen = (sentence for sentences in found.values() for sentence in sentences[::EVERY])
    return [answer(sentence, by_rules_alone=False) for sentence in chosen]


def wrong(answers: list[Answer]) -> list[str]:
    return [f"{one.item.label}, not {one.kind}: {one.item.id}" for one in answers if not one.is_lenient]


def test_the_grammar_is_wide(whole: Sample) -> None:
    assert sum(len(frames) for frames in FAMILIES.values()) >= 40
    assert sum(len(found) for found in whole.values()) >= 2000
    assert len({sentence.labels[0] for found in whole.values() for sentence in found}) == 11


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_read_rightly_by_rules_alone(family: str, whole: Sample) -> None:
    answers = [answer(sentence, by_rules_alone=True) for sentence in whole[family]]
    assert share(answers) >= BY_RULES, wrong(answers)


@pytest.mark.parametrize("family", PLAIN)
def test_rules_turn_no_plain_sentence_round(family: str, whole: Sample) -> None:
    answers = [answer(sentence, by_rules_alone=True) for sentence in whole[family]]
    assert [one.item.id for one in answers if one.is_inversion] == []


@pytest.mark.drill
def test_most_are_read_rightly_with_what_was_learned(whole: Sample) -> None:
    answers = with_learning(whole)
    assert share(answers) >= WITH_LEARNING, wrong(answers)


@pytest.mark.drill
def test_sentences_that_were_never_drawn_before_are_read_as_well(request: pytest.FixtureRequest) -> None:
    number = int.from_bytes(os.urandom(4), "big")
    fresh = drawn(number, 5 * TRIES, request.config)
    for family, sentences in fresh.items():
        answers = [answer(sentence, by_rules_alone=True) for sentence in sentences]
        assert share(answers) >= BY_RULES, (number, family, wrong(answers))
        turned = [one.item.id for one in answers if one.is_inversion]
        assert family not in PLAIN or turned == [], (number, family)
    answers = with_learning(fresh)
    assert share(answers) >= WITH_LEARNING, (number, wrong(answers))

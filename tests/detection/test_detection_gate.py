"""How good detection must be: bars over labelled sentences, and recorded scores that only change on purpose.

What the judge has learned from proves nothing about new sentences, so two things are held here, as drills: the blind
sentences, which nobody learns from, and what judges answer about files that they have not learned from. The sentences
learned from are read too: there, a fall shows that the code has forgotten something.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from monitor.detection import Item, Report, evaluate
from monitor.topics import ANY
from tests.corpus.reading import BLIND, CORPUS, items_of, learned
from tests.corpus.record import measured

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = Path(os.environ.get("PARLEY_EVAL") or ROOT.parent / "shared" / "eval" / "dev.jsonl")
SCORES = tomllib.loads((CORPUS / "scores.toml").read_text(encoding="utf-8"))
CROSSED = tomllib.loads((CORPUS / "crossed.toml").read_text(encoding="utf-8"))
PROMISED = {"strict": 0.8, "lenient": 0.88, "status_f1": 0.92, "inversions": 0.015, "false_alarms": 0.1}
LESS_IS_BETTER = {"inversions", "false_alarms", "calibration_error"}
NOISE = 0.01
"""By so much a second learning may differ on another machine."""


def assert_no_worse(
    figures: Mapping[str, float], recorded: Mapping[str, float], slack: float = 0.0, name: str = "all"
) -> None:
    for measure, before in recorded.items():
        got = figures[measure]
        worse = got > before + slack if measure in LESS_IS_BETTER else got < before - slack
        assert not worse, f"{name}: {measure} was {before}, is {got}"


@pytest.fixture(scope="module")
def learned_from() -> Report:
    return evaluate(learned(), ANY)


@pytest.mark.skipif(not REFERENCE.exists(), reason=f"the labelled sentences are not here: {REFERENCE}")
def test_the_reference_sentences_are_read_well_enough() -> None:
    assert_no_worse(measured(evaluate(items_of(REFERENCE), ANY)), SCORES["reference"])


@pytest.mark.drill  # the encoder takes half a minute for each file
@pytest.mark.parametrize("name", BLIND)
def test_the_blind_sentences_are_read_no_worse_than_recorded(name: str) -> None:
    assert_no_worse(measured(evaluate(items_of(CORPUS / name), ANY)), SCORES[name])


@pytest.mark.parametrize("name", BLIND)
def test_the_blind_sentences_are_read_as_well_as_is_promised(name: str) -> None:
    assert_no_worse(SCORES[name], PROMISED)


@pytest.mark.drill
def test_the_sentences_learned_from_are_read_no_worse_than_recorded(learned_from: Report) -> None:
    assert_no_worse(measured(learned_from), SCORES["learned from"])


@pytest.mark.drill
def test_every_slice_is_read_no_worse_than_recorded(learned_from: Report) -> None:
    found = learned_from.slices()
    fallen = {
        tag: (before, found[tag]["strict"])
        for tag, before in SCORES["slices"].items()
        if (found[tag]["strict"] or 0.0) < before
    }
    assert not fallen, "slice: (recorded, now)"


def test_rules_alone_are_no_worse_than_recorded() -> None:
    """The judge is to stand on rules that read well by themselves."""
    names = SCORES["by rules alone"]
    for name, strict in names.items():
        items: list[Item] = items_of(CORPUS / name)
        assert evaluate(items, ANY, by_rules_alone=True).strict >= strict, name


@pytest.mark.drill
@pytest.mark.timeout(1800)
def test_judges_answer_about_files_they_have_not_learned_from_as_well_as_recorded() -> None:
    from tests.corpus.refit import cross_validate, figures

    _, answers = cross_validate()
    now = figures(answers)
    for name, recorded in CROSSED.items():
        assert_no_worse(now[name], recorded, NOISE if name == "all" else 3 * NOISE, name)

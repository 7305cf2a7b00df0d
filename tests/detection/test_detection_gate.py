"""How good detection must be: gates over the labelled sentences, and recorded scores of the project's own corpus.

The reference file is not part of the repository; where it is (PARLEY_EVAL, or beside the checkout) the gate runs.
"""

import json
import os
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.detection import Document, Item, Report, evaluate
from monitor.topics import ANY
from monitor.vocabulary import Precision

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests" / "corpus"
REFERENCE = Path(os.environ.get("PARLEY_EVAL") or ROOT.parent / "shared" / "eval" / "dev.jsonl")
SCORES = tomllib.loads((CORPUS / "scores.toml").read_text(encoding="utf-8"))


def items(path: Path) -> list[Item]:
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        raw = json.loads(line)
        day = raw["published"]
        moment = datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None
        precision = Precision.DAY if day else Precision.UNKNOWN
        found.append(
            Item(raw["id"], Document("", raw["text"], moment, precision), raw["label"], tuple(raw["also"]))
        )
    return found


def measured(report: Report) -> dict[str, float]:
    figures = report.to_json()
    return {key: figures[key] for key in ("strict", "lenient", "status_f1", "inversions", "false_alarms")}


@pytest.mark.skipif(not REFERENCE.exists(), reason=f"the labelled sentences are not here: {REFERENCE}")
def test_the_reference_sentences_are_read_well_enough() -> None:
    report = evaluate(items(REFERENCE), ANY)
    assert report.strict >= 0.60, measured(report)
    assert report.status_f1 >= 0.85, measured(report)
    assert report.inversions <= 0.04, measured(report)
    assert report.false_alarms <= 0.20, measured(report)


@pytest.mark.parametrize("name", sorted(SCORES))
def test_the_corpus_is_read_no_worse_than_recorded(name: str) -> None:
    """Scores only change on purpose: better ones are recorded in scores.toml, worse ones fail here."""
    report = evaluate(items(CORPUS / name), ANY)
    for measure, recorded in SCORES[name].items():
        got = measured(report)[measure]
        worse = got > recorded if measure in {"inversions", "false_alarms"} else got < recorded
        assert not worse, f"{name}: {measure} was {recorded}, is {got}"


def test_every_corpus_file_has_its_scores() -> None:
    assert {path.name for path in CORPUS.glob("*.jsonl")} == set(SCORES)

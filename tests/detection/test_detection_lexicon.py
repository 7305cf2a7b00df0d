"""Every entry of the lexicon shows itself by an example, and a wrong entry is refused by name."""

import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.detection import Document, detect, main_claim
from monitor.detection.inflect import forms
from monitor.detection.lexicon import FOLDER, build, lexicon
from monitor.errors import BadInputError
from monitor.topics import ANY
from monitor.vocabulary import Precision

PUBLISHED = datetime(2025, 6, 11, tzinfo=UTC)
ROWS = [(entry.name, text, kind) for entry in lexicon().entries for text, kind in entry.examples]


@pytest.mark.parametrize(("entry", "text", "kind"), ROWS)
def test_the_example_of_an_entry_gives_its_kind(entry: str, text: str, kind: str) -> None:
    found = detect(Document("", text, PUBLISHED, Precision.DAY), ANY, "example", by_rules_alone=True)
    main, _ = main_claim(found, PUBLISHED)
    said = {claim.kind.value for claim in found.claims if claim.carries_status or claim.kind == "denied"}
    expected = main is None if kind == "none" else kind in said
    assert expected, (entry, main, [claim.rule for claim in found.claims])


def data(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def entry(**fields: Any) -> dict[str, Any]:
    whole = {
        "op": "END",
        "binds": ["subject"],
        "forms": ["~fail"],
        "examples": [["Talks failed.", "collapsed"]],
    }
    return {"operator": [{**whole, **fields}]}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (entry(op="EXPLODE"), "EXPLODE"),
        (entry(binds=["sideways"]), "sideways"),
        (entry(forms=["<> off"]), "must begin with a word"),
        (entry(forms=["~call? <>"]), "must begin with a word"),
        (entry(examples=[]), "examples"),
    ],
)
def test_a_wrong_entry_is_refused_by_name(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        build(wrong, data("composition.toml"), data("grammar.toml"))


def test_every_operator_stands_in_the_composition_table() -> None:
    used = {entry.name for entry in lexicon().entries if entry.kind == "operator"}
    assert used == set(data("composition.toml")["plain"])


@pytest.mark.parametrize(
    ("verb", "past"),
    [
        ("stall", "stalled"),
        ("snub", "snubbed"),
        ("deny", "denied"),
        ("break", "broke"),
        ("resume", "resumed"),
    ],
)
def test_verbs_are_inflected(verb: str, past: str) -> None:
    assert "d" in forms(verb, data("grammar.toml")["irregular"])[past]

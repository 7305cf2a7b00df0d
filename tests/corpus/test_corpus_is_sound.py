"""The labelled sentences keep their form: a bad line would quietly bend every figure measured on them."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from monitor.vocabulary import ClaimKind

HERE = Path(__file__).parent
LABELS = {*ClaimKind, "none"}
FIELDS = {
    "id",
    "topic",
    "kind",
    "text",
    "published",
    "label",
    "also",
    "tags",
    "polarity_notes",
    "parties",
}
FILES = sorted(path.name for path in HERE.glob("*.jsonl"))


def sentences(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("name", FILES)
def test_every_sentence_has_all_fields_and_known_labels(name: str) -> None:
    for sentence in sentences(name):
        assert set(sentence) == FIELDS, sentence["id"]
        assert {sentence["label"], *sentence["also"]} <= LABELS, sentence["id"]
        assert sentence["label"] not in sentence["also"], sentence["id"]
        assert sentence["kind"] in {"headline", "strap", "lead", "body"}, sentence["id"]


@pytest.mark.parametrize("name", FILES)
def test_every_label_is_there_often_enough_to_be_measured(name: str) -> None:
    counts = Counter(sentence["label"] for sentence in sentences(name))
    assert min(counts[label] for label in LABELS) >= 10


def test_no_id_and_no_text_stands_twice_in_the_whole_corpus() -> None:
    everything = [sentence for name in FILES for sentence in sentences(name)]
    for field in ("id", "text"):
        assert [value for value, n in Counter(s[field] for s in everything).items() if n > 1] == []

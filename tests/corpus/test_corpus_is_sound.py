"""The labelled sentences keep their form: a bad line would quietly bend every figure measured on them."""

import json
import re
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
README = (HERE / "README.md").read_text(encoding="utf-8")
TAGS = frozenset(re.findall(r"`([a-z-]+)`", README.partition("\nTags: ")[2]))
SLICES = (
    "negation",
    "denial",
    "conditional",
    "historical",
    "agree-trap",
    "resume-trap",
    "object-trap",
    "modifier-trap",
    "homonym",
    "passive",
    "quote",
    "attribution",
    "ellipsis",
    "titlecase",
    "mt",
    "question",
    "multi",
)
"""The traps that are measured by themselves."""
OF_A_LABEL = {"own.jsonl": 10, "retired.jsonl": 10, "asia.jsonl": 10, "world.jsonl": 10, "blind.jsonl": 9}
"""Files that are meant to measure alone, and how many sentences of each label they must have."""


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
def test_every_tag_is_one_that_the_readme_lists_and_stands_once(name: str) -> None:
    for sentence in sentences(name):
        assert set(sentence["tags"]) <= TAGS, sentence["id"]
        assert len(set(sentence["tags"])) == len(sentence["tags"]), sentence["id"]


@pytest.mark.parametrize(("name", "least"), OF_A_LABEL.items())
def test_a_file_that_measures_alone_has_every_label_often_enough(name: str, least: int) -> None:
    counts = Counter(sentence["label"] for sentence in sentences(name))
    assert {label: counts[label] for label in LABELS if counts[label] < least} == {}


def test_the_whole_corpus_has_every_label_and_every_trap_often_enough_to_be_measured() -> None:
    everything = [sentence for name in FILES for sentence in sentences(name)]
    labels = Counter(sentence["label"] for sentence in everything)
    tags = Counter(tag for sentence in everything for tag in sentence["tags"])
    assert {label: labels[label] for label in LABELS if labels[label] < 30} == {}
    assert labels["none"] >= 150
    assert {trap: tags[trap] for trap in SLICES if tags[trap] < 30} == {}


def test_no_id_and_no_text_stands_twice_in_the_whole_corpus() -> None:
    everything = [sentence for name in FILES for sentence in sentences(name)]
    for field in ("id", "text"):
        assert [value for value, n in Counter(s[field] for s in everything).items() if n > 1] == []

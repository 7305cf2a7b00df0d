"""Records what stories reach on the pairs as what they must not fall below: `python -m tests.sources.pairs.record`.

Run it on purpose only. It writes totals and nothing else, so that the held-back half stays unseen.
"""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from monitor.sources.story import Stories
from tests.sources.pairs.reading import COPY, HALVES, PAIRS, REWRITE, SAME, Pair, pairs

HEAD = """\
# What stories reach on the labelled pairs. Worse fails the gate in test_sources_pairs.py; written on purpose by
# `python -m tests.sources.pairs.record`. "alone" asks about each pair by itself, in both orders; "in one stream" lets
# all texts of the half arrive in one index, in five orders, so that copies of copies count too.
"""
ORDERS = 5
NOW = datetime(2026, 3, 1, tzinfo=UTC)
Answers = list[tuple[Pair, bool]]


def alone(half: str) -> Answers:
    """Every pair with the answer whether its second text joins the story of its first, in either order."""

    def joins(first: str, second: str) -> bool:
        stories = Stories()
        stories.add("first", "first", NOW, first)
        return stories.story_of(NOW, second) == "first"

    found = pairs(half)
    return [(pair, joins(pair.one, pair.other)) for pair in found] + [
        (pair, joins(pair.other, pair.one)) for pair in found
    ]


def in_one_stream(half: str) -> Answers:
    """Every pair with the answer whether its texts ended up in one story."""
    found = pairs(half)
    answers = []
    for seed in range(ORDERS):
        texts = sorted({text for pair in found for text in (pair.one, pair.other)})
        random.Random(seed).shuffle(texts)
        stories, story_of = Stories(), {}
        for number, text in enumerate(texts):
            story_of[text] = stories.story_of(NOW, text) or str(number)
            stories.add(str(number), story_of[text], NOW, text)
        answers += [(pair, story_of[pair.one] == story_of[pair.other]) for pair in found]
    return answers


def figures(answers: Iterable[tuple[Pair, bool]]) -> dict[str, float]:
    """Precision, and recall of copies and rewrites together and apart."""
    joined, all_ = Counter[str](), Counter[str]()
    for pair, joins in answers:
        all_[pair.kind] += 1
        joined[pair.kind] += joins
    right = sum(joined[kind] for kind in SAME)
    return {
        "pairs": all_.total(),
        "precision": round(right / joined.total(), 4),
        "recall": round(right / sum(all_[kind] for kind in SAME), 4),
        "recall_of_copies": round(joined[COPY] / all_[COPY], 4),
        "recall_of_rewrites": round(joined[REWRITE] / all_[REWRITE], 4),
    }


def measured() -> dict[str, dict[str, float]]:
    """The figures of both halves, by the name of their table in scores.toml."""
    ways = {"alone": alone, "in one stream": in_one_stream}
    return {f"{half}, {name}": figures(way(half)) for half in HALVES for name, way in ways.items()}


def main() -> None:
    text = HEAD
    for name, row in measured().items():
        text += f'\n["{name}"]\n' + "".join(f"{key} = {value}\n" for key, value in row.items())
    (PAIRS / "scores.toml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

"""The labelled sentences of the project, read for tests, for measuring and for learning."""

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from monitor.detection import Document, Item
from monitor.detection.lexicon import lexicon
from monitor.vocabulary import Precision
from tests.detection.grammar import FAMILIES, sample

CORPUS = Path(__file__).parent
BLIND = ("blind.jsonl", "blind-anew.jsonl")
_PROSE = CORPUS.parent / "detection" / "plain_prose.toml"
_SEED, _DRAWN = 7, 3
"""Other sentences of the grammar than those that its test reads, three of each frame."""
_PROSE_DAY = datetime(2025, 6, 11, tzinfo=UTC)


def items_of(path: Path) -> list[Item]:
    """The labelled texts of a file of JSON lines."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        raw = json.loads(line)
        day = datetime.fromisoformat(raw["published"]).replace(tzinfo=UTC) if raw["published"] else None
        document = Document("", raw["text"], day, Precision.DAY if day else Precision.UNKNOWN)
        found.append(Item(raw["id"], document, raw["label"], tuple(raw["also"]), tuple(raw["tags"])))
    return found


def development() -> dict[str, list[Item]]:
    """File -> its sentences, of all that may be learned from: never the blind files.

    The examples of the lexicon, the plain prose of the tests of detection and sentences drawn from their grammar count
    as files of their own: what the rules know for certain, the judge is to know too.
    """
    files = {path.name: items_of(path) for path in sorted(CORPUS.glob("*.jsonl")) if path.name not in BLIND}
    files["lexicon"] = [_plain(text, label) for entry in lexicon().entries for text, label in entry.examples]
    prose = tomllib.loads(_PROSE.read_text(encoding="utf-8"))
    files["prose"] = [_plain(text, label) for label, texts in prose.items() for text in texts]
    drawn = (one for family in FAMILIES for one in sample(family, _DRAWN, _SEED))
    files["grammar"] = [_plain(one.text, *one.labels) for one in drawn]
    return files


def learned() -> list[Item]:
    """Each eighth of our sentences that were learned from: enough to see that nothing is forgotten."""
    return [item for name, some in development().items() if name.endswith(".jsonl") for item in some][::8]


def _plain(text: str, label: str, *also: str) -> Item:
    return Item(text, Document("", text, _PROSE_DAY, Precision.DAY), label, also)

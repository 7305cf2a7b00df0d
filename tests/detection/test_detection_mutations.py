"""Nothing stands idle in the lexicon or the composition table: without any one part, a labelled sentence is misread.

Parts are taken out one by one; the sentences are all that are labelled, but for the blind ones, read by rules alone.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from monitor.detection import Document, Item, detect, main_claim
from monitor.detection.forms import Lexicon
from monitor.detection.lexicon import FOLDER, build, lexicon
from monitor.detection.tokens import tokenise
from monitor.topics import ANY
from monitor.vocabulary import Precision
from tests.corpus.reading import development

ROWS = tomllib.loads((Path(__file__).parent / "composition_rows.toml").read_text(encoding="utf-8"))
PUBLISHED = datetime(2025, 6, 11, tzinfo=UTC)
VARIANTS = ("plain", "not", "will", "wont")
Cell = tuple[str, str, str]


def own_rows() -> Iterator[Item]:
    """The sentences of composition_rows.toml."""
    tables = [ROWS["governs"], ROWS["entries"], *(row for name in VARIANTS for row in ROWS[name].values())]
    for text, kind in (pair for table in tables for pair in table.values()):
        yield Item(text, Document("", text, PUBLISHED, Precision.DAY), kind)


def answer(item: Item) -> str:
    found = detect(item.document, ANY, "mutation", by_rules_alone=True)
    kind, _ = main_claim(found, item.document.published)
    return kind.value if kind else "none"


@pytest.mark.parametrize("item", list(own_rows()), ids=lambda item: item.id)
def test_the_rows_of_the_composition_table_are_read_as_they_say(item: Item) -> None:
    assert answer(item) == item.label


class Noting(dict[str, str]):
    """A row of the composition table that notes which of its cells were asked for, there or not."""

    def __init__(self, row: Mapping[str, str], variant: str, op: str, asked: set[Cell]) -> None:
        super().__init__(row)
        self.variant, self.op, self.asked = variant, op, asked

    def get(self, value: str, default: Any = None) -> Any:
        self.asked.add((self.variant, self.op, value))
        return super().get(value, default)

    def __getitem__(self, value: str) -> str:
        self.asked.add((self.variant, self.op, value))
        return super().__getitem__(value)


@dataclass(frozen=True)
class Row:
    """A sentence that is read rightly: its words, and the cells of the composition table that it asks for."""

    item: Item
    words: frozenset[str]
    cells: frozenset[Cell]


@cache
def data(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def made(entries: Mapping[str, Any]) -> Lexicon:
    return build(entries, data("composition.toml"), data("grammar.toml"))


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Every labelled sentence that is read rightly while nothing is missing."""
    asked: set[Cell] = set()
    noting = {
        variant: {op: Noting(row, variant, op, asked) for op, row in table.items()}
        for variant, table in lexicon().compose.items()
    }
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("monitor.detection.detector.lexicon", lambda: replace(lexicon(), compose=noting))
        for item in (*own_rows(), *(one for items in development().values() for one in items)):
            asked.clear()
            if answer(item) == item.label:
                words = frozenset(tokenise(item.document.text).words)
                found.append(Row(item, words, frozenset(asked)))
    return found


def is_missed(mutant: Lexicon, rows: Iterable[Row]) -> bool:
    """True when one of the sentences is read otherwise by the lexicon that lacks something."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("monitor.detection.detector.lexicon", lambda: mutant)
        return any(answer(row.item) != row.item.label for row in rows)


@pytest.mark.drill
def test_every_entry_of_the_lexicon_is_needed_by_a_sentence(rows: list[Row]) -> None:
    idle = []
    files = data("lexicon.toml"), data("ellipsis.toml")
    entries = {kind: [raw for file in files for raw in file.get(kind, ())] for kind in files[0]}
    for kind, listed in entries.items():
        for at, raw in enumerate(listed):
            alone = made({kind: [raw]})
            begins = alone.naming.keys() | alone.governing.keys()
            examples = {text for text, _ in raw["examples"]}
            near = [row for row in rows if not row.words.isdisjoint(begins)]
            near.sort(key=lambda row: row.item.document.text not in examples)
            if not is_missed(made({**entries, kind: [*listed[:at], *listed[at + 1 :]]}), near):
                idle.append(f"[[{kind}]] {raw.get('name') or raw['op']}: {', '.join(raw['forms'][:3])}")
    assert idle == [], "\n".join(idle)


@pytest.mark.drill
def test_every_cell_of_the_composition_table_is_needed_by_a_sentence(rows: list[Row]) -> None:
    idle = []
    for variant, table in lexicon().compose.items():
        for op, row in table.items():
            for value in row:
                rest = {other: given for other, given in row.items() if other != value}
                mutant = composed(variant, {**table, op: rest})
                if not is_missed(mutant, (one for one in rows if (variant, op, value) in one.cells)):
                    idle.append(f"[{variant}.{op}] {value} = {row[value]}")
    assert idle == [], "\n".join(idle)


@pytest.mark.drill
def test_every_negated_or_future_row_of_the_composition_table_is_needed_by_a_sentence(
    rows: list[Row],
) -> None:
    idle = []
    for variant in ("not", "will", "wont"):
        table = lexicon().compose[variant]
        for op in table:
            mutant = composed(variant, {other: row for other, row in table.items() if other != op})
            near = (one for one in rows if any(cell[:2] == (variant, op) for cell in one.cells))
            if not is_missed(mutant, near):
                idle.append(f"[{variant}.{op}]")
    assert idle == [], "\n".join(idle)


def composed(variant: str, table: Mapping[str, Mapping[str, str]]) -> Lexicon:
    """The lexicon with another table for that variant."""
    return replace(lexicon(), compose={**lexicon().compose, variant: table})


@pytest.mark.drill
def test_every_final_value_and_every_verb_that_governs_another_is_needed_by_a_sentence(
    rows: list[Row],
) -> None:
    whole = lexicon()
    mutants = {f"[final] {value}": replace(whole, final=without(whole.final, value)) for value in whole.final}
    mutants |= {
        f"infinitive: {op}": replace(whole, infinitive=whole.infinitive - {op}) for op in whole.infinitive
    }
    mutants |= {f"gerund: {op}": replace(whole, gerund=whole.gerund - {op}) for op in whole.gerund}
    assert sorted(name for name, mutant in mutants.items() if not is_missed(mutant, rows)) == []


def without(table: Mapping[str, str], name: str) -> dict[str, str]:
    return {other: value for other, value in table.items() if other != name}

"""Records what detection reaches as what it must not fall below: `python -m tests.corpus.record`, on purpose only."""

from monitor.detection import Report, evaluate
from monitor.topics import ANY
from tests.corpus.reading import BLIND, CORPUS, items_of, learned

HEAD = """# What detection reaches (topic any). Worse fails the gate in tests/detection; written on purpose by
# `python -m tests.corpus.record`. Only the blind files, and encoder.toml, say how good it is on new ones.
"""
MEASURES = ("strict", "lenient", "status_f1", "inversions", "false_alarms")
REFERENCE = {"strict": 0.78, "lenient": 0.88, "status_f1": 0.92, "inversions": 0.04, "false_alarms": 0.17}
"""The floor for sentences of others, where a file of them is at hand."""
BY_RULES = ("own.jsonl", "retired.jsonl", "asia.jsonl", "world.jsonl")
SLICE = 30


def measured(report: Report) -> dict[str, float]:
    figures = report.to_json()
    return {measure: figures[measure] for measure in MEASURES}


def main() -> None:
    learned_from = evaluate(learned(), ANY)
    alone = {name: evaluate(items_of(CORPUS / name), ANY, by_rules_alone=True).strict for name in BY_RULES}
    slices = {
        tag: row["strict"] for tag, row in learned_from.slices().items() if (row["texts"] or 0) >= SLICE
    }
    tables = {
        "reference": REFERENCE,
        **{name: measured(evaluate(items_of(CORPUS / name), ANY)) for name in BLIND},
        "learned from": measured(learned_from),
        "by rules alone": alone,
        "slices": slices,
    }
    text = HEAD
    for name, row in tables.items():
        text += f'\n["{name}"]\n' + "".join(f'"{key}" = {value}\n' for key, value in row.items())
    (CORPUS / "scores.toml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

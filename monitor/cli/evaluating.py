"""The command `evaluate`: how well detection does on labelled texts. It needs neither log nor read model."""

import json as jsonlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.console import Console
from rich.text import Text as Styled

from monitor.cli import terminal
from monitor.cli.context import Json, context_of, print_json
from monitor.cli.detecting import TopicOption
from monitor.cli.explaining import show_explanation
from monitor.cli.progress import progress
from monitor.cli.texts import BadLines, Text, texts_of
from monitor.detection import Answer, Item, Report, evaluate
from monitor.detection.labelled import NONE
from monitor.detection.report import WORST
from monitor.errors import BadInputError

_MEASURES = (
    ("texts", "texts"),
    ("bad_lines", "bad lines"),
    ("strict", "accuracy, strict"),
    ("lenient", "accuracy, lenient"),
    ("status_f1", "status F1"),
    ("inversions", "inversions"),
    ("false_alarms", "false alarms"),
    ("calibration_error", "calibration error (ECE)"),
    ("texts_per_second", "texts per second"),
)


def evaluate_command(
    context: typer.Context,
    file: Annotated[
        str, typer.Argument(help="JSON lines {id, text, label, also?, tags?, published?}; - is stdin.")
    ],
    topic: TopicOption = "any",
    errors: Annotated[
        Path | None,
        typer.Option(help="Write every answer that is not the label there, explained, as JSON lines."),
    ] = None,
    worst: Annotated[
        int, typer.Option(min=0, help="How many of the worst confident errors to show, and of the misses.")
    ] = WORST,
    json: Json = False,
) -> None:
    """Measure detection on labelled texts.

    Accuracy, status F1, inversions, false alarms, scores by kind and by tag, reliability, the worst errors, speed. Bad
    lines are named on stderr and the rest is scored: exit code 1; 2 when nothing can be read.
    """
    chosen = context_of(context).topic(topic)
    bad = BadLines()
    items = list(_items(file, bad))
    if not items:
        raise bad.nothing(file, "labelled texts")
    with _opened(errors, file) as lines:
        with progress(len(items), "texts") as passed:
            report = evaluate(items, chosen, timer=time.perf_counter, passed=passed)
        if lines:
            lines.writelines(jsonlib.dumps(one.to_json(), ensure_ascii=False) + "\n" for one in report.errors)
    figures = {"texts": len(items), "bad_lines": bad.count, **report.to_json(worst)}
    if json:
        print_json(figures)
    else:
        _show(report, figures, worst)
    if bad.count:
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("evaluate")(evaluate_command)


def _items(file: str, bad: BadLines) -> Iterator[Item]:
    """The labelled texts of a file; what is none goes to `bad`."""
    seen: dict[str, str] = {}
    for text in texts_of(file, bad):
        try:
            item = _item(text)
            if "id" in text.fields and (before := seen.setdefault(text.id, text.where)) != text.where:
                raise BadInputError(
                    f"{text.where}: the id {text.id!r} stands in {before.rpartition(', ')[2]} already"
                )
            yield item
        except BadInputError as error:
            bad(error)


def _item(one: Text) -> Item:
    label, also, tags = one.fields.get("label"), one.fields.get("also") or [], one.fields.get("tags") or []
    if not isinstance(label, str) or not isinstance(also, list):
        raise BadInputError(f'{one.where}: expected a "label" and, where fair, a list "also"')
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise BadInputError(f'{one.where}: "tags" must be a list of words, not {tags!r}')
    if not any(character.isalnum() for character in f"{one.document.title}{one.document.text}"):
        raise BadInputError(f'{one.where}: "text" holds no words')
    try:
        return Item(id=one.id, document=one.document, label=label, also=tuple(also), tags=tuple(tags))
    except ValueError as error:
        raise BadInputError(f"{one.where}: {error}") from error


@contextmanager
def _opened(path: Path | None, file: str) -> Iterator[TextIO | None]:
    """The file for errors, opened before the work begins, so that a wrong path costs no time."""
    if path is None:
        yield None
        return
    if file != "-" and path.exists() and path.samefile(file):
        raise BadInputError(f"--errors would overwrite {file}: name another file")
    try:
        with path.open("w", encoding="utf-8") as lines:
            yield lines
    except OSError as error:
        raise BadInputError(f"--errors: cannot write {path}: {error.strerror}") from error


def _show(report: Report, figures: dict[str, Any], worst: int) -> None:
    _table("", ("measure", "value"), [(name, _figure(figures[key])) for key, name in _MEASURES])
    _table(
        "Reliability: of answers other than none, how sure they are, and the share that a fair reader accepts",
        ("confidence", "mean", "right", "answers"),
        [
            (f"{row['from']:.1f} to {row['to']:.1f}", *_cells(row, "confidence", "right"), str(row["count"]))
            for row in figures["calibration"]
        ],
    )
    _table(
        "By kind",
        ("kind", "precision", "recall", "F1", "texts"),
        [
            (kind, *_cells(row if row["count"] else {}, "precision", "recall", "f1"), str(row["count"]))
            for kind, row in figures["kinds"].items()
        ],
    )
    measures = ("strict", "lenient", "status_f1", "inversions", "false_alarms")
    _table(
        "By tag",
        ("tag", "strict", "lenient", "status F1", "inversions", "false alarms", "texts"),
        [(tag, *_cells(row, *measures), str(row["texts"])) for tag, row in figures["slices"].items()],
    )
    for answer in (*report.worst(worst), *report.misses(worst)):
        _show_error(terminal.console(), answer)


def _table(title: str, headers: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    if not rows:
        return
    if title:
        terminal.console().print(title, style="bold")
    terminal.table(headers, rows)
    terminal.console().print()


def _show_error(out: Console, answer: Answer) -> None:
    item = answer.item
    labels = " or ".join(dict.fromkeys((item.label, *item.also)))
    said = answer.kind if answer.kind == NONE else f"{answer.kind} ({answer.confidence:.2f})"
    tags = f" ({', '.join(item.tags)})" if item.tags else ""
    told = f"{item.id}: {_what(answer)}, {said} instead of {labels}{tags}"
    terminal.line(out, Styled(terminal.plain(told), "bold"))
    if answer.explanation:
        show_explanation(out, answer.explanation)


def _what(answer: Answer) -> str:
    if answer.kind == NONE:
        return "miss"
    return "inversion" if answer.is_inversion else "false alarm" if answer.is_false_alarm else "wrong kind"


def _cells(row: dict[str, float | None], *keys: str) -> list[str]:
    return ["-" if (value := row.get(key)) is None else f"{value:.2f}" for key in keys]


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"

"""Commands that read texts: detect and evaluate. They need neither log nor read model."""

import json as jsonlib
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.cli import show
from monitor.cli.context import Json, context_of, print_json
from monitor.detection import Detection, Document, Item, Report, detect, evaluate, main_claim
from monitor.errors import BadInputError
from monitor.ids import content_hash, fact_id
from monitor.vocabulary import Precision

_SURROGATE = re.compile("[\ud800-\udfff]")
TopicOption = Annotated[str, typer.Option(help="A topic's id; `any` finds talks of anyone.")]


@dataclass(frozen=True)
class Text:
    """One text to read, as given."""

    id: str
    document: Document
    fields: dict[str, Any]


def detect_command(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="JSON lines {id, text, title?, published?}; - is stdin.")] = "-",
    topic: TopicOption = "any",
    text: Annotated[Path | None, typer.Option(help="A plain text file instead, as one text.")] = None,
    title: Annotated[str, typer.Option(help="The headline, with --text.")] = "",
    published: Annotated[str | None, typer.Option(help="The day of publication, with --text.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Also what was dropped, and why.")] = False,
    json: Json = False,
) -> None:
    """Find the claims about talks in texts.

    Reads JSON lines, or one plain text with --text; with --json it writes a line of JSON for each text.
    """
    chosen = context_of(context).topic(topic)
    texts = [_plain(text, title, published)] if text else _lines(file)
    for one in texts:
        found = detect(one.document, chosen, fact_id("text", content_hash("", one.document.text)))
        if json:
            typer.echo(jsonlib.dumps(_answer(one, found, explain=explain), ensure_ascii=False))
        else:
            _show(one, found, explain=explain)


def evaluate_command(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="JSON lines {id, text, label, also, published?}; - is stdin.")],
    topic: TopicOption = "any",
    json: Json = False,
) -> None:
    """Measure detection on labelled texts.

    Accuracy, status F1, inversions, false alarms, scores of each kind, confusion, calibration, speed.
    """
    chosen = context_of(context).topic(topic)
    items = [_item(number, one) for number, one in enumerate(_lines(file), 1)]
    if not items:
        raise BadInputError(f"{file} has no labelled texts")
    report = evaluate(items, chosen, timer=time.perf_counter)
    if json:
        print_json(report.to_json())
    else:
        _show_report(report)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command("detect")(detect_command)
    app.command("evaluate")(evaluate_command)


def _lines(file: str) -> Iterator[Text]:
    for number, raw in enumerate(_raw_lines(file), 1):
        line = raw.strip()
        if not line:
            continue
        try:
            fields = jsonlib.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadInputError(f"{_named(file)}, line {number} is not JSON: {error}") from error
        if not isinstance(fields, dict) or not isinstance(fields.get("text"), str):
            raise BadInputError(
                f'{_named(file)}, line {number}: expected an object with a "text", like {{"text": "..."}}'
            )
        where = f"{_named(file)}, line {number}"
        yield Text(
            id=str(fields.get("id", number)),
            document=_document(fields["text"], fields.get("title"), fields.get("published"), where),
            fields=fields,
        )


def _raw_lines(file: str) -> Iterator[str]:
    if file == "-":
        # Bytes that are no UTF-8 must not end the command half way: they become U+FFFD, as in every stored text.
        yield from (line.decode("utf-8", "replace") for line in sys.stdin.buffer)
        return
    try:
        with Path(file).open(encoding="utf-8", errors="replace") as lines:
            yield from lines
    except OSError as error:
        raise BadInputError(f"cannot read {file}: {error.strerror}") from error


def _plain(path: Path, title: str, published: str | None) -> Text:
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise BadInputError(f"cannot read {path}: {error.strerror}") from error
    return Text(path.name, _document(text, title, published, "--published"), {})


def _document(text: str, title: object, published: object, where: str) -> Document:
    moment, precision = _published(published, where)
    heading = title if isinstance(title, str) else ""
    return Document(_SURROGATE.sub("\ufffd", heading), _SURROGATE.sub("\ufffd", text), moment, precision)


def _published(value: object, where: str) -> tuple[datetime | None, Precision]:
    if value is None or value == "":
        return None, Precision.UNKNOWN
    try:
        text = str(value)
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return datetime.combine(date.fromisoformat(text), time_of_day.min, UTC), Precision.DAY
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInputError(
            f'{where}: "published" must be a date like 2025-05-29 or an ISO time, not {value!r}'
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC), Precision.TIME


def _item(number: int, one: Text) -> Item:
    label, also = one.fields.get("label"), one.fields.get("also") or []
    if not isinstance(label, str) or not isinstance(also, list):
        raise BadInputError(f'text {number} ({one.id}): expected a "label" and, where fair, a list "also"')
    try:
        return Item(id=one.id, document=one.document, label=label, also=tuple(also))
    except ValueError as error:
        raise BadInputError(f"text {number} ({one.id}): {error}") from error


def _answer(one: Text, found: Detection, *, explain: bool) -> dict[str, Any]:
    kind, confidence = main_claim(found, one.document.published)
    answer: dict[str, Any] = {
        "id": one.fields.get("id", one.id),
        "kind": kind or "none",
        "confidence": confidence,
        "claims": [claim.model_dump(mode="json") for claim in found.claims],
    }
    if explain:
        answer["dropped"] = [
            {"kind": item.kind, "reason": item.reason, "rule": item.rule, "span": item.span.model_dump()}
            for item in found.dropped
        ]
    return answer


def _show(one: Text, found: Detection, *, explain: bool) -> None:
    kind, confidence = main_claim(found, one.document.published)
    out = show.console()
    out.print(show.plain(f"{one.id}: {kind or 'none'} ({confidence:.2f})"))
    for claim in found.claims:
        when = show.when(claim.when.model_dump(mode="json"))
        out.print(
            show.plain(
                f"  {claim.kind} on {claim.channel}, {claim.mood}, {claim.attribution}, {when}, "
                f"{claim.confidence:.2f}: “{claim.span.text}”"
            )
        )
        if explain:
            out.print(show.plain(f"    rule: {claim.rule}"))
            out.print(show.plain(f"    speaker: {claim.speaker or '-'}, principal: {claim.principal or '-'}"))
    if explain:
        for item in found.dropped:
            out.print(
                show.plain(f"  dropped {item.kind or '?'}: {item.reason}: “{item.span.text}” {item.rule}")
            )


def _show_report(report: Report) -> None:
    figures = report.to_json()
    simple = {key: value for key, value in figures.items() if isinstance(value, int | float)}
    show.table(
        ("measure", "value"),
        [(key, f"{value:.3f}" if isinstance(value, float) else str(value)) for key, value in simple.items()],
    )
    kinds = figures["kinds"]
    show.table(
        ("kind", "precision", "recall", "F1", "texts"),
        [
            (kind, *(f"{row[key]:.2f}" for key in ("precision", "recall", "f1")), str(row["count"]))
            for kind, row in kinds.items()
        ],
    )


def _named(file: str) -> str:
    return "stdin" if file == "-" else file

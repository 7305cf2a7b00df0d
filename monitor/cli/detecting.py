"""The command `detect`: texts in, claims out. It needs neither log nor read model."""

import json as jsonlib
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.text import Text as Styled

from monitor.cli import terminal
from monitor.cli.context import Json, context_of
from monitor.cli.explaining import show_explanation
from monitor.cli.texts import BadLines, Text, named, plain_text, texts_of
from monitor.detection import Detection, detect, main_claim
from monitor.detection import explain as explained
from monitor.errors import BadInputError
from monitor.ids import content_hash, fact_id
from monitor.topics import Topic

TopicOption = Annotated[str, typer.Option(help="A topic's id; `any` finds talks of anyone.")]
_NOTHING = Detection((), (), (), {})
_PART = 1 << 16
"""Characters of JSON that are written at once."""
_DEPTH = 3
"""Down to the sentences of an explanation."""


def detect_command(
    context: typer.Context,
    file: Annotated[
        str | None,
        typer.Argument(
            help="JSON lines {id, text, title?, published?, language?}; - is stdin, which is the default."
        ),
    ] = None,
    topic: TopicOption = "any",
    text: Annotated[
        str | None, typer.Option(help="A plain text file instead, as one text; - is stdin.")
    ] = None,
    title: Annotated[str, typer.Option(help="The headline, with --text.")] = "",
    published: Annotated[str | None, typer.Option(help="The day of publication, with --text.")] = None,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="By sentence: what was considered, by which words, what came of it."),
    ] = False,
    json: Json = False,
) -> None:
    """Find the claims about talks in texts.

    Reads JSON lines, or one plain text with --text; with --json it writes a line of JSON for each text. Bad lines are
    named on stderr and the rest is answered: exit code 1; 2 when nothing can be read.
    """
    chosen = context_of(context).topic(topic)
    bad, is_empty = BadLines(), True
    if text is None:
        _check_lone(title, published)
        texts = texts_of(file or "-", bad)
    elif file is not None:
        raise BadInputError(f"give the JSON lines {named(file)} or --text {text}, not both")
    else:
        texts = iter([plain_text(text, title, published)])
    for one in texts:
        is_empty = False
        unread = chosen.unread_because(str(one.fields.get("language") or ""))
        found = _NOTHING if unread else _found(one, chosen)
        if json:
            answer = _answer(one, found, explain=explain)
            _write({**answer, "unread": unread} if unread else answer)
        elif unread:
            terminal.line(
                terminal.console(), Styled(terminal.plain(f"{one.id}: passed over: {unread}"), "bold")
            )
        else:
            _show(one, found, explain=explain)
    if is_empty:
        raise bad.nothing(file or "-", "texts")
    if bad.count:
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("detect")(detect_command)


def _check_lone(title: str, published: str | None) -> None:
    for option, value in (("--title", title), ("--published", published)):
        if value:
            raise BadInputError(
                f"{option} goes with --text; each of the JSON lines has its own {option.lstrip('-')}"
            )


def _found(one: Text, topic: Topic) -> Detection:
    return detect(one.document, topic, fact_id("text", content_hash("", one.document.text)))


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
        answer["explanation"] = explained(found).to_json()
    return answer


def _write(answer: dict[str, Any]) -> None:
    """A line of JSON; in parts, since that of a long text takes ten times its room."""
    part: list[str] = []
    size = 0
    for piece in _pieces(answer, _DEPTH):
        part.append(piece)
        size += len(piece)
        if size > _PART:
            typer.echo("".join(part), nl=False)
            part, size = [], 0
    typer.echo("".join(part))


def _pieces(value: Any, depth: int) -> Iterator[str]:
    """The value's JSON, piece by piece down to that depth."""
    if not (depth and value and isinstance(value, dict | list)):
        yield jsonlib.dumps(value, ensure_ascii=False)
        return
    is_dict = isinstance(value, dict)
    opening, closing = "{}" if is_dict else "[]"
    for at, one in enumerate(value):
        yield opening if at == 0 else ", "
        if is_dict:
            yield f"{jsonlib.dumps(one, ensure_ascii=False)}: "
        yield from _pieces(value[one] if is_dict else one, depth - 1)
    yield closing


def _show(one: Text, found: Detection, *, explain: bool) -> None:
    kind, confidence = main_claim(found, one.document.published)
    out = terminal.console()
    terminal.line(out, Styled(terminal.plain(f"{one.id}: {kind or 'none'} ({confidence:.2f})"), "bold"))
    if explain:
        show_explanation(out, explained(found))
        return
    for claim in found.claims:
        when = terminal.when(claim.when.model_dump(mode="json"))
        out.print(
            terminal.plain(
                f"  {claim.kind} on {claim.channel}, {claim.mood}, {claim.attribution}, {when}, "
                f"{claim.confidence:.2f}: “{claim.span.text}”"
            )
        )

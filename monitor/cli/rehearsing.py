"""The command `rehearse`: what would Parley have told me, had it read these articles as they came out?"""

import json as jsonlib
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from dashboard import words
from monitor.cli import show
from monitor.cli.context import Context, Json, context_of, print_json
from monitor.cli.progress import progress
from monitor.errors import BadInputError
from monitor.log.events import Event
from monitor.service.rehearsal import Rehearsed
from monitor.service.rehearsal import rehearse as run
from monitor.sources.lines import read_lines
from monitor.topics import Topic, load_topic


def rehearse(
    context: typer.Context,
    topic: Annotated[str, typer.Argument(help="The topic's id.")],
    file: Annotated[
        Path, typer.Argument(help="JSON lines {id?, title, text, published, outlet, url, guid?, author?}.")
    ],
    topic_file: Annotated[Path | None, typer.Option(help="The topic, when it is not watched (yet).")] = None,
    out: Annotated[Path | None, typer.Option(help="Write timeline.json and alerts.json there.")] = None,
    keep: Annotated[
        Path | None, typer.Option(help="Keep the scratch data folder there, to look into with --data.")
    ] = None,
    json: Json = False,
) -> None:
    """What would Parley have told me? Dated articles go the real way, each at its own time.

    In a scratch data folder; nothing is sent, and what you watch is not touched. The same guid again is a revision.
    """
    parley = context_of(context)
    chosen = _topic(parley, topic, topic_file)
    found = read_lines(file, now=parley.clock())
    with _folder(keep) as folder, progress(len(found), "articles", lines=True) as passed:
        done = run(chosen, found, folder, passed)
    answer = {
        "timeline": done.timeline.to_json(),
        "alerts": [alert.to_json() for alert in done.alerts],
        "articles": {
            "ingested": done.taken.ingested,
            "revised": done.taken.revised,
            "irrelevant": done.irrelevant,
            "duplicates": done.taken.known,
        },
    }
    if out:
        _write(out, answer)
    if json:
        print_json(answer)
    else:
        _show(done, chosen, answer["articles"])
        if keep:
            typer.echo(f"Kept; look into it with:  parley --data {shlex.quote(str(keep))} status")


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(rehearse)


def _topic(context: Context, name: str, file: Path | None) -> Topic:
    if file is None:
        return context.watched(name)
    topic = load_topic(file)
    if topic.id != name:
        raise BadInputError(f"{file} defines the topic {topic.id!r}, not {name!r}: name that one")
    return topic


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="parley-rehearsal-") as scratch:
            yield Path(scratch)
        return
    try:
        if keep.exists() and any(keep.iterdir()):
            raise BadInputError(f"--keep takes a new or empty folder, unlike {keep}")
        keep.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(f"--keep: cannot make the folder {keep}: {error.strerror}") from error
    yield keep


def _write(folder: Path, answer: dict[str, Any]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("timeline", "alerts"):
            text = jsonlib.dumps(answer[name], ensure_ascii=False, indent=2)
            (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise BadInputError(f"--out: cannot write to {folder}: {error.strerror}") from error


def _show(done: Rehearsed, topic: Topic, counts: dict[str, int]) -> None:
    """What would have been told, with its words; what not, and why; the timeline."""
    told = [event for event in done.told if event.type != "alert.suppressed"]
    if told:
        show.table(
            ("day", "told", "what", "by whose words"), map(_row, told), title="What would have been told"
        )
    else:
        typer.echo("Nothing would have been told.")
    held_back = [event for event in done.told if event.type == "alert.suppressed"]
    if held_back:
        show.table(
            ("day", "what", "why not told", "by whose words"), map(_held_back, held_back), title="Held back"
        )
    typer.echo(", ".join(f"{count} {what}" for what, count in counts.items()) + "\n")
    show.timeline(done.timeline, topic)


def _row(event: Event) -> tuple[str, str, str, str]:
    what = event.type.removeprefix("alert.")
    why = "" if event.data["reason"] == "new_shift" else f": {words.reason(event.data['reason'])}"
    return f"{event.recorded_at:%Y-%m-%d}", f"{what}{why}", event.data["text"], _words(event)


def _held_back(event: Event) -> tuple[str, str, str, str]:
    data = event.data
    return f"{event.recorded_at:%Y-%m-%d}", data["text"], words.reason(data["reason"]), _words(event)


def _words(event: Event) -> str:
    return "".join(
        show.quoted(quote["text"], quote["outlet"]) for quote in event.data.get("evidence", ())[:1]
    )

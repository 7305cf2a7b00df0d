"""Commands about the event log: tail, stats, verify, export, import, archive."""

from typing import Annotated

import typer

from monitor.cli import show
from monitor.cli.context import Json, context_of, print_json
from monitor.cli.reading import moment
from monitor.errors import BadInputError
from monitor.log.export import export, require
from monitor.log.importing import LogImport
from monitor.log.manifest import inspect
from monitor.log.place import place_of
from monitor.log.stream import Recorded
from monitor.log.verify import stats, verify
from monitor.service.archiving import archive

Place = Annotated[str, typer.Argument(metavar="FOLDER|URL", help="A folder, or s3://bucket/folder.")]
Until = Annotated[
    str | None,
    typer.Option(
        metavar="MOMENT",
        help="Leave out what the log took after this moment (2025-05-29, or 2025-05-29T12:00; UTC unless it says).",
    ),
]

log_app = typer.Typer(help="Look into the event log; copy it, and what is old out of it.")


@log_app.callback(invoke_without_command=True)
def log_command(context: typer.Context) -> None:
    """Look into the event log; copy it, and what is old out of it."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@log_app.command("tail")
def tail(
    context: typer.Context,
    topic: Annotated[
        str | None,
        typer.Argument(help="The topic's id. Default: the only one of the log, else the first watched."),
    ] = None,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many events.")] = 20,
    json: Json = False,
) -> None:
    """The newest events of a topic."""
    parley = context_of(context)
    with parley.log() as log:
        held = log.topics()
        name = topic or (held[0] if len(held) == 1 else parley.settings.topics[0])
        if name not in held:
            raise BadInputError(f"there is no log of {name!r}; there is: {', '.join(held) or 'none yet'}")
        events = log.tail(name, count)
    if json:
        print_json(
            [
                {"position": item.position, **item.event.model_dump(mode="json", by_alias=True)}
                for item in events
            ]
        )
        return
    for item in events:
        show.console().print(show.plain(_line(item)), soft_wrap=True)


@log_app.command("stats")
def stats_command(context: typer.Context, json: Json = False) -> None:
    """How many events there are, of which type, from when."""
    with context_of(context).log() as log:
        found = stats(log)
    if json:
        print_json(found)
        return
    rows = [
        (name, str(item["events"]), str(item["first"] or ""), str(item["last"] or ""), kind, str(number))
        for name, item in found["topics"].items()
        for kind, number in item["by_type"].items()
    ]
    show.table(("topic", "events", "first", "last", "type", "count"), rows)


@log_app.command("verify")
def verify_command(
    context: typer.Context,
    place: Annotated[
        str | None,
        typer.Argument(metavar="[FOLDER|URL]", help="An export, a backup or an archive. Default: the log."),
    ] = None,
    json: Json = False,
) -> None:
    """Check that the log agrees with itself, or that an export, a backup or an archive is whole.

    Of the log: stream, id index and counter; that every event validates and has its cause; that what was archived is
    there. Of a place: every manifest, and every file that it names. Exit code 1 when not.
    """
    if place is not None:
        problems = _verify_place(place, json=json)
    else:
        with context_of(context).log() as log:
            problems, topics = [str(problem) for problem in verify(log)], log.topics()
        if json:
            print_json({"ok": not problems, "topics": topics, "problems": problems})
        else:
            _tell(problems, f"{len(topics)} topics")
    if problems:
        raise typer.Exit(1)


def _verify_place(name: str, *, json: bool) -> list[str]:
    place, counted = place_of(name), Counting("files")
    found = inspect(place, lambda file: counted(file, 1))
    held = [
        {"name": name, "kind": one.kind, "at": one.at.isoformat(), "events": one.events}
        for name, one in found.manifests.items()
    ]
    if json:
        print_json(
            {"ok": not found.problems, "place": str(place), "manifests": held, "problems": found.problems}
        )
        return found.problems
    for one in held:
        typer.echo(f"{one['name']}: {one['kind']} of {one['at']}, {one['events']} events")
    _tell(found.problems, f"{len(held)} manifests")
    return found.problems


def _tell(problems: list[str], what: str) -> None:
    for problem in problems:
        typer.echo(show.plain(problem))
    typer.echo(f"{what}, {len(problems)} problems")


@log_app.command("export")
def export_command(context: typer.Context, place: Place, json: Json = False) -> None:
    """Copy the log to a folder or an object store: compressed, hashed, with a manifest.

    To the same place again it brings only what is new. It may run while Parley does.
    """
    parley, where = context_of(context), place_of(place)
    with parley.log() as log:
        manifest = export(log, where, parley.clock(), Counting("events"))
    topics = {
        topic: sum(part.events for part in one.streams.values()) for topic, one in manifest.logs.items()
    }
    if json:
        print_json({"place": str(where), "events": manifest.events, "topics": topics})
    else:
        typer.echo(f"{manifest.events} events of {len(topics)} topics are at {where}")


@log_app.command("import")
def import_command(context: typer.Context, place: Place, until: Until = None, json: Json = False) -> None:
    """Put an export into an empty log, which becomes another one: a new epoch.

    Stop every role before; then `parley rebuild --accept-loss` makes the rest follow. To restore a backup with who is
    subscribed, see `parley restore`.
    """
    where, end = place_of(place), moment(until, "--until")
    with context_of(context).log() as log:
        done = LogImport(log, where, require(where), end).run(Counting("events"))
    if json:
        print_json(
            {
                "place": str(where),
                "until": end.isoformat() if end else None,
                "topics": {
                    topic: {"events": one.events, "new": one.new, "epoch": one.epoch}
                    for topic, one in done.items()
                },
            }
        )
        return
    for topic, one in done.items():
        typer.echo(f"{topic}: {one.events} events, {one.new} of them new")


@log_app.command("archive")
def archive_command(context: typer.Context, json: Json = False) -> None:
    """Move what is older than the setting archive.keep_days out of Redis, into the place archive.place.

    What somebody has still to read stays. The role ingest does this by itself, daily.
    """
    with context_of(context).parley() as (parley, _):
        moved = archive(
            parley.settings,
            parley.log,
            parley.read_model,
            parley.service,
            parley.clock(),
            progress=Counting("events"),
        )
    if json:
        print_json({"place": parley.settings.archive.place, "moved": moved})
    else:
        typer.echo(f"{sum(moved.values())} events moved to {parley.settings.archive.place}")


class Counting:
    """Says on stderr how far long work is, now and then."""

    EVERY = 10_000

    def __init__(self, what: str) -> None:
        self._what = what
        self._count = self._said = 0

    def __call__(self, _about: str, more: int) -> None:
        """Count so many more."""
        self._count += more
        if self._count - self._said >= self.EVERY:
            self._said = self._count
            typer.echo(f"{self._said} {self._what}", err=True)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(log_app, name="log")


def _line(item: Recorded) -> str:
    event = item.event
    about = event.data
    what = about.get("title") or about.get("name") or about.get("text") or about.get("reason") or ""
    if event.type == "claims.detected":
        what = f"{len(about['claims'])} claims"
    channel = f" {about['channel']}" if "channel" in about else ""
    return f"{event.recorded_at:%Y-%m-%d %H:%M:%S} {item.position} {event.type}{channel} {str(what)[:100]}"

"""Commands for who runs Parley: log tail, stats and verify, rebuild, migrate, doctor."""

from typing import Annotated

import typer

from monitor.cli import show
from monitor.cli.context import Json, context_of, print_json
from monitor.errors import BadInputError, SettingsError
from monitor.log.stream import Recorded
from monitor.log.verify import stats, verify
from monitor.readmodel.rebuild import rebuild
from monitor.service import loss
from monitor.service.doctor import Check, examine
from monitor.service.schema import HEAD, let_read, migrate
from monitor.service.wiring import watched_topics

log_app = typer.Typer(help="Look into the event log.")


@log_app.callback(invoke_without_command=True)
def log_command(context: typer.Context) -> None:
    """Look into the event log."""
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
def verify_command(context: typer.Context, json: Json = False) -> None:
    """Check that the log agrees with itself.

    Stream, id index and counter; and that every event validates and has its cause. Exit code 1 when not.
    """
    with context_of(context).log() as log:
        problems, topics = verify(log), log.topics()
    if json:
        print_json({"ok": not problems, "topics": topics, "problems": [str(problem) for problem in problems]})
    else:
        for problem in problems:
            typer.echo(show.plain(str(problem)))
        typer.echo(f"{len(topics)} topics, {len(problems)} problems")
    if problems:
        raise typer.Exit(1)


def rebuild_command(
    context: typer.Context,
    accept_loss: Annotated[
        bool,
        typer.Option(
            "--accept-loss",
            help="The log has lost data and no backup has it: go on with what it still holds.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Make the read model again from the log.

    The screens go on reading the old one until the new one is ready.
    """
    parley = context_of(context)

    def progress(topic: str, count: int) -> None:
        if count % 1000 == 0:
            typer.echo(f"{topic}: {count} events", err=True)

    with parley.log() as log:
        if accept_loss:
            with parley.service() as service:
                loss.accept_loss(service, log, parley.settings.topics)
        counts = rebuild(parley.read_model, log, watched_topics(parley.settings).values(), progress)
    if json:
        print_json({"events": counts})
    else:
        typer.echo(", ".join(f"{topic}: {count} events projected" for topic, count in counts.items()))


def migrate_command(context: typer.Context) -> None:
    """Make the tables of the service, or bring them up to this version.

    Run it before the first start on a PostgreSQL database, and after each upgrade; doing it again changes nothing. With
    the setting database_reader_url it also makes that login, which may only read. SQLite files need no such care.
    """
    store = context_of(context).settings.store
    reader = context_of(context).settings.database_reader_url.get_secret_value()
    engine = store.service()
    try:
        changed = migrate(engine)
    finally:
        engine.dispose()
    if store.url and reader:
        let_read(store, reader)
    now = "now has" if changed else "has"
    typer.echo(f"{store.name} {now} the tables of version {HEAD}")


def doctor(context: typer.Context, json: Json = False) -> None:
    """Check this installation, and say what to do.

    Settings, topics, log, read model, roles and disk. Exit code 1 when a check fails.
    """
    parley = context_of(context)
    try:
        checks = examine(parley.settings, parley.clock)
    except SettingsError as error:
        checks = [Check("settings", ok=False, found=str(error), advice="mend it; nothing else was looked at")]
    failed = [check for check in checks if not check.ok]
    if json:
        print_json({"ok": not failed, "checks": [check.to_json() for check in checks]})
    else:
        for check in checks:
            typer.echo(_verdict(check))
    if failed:
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(log_app, name="log")
    app.command("rebuild")(rebuild_command)
    app.command("migrate")(migrate_command)
    app.command("doctor")(doctor)


def _line(item: Recorded) -> str:
    event = item.event
    about = event.data
    what = about.get("title") or about.get("name") or about.get("text") or about.get("reason") or ""
    if event.type == "claims.detected":
        what = f"{len(about['claims'])} claims"
    channel = f" {about['channel']}" if "channel" in about else ""
    return f"{event.recorded_at:%Y-%m-%d %H:%M:%S} {item.position} {event.type}{channel} {str(what)[:100]}"


def _verdict(check: Check) -> str:
    todo = f" → {check.advice}" if check.advice else ""
    return show.plain(f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.found}{todo}")

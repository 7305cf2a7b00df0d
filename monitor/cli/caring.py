"""Commands for who runs Parley: rebuild, doctor."""

from typing import Annotated

import typer

from monitor.cli import show
from monitor.cli.context import Json, context_of, print_json
from monitor.errors import SettingsError
from monitor.readmodel.rebuild import rebuild
from monitor.service import loss
from monitor.service.doctor import Check, examine
from monitor.service.wiring import watched_topics


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
    app.command("rebuild")(rebuild_command)
    app.command("doctor")(doctor)


def _verdict(check: Check) -> str:
    todo = f" → {check.advice}" if check.advice else ""
    return show.plain(f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.found}{todo}")

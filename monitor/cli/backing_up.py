"""Commands that back up everything that cannot be made again, and bring it back."""

from typing import Annotated

import typer
from sqlmodel import Session, select

from monitor.alerts.tables import SubscriptionRow
from monitor.alerts.vault import KEY_FILE
from monitor.cli.context import Json, context_of, print_json
from monitor.cli.logs import Counting, Place, Until
from monitor.cli.reading import moment
from monitor.errors import SettingsError
from monitor.log.place import place_of
from monitor.service.backup import back_up
from monitor.service.restore import restore
from monitor.service.settings import Settings
from monitor.service.wiring import Parley, vault_of


def backup_command(
    context: typer.Context,
    place: Place,
    keep: Annotated[
        int | None,
        typer.Option(min=1, help="Keep so many backups of this log at that place, the new one among them."),
    ] = None,
    json: Json = False,
) -> None:
    """Back up everything that cannot be made again.

    The log, and the tables that it cannot give back: subscriptions, the queue, tokens, sources' states. It may run
    while Parley does. To the same place again it brings only the part of the log that is new. Not in it: the settings,
    the topic files and the key that opens subscribers' addresses; keep those elsewhere.
    """
    parley, where = context_of(context), place_of(place)
    with parley.log() as log, parley.service():
        done = back_up(
            parley.settings.store, log, where, parley.clock(), keep=keep, progress=Counting("events")
        )
    rows = {name: table.rows for name, table in done.manifest.tables.items()}
    if json:
        print_json(
            {
                "place": str(where),
                "name": done.name,
                "at": done.manifest.at.isoformat(),
                "events": done.manifest.events,
                "rows": rows,
                "removed": list(done.removed),
                "key": "not in the backup",
            }
        )
        return
    typer.echo(f"{done.manifest.events} events and {sum(rows.values())} rows are at {where}, as {done.name}")
    if done.removed:
        typer.echo(f"{len(done.removed)} older backups are gone")
    typer.echo(f"Not in it: {_key(parley.settings)}. Without it nobody can be written to after a restore.")


def restore_command(
    context: typer.Context,
    place: Place,
    backup: Annotated[
        str | None, typer.Option(help="Which backup, by its name. Default: the newest at that place.")
    ] = None,
    until: Until = None,
    json: Json = False,
) -> None:
    """Restore a backup into a new installation.

    It must be empty, and no role may run. The log gets a new epoch and the read model is made from it. Nothing of the
    past is told again: what was on its way is listed by `parley deliveries list --state abandoned`, for you to send or
    not. With --until the log ends at that moment; who is subscribed, and what was told, stays as it is in the backup.
    """
    where, end = place_of(place), moment(until, "--until")
    with context_of(context).parley() as (parley, _):
        done = restore(
            parley.service,
            parley.read_model,
            parley.log,
            parley.topics.values(),
            where,
            parley.clock(),
            name=backup,
            until=end,
            progress=Counting("events"),
        )
        trouble = _trouble_with_key(parley)
    if json:
        print_json(
            {
                "place": str(where),
                "backup": done.backup,
                "until": end.isoformat() if end else None,
                "topics": {topic: one.events for topic, one in done.topics.items()},
                "rows": done.rows,
                "for_review": done.abandoned,
                "key": trouble or "opens what is sealed",
            }
        )
        return
    events = sum(one.events for one in done.topics.values())
    typer.echo(f"{events} events and {sum(done.rows.values())} rows are back, from {done.backup}")
    if done.abandoned:
        typer.echo(
            f"{done.abandoned} deliveries were on their way: `parley deliveries list --state abandoned`"
        )
    if trouble:
        typer.echo(f"Before you start: {trouble}", err=True)


def _key(settings: Settings) -> str:
    own = settings.data / KEY_FILE
    return "the key that opens subscribers' addresses (" + (
        "the setting key)" if settings.key.get_secret_value() else f"{own})"
    )


def _trouble_with_key(parley: Parley) -> str:
    """What hinders opening what subscribers entrusted to Parley; empty: nothing."""
    with Session(parley.service) as session:
        sealed = session.exec(select(SubscriptionRow.target).where(SubscriptionRow.target != "")).first()
    if sealed is None:
        return ""
    if not parley.settings.key.get_secret_value() and not (parley.settings.data / KEY_FILE).exists():
        return f"put the key of the old installation in its place ({_key(parley.settings)})"
    try:
        vault_of(parley.settings).open(sealed)
    except SettingsError as error:
        return str(error)
    return ""


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command("backup")(backup_command)
    app.command("restore")(restore_command)

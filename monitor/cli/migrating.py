"""The command `migrate`: a PostgreSQL database made ready for the roles."""

import time
from typing import Annotated

import typer

from monitor.cli.context import context_of
from monitor.errors import StoreError
from monitor.readmodel.store import Store
from monitor.service.logins import let_own, let_read
from monitor.service.schema import HEAD, migrate

_AGAIN_S = 1.0


def migrate_command(
    context: typer.Context,
    wait: Annotated[
        float, typer.Option(min=0, help="Wait so many seconds for a database that does not answer yet.")
    ] = 0,
) -> None:
    """Make the tables of the service, or bring them up to this version.

    Run it before the first start on a PostgreSQL database, and after each upgrade; doing it again changes nothing. With
    the setting database_admin_url it makes the login of database_url and gives it the database, and with
    database_reader_url that login, which may only read. SQLite files need no such care.
    """
    settings = context_of(context).settings
    store = settings.store
    admin = Store(store.data, settings.database_admin_url.get_secret_value() or store.url)
    reader = settings.database_reader_url.get_secret_value()
    if store.url:
        _wait_for(admin, wait)
    if store.url and admin != store:
        let_own(admin, store.url)
    engine = store.service()
    try:
        changed = migrate(engine)
    finally:
        engine.dispose()
    if store.url and reader:
        let_read(admin, store, reader)
    now = "now has" if changed else "has"
    typer.echo(f"{store.name} {now} the tables of version {HEAD}")


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("migrate")(migrate_command)


def _wait_for(store: Store, seconds: float) -> None:
    """Wait until a database lets us in; raises StoreError when the time is over."""
    deadline, waiting = time.monotonic() + seconds, False
    while True:
        try:
            store.service().dispose()
            return
        except StoreError as error:
            if time.monotonic() >= deadline:
                raise
            if not waiting:
                typer.echo(f"waiting for {store.name}: {error}", err=True)
            waiting = True
        time.sleep(_AGAIN_S)

"""The commands `tokens list|add|rotate|remove`: who may use the HTTP interface, and for what. They need no Redis."""

from typing import Annotated

import typer

from monitor.api import tokens
from monitor.api.tokens import Scope
from monitor.cli import show
from monitor.cli.context import Json, context_of, print_json

tokens_app = typer.Typer(help="Who may use the HTTP interface: list, make, rotate and remove tokens.")

Name = Annotated[str, typer.Argument(help="The token's name, as `parley tokens list` shows it.")]


@tokens_app.callback(invoke_without_command=True)
def tokens_command(context: typer.Context, json: Json = False) -> None:
    """Who may use the HTTP interface: list, make, rotate and remove tokens. Alone, it lists them."""
    if context.invoked_subcommand is None:
        list_tokens(context, json)


@tokens_app.command("list")
def list_tokens(context: typer.Context, json: Json = False) -> None:
    """The tokens, each with what it is for and when its secret was made. The secrets are not kept."""
    with context_of(context).service() as service:
        known = tokens.known(service)
    if json:
        print_json([row.model_dump(mode="json", include={"name", "scope", "made_at"}) for row in known])
    else:
        rows = [(row.name, row.scope, f"{row.made_at:%Y-%m-%d %H:%M}") for row in known]
        show.table(("name", "scope", "made (UTC)"), rows)


@tokens_app.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A name for whoever gets it: a-z, 0-9, dot, dash, underscore.")],
    scope: Annotated[Scope, typer.Option(help="What it is for; each covers those before it.")] = Scope.READ,
    json: Json = False,
) -> None:
    """Make a token. Its secret is shown this once."""
    parley = context_of(context)
    with parley.service() as service:
        secret = tokens.add(service, name, scope, parley.clock())
    _tell(name, secret, json=json)


@tokens_app.command("rotate")
def rotate(context: typer.Context, name: Name, json: Json = False) -> None:
    """Give a token another secret, shown this once. The old one no longer lets anybody in."""
    parley = context_of(context)
    with parley.service() as service:
        secret = tokens.rotate(service, name, parley.clock())
    _tell(name, secret, json=json)


@tokens_app.command("remove")
def remove(context: typer.Context, name: Name) -> None:
    """Take a token away: from now on it lets nobody in."""
    with context_of(context).service() as service:
        tokens.remove(service, name)
    typer.echo(f"The token {name} is gone.")


def _tell(name: str, secret: str, *, json: bool) -> None:
    if json:
        print_json({"name": name, "token": secret})
    else:
        typer.echo(secret)
        typer.echo("Keep it: it is not shown again. Send it as `Authorization: Bearer TOKEN`.", err=True)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(tokens_app, name="tokens")

"""The `parley` command: one Typer application, its global options, and how errors look.

Every command raises `ParleyError` for what a user can mend; here it becomes one line on stderr and an exit code.
"""

import logging
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from monitor import __version__
from monitor.cli.commands import Commands
from monitor.cli.context import Context
from monitor.errors import ParleyError
from monitor.service import logs

GLOBAL = {"--config": "FILE", "--data": "FOLDER", "--verbose": "", "-v": "", "--version": ""}
"""The options that all commands share, with what each takes."""
READERS = {"status", "timeline", "alerts", "silences", "topics", "detect", "evaluate"}
"""Commands that only print; the others must not die of a closed pipe."""

app = typer.Typer(
    name="parley",
    cls=Commands,
    help="Watch political talks: where they stand, since when, how sure that is, and which sentences say so.",
    epilog="Start with `parley up`, then open the address it prints.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"parley {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def parley(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            help="The settings file. Default: PARLEY_CONFIG, else ./parley.toml where there is one."
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="The data folder. Default: PARLEY_DATA, else the platform's folder for user data."),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what goes on, to stderr.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Set what all commands share; alone, `parley` shows its help."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
    tells = verbose or context.invoked_subcommand in {"up", "run"}
    logs.configure(logging.INFO if tells else logging.WARNING)
    if context.invoked_subcommand in READERS:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `parley claims | head` ends like any other tool
    context.obj = Context(config, data)


def main() -> None:
    """Run the `parley` command and leave with its exit code."""
    try:
        code = app(prog_name="parley", standalone_mode=False)
    except ParleyError as error:
        typer.echo(f"parley: {error}", err=True)
        code = error.exit_code
    except typer.TyperException as error:  # wrong use: an unknown command or option, a missing argument
        typer.echo(f"parley: {_wrong_use(error)}", err=True)
        code = 2
    except typer.Abort:  # Ctrl-C
        code = 130
    sys.exit(code or 0)


def _wrong_use(error: typer.TyperException) -> str:
    context, option = getattr(error, "ctx", None), getattr(error, "option_name", "")
    path = context.command_path if context else "parley"
    if option in GLOBAL and context and context.parent:
        first = " ".join(filter(None, ("parley", option, GLOBAL[option])))
        return f"{option} is a global option, and those come first: `{first}{path.removeprefix('parley')}`"
    return f"{error} (see `{path} --help`)"

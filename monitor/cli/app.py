"""The `parley` command: one Typer application; each group of commands has a module of its own."""

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False)


def main() -> None:
    """Run the `parley` command."""
    app()

"""What the commands of `parley subscriptions` share: the table with those of the settings in it, and secret input."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from monitor.alerts.roster import Roster
from monitor.alerts.subscriptions import Subscriptions
from monitor.alerts.tables import SubscriptionRow
from monitor.alerts.vault import Vault
from monitor.cli.context import Context, login_name
from monitor.errors import BadInputError
from monitor.service.wiring import vault_of

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME", help="The subscription's name, or the beginning of its id, as the list shows it."
    ),
]
_LONGEST = 10_000


@contextmanager
def roster_of(context: Context) -> Iterator[tuple[Roster, Vault]]:
    """All subscriptions, those of the settings among them, and what opens their addresses. It needs no Redis."""
    settings = context.settings
    vault = vault_of(settings)
    with context.service() as engine:
        Subscriptions(engine, vault).enrol(settings.subscriptions, context.clock())
        yield Roster(engine, vault, context.clock, _operator()), vault


def has_any(context: Context) -> bool:
    """Whether there is anything to look at; to look must make no data folder."""
    with context.settings.store.reading(SubscriptionRow) as session:
        return bool(context.settings.subscriptions) or session is not None


def line_of_file(path: Path, what: str) -> str:
    """The one line that a file holds; `-`: stdin.

    Raises:
        BadInputError: it cannot be read, or holds more than a line.
    """
    try:
        with sys.stdin if str(path) == "-" else path.open(encoding="utf-8") as file:
            text = file.read(_LONGEST)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadInputError(f"cannot read {what} from {path}: {why}") from error
    lines = text.split()
    if len(lines) != 1:
        raise BadInputError(f"expected {what} and nothing else in {'stdin' if str(path) == '-' else path}")
    return lines[0]


def _operator() -> str:
    """Who is at work; of whom only a hash is kept."""
    return login_name() or str(os.getuid())

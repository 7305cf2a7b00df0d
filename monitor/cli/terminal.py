"""The terminal: where answers go, as plain text. What comes from articles is never taken for markup or control."""

import os
import sys
from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

PIPE_WIDTH = 160
"""Columns when nobody says how wide the screen is: a pipe or a file."""
_CONTROL = dict.fromkeys((*range(32), *range(127, 160))) | {ord("\n"): " ", ord("\t"): " "}


def console() -> Console:
    """Where answers go; made when needed, so that tests and pipes get the stdout of the moment."""
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH
    return Console(highlight=False, markup=False, emoji=False, width=width)


def plain(text: str) -> str:
    """Text from outside without control characters, which could drive the terminal."""
    return text.translate(_CONTROL)


def table(headers: Iterable[str], rows: Iterable[Iterable[str]], title: str = "") -> None:
    """A table of plain text."""
    drawn = Table(
        *headers, title=Text(title) if title else None, title_justify="left", box=None, pad_edge=False
    )
    for row in rows:
        drawn.add_row(*(Text(plain(cell)) for cell in row))
    console().print(drawn)


def line(out: Console, text: Text, indent: int = 0) -> None:
    """A line of styled text: on a terminal folded under its indent, in a pipe plain and whole, for grep."""
    if out.is_terminal:
        out.print(Padding(text, (0, 0, 0, indent), expand=False))
    else:
        out.print(Text(" " * indent + text.plain), soft_wrap=True)


def when(value: Mapping[str, str | None]) -> str:
    """A claim's interval in few letters: 2025-05-29, ..2025-05-23, 2025-03-15..2025-03-21, ?"""
    earliest, latest = value.get("start_earliest"), value.get("start_latest")
    if earliest == latest:
        return earliest or "?"
    return f"{earliest or ''}..{latest or ''}"

"""The terminal: where answers go, as plain text. What comes from articles is never taken for markup or control."""

import os
import re
import sys
from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

PIPE_WIDTH = 160
"""Columns when nobody says how wide the screen is: a pipe or a file."""
_A_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_DAY = len("2025-05-29")
_GAP = 2
_CONTROL = dict.fromkeys((*range(32), *range(127, 160))) | {ord("\n"): " ", ord("\t"): " "}


def console() -> Console:
    """Where answers go; made when needed, so that tests and pipes get the stdout of the moment."""
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH
    return Console(highlight=False, markup=False, emoji=False, width=width)


def plain(text: str) -> str:
    """Text from outside without control characters, which could drive the terminal."""
    return text.translate(_CONTROL)


def table(headers: Iterable[str], rows: Iterable[Iterable[str]], title: str = "") -> None:
    """A table of plain text; on a narrow screen words are folded, but days stay whole."""
    out, names = console(), list(headers)
    cells = [[plain(cell) for cell in row] for row in rows]
    columns = [[name, *(row[place] for row in cells)] for place, name in enumerate(names)]
    is_tight = (
        _GAP * (len(names) - 1) + sum(min(_DAY, max(map(len, column))) for column in columns) > out.width
    )
    drawn = Table(title=Text(title) if title else None, title_justify="left", box=None, pad_edge=False)
    for name, *column in columns:
        # Left to itself, a table that is too wide takes from the widest column until all are equally narrow.
        width = _DAY if is_tight and any(map(_A_DAY.search, column)) else None
        drawn.add_column(name, overflow="fold", width=width)
    for row in cells:
        drawn.add_row(*map(Text, row))
    out.print(drawn)


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

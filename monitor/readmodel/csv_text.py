"""CSV for spreadsheets, as RFC 4180 has it. Pure."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_parts(columns: Sequence[str], batches: Iterable[Iterable[Iterable[object]]]) -> Iterator[str]:
    """The rows below a line of names, a part for each batch of them.

    No spreadsheet takes a cell for a formula, whatever an article says.
    """
    names: list[Iterable[object]] = [columns]
    for rows in batches:
        yield _written([*names, *rows])
        names = []


def csv_text(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """The same of all rows at once."""
    return "".join(csv_parts(columns, [rows]))


def _written(rows: Iterable[Iterable[object]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(map(_plain, row) for row in rows)
    return written.getvalue()


def _plain(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text

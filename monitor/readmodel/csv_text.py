"""CSV for spreadsheets, as RFC 4180 has it. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """The rows below a line of names; no spreadsheet takes a cell for a formula, whatever an article says."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(columns)
    table.writerows(map(_plain, row) for row in rows)
    return written.getvalue()


def _plain(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text

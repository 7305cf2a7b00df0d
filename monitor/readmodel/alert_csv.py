"""Alerts as a table for spreadsheets: CSV as RFC 4180 has it, moments in ISO form and UTC. Pure."""

import csv
import io
from collections.abc import Iterable

from monitor.readmodel.forms import AlertEntry

_COLUMNS = (
    *("alert", "topic", "channel", "from", "to", "name", "effective_at", "start_earliest", "start_latest"),
    *("raised_at", "certainty", "confidence", "contested", "state", "reason", "severity", "text"),
)
_EVIDENCE = ("outlets", "quotes", "urls")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def alerts_csv(alerts: Iterable[AlertEntry]) -> str:
    """The alerts in their order, with a line of names first; several outlets, quotes and addresses share a cell."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(_COLUMNS + _EVIDENCE)
    for alert in alerts:
        fields = alert.to_json()
        evidence = ("\n".join(filter(None, values)) for values in _evidence(alert))
        table.writerow([_plain(value) for value in (*(fields[name] for name in _COLUMNS), *evidence)])
    return written.getvalue()


def _evidence(alert: AlertEntry) -> Iterable[Iterable[str | None]]:
    quotes = alert.articles
    return (
        [quote.outlet for quote in quotes],
        [quote.quote for quote in quotes],
        [quote.url for quote in quotes],
    )


def _plain(value: object) -> str:
    """A cell that no spreadsheet takes for a formula, whatever an article says."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text

"""Alerts as a table for spreadsheets: moments in ISO form and UTC. Pure."""

from collections.abc import Iterable, Iterator

from monitor.readmodel.csv_text import csv_parts
from monitor.readmodel.forms import AlertEntry

_COLUMNS = (
    *("alert", "topic", "channel", "from", "to", "name", "effective_at", "start_earliest", "start_latest"),
    *("raised_at", "certainty", "confidence", "contested", "state", "reason", "severity", "text"),
)
_EVIDENCE = ("outlets", "quotes", "urls")


def alerts_csv(batches: Iterable[Iterable[AlertEntry]]) -> Iterator[str]:
    """The alerts in their order, with a line of names first, a part of the text for each batch of them.

    Several outlets, quotes and addresses share a cell.
    """
    return csv_parts(_COLUMNS + _EVIDENCE, (map(_row, alerts) for alerts in batches))


def _row(alert: AlertEntry) -> Iterable[object]:
    fields = alert.to_json()
    evidence = ("\n".join(filter(None, values)) for values in _evidence(alert))
    return (*(fields[name] for name in _COLUMNS), *evidence)


def _evidence(alert: AlertEntry) -> Iterable[Iterable[str | None]]:
    quotes = alert.articles
    return (
        [quote.outlet for quote in quotes],
        [quote.quote for quote in quotes],
        [quote.url for quote in quotes],
    )

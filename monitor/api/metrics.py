"""`/metrics` for Prometheus: what this process counted (`monitor.metrics`), and what the databases hold when asked.

Labels have few values by their nature (states, channels, roles); what there may be many of (topics, sources) has none.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from monitor.api.context import Context
from monitor.metrics import COUNTED
from monitor.readmodel import counts
from monitor.readmodel.backups import last_backup

_SOURCE_STATES = ("new", "well", "silent", "failing", "gone", "paused")
_STALE = ("silent", "failing", "gone")
_ALERT_STATES = ("raised", "updated", "cancelled", "suppressed")
_ROWS = {
    "topics": "Topics that the log defines.",
    "articles": "Articles taken in.",
    "claims": "Claims recorded, superseded ones too.",
    "shifts": "Shifts announced, withdrawn ones too.",
    "dead_letters": "Entries of the log that could not be projected.",
}


def router(registry: CollectorRegistry) -> APIRouter:
    """`/metrics`: what the process counts of its own work, and what else `registry` holds."""
    routes = APIRouter(tags=["service"])

    @routes.get("/metrics", responses={200: {"content": {"text/plain": {}}}}, response_class=Response)
    def metrics() -> Response:
        """How the service fares, in Prometheus' text format."""
        told = generate_latest(COUNTED) + generate_latest(registry)
        return Response(told, media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return routes


class Ready(Collector):
    """Whether the process is ready, when it is asked."""

    def __init__(self, troubles: Callable[[], dict[str, str]]) -> None:
        self._troubles = troubles

    def describe(self) -> Iterator[Metric]:
        """Nothing: so that registering reads nothing."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """One number."""
        words = "1 when no role of this process is hindered."
        yield _gauge("parley_ready", words, float(not self._troubles()))


class Kept(Collector):
    """What the read model and the service's database hold; read when it is collected."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def describe(self) -> Iterator[Metric]:
        """Nothing: so that registering reads nothing."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Everything that can be told now."""
        model, now = self._context.read, self._context.clock()
        yield from _of_read_model(counts.held(model))
        yield from _of_deliveries(counts.delivered(model), now)
        if backup := last_backup(model.data_dir):
            words = "When the last backup was made."
            yield _gauge("parley_last_backup_timestamp_seconds", words, backup.at.timestamp())
        found = counts.source_states(model, now)
        words = "Sources that fail, are gone, or are silent for longer than their rhythm explains."
        yield _gauge("parley_feed_stale", words, float(sum(found[state] for state in _STALE)))
        yield _labelled(
            "parley_sources",
            "Sources by how they fare.",
            ["state"],
            [((state,), found[state]) for state in _SOURCE_STATES],
        )
        yield _labelled(
            "parley_role_last_success_timestamp_seconds",
            "When a role last did its work.",
            ["role"],
            [((role,), moment.timestamp()) for role, moment in counts.last_successes(model).items()],
        )


def _of_read_model(held: counts.Held) -> Iterator[Metric]:
    for name, words in _ROWS.items():
        yield _gauge(f"parley_{name}", words, held.rows[name])
    by_state = [((state,), held.alerts.get(state, 0)) for state in _ALERT_STATES]
    yield _labelled("parley_alerts", "Alerts by how they stand.", ["state"], by_state)
    if held.last_event_at is not None:
        words = "When the newest event that has been projected was recorded."
        yield _gauge("parley_last_event_timestamp_seconds", words, held.last_event_at.timestamp())


def _of_deliveries(delivered: counts.Delivered, now: datetime) -> Iterator[Metric]:
    words = "Deliveries by channel and state; `abandoned` ones need a person."
    yield _labelled("parley_delivery_queue", words, ["channel", "state"], delivered.counts.items())
    oldest = delivered.oldest_open_at
    age = (now - oldest).total_seconds() if oldest else 0.0
    yield _gauge("parley_delivery_age_seconds", "Age of the oldest delivery that is still to arrive.", age)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def _labelled(
    name: str, words: str, labels: list[str], values: Iterable[tuple[Sequence[str], float]]
) -> Metric:
    family = GaugeMetricFamily(name, words, labels=labels)
    for of, value in values:
        family.add_metric(list(of), value)
    return family

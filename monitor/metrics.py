"""Every number that a process counts of its own work, by name. Whoever does the work counts; `/metrics` tells.

What lies in the databases, and is the same whoever tells it, is read when it is asked for: see `monitor.api.metrics`.
Labels have few values by their nature; topics, sources and subscriptions have none.
"""

from datetime import datetime

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

disable_created_metrics()  # type: ignore[no-untyped-call]  # a series for each, of which nobody asks anything
COUNTED = CollectorRegistry()
ProcessCollector(registry=COUNTED)

FEED_POLLS = Counter(
    "parley_feed_polls",
    "Polls of sources: changed, unchanged, failed, or not_stored (what they brought could not be kept).",
    ["outcome"],
    registry=COUNTED,
)
FEED_FETCH_SECONDS = Histogram(
    "parley_feed_fetch_seconds",
    "How long it took to fetch a source's feed, failures too.",
    buckets=(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0),
    registry=COUNTED,
)
ARTICLES_INGESTED = Counter("parley_articles_ingested", "Articles that went into a log.", registry=COUNTED)
DUPLICATES = Counter(
    "parley_duplicates",
    "What was there before: the same article again (known), or another outlet's copy of a story (copy).",
    ["kind"],
    registry=COUNTED,
)
APPEND_CONFLICTS = Counter(
    "parley_append_conflicts",
    "Appends that were refused, since another had decided meanwhile.",
    registry=COUNTED,
)
STATUS_CHANGES = Counter("parley_status_changes", "Shifts of a status that were decided.", registry=COUNTED)
DELIVERIES = Counter(
    "parley_deliveries",
    "Attempts to deliver: succeeded, failed (tried again), abandoned, limited (not tried yet).",
    ["channel", "outcome"],
    registry=COUNTED,
)
CONSUMER_LAG_EVENTS = Gauge(
    "parley_consumer_lag_events",
    "Entries of the logs that a consumer has still to take in, of all topics; counted up to a bound.",
    ["consumer"],
    registry=COUNTED,
)
CONSUMER_LAST_SUCCESS = Gauge(
    "parley_consumer_last_success_timestamp_seconds",
    "When a consumer last had taken in all there was; of one with several readers, that which lags most.",
    ["consumer"],
    registry=COUNTED,
)

CONSUMERS = {"read_model": "watch", "reaction": "watch", "queue": "notify"}
"""What follows the logs, and the role that does it."""
_succeeded: dict[str, float] = {}

for _outcome in ("changed", "unchanged", "failed", "not_stored"):
    FEED_POLLS.labels(_outcome)  # told as 0 until something is counted
for _kind in ("known", "copy"):
    DUPLICATES.labels(_kind)


def succeeded(reader: str, at: datetime) -> None:
    """Note that a role's reader (`notify`, `watch pti`) had done its work at this moment (UTC-aware)."""
    _succeeded[reader] = at.timestamp()
    role = reader.partition(" ")[0]
    oldest = min(moment for name, moment in list(_succeeded.items()) if name.partition(" ")[0] == role)
    for consumer, by in CONSUMERS.items():
        if by == role:
            CONSUMER_LAST_SUCCESS.labels(consumer).set(oldest)

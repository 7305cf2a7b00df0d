"""What there is, in numbers, over all topics: for operators' graphs. No topic, source or subscription has its own."""

from collections import Counter
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlmodel import SQLModel, col

from monitor.alerts.tables import DeliveryRow, SubscriptionRow
from monitor.readmodel.model import ReadModel
from monitor.readmodel.roles import health_rows
from monitor.readmodel.sources import read_service, sources
from monitor.readmodel.tables import (
    AlertRow,
    ArticleRow,
    CheckpointRow,
    ClaimRow,
    DeadLetterRow,
    ShiftRow,
    TopicRow,
)
from monitor.sources.state import moment_of

_COUNTED: dict[str, type[SQLModel]] = {
    "topics": TopicRow,
    "articles": ArticleRow,
    "claims": ClaimRow,
    "shifts": ShiftRow,
    "dead_letters": DeadLetterRow,
}


class Held(NamedTuple):
    """What the read model holds."""

    rows: dict[str, int]
    """`topics`, `articles`, `claims` (all records), `shifts`, `dead_letters`."""
    alerts: dict[str, int]
    """By state."""
    last_event_at: datetime | None
    """When the newest event that has been projected was recorded."""


class Delivered(NamedTuple):
    """How the deliveries stand."""

    counts: dict[tuple[str, str], int]
    """By channel (`email`, `webhook`, ...) and state; a digest counts once, whatever it tells."""
    oldest_open_at: datetime | None
    """When the oldest that is still to arrive was made."""


def held(model: ReadModel) -> Held:
    """What the read model holds; nothing where there is none yet.

    Raises:
        StoreError: it cannot be read.
    """
    if not model.exists():
        return Held(dict.fromkeys(_COUNTED, 0), {}, None)
    with model.read() as session:
        rows = {
            name: session.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in _COUNTED.items()
        }
        states = select(col(AlertRow.state), func.count().label("count")).group_by(col(AlertRow.state))
        alerts = {row["state"]: row["count"] for row in session.execute(states).mappings()}
        newest = session.execute(select(func.max(col(CheckpointRow.recorded_at)))).scalar_one()
    return Held(rows, alerts, newest)


def delivered(model: ReadModel) -> Delivered:
    """How the deliveries stand.

    Raises:
        StoreError: the service's database cannot be read.
    """
    channel, state = col(SubscriptionRow.kind), col(DeliveryRow.state)
    of_channel = col(DeliveryRow.subscription) == col(SubscriptionRow.id)
    query: Select[str, str, int] = (
        select(channel.label("channel"), state.label("state"), func.count().label("count"))
        .select_from(DeliveryRow)
        .join(SubscriptionRow, of_channel)
        .where(col(DeliveryRow.part_of).is_(None))
        .group_by(channel, state)
    )
    oldest = select(func.min(col(DeliveryRow.created_at)).label("at")).where(
        col(DeliveryRow.settled_at).is_(None)
    )
    counts = {(row["channel"], row["state"]): row["count"] for row in read_service(model, DeliveryRow, query)}
    return Delivered(counts, next((row["at"] for row in read_service(model, DeliveryRow, oldest)), None))


def last_successes(model: ReadModel) -> dict[str, datetime]:
    """Role -> when it last did its work, of those that run and ever did; raises as `delivered` does.

    Of a role with several readers (`watch`, one for each bucket of topics) it is the one that lags most; of several
    processes that do the same, the one that did it last.
    """
    of_reader: dict[str, datetime] = {}
    for row in health_rows(model.store):
        if moment := moment_of(row.ok_at):
            of_reader[row.role] = max(moment, of_reader.get(row.role, moment))
    found: dict[str, datetime] = {}
    for reader, moment in of_reader.items():
        role = reader.partition(" ")[0]
        found[role] = min(moment, found.get(role, moment))
    return found


def source_states(model: ReadModel, now: datetime) -> Counter[str]:
    """How many sources are `well`, `failing`, `silent`, ... at `now` (UTC-aware); raises as `delivered` does."""
    return Counter(source.state for source in sources(model, now))

"""What became of alerts on their way to subscribers, in numbers: by the kind of channel, and of whom nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, func, select

from monitor.alerts.delivery import State
from monitor.alerts.tables import DeliveryRow, SubscriptionRow
from monitor.readmodel.dialects import listed
from monitor.readmodel.store import Store

_BECAME = {
    State.SUCCEEDED: "sent",
    State.ABANDONED: "failed",
    State.DROPPED: "dropped",
}


@dataclass(frozen=True, slots=True)
class Delivered:
    """So many messages about an alert, updates among them, fared so by one kind of channel."""

    channel: str
    """`email`, `webhook`, ..."""
    outcome: str
    """`sent`, `failed` (given up), `dropped` (not to be sent, by the subscriber's wishes), or `waiting`."""
    count: int


def delivered(store: Store, alerts: Sequence[str]) -> dict[str, list[Delivered]]:
    """Alert -> what became of its messages; an alert that nobody was to be told of is not there.

    Raises:
        StoreError: the service's database cannot be read.
    """
    query = (
        select(DeliveryRow.alert, SubscriptionRow.kind, DeliveryRow.state, func.count())
        .join(SubscriptionRow, col(SubscriptionRow.id) == DeliveryRow.subscription)
        .where(col(DeliveryRow.alert).in_(listed(alerts)))
        .group_by(DeliveryRow.alert, SubscriptionRow.kind, DeliveryRow.state)
    )
    with store.reading(DeliveryRow) as session:
        rows = [] if session is None else session.exec(query).all()
    found: dict[str, dict[tuple[str, str], int]] = {}
    for alert, channel, state, count in rows:
        numbers = found.setdefault(alert, {})
        key = channel, _BECAME.get(State(state), "waiting")
        numbers[key] = numbers.get(key, 0) + count
    return {
        alert: [Delivered(channel, outcome, count) for (channel, outcome), count in sorted(numbers.items())]
        for alert, numbers in found.items()
    }

"""Subscriptions: who wants which alerts, how. For now they are configured by the operator and synced into SQL.

What is synced keeps its identity and its past: a subscription that goes from the configuration is paused, not removed.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import select

from monitor.alerts.config import SubscriptionConfig
from monitor.alerts.tables import SubscriptionRow, transaction
from monitor.errors import SettingsError
from monitor.ids import fact_id

REMOVED = "removed from the configuration"
GONE = "the receiver answered that it is gone (410)"


def subscription_id(name: str) -> str:
    """The opaque id of the subscription that parley.toml calls `name`."""
    return fact_id("subscription", name)


def sync_subscriptions(engine: Engine, configs: Iterable[SubscriptionConfig], now: datetime) -> None:
    """Make the table of subscriptions say what the configuration says, in one transaction; `now` is UTC-aware.

    Raises:
        SettingsError: two subscriptions have one id, or a secret's file is unreadable.
    """
    wanted: dict[str, SubscriptionConfig] = {}
    for config in configs:
        if wanted.setdefault(config.id, config) is not config:
            raise SettingsError(f"two subscriptions have the id {config.id!r}; give each its own")
    secrets = {name: config.read_secret() for name, config in wanted.items()}
    with transaction(engine) as session:
        known = {row.name: row for row in session.exec(select(SubscriptionRow))}
        for name, config in wanted.items():
            session.merge(_row(config, secrets[name], known.get(name), now))
        for name in known.keys() - wanted.keys():
            gone = known[name]
            gone.target, gone.secret, gone.paused_because = "", None, REMOVED


def _row(
    config: SubscriptionConfig, secret: str | None, known: SubscriptionRow | None, now: datetime
) -> SubscriptionRow:
    return SubscriptionRow(
        id=subscription_id(config.id),
        name=config.id,
        kind=config.kind,
        target=config.target,
        secret=secret,
        topics=list(config.topics),
        min_severity=config.min_severity,
        allow_private=config.allow_private,
        created_at=known.created_at if known else now,
        paused_because=_still_paused(known, config),
    )


def _still_paused(known: SubscriptionRow | None, config: SubscriptionConfig) -> str | None:
    """A receiver that said it is gone stays paused until the configuration names another place."""
    if known is None or known.paused_because == REMOVED or known.target != config.target:
        return None
    return known.paused_because

"""Subscriptions: who wants which alerts, how. Those of the settings are synced into SQL.

What is synced keeps its identity and its past: of a subscription that goes from the settings the address is erased.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import select

from monitor.alerts.config import SubscriptionConfig
from monitor.alerts.delivery import Recipient
from monitor.alerts.links import UNSUBSCRIBE, link
from monitor.alerts.tables import SubscriptionRow, transaction
from monitor.alerts.vault import Vault
from monitor.errors import SettingsError
from monitor.ids import fact_id

SETTINGS = "settings"
"""The origin of those that parley.toml names."""
REMOVED = "removed from the configuration"
GONE = "the receiver answered that it is gone (410)"


def subscription_id(name: str) -> str:
    """The opaque id of the subscription that parley.toml calls `name`."""
    return fact_id("subscription", name)


class Subscriptions:
    """The table of subscriptions, with the vault that its addresses and secrets lie in."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault

    def sync(self, configs: Iterable[SubscriptionConfig], now: datetime) -> None:
        """Make the table say what the settings say, in one transaction; `now` is UTC-aware.

        Raises:
            SettingsError: two subscriptions have one id, or a secret's file is unreadable.
        """
        wanted: dict[str, SubscriptionConfig] = {}
        for config in configs:
            if wanted.setdefault(config.id, config) is not config:
                raise SettingsError(f"two subscriptions have the id {config.id!r}; give each its own")
        secrets = {name: config.read_secret() for name, config in wanted.items()}
        with transaction(self._engine) as session:
            ours = select(SubscriptionRow).where(SubscriptionRow.origin == SETTINGS)
            known = {row.name: row for row in session.exec(ours)}
            for name, config in wanted.items():
                session.merge(self._row(config, secrets[name], known.get(name), now))
            for name in known.keys() - wanted.keys():
                erase(known[name], REMOVED)

    def _row(
        self, config: SubscriptionConfig, secret: str | None, known: SubscriptionRow | None, now: datetime
    ) -> SubscriptionRow:
        mark = self._vault.mark(config.target)
        paused = _still_paused(known, mark)
        anew = known is None or (known.paused_because is not None and paused is None)
        return SubscriptionRow(
            id=subscription_id(config.id),
            name=config.id,
            origin=SETTINGS,
            kind=config.kind,
            target=self._vault.seal(config.target),
            target_mark=mark,
            secret=secret and self._vault.seal(secret),
            wishes=config.wishes.model_dump(mode="json"),
            allow_private=config.allow_private,
            created_at=known.created_at if known else now,
            served_from=now if known is None or anew else known.served_from,
            paused_because=paused,
        )


def erase(row: SubscriptionRow, why: str) -> None:
    """Take what is personal out of a subscription; its deliveries' history stays."""
    row.target, row.target_mark, row.secret, row.old_secret = "", "", None, None
    row.paused_because = why


def opened(recipient: Recipient, vault: Vault, api_url: str) -> Recipient:
    """The recipient with its address and secrets in the clear, and the link by which it ends what it gets.

    Raises:
        SettingsError: they were sealed with another key.
    """
    return replace(
        recipient,
        target=vault.open(recipient.target),
        secrets=tuple(vault.open(secret) for secret in recipient.secrets),
        unsubscribe=link(vault, api_url, UNSUBSCRIBE, recipient.subscription),
    )


def _still_paused(known: SubscriptionRow | None, mark: str) -> str | None:
    """A receiver that said it is gone stays paused until the configuration names another place."""
    if known is None or known.paused_because == REMOVED or known.target_mark != mark:
        return None
    return known.paused_because

"""Subscriptions: who wants which alerts, how. Those of the settings are synced into SQL.

What is synced keeps its identity and its past: of a subscription that goes from the settings the address is erased.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, select, update

from monitor.alerts.audit import note
from monitor.alerts.config import SubscriptionConfig
from monitor.alerts.delivery import COMING, Recipient, State
from monitor.alerts.links import UNSUBSCRIBE, link
from monitor.alerts.tables import DeliveryRow, SubscriptionRow, transaction
from monitor.alerts.vault import Vault
from monitor.errors import SettingsError
from monitor.ids import fact_id

SETTINGS, OPERATOR, PERSON = "settings", "operator", "person"
"""Origins: parley.toml names it, `parley subscriptions add` made it, a person asked for it through the API."""

REMOVED = "removed from the configuration"
TAKEN_AWAY = "removed by the operator"
UNSUBSCRIBED = "its owner ended it"
REFUSED = "the address's owner does not want it"
EXPIRED = "its address was never confirmed"
ENDED = frozenset({REMOVED, TAKEN_AWAY, UNSUBSCRIBED, REFUSED, EXPIRED})
"""The address is erased."""
FOR_GOOD = ENDED - {REMOVED}
"""It never comes back; what the settings no longer name may."""

UNCONFIRMED = "its address is not confirmed yet"
PAUSED = "paused by the operator"
GONE = "the receiver answered that it is gone (410)"

OLD_SECRET_FOR = timedelta(hours=24)
"""So long the secret before signs beside the new one."""


def subscription_id(name: str) -> str:
    """The opaque id of the subscription that parley.toml calls `name`."""
    return fact_id("subscription", name)


class Subscriptions:
    """The subscriptions of the settings, with the vault that their addresses and secrets lie in."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault

    def sync(self, configs: Iterable[SubscriptionConfig], now: datetime) -> None:
        """Make the table say what the settings say, in one transaction; `now` is UTC-aware.

        Raises:
            SettingsError: two subscriptions have one id, or a secret's file is unreadable.
        """
        self._sync(configs, now, all_there_are=True)

    def enrol(self, configs: Iterable[SubscriptionConfig], now: datetime) -> None:
        """Like `sync`, but nothing ends: for a command, which may have been given other settings than the service."""
        self._sync(configs, now, all_there_are=False)

    def _sync(self, configs: Iterable[SubscriptionConfig], now: datetime, *, all_there_are: bool) -> None:
        wanted: dict[str, SubscriptionConfig] = {}
        for config in configs:
            if wanted.setdefault(config.id, config) is not config:
                raise SettingsError(f"two subscriptions have the id {config.id!r}; give each its own")
        secrets = {name: config.read_secret() for name, config in wanted.items()}
        with transaction(self._engine) as session:
            ours = select(SubscriptionRow).where(SubscriptionRow.origin == SETTINGS)
            known = {row.name: row for row in session.exec(ours)}
            for name, config in wanted.items():
                self._serve(session, config, secrets[name], known.get(name), now)
            for name in known.keys() - wanted.keys() if all_there_are else ():
                if known[name].paused_because not in ENDED:
                    end(session, known[name], REMOVED, SETTINGS, now)

    def _serve(
        self,
        session: Session,
        config: SubscriptionConfig,
        secret: str | None,
        known: SubscriptionRow | None,
        now: datetime,
    ) -> None:
        row = self._row(config, known, now)
        row.secret = secret and self._vault.seal(secret)
        changed = [] if known is None else _differences(known, row)
        before = self._secret_of(known) if known else None
        if known and before == secret:
            row.old_secret, row.old_secret_until = known.old_secret, known.old_secret_until
        elif before:
            row.old_secret, row.old_secret_until = self._vault.seal(before), now + OLD_SECRET_FOR
            changed.append("secret")
        is_new = known is None or known.paused_because == REMOVED
        session.merge(row)
        session.flush()
        if is_new or changed:
            note(session, row.id, "added" if is_new else "changed", SETTINGS, now, [] if is_new else changed)

    def _row(
        self, config: SubscriptionConfig, known: SubscriptionRow | None, now: datetime
    ) -> SubscriptionRow:
        mark = self._vault.mark(config.target)
        paused = _still_paused(known, mark)
        anew = known is None or (known.paused_because is not None and paused is None)
        return SubscriptionRow(
            id=subscription_id(config.id),
            name=config.id,
            origin=SETTINGS,
            kind=config.kind,
            target="" if paused in ENDED else self._vault.seal(config.target),
            target_mark=mark,
            wishes=config.wishes.model_dump(mode="json"),
            allow_private=config.allow_private,
            created_at=known.created_at if known else now,
            served_from=now if known is None or anew else known.served_from,
            paused_because=paused,
        )

    def _secret_of(self, row: SubscriptionRow) -> str | None:
        """The secret until now; None where there is none, or it was sealed with a key that is no longer there."""
        try:
            return row.secret and self._vault.open(row.secret)
        except SettingsError:
            return None


def end(session: Session, row: SubscriptionRow, why: str, by: str, now: datetime) -> None:
    """End a subscription: what is personal is erased, and what waits for it is not sent.

    The history of its deliveries stays, and so do, while the settings may name it again, those that wait. Of one that
    the settings name, or that its address's owner refused, the mark of the address stays, or it would be served, or
    asked, again.
    """
    row.target, row.secret, row.old_secret, row.old_secret_until = "", None, None, None
    if why != REFUSED and not (why == UNSUBSCRIBED and row.origin == SETTINGS):
        row.target_mark = ""
    row.paused_because = why
    session.add(row)
    if why in FOR_GOOD:
        session.exec(
            update(DeliveryRow)
            .where(col(DeliveryRow.subscription) == row.id, col(DeliveryRow.state).in_(COMING))
            .values(state=State.ABANDONED, last_error="the subscription has ended", settled_at=now)
        )
    note(session, row.id, "ended", by, now)


def recipient_of(row: SubscriptionRow, now: datetime) -> Recipient:
    """Where a subscription is delivered to, sealed as it is stored; `now` decides which secrets sign."""
    old = row.old_secret if row.old_secret_until and now < row.old_secret_until else None
    return Recipient(
        subscription=row.id,
        kind=row.kind,
        target=row.target,
        secrets=tuple(secret for secret in (row.secret, old) if secret),
        allow_private=row.allow_private,
    )


def opened(recipient: Recipient, vault: Vault, api_url: str) -> Recipient:
    """The recipient with its address and secrets in the clear, and in mails the link by which it ends what it gets.

    Raises:
        SettingsError: they were sealed with another key.
    """
    return replace(
        recipient,
        target=vault.open(recipient.target),
        secrets=tuple(vault.open(secret) for secret in recipient.secrets),
        unsubscribe=link(vault, api_url, UNSUBSCRIBE, recipient.subscription)
        if recipient.kind == "email"
        else "",
    )


def _still_paused(known: SubscriptionRow | None, mark: str) -> str | None:
    """Why it stays paused: until the configuration names another place, whatever paused it holds."""
    if known is None or known.paused_because == REMOVED or known.target_mark != mark:
        return None
    return known.paused_because


def _differences(known: SubscriptionRow, row: SubscriptionRow) -> list[str]:
    """Names of what the settings say otherwise than before."""
    changed = [name for name, value in row.wishes.items() if known.wishes.get(name, value) != value]
    changed += [name for name in ("kind", "allow_private") if getattr(known, name) != getattr(row, name)]
    return changed + (["target"] if known.target_mark != row.target_mark else [])

"""All subscriptions as the operator handles them: found by name or id, added, paused, resumed, removed, re-keyed."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from monitor.alerts.audit import history, note
from monitor.alerts.config import SubscriptionConfig, masked
from monitor.alerts.subscriptions import (
    ENDED,
    OLD_SECRET_FOR,
    OPERATOR,
    PAUSED,
    TAKEN_AWAY,
    UNCONFIRMED,
    end,
)
from monitor.alerts.tables import AuditRow, SubscriptionRow, transaction
from monitor.alerts.vault import Vault
from monitor.errors import BadInputError, NotFoundError
from monitor.ids import fact_id, operator_id

LEAST_OF_ID = 6
"""So many digits of an id may stand for it."""


def chosen(everything: Sequence[SubscriptionRow], wanted: str) -> SubscriptionRow:
    """The subscription of this name, or whose id begins so; raises as `Roster.find` does."""
    found = [
        row
        for row in everything
        if row.name == wanted or (len(wanted) >= LEAST_OF_ID and row.id.startswith(wanted))
    ]
    found = [row for row in found if row.paused_because not in ENDED] or found[-1:]
    if not found:
        names = sorted({row.name or row.id[:8] for row in everything if row.paused_because not in ENDED})
        raise NotFoundError(
            f"there is no subscription {wanted!r}; known are {', '.join(names) or 'none yet'}"
        )
    if len(found) > 1:
        ids = ", ".join(row.id[:8] for row in found)
        raise BadInputError(f"{wanted!r} may be each of {ids}; say which by its id")
    return found[0]


class Roster:
    """The table of subscriptions in the hands of one operator.

    Args:
        engine: the service's database.
        vault: where addresses and secrets are sealed.
        clock: the time, UTC-aware.
        operator: who is at work; only a hash of it is kept.
    """

    def __init__(self, engine: Engine, vault: Vault, clock: Callable[[], datetime], operator: str) -> None:
        self._engine = engine
        self._vault = vault
        self._clock = clock
        self._by = f"{OPERATOR}:{operator_id(operator)}"

    def rows(self, *, ended: bool = False) -> list[SubscriptionRow]:
        """Every subscription in the order of their making; with `ended`, those that are over too."""
        with Session(self._engine) as session:
            found = session.exec(
                select(SubscriptionRow).order_by(col(SubscriptionRow.created_at), col(SubscriptionRow.name))
            )
            return [row for row in found if ended or row.paused_because not in ENDED]

    def find(self, wanted: str) -> SubscriptionRow:
        """The subscription of this name, or whose id begins so; one that is served before one that has ended.

        Raises:
            BadInputError: there is none, or more than one.
        """
        return chosen(self.rows(ended=True), wanted)

    def place(self, row: SubscriptionRow) -> str:
        """Where it is delivered to, as it may be shown; empty when it has ended.

        Raises:
            SettingsError: it was sealed with another key.
        """
        return masked(row.kind, self._vault.open(row.target)) if row.target else ""

    def history(self, row: SubscriptionRow) -> list[AuditRow]:
        """Every change of it, oldest first."""
        with Session(self._engine) as session:
            return history(session, row.id)

    def add(self, config: SubscriptionConfig) -> SubscriptionRow:
        """Add a subscription, which is served from now on.

        Raises:
            BadInputError: another has this name.
        """
        now = self._clock()
        secret = config.read_secret()
        with transaction(self._engine) as session:
            others = session.exec(select(SubscriptionRow).where(SubscriptionRow.name == config.id))
            if [other for other in others if other.paused_because not in ENDED]:
                raise BadInputError(f"there is a subscription {config.id!r} already; choose another name")
            count = len(session.exec(select(SubscriptionRow.id)).all())
            row = SubscriptionRow(
                id=fact_id("subscription", OPERATOR, config.id, now.isoformat(), count),
                name=config.id,
                origin=OPERATOR,
                kind=config.kind,
                target=self._vault.seal(config.target),
                target_mark=self._vault.mark(config.target),
                secret=secret and self._vault.seal(secret),
                wishes=config.wishes.model_dump(mode="json"),
                allow_private=config.allow_private,
                created_at=now,
                served_from=now,
            )
            session.add(row)
            session.flush()
            note(session, row.id, "added", self._by, now)
        return row

    def remove(self, wanted: SubscriptionRow) -> None:
        """End it for good: its address and its secret are erased."""
        with self._changing(wanted) as (session, row, now):
            end(session, row, TAKEN_AWAY, self._by, now)

    def pause(self, wanted: SubscriptionRow) -> None:
        """Send it nothing, until it is resumed.

        Raises:
            BadInputError: nothing is sent to it anyway.
        """
        with self._changing(wanted) as (session, row, now):
            if row.paused_because:
                raise BadInputError(f"nothing is sent to it as it is: {row.paused_because}")
            row.paused_because = PAUSED
            note(session, row.id, "paused", self._by, now)

    def resume(self, wanted: SubscriptionRow) -> None:
        """Serve it again: with what is told from now on, and what waited for it when it was paused.

        Raises:
            BadInputError: it is served, or the address's owner has not confirmed it.
        """
        with self._changing(wanted) as (session, row, now):
            if row.paused_because is None:
                raise BadInputError("it is served already")
            if row.paused_because == UNCONFIRMED:
                raise BadInputError("only the owner of its address can confirm it, by the link in the mail")
            row.paused_because, row.served_from = None, now
            note(session, row.id, "resumed", self._by, now)

    def change_secret(self, wanted: SubscriptionRow, secret: str) -> datetime:
        """Sign with another secret; returns until when the one before signs too."""
        with self._changing(wanted) as (session, row, now):
            if row.kind != "webhook":
                raise BadInputError("it has no secret: only webhooks are signed")
            until = now + OLD_SECRET_FOR
            row.old_secret, row.old_secret_until = row.secret, until
            row.secret = self._vault.seal(secret)
            note(session, row.id, "changed", self._by, now, ["secret"])
        return until

    @contextmanager
    def _changing(self, wanted: SubscriptionRow) -> Iterator[tuple[Session, SubscriptionRow, datetime]]:
        """The row as it stands now, to be changed in one transaction; BadInputError when it has ended."""
        with transaction(self._engine) as session:
            row = session.get_one(SubscriptionRow, wanted.id)
            if row.paused_because in ENDED:
                raise BadInputError(f"it has ended: {row.paused_because}")
            yield session, row, self._clock()

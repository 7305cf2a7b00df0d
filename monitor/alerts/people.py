"""People who subscribe themselves, by email: they ask, confirm, change and end it, each by a signed link.

    ask        any address may be named by anybody, so it gets a mail and nothing else, and few of those
    confirm    the owner of the mailbox wants it: alerts are sent from now on
    end        at once; the address is erased

Webhooks and chats are added by the operator only: strangers must not be able to have Parley call addresses of theirs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any, Literal

from pydantic import ValidationError
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from monitor import ids
from monitor.alerts.audit import note
from monitor.alerts.config import Wishes, masked
from monitor.alerts.fanout import queue
from monitor.alerts.letters import confirmation, known_already
from monitor.alerts.links import CONFIRM, MINE, UNSUBSCRIBE, link, subscription_of
from monitor.alerts.subscriptions import (
    ENDED,
    EXPIRED,
    PERSON,
    REFUSED,
    SETTINGS,
    UNCONFIRMED,
    UNSUBSCRIBED,
    end,
)
from monitor.alerts.tables import DeliveryRow, MessageRow, SubscriptionRow, transaction
from monitor.alerts.vault import Vault
from monitor.errors import BadInputError, NotFoundError, SettingsError
from monitor.ids import fact_id
from monitor.log.events import SYSTEM_TOPIC
from monitor.toml import faults
from monitor.topics.model import Topic

CONFIRM_WITHIN = timedelta(days=7)
MAIL_EVERY = timedelta(hours=6)
MOST_MAILS = 3
"""So many mails an address gets until it confirms, however often it is asked for."""
REFUSED_FOR = timedelta(days=30)
"""So long an address whose owner does not want alerts is not asked again."""


@dataclass(frozen=True, slots=True)
class Mine:
    """A subscription as its owner sees it."""

    state: Literal["unconfirmed", "served", "paused", "ended"]
    kind: str
    place: str
    """Where it is delivered to, masked."""
    wishes: Wishes
    changeable: bool
    """False: the operator's settings say what it gets."""
    change_link: str


class People:
    """What people do with their subscriptions.

    Args:
        engine: the service's database.
        vault: where addresses are sealed and links signed.
        api_url: the address of the HTTP interface, to which the links lead.
        clock: the time, UTC-aware.
        topics: those that are watched, by id.
        is_open: whether people may subscribe themselves; links of mails that were sent hold anyway.
    """

    def __init__(
        self,
        engine: Engine,
        vault: Vault,
        api_url: str,
        clock: Callable[[], datetime],
        topics: Mapping[str, Topic],
        *,
        is_open: bool,
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._api_url = api_url
        self._clock = clock
        self.topics = topics
        self.is_open = is_open

    def ask(self, address: str, wishes: Wishes) -> None:
        """Ask the owner of an address, by mail, to confirm. Nothing tells the caller whether the address was known.

        Raises:
            NotFoundError: a topic or a channel is not watched.
        """
        self._check(wishes)
        now, mark = self._clock(), self._vault.mark(address.casefold())
        stored = wishes.model_dump(mode="json")
        with transaction(self._engine) as session:
            _forget(session, now)
            row = session.exec(
                select(SubscriptionRow).where(
                    SubscriptionRow.origin == PERSON, SubscriptionRow.target_mark == mark
                )
            ).first()
            if row is None:
                row = SubscriptionRow(
                    id=token_hex(16),
                    name="",
                    origin=PERSON,
                    kind="email",
                    target=self._vault.seal(address),
                    target_mark=mark,
                    wishes=stored,
                    created_at=now,
                    served_from=now,
                    paused_because=UNCONFIRMED,
                )
                session.add(row)
                session.flush()
                note(session, row.id, "asked", PERSON, now)
            elif row.paused_because == UNCONFIRMED:
                row.wishes = stored
            if self._may_be_mailed(session, row, now):
                self._mail(session, row, now)

    def shown(self, purpose: str, token: str) -> Mine:
        """The subscription that a link is for.

        Raises:
            NotFoundError: the link is not valid.
        """
        wanted = subscription_of(self._vault, purpose, token, self._clock())
        with Session(self._engine) as session:
            return self._mine(_row(session, wanted))

    def confirm(self, token: str) -> Mine:
        """Serve a subscription from now on; a second time changes nothing.

        Raises:
            NotFoundError: the link is not valid.
        """
        now = self._clock()
        wanted = subscription_of(self._vault, CONFIRM, token, now)
        with transaction(self._engine) as session:
            row = _row(session, wanted)
            if row.paused_because == UNCONFIRMED:
                row.paused_because, row.served_from = None, now
                note(session, row.id, "confirmed", PERSON, now)
            return self._mine(row)

    def end(self, token: str) -> None:
        """End a subscription at once and erase its address; a second time changes nothing.

        Raises:
            NotFoundError: the link is not valid.
        """
        now = self._clock()
        wanted = subscription_of(self._vault, UNSUBSCRIBE, token, now)
        with transaction(self._engine) as session:
            row = _row(session, wanted)
            if row.paused_because not in ENDED:
                why = REFUSED if row.paused_because == UNCONFIRMED else UNSUBSCRIBED
                row.served_from = now
                end(session, row, why, PERSON, now)

    def change(self, token: str, changes: Mapping[str, Any]) -> Mine:
        """Wish otherwise: `changes` are fields of `Wishes`.

        Raises:
            NotFoundError: the link is not valid, or a topic or a channel is not watched.
            BadInputError: it has ended, the operator's settings say what it gets, or a wish is none.
        """
        now = self._clock()
        wanted = subscription_of(self._vault, MINE, token, now)
        with transaction(self._engine) as session:
            row = _row(session, wanted)
            if row.paused_because in ENDED:
                raise BadInputError("this subscription has ended; subscribe anew")
            if row.origin == SETTINGS:
                raise BadInputError(
                    "the operator of this Parley has set what this subscription gets; ask there"
                )
            wishes = _merged(row.wishes, changes)
            self._check(wishes)
            before, row.wishes = row.wishes, wishes.model_dump(mode="json")
            changed = [name for name, value in row.wishes.items() if before.get(name) != value]
            if changed:
                note(session, row.id, "changed", PERSON, now, changed)
            return self._mine(row)

    def _check(self, wishes: Wishes) -> None:
        """Raises NotFoundError for what no watched talks have; the operators' own topic is not for everybody."""
        for topic in wishes.topics:
            if topic not in self.topics:
                raise NotFoundError(f"there is no topic {topic!r}; there is: {', '.join(self.topics)}")
        known = {channel.id for topic in self.topics.values() for channel in topic.channels}
        for name in wishes.channels:
            if name not in known:
                raise NotFoundError(f"there is no channel {name!r}; there is: {', '.join(sorted(known))}")

    def _may_be_mailed(self, session: Session, row: SubscriptionRow, now: datetime) -> bool:
        sent = session.exec(
            select(DeliveryRow.created_at)
            .where(DeliveryRow.subscription == row.id, DeliveryRow.kind == "confirm")
            .order_by(col(DeliveryRow.created_at).desc())
        ).all()
        if row.paused_because not in {None, UNCONFIRMED} or (sent and now - sent[0] < MAIL_EVERY):
            return False
        return row.paused_because is None or len(sent) < MOST_MAILS

    def _mail(self, session: Session, row: SubscriptionRow, now: datetime) -> None:
        """Queue a mail on the subscription, as everything is queued that must arrive."""
        if row.paused_because is None:
            content = known_already(link(self._vault, self._api_url, MINE, row.id), now)
        else:
            row.served_from = now
            topics = Wishes.model_validate(row.wishes).topics
            labels = [self.topics[topic].label for topic in topics]
            until = now + CONFIRM_WITHIN
            content = confirmation(labels, link(self._vault, self._api_url, CONFIRM, row.id, until), now)
        id_ = fact_id("confirmation", row.id, now.isoformat())
        message = MessageRow(
            event_id=id_,
            topic=SYSTEM_TOPIC,
            alert=id_,
            kind="confirm",
            content=content.model_dump(mode="json"),
        )
        queue(session, message, {row.id: ids.delivery_id(id_, row.id, "confirm")}, now)

    def _mine(self, row: SubscriptionRow) -> Mine:
        state: Literal["unconfirmed", "served", "paused", "ended"] = "paused"
        if row.paused_because is None:
            state = "served"
        elif row.paused_because == UNCONFIRMED:
            state = "unconfirmed"
        elif row.paused_because in ENDED:
            state = "ended"
        return Mine(
            state=state,
            kind=row.kind,
            place=self._place(row),
            wishes=Wishes.model_validate(row.wishes),
            changeable=row.origin != SETTINGS and state != "ended",
            change_link=link(self._vault, self._api_url, MINE, row.id),
        )

    def _place(self, row: SubscriptionRow) -> str:
        try:
            return masked(row.kind, self._vault.open(row.target)) if row.target else ""
        except SettingsError:  # the key is lost, but whoever has the link must be able to end it
            return ""


def forget_unconfirmed(engine: Engine, now: datetime) -> None:
    """Erase the addresses that were not confirmed in time, and the marks of those that were refused long ago."""
    with transaction(engine) as session:
        _forget(session, now)


def _forget(session: Session, now: datetime) -> None:
    waiting = select(SubscriptionRow).where(
        SubscriptionRow.paused_because == UNCONFIRMED,
        col(SubscriptionRow.served_from) < now - CONFIRM_WITHIN,
    )
    for row in session.exec(waiting).all():
        end(session, row, EXPIRED, "parley", now)
    refused = select(SubscriptionRow).where(
        SubscriptionRow.paused_because == REFUSED, col(SubscriptionRow.served_from) < now - REFUSED_FOR
    )
    for row in session.exec(refused).all():
        row.target_mark = ""


def _merged(wishes: Mapping[str, Any], changes: Mapping[str, Any]) -> Wishes:
    try:
        return Wishes.model_validate({**wishes, **changes})
    except ValidationError as error:
        raise BadInputError("; ".join(fault for _, fault in faults(error, ()))) from error


def _row(session: Session, subscription: str) -> SubscriptionRow:
    row = session.get(SubscriptionRow, subscription)
    if row is None:
        raise NotFoundError("this subscription is not known here (any more)")
    return row

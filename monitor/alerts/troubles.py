"""Troubles of Parley itself: operators are told of each once when it begins, and once when it is over.

They are rows of SQL, so that they can be told while the log is lost or does not answer; the event that says what was
told waits in the outbox until the log takes it. Whoever notices says how things stand; what is as it was is not told
again, and what was cured before anybody was told is not worth a word.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Engine, ScalarSelect
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, delete, func, select, update

from monitor import __version__
from monitor.alerts.delivery import State
from monitor.alerts.notices import Notice, message
from monitor.alerts.operators import operators, tell
from monitor.alerts.outcomes import tell_log
from monitor.alerts.subscriptions import ENDED, UNCONFIRMED
from monitor.alerts.tables import DeliveryRow, SubscriptionRow, TroubleRow, transaction
from monitor.ids import fact_id
from monitor.log.events import SYSTEM_TOPIC, Event, Trouble
from monitor.readmodel.dialects import new_rows

ABANDONED, LOST, BEHIND, UNREAD, FAILING = (
    "delivery.abandoned",
    "log.lost",
    "reader.behind",
    "log.unread",
    "detector.failing",
)
GATHERED_FOR = timedelta(minutes=1)
"""What begins within this time is told in one message, but for data that is lost: that is told at once."""
_log = logging.getLogger(__name__)
BY = f"notify/{__version__}"


@dataclass(frozen=True, slots=True)
class Found:
    """A trouble as it stands now: since when (UTC-aware), and why."""

    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class _Kind:
    about: str
    was: str
    advice: str


_KINDS = {
    ABANDONED: _Kind(
        "{}",
        "it did not",
        "`parley deliveries list --state abandoned` says what was given up and why. Mend the receiver, or its "
        "subscription; then `parley deliveries retry --abandoned --subscription {}` sends it again.",
    ),
    LOST: _Kind(
        "The role {}",
        "it had stopped",
        "Stop Parley and restore a backup of the log, or accept the loss with `parley rebuild --accept-loss`.",
    ),
    BEHIND: _Kind(
        "The reader of {}",
        "it was behind",
        "`parley doctor` says whether the role `watch` runs and what hinders it. Until then news comes late.",
    ),
    UNREAD: _Kind(
        "The log of {}",
        "it held some",
        "`parley log verify` names the entries. Update Parley, then run `parley rebuild`.",
    ),
    FAILING: _Kind(
        "The detector on {}",
        "it failed",
        "`parley articles list --topic {}` names the articles. Update Parley, then run `parley redetect {}`.",
    ),
}


def notice(
    engine: Engine,
    kind: str,
    found: Mapping[str, Found],
    now: datetime,
    *,
    among: Iterable[str] | None = None,
) -> None:
    """Note how things stand at `now` with all troubles of a kind (or those about `among` only)."""
    table = TroubleRow
    here = [col(table.kind) == kind]
    if among is not None:
        here.append(col(table.about).in_(list(among)))
    with Session(engine) as session:
        known = {row.about: row for row in session.exec(select(table).where(*here))}
    if not (
        found.keys() - known.keys() or any((name in found) == bool(known[name].over_at) for name in known)
    ):
        return  # the usual case, in which nobody needs to write
    with transaction(engine) as session:
        for about, one in found.items():
            row = {"kind": kind, "about": about, "since": one.since, "reason": one.reason, "noted_at": now}
            session.execute(new_rows(session, table).on_conflict_do_nothing(), row)
        standing = col(table.about).in_(found.keys())
        session.exec(update(table).where(*here, standing).values(over_at=None))
        session.exec(delete(table).where(*here, ~standing, col(table.told_at).is_(None)))
        session.exec(update(table).where(*here, ~standing, col(table.over_at).is_(None)).values(over_at=now))


def tell_troubles(engine: Engine, dashboard_url: str, now: datetime) -> int:
    """Queue what operators have not been told yet, a message for each kind; how many deliveries."""
    with Session(engine) as session:
        waiting = session.exec(select(TroubleRow.kind).where(_untold()).distinct()).all()
    made = 0
    for kind in waiting:
        with transaction(engine) as session:
            rows = session.exec(
                select(TroubleRow)
                .where(TroubleRow.kind == kind, _untold())
                .order_by(col(TroubleRow.noted_at))
            ).all()
            if any(_is_ripe(row, now) for row in rows):
                made += _tell(session, kind, rows, dashboard_url, now)
    return made


def _untold() -> ColumnElement[bool]:
    return col(TroubleRow.told_at).is_(None) | col(TroubleRow.over_at).is_not(None)


def _is_ripe(row: TroubleRow, now: datetime) -> bool:
    return row.kind == LOST or now - (row.over_at or row.noted_at) >= GATHERED_FOR


def _tell(session: Session, kind: str, rows: Sequence[TroubleRow], dashboard_url: str, now: datetime) -> int:
    names = _names(session, rows) if kind == ABANDONED else {row.about: row.about for row in rows}
    for row in rows:
        row.told_at = now
        session.delete(row) if row.over_at else session.add(row)
    rows = [row for row in rows if row.about in names]
    if not rows:
        return 0
    notices = [_notice(row, names[row.about]) for row in rows]
    events = [_event(row, now) for row in rows]
    tell_log(session, events)
    # A subscription that gets nothing cannot be told so; the others are the other way.
    about = {row.about for row in rows if not row.over_at} if kind == ABANDONED else set()
    audience = [one for one in operators(session, now) if one not in about]
    content = message(notices, now, dashboard_url)
    for one in notices:
        _log.warning("%s (%d subscriptions are told)", one.line, len(audience))
    return tell(session, events[-1].id, content, audience, now)


def _names(session: Session, rows: Iterable[TroubleRow]) -> dict[str, str]:
    """What operators call the subscriptions that have not ended; that of a person has no name but its id."""
    wanted = col(SubscriptionRow.id).in_([row.about for row in rows])
    found = session.exec(select(SubscriptionRow).where(wanted))
    return {row.id: row.name or row.id[:8] for row in found if row.paused_because not in ENDED}


def _notice(row: TroubleRow, name: str) -> Notice:
    kind = _KINDS[row.kind]
    over = row.over_at is not None
    return Notice(
        kind=row.kind,
        about=kind.about.format(name),
        since=row.since,
        reason=kind.was if over else row.reason,
        advice=kind.advice.replace("{}", name),
        is_over=over,
    )


def _event(row: TroubleRow, now: datetime) -> Event:
    type_ = "trouble.ended" if row.over_at else "trouble.began"
    data = Trouble(kind=row.kind, about=row.about, since=row.since, reason=row.reason)
    id_ = fact_id("trouble", row.kind, row.about, row.noted_at.isoformat(), type_)
    return Event.of(type_, data, id_=id_, topic=SYSTEM_TOPIC, at=now, cause=None, by=BY)


def abandoned(session: Session) -> dict[str, Found]:
    """The subscriptions to which deliveries were given up after the last one that arrived, by id.

    One that has ended, or whose address nobody has confirmed, is no trouble. One that was noted stays in trouble until
    something arrives, also when all was put back into the queue.
    """
    noted = {row.about: row for row in session.exec(select(TroubleRow).where(TroubleRow.kind == ABANDONED))}
    given_up, arrived = _newest(State.ABANDONED), _newest(State.SUCCEEDED)
    known = select(SubscriptionRow.id, SubscriptionRow.paused_because, given_up, arrived)
    found: dict[str, Found] = {}
    for subscription, paused, last_bad, last_good in session.exec(known):
        row = noted.get(subscription)
        if paused in ENDED or paused == UNCONFIRMED:
            continue
        if last_bad and (last_good is None or last_bad > last_good):
            found.update(_given_up(session, subscription, last_good))
        elif row and (last_good is None or last_good < row.since):
            found[subscription] = Found(row.since, row.reason)
    return found


def _newest(state: State) -> ScalarSelect[datetime | None]:
    """When a delivery of a subscription last came to this end."""
    row = aliased(DeliveryRow)
    return (
        select(func.max(row.settled_at))
        .where(row.subscription == SubscriptionRow.id, row.state == state, col(row.settled_at).is_not(None))
        .correlate(SubscriptionRow)
        .scalar_subquery()
    )


def _given_up(session: Session, subscription: str, after: datetime | None) -> Iterator[tuple[str, Found]]:
    """What was given up after that moment, unless nothing was even tried."""
    tried = [
        col(DeliveryRow.settled_at).is_not(None),
        col(DeliveryRow.subscription) == subscription,
        col(DeliveryRow.state) == State.ABANDONED,
        col(DeliveryRow.attempts) > 0,
        col(DeliveryRow.part_of).is_(None),
    ]
    if after is not None:
        tried.append(col(DeliveryRow.settled_at) > after)
    rows = session.exec(
        select(DeliveryRow.settled_at, DeliveryRow.last_error)
        .where(*tried)
        .order_by(col(DeliveryRow.settled_at))
    ).all()
    if rows and rows[0][0]:
        count = "1 delivery was" if len(rows) == 1 else f"{len(rows)} deliveries were"
        reason = (rows[-1][1] or "").partition(":")[0]  # what follows may name the receiver
        yield subscription, Found(rows[0][0], f"{count} given up ({reason})")

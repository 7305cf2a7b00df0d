"""`parley restore`: a backup into an empty installation.

    look at every file of the backup          (nothing is written when one is damaged)
    import the log, under a new epoch         (everything that remembers the old one notices)
    make the read model from it
    load the tables and set checkpoints       (one transaction: from here on the installation is no longer empty)

Killed anywhere, doing it again goes on. Nothing of the past is told again: what the log tells and the queue does not
know is there for review, and so is what was on its way. What the topics' readers had not reacted to yet, they do.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, delete, select, update

from monitor.alerts.delivery import COMING, KINDS, RESTORED, State
from monitor.alerts.fanout import review_restored
from monitor.alerts.outcomes import tell_log
from monitor.alerts.rows import untried
from monitor.alerts.tables import DeliveryRow, FanOutRow, MessageRow, OutcomeRow
from monitor.errors import BadInputError
from monitor.failpoints import reached
from monitor.log.events import SYSTEM_TOPIC, DeliveryOutcome, Event, data_of
from monitor.log.export import Progress, require
from monitor.log.importing import Imported, LogImport
from monitor.log.keys import Stream
from monitor.log.place import Place
from monitor.log.stream import START, EventLog, order, pass_over
from monitor.readmodel.model import ReadModel
from monitor.readmodel.rebuild import rebuild
from monitor.service.backup import newest_backup
from monitor.service.claims import ARTICLES, READINGS
from monitor.service.kept import filled, load
from monitor.service.tables import Reaction
from monitor.sources.seen import SourceEntry
from monitor.sources.state import FREE, HostState, SourceState
from monitor.topics import Topic


@dataclass(frozen=True, slots=True)
class Restored:
    """What came out of a backup."""

    backup: str
    topics: dict[str, Imported]
    rows: dict[str, int]
    abandoned: int
    """Deliveries that were on their way: for review."""


def restore(
    service: Engine,
    model: ReadModel,
    log: EventLog,
    topics: Iterable[Topic],
    place: Place,
    now: datetime,
    *,
    name: str | None = None,
    until: datetime | None = None,
    progress: Progress | None = None,
) -> Restored:
    """Restore the backup of that name, by default the newest at the place; of the log only what it had `until` then.

    The tables are those of the backup in any case: who unsubscribed since stays unsubscribed, and what was told since
    is not told again.

    Raises:
        BadInputError: this installation is not empty; nothing was changed.
        ArchiveError: there is no such backup, or it is damaged; nothing was changed.
        LogUnavailableError: Redis or the place does not answer; doing it again goes on.
        StoreError: the tables cannot be written, or another version wrote the backup.
    """
    name = name or newest_backup(place)
    manifest = require(place, name, "backup")
    with service.connect() as connection:
        if used := filled(connection):
            raise BadInputError(
                f"this installation is not empty (it has rows in {', '.join(used)}): a backup is restored to a new "
                "one, with an empty data folder, database and Redis, while no role runs"
            )
    imported = LogImport(log, place, manifest, until).run(progress)
    reached("restore.log")
    rebuild(model, log, topics)
    reached("restore.model")
    with Session(service, expire_on_commit=False) as session, session.begin():
        rows = load(session.connection(), place, manifest.tables)
        held = [topic for topic, one in imported.items() if one.events]
        _set_reactions(session, log)
        _set_fan_out(session, log, held)
        abandoned = _settle(session, log, held, now, is_cut=until is not None)
        _free_sources(session, is_cut=until is not None)
    reached("restore.tables")
    return Restored(name, imported, rows, abandoned)


def _set_reactions(session: Session, log: EventLog) -> None:
    """Have the readers go on where they were; they may have been further than a log that was cut."""
    for row in session.exec(select(Reaction)).all():
        entry = log.get(row.topic, row.position) if row.position != START else None
        position = row.position if entry and entry.event.id == row.event_id else settled(log, row.topic)
        if position == START:
            session.delete(row)
        else:
            done = log.checkpoint_at(row.topic, position)
            row.position, row.event_id, row.epoch = done.position, done.event_id, done.epoch
            session.add(row)


def settled(log: EventLog, topic: str) -> str:
    """Up to where all that follows from a topic's events is certainly in the log; reacting again after it is harmless.

    Everything up to the event that the last decision was made on was decided on; an article that has no reading was not
    reacted to.
    """
    before = START
    unread: dict[str, str] = {}
    root = None
    roots: dict[str, str | None] = {}
    for recorded in log.read_all(topic, corrupt=pass_over):
        event = recorded.event
        if event.type in ARTICLES:
            unread[event.id] = before
        elif event.type in READINGS:
            unread.pop(event.data["article_event"], None)
        elif event.is_decision:  # the cause of an alert is its status event, whose cause was decided on
            root = roots[event.id] = roots.get(event.cause or "", event.cause)
        before = recorded.position
    decided = log.positions_of(topic, [root])[0] if root else None
    return min([decided or START, *list(unread.values())[:1]], key=order)


def _set_fan_out(session: Session, log: EventLog, topics: Iterable[str]) -> None:
    session.execute(delete(FanOutRow))
    for topic in topics:
        head = log.checkpoint_at(topic, log.head(topic))
        if topic == SYSTEM_TOPIC:
            session.merge(
                FanOutRow(topic=topic, position=head.position, event_id=head.event_id, epoch=head.epoch)
            )
        else:
            review_restored(session, topic, head.position, head.epoch)


def _settle(session: Session, log: EventLog, topics: Iterable[str], now: datetime, *, is_cut: bool) -> int:
    """What was still to arrive when the tables were copied: what the log says of it, else it is for review; how many.

    Of a log that was cut, outcomes of what it no longer tells are told to nobody.
    """
    rows = session.exec(
        select(DeliveryRow, MessageRow.topic)
        .join(MessageRow, col(MessageRow.event_id) == col(DeliveryRow.event_id))
        .where(col(DeliveryRow.state).in_(COMING))
    ).all()
    told = {row.delivery_id: topic for row, topic in rows}
    coming = {row.delivery_id: row for row, _ in rows}
    for topic in topics:
        for recorded in log.read_all(topic, stream=Stream.DELIVERIES, corrupt=pass_over):
            _learn(session, coming, recorded.event)
    events = []
    for row in coming.values():
        row.state, row.last_error, row.settled_at = State.ABANDONED, RESTORED, now
        row.doubts += 1
        session.add(row)
        if row.kind in KINDS.values():
            events.append(untried(row.model_dump(), told[row.delivery_id], now))
    tell_log(session, events)
    if is_cut:
        _drop_orphans(session, log)
    return len(coming)


def _learn(session: Session, coming: dict[str, DeliveryRow], event: Event) -> None:
    """Take over an outcome that the tables did not know yet."""
    outcome = data_of(event, DeliveryOutcome)
    state = State(event.type.removeprefix("delivery."))
    row = coming.get(outcome.delivery_id)
    if row is None or state is State.FAILED:
        return
    row.state, row.attempts, row.settled_at = state, max(row.attempts, outcome.attempt), event.recorded_at
    row.last_error = None if state is State.SUCCEEDED else outcome.outcome
    session.add(row)
    del coming[outcome.delivery_id]


def _drop_orphans(session: Session, log: EventLog) -> None:
    """Remove the outcomes that are still to be told to the log, but whose alert it does not have."""
    session.flush()
    for row in session.exec(select(OutcomeRow)).all():
        event = Event.from_json(row.event)
        if event.cause and log.positions_of(event.topic, [event.cause]) == [None]:
            session.delete(row)


def _free_sources(session: Session, *, is_cut: bool) -> None:
    """Nobody polls them now. Of a log that was cut, articles are to be brought again: as if nothing had been seen."""
    session.execute(update(HostState).values(free_at=FREE))
    freed: dict[str, Any] = {"leased_until": FREE, "lease": FREE}
    if is_cut:
        session.execute(delete(SourceEntry))
        freed |= {"etag": "", "last_modified": "", "body_digest": ""}
    session.execute(update(SourceState).values(freed))

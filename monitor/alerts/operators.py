"""Operators are told that sources fail, are silent, or are well again. One message for what happens together.

The facts are events of the log `_system`. They are gathered for some minutes, so that a network that is down makes one
message and not fifty; a source that failed and recovered meanwhile is not worth a word. What else operators are told
of does not begin with an event: see `troubles`.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from monitor import ids
from monitor.alerts.config import Wishes
from monitor.alerts.fanout import appended_at, fanned_out, queue
from monitor.alerts.message import Message
from monitor.alerts.notices import Notice, message
from monitor.alerts.tables import FanOutRow, MessageRow, SubscriptionRow, transaction
from monitor.ids import fact_id
from monitor.log.events import SYSTEM_TOPIC, Event, SourceHealth, data_of
from monitor.log.stream import START, EventLog, Recorded, pass_over
from monitor.readmodel.sources import advice

GATHERED_FOR = timedelta(minutes=5)
_PREFIX, _RECOVERED, _SILENT = "source.", "source.recovered", "source.silent"


def follow_sources(engine: Engine, log: EventLog, dashboard_url: str, now: Callable[[], datetime]) -> int:
    """Queue a message on what the log `_system` tells of sources, once it is old enough; how many deliveries.

    Raises:
        DataLostError: the log no longer holds what the checkpoint saw.
        LogUnavailableError: Redis does not answer.
    """
    done = fanned_out(engine, SYSTEM_TOPIC)
    if done is not None:
        log.check(SYSTEM_TOPIC, done)
    after = done.position if done else START
    events = list(log.read_all(SYSTEM_TOPIC, after, corrupt=pass_over))
    if not events or now() - appended_at(events[0]) < GATHERED_FOR:
        return 0
    epoch = log.epoch(SYSTEM_TOPIC) or ""
    with transaction(engine) as session:
        known = session.get(FanOutRow, SYSTEM_TOPIC)
        if (known.position if known else START) != after:
            return 0  # another process has told of them meanwhile
        last = events[-1]
        session.merge(
            FanOutRow(topic=SYSTEM_TOPIC, position=last.position, event_id=last.event.id, epoch=epoch)
        )
        of_sources = [recorded for recorded in events if recorded.event.type.startswith(_PREFIX)]
        return _tell(session, of_sources, dashboard_url, now()) if of_sources else 0


def _tell(session: Session, events: Sequence[Recorded], dashboard_url: str, now: datetime) -> int:
    """Queue the message on the events for everybody who was subscribed before the first of them."""
    last, notices = events[-1].event, _standing(events)
    if not notices:
        return 0
    audience = operators(session, appended_at(events[0]))
    return tell(session, last.id, message(notices, last.recorded_at, dashboard_url), audience, now)


def operators(session: Session, since: datetime) -> list[str]:
    """The subscriptions that are told what operators are told, and were served at `since` already."""
    serving = select(SubscriptionRow).where(col(SubscriptionRow.paused_because).is_(None))
    return [
        row.id
        for row in session.exec(serving)
        if row.served_from <= since and SYSTEM_TOPIC in Wishes.model_validate(row.wishes).topics
    ]


def tell(session: Session, event_id: str, content: Message, audience: Collection[str], now: datetime) -> int:
    """Queue a message to operators that an event of the log `_system` led to; how many deliveries."""
    if not audience:
        return 0
    alert = fact_id("operators", event_id)
    row = MessageRow(
        event_id=event_id,
        topic=SYSTEM_TOPIC,
        alert=alert,
        kind="alert",
        content=content.model_dump(mode="json"),
    )
    queue(session, row, {one: ids.delivery_id(alert, one, "alert") for one in audience}, now)
    return len(audience)


def _standing(events: Sequence[Recorded]) -> list[Notice]:
    """The last word on each source, in the order of their first; without those that are as they were before."""
    first: dict[str, str] = {}
    last: dict[str, Notice] = {}
    for recorded in events:
        health = data_of(recorded.event, SourceHealth)
        first.setdefault(health.source, recorded.event.type)
        last[health.source] = _notice(recorded.event, health)
    return [notice for source, notice in last.items() if not notice.is_over or first[source] == _RECOVERED]


def _notice(event: Event, health: SourceHealth) -> Notice:
    if event.type == _RECOVERED:  # the moment and the reason are those of its trouble
        kind = _SILENT if "silent" in health.reason else "source.failing"
        return Notice(kind, health.source, health.since, f"it {health.reason}", is_over=True)
    word = "silent" if event.type == _SILENT else health.reason.partition(":")[0]
    return Notice(event.type, health.source, health.since, health.reason, advice(word))

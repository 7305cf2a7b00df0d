"""What operators are told: that sources fail, are silent, or are well again. One message for what happens together.

The facts are events of the log `_system`. They are gathered for some minutes, so that a network that is down makes one
message and not fifty; a source that failed and recovered meanwhile is not worth a word. Subscriptions with the topic
`_system` get the message.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from html import escape

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from monitor import ids
from monitor.alerts.config import Wishes
from monitor.alerts.fanout import appended_at, fanned_out, queue
from monitor.alerts.message import Message, clean
from monitor.alerts.tables import FanOutRow, MessageRow, SubscriptionRow, transaction
from monitor.ids import fact_id
from monitor.log.events import SYSTEM_TOPIC, SourceHealth, data_of
from monitor.log.stream import START, EventLog, Recorded, pass_over

GATHERED_FOR = timedelta(minutes=5)
_PREFIX = "source."
_RECOVERED = "source.recovered"
_WORDS = {"source.failing": "fails", "source.silent": "is silent", _RECOVERED: "is well again"}
_LONGEST = 300
_NAMED = 30


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
        return _tell(session, events, dashboard_url, now())


def _tell(session: Session, events: Sequence[Recorded], dashboard_url: str, now: datetime) -> int:
    """Queue the message on the events for everybody who was subscribed before the first of them."""
    last, told, since = events[-1].event, _standing(events), appended_at(events[0])
    serving = select(SubscriptionRow).where(col(SubscriptionRow.paused_because).is_(None))
    audience = [
        row.id
        for row in session.exec(serving)
        if row.served_from <= since and SYSTEM_TOPIC in Wishes.model_validate(row.wishes).topics
    ]
    if not (told and audience):
        return 0
    alert = fact_id("operators", last.id)
    content = message(told, last.recorded_at, dashboard_url).model_dump(mode="json")
    row = MessageRow(event_id=last.id, topic=SYSTEM_TOPIC, alert=alert, kind="alert", content=content)
    queue(session, row, {one: ids.delivery_id(alert, one, "alert") for one in audience}, now)
    return len(audience)


def _standing(events: Iterable[Recorded]) -> list[tuple[str, SourceHealth]]:
    """The last word on each source, in the order of their first; without those that are as they were before."""
    first: dict[str, str] = {}
    last: dict[str, tuple[str, SourceHealth]] = {}
    for recorded in events:
        if recorded.event.type.startswith(_PREFIX):
            health = data_of(recorded.event, SourceHealth)
            first.setdefault(health.source, recorded.event.type)
            last[health.source] = recorded.event.type, health
    return [
        (type_, health)
        for source, (type_, health) in last.items()
        if type_ != _RECOVERED or first[source] == _RECOVERED
    ]


def message(told: Sequence[tuple[str, SourceHealth]], at: datetime, dashboard_url: str) -> Message:
    """One message on the sources that an operator should look at; the words of servers are strangers' text."""
    link = f"{dashboard_url.rstrip('/')}/sources"
    lines = [clean(_line(type_, health), _LONGEST) for type_, health in told]
    subject = f"[Parley] {_subject(told)}"
    shown = lines[:_NAMED] + ([f"and {len(lines) - _NAMED} more"] if len(lines) > _NAMED else [])
    items = "".join(f"<li>{escape(line)}</li>" for line in shown)
    return Message(
        subject=subject,
        text="\n".join([subject, "", *(f"- {line}" for line in shown), "", f"Look it up: {link}", ""]),
        html=(
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="color-scheme" content="light dark"></head>'
            f'<body style="font-family: sans-serif"><h1 style="font-size: 1.2em">{escape(subject)}</h1>'
            f'<ul>{items}</ul><p><a href="{escape(link)}">Look it up on the dashboard</a></p></body></html>'
        ),
        payload={
            "type": "sources.health",
            "timestamp": at.isoformat(),
            "data": {
                "text": subject,
                "link": link,
                "sources": [
                    {
                        "source": health.source,
                        "change": type_.removeprefix(_PREFIX),
                        "since": health.since.isoformat(),
                        "reason": clean(health.reason, _LONGEST),
                    }
                    for type_, health in told
                ],
            },
        },
    )


def _line(type_: str, health: SourceHealth) -> str:
    since = f"since {health.since:%d %B %Y, %H:%M} UTC"
    if type_ == _RECOVERED:  # the moment and the reason are those of its trouble
        return f"{health.source} {_WORDS[type_]}: it {health.reason} {since}"
    return f"{health.source} {_WORDS[type_]} {since}: {health.reason}"


def _subject(told: Sequence[tuple[str, SourceHealth]]) -> str:
    if len(told) == 1:
        [(type_, health)] = told
        return clean(f"{health.source} {_WORDS[type_]}", _LONGEST)
    counts = {words: sum(_WORDS[type_] == words for type_, _ in told) for words in _WORDS.values()}
    plural = {"fails": "fail", "is silent": "are silent", "is well again": "are well again"}
    return "Sources: " + ", ".join(
        f"{number} {plural[words] if number > 1 else words}" for words, number in counts.items() if number
    )

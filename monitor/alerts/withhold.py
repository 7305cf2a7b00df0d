"""Words that are no longer sent: those of articles that were removed at their publisher's request.

Messages are rendered when they are queued. So an article that is removed is noted here for all messages to come, and
those that quote it are rendered anew, sent ones too: a retry sends what may be shown.
"""

from collections.abc import Callable, Collection

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from monitor.alerts.delivery import KINDS
from monitor.alerts.gather import digest_of
from monitor.alerts.message import Message
from monitor.alerts.tables import DeliveryRow, MessageRow, WithheldRow, transaction
from monitor.log.events import Event
from monitor.log.stream import EventLog, pass_over
from monitor.vocabulary import WITHHELD

Renderer = Callable[[Event], Message]


def withhold(engine: Engine, log: EventLog, topic: str, article_id: str, render: Renderer) -> int:
    """Send an article's words to nobody any more; how many messages that quoted it were rendered anew.

    To be called when the log has `article.removed`. Doing it twice changes nothing; dying in between, it goes on then.

    Raises:
        LogUnavailableError: Redis does not answer; no message was changed.
    """
    # Noted before the log is read: what others queue meanwhile, they queue without the words.
    with transaction(engine) as session:
        session.merge(WithheldRow(topic=topic, article_id=article_id))
    recorded = log.read_all(topic, corrupt=pass_over)
    quoting = [one.event for one in recorded if one.event.type in KINDS and _quotes(one.event, article_id)]
    rewritten: list[str] = []
    with transaction(engine) as session:
        for event in quoting:
            row = session.get(MessageRow, event.id)
            if row is None:
                continue
            content = render(without_withheld(session, event)).model_dump(mode="json")
            if row.content != content:
                row.content = content
                session.add(row)
                rewritten.append(event.id)
        return len(rewritten) + _rewrite_digests(session, rewritten)


def _rewrite_digests(session: Session, events: Collection[str]) -> int:
    """Make the digests anew that tell of these events; how many."""
    session.flush()
    holding = select(DeliveryRow.part_of).where(
        col(DeliveryRow.event_id).in_(events), col(DeliveryRow.part_of).is_not(None)
    )
    digests = session.exec(select(DeliveryRow).where(col(DeliveryRow.delivery_id).in_(holding))).all()
    for one in digests:
        parts = (
            select(DeliveryRow).where(DeliveryRow.part_of == one.delivery_id).order_by(col(DeliveryRow.seq))
        )
        content, _ = digest_of(session, session.exec(parts).all(), one.created_at)
        row = session.get_one(MessageRow, one.event_id)
        row.content = content.model_dump(mode="json")
        session.add(row)
    return len(digests)


def without_withheld(session: Session, event: Event) -> Event:
    """An alert event as it may be sent: without the words of the articles that are withheld."""
    withheld = select(WithheldRow.article_id).where(WithheldRow.topic == event.topic)
    return without_words(event, session.exec(withheld).all())


def without_words(event: Event, articles: Collection[str]) -> Event:
    """An alert event without the words of these articles."""
    quotes = event.data.get("evidence", ())
    if not any(quote["article_id"] in articles for quote in quotes):
        return event
    evidence = [{**quote, "text": WITHHELD} if quote["article_id"] in articles else quote for quote in quotes]
    return event.model_copy(update={"data": {**event.data, "evidence": evidence}})


def _quotes(event: Event, article_id: str) -> bool:
    return any(quote["article_id"] == article_id for quote in event.data.get("evidence", ()))

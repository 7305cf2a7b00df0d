"""Going on after data was lost: the checkpoints that saw it are set to what the log still holds.

A person decides this (`parley rebuild --accept-loss`), never the service: what was lost may still be in a backup.
Alerts that the log holds, but the queue does not, become deliveries that are abandoned, for review.
"""

from collections.abc import Iterable
from typing import cast

from sqlalchemy import Engine
from sqlmodel import Session

from monitor.alerts.fanout import review_restored
from monitor.alerts.tables import FanOutRow
from monitor.errors import DataLostError
from monitor.log.events import SYSTEM_TOPIC
from monitor.log.stream import START, Checkpoint, EventLog
from monitor.service.tables import Reaction

TABLES = (Reaction, FanOutRow)


def accept_loss(service: Engine, log: EventLog, topics: Iterable[str]) -> list[str]:
    """Set every durable checkpoint that the log contradicts to the log's end; the topics for which that was needed.

    The log of what belongs to no topic is always among them.

    What the log still holds was reacted to before the loss, and told as far as anybody knows: it is not done again.
    """
    lost = set()
    for topic in (*topics, SYSTEM_TOPIC):
        for table in TABLES:
            with Session(service) as session:
                row = cast("Reaction | FanOutRow | None", session.get(table, topic))
                if row is None or row.position == START:
                    continue
                if _holds(log, topic, Checkpoint(row.position, row.event_id, row.epoch)):
                    continue
                lost.add(topic)
                head = log.head(topic)
                if head == START:
                    session.delete(row)
                elif isinstance(row, FanOutRow) and topic != SYSTEM_TOPIC:
                    review_restored(session, topic, head, log.epoch(topic) or "")
                else:
                    end = log.checkpoint_at(topic, head)
                    row.position, row.event_id, row.epoch = end.position, end.event_id, end.epoch
                    session.add(row)
                session.commit()
    return sorted(lost)


def _holds(log: EventLog, topic: str, checkpoint: Checkpoint) -> bool:
    try:
        log.check(topic, checkpoint)
    except DataLostError:
        return False
    return True

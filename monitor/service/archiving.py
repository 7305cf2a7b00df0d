"""What may leave Redis for the archive: what is old, and below every checkpoint of those who read it."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine

from monitor.alerts.fanout import fanned_out
from monitor.errors import BadInputError
from monitor.log.archive import Archiver
from monitor.log.events import SYSTEM_TOPIC
from monitor.log.export import Progress
from monitor.log.keys import Stream
from monitor.log.position import START, order
from monitor.log.stream import EventLog
from monitor.readmodel.model import ReadModel
from monitor.readmodel.projector import checkpoint_of
from monitor.service.settings import Settings
from monitor.service.tables import reaction_of
from monitor.service.wiring import archive_of

_log = logging.getLogger(__name__)


def archive(
    settings: Settings,
    log: EventLog,
    model: ReadModel,
    service: Engine,
    now: datetime,
    *,
    stop: Callable[[], bool] = lambda: False,
    progress: Progress | None = None,
) -> dict[str, int]:
    """Move what is older than `archive.keep_days` at `now` (UTC-aware) out of Redis; topic -> entries moved.

    Raises:
        BadInputError: the settings name no archive.
        ArchiveError: its place does not give back what was put there; nothing of that left Redis.
        LogUnavailableError: Redis or the place does not answer.
        StoreError: a checkpoint cannot be read.
    """
    place = archive_of(settings)
    if place is None:
        raise BadInputError(
            "there is no archive: name its place in the setting archive.place (a folder, or s3://bucket/folder)"
        )
    young = f"{int((now - timedelta(days=settings.archive.keep_days)).timestamp() * 1000)}-0"
    archiver, moved = Archiver(log, place, stop), {}
    for topic in log.topics():
        below = {Stream.LOG: min(young, lowest(model, service, topic), key=order), Stream.DELIVERIES: young}
        moved[topic] = sum(archiver.move(topic, one, below[one], now, progress) for one in Stream)
        if moved[topic]:
            _log.info("%s: %d entries moved to the archive at %s", topic, moved[topic], place)
    return moved


def lowest(model: ReadModel, service: Engine, topic: str) -> str:
    """The lowest checkpoint of those who read a topic's log: projection, reaction and fan-out.

    Who has none yet reads from the beginning: nothing leaves then. What belongs to no topic is fanned out only.
    """
    told = fanned_out(service, topic)
    if topic == SYSTEM_TOPIC:
        return told.position if told else START
    projected = None
    if model.exists():
        with model.read() as session:
            projected = checkpoint_of(session, topic)
    checkpoints = (projected, reaction_of(service, topic), told)
    return min((one.position if one else START for one in checkpoints), key=order)

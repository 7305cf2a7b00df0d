"""How far the stages are behind the logs is measured here, by the processes that read the logs, for all who do not."""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from monitor.alerts.tables import FanOutRow
from monitor.errors import LogError, ParleyError
from monitor.log.stream import START, EventLog, order
from monitor.metrics import CONSUMER_LAG_EVENTS
from monitor.readmodel.model import ReadModel
from monitor.readmodel.stages import StageLag, note_stages, stage_lags
from monitor.readmodel.tables import CheckpointRow
from monitor.service.lookout import waits_since
from monitor.service.tables import Reaction
from monitor.service.wiring import Parley

EVERY = timedelta(seconds=10)
COUNTED_UP_TO = 2000
"""Entries of one topic: whether it is more says nothing that matters."""
_log = logging.getLogger(__name__)


def keep_measured(parley: Parley) -> None:
    """Measure where nobody has done so lately, and tell it in this process's numbers. Never raises.

    While the log or a database does not answer, what was measured last stands, with its moment.
    """
    try:
        for lag in measured(parley):
            CONSUMER_LAG_EVENTS.labels(lag.stage).set(lag.events)
    except (ParleyError, SQLAlchemyError) as error:
        _log.debug("how far the stages are cannot be measured: %s", error)  # the roles say so aloud


def measured(parley: Parley) -> list[StageLag]:
    """How far each stage is, measured now unless another process has just done so.

    Raises:
        LogError: Redis does not answer.
        StoreError: a database does not.
    """
    now = parley.clock()
    known = stage_lags(parley.read_model.store)
    if known and all(abs(now - lag.measured_at) < EVERY for lag in known):
        return known
    found = lags(parley.log, parley.topics, parley.read_model, now)
    note_stages(parley.service, found, _redis_version(parley.log), now)
    return found


def lags(log: EventLog, topics: Collection[str], model: ReadModel, now: datetime) -> list[StageLag]:
    """How far each stage is behind the logs of these topics at `now` (UTC-aware); raises as `measured` does."""
    done = _positions(model)
    heads = {topic: log.head(topic) for topic in topics}
    return [_lag(log, heads, stage, positions, now) for stage, positions in done.items()]


def _positions(model: ReadModel) -> dict[str, Mapping[str, str]]:
    """Stage -> topic -> how far it has come."""
    with model.store.reading(Reaction) as session:
        reaction = {row.topic: row.position for row in session.exec(select(Reaction))} if session else {}
    with model.store.reading(FanOutRow) as session:
        queue = {row.topic: row.position for row in session.exec(select(FanOutRow))} if session else {}
    projected: dict[str, str] = {}
    if model.exists():
        with model.read() as session:
            projected = {row.topic: row.position for row in session.exec(select(CheckpointRow))}
    return {"read_model": projected, "reaction": reaction, "queue": queue}


def _lag(
    log: EventLog, heads: Mapping[str, str], stage: str, done: Mapping[str, str], now: datetime
) -> StageLag:
    """Over all the topics; the one with most entries is named, the moment is that of the oldest."""
    lag = StageLag(stage=stage, events=0, measured_at=now)
    most = 0
    for topic, head in heads.items():
        position = done.get(topic, START)
        if order(head) <= order(position):
            continue
        count = log.count(topic, position, COUNTED_UP_TO)
        since = waits_since(log, topic, position)
        lag.events += count
        if count > most:
            most, lag.topic = count, topic
        if since and (lag.since is None or since < lag.since):
            lag.since = since
    return lag


def _redis_version(log: EventLog) -> str:
    try:
        return log.server().version
    except LogError:  # this login may not ask
        return ""

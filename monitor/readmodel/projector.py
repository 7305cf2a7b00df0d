"""The projector of one topic: it takes the log's events in order, each in one SQL transaction with the checkpoint.

It owns the topic's state, which the reader decides from. The state lives in memory: at start it is folded from the log
up to the checkpoint, without writing. A position that was passed is passed over, whoever passed it (a rebuild too).
"""

import logging
import traceback

from sqlalchemy import insert
from sqlmodel import Session, col, select, update

from monitor.errors import CorruptEventError, StoreError
from monitor.log.stream import START, Checkpoint, EventLog, Recorded, order, pass_over
from monitor.readmodel.model import ReadModel
from monitor.readmodel.projection import project_event
from monitor.readmodel.tables import CheckpointRow, DeadLetterRow
from monitor.status.state import TopicState
from monitor.topics.model import Topic

_log = logging.getLogger(__name__)


class Projector:
    """Projects one topic's log into a read model. One thread at a time."""

    def __init__(self, model: ReadModel, topic: Topic) -> None:
        self._model = model
        self._topic = topic
        self._log: EventLog | None = None
        self._epoch: str | None = None
        self._folded: str | None = None
        self.state = TopicState(topic)
        """The fold of the topic's log, up to the last event that was projected."""

    @property
    def checkpoint(self) -> Checkpoint | None:
        """How far the topic is projected, by the read model itself; None when nothing is."""
        if not self._model.exists():
            return None
        with self._model.read() as session:
            return checkpoint_of(session, self._topic.id)

    def catch_up(self, log: EventLog) -> None:
        """Fold the log up to the checkpoint into a new state, without writing.

        Raises:
            DataLostError: the log no longer holds what the checkpoint saw.
        """
        self._log, self._epoch, self._folded = log, None, None
        checkpoint, state = self.checkpoint, TopicState(self._topic)
        if checkpoint is not None:
            log.check(self._topic.id, checkpoint)
            for recorded in log.read_all(self._topic.id, corrupt=pass_over):  # parked when it was met first
                if order(recorded.position) > order(checkpoint.position):
                    break
                fold(state, recorded)
        self.state = state
        self._folded = checkpoint.position if checkpoint else START

    def project(self, recorded: Recorded) -> bool:
        """Project an event that was read from the log; False when its position was passed already.

        An event that cannot be projected is passed and leaves a dead letter.

        Raises:
            StoreError: the read model cannot be written, or was taken away; nothing was written.
        """
        if self._folded is None:
            if self._log is None:
                raise StoreError("a projector catches up with its log before it projects")
            self.catch_up(self._log)
        if self._folded is not None and order(recorded.position) <= order(self._folded):
            return False
        folded, self._folded = self._folded, None  # when this fails, the state is ahead: it is folded anew
        with self._model.write(self._topic.id) as session:
            done = checkpoint_of(session, self._topic.id)
            ahead = done is not None and order(done.position) >= order(recorded.position)
            if ahead:  # a rebuild was faster
                fold(self.state, recorded)
            elif (done.position if done else START) != folded:
                raise StoreError(
                    "the read model was replaced by an older one while it was in use; start again"
                )
            else:
                project_event(session, self.state, recorded)
                save_checkpoint(session, recorded, self._epoch_of_log())
        self._folded = recorded.position
        return not ahead

    def park(self, error: CorruptEventError) -> None:
        """Note an entry that the log could not even read, so that it is seen; the reader goes on after it."""
        letter = DeadLetterRow(
            topic=self._topic.id,
            position=error.position or "",
            event_id=None,
            type=None,
            recorded_at=None,
            traceback="".join(traceback.format_exception_only(error)),
        )
        with self._model.write(self._topic.id) as session:
            session.merge(letter)

    def _epoch_of_log(self) -> str:
        if self._epoch is None and self._log is not None:
            self._epoch = self._log.epoch(self._topic.id)
        if self._epoch is None:
            raise StoreError(f"the log of {self._topic.id} has no epoch: it does not hold what is projected")
        return self._epoch


def checkpoint_of(session: Session, topic: str) -> Checkpoint | None:
    """How far a topic is projected, or None."""
    columns = (CheckpointRow.position, CheckpointRow.event_id, CheckpointRow.epoch)
    row = session.exec(select(*columns).where(CheckpointRow.topic == topic)).first()
    return None if row is None else Checkpoint(*row)


def save_checkpoint(session: Session, recorded: Recorded, epoch: str) -> None:
    """Note that everything up to `recorded` is projected."""
    topic, event = recorded.event.topic, recorded.event
    now = {
        "position": recorded.position,
        "event_id": event.id,
        "epoch": epoch,
        "recorded_at": event.recorded_at,
    }
    moved = session.exec(update(CheckpointRow).where(col(CheckpointRow.topic) == topic).values(now))
    if not moved.rowcount:
        session.execute(insert(CheckpointRow), [{"topic": topic, **now}])


def fold(state: TopicState, recorded: Recorded) -> None:
    """Fold an event into a state without writing; one that cannot be folded is logged and passed over."""
    try:
        state.apply(recorded.event)
    except Exception:  # noqa: BLE001 - it left a dead letter when it was projected
        _log.exception("cannot fold %s at %s", recorded.event.type, recorded.position)

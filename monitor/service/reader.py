"""The topic's reader: it reads the log in order, projects each event, and reacts to it.

    for each event, in log order:
        project it into the read model                 (one SQL transaction with the checkpoint)
        if it lies behind what was reacted to already: next
        unread article?       detect claims, append them            (id: article event + detector + topic)
        claims or correction? decide status and alerts, append them (id: shift or alert + this event)
        note how far was reacted

Dying anywhere repeats a step whose result is already there: ids are deterministic, and append says `duplicate`. What
any detector has read before is not read again here, be the detector another by now: `parley redetect` does that.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import Engine

from monitor import __version__
from monitor.errors import CorruptEventError, LogConflictError
from monitor.ids import fact_id
from monitor.log.events import Event, TopicDefined
from monitor.log.stream import START, Checkpoint, EventLog, order, pass_over
from monitor.metrics import STATUS_CHANGES
from monitor.readmodel.projector import Projector
from monitor.service.claims import ARTICLES, READINGS, claims_of
from monitor.service.tables import reaction_of, save_reaction
from monitor.status.decide import DECIDED_AFTER, decide
from monitor.topics import Topic
from monitor.tracing import about_event

Clock = Callable[[], datetime]
BY = f"watch/{__version__}"
_log = logging.getLogger(__name__)


class TopicReader:
    """Reads one topic's log; at most one reader of a topic works at a time (two are harmless, only wasteful)."""

    def __init__(
        self, log: EventLog, topic: Topic, projector: Projector, service: Engine, clock: Clock
    ) -> None:
        self._log = log
        self._topic = topic
        self._projector = projector
        self._service = service
        self._clock = clock
        self._reacted: Checkpoint | None = None
        self._epoch = ""
        self._made: dict[str, list[Event]] = {}
        """Event that was decided on -> the decisions, which stand further on in the log than what is projected."""
        self._read: set[str] = set()
        """Article events whose claims stand in the log further on than what was reacted to, whoever found them."""
        self.position = START
        """Everything up to here is projected and reacted to."""

    def start(self) -> None:
        """Fold what was projected, take in what was decided, and define the topic in the log.

        Raises:
            DataLostError: the log no longer holds what a checkpoint saw.
        """
        self._reacted = reaction_of(self._service, self._topic.id)
        self._check()
        self._projector.catch_up(self._log)
        self._log.append(self._topic.id, [_definition(self._topic, self._clock())])
        self._epoch = self._log.epoch(self._topic.id) or ""
        reacted = self._reacted.position if self._reacted else START
        self.position = min(reacted, self._projected(), key=order)
        self._look_ahead()

    def work(self, go_on: Callable[[], bool] = lambda: True) -> int:
        """Project and react to what the log holds now, as long as it may `go_on`; returns the number of events read.

        Raises:
            DataLostError: the log no longer holds what a checkpoint saw, as after a restart of a damaged Redis.
        """
        self._check()
        count = 0
        for recorded in self._log.read_all(self._topic.id, self.position, corrupt=self._park):
            if not go_on():
                break
            with about_event(recorded.event):
                self._projector.project(recorded)  # passes over what is projected already
                self._projector.state.foresee(self._made.pop(recorded.event.id, ()))
                if self._is_ahead(recorded.position):
                    self._react(recorded.event)
            self._done(Checkpoint(recorded.position, recorded.event.id, self._epoch))
            count += 1
        return count

    def _check(self) -> None:
        if self._reacted is not None:
            self._log.check(self._topic.id, self._reacted)

    def _park(self, error: CorruptEventError) -> None:
        """An entry that is no event is shown to the operator as a dead letter, and passed over."""
        _log.error("topic %s: %s; it is parked as a dead letter", self._topic.id, error)
        self._projector.park(error)
        self._done(self._log.checkpoint_at(self._topic.id, error.position or START))

    def _is_ahead(self, position: str) -> bool:
        return self._reacted is None or order(position) > order(self._reacted.position)

    def _done(self, checkpoint: Checkpoint) -> None:
        self.position = checkpoint.position
        if self._is_ahead(checkpoint.position):
            save_reaction(self._service, self._topic.id, checkpoint)
            self._reacted = checkpoint

    def _react(self, event: Event) -> None:
        if event.type in ARTICLES:
            if event.id not in self._read:
                self._log.append(self._topic.id, [claims_of(event, self._topic, self._clock(), by=BY)])
            self._read.discard(event.id)
        elif event.type in DECIDED_AFTER:
            self._decide(event)

    def _decide(self, cause: Event) -> None:
        """Append what the event leads to, unless that was done already.

        Events are decided on in the order of the log. So when something was made of a later event, this one was decided
        on before it, by this reader before it died or by another; what came of it, if anything, is foreseen.
        """
        state = self._projector.state
        if self._made or not (decided := decide(state, cause, at=self._clock(), by=BY)):
            return
        try:
            self._log.append(self._topic.id, decided, expected_decisions=state.decisions)
            state.foresee(decided)
            _tell(decided)
        except LogConflictError:
            _log.info("topic %s: another reader has decided on %s", self._topic.id, cause.id)
            self._look_ahead()
            state.foresee(self._made.pop(cause.id, ()))

    def _look_ahead(self) -> None:
        """Learn what the log holds beyond where it is worked on: which articles were read, and what was decided.

        Decisions beyond what is projected are taken in, if they are on events already passed.
        """
        roots: dict[str, str] = {}
        self._made, self._read = {}, set()
        projected = order(self._projected())
        for recorded in self._log.read_all(self._topic.id, self.position, corrupt=pass_over):
            event = recorded.event
            if event.type in READINGS:
                self._read.add(event.data["article_event"])
            elif (
                event.is_decision and order(recorded.position) > projected
            ):  # the cause of an alert is its status event, whose cause was decided on
                root = roots.setdefault(event.id, roots.get(event.cause or "", event.cause or ""))
                self._made.setdefault(root, []).append(event)
        causes = list(self._made)
        for cause, position in zip(causes, self._log.positions_of(self._topic.id, causes), strict=True):
            if position is None or order(position) <= order(self.position):
                self._projector.state.foresee(self._made.pop(cause))

    def _projected(self) -> str:
        checkpoint = self._projector.checkpoint
        return checkpoint.position if checkpoint else START


def _tell(decided: Iterable[Event]) -> None:
    for event in decided:
        with about_event(event):
            STATUS_CHANGES.inc(event.type == "status.shifted")
            _log.info("%s: %s (%s)", event.type, event.data.get("name", ""), event.data["reason"])


def _definition(topic: Topic, now: datetime) -> Event:
    data = TopicDefined(definition=topic.model_dump(mode="json"), topic_hash=topic.hash)
    return Event.of(
        "topic.defined",
        data,
        id_=fact_id("topic", topic.id, topic.hash, *filter(None, [topic.time_zone])),
        topic=topic.id,
        at=now,
        cause=None,
        by=BY,
    )

"""Making the read model again from the log: a new one beside it, then a switch.

While it runs, screens go on reading the old one and the live projector goes on writing to it. Only for the last events
and the switch does the rebuild keep writers waiting; they find the new one then, which has everything that the old one
had. An event that cannot be read stops a rebuild; the old one stays in use then.
"""

import gc
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from monitor.log.stream import START, EventLog, Recorded, order
from monitor.readmodel.model import ReadModel
from monitor.readmodel.projection import project_event, project_page
from monitor.readmodel.projector import fold, save_checkpoint
from monitor.status.state import TopicState
from monitor.topics.model import Topic

_log = logging.getLogger(__name__)

Progress = Callable[[str, int], None]
"""Called with a topic and the number of its events that are projected."""


def rebuild(
    model: ReadModel, log: EventLog, topics: Iterable[Topic], progress: Progress | None = None
) -> dict[str, int]:
    """Project the logs of `topics` into a new read model and switch to it; returns the events per topic.

    Topics that are not given are not in the new read model. Killed half way, it leaves the old one in use.

    Raises:
        CorruptEventError: an entry of a log is no event.
        StoreError: the new one cannot be written.
    """
    with _few_collections(), model.replacement() as (engine, switch):
        ways = [_Fold(engine, topic, log, progress) for topic in topics]
        for way in ways:
            way.run()
        with switch():
            for way in ways:
                way.run()
    model.close()
    return {way.topic.id: way.count for way in ways}


@contextmanager
def _few_collections() -> Iterator[None]:
    """What a replay makes lives on in the states or goes by itself: to look for cycles all the time finds none."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


class _Fold:
    """One topic's way through its log; `run` goes on from where the last one ended."""

    def __init__(self, engine: Engine, topic: Topic, log: EventLog, progress: Progress | None) -> None:
        self.topic = topic
        self.count = 0
        self._engine = engine
        self._log = log
        self._progress = progress
        self._state = TopicState(topic)
        self._position = START
        self._one_by_one = False

    def run(self) -> None:
        """Project what the log holds now, a page of events per transaction: nobody reads the new file yet."""
        while page := self._log.read(self.topic.id, self._position):
            epoch = self._log.epoch(self.topic.id) or ""
            self._project(page, epoch)
            self._position = page[-1].position
            self.count += len(page)
            if self._progress is not None:
                self._progress(self.topic.id, self.count)

    def _project(self, page: list[Recorded], epoch: str) -> None:
        if not self._one_by_one:
            try:
                with Session(self._engine) as session:
                    project_page(session, self._state, page)
                    save_checkpoint(session, page[-1], epoch)
                    session.commit()
            except OperationalError:
                raise
            except Exception:  # noqa: BLE001 - whatever it is, one by one it becomes a dead letter, as live
                _log.exception("%s is projected event by event from %s on", self.topic.id, page[0].position)
                self._state, self._one_by_one = self._folded(), True
            else:
                return
        with Session(self._engine) as session:
            for recorded in page:
                project_event(session, self._state, recorded)
            save_checkpoint(session, page[-1], epoch)
            session.commit()

    def _folded(self) -> TopicState:
        """The state up to where all is projected: the one at hand is ahead."""
        state = TopicState(self.topic)
        for recorded in self._log.read_all(self.topic.id):
            if order(recorded.position) > order(self._position):
                break
            fold(state, recorded)
        return state

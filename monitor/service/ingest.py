"""The role `ingest`: sources that are due are polled, and what concerns a topic goes into its log. The seeds too."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import monitor
from monitor import __version__
from monitor.errors import BadInputError
from monitor.ids import fact_id
from monitor.log.events import SYSTEM_TOPIC, Event, SourceHealth
from monitor.readmodel.display import note_displays
from monitor.service.leases import alone
from monitor.service.settings import book_of
from monitor.service.wiring import Parley
from monitor.sources.book import SourceBook
from monitor.sources.config import SourceConfig
from monitor.sources.fetch import Fetcher
from monitor.sources.health import changes
from monitor.sources.intake import Intake, Polled, Taken
from monitor.sources.model import ArticleFound
from monitor.sources.pages import Pages
from monitor.sources.parsing import FeedParser
from monitor.sources.poll import Poller, Ticked
from monitor.sources.robots import Robots
from monitor.sources.state import SourceStates, stamp
from monitor.topics import is_relevant

ROLE = "ingest"
BY = f"ingest/{__version__}"
HEALTH_EVERY = timedelta(minutes=1)
GRACE = timedelta(seconds=5)
"""For polls under way when the service stops."""
SEEDS = "seeds"
_log = logging.getLogger(__name__)


class Ingest:
    """Polls what is due."""

    def __init__(self, parley: Parley) -> None:
        self._parley = parley
        self._states = SourceStates(parley.service)
        self._health_told_at = parley.clock()
        self._book = source_book(parley)
        self._sources = sources(parley, self._book)
        self._open = ExitStack()
        self._poller = self._open.enter_context(polling(parley, self._sources))
        self._note_displays()

    def tick(self) -> None:
        """Begin to poll every source that is due; now and then, tell of the sources' health and tidy up.

        Of several processes each polls what it claims, and one does the rest.
        """
        self._take_up_changes()
        self._poller.tick()
        now = self._parley.clock()
        if abs(now - self._health_told_at) >= HEALTH_EVERY and self._parley.leases.holds(ROLE):
            self._health_told_at = now
            self.tell_health()
            self._poller.drop_headlines()

    def _take_up_changes(self) -> None:
        """Go on with other sources where a file of theirs has changed."""
        now = sources(self._parley, self._book)
        if now == self._sources:
            return
        self._sources = now
        try:
            self._poller.configure(now)
        except BadInputError as error:  # one that is called as the seeds are, which stand in no file
            _log.error("the sources stay as they were: %s", error)
        else:
            self._note_displays()

    def _note_displays(self) -> None:
        note_displays(self._parley.service, {source.id: source.display for source in self._sources})

    def tell_health(self) -> None:
        """Put into the log `_system` what has changed of the sources' health.

        Dying in between repeats an event under its id.
        """
        now, rows = self._parley.clock(), self._poller.status()
        told = {row.source_id: row.told for row in rows}
        for change in changes(rows, now):
            data = SourceHealth(source=change.source_id, since=change.since, reason=change.reason)
            # What was told before counts: a source that was silent can fail, and be as silent as before again.
            id_ = fact_id("source", change.source_id, change.to, stamp(change.since), told[change.source_id])
            event = Event.of(
                f"source.{change.to}", data, id_=id_, topic=SYSTEM_TOPIC, at=now, cause=None, by=BY
            )
            self._parley.log.append(SYSTEM_TOPIC, [event])
            self._states.note_told(change.source_id, change.told)

    def poll_due(self) -> Ticked:
        """Poll every source that is due, and wait for it."""
        self._take_up_changes()
        return self._poller.poll_due()

    def has_read_folders(self) -> bool:
        """True when the seeds and all other folders that were due are in the logs."""
        return self._poller.has_read_folders()

    def close(self) -> None:
        """Begin nothing more; polls that hang are left to the next start."""
        self._open.close()


@contextmanager
def polling(parley: Parley, wanted: Iterable[SourceConfig]) -> Iterator[Poller]:
    """What polls the sources wanted; in the end, polls that hang are left to others.

    Raises:
        BadInputError: two sources have one id, or a source names a topic that is not watched.
    """
    fetcher = Fetcher(contact=parley.settings.contact, clock=parley.clock)
    with FeedParser() as parser:
        poller = Poller(
            parley.service,
            wanted,
            parley.topics,
            fetcher,
            publishing(parley, intake_of(parley)),
            parley.clock,
            parse=parser.parse,
            pages=Pages(fetcher, Robots(fetcher, parley.clock), parley.clock),
        )
        try:
            yield poller
        finally:
            poller.stop(GRACE)


def seeds_folder() -> Path:
    """Where the articles that ship with Parley lie: beside the package, in a checkout and when installed."""
    folder = Path(monitor.__file__).parent.parent / "seeds"
    if not folder.is_dir():
        raise BadInputError(f"this installation of Parley has no seeds: there is no {folder}")
    return folder


def source_book(parley: Parley) -> SourceBook:
    """The sources, wherever they are written; keep it to notice when a file changes."""
    return book_of(parley.settings, parley.topics)


def sources(parley: Parley, book: SourceBook | None = None) -> list[SourceConfig]:
    """The sources as they are to be polled now, and the seeds unless they are switched off.

    Args:
        parley: what to work with.
        book: where the sources are written; none: it is opened for this once.

    Raises:
        BadInputError: a file of sources is wrong, and has been since the book was opened.
    """
    configured = list((book or source_book(parley)).current())
    if parley.settings.seeds:
        configured.append(seeds(parley.topics))
    return configured


def seeds(topics: Iterable[str]) -> SourceConfig:
    """The articles that ship with Parley, as a source."""
    return SourceConfig(
        id=SEEDS, kind="folder", path=seeds_folder(), topics=tuple(topics), interval_minutes=24 * 60
    )


def intake_of(parley: Parley) -> Intake:
    """The way into the logs; it remembers what it has read of them, so keep it for many articles."""
    return Intake(parley.log, by=BY, clock=parley.clock, topics=parley.topics)


def publishing(parley: Parley, intake: Intake) -> Callable[..., Taken]:
    """`intake.publish`, while nobody else does it for the topic: a copy is known by what stands in the log already."""

    def publish(topic: str, found: Sequence[ArticleFound], polled: Polled | None = None) -> Taken:
        with alone(parley.settings.store, parley.service, f"intake-{topic}"):
            return intake.publish(topic, found, polled)

    return publish


def take_in(
    parley: Parley, found: Iterable[ArticleFound], topics: Iterable[str] = (), intake: Intake | None = None
) -> Taken:
    """Put articles into the logs of the topics that they concern, once; for commands, without a source's schedule.

    Args:
        parley: what to work with.
        found: the articles, oldest first.
        topics: ids of topics to consider; none: all that are watched.
        intake: the way in; none: a new one.
    """
    publish, total = publishing(parley, intake or intake_of(parley)), Taken()
    articles = list(found)
    for name in topics or parley.topics:
        topic = parley.topics[name]
        relevant = [article for article in articles if is_relevant(topic, article.title, article.text)]
        total.add(publish(name, relevant))
    return total

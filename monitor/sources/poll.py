"""Polling: wake up, claim what is due, and let threads visit it; only what is published is noted as seen.

    tick: claim due sources (lease)  ->  a thread each: fetch and parse  ->  for each topic: what concerns it
        ->  publish (appends to the log)  ->  note entries, validators and the next due time

A tick never waits for a visit, so that no source can keep the others waiting; a source or a host has one visit at a
time. Dying anywhere repeats a poll whose articles are known by then. Errors are recorded per source, and it is tried
again.
"""

import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from monitor.errors import BadInputError, NewerLogError, ParleyError, SourceError, StoreError
from monitor.failpoints import reached
from monitor.ids import fact_id
from monitor.metrics import FEED_POLLS
from monitor.readmodel.store import reason_of
from monitor.sources.config import SourceConfig
from monitor.sources.desk import Desk, Publish
from monitor.sources.feed import parse_feed
from monitor.sources.outcome import AGAIN_SOON, Ticked, after_failure, after_success
from monitor.sources.pages import Pages
from monitor.sources.seen import Entries
from monitor.sources.state import Claim, SourceState, SourceStates, moment_of, stamp
from monitor.sources.visit import Fetching, Parse, Visit, Visitor
from monitor.topics import Topic
from monitor.tracing import about

__all__ = ["Fetching", "Poller", "Publish", "Ticked"]

Clock = Callable[[], datetime]
WORKERS = 8
HOST_PAUSE = timedelta(seconds=2)
"""Between the end of a visit to a host and the next one there; this machine itself needs none."""
_HERE = re.compile(r"localhost|127\..*|::1|folder .*")
LEASE = timedelta(seconds=60)
"""Renewed while a visit goes on; so soon after a process has died others may poll its sources."""
_RENEWED_EVERY_S = 10.0
LONGEST_VISIT_S = 900.0
"""Far more than the deadlines of a visit's fetches add up to: what lasts longer hangs, like a lost network folder."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Running:
    """A visit under way, and since when (monotonic, seconds)."""

    claim: Claim
    source: SourceConfig
    since: float


class Poller:
    """Polls the configured sources when they are due; several processes may each have one.

    Args:
        engine: the durable SQL of the service.
        sources: the sources as configured.
        topics: id -> topic; every source's topics must be among them.
        fetcher: gets URLs.
        publish: puts articles into a topic's log; called by one thread at a time.
        clock: the present moment, UTC.
        parse: reads what was fetched; a `FeedParser`'s where feeds are strangers'.
        pages: reads the pages of teasers; None: teasers are taken as they are.
        workers: how many sources are visited at once.
        host_pause: how long a host is left alone after a visit.

    Raises:
        BadInputError: two sources have one id, or a source names a topic that does not exist.
    """

    def __init__(
        self,
        engine: Engine,
        sources: Iterable[SourceConfig],
        topics: Mapping[str, Topic],
        fetcher: Fetching,
        publish: Publish,
        clock: Clock,
        *,
        parse: Parse = parse_feed,
        pages: Pages | None = None,
        workers: int = WORKERS,
        host_pause: timedelta = HOST_PAUSE,
    ) -> None:
        self._topics = topics
        self._clock = clock
        self._workers = workers
        self._host_pause = host_pause
        reading = fact_id(*sorted(topic.hash for topic in topics.values()))
        self._visitor = Visitor(fetcher, clock, reading, parse)
        self._renewed_at = 0.0
        self._states = SourceStates(engine)
        self._entries = Entries(engine, reading)
        self._sources: dict[str, SourceConfig] = {}
        self._running: dict[str, _Running] = {}
        self._done = Ticked()
        self._refused: NewerLogError | None = None
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._desk = Desk(topics, self._entries, publish, pages, self._stopping)
        self.configure(sources)

    def configure(self, sources: Iterable[SourceConfig]) -> None:
        """Poll these sources from now on.

        Raises:
            BadInputError: two sources have one id, or a source names a topic that does not exist.
        """
        by_id = _by_id(sources, self._topics)
        self._states.enrol(by_id.values(), self._clock())
        self._sources = by_id

    def status(self) -> list[SourceState]:
        """The state of every configured source, by id."""
        return [row for row in self._states.rows() if row.source_id in self._sources]

    def tick(self) -> int:
        """Begin to visit what is due, as far as workers are free; returns how many visits began. Never waits for one.

        Raises:
            StoreError: the database does not answer.
            NewerLogError: articles cannot be stored, and never will be by this version.
        """
        if self._refused is not None:
            raise self._refused
        if self._stopping.is_set():
            return 0
        with self._changed:
            free = self._workers - len(self._running)
            rest = [source_id for source_id in self._sources if source_id not in self._running]
        try:
            self._renew()
            claims = self._states.claim(rest, self._clock(), LEASE, free) if free > 0 else []
        except OperationalError as error:
            raise StoreError(f"polling waits for the database: {reason_of(error)}") from error
        for claim in claims:
            begun = _Running(claim, self._sources[claim.source_id], time.monotonic())
            with self._changed:
                self._running[claim.source_id] = begun
            # A thread that hangs must not keep the process from ending: its lease runs out by itself.
            context = copy_context()  # so that its lines say which role is at work
            threading.Thread(
                target=context.run, args=(self._work, begun), name=f"poll {claim.source_id}", daemon=True
            ).start()
        return len(claims)

    def poll_due(self) -> Ticked:
        """Visit everything that is due, and wait for it; returns what was done meanwhile."""
        before = self._done
        self._done = Ticked()
        while self.tick() or self._running:
            with self._changed:
                if self._running:
                    self._changed.wait(_RENEWED_EVERY_S)
        done, self._done = self._done, before + self._done
        return done

    def has_read_folders(self) -> bool:
        """True when no folder is due or being read: what lies on the own disk is in the logs."""
        now = stamp(self._clock())
        return not any(
            row.leased_until or (row.due_at <= now and not row.is_paused)
            for row in self.status()
            if self._sources[row.source_id].kind == "folder"
        )

    def drop_headlines(self) -> None:
        """Forget the headlines that concerned no topic and are older than a week."""
        self._entries.drop_headlines(self._clock())

    @property
    def is_idle(self) -> bool:
        """True while no visit is under way."""
        return not self._running

    def stop(self, grace: timedelta = timedelta()) -> None:
        """Begin nothing more, and wait so long for visits under way; those that still hang let go of their sources."""
        self._stopping.set()
        end = time.monotonic() + grace.total_seconds()
        with self._changed:
            while self._running and (left := end - time.monotonic()) > 0:
                self._changed.wait(left)
            hanging = list(self._running.values())
        for begun in hanging:
            _log.warning("source %s: its visit does not end; left to the next start", begun.source.id)
            self._states.let_go(begun.claim, self._clock(), {})

    def _renew(self) -> None:
        """Hold on to the sources that are visited, now and then; a visit that hangs counts as one that failed."""
        now = time.monotonic()
        with self._changed:
            running = list(self._running.values())
        for begun in running:
            if now - begun.since > LONGEST_VISIT_S:
                words = f"reading it has not ended for {LONGEST_VISIT_S / 60:.0f} minutes"
                self._end(begun, self._failed(begun.claim, begun.source, "hangs", words))
                running.remove(begun)
        if running and now - self._renewed_at >= _RENEWED_EVERY_S:
            self._renewed_at = now
            self._states.renew([begun.claim for begun in running], self._clock(), LEASE)

    def _work(self, begun: "_Running") -> None:
        done = Ticked(polled=1, failed=1)
        try:
            with about(source=begun.source.id):
                done = self._poll(begun.claim, begun.source)
        except Exception:  # noqa: BLE001 - the database itself: the lease runs out, and the source is polled again
            _log.exception("source %s: its poll could not be noted", begun.source.id)
        finally:
            self._end(begun, done)

    def _end(self, begun: "_Running", done: Ticked) -> None:
        """Make room for other visits; one that hung and ends after all has been counted already."""
        with self._changed:
            if self._running.get(begun.source.id) is begun:
                del self._running[begun.source.id]
                self._done += done
            self._changed.notify_all()

    def _poll(self, claim: Claim, source: SourceConfig) -> Ticked:
        """Visit a source, publish what it brought, then note its success; or note its failure."""
        try:
            visit = self._not_another(source, self._visitor.visit(source, claim.state))
            handed = self._desk.hand_on(source, visit, moment_of(claim.state.last_ok_at))
        except SourceError as error:
            return self._failed(claim, source, error.reason, str(error), retry_after=error.retry_after)
        except ParleyError as error:
            FEED_POLLS.labels("not_stored").inc()
            if isinstance(error, NewerLogError):
                self._refused = error
            _log.warning("source %s: its articles could not be stored: %s", claim.source_id, error)
            now = self._clock()
            later = {"due_at": stamp(now + AGAIN_SOON), "last_poll_at": stamp(now)}
            self._let_go(claim, now, {**later, "last_error": f"not_stored: {error}"})
            return Ticked(polled=1, failed=1)
        except Exception as error:  # noqa: BLE001 - a defect on one source's bytes must not stop the others
            _log.exception("source %s: polling failed", claim.source_id)
            return self._failed(claim, source, "defect", f"{type(error).__name__}: {error}")
        reached("poll.published")
        FEED_POLLS.labels("unchanged" if visit.articles is None else "changed").inc()
        now = self._clock()
        if visit.articles is not None:
            self._entries.note(claim.source_id, visit.articles, handed.judged, now)
        self._let_go(claim, now, after_success(claim.state, source, visit, handed, now))
        return Ticked(polled=1, published=sum(not one.why for one in handed.judged))

    def _not_another(self, source: SourceConfig, visit: Visit) -> Visit:
        """The visit; a move to the address of another source is not followed, or one feed would be polled twice."""
        if not visit.moved_to:
            return visit
        places = {row.source_id: {row.place, row.address} for row in self.status()}
        same = [id_ for id_, addresses in places.items() if visit.moved_to in addresses]
        if not same or same == [source.id]:
            return visit
        note = f"has moved to where {same[0]} is; remove one of the two"
        told = visit.note if note in visit.note else "; ".join(filter(None, (note, visit.note)))
        return replace(visit, moved_to="", note=told)

    def _failed(
        self,
        claim: Claim,
        source: SourceConfig,
        reason: str,
        words: str,
        *,
        retry_after: float | None = None,
    ) -> Ticked:
        FEED_POLLS.labels("failed").inc()
        _log.warning("source %s: %s: %s", claim.source_id, reason, words)
        now = self._clock()
        self._let_go(claim, now, after_failure(claim.state, source, reason, words, retry_after, now))
        return Ticked(polled=1, failed=1)

    def _let_go(self, claim: Claim, now: datetime, values: Mapping[str, object]) -> None:
        pause = timedelta() if _HERE.fullmatch(claim.state.host) else self._host_pause
        self._states.let_go(claim, now + pause, values)


def _by_id(sources: Iterable[SourceConfig], topics: Mapping[str, Topic]) -> dict[str, SourceConfig]:
    by_id: dict[str, SourceConfig] = {}
    for source in sources:
        if source.id in by_id:
            raise BadInputError(f"two sources are called {source.id!r}: give each an id of its own")
        for name in source.topics:
            if name not in topics:
                known = ", ".join(sorted(topics)) or "none"
                raise BadInputError(f"source {source.id!r}: there is no topic {name!r}; known are: {known}")
        by_id[source.id] = source
    return by_id

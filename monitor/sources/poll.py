"""Polling: wake up, claim what is due, fetch, find what concerns a topic, publish it, and only then note how far.

    claim due sources (lease)  ->  fetch and parse (a few threads)  ->  for each topic: relevant articles
        ->  publish (appends to the log)  ->  store validators and the next due time

Dying anywhere repeats a poll whose articles are known by then. Errors are recorded per source, and it is tried again.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine

from monitor.errors import BadInputError, ParleyError, SourceError
from monitor.failpoints import reached
from monitor.ids import fact_id
from monitor.sources.config import SourceConfig
from monitor.sources.feed import articles, parse_feed
from monitor.sources.fetch import Fetched, Validators
from monitor.sources.folder import read_folder
from monitor.sources.model import ArticleFound
from monitor.sources.state import Claim, SourceState, SourceStates, backed_off, jittered
from monitor.topics import Topic, is_relevant

__all__ = ["Fetching", "Poller", "Publish", "SourceConfig", "Ticked"]

Clock = Callable[[], datetime]
Publish = Callable[[str, Sequence[ArticleFound]], object]
"""(topic, articles oldest first): puts them into the topic's log; returns when they are there, else raises."""

WORKERS = 4
_AGAIN_SOON = timedelta(minutes=1)
"""When it was not the source's fault (the log did not answer)."""
_log = logging.getLogger(__name__)


class Fetching(Protocol):
    """What the poller needs of a fetcher."""

    deadline: float

    def get(self, url: str, validators: Validators = ..., *, allow_private: bool = ...) -> Fetched:
        """Fetch a URL, conditionally when there are validators."""


@dataclass(frozen=True, slots=True)
class _Poll:
    """What a source brought, before anything of it is published."""

    articles: tuple[ArticleFound, ...]
    validators: Validators
    note: str = ""


@dataclass(slots=True)
class Ticked:
    """What a tick did: sources polled and failed, articles handed on."""

    polled: int = 0
    failed: int = 0
    published: int = 0


class Poller:
    """Polls the configured sources when they are due. One tick at a time; several processes may each have one.

    Args:
        engine: the durable SQL of the service.
        sources: the sources as configured.
        topics: id -> topic; every source's topics must be among them.
        fetcher: gets URLs.
        publish: puts articles into a topic's log.
        clock: the present moment, UTC.

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
        workers: int = WORKERS,
    ) -> None:
        self._sources = _by_id(sources, topics)
        self._topics = topics
        self._fetcher = fetcher
        self._publish = publish
        self._clock = clock
        self._workers = workers
        self._stopping = threading.Event()
        # A source waits for its turn in the pool at most once, so twice its deadline and some parsing is enough.
        self._lease = timedelta(seconds=2 * fetcher.deadline + 60)
        self._states = SourceStates(engine)
        self._states.enrol({source.id: source.place for source in self._sources.values()}, clock())

    def stop(self) -> None:
        """Claim nothing more: a tick under way ends with the polls that it has begun."""
        self._stopping.set()

    def status(self) -> list[SourceState]:
        """The state of every configured source, by id."""
        return [row for row in self._states.rows() if row.source_id in self._sources]

    def tick(self) -> Ticked:
        """Poll everything that is due. What goes wrong is recorded and logged, never raised."""
        ticked = Ticked()
        try:
            with ThreadPoolExecutor(self._workers, thread_name_prefix="poll") as pool:
                for claim, outcome in self._polls(pool):
                    self._finish(claim, outcome, ticked)
        except Exception:  # noqa: BLE001 - the database itself: logged, and the next tick tries again
            _log.exception("polling was broken off")
        return ticked

    def _polls(self, pool: ThreadPoolExecutor) -> Iterator[tuple[Claim, "Future[_Poll]"]]:
        while not self._stopping.is_set():
            claims = self._states.claim(list(self._sources), self._clock(), self._lease, self._workers)
            if not claims:
                return
            running = {pool.submit(self._poll, claim): claim for claim in claims}
            for outcome in as_completed(running):
                yield running[outcome], outcome

    def _poll(self, claim: Claim) -> _Poll:
        source = self._sources[claim.source_id]
        now = self._clock()
        history = not claim.polled_once
        if source.kind == "folder":
            read = read_folder(
                Path(source.place),
                now=now,
                source=source.id,
                outlet=source.outlet,
                language=source.language,
                history=history,
            )
            note = "; ".join(f"{refused.name}: {refused.why}" for refused in read.refused)
            return _Poll(read.articles, Validators(), note)
        fetched = self._fetcher.get(source.url, claim.validators, allow_private=source.allow_private)
        if fetched.not_modified:
            return _Poll((), fetched.validators)
        feed = parse_feed(fetched.body, fetched.url, fetched.content_type)
        found = articles(
            feed, source=source.id, outlet=source.outlet, language=source.language, now=now, history=history
        )
        if fetched.complete:
            return _Poll(tuple(found), fetched.validators, feed.note)
        # Entries may be missing, so the next poll must not be told that nothing has changed.
        return _Poll(tuple(found), Validators(), "; ".join(filter(None, ("the answer broke off", feed.note))))

    def _finish(self, claim: Claim, outcome: "Future[_Poll]", ticked: Ticked) -> None:
        """Publish what a poll brought, then note its success; or note its failure."""
        ticked.polled += 1
        try:
            poll = outcome.result()
            relevant = self._hand_on(claim, poll.articles)
        except SourceError as error:
            ticked.failed += 1
            self._note_failure(claim, error.reason, str(error), retry_after=error.retry_after)
        except ParleyError as error:
            ticked.failed += 1
            _log.warning("source %s: its articles could not be stored: %s", claim.source_id, error)
            self._states.failed(
                claim, self._clock(), self._clock() + _AGAIN_SOON, f"not_stored: {error}", counts=False
            )
        except Exception as error:  # noqa: BLE001 - a defect on one source's bytes must not stop the others
            ticked.failed += 1
            _log.exception("source %s: polling failed", claim.source_id)
            self._note_failure(claim, "defect", f"{type(error).__name__}: {error}")
        else:
            ticked.published += relevant
            reached("poll.published")
            now = self._clock()
            self._states.succeeded(
                claim,
                now,
                now + self._wait(claim, 0, now),
                validators=poll.validators,
                seen=len(poll.articles),
                relevant=relevant,
                note=poll.note,
            )

    def _hand_on(self, claim: Claim, found: Sequence[ArticleFound]) -> int:
        """Publish to each of the source's topics what speaks of it; returns how many articles that were."""
        count = 0
        for name in self._sources[claim.source_id].topics:
            topic = self._topics[name]
            relevant = [article for article in found if is_relevant(topic, article.title, article.text)]
            if relevant:
                self._publish(name, relevant)
                count += len(relevant)
        return count

    def _note_failure(
        self, claim: Claim, reason: str, words: str, *, retry_after: float | None = None
    ) -> None:
        now = self._clock()
        wait = self._wait(claim, claim.error_streak + 1, now)
        if retry_after is not None:
            wait = max(wait, timedelta(seconds=retry_after))
        _log.warning("source %s: %s: %s", claim.source_id, reason, words)
        self._states.failed(claim, now, now + wait, f"{reason}: {words}")

    def _wait(self, claim: Claim, error_streak: int, now: datetime) -> timedelta:
        interval = timedelta(minutes=self._sources[claim.source_id].interval_minutes)
        lot = int(fact_id(claim.source_id, now.isoformat())[:8], 16) / 0xFFFF_FFFF
        return jittered(backed_off(interval, error_streak), lot)


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

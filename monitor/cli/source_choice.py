"""What the commands of `parley sources` share: the sources as they are written and polled, their states, new ids."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from sqlmodel import select

from monitor.cli.context import Context
from monitor.errors import BadInputError
from monitor.service.ingest import seeds
from monitor.service.settings import book_of
from monitor.service.wiring import watched_topics
from monitor.sources.book import OWN_FILE, Written
from monitor.sources.canonical import canonical_url
from monitor.sources.config import SourceConfig
from monitor.sources.search import searched, written_id
from monitor.sources.state import SourceState, SourceStates
from monitor.topics import Topic

_ID_CHARS = 32
_NO_NAMES = frozenset({"www", "feeds", "feed", "rss", "news"})
"""Beginnings of hosts that say nothing of the outlet."""


@dataclass(frozen=True, slots=True)
class Known:
    """A source as it is polled, and where it is written."""

    source: SourceConfig
    written: Written


@dataclass
class Sources:
    """The sources of the settings of a command."""

    context: Context

    @cached_property
    def topics(self) -> dict[str, Topic]:
        """The topics that are watched, by id."""
        return watched_topics(self.context.settings)

    @cached_property
    def written(self) -> list[Written]:
        """Every source as it is written, the seeds last."""
        found = book_of(self.context.settings, self.topics).written()
        if self.context.settings.seeds:
            found.append(Written(seeds(self.topics), None))
        return found

    @cached_property
    def known(self) -> list[Known]:
        """Every source as it is polled."""
        return [Known(source, one) for one in self.written for source in searched(one.source, self.topics)]

    @cached_property
    def addresses(self) -> dict[str, Written]:
        """Each source by its canonical address; a search also by those at which it is polled."""
        pairs = chain(
            ((one.source.url, one) for one in self.written),
            ((one.source.url, one.written) for one in self.known),
        )
        return {canonical_url(url) or url: written for url, written in pairs if url}

    @property
    def own_file(self) -> Path:
        """The file that `add` and `remove` write."""
        return self.context.settings.data / OWN_FILE

    def chosen(self, names: Collection[str]) -> list[Known]:
        """Those of these ids, as they are written or polled; no names: all.

        Raises:
            BadInputError: an id is not known; the message names those that are.
        """
        for name in names:
            self._check(name)
        return [
            one
            for one in self.known
            if not names or one.source.id in names or written_id(one.source.id) in names
        ]

    def _check(self, name: str) -> None:
        ids = [one.source.id for one in self.known]
        if name not in {*ids, *map(written_id, ids)}:
            raise BadInputError(f"there is no source {name!r}; known are {', '.join(ids) or 'none'}")

    def topics_named(self, names: Sequence[str] | None) -> list[str]:
        """The ids of the topics that an option names; by default the first that is watched.

        Raises:
            BadInputError: a topic is not watched.
        """
        for name in names or ():
            if name not in self.topics:
                raise BadInputError(
                    f"the topic {name!r} is not watched (see the setting topics); watched are {', '.join(self.topics)}"
                )
        return list(names or self.context.settings.topics[:1])

    def double_of(self, url: str) -> Written | None:
        """The source that has this address already, as it is written or, of a search, filled with a topic's words."""
        return self.addresses.get(canonical_url(url) or url)

    @contextmanager
    def states(self) -> Iterator[SourceStates]:
        """The states of all sources, to be changed; each source that is polled has a row."""
        with self.context.service() as engine:
            states = SourceStates(engine)
            states.enrol([one.source for one in self.known], self.context.clock())
            yield states

    def rows(self) -> dict[str, SourceState]:
        """The state of each source that has one."""
        with self.context.settings.store.reading(SourceState) as session:
            rows = session.exec(select(SourceState)).all() if session else ()
            return {row.source_id: row for row in rows}


def new_id(name: str, url: str, taken: Collection[str]) -> str:
    """An id made of the outlet's name, else of the host; with a number when it is taken."""
    labels = [part for part in (urlsplit(url).hostname or "").split(".") if part not in _NO_NAMES]
    made = _slug(name) or _slug(next(iter(labels), "")) or "source"
    numbered: Iterable[str] = (f"{made}-{number}" for number in range(2, len(taken) + 3))
    return next(one for one in (made, *numbered) if one not in taken)


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_ID_CHARS].strip("-")

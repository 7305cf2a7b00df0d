"""One poll of one source: what it brings, before anything of it is published or noted. Does not touch the database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import httpx

from monitor.errors import SourceError
from monitor.metrics import FEED_FETCH_SECONDS
from monitor.sources.barriers import barred, what_stands_instead
from monitor.sources.config import SourceConfig
from monitor.sources.feed import ParsedFeed, articles, parse_feed
from monitor.sources.fetch import Fetched, Validators
from monitor.sources.folder import read_folder
from monitor.sources.hops import same_host, shown
from monitor.sources.model import ArticleFound
from monitor.sources.request import NO_HEADERS
from monitor.sources.schedule import Wishes
from monitor.sources.state import SourceState

Headers = Mapping[str, str]
Parse = Callable[[bytes, str, str], ParsedFeed]


class Fetching(Protocol):
    """What polling needs of a fetcher."""

    def get(
        self, url: str, validators: Validators = ..., *, allow_private: bool = ..., headers: Headers = ...
    ) -> Fetched:
        """Fetch a URL, conditionally when there are validators."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What a source brought. `articles` is None where nothing has changed since the last visit.

    `is_part`: it has shown more, which is not among them: they are the latest, or the answer broke off.
    """

    articles: tuple[ArticleFound, ...] | None
    validators: Validators = field(default_factory=Validators)
    note: str = ""
    wishes: Wishes = field(default_factory=Wishes)
    moved_to: str = ""
    digest: str = ""
    is_part: bool = False


class Visitor:
    """Visits sources. Safe to use from several threads.

    Args:
        fetcher: gets URLs.
        clock: the present moment, UTC.
        parse: (body, url, content type) -> feed.
        reading: what entries are judged by (the topics): when it changes, a body is read though it has not changed.
    """

    def __init__(
        self, fetcher: Fetching, clock: Callable[[], datetime], reading: str, parse: Parse = parse_feed
    ) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._parse = parse
        self._reading = reading

    def visit(self, source: SourceConfig, state: SourceState) -> Visit:
        """What the source brings now.

        Raises:
            SourceError: it could not be fetched or read.
        """
        if source.kind == "folder":
            return self._folder(source, history=not state.polled_once)
        return self._feed(source, state)

    def _folder(self, source: SourceConfig, *, history: bool) -> Visit:
        read = read_folder(
            Path(source.place),
            now=self._clock(),
            source=source.id,
            outlet=source.outlet,
            language=source.language,
            history=history,
        )
        return Visit(
            read.articles, note="; ".join(f"{refused.name}: {refused.why}" for refused in read.refused)
        )

    def _feed(self, source: SourceConfig, state: SourceState) -> Visit:
        judged = state.body_digest.startswith(f"{self._reading} ")
        validators = Validators(state.etag, state.last_modified) if judged else Validators()
        # A feed that has moved to another host takes no secrets there.
        at_home = not state.address or same_host(httpx.URL(source.url), httpx.URL(state.address))
        with FEED_FETCH_SECONDS.time():
            fetched = self._fetcher.get(
                state.address or source.url,
                validators,
                allow_private=source.allow_private,
                headers=source.request_headers() if at_home else NO_HEADERS,
            )
        moved_to = fetched.moved_to or ""
        wishes = Wishes(at_least=fetched.fresh_for or timedelta())
        digest = f"{self._reading} {fetched.digest}" if fetched.complete else ""
        if fetched.not_modified or (digest and digest == state.body_digest):
            return Visit(None, fetched.validators, state.note, wishes, moved_to, state.body_digest)
        feed = self._parsed(fetched)
        at_least = max(wishes.at_least, feed.ttl or timedelta())
        wishes = Wishes(at_least, feed.skip_hours, feed.skip_days)
        found = articles(
            feed,
            source=source.id,
            outlet=source.outlet,
            language=source.language,
            now=self._clock(),
            history=not state.polled_once,
        )
        if fetched.complete:
            return Visit(
                tuple(found), fetched.validators, feed.note, wishes, moved_to, digest, fetched.is_delta
            )
        # Entries may be missing, so the next poll must not be told that nothing has changed.
        note = "; ".join(filter(None, ("the answer broke off", feed.note)))
        return Visit(tuple(found), note=note, is_part=True)

    def _parsed(self, fetched: Fetched) -> ParsedFeed:
        """The feed that was fetched, or an error that says what stands in its place."""
        try:
            return self._parse(fetched.body, fetched.url, fetched.content_type)
        except SourceError as error:
            kind = what_stands_instead(fetched.body, fetched.url, fetched.content_type)
            raise (barred(kind, shown(fetched.url)) if kind else error) from error

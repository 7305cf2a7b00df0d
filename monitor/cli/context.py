"""What commands share: settings and topics, read when a command needs them, the log and the read model.

Each is imported when it is first asked for: `parley detect` must not wait for Redis and SQL to load.
"""

import getpass
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.errors import BadInputError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from monitor.log.stream import EventLog
    from monitor.readmodel.queries import ReadModel
    from monitor.service.settings import Settings
    from monitor.service.wiring import Parley
    from monitor.topics import Topic

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else, to stdout.")]


def utc_now() -> datetime:
    """The clock of the command line."""
    return datetime.now(UTC)


@dataclass
class Context:
    """The global options and what follows from them."""

    config: Path | None
    data: Path | None
    clock: Callable[[], datetime] = utc_now

    @cached_property
    def settings(self) -> "Settings":
        """The settings; raises SettingsError."""
        from monitor.service import logs
        from monitor.service.settings import load_settings

        settings = load_settings(self.config, self.data)
        if settings.logs.form != "auto":
            logs.configure(logging.getLogger().level, settings.logs.form)
        return settings

    @cached_property
    def topics(self) -> "dict[str, Topic]":
        """All topics by id, `any` among them; raises TopicFileError."""
        from monitor.topics import load_topics

        return load_topics(self.settings.topic_dirs)

    @property
    def read_model(self) -> "ReadModel":
        """The read model of the data folder."""
        from monitor.readmodel.queries import ReadModel

        return ReadModel(self.settings.store)

    def topic(self, name: str | None) -> "Topic":
        """The topic of that name, by default the first that is watched.

        Raises:
            BadInputError: there is no such topic; the message names those there are.
        """
        name = name or self.settings.topics[0]
        if name not in self.topics:
            raise BadInputError(f"there is no topic {name!r}; known are {', '.join(sorted(self.topics))}")
        return self.topics[name]

    def watched(self, name: str | None) -> "Topic":
        """Like `topic`, but not `any`, which is never watched."""
        topic = self.topic(name)
        if topic.kind == "any":
            raise BadInputError(
                "the topic 'any' has no timeline: it is for `parley detect` and `parley evaluate`"
            )
        return topic

    @contextmanager
    def log(self) -> "Iterator[EventLog]":
        """The event log: the running server's, or one that is started for as long as this lasts."""
        from monitor.service.wiring import open_event_log

        with open_event_log(self.settings) as log:
            yield log

    @contextmanager
    def service(self) -> "Iterator[Engine]":
        """The service's database, made when there is none yet; it needs no Redis."""
        from monitor.service.wiring import open_service

        engine = open_service(self.settings.store)
        try:
            yield engine
        finally:
            engine.dispose()

    @contextmanager
    def parley(self) -> "Iterator[tuple[Parley, bool]]":
        """Everything that a command works with, and whether a service runs that reads the logs."""
        from monitor.service import once
        from monitor.service.wiring import assemble

        by_another = once.is_running(self.settings, self.clock())
        with self.log() as log:
            parley = assemble(self.settings, log, lambda: self.clock())
            try:
                yield parley, by_another
            finally:
                parley.close()


def login_name() -> str:
    """Who is at work, by the name of the login; empty where it has none, as a container's user may."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def context_of(context: typer.Context) -> Context:
    """The `Context` that the application's callback has made."""
    found = context.find_object(Context)
    assert found is not None  # noqa: S101  (the callback always runs first)
    return found


def print_json(document: Any) -> None:
    """One JSON document on stdout."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2, sort_keys=False))

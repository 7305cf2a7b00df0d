"""What the roles need is waited for: one line when that begins, one when it ends, one a minute in between.

A wrong password is waited out where the database is a server: while one is set up, it knows nobody yet. Redis knows its
logins from its start on, so that one which it refuses is an error at once, as is a wrong setting.
"""

import logging
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Event as Signal
from typing import TypeVar

from monitor.errors import LogUnavailableError, NewerStoreError, StoreError
from monitor.hitch import Hitch
from monitor.log.stream import EventLog
from monitor.readmodel.model import ReadModel
from monitor.service.leases import Shared
from monitor.service.settings import Settings
from monitor.service.watch import renew
from monitor.service.wiring import Clock, Parley, assemble

RETRY_S = 1.0
LOOK_EVERY = 5
_START_POSTGRES = "start it, or mend the setting database_url; it is tried again every second"
_START_REDIS = "start it, or mend the setting redis_url; it is tried again every second"
_log = logging.getLogger(__name__)
Found = TypeVar("Found")


class StoppedError(Exception):
    """The process is to end while it still waits."""


@dataclass(frozen=True)
class Waiting:
    """Waits until the process is to `stop`, and has what is missing noted."""

    stop: Signal
    note: Callable[[str], None]

    def until(self, name: str, attempt: Callable[[], Found], advice: str) -> Found:
        """What `attempt` gives, once it raises neither StoreError nor LogUnavailableError.

        Args:
            name: what is waited for.
            attempt: gives it, or says why not.
            advice: what to do, unless the error says so itself.

        Raises:
            StoppedError: the process is to end.
            NewerStoreError: waiting does not help.
        """
        hitch = Hitch(_log)
        while not self.stop.is_set():
            try:
                found = attempt()
            except NewerStoreError:
                raise
            except (StoreError, LogUnavailableError) as error:
                self.note(str(error))
                hitch.met(f"waiting: {error}" + ("" if "`parley " in str(error) else f"; {advice}"))
                self.stop.wait(RETRY_S)
            else:
                hitch.over(f"{name} is there: going on")
                return found
        raise StoppedError


def assembled(
    settings: Settings,
    log: EventLog,
    clock: Clock,
    roles: Collection[str],
    waiting: Waiting,
    *,
    migrates: bool,
) -> Parley:
    """What these roles work with, once it is all there.

    Tables in PostgreSQL are waited for until `parley migrate` has made them, unless this `migrates` them.

    Raises:
        StoppedError: the process is to end.
        BadInputError: a watched topic does not exist.
        StoreError: the files of the data folder cannot be opened, or a newer Parley made the tables.
        LogError: Redis refuses the login.
    """

    def attempt() -> Parley:
        return assemble(settings, log, clock, migrates=migrates)

    store = settings.store
    parley = waiting.until(store.name, attempt, _START_POSTGRES) if store.url else attempt()
    try:
        _reach_log(parley, roles, waiting)
        if "watch" in roles and store.url:
            waiting.until("the read model", lambda: renew(parley), _START_POSTGRES)
        elif "watch" in roles:
            renew(parley)
    except BaseException:
        parley.service.dispose()
        raise
    return replace(parley, leases=Shared(parley.service, clock)) if settings.redis_url else parley


def _reach_log(parley: Parley, roles: Collection[str], waiting: Waiting) -> None:
    """Wait for the log where it is worked with; `notify` goes on, for it has a queue to deliver."""
    if not {"ingest", "watch", "notify"} & set(roles):
        return

    def attempt() -> None:
        for topic in list(parley.topics)[:1]:
            parley.log.epoch(topic)

    if {"ingest", "watch"} & set(roles):
        waiting.until("Redis", attempt, _START_REDIS)
        return
    with suppress(LogUnavailableError):  # the role says so aloud
        attempt()


class ModelLook:
    """Says when those who only show have nothing to show yet, and when they have."""

    def __init__(self, model: ReadModel) -> None:
        self._model = model
        self._hitch = Hitch(_log)
        self._turn = 0

    def __call__(self) -> None:
        """Look now and then; to be called every second."""
        self._turn += 1
        if self._turn % LOOK_EVERY != 1:
            return
        try:
            missing = (
                "" if self._model.exists() else f"nothing has been read yet into {self._model.store.name}"
            )
        except StoreError as error:
            missing = str(error)
        if missing:
            self._hitch.met(f"waiting for something to show: {missing}; is the role `watch` running?")
        else:
            self._hitch.over("there is something to show")

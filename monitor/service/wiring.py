"""How the parts are put together: what every role works with, opened from the settings."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from monitor.alerts.vault import Vault, open_vault
from monitor.errors import BadInputError, StoreError
from monitor.log.connect import connect
from monitor.log.embedded import open_log
from monitor.log.place import Place, place_of
from monitor.log.stream import EventLog
from monitor.readmodel.model import ReadModel
from monitor.readmodel.store import Store
from monitor.service.leases import Leases, Sole
from monitor.service.pulse import Pulse
from monitor.service.schema import check_schema, migrate
from monitor.service.settings import Settings
from monitor.topics import Topic, load_topics

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Parley:
    """What every role works with."""

    settings: Settings
    topics: dict[str, Topic]
    """The topics that are watched, by id."""
    log: EventLog
    read_model: ReadModel
    service: Engine
    clock: Clock
    pulse: Pulse = field(default_factory=Pulse)
    """How the roles of this process fare."""
    leases: Leases = field(default_factory=Sole)
    """What this process is to do, where others have the same roles."""

    def close(self) -> None:
        """Let go of the connections of SQL; the log is closed by who opened it."""
        self.read_model.close()
        self.service.dispose()


def assemble(settings: Settings, log: EventLog, clock: Clock, *, migrates: bool = False) -> Parley:
    """Open everything but the log; who is done with it closes it. `migrates`: see `open_service`.

    Raises:
        BadInputError: a watched topic does not exist.
        StoreError: the data folder's databases cannot be opened.
    """
    return Parley(
        settings=settings,
        topics=watched_topics(settings),
        log=log,
        read_model=ReadModel(settings.store),
        service=open_service(settings.store, migrates=migrates),
        clock=clock,
    )


def watched_topics(settings: Settings) -> dict[str, Topic]:
    """The topics that the settings name, in that order.

    Raises:
        BadInputError: one of them does not exist, or is `any`.
    """
    known = load_topics(settings.topic_dirs)
    for name in settings.topics:
        if name not in known or known[name].kind == "any":
            choice = ", ".join(sorted(topic.id for topic in known.values() if topic.kind != "any"))
            raise BadInputError(
                f"the setting topics names {name!r}, which cannot be watched; known are {choice}"
            )
    return {name: known[name] for name in settings.topics}


def open_service(store: Store, *, durable: bool = True, migrates: bool = False) -> Engine:
    """The SQL of the service; whoever opens it disposes of it. For scratch it need not be durable.

    In files its tables are made, or brought up to date, at once. In PostgreSQL that is `parley migrate`'s affair, since
    older processes may still be at work there, unless whoever opens it is the only one and `migrates`.

    Raises:
        StoreError: it cannot be opened, another version made it, or nobody has run `parley migrate`.
    """
    engine = store.service(durable=durable)
    try:
        if store.url and not migrates:
            check_schema(engine)
        else:
            migrate(engine)
    except StoreError:
        engine.dispose()
        raise
    return engine


def vault_of(settings: Settings) -> Vault:
    """What seals subscribers' addresses and signs their links; raises as `open_vault` does."""
    return open_vault(settings.data, settings.key.get_secret_value())


def archive_of(settings: Settings) -> Place | None:
    """The place of the archive; None: there is none.

    Raises:
        BadInputError: it is no place, or what it takes is not installed.
    """
    return place_of(settings.archive.place, settings.data) if settings.archive.place else None


@contextmanager
def open_event_log(settings: Settings) -> Iterator[EventLog]:
    """The event log: on the Redis of the settings, else the data folder's (running, or started for this while)."""
    if settings.redis_url:
        with connect(settings.redis_url) as client:
            yield EventLog(client, archive_of(settings))
    else:
        with open_log(settings.data, archive=archive_of(settings)) as log:
            yield log

"""What an operator wants to see at a glance: how far each stage is, what waits, what is dead, who works, what is safe.

Read from the service's database, the read model and the note of the last backup; none of it needs Redis.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor import __version__
from monitor.alerts import overview
from monitor.alerts.tables import DeliveryRow
from monitor.readmodel.backups import Backup, last_backup
from monitor.readmodel.model import ReadModel
from monitor.readmodel.progress import Unread, dead_letters, failed_articles
from monitor.readmodel.roles import RoleHealth, health_rows, is_silent
from monitor.readmodel.stages import StageLag, software, stage_lags
from monitor.sources.state import moment_of


@dataclass(frozen=True, slots=True)
class Stage:
    """How far a stage is behind the one before; moments are UTC-aware."""

    name: str
    """`read_model`, `reaction`, `queue`, `receivers`."""
    waiting: int
    """Entries of the log, or deliveries that are due."""
    since: datetime | None
    """Since when the oldest of them waits."""
    topic: str
    """The one with most of them."""
    measured_at: datetime | None
    """None: just now."""


@dataclass(frozen=True, slots=True)
class Process:
    """A role as one process does it."""

    role: str
    instance: str
    version: str
    trouble: str
    is_silent: bool
    ok_at: datetime | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Queued:
    """So many deliveries by a channel are in a state."""

    channel: str
    state: str
    count: int
    is_open: bool
    """They are still to arrive."""


@dataclass(frozen=True, slots=True)
class Operations:
    """All of it."""

    stages: Sequence[Stage]
    deliveries: Sequence[Queued]
    dead_letters: dict[str, Unread]
    """Topic -> entries of its log that could not be projected."""
    failed_articles: dict[str, Unread]
    """Topic -> articles on which the detector failed."""
    processes: Sequence[Process]
    versions: dict[str, str]
    """`parley`, `redis` (where it is known), `read_model` (the name of the one in use)."""
    is_outdated: bool
    """Another version of Parley made the read model."""
    backup: Backup | None


def operations(model: ReadModel, now: datetime) -> Operations:
    """How the service fares at `now` (UTC-aware).

    Raises:
        StoreError: the service's database, or the read model, cannot be read.
    """
    store, in_use = model.store, model.in_use()
    stages = [_stage(lag) for lag in stage_lags(store)]
    deliveries: list[Queued] = []
    with store.reading(DeliveryRow) as session:
        if session is not None:
            numbers = overview.numbers(session, now)
            deliveries = [Queued(one.channel, one.state, one.count, one.is_open) for one in numbers.depths]
            stages.append(Stage("receivers", numbers.due, numbers.oldest_due, "", None))
    return Operations(
        stages=stages,
        deliveries=deliveries,
        dead_letters=dead_letters(model),
        failed_articles=failed_articles(model),
        processes=[_process(row, now) for row in health_rows(store)],
        versions={"parley": __version__, **software(store), **({"read_model": in_use} if in_use else {})},
        is_outdated=model.is_outdated(),
        backup=last_backup(store.data),
    )


def _stage(lag: StageLag) -> Stage:
    return Stage(lag.stage, lag.events, lag.since, lag.topic, lag.measured_at)


def _process(row: RoleHealth, now: datetime) -> Process:
    return Process(
        role=row.role,
        instance=row.instance,
        version=row.version,
        trouble=row.trouble,
        is_silent=is_silent(row, now),
        ok_at=moment_of(row.ok_at),
        seen_at=moment_of(row.seen_at),
    )

"""Who does what, where several processes have one role: rows of SQL that their holders renew while they live.

A process says what it would do (`watch`: the topics), takes what nobody holds up to its share, and lets go of what is
more, as when another process joins. What a dead process held runs out within seconds, and is taken by those that are
left. Two holders at once are harmless: a lease spares work done twice, ids and checks keep it right.
"""

import fcntl
import logging
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event as Signal
from typing import Protocol

from sqlalchemy import Connection, Engine, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from monitor.errors import StoreError
from monitor.hitch import Hitch
from monitor.readmodel.roles import this_instance
from monitor.readmodel.store import TOGETHER, Store, reason_of
from monitor.service.tables import Lease, Replica

LEASE = timedelta(seconds=9)
RENEW_S = 3.0
_CLOCKS_DIFFER = timedelta(minutes=10)
"""Whoever has taken a lease for longer than this has, or had, a clock that is wrong."""
_ALONE = text("SELECT pg_advisory_xact_lock(hashtext(:name))")
_log = logging.getLogger(__name__)
Clock = Callable[[], datetime]


class Leases(Protocol):
    """What this process may do."""

    def holds(self, role: str, name: str = "") -> bool:
        """Whether it is this process's turn to do this work of a role."""

    def want(self, role: str, names: Iterable[str] = ("",)) -> None:
        """From the next renewal on, this process does a share of this work."""

    def begin(self) -> None:
        """Take a share now; trouble is left to the next renewal."""

    def run(self, stop: Signal) -> None:
        """Renew until told to stop, then leave everything to others."""


class Sole:
    """The data folder and its Redis are this process's: there is nobody to share with, and nothing to write."""

    def holds(self, role: str, name: str = "") -> bool:
        """Always."""
        return True

    def want(self, role: str, names: Iterable[str] = ("",)) -> None:
        """It has it already."""

    def begin(self) -> None:
        """There is nothing to take."""

    def run(self, stop: Signal) -> None:
        """There is nothing to renew."""


class Shared:
    """Leases in the service's database. `holds` may be asked from any thread.

    Args:
        engine: the service's database.
        clock: the time, UTC-aware.
        holder: what this process is called; a process that is started anew under the same name goes on at once.
    """

    def __init__(self, engine: Engine, clock: Clock, holder: str | None = None) -> None:
        self._engine = engine
        self._clock = clock
        self._holder = holder or this_instance()
        self._wanted: dict[str, tuple[str, ...]] = {}
        self._held: Mapping[tuple[str, str], datetime] = {}
        self._hitch = Hitch(_log)

    def holds(self, role: str, name: str = "") -> bool:
        """Whether it is this process's turn; no more once it could not renew for too long."""
        until = self._held.get((role, name))
        return until is not None and self._clock() < until

    def want(self, role: str, names: Iterable[str] = ("",)) -> None:
        """From the next renewal on, take a share of these."""
        self._wanted[role] = tuple(sorted(names))

    def renew(self) -> None:
        """Take what is free up to the share of this process, and let go of what is more.

        Raises:
            StoreError: the database does not answer; what is held runs out.
        """
        now, held = self._clock(), dict[tuple[str, str], datetime]()
        try:
            with self._engine.begin() as connection:
                for role, names in self._wanted.items():
                    kept = self._share_of(connection, role, names, now)
                    held.update({(role, name): now + LEASE for name in kept})
        except DBAPIError as error:
            raise StoreError(f"the leases cannot be renewed: {reason_of(error)}") from error
        self._tell(held)
        self._held = held

    def begin(self) -> None:
        """Take a share now; trouble is left to the next renewal."""
        try:
            self.renew()
        except StoreError as error:
            self._hitch.met(str(error))
        else:
            self._hitch.over("leases are renewed again")

    def run(self, stop: Signal) -> None:
        """Renew until told to stop, then leave everything to others."""
        while not stop.wait(RENEW_S):
            self.begin()
        try:
            self.give_up()
        except DBAPIError as error:
            _log.warning("leases could not be given up, and run out: %s", reason_of(error))

    def give_up(self) -> None:
        """Leave everything to others, at once."""
        self._held = {}
        with self._engine.begin() as connection:
            for table in (Lease, Replica):
                connection.execute(delete(table).where(col(table.holder) == self._holder))

    def _share_of(
        self, connection: Connection, role: str, names: Collection[str], now: datetime
    ) -> list[str]:
        """Write down what this process does of a role from now on, and return it."""
        rows = connection.execute(
            select(col(Lease.name), col(Lease.holder), col(Lease.until)).where(col(Lease.role) == role)
        )
        known = {row.name: row for row in rows}
        replicas = self._attend(connection, role, names, now)
        mine = [name for name in names if name in known and known[name].holder == self._holder]
        free = [name for name in names if name not in known or not _lives(known[name].until, now)]
        kept = share(mine, free, len(names), replicas)
        _let_go(connection, role, [name for name in mine if name not in kept])
        values = {"holder": self._holder, "until": now + LEASE}
        if kept:
            connection.execute(
                update(Lease).where(col(Lease.role) == role, col(Lease.name).in_(kept)).values(values)
            )
        if fresh := [{"role": role, "name": name, **values} for name in kept if name not in known]:
            connection.execute(insert(Lease), fresh)
        return kept

    def _attend(self, connection: Connection, role: str, names: Iterable[str], now: datetime) -> int:
        """Say that this process is there; how many there are that would do the same."""
        work = " ".join(names)
        me = (col(Replica.role) == role, col(Replica.holder) == self._holder)
        values = {"work": work, "until": now + LEASE}
        if not connection.execute(update(Replica).where(*me).values(values)).rowcount:
            connection.execute(insert(Replica).values(role=role, holder=self._holder, **values))
        others = connection.execute(
            select(col(Replica.until)).where(col(Replica.role) == role, col(Replica.work) == work)
        )
        return sum(_lives(until, now) for until in others.scalars())

    def _tell(self, held: Collection[tuple[str, str]]) -> None:
        before = {one for one in self._held if self.holds(*one)}
        for what, which in (("takes over", set(held) - before), ("leaves to others", before - set(held))):
            for role, name in sorted(which):
                _log.info("%s %s %s", self._holder, what, f"{role} {name}".strip())


def share(mine: Iterable[str], free: Iterable[str], count: int, replicas: int) -> list[str]:
    """What one of so many replicas does of `count` pieces of work: what it does already comes before what is free."""
    wanted = list(dict.fromkeys([*mine, *free]))
    return wanted[: math.ceil(count / max(replicas, 1))]


def replicas(store: Store, role: str, now: datetime) -> list[str]:
    """The processes that have a role on this store at `now` (UTC-aware), where processes share their work.

    Raises:
        StoreError: the service's database cannot be read.
    """
    with store.reading(Replica) as session:
        if session is None:
            return []
        rows = session.execute(
            select(col(Replica.holder), col(Replica.until)).where(col(Replica.role) == role)
        )
        return sorted(row.holder for row in rows if _lives(row.until, now))


@contextmanager
def alone(store: Store, engine: Engine, name: str) -> Iterator[None]:
    """Wait until no other thread or process is at this piece of work, and keep them away while this lasts.

    The kernel or the database lets go of it when its holder dies.

    Raises:
        StoreError: the database does not answer.
    """
    if store.url:
        with _alone_in_database(engine, name):
            yield
        return
    folder = store.data / "turns"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _alone_in_database(engine: Engine, name: str) -> Iterator[None]:
    try:
        with engine.execution_options(**TOGETHER).begin() as connection:
            connection.execute(_ALONE, {"name": f"parley.{name}"})
            yield
    except DBAPIError as error:
        raise StoreError(f"nobody can be kept from {name}: {reason_of(error)}") from error


def _let_go(connection: Connection, role: str, names: Collection[str]) -> None:
    if names:
        connection.execute(delete(Lease).where(col(Lease.role) == role, col(Lease.name).in_(names)))


def _lives(until: datetime, now: datetime) -> bool:
    """Whether a lease holds; one that was taken for far too long was taken by a clock that was wrong."""
    return now < until <= now + LEASE + _CLOCKS_DIFFER

"""What Parley keeps of each source between polls, in durable SQL: when it is due, who has it, how it fares.

Moments are UTC in ISO 8601 with seconds, so that they sort as text. A claim is a lease, so that a process that dies
lets go of it; the same lease keeps others away from the source's host.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from secrets import token_hex
from urllib.parse import urlsplit

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped
from sqlmodel import Field, MetaData, SQLModel, col

from monitor.readmodel.store import TOGETHER
from monitor.sources.config import SourceConfig

METADATA = MetaData()
FREE = ""
_FAR = timedelta(days=32)
"""Nothing is due so far ahead: the clock was wrong, and has been set back since."""
_CLOCKS_DIFFER = timedelta(minutes=10)
"""Whoever notes a later moment than this has, or had, a clock that is wrong."""
_CANDIDATES = 200


class SourceState(SQLModel, table=True):
    """A source's row. Empty strings stand for what has not happened yet."""

    __tablename__ = "source_polls"
    metadata = METADATA

    source_id: str = Field(primary_key=True)
    place: str
    """The address or path as configured, which the rest of the row is about."""
    host: str
    kind: str = "feed"
    outlet: str = ""
    """Its name for people, where the operator gave one."""
    topics: str = ""
    """Ids, with a space in between."""
    due_at: str = Field(index=True)
    leased_until: str = FREE
    lease: str = FREE
    """Whose lease it is."""
    is_paused: bool = False
    etag: str = ""
    last_modified: str = ""
    body_digest: str = ""
    """Of the last body that was read whole, after that of the topics that it was read for."""
    moved_to: str = ""
    """Where the server says that the feed has moved for good."""
    moved_times: int = 0
    """How often in a row it said so."""
    address: str = ""
    """The address to fetch instead of the configured one, once the move is believed."""
    polled_once: bool = False
    last_poll_at: str = ""
    last_ok_at: str = ""
    error_streak: int = 0
    failing_since: str = ""
    last_error: str = ""
    """The reason and, after a colon, the words for it."""
    note: str = ""
    """What was odd about the last good poll."""
    entries_seen: int = 0
    entries_relevant: int = 0
    entries_per_week: float = 0.0
    newest_at: str = ""
    """When it last brought an entry that was not known."""
    told: str = ""
    """What was last told of its health (`failing`, `silent`), and since when; empty: it is well."""


class HostState(SQLModel, table=True):
    """A host, which is asked for one thing at a time and not without a pause in between."""

    __tablename__ = "source_hosts"
    metadata = METADATA

    host: str = Field(primary_key=True)
    free_at: str = FREE


@dataclass(frozen=True, slots=True)
class Claim:
    """A source that this process may poll as long as it renews the `lease`, with its row as it was found."""

    state: SourceState
    lease: str

    @property
    def source_id(self) -> str:
        """Which source."""
        return self.state.source_id


def stamp(moment: datetime) -> str:
    """A moment as it stands in the table."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def moment_of(stamped: str) -> datetime | None:
    """A moment of the table, or None where nothing has happened."""
    return datetime.fromisoformat(stamped) if stamped else None


def host_of(source: SourceConfig) -> str:
    """The host that a source's polls burden; a folder burdens none, so it stands for itself."""
    return urlsplit(source.url).hostname or f"folder {source.id}"


def _about(source: SourceConfig) -> dict[str, str]:
    """What screens say of a source."""
    return {"kind": source.kind, "outlet": source.outlet, "topics": " ".join(source.topics)}


def _is(source_id: str) -> ColumnElement[bool]:
    return col(SourceState.source_id) == source_id


def _come(moment: Mapped[str], latest: str) -> ColumnElement[bool]:
    """The moment has come, or it is later than any clock that was right has set: `latest`, a parameter."""
    return or_(moment <= bindparam("present"), moment > bindparam(latest))


_DUE = (
    select(SourceState)
    .join(HostState, col(HostState.host) == col(SourceState.host))
    .where(
        col(SourceState.source_id).in_(bindparam("ids", expanding=True)),
        col(SourceState.is_paused).is_(False),
        or_(_come(col(SourceState.due_at), "far"), col(SourceState.last_poll_at) > bindparam("late")),
        _come(col(SourceState.leased_until), "held_late"),
        _come(col(HostState.free_at), "held_late"),
    )
    .order_by(col(SourceState.due_at), col(SourceState.source_id))
    .limit(_CANDIDATES)
    .with_for_update(skip_locked=True)  # where there are row locks
)
"""The sources of `ids` that may be polled, the longest due first."""


class SourceStates:
    """The table of all sources' states. Safe to use from several threads and processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # A claim waits for nobody; what frees or changes one source locks its row, and then its host's.
        self._together = engine.execution_options(**TOGETHER)
        METADATA.create_all(engine)

    def enrol(self, sources: Collection[SourceConfig], now: datetime) -> None:
        """Make a row for each new source, due at once; one that moved starts anew, but for what was told of it."""
        with self._engine.begin() as connection:
            rows = connection.execute(select(SourceState))
            known = {row["source_id"]: row for row in rows.mappings()}
            hosts = set(connection.execute(select(col(HostState.host))).scalars())
            for source in sources:
                host, about, row = host_of(source), _about(source), known.get(source.id)
                if row is not None and row["place"] == source.place:
                    if any(row[key] != value for key, value in about.items()):
                        connection.execute(update(SourceState).where(_is(source.id)).values(**about))
                    continue
                fresh = SourceState(source_id=source.id, place=source.place, host=host, due_at=stamp(now))
                if row is not None:
                    fresh.told = row["told"]
                    connection.execute(delete(SourceState).where(_is(source.id)))
                connection.execute(insert(SourceState).values(**{**fresh.model_dump(), **about}))
                if host not in hosts:
                    connection.execute(insert(HostState).values(host=host, free_at=FREE))
                    hosts.add(host)

    def claim(self, source_ids: Collection[str], now: datetime, lease: timedelta, limit: int) -> list[Claim]:
        """Take up to `limit` of the given sources that are due and free, the longest due first, one of each host."""
        until, mine = stamp(now + lease), token_hex(8)
        with self._together.begin() as connection:
            of_host: dict[str, RowMapping] = {}
            asked = {
                "ids": source_ids,
                "present": stamp(now),
                "far": stamp(now + _FAR),
                "late": stamp(now + _CLOCKS_DIFFER),
                "held_late": stamp(now + lease + _CLOCKS_DIFFER),
            }
            for row in connection.execute(_DUE, asked).mappings():
                of_host.setdefault(row["host"], row)
            chosen = [SourceState.model_validate(dict(row)) for row in islice(of_host.values(), limit)]
            if not chosen:
                return []
            connection.execute(
                update(SourceState)
                .where(col(SourceState.source_id).in_([one.source_id for one in chosen]))
                .values(leased_until=until, lease=mine)
            )
            _occupy(connection, [one.host for one in chosen], until)
        return [Claim(one, mine) for one in chosen]

    def renew(self, claims: Collection[Claim], now: datetime, lease: timedelta) -> None:
        """Hold on to claims whose visits go on."""
        until, leases = stamp(now + lease), {claim.lease for claim in claims}
        held = col(SourceState.lease).in_(leases) & (col(SourceState.leased_until) != FREE)
        with self._engine.begin() as connection:
            hosts = connection.execute(select(col(SourceState.host)).where(held)).scalars().all()
            connection.execute(update(SourceState).where(held).values(leased_until=until))
            _occupy(connection, hosts, until)

    def let_go(self, claim: Claim, host_free_at: datetime, values: Mapping[str, object]) -> bool:
        """Write a poll's outcome and free source and host; False when the lease ran out and another has the source."""
        with self._together.begin() as connection:
            done = connection.execute(
                update(SourceState).where(_held(claim)).values(leased_until=FREE, lease=FREE, **values)
            )
            if done.rowcount == 1:
                _occupy(connection, [claim.state.host], stamp(host_free_at))
        return done.rowcount == 1

    def pause(self, source_id: str) -> bool:
        """Poll the source no more until `resume`; False when it is not known."""
        return self._set(source_id, is_paused=True)

    def resume(self, source_id: str, now: datetime) -> bool:
        """Poll the source again, at once; False when it is not known."""
        return self._set(source_id, is_paused=False, due_at=stamp(now))

    def hurry(self, source_id: str, now: datetime) -> bool:
        """Have the source polled at the next occasion; False when it is not known."""
        return self._set(source_id, due_at=stamp(now))

    def forget(self, source_id: str) -> None:
        """Keep nothing of a source that is gone for good."""
        with self._engine.begin() as connection:
            for table in METADATA.tables.values():
                if "source_id" in table.c:
                    connection.execute(delete(table).where(table.c.source_id == source_id))

    def note_told(self, source_id: str, told: str) -> None:
        """Note what was told of a source's health."""
        self._set(source_id, told=told)

    def rows(self) -> list[SourceState]:
        """Every source's state, by id."""
        with self._engine.connect() as connection:
            found = connection.execute(select(SourceState).order_by(col(SourceState.source_id)))
            return [SourceState.model_validate(dict(row)) for row in found.mappings()]

    def _set(self, source_id: str, **values: object) -> bool:
        with self._together.begin() as connection:
            done = connection.execute(update(SourceState).where(_is(source_id)).values(**values))
        return done.rowcount == 1


def _held(claim: Claim) -> ColumnElement[bool]:
    return _is(claim.source_id) & (col(SourceState.lease) == claim.lease)


def _occupy(connection: Connection, hosts: Collection[str], until: str) -> None:
    connection.execute(update(HostState).where(col(HostState.host).in_(hosts)).values(free_at=until))

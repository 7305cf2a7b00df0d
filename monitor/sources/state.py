"""What Parley keeps of each source between polls, in durable SQL: when it is due, who has it, how it fares.

Moments are UTC in ISO 8601 with seconds, so that they sort as text. Claiming is one statement, so that several
processes never poll one source at once; a claim is a lease, so that a process that dies lets go of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import CursorResult, Engine, insert, select, update
from sqlmodel import Field, MetaData, SQLModel, col

from monitor.sources.fetch import Validators

METADATA = MetaData()
FREE = ""
LONGEST_WAIT = timedelta(hours=24)
JITTER = 0.1


class SourceState(SQLModel, table=True):
    """A source's row. Empty strings stand for what has not happened yet."""

    __tablename__ = "source_state"
    metadata = METADATA

    source_id: str = Field(primary_key=True)
    place: str
    """The address or path that the rest of the row is about."""
    due_at: str = Field(index=True)
    leased_until: str = FREE
    etag: str = ""
    last_modified: str = ""
    polled_once: bool = False
    last_poll_at: str = ""
    last_ok_at: str = ""
    error_streak: int = 0
    last_error: str = ""
    """The reason and, after a colon, the words for it."""
    note: str = ""
    """What was odd about the last good poll."""
    entries_seen: int = 0
    entries_relevant: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """A source that this process may poll until `leased_until`, with what is known of it."""

    source_id: str
    leased_until: str
    validators: Validators
    polled_once: bool
    error_streak: int


def stamp(moment: datetime) -> str:
    """A moment as it stands in the table."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def backed_off(interval: timedelta, error_streak: int) -> timedelta:
    """How long to wait after so many failures in a row: twice as long each time, up to a day; never for ever."""
    doubled: int = 2 ** min(error_streak, 12)
    return max(interval, min(interval * doubled, LONGEST_WAIT))


def jittered(wait: timedelta, lot: float) -> timedelta:
    """The wait, longer or shorter by up to a tenth as `lot` (0 to 1) falls, so that sources spread out."""
    return wait * (1 + JITTER * (2 * lot - 1))


class SourceStates:
    """The table of all sources' states."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        METADATA.create_all(engine)

    def enrol(self, places: dict[str, str], now: datetime) -> None:
        """Make a row for each new source (id -> place), due at once; one that moved starts anew."""
        with self._engine.begin() as connection:
            rows = connection.execute(select(col(SourceState.source_id), col(SourceState.place)))
            known = {row.source_id: row.place for row in rows}
            for source_id, place in places.items():
                if known.get(source_id) == place:
                    continue
                fresh = SourceState(source_id=source_id, place=place, due_at=stamp(now)).model_dump()
                if source_id in known:
                    connection.execute(
                        update(SourceState).where(col(SourceState.source_id) == source_id).values(**fresh)
                    )
                else:
                    connection.execute(insert(SourceState).values(**fresh))

    def claim(self, source_ids: Sequence[str], now: datetime, lease: timedelta, limit: int) -> list[Claim]:
        """Take up to `limit` of the given sources that are due and free, the longest due first."""
        due = (
            select(col(SourceState.source_id))
            .where(
                col(SourceState.source_id).in_(source_ids),
                col(SourceState.due_at) <= stamp(now),
                col(SourceState.leased_until) <= stamp(now),
            )
            .order_by(col(SourceState.due_at))
            .limit(limit)
            .with_for_update(skip_locked=True)  # where there are row locks
        )
        take = (
            update(SourceState)
            .where(col(SourceState.source_id).in_(due))
            .values(leased_until=stamp(now + lease))
            .returning(SourceState)
        )
        with self._engine.begin() as connection:
            rows = connection.execute(take).mappings().all()
        return [
            Claim(
                source_id=row["source_id"],
                leased_until=row["leased_until"],
                validators=Validators(row["etag"], row["last_modified"]),
                polled_once=row["polled_once"],
                error_streak=row["error_streak"],
            )
            for row in rows
        ]

    def succeeded(
        self,
        claim: Claim,
        now: datetime,
        due: datetime,
        *,
        validators: Validators,
        seen: int,
        relevant: int,
        note: str,
    ) -> None:
        """Note a poll all of whose articles are in the log, and let go of the source."""
        self._let_go(
            claim,
            due_at=stamp(due),
            last_poll_at=stamp(now),
            last_ok_at=stamp(now),
            etag=validators.etag,
            last_modified=validators.last_modified,
            polled_once=True,
            error_streak=0,
            last_error="",
            note=note,
            entries_seen=col(SourceState.entries_seen) + seen,
            entries_relevant=col(SourceState.entries_relevant) + relevant,
        )

    def failed(self, claim: Claim, now: datetime, due: datetime, error: str, *, counts: bool = True) -> None:
        """Note a poll that failed, and let go of the source; `counts` is false when it was not the source's fault."""
        self._let_go(
            claim,
            due_at=stamp(due),
            last_poll_at=stamp(now),
            error_streak=claim.error_streak + counts,
            last_error=error,
        )

    def _let_go(self, claim: Claim, **values: object) -> bool:
        """Write the outcome, unless the lease ran out and another process has taken the source since."""
        mine = (col(SourceState.source_id) == claim.source_id) & (
            col(SourceState.leased_until) == claim.leased_until
        )
        with self._engine.begin() as connection:
            done: CursorResult[object] = connection.execute(
                update(SourceState).where(mine).values(leased_until=FREE, **values)
            )
        return done.rowcount == 1

    def rows(self) -> list[SourceState]:
        """Every source's state, by id."""
        with self._engine.connect() as connection:
            found = connection.execute(select(SourceState).order_by(col(SourceState.source_id)))
            return [SourceState.model_validate(dict(row)) for row in found.mappings()]

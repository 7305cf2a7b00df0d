"""Which deliveries are to go next: read only as far as there are hands, one pass over what stands before them.

Those of subscriptions that are served and have nothing on its way: so a receiver that hangs holds up itself alone. What
corrects an alert waits until the alert is settled. Fresh ones come before repeated ones, so that receivers that are
down keep nobody waiting.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Result, bindparam, text
from sqlmodel import Session

from monitor.alerts.subscriptions import UNCONFIRMED
from monitor.readmodel.store import UtcDateTime

# CROSS JOIN: SQLite goes through the tables in that order.
_MAY_GO = """
    SELECT due.seq, due.subscription FROM delivery AS due CROSS JOIN subscription AS receiver
    WHERE due.state IN ('pending', 'leased', 'failed') AND due.next_try_at <= :now
      AND receiver.id = due.subscription
      AND (receiver.paused_because IS NULL OR (receiver.paused_because = :unconfirmed AND due.kind = 'confirm'))
      AND NOT EXISTS (
          SELECT 1 FROM delivery AS busy
          WHERE busy.subscription = due.subscription AND busy.state = 'leased' AND busy.next_try_at > :now)
      AND NOT EXISTS (
          SELECT 1 FROM delivery AS earlier
          WHERE earlier.alert = due.alert AND earlier.subscription = due.subscription
            AND earlier.seq < due.seq AND earlier.state IN ('pending', 'leased', 'failed', 'joined'))
"""
_NOW = bindparam("now", type_=UtcDateTime())
_DUE = text(f"{_MAY_GO} ORDER BY due.attempts, due.seq").bindparams(_NOW)
# In PostgreSQL several claim at one time. Each keeps the subscriptions that it claims for, and passes over those of
# others; since what it has read is older than that, it looks once more at what it is about to take.
_DUE_OF_FREE = text(f"{_DUE} FOR NO KEY UPDATE OF receiver SKIP LOCKED").bindparams(_NOW)
_STILL_DUE = text(f"{_MAY_GO} AND due.seq IN :seqs FOR UPDATE OF due SKIP LOCKED").bindparams(
    _NOW, bindparam("seqs", expanding=True)
)


def due(session: Session, now: datetime, limit: int) -> list[int]:
    """The `seq` of up to `limit` due deliveries, at most one per subscription; `now` is UTC-aware.

    In the transaction of `session` they may be claimed: nobody else can meanwhile. It waits for no lock.
    """
    asked = {"now": now, "unconfirmed": UNCONFIRMED}
    if session.get_bind().dialect.name != "postgresql":
        return _first_of_each(session.execute(_DUE, asked), limit)
    as_needed = {"stream_results": True, "max_row_buffer": limit}
    found = _first_of_each(session.execute(_DUE_OF_FREE, asked, execution_options=as_needed), limit)
    return list(session.scalars(_STILL_DUE, {**asked, "seqs": found})) if found else []


def _first_of_each(found: Result[Any], limit: int) -> list[int]:
    """The first delivery of each subscription, of at most `limit` subscriptions."""
    first: dict[str, int] = {}
    for row in found:
        first.setdefault(row.subscription, row.seq)
        if len(first) == limit:
            break
    found.close()
    return list(first.values())

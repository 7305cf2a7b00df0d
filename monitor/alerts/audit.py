"""Who changed what of a subscription, and when: kept without anything personal."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from monitor.alerts.tables import AuditRow


def note(
    session: Session, subscription: str, what: str, by: str, at: datetime, fields: Iterable[str] = ()
) -> None:
    """Write down a change, in the transaction that makes it; `fields` are names, never values."""
    session.add(AuditRow(subscription=subscription, at=at, what=what, by=by, fields=sorted(fields)))


def history(session: Session, subscription: str) -> list[AuditRow]:
    """Every change of a subscription, oldest first."""
    rows = select(AuditRow).where(AuditRow.subscription == subscription).order_by(col(AuditRow.seq))
    return list(session.exec(rows))

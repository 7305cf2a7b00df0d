"""What may change of an alert: the columns that its row shares with the records of how it stood before."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from monitor.readmodel.store import UtcDateTime


class Standing(SQLModel):
    """What may change of an alert."""

    from_status: str
    name: str
    effective_at: date | None
    severity: str
    certainty: str
    confidence: float | None
    """As its shift had it when it was told last."""
    contested: bool
    text: str
    state: str
    """`raised`, `updated`, `cancelled` or `suppressed`."""
    reason: str
    raised_at: datetime = Field(sa_type=UtcDateTime)
    """When it was raised; of one that is held back, when that was decided."""
    event_id: str
    """The event that told it last."""

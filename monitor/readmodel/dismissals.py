"""Claims that a person has called wrong: what such an event writes, and who said so, when and why.

A claim may be dismissed, restored and dismissed again; each time is a row of its own.
"""

from datetime import datetime
from typing import Any

from sqlmodel import col, select

from monitor.errors import NotFoundError
from monitor.log.events import ClaimJudged, data_of
from monitor.log.stream import Recorded
from monitor.readmodel.forms import ClaimEntry, Form
from monitor.readmodel.model import ReadModel
from monitor.readmodel.page import Page
from monitor.readmodel.reading import topic_of
from monitor.readmodel.records import claim_entry
from monitor.readmodel.tables import ClaimRow, DismissalRow

LEAST_OF_ID = 6
"""Characters of an id that name it, if no other begins so."""


class Dismissal(Form):
    """One time that a claim was dismissed; operators are opaque ids. What restored it is None while it stands."""

    claim: str
    dismissed_at: datetime
    dismissed_by: str
    dismissed_why: str
    restored_at: datetime | None
    restored_by: str | None
    restored_why: str | None
    event: str
    """The event that said the last of it."""

    @property
    def stands(self) -> bool:
        """Whether the claim is dismissed."""
        return self.restored_at is None


class JudgedClaim(Form):
    """A claim as it was held last, and the last time that it was dismissed (None: never)."""

    claim: ClaimEntry
    dismissal: Dismissal | None

    @property
    def is_dismissed(self) -> bool:
        """Whether it counts for nothing because a person said so."""
        return self.dismissal is not None and self.dismissal.stands


def write_dismissed(page: Page, recorded: Recorded) -> None:
    """What `claim.dismissed` writes; of two that dismissed it at once the first counts."""
    event, data = recorded.event, data_of(recorded.event, ClaimJudged)
    rows = _of_claim(page, data.claim_id)
    if rows and rows[-1]["restored_at"] is None:
        return
    page.put(
        DismissalRow,
        {
            "claim_id": data.claim_id,
            "ordinal": len(rows),
            "event_id": event.id,
            "dismissed_at": event.recorded_at,
            "dismissed_by": data.operator_id,
            "dismissed_why": data.why,
            "restored_at": None,
            "restored_by": None,
            "restored_why": None,
        },
    )


def write_restored(page: Page, recorded: Recorded) -> None:
    """What `claim.restored` writes; nothing where the claim is not dismissed."""
    event, data = recorded.event, data_of(recorded.event, ClaimJudged)
    rows = _of_claim(page, data.claim_id)
    if rows and rows[-1]["restored_at"] is None:
        said = {"restored_at": event.recorded_at, "restored_by": data.operator_id, "restored_why": data.why}
        page.put(DismissalRow, {**rows[-1], **said, "event_id": event.id})


def judged_claim(model: ReadModel, topic: str, claim: str) -> JudgedClaim:
    """A claim by its id, with what a person said of it last.

    Raises:
        NotFoundError: the topic never had this claim, or there is no such topic.
        StoreError: the read model cannot be read.
    """
    newest = select(ClaimRow).where(ClaimRow.topic == topic, ClaimRow.claim_id == claim)
    said = select(DismissalRow).where(DismissalRow.topic == topic, DismissalRow.claim_id == claim)
    with model.read() as session:
        topic_of(session, topic)
        row = session.exec(newest.order_by(col(ClaimRow.ordinal).desc()).limit(1)).first()
        if row is None:
            raise NotFoundError(
                f"{topic} has no claim {claim!r}; `parley claims {topic} --json` has the ids of those there are"
            )
        last = session.exec(said.order_by(col(DismissalRow.ordinal).desc()).limit(1)).first()
        return JudgedClaim(claim=claim_entry(row), dismissal=last and _form(last))


def claim_named(model: ReadModel, topic: str, start: str) -> str:
    """The id of the claim whose id begins so, held true or not.

    Raises:
        NotFoundError: there is none, or several; or there is no such topic.
        StoreError: the read model cannot be read.
    """
    start = start.strip().lower()
    ids = select(ClaimRow.claim_id).where(
        ClaimRow.topic == topic, col(ClaimRow.claim_id).startswith(start, autoescape=True)
    )
    with model.read() as session:
        topic_of(session, topic)
        found = session.exec(ids.distinct().limit(2)).all() if len(start) >= LEAST_OF_ID else []
    if len(found) != 1:
        several = (
            "several have an id that begins so"
            if found
            else f"see `parley claims {topic}` for those there are"
        )
        raise NotFoundError(f"{topic} has not one claim with the id {start!r}: {several}")
    return found[0]


def dismissed_claims(
    model: ReadModel, topic: str, *, known_at: datetime | None = None, limit: int | None = None
) -> list[JudgedClaim]:
    """The claims that are dismissed (were, at the moment `known_at`), last dismissed first.

    Raises:
        NotFoundError: there is no such topic.
        StoreError: the read model cannot be read.
    """
    query = select(DismissalRow).where(DismissalRow.topic == topic)
    restored, dismissed = col(DismissalRow.restored_at), col(DismissalRow.dismissed_at)
    if known_at is None:
        query = query.where(restored.is_(None))
    else:
        query = query.where(dismissed <= known_at, restored.is_(None) | (restored > known_at))
    query = query.order_by(dismissed.desc(), col(DismissalRow.claim_id)).limit(limit)
    with model.read() as session:
        topic_of(session, topic)
        said = {row.claim_id: _form(row) for row in session.exec(query)}
        claims = select(ClaimRow).where(ClaimRow.topic == topic, col(ClaimRow.claim_id).in_(said))
        rows = {row.claim_id: row for row in session.exec(claims.order_by(col(ClaimRow.ordinal)))}
        return [
            JudgedClaim(claim=claim_entry(rows[claim]), dismissal=one)
            for claim, one in said.items()
            if claim in rows
        ]


def _of_claim(page: Page, claim: str) -> list[dict[str, Any]]:
    """A claim's rows, oldest first."""
    rows = (row for row in page.all(DismissalRow) if row["claim_id"] == claim)
    return sorted(rows, key=lambda row: int(row["ordinal"]))


def _form(row: DismissalRow) -> Dismissal:
    return Dismissal(
        claim=row.claim_id,
        dismissed_at=row.dismissed_at,
        dismissed_by=row.dismissed_by,
        dismissed_why=row.dismissed_why,
        restored_at=row.restored_at,
        restored_by=row.restored_by,
        restored_why=row.restored_why,
        event=row.event_id,
    )

"""A topic's alerts, chosen: page by page for machines (by a cursor) and for people (by a number), and one in full.

`as_of` keeps what had happened by a day; `known_at` shows alerts as they stood at a moment: what came later is not
there. A page for people finds the ids first, and reads the wide rows of these alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlmodel import Session, col

from monitor.readmodel.dialects import listed, newest_first
from monitor.readmodel.forms import AlertEntry
from monitor.readmodel.lists import check_channel
from monitor.readmodel.model import ReadModel
from monitor.readmodel.paging import Key, Moment, Page, page
from monitor.readmodel.records import alert_entry
from monitor.readmodel.search_words import patterns
from monitor.readmodel.tables import AlertRow, ArticleRow, ClaimRow, ShiftRow

_KEYS = (
    Key(col(AlertRow.raised_at), lambda row: row[0].raised_at, Moment),
    # Alerts of one decision share their moment: then the later start comes first.
    Key(col(AlertRow.effective_at), lambda row: row[0].effective_at, date | None),
    Key(col(AlertRow.alert_id), lambda row: row[0].alert_id, str),
    Key(col(AlertRow.topic), lambda row: row[0].topic, str),
)
_OF_SHIFT = (col(AlertRow.topic) == ShiftRow.topic) & (col(AlertRow.shift_id) == ShiftRow.shift_id)
_AT_ONCE = timedelta(minutes=1)
"""What is told so soon after an alert is taken back was decided with it."""


@dataclass(frozen=True)
class AlertFilter:
    """Which alerts; what is None or empty lets all pass. `first` and `last` bound when they were raised, both inside.

    `status` are those that they lead to; `q` are words that an alert must have, all of them, in what it says or quotes
    or in the names of its outlets.
    """

    channel: str | None = None
    status: Sequence[str] = ()
    certainty: str | None = None
    state: Sequence[str] = ()
    severity: str | None = None
    contested: bool | None = None
    first: datetime | None = None
    last: datetime | None = None
    q: str | None = None
    as_of: date | None = None
    known_at: datetime | None = None


_ALL = AlertFilter()


@dataclass(frozen=True, slots=True)
class Listed:
    """An alert as a list shows it."""

    entry: AlertEntry
    rule: str
    """By which its heaviest claim was found; empty: the claim is not known here."""
    replaced_by: AlertEntry | None
    """Of one that was taken back: what was told of its channel in its stead."""


@dataclass(frozen=True, slots=True)
class AlertsPage:
    """Some of the alerts that were chosen, and how many there are."""

    alerts: Sequence[Listed]
    total: int


def alerts(
    model: ReadModel, topic: str | None = None, chosen: AlertFilter = _ALL, *, limit: int | None = None
) -> list[AlertEntry]:
    """The topic's alerts (None: all topics'), newest first; raises as the other lists do."""
    return alerts_after(model, topic, chosen, limit=limit, cursor=None).entries


def alerts_after(
    model: ReadModel, topic: str | None, chosen: AlertFilter, *, limit: int | None, cursor: str | None
) -> Page[AlertEntry]:
    """As `alerts`, of those after a cursor."""
    with model.read() as session:
        conditions = _conditions(session, topic, chosen)
        query = select(AlertRow, ShiftRow).join(ShiftRow, _OF_SHIFT).where(*conditions)
        found = page(session, query, _KEYS, alert_entry, limit, cursor)
        return Page(_as_known(session, found.entries, chosen.known_at), found.next)


def alerts_page(
    model: ReadModel, topic: str, chosen: AlertFilter = _ALL, *, number: int = 1, size: int = 50
) -> AlertsPage:
    """The page with this number (from 1; the last one instead of any after it) of the topic's alerts, newest first."""
    with model.read() as session:
        conditions = _conditions(session, topic, chosen)
        total = session.execute(select(func.count()).select_from(AlertRow).where(*conditions)).scalar_one()
        # Wide rows that are passed over would be read all the same.
        ids = select(col(AlertRow.alert_id)).where(*conditions).order_by(*_newest())
        ids = ids.limit(size).offset(min(number - 1, max(0, total - 1) // size) * size)
        rows = _rows(session, topic, session.execute(ids).scalars().all())
        entries = _as_known(session, rows, chosen.known_at)
        return AlertsPage(_listed(session, entries, chosen.known_at), total)


def alert(model: ReadModel, alert_id: str, *, known_at: datetime | None = None) -> Listed | None:
    """The alert with this id, of whichever topic; None: there is none, or there was none at that moment."""
    with model.read() as session:
        query = select(AlertRow, ShiftRow).join(ShiftRow, _OF_SHIFT).where(col(AlertRow.alert_id) == alert_id)
        if known_at is not None:
            query = query.where(col(AlertRow.known_from) <= known_at)
        entries = [alert_entry(*row) for row in session.execute(query.limit(1))]
        found = _listed(session, _as_known(session, entries, known_at), known_at)
        return found[0] if found else None


def _conditions(session: Session, topic: str | None, chosen: AlertFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if topic is not None:
        check_channel(session, topic, chosen.channel)
        found.append(col(AlertRow.topic) == topic)
    for column, value in ((AlertRow.channel, chosen.channel), (AlertRow.severity, chosen.severity)):
        if value is not None:
            found.append(col(column) == value)
    if chosen.status:
        found.append(col(AlertRow.to_status).in_(chosen.status))
    if chosen.first is not None:
        found.append(col(AlertRow.raised_at) >= chosen.first)
    if chosen.last is not None:
        found.append(col(AlertRow.raised_at) <= chosen.last)
    if chosen.as_of is not None:
        found.append(col(AlertRow.effective_at) <= chosen.as_of)
    found += [col(AlertRow.words).contains(one, autoescape=True) for one in patterns(chosen.q or "")]
    if chosen.known_at is None:
        return found + _as_it_is(chosen)
    found.append(col(AlertRow.known_from) <= chosen.known_at)
    return found + _as_it_was(session, found, chosen, chosen.known_at)


def _as_it_is(chosen: AlertFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if chosen.state:
        found.append(col(AlertRow.state).in_(chosen.state))
    if chosen.certainty is not None:
        found.append(col(AlertRow.certainty) == chosen.certainty)
    if chosen.contested is not None:
        found.append(col(AlertRow.contested).is_(chosen.contested))
    return found


def _as_it_was(
    session: Session, conditions: Sequence[ColumnElement[bool]], chosen: AlertFilter, known_at: datetime
) -> list[ColumnElement[bool]]:
    """What later changed is not in columns: it is found in what happened to each alert."""
    if not chosen.state and chosen.certainty is None and chosen.contested is None:
        return []
    keep = []
    rows = session.execute(select(col(AlertRow.alert_id), col(AlertRow.changes)).where(*conditions))
    for id_, changes in rows:
        state, certainty, _, contested = _standing(changes, known_at)
        if (
            (not chosen.state or state in chosen.state)
            and chosen.certainty in {None, certainty}
            and chosen.contested in {None, contested}
        ):
            keep.append(id_)
    return [col(AlertRow.alert_id).in_(listed(keep))]


def _standing(changes: Sequence[dict[str, Any]], known_at: datetime) -> tuple[str, str, float | None, bool]:
    """State, certainty, confidence and whether it was contested, after what happened by then."""
    past = [change for change in changes if datetime.fromisoformat(change["at"]) <= known_at]
    sure = next(change for change in reversed(past) if change["certainty"] is not None)
    return past[-1]["state"], sure["certainty"], sure["confidence"], sure["contested"]


def _newest() -> list[Any]:
    return [newest_first(key.column) for key in _KEYS]


def _rows(session: Session, topic: str, ids: Sequence[str]) -> list[AlertEntry]:
    query: Select[AlertRow, ShiftRow] = (
        select(AlertRow, ShiftRow)
        .join(ShiftRow, _OF_SHIFT)
        .where(col(AlertRow.topic) == topic, col(AlertRow.alert_id).in_(ids))
        .order_by(*_newest())
    )
    return [alert_entry(*row) for row in session.execute(query)]


def _as_known(session: Session, entries: Sequence[AlertEntry], known_at: datetime | None) -> list[AlertEntry]:
    """The alerts as they stood at a moment, quoting what had been read by then."""
    if known_at is None:
        return list(entries)
    quoted = {(entry.topic, quote.article) for entry in entries for quote in entry.articles}
    key = tuple_(col(ArticleRow.topic), col(ArticleRow.article_id))
    query = select(col(ArticleRow.topic), col(ArticleRow.article_id)).where(
        key.in_(sorted(quoted)), col(ArticleRow.first_seen_at) <= known_at
    )
    read = {tuple(row) for row in session.execute(query)}
    return [_then(entry, known_at, read) for entry in entries]


def _then(entry: AlertEntry, known_at: datetime, read: set[tuple[Any, ...]]) -> AlertEntry:
    past = [change for change in entry.changes if change.at <= known_at]
    if len(past) == len(entry.changes):
        return entry
    state, certainty, confidence, contested = _standing(
        [change.to_json() for change in entry.changes], known_at
    )
    raised = next((change.at for change in past if change.state != "suppressed"), past[0].at)
    return entry.model_copy(
        update={
            "state": state,
            "certainty": certainty,
            "confidence": confidence,
            "contested": contested,
            "raised_at": raised,
            "reason": past[-1].reason,
            "text": past[-1].text,
            "acknowledged": False,
            "changes": past,
            "articles": [quote for quote in entry.articles if (entry.topic, quote.article) in read],
        }
    )


def _listed(session: Session, entries: Sequence[AlertEntry], known_at: datetime | None) -> list[Listed]:
    rules = _rules(session, entries)
    return [
        Listed(entry, rules.get(entry.alert, ""), _replacement(session, entry, known_at)) for entry in entries
    ]


def _rules(session: Session, entries: Sequence[AlertEntry]) -> dict[str, str]:
    """Alert -> the rule of the first of its shift's claims."""
    shifts = tuple_(col(ShiftRow.topic), col(ShiftRow.shift_id))
    asked = [(entry.topic, entry.shift) for entry in entries]
    query = select(col(ShiftRow.topic), col(ShiftRow.shift_id), col(ShiftRow.claim_ids)).where(
        shifts.in_(asked)
    )
    first = {(topic, claims[0]): shift for topic, shift, claims in session.execute(query) if claims}
    claims = tuple_(col(ClaimRow.topic), col(ClaimRow.claim_id))
    rule = col(ClaimRow.claim)["rule"].as_string()
    rules = select(col(ClaimRow.topic), col(ClaimRow.claim_id), rule).where(claims.in_(list(first)))
    of_shift = {first[topic, claim]: rule for topic, claim, rule in session.execute(rules)}
    return {entry.alert: of_shift[entry.shift] for entry in entries if entry.shift in of_shift}


def _replacement(session: Session, entry: AlertEntry, known_at: datetime | None) -> AlertEntry | None:
    if entry.state != "cancelled":
        return None
    gone = entry.changes[-1].at
    query = (
        select(AlertRow, ShiftRow)
        .join(ShiftRow, _OF_SHIFT)
        .where(
            col(AlertRow.topic) == entry.topic,
            col(AlertRow.channel) == entry.channel,
            col(AlertRow.alert_id) != entry.alert,
            col(AlertRow.state).in_(("raised", "updated")),
            col(AlertRow.raised_at).between(gone, min(gone + _AT_ONCE, known_at or gone + _AT_ONCE)),
        )
        .order_by(col(AlertRow.raised_at), newest_first(col(AlertRow.effective_at)))
    )
    row = session.execute(query.limit(1)).first()
    return None if row is None else alert_entry(*row)

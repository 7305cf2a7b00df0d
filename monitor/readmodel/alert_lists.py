"""A topic's alerts, chosen: page by page for machines (by a cursor) and for people (by a number), and one in full.

`as_of` keeps what had happened by a day; `known_at` shows alerts as they stood at a moment: what came later is not
there. A page for people finds the ids first, and reads the wide rows of these alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlmodel import Session, col

from monitor.readmodel.alert_standing import Standing
from monitor.readmodel.dialects import listed, newest_first, table_of
from monitor.readmodel.forms import AlertEntry, ClaimEntry
from monitor.readmodel.lists import check_channel
from monitor.readmodel.model import ReadModel
from monitor.readmodel.paging import Key, Moment, Page, page
from monitor.readmodel.records import alert_entry, claim_entry
from monitor.readmodel.search import ALERTS, holds
from monitor.readmodel.tables import AlertRecordRow, AlertRow, ArticleRow, ClaimRow, ShiftRow

Ids = Select[str]
Stood = type[AlertRow] | type[AlertRecordRow]
_OF_SHIFT = (col(AlertRow.topic) == ShiftRow.topic) & (col(AlertRow.shift_id) == ShiftRow.shift_id)
_AT_ONCE = timedelta(minutes=1)
"""What is told so soon after an alert is taken back was decided with it."""
_BATCH = 500


@dataclass(frozen=True)
class AlertFilter:
    """Which alerts; what is None or empty lets all pass. `first` and `last` bound when they were raised, both inside.

    `status` are those that they lead to; `q` is looked for in what they say and quote, and in their outlets' names
    (see `monitor.readmodel.search`).
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
    claim: ClaimEntry | None
    """That of its first quote; None: it is not known here."""
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
        stood, query = _chosen(session, topic, chosen)
        found = page(session, _whole(query, stood), _keys(stood), _entry, limit, cursor)
        return Page(list(_as_read(session, found.entries, chosen.known_at)), found.next)


def alert_batches(model: ReadModel, topic: str, chosen: AlertFilter = _ALL) -> Iterator[list[AlertEntry]]:
    """As `alerts`, some at a time; nothing is held meanwhile, so whoever takes them may be slow."""
    cursor = None
    while True:
        found = alerts_after(model, topic, chosen, limit=_BATCH, cursor=cursor)
        yield found.entries
        if (cursor := found.next) is None:
            return


def alerts_page(
    model: ReadModel, topic: str, chosen: AlertFilter = _ALL, *, number: int = 1, size: int = 50
) -> AlertsPage:
    """The page with this number (from 1; the last one instead of any after it) of the topic's alerts, newest first."""
    with model.read() as session:
        stood, query = _chosen(session, topic, chosen)
        count = query.with_only_columns(func.count(), maintain_column_froms=True)
        total = session.execute(count).scalar_one()
        # Wide rows that are passed over would be read all the same.
        ids = query.order_by(*_newest(stood)).limit(size)
        ids = ids.offset(min(number - 1, max(0, total - 1) // size) * size)
        these = col(AlertRow.alert_id).in_(session.execute(ids).scalars().all())
        _, some = standing(topic, chosen.known_at)
        rows = session.execute(_whole(some.where(these), stood).order_by(*_newest(stood)))
        entries = _as_read(session, [_entry(row) for row in rows], chosen.known_at)
        return AlertsPage(_listed(session, entries, chosen.known_at), total)


def alert(model: ReadModel, alert_id: str, *, known_at: datetime | None = None) -> Listed | None:
    """The alert with this id, of whichever topic; None: there is none, or there was none at that moment."""
    with model.read() as session:
        stood, query = standing(None, known_at)
        one = _whole(query.where(col(AlertRow.alert_id) == alert_id), stood).limit(1)
        entries = _as_read(session, [_entry(row) for row in session.execute(one)], known_at)
        found = _listed(session, entries, known_at)
        return found[0] if found else None


def standing(topic: str | None, known_at: datetime | None) -> tuple[Stood, Ids]:
    """The rows that tell how alerts stand, or stood at a moment (UTC-aware), and a query for their ids."""
    query: Ids = select(col(AlertRow.alert_id))
    if topic is not None:
        query = query.where(col(AlertRow.topic) == topic)
    if known_at is None:
        return AlertRow, query
    record = AlertRecordRow
    same = (col(record.topic) == AlertRow.topic) & (col(record.alert_id) == AlertRow.alert_id)
    until = col(record.known_until)
    then = (col(record.known_from) <= known_at) & or_(until.is_(None), until > known_at)
    return record, query.join(record, same).where(then)


def _chosen(session: Session, topic: str | None, chosen: AlertFilter) -> tuple[Stood, Ids]:
    if topic is not None:
        check_channel(session, topic, chosen.channel)
    stood, query = standing(topic, chosen.known_at)
    for column, value in (
        (col(AlertRow.channel), chosen.channel),
        (col(stood.severity), chosen.severity),
        (col(stood.certainty), chosen.certainty),
        (col(stood.contested), chosen.contested),
    ):
        if value is not None:
            query = query.where(column == value)
    if chosen.status:
        query = query.where(col(AlertRow.to_status).in_(chosen.status))
    if chosen.state:
        query = query.where(col(stood.state).in_(chosen.state))
    if chosen.first is not None:
        query = query.where(col(stood.raised_at) >= chosen.first)
    if chosen.last is not None:
        query = query.where(col(stood.raised_at) <= chosen.last)
    if chosen.as_of is not None:
        query = query.where(col(stood.effective_at) <= chosen.as_of)
    if chosen.q is not None:
        query = query.where(holds(session, chosen.q, ALERTS))
    return stood, query


def _whole(query: Ids, stood: Stood) -> Select[*tuple[Any, ...]]:
    """The query's alerts with all columns, as they stood, and when their shifts began by what is known now."""
    fixed = [column for column in table_of(AlertRow).columns if column.name not in Standing.model_fields]
    changing = [table_of(stood).columns[name] for name in Standing.model_fields]
    ordinal = [] if stood is AlertRow else [col(AlertRecordRow.ordinal)]
    start = col(ShiftRow.start_earliest), col(ShiftRow.start_latest)
    return query.join(ShiftRow, _OF_SHIFT).with_only_columns(*fixed, *changing, *start, *ordinal)


def _keys(stood: Stood) -> Sequence[Key]:
    """Alerts of one decision share their moment: then the later start comes first."""
    return (
        Key(col(stood.raised_at), lambda row: row.raised_at, Moment),
        Key(col(stood.effective_at), lambda row: row.effective_at, date | None),
        Key(col(stood.alert_id), lambda row: row.alert_id, str),
        Key(col(stood.topic), lambda row: row.topic, str),
    )


def _newest(stood: Stood) -> list[Any]:
    return [newest_first(key.column) for key in _keys(stood)]


def _entry(row: Any) -> AlertEntry:
    """The alert; of how it stood at a moment, what had happened to it by then."""
    entry = alert_entry(row)
    past = entry.changes if (last := getattr(row, "ordinal", None)) is None else entry.changes[: last + 1]
    if len(past) == len(entry.changes):
        return entry
    return entry.model_copy(update={"acknowledged": False, "changes": past})


def _as_read(
    session: Session, entries: Sequence[AlertEntry], known_at: datetime | None
) -> Sequence[AlertEntry]:
    """The alerts, quoting only what had been read at that moment."""
    if known_at is None:
        return entries
    quoted = {quote.article for entry in entries for quote in entry.articles}
    query = select(col(ArticleRow.topic), col(ArticleRow.article_id)).where(
        col(ArticleRow.topic).in_({entry.topic for entry in entries}),
        col(ArticleRow.article_id).in_(listed(quoted)),
        col(ArticleRow.first_seen_at) <= known_at,
    )
    read = {tuple(row) for row in session.execute(query)}
    return [
        entry.model_copy(
            update={"articles": [one for one in entry.articles if (entry.topic, one.article) in read]}
        )
        for entry in entries
    ]


def _listed(session: Session, entries: Sequence[AlertEntry], known_at: datetime | None) -> list[Listed]:
    claims = _claims(session, entries)
    return [
        Listed(entry, claims.get(entry.alert), _replacement(session, entry, known_at)) for entry in entries
    ]


def _claims(session: Session, entries: Sequence[AlertEntry]) -> dict[str, ClaimEntry]:
    """Alert -> the claim of its first quote."""
    first = {
        entry.alert: (entry.topic, entry.channel, quote.article, quote.quote)
        for entry in entries
        for quote in entry.articles[:1]
    }
    query = select(ClaimRow).where(
        col(ClaimRow.topic).in_({topic for topic, *_ in first.values()}),
        col(ClaimRow.article_id).in_(listed(article for _, _, article, _ in first.values())),
    )
    newest = {
        (row.topic, row.channel, row.article_id, row.claim["span"]["text"]): row
        for row in session.execute(query.order_by(col(ClaimRow.ordinal))).scalars()
    }
    return {alert: claim_entry(newest[key]) for alert, key in first.items() if key in newest}


def _replacement(session: Session, entry: AlertEntry, known_at: datetime | None) -> AlertEntry | None:
    if entry.state != "cancelled":
        return None
    gone = entry.changes[-1].at
    stood, query = standing(entry.topic, known_at)
    query = query.where(
        col(AlertRow.channel) == entry.channel,
        col(AlertRow.alert_id) != entry.alert,
        col(stood.state).in_(("raised", "updated")),
        col(stood.raised_at).between(gone, gone + _AT_ONCE),
    ).order_by(col(stood.raised_at), newest_first(col(stood.effective_at)))
    row = session.execute(_whole(query, stood).limit(1)).first()
    return None if row is None else _entry(row)

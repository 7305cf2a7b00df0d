"""The lists of a topic: its shifts, claims and articles, newest first, chosen and page by page.

Each takes a filter, whose fields let everything pass where they are None; `first` and `last` bound the moment that the
list is ordered by, both inside. Each raises as `queries.status` does, NotFoundError for a channel that the topic
does not have, and BadInputError for a cursor that the list never gave.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlmodel import Session, col
from sqlmodel import select as sql_select

from monitor.errors import NotFoundError
from monitor.readmodel.article_forms import ArticleEntry
from monitor.readmodel.forms import ClaimEntry, ShiftEntry, Silence
from monitor.readmodel.model import ReadModel
from monitor.readmodel.paging import Column, Count, Key, Moment, Page, page
from monitor.readmodel.reading import CLAIM_PLACE, ClaimFilter, claims_query, topic_of
from monitor.readmodel.records import article_entry, claim_entry, shift_entry, silence_form
from monitor.readmodel.tables import ArticleRow, ClaimRow, ShiftRow, SilenceRow

Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True)
class ShiftFilter:
    """Which shifts, by when they were told. `status` is the one that they lead to."""

    channel: str | None = None
    status: str | None = None
    certainty: str | None = None
    state: str | None = None
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True)
class ArticleFilter:
    """Which articles, by when they were published; one whose day is not known passes no bound."""

    outlet: str | None = None
    source: str | None = None
    story: str | None = None
    first: datetime | None = None
    last: datetime | None = None


_SHIFTS = (
    Key(col(ShiftRow.shifted_at), lambda row: row[0].shifted_at, Moment),
    Key(col(ShiftRow.shift_id), lambda row: row[0].shift_id, str),
)
_CLAIMS = (
    Key(col(ClaimRow.published_at), lambda row: row[0].published_at, Moment),
    Key(col(ClaimRow.article_id), lambda row: row[0].article_id, str, ascending=True),
    Key(CLAIM_PLACE, lambda row: row[0].claim["span"]["start"], Count, ascending=True),
    Key(col(ClaimRow.claim_id), lambda row: row[0].claim_id, str, ascending=True),
    Key(col(ClaimRow.ordinal), lambda row: row[0].ordinal, Count, ascending=True),
)
_ARTICLES = (
    Key(col(ArticleRow.published_at), lambda row: row[0].published_at, Moment),
    Key(col(ArticleRow.article_id), lambda row: row[0].article_id, str),
)


def shifts(
    model: ReadModel, topic: str, chosen: ShiftFilter, *, limit: int | None = None, cursor: str | None = None
) -> Page[ShiftEntry]:
    """The topic's shifts as they stand, withdrawn ones among them."""
    wanted = {
        col(ShiftRow.topic): topic,
        col(ShiftRow.channel): chosen.channel,
        col(ShiftRow.to_status): chosen.status,
        col(ShiftRow.certainty): chosen.certainty,
        col(ShiftRow.state): chosen.state,
    }
    query = _between(_equal(select(ShiftRow), wanted), col(ShiftRow.shifted_at), chosen.first, chosen.last)
    with model.read() as session:
        check_channel(session, topic, chosen.channel)
        return page(session, query, _SHIFTS, lambda row: shift_entry(row[0]), limit, cursor)


def claims(
    model: ReadModel, topic: str, chosen: ClaimFilter, *, limit: int | None = None, cursor: str | None = None
) -> Page[ClaimEntry]:
    """The topic's claims, newest article first and in the order of its text."""
    with model.read() as session:
        check_channel(session, topic, chosen.channel)
        return page(
            session, claims_query(topic, chosen), _CLAIMS, lambda row: claim_entry(row[0]), limit, cursor
        )


def articles(
    model: ReadModel,
    topic: str,
    chosen: ArticleFilter,
    *,
    limit: int | None = None,
    cursor: str | None = None,
) -> Page[ArticleEntry]:
    """The topic's articles."""
    wanted = {
        col(ArticleRow.topic): topic,
        col(ArticleRow.outlet): chosen.outlet,
        col(ArticleRow.source): chosen.source,
        col(ArticleRow.story_id): chosen.story,
    }
    query = _between(
        _equal(select(ArticleRow), wanted), col(ArticleRow.published_at), chosen.first, chosen.last
    )
    with model.read() as session:
        topic_of(session, topic)
        return page(session, query, _ARTICLES, lambda row: article_entry(row[0]), limit, cursor)


def silences(model: ReadModel, topic: str | None = None) -> list[Silence]:
    """The topic's silences (None: all topics'), newest first, those that are over too; raises as `status` does."""
    newest = sql_select(SilenceRow).order_by(col(SilenceRow.since).desc(), col(SilenceRow.silence_id))
    with model.read() as session:
        if topic is not None:
            topic_of(session, topic)
            newest = newest.where(SilenceRow.topic == topic)
        return [silence_form(row) for row in session.exec(newest).all()]


def check_channel(session: Session, topic: str, channel: str | None) -> None:
    """Raise as the lists do, where there is no such topic or it has no such channel."""
    defined = topic_of(session, topic)
    if channel is not None and defined.channel(channel) is None:
        known = ", ".join(part.id for part in defined.channels)
        raise NotFoundError(f"there is no channel {channel!r} in {topic}; there is: {known}")


def _equal(query: Query, wanted: dict[Any, str | None]) -> Query:
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    return query


def _between(query: Query, column: Column, first: datetime | None, last: datetime | None) -> Query:
    if first is not None:
        query = query.where(column >= first)
    if last is not None:
        query = query.where(column <= last)
    return query

"""How much was written on which day, and what it said: a number for each day, channel and status, kept as events come.

An article counts once for each status that it tells of the present; one that denies the talks counts for `none`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import delete
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from monitor.readmodel.dialects import new_rows, table_of
from monitor.readmodel.model import ReadModel
from monitor.readmodel.reading import held_true, topic_of
from monitor.readmodel.tables import ClaimRow, VolumeRow
from monitor.vocabulary import ClaimKind, Mood, Status

Said = tuple[date, str, str]
"""The day of an article, a channel, and a status."""


class VolumeEntry(NamedTuple):
    """How many articles of a day say that a channel's talks have a status."""

    day: date
    channel: str
    status: str
    articles: int


class Volume:
    """What a page of events changes in the numbers."""

    def __init__(self) -> None:
        self._kept: Counter[Said] = Counter()
        self._new: Counter[Said] = Counter()

    def change(self, before: set[Said], after: set[Said]) -> None:
        """An article says something else than it did before."""
        self._new.update(after - before)
        self._new.subtract(before - after)

    def keep(self) -> None:
        """The event is projected."""
        self._kept.update(self._new)
        self._new.clear()

    def forget(self) -> None:
        """The event cannot be projected."""
        self._new.clear()

    def write(self, session: Session, topic: str) -> None:
        """Add the changes to the numbers of the topic; there is no row for 0."""
        table = table_of(VolumeRow)
        rows: list[dict[str, Any]] = [
            {"topic": topic, "day": day, "channel": channel, "status": status, "articles": number}
            for (day, channel, status), number in sorted(self._kept.items())
            if number
        ]
        if not rows:
            return
        added = new_rows(session, VolumeRow)
        total = table.c.articles + added.excluded.articles
        added = added.on_conflict_do_update(index_elements=list(table.primary_key), set_={"articles": total})
        session.connection().execute(added, rows)
        if any(row["articles"] < 0 for row in rows):
            session.connection().execute(delete(table).where(table.c.topic == topic, table.c.articles <= 0))


def said_by(claims: Iterable[Mapping[str, Any]]) -> set[Said]:
    """What an article says, by the rows of its claims."""
    return {
        (row["published_at"].astimezone(UTC).date(), row["channel"], status)
        for row in claims
        if row["known_until"] is None and row["published_at"] is not None
        for status in _told(row["kind"], row["claim"]["mood"], background=row["claim"]["background"])
    }


def volume(
    model: ReadModel, topic: str, first: date, last: date, *, known_at: datetime | None = None
) -> list[VolumeEntry]:
    """The numbers of the days from `first` to `last`, by day; by what was known at `known_at` (UTC-aware).

    Raises:
        BadInputError: there is no such topic.
        StoreError: the read model cannot be read.
    """
    with model.read() as session:
        topic_of(session, topic)
        if known_at is not None:
            found = _counted(session, topic, known_at)
            return [VolumeEntry(*said, found[said]) for said in sorted(found) if first <= said[0] <= last]
        table = table_of(VolumeRow).c
        query = (
            sql_select(table.day, table.channel, table.status, table.articles)
            .where(table.topic == topic, table.day.between(first, last))
            .order_by(table.day, table.channel, table.status)
        )
        return [VolumeEntry(*row) for row in session.connection().execute(query)]


def first_day(model: ReadModel, topic: str) -> date | None:
    """The first day of an article that says something; raises as `volume` does."""
    with model.read() as session:
        topic_of(session, topic)
        return session.exec(select(func.min(VolumeRow.day)).where(VolumeRow.topic == topic)).one()


def _counted(session: Session, topic: str, known_at: datetime) -> Counter[Said]:
    query = sql_select(
        col(ClaimRow.article_id),
        col(ClaimRow.published_at),
        col(ClaimRow.channel),
        col(ClaimRow.kind),
        col(ClaimRow.claim)["mood"].as_string(),
        col(ClaimRow.claim)["background"].as_boolean(),
    ).where(col(ClaimRow.topic) == topic, col(ClaimRow.published_at).is_not(None), *held_true(known_at))
    told = {
        (article, published.astimezone(UTC).date(), channel, status)
        for article, published, channel, kind, mood, background in session.connection().execute(query)
        if published is not None
        for status in _told(kind, mood, background=bool(background))
    }
    return Counter((day, channel, status) for _, day, channel, status in told)


def _told(kind: str, mood: str, *, background: bool) -> tuple[str, ...]:
    """The status that a claim tells of the present, if any."""
    status = ClaimKind(kind).status
    if background:
        return ()
    if status is Status.NONE:
        return (Status.NONE.value,) if mood in {Mood.ASSERTED, Mood.DENIED} else ()
    if mood in {Mood.ASSERTED, Mood.PLANNED}:
        return (status.value,)
    return (Status.NONE.value,) if mood == Mood.DENIED and status.is_open else ()

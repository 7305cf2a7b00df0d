"""How the sources fare, and what of them was passed over: read from the service's database, where polling keeps it.

No projection, like `roles`: it is about the service, not about the log. What has not been kept yet is an empty answer.
"""

import tomllib
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Executable, RowMapping, func
from sqlalchemy import select as sql_select
from sqlmodel import SQLModel, col, select

from monitor.readmodel.display import SourceDisplay
from monitor.readmodel.forms import Headline, PassedOver, SourceForm, SourceProblem
from monitor.readmodel.model import ReadModel
from monitor.readmodel.tables import ArticleRow
from monitor.sources.canonical import canonical_url
from monitor.sources.health import FAILING, SILENT, standing
from monitor.sources.schedule import GONE
from monitor.sources.seen import HEADLINES_KEPT, SourceEntry
from monitor.sources.state import SourceState, moment_of, stamp
from monitor.vocabulary import WITHHELD

_PAUSED = frozenset({"paused", GONE})
_OTHER = "other"


def sources(model: ReadModel, now: datetime) -> list[SourceForm]:
    """How each source fares at `now` (UTC-aware), by id; none when nothing has ever run.

    A source that the settings no longer name is left out: what is known of it is kept, but nobody polls it.

    Raises:
        StoreError: the service's database cannot be read.
    """
    every = sql_select(SourceState).order_by(col(SourceState.source_id))
    rows = [SourceState.model_validate(dict(row)) for row in read_service(model, SourceState, every)]
    # The service notes there every source of its settings when it takes them up.
    noted = read_service(model, SourceDisplay, sql_select(col(SourceDisplay.source)))
    named = {row["source"] for row in noted} or {row.source_id for row in rows}
    return [_form(row, now) for row in rows if row.source_id in named]


def passed_over(
    model: ReadModel, now: datetime, source: str | None = None, *, limit: int
) -> list[PassedOver]:
    """What of each source (or of one, by its id) concerned no topic in the week before `now` (UTC-aware), by id.

    The `limit` newest headlines of each; sources of which nothing was passed over are left out. An article that was
    removed can be passed over later, when it or the topics have changed: its headline stays out of view.

    Raises:
        StoreError: the service's database, or the read model, cannot be read.
    """
    entry = SourceEntry
    wanted = [
        col(entry.first_seen_at) >= stamp(now - HEADLINES_KEPT),
        col(entry.why) != "",
        col(entry.title) != "",
    ]
    if source is not None:
        wanted.append(col(entry.source_id) == source)
    # All entries of a poll have one moment: their ids keep the order from changing between two answers.
    newest_first = (col(entry.first_seen_at).desc(), col(entry.entry))
    ranked = (
        sql_select(
            col(entry.source_id),
            col(entry.title),
            col(entry.url),
            col(entry.why),
            col(entry.first_seen_at),
            func.row_number().over(partition_by=col(entry.source_id), order_by=newest_first).label("place"),
            func.count().over(partition_by=col(entry.source_id)).label("count"),
        )
        .where(*wanted)
        .subquery()
    )
    query = sql_select(ranked).where(ranked.c.place <= limit).order_by(ranked.c.source_id, ranked.c.place)
    removed = _removed_addresses(model)
    of_source = groupby(
        read_service(model, SourceEntry, query), key=lambda row: (row["source_id"], row["count"])
    )
    return [
        PassedOver(source=id_, count=count, headlines=[_headline(row, removed) for row in rows])
        for (id_, count), rows in of_source
    ]


def _removed_addresses(model: ReadModel) -> Collection[str | None]:
    if not model.exists():
        return ()
    with model.read() as session:
        removed = select(ArticleRow.url).where(col(ArticleRow.removed).is_not(None))
        return {canonical_url(url) for url in session.exec(removed)} - {None}


def _headline(row: RowMapping, removed: Collection[str | None]) -> Headline:
    seen_at = datetime.fromisoformat(row["first_seen_at"])
    title = WITHHELD if canonical_url(row["url"]) in removed else row["title"]
    return Headline(title=title, url=row["url"] or None, why=row["why"], seen_at=seen_at)


def advice(reason: str) -> str:
    """What a reason of a source's trouble means and what a person can do, in one sentence."""
    return _advice().get(reason) or _advice()[_OTHER]


@cache
def _advice() -> Mapping[str, str]:
    return tomllib.loads(Path(__file__).with_name("advice.toml").read_text(encoding="utf-8"))


def read_service(model: ReadModel, table: type[SQLModel], query: Executable) -> list[RowMapping]:
    """The rows of a query on one table of the service's database; none where it has not made it yet.

    Raises:
        StoreError: the database cannot be read.
    """
    with model.store.reading(table) as session:
        return list(session.connection().execute(query).mappings()) if session else []


def _form(row: SourceState, now: datetime) -> SourceForm:
    state = standing(row, now)
    since = {FAILING: row.failing_since, GONE: row.failing_since, SILENT: row.newest_at}.get(state, "")
    seen = row.entries_seen if row.polled_once else None
    return SourceForm(
        id=row.source_id,
        outlet=row.outlet,
        kind=row.kind,
        topics=row.topics.split(),
        place=shown_place(row.place),
        state=state,
        since=moment_of(since),
        problem=_problem(row, state),
        last_ok_at=moment_of(row.last_ok_at),
        last_poll_at=moment_of(row.last_poll_at),
        next_poll_at=None if state in _PAUSED else moment_of(row.due_at),
        error_streak=row.error_streak,
        # The row keeps 0 both for a source that brings nothing and for one whose rhythm nobody knows.
        entries_per_week=row.entries_per_week or None,
        entries_seen=seen,
        entries_relevant=None if seen is None else row.entries_relevant,
        share_relevant=row.entries_relevant / seen if seen else None,
        newest_at=moment_of(row.newest_at),
        note=row.note,
    )


def _problem(row: SourceState, state: str) -> SourceProblem | None:
    if row.last_error:
        reason, _, words = row.last_error.partition(": ")
    elif state == SILENT:
        usual = f"about {row.entries_per_week:.0f} a week" if row.entries_per_week >= 1 else "few"
        reason, words = SILENT, f"no new entry since then; it used to bring {usual}"
    else:
        return None
    return SourceProblem(reason=reason, words=words, advice=advice(reason))


def shown_place(place: str) -> str:
    """An address without what may be secret in it (login, query, fragment); a path as it is."""
    try:
        parts = urlsplit(place)
    except ValueError:  # then nobody knows where in it a secret stands
        return "an address that cannot be read"
    if not parts.netloc:
        return place
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

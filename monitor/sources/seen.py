"""What a source has shown before, in durable SQL, so that a known entry costs nothing and headlines can be looked up.

The log alone decides what is new; this memory only spares it the question. It keeps an entry as long as the source
shows it, and some weeks more; the headline of what concerns no topic for a week.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, insert, select, update
from sqlmodel import Field, SQLModel, col

from monitor.ids import fact_id
from monitor.sources.canonical import canonical_url
from monitor.sources.model import ArticleFound
from monitor.sources.state import METADATA, stamp

HEADLINES_KEPT = timedelta(days=7)
_KEPT = timedelta(days=45)
_SEEN_AGAIN = timedelta(days=1)
"""An entry that is still shown is noted so rarely, or every poll would write a row for each."""
_MOST_CHARS = 300


class SourceEntry(SQLModel, table=True):
    """An entry that a source has shown. `why` is empty when a topic took it in, else why none did."""

    __tablename__ = "source_entries"
    metadata = METADATA

    source_id: str = Field(primary_key=True)
    entry: str = Field(primary_key=True)
    digest: str
    title: str = ""
    url: str = ""
    why: str = ""
    first_seen_at: str = Field(index=True)
    seen_at: str


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry of a poll, and why no topic took it in (empty: one did).

    `again`: the source has shown it before, with other words or while other topics were watched.
    """

    found: ArticleFound
    why: str = ""
    again: bool = False


class Entries:
    """The table of entries seen. Safe to use from several threads and processes.

    Args:
        engine: the durable SQL of the service.
        reading: what entries are judged by (the topics): when it changes, all are judged anew.
    """

    def __init__(self, engine: Engine, reading: str) -> None:
        self._engine = engine
        self._reading = reading
        METADATA.create_all(engine)

    def unknown(self, source_id: str, shown: Sequence[ArticleFound]) -> list[Judged]:
        """Those that the source has not shown before, or not with these words, and that nobody has judged yet."""
        mine = col(SourceEntry.source_id) == source_id
        with self._engine.connect() as connection:
            rows = connection.execute(select(col(SourceEntry.entry), col(SourceEntry.digest)).where(mine))
            known = {row.entry: row.digest for row in rows}
        return [
            Judged(found, again=_key(found) in known)
            for found in shown
            if known.get(_key(found)) != self._digest(found)
        ]

    def note(
        self, source_id: str, shown: Sequence[ArticleFound], judged: Iterable[Judged], now: datetime
    ) -> None:
        """Note what a poll has shown and what became of it; old rows go."""
        fresh = {_key(one.found): self._row(source_id, one, now) for one in judged}
        mine = col(SourceEntry.source_id) == source_id
        lately = col(SourceEntry.seen_at) < stamp(now - _SEEN_AGAIN)
        with self._engine.begin() as connection:
            stale = set(connection.execute(select(col(SourceEntry.entry)).where(mine, lately)).scalars())
            again = stale.intersection(map(_key, shown))
            for some in _portions(sorted(again)):
                here = col(SourceEntry.entry).in_(some)
                connection.execute(update(SourceEntry).where(mine, here).values(seen_at=stamp(now)))
            for some in _portions(sorted(fresh)):
                connection.execute(delete(SourceEntry).where(mine, col(SourceEntry.entry).in_(some)))
            if fresh:
                connection.execute(insert(SourceEntry), list(fresh.values()))
            old = col(SourceEntry.seen_at) < stamp(now - _KEPT)
            connection.execute(delete(SourceEntry).where(mine, old))

    def drop_headlines(self, now: datetime) -> None:
        """Forget the headlines that are older than a week; that their entries were shown is still known."""
        past = col(SourceEntry.first_seen_at) < stamp(now - HEADLINES_KEPT)
        named = (col(SourceEntry.title) != "") | (col(SourceEntry.url) != "")
        with self._engine.begin() as connection:
            connection.execute(update(SourceEntry).where(past, named).values(title="", url=""))

    def _row(self, source_id: str, one: Judged, now: datetime) -> dict[str, str]:
        headline = bool(one.why)
        return {
            "source_id": source_id,
            "entry": _key(one.found),
            "digest": self._digest(one.found),
            "title": one.found.title[:_MOST_CHARS] if headline else "",
            "url": (one.found.url or "")[:_MOST_CHARS] if headline else "",
            "why": one.why,
            "first_seen_at": stamp(now),
            "seen_at": stamp(now),
        }

    def _digest(self, found: ArticleFound) -> str:
        dated = int(found.published_at is not None)
        return fact_id(found.title, found.text, _place(found), dated, self._reading)


def _key(found: ArticleFound) -> str:
    own = found.guid or ("" if found.url_shared else _place(found))
    return fact_id(own) if own else fact_id(found.title, found.text)


def _place(found: ArticleFound) -> str | None:
    """Its address without what a feed may change at every poll (counters of clicks), unless others share that."""
    return found.url if found.url_shared else canonical_url(found.url) or found.url


def _portions(keys: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    """The keys in portions that a database takes in one statement."""
    return (keys[start : start + size] for start in range(0, len(keys), size))

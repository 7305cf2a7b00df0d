"""How much of an article's text is shown, by its source: all of it, or only the sentences around the evidence.

A source's rights can be taken back, so this is looked up when an article is shown, for old articles as for new ones. It
lies in the service's durable database, not in the projections: it follows from the settings, not from the log.
"""

from collections.abc import Mapping
from typing import Literal, cast

from sqlalchemy import Engine
from sqlmodel import Field, MetaData, Session, SQLModel, delete

from monitor.readmodel.store import Store

METADATA = MetaData()
Display = Literal["text", "excerpt"]
LEAST: Display = "excerpt"
"""What holds for a source that nobody has said anything about."""


class SourceDisplay(SQLModel, table=True):
    """What may be shown of a source's articles."""

    __tablename__ = "source_display"
    metadata = METADATA

    source: str = Field(primary_key=True)
    display: str


def note_displays(engine: Engine, displays: Mapping[str, Display]) -> None:
    """Note what may be shown, by source id, for every source of the settings; others count as "excerpt" from now on."""
    with Session(engine) as session:
        session.exec(delete(SourceDisplay))
        session.add_all(SourceDisplay(source=source, display=display) for source, display in displays.items())
        session.commit()


def display_of(store: Store, source: str) -> Display:
    """What may be shown of a source's articles.

    Raises:
        StoreError: the service's database cannot be read.
    """
    with store.reading(SourceDisplay) as session:
        row = session.get(SourceDisplay, source) if session else None
        return LEAST if row is None else cast("Display", row.display)

"""A web page as an article: its main text, title, outlet and day, as trafilatura and the page's own data tell them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from lxml import etree
from trafilatura import bare_extraction
from trafilatura.settings import Document

from monitor.errors import SourceError
from monitor.sources.dates import OF_A_PAGE
from monitor.sources.fetch import Fetched, Fetcher
from monitor.sources.language import language_of
from monitor.sources.markup import marks_of, tree_of
from monitor.sources.model import ArticleFound
from monitor.sources.obstacle import Obstacle, obstacle_of
from monitor.sources.text import clean_text, clean_title
from monitor.sources.titles import made_up_title
from monitor.vocabulary import Precision


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What stands on a page; empty strings where it does not say. `obstacle` is what keeps readers from its article.

    `language` is what the page states. `published_at` is UTC-aware, and never later than the moment of reading.
    """

    title: str
    author: str
    outlet: str
    language: str
    text: str
    published_at: datetime | None
    precision: Precision
    obstacle: Obstacle | None
    notes: tuple[str, ...] = ()


def page_of(fetched: Fetched, now: datetime) -> Page:
    """What stands on a page that was fetched, read within the bounds of `markup`. `now` is UTC-aware.

    Raises:
        SourceError: it is no page, or larger than any article; the message goes on from "its page: ".
    """
    tree = tree_of(fetched)
    marks = marks_of(tree)
    found = bare_extraction(
        etree.tostring(tree, encoding="unicode", method="html"),
        url=fetched.url,
        with_metadata=True,
        include_comments=False,
        include_tables=False,
        date_extraction_params={**OF_A_PAGE, "max_date": now.date().isoformat()},
    )
    page = found if isinstance(found, Document) else Document()
    text, notes = clean_text(page.text or "")
    published, precision = _published(marks.published, page.date, now)
    return Page(
        title=clean_title(page.title or ""),
        author=clean_title(page.author or ""),
        outlet=clean_title(page.sitename or urlsplit(fetched.url).hostname or ""),
        language=tree.get("lang") or "",
        text=text,
        published_at=published,
        precision=precision,
        obstacle=obstacle_of(tree, marks, text),
        notes=notes if fetched.complete else (*notes, "the page broke off"),
    )


def read_page(
    url: str, fetcher: Fetcher, *, now: datetime, history: bool = False, allow_private: bool = False
) -> ArticleFound:
    """The article of a page. `now` (UTC-aware) is the moment at which it is first seen.

    Raises:
        SourceError: it cannot be fetched (or lies where Parley does not go), or something else stands there.
    """
    fetched = fetcher.get(url, allow_private=allow_private)
    try:
        page = page_of(fetched, now)
    except SourceError as error:
        raise SourceError(error.reason, f"{url}: {error}") from error
    if page.obstacle:
        raise SourceError(page.obstacle.reason, f"{url} {page.obstacle.words}")
    title, notes = page.title, page.notes
    if not title:
        title, note = made_up_title(fetched.url, page.text)
        notes = (*notes, note)
    return ArticleFound(
        url=fetched.url,
        outlet=page.outlet,
        source="ingest",
        title=title,
        author=page.author,
        text=page.text,
        language=language_of(f"{title}\n{page.text}", page.language),
        published_at=page.published_at,
        precision=page.precision,
        first_seen_at=now,
        history=history,
        notes=notes,
    )


def _published(moment: datetime | None, day: str | None, now: datetime) -> tuple[datetime | None, Precision]:
    """The page's moment, else its day, unless it lies in the future: nothing is published before it is read."""
    if moment is not None and moment <= now:
        return moment, Precision.TIME
    midnight = datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None
    return (midnight, Precision.DAY) if midnight and midnight <= now else (None, Precision.UNKNOWN)

"""A web page as an article: its main text, title, outlet and day, as trafilatura finds them."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from trafilatura import bare_extraction
from trafilatura.settings import Document

from monitor.errors import SourceError
from monitor.sources.fetch import Fetcher
from monitor.sources.model import ArticleFound
from monitor.sources.text import clean_text, clean_title
from monitor.sources.titles import made_up_title
from monitor.vocabulary import Precision


def read_page(
    url: str, fetcher: Fetcher, *, now: datetime, history: bool = False, allow_private: bool = False
) -> ArticleFound:
    """The article of a page. `now` (UTC-aware) is the moment at which it is first seen.

    Raises:
        SourceError: it cannot be fetched (or lies where Parley does not go), or holds no article.
    """
    fetched = fetcher.get(url, allow_private=allow_private)
    page = bare_extraction(
        fetched.body, url=fetched.url, with_metadata=True, include_comments=False, include_tables=False
    )
    if not isinstance(page, Document) or not page.text:
        raise SourceError("no_article", f"{url} holds no article text that could be found")
    text, notes = clean_text(page.text)
    published = _day(page.date, now)
    title = clean_title(page.title or "")
    if not title:
        title, note = made_up_title(fetched.url, text)
        notes = (*notes, note)
    return ArticleFound(
        url=fetched.url,
        outlet=clean_title(page.sitename or urlsplit(fetched.url).hostname or ""),
        source="ingest",
        title=title,
        text=text,
        language=(page.language or "en")[:2].lower(),
        published_at=published,
        precision=Precision.DAY if published else Precision.UNKNOWN,
        first_seen_at=now,
        history=history,
        notes=notes,
    )


def _day(text: str | None, now: datetime) -> datetime | None:
    """The page's day, unless it lies in the future: nothing is published before it is read."""
    day = datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
    return day if day is None or day <= now else None

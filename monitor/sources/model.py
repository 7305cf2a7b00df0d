"""What a source brings: articles as found, before they become events. Frozen values."""

from dataclasses import dataclass
from datetime import datetime

from monitor.vocabulary import Precision


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleFound:
    """An article as a source shows it, its text already cleaned. All moments are UTC-aware.

    `published_at` is what the source says, or None; `first_seen_at` is when Parley met this text. `author` holds names,
    as the source gives them; `guid` is the source's own id of the article. `url_shared` says that several entries of
    the source have this address, so that it identifies none (a live page, a feed that links to its home page);
    `is_teaser` that its page has more. `history` marks what came with a source's first poll, the seeds or an import:
    true, but no news. `notes` say what was done to the text (cut, title made up).
    """

    url: str | None
    outlet: str
    source: str
    title: str
    text: str
    language: str
    published_at: datetime | None
    precision: Precision
    first_seen_at: datetime
    author: str = ""
    guid: str | None = None
    url_shared: bool = False
    is_teaser: bool = False
    history: bool = False
    notes: tuple[str, ...] = ()

    @property
    def moment(self) -> datetime:
        """When it was published as far as known, else when it was first seen: the order of articles."""
        return self.published_at or self.first_seen_at


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that a source holds and that is no article: which, and why."""

    name: str
    why: str

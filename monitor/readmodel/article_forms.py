"""The answers of the read model about articles: as they are listed, and with what may be shown of their text."""

from datetime import datetime

from monitor.readmodel.forms import Form


class ArticleEntry(Form):
    """An article without its text; of a removed one (`removed` says why) the title is empty."""

    article: str
    outlet: str
    source: str
    title: str
    author: str
    url: str | None
    language: str
    published_at: datetime | None
    precision: str
    first_seen_at: datetime
    history: bool
    story: str
    revisions: int
    removed: str | None
    failure: str | None


class Passage(Form):
    """A claim's passage amid the text around it, as people read it."""

    before: str
    quote: str
    after: str
    claim: str
    kind: str
    status: str
    attribution: str
    article: str
    title: str
    outlet: str
    url: str | None
    published_at: datetime | None
    precision: str


class ArticleShown(Form):
    """An article with what may be shown of its text.

    `text` is the whole text where its source's `display` permits it, else None; `passages` are its evidence amid the
    sentences around it, in the order of the text.
    """

    article: ArticleEntry
    display: str
    text: str | None
    passages: list[Passage]


class Passages(Form):
    """What speaks for a channel's current segment and what speaks against it, heaviest first."""

    carrying: list[Passage]
    against: list[Passage]

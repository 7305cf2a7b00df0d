"""The answers of the read model about evidence: what articles say of the talks, by story, by side, and one by one."""

from monitor.readmodel.article_forms import ArticleEntry, Passage
from monitor.readmodel.forms import ClaimEntry, Form, SegmentForm


class Said(Form):
    """A claim, and its passage amid the text around it."""

    claim: ClaimEntry
    passage: Passage


class Copied(Form):
    """An article, and the copies of it."""

    article: ArticleEntry
    copies: list[ArticleEntry]
    """The first of the other articles of its story."""
    copied: int
    """How many there are in all."""


class Report(Copied):
    """A story, by its first article of those asked for.

    `unread` says why nothing was looked for in it; empty: it was read.
    """

    unread: str
    said: list[Said]
    """What was asked for before the rest, and the heaviest first."""


class Reports(Form):
    """A page of stories, newest first."""

    reports: list[Report]
    count: int
    """How many there are in all; `is_more` says that there are more than were counted."""
    is_more: bool


class StorySide(Copied):
    """A story that speaks on one side, by what its heaviest article says."""

    said: list[Said]


class Sides(Form):
    """What carries a channel's segment and what speaks against it, heaviest first; each story once."""

    channel: str
    segment: SegmentForm
    carrying: list[StorySide]
    against: list[StorySide]
    is_cut: bool
    """Whether there may be more: a segment names so many claims of each side and no more."""


class ArticleEvidence(Copied):
    """An article with everything that it says, in the order of its text (None where it may not be shown whole)."""

    unread: str
    display: str
    text: str | None
    said: list[Said]
    former: list[Said]
    """What was held true once and is no longer: it was dismissed, or its article was read again."""


class Choices(Form):
    """What articles can be chosen by, the most frequent first."""

    outlets: list[str]
    languages: list[str]

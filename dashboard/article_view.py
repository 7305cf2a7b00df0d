"""An article's page as HTML: its text with every claim's passage marked, and below it each claim in full. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard import claim_view, markup
from dashboard.catalogue import say
from dashboard.evidence_view import copies, troubles
from dashboard.links import Links
from dashboard.markup import e
from dashboard.spans import Mark, marked
from dashboard.words import Zones
from monitor.readmodel.queries import ArticleEvidence, Said, TopicEntry


@dataclass(frozen=True)
class ArticlePage:
    """Everything that the page shows."""

    topic: TopicEntry
    parties: Mapping[str, str]
    """Party id -> its name."""
    shown: ArticleEvidence
    links: Links
    zones: Zones


def title(page: ArticlePage) -> str:
    """The browser tab's title."""
    article = page.shown.article
    return f"{article.title or say('evidence.removed')} – {article.outlet}"


def head(page: ArticlePage) -> str:
    """The article: title, who published it when, what it says, and its text."""
    shown, article = page.shown, page.shown.article
    return (
        f"<p class='back'>{page.links.to(say('article.back'), 'evidence')}</p>"
        f"<article class='article'>{_title(page)}<p class='meta'>{_published(page)}</p>"
        f"{troubles(article, '' if shown.said else shown.unread)}{_summary(page)}{_text(page)}"
        f"{copies(shown.copies, shown.copied, page.links)}</article>"
    )


def cards(page: ArticlePage) -> list[tuple[Said, str]]:
    """Each claim with its HTML, those held true first: an operator's buttons stand beside each."""
    held, names = len(page.shown.said), claim_view.Names(page.topic.channels, page.parties)
    every = [*page.shown.said, *page.shown.former]
    return [
        (
            said,
            _heading(page, number)
            + claim_view.card(number, said, names, page.shown.article.language, held=number <= held),
        )
        for number, said in enumerate(every, start=1)
    ]


def foot(page: ArticlePage) -> str:
    """Where to find what was considered and dropped; nothing where nothing was read."""
    shown = page.shown
    if shown.article.removed is not None or shown.unread:
        return ""
    path = f"/v1/topics/{page.topic.topic}/articles/{shown.article.article}/explain"
    return f"<p class='meta explain'>{markup.said('article.explain', path=f'<code>{e(path)}</code>')}</p>"


def unknown(article: str, links: Links) -> str:
    """What stands there when there is no such article."""
    return markup.notice(
        say("article.unknown"),
        say("article.unknown_more", article=article[:80]),
        links=links.to(say("article.back"), "evidence"),
    )


def _heading(page: ArticlePage, number: int) -> str:
    """A heading before the first claim, and before the first that is held true no longer."""
    if number == 1 and page.shown.said:
        return f"<h2>{e(say('article.claims', count=len(page.shown.said)))}</h2>"
    if number == len(page.shown.said) + 1:
        return f"<h2>{e(say('article.former', count=len(page.shown.former)))}</h2>"
    return ""


def _title(page: ArticlePage) -> str:
    article = page.shown.article
    if article.removed is not None:
        return f"<h1 class='headline gone'>{e(say('evidence.removed'))}</h1>"
    text = article.title or say("evidence.untitled")
    tongue = claim_view.tongue(article.language)
    return f"<h1 class='headline'{tongue} dir='auto'>{marked(text, _marks(page.shown.said, text, in_title=True))}</h1>"


def _published(page: ArticlePage) -> str:
    article = page.shown.article
    parts = [markup.link(article.outlet, article.url)]
    if article.author:
        parts.append(markup.said("article.by", author=e(article.author)))
    if article.published_at is None:
        parts.append(e(say("evidence.undated")))
    elif article.precision == "time":
        parts.append(markup.moment(article.published_at, page.zones))
    else:
        parts.append(markup.day(article.published_at.date()))
    parts.append(markup.said("article.seen", moment=markup.moment_here(article.first_seen_at, page.zones)))
    if article.revisions:
        parts.append(e(say("article.revised", count=article.revisions)))
    return " · ".join(parts)


def _summary(page: ArticlePage) -> str:
    """What it says at a glance, each line leading to its claim."""
    if not page.shown.said:
        known = page.shown.article.failure is not None or page.shown.unread
        return "" if known else f"<p>{e(say('evidence.nothing'))}</p>"
    lines = "".join(
        f"<li>{_number(number, said)}{claim_view.says(said.claim, page.topic)}</li>"
        for number, said in enumerate(page.shown.said, start=1)
    )
    return f"<ol class='glance' aria-label='{e(say('article.glance'))}'>{lines}</ol>"


def _text(page: ArticlePage) -> str:
    shown = page.shown
    if shown.article.removed is not None:
        return ""
    if shown.text is None:
        return f"<p class='meta excerpt'>{e(say('article.excerpt'))}</p>"
    marks = _marks(shown.said, shown.text, in_title=False)
    tongue = claim_view.tongue(shown.article.language)
    return f"<div class='text'{tongue} dir='auto'>{marked(shown.text, marks)}</div>"


def _marks(said: Sequence[Said], text: str, *, in_title: bool) -> list[Mark]:
    """The passages that stand in the text as it is now: a revision may have taken some of them away."""
    marks = []
    for number, one in enumerate(said, start=1):
        span = one.claim.span
        if span["in_title"] == in_title and text[span["start"] : span["end"]] == span["text"]:
            marks.append(Mark(span["start"], span["end"], _number(number, one)))
    return marks


def _number(number: int, said: Said) -> str:
    label = e(say("claim.numbered", number=number, says=claim_view.word_of(said.claim)))
    return f"<a class='nr' href='#claim-{number}' target='_self' aria-label='{label}'>{number}</a>"

"""The Evidence page's list as HTML: what articles say, story by story, newest first. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard import claim_view, markup
from dashboard.catalogue import said_of, say
from dashboard.links import Links
from dashboard.markup import e
from dashboard.words import Zones
from monitor.readmodel.queries import ArticleEntry, Report, Reports, Said, TopicEntry

PER_PAGE = 20
_PASSAGES = 3
"""So many passages of an article stand in the list; its own page has them all."""


@dataclass(frozen=True)
class ListPage:
    """Everything that the list shows."""

    topic: TopicEntry
    reports: Reports
    number: int
    """Which page of the list, from 1."""
    asked: dict[str, str]
    """The address's filters: to keep from page to page; none: everything is shown."""
    only: Sequence[str]
    """What the filters that are folded away choose, in words."""
    links: Links
    zones: Zones


def page(shown: ListPage) -> str:
    """The list, or why it is empty."""
    if not shown.reports.reports:
        return _empty(shown)
    items = "".join(_report(report, shown) for report in shown.reports.reports)
    return f"<p class='fresh'>{_count(shown)}</p><ol class='reports'>{items}</ol>{_turn(shown)}"


def headline(article: ArticleEntry, links: Links) -> str:
    """An article's title, linked to its page; of a removed one that it was removed."""
    if article.removed is not None:
        label, mark = say("evidence.removed"), " class='gone'"
    else:
        label = article.title or say("evidence.untitled")
        mark = markup.script(label, article.language)
    return f"<h2{mark}>{links.to(label, 'evidence', article=article.article)}</h2>"


def where(article: ArticleEntry, zones: Zones) -> str:
    """An article's outlet with the link to it, and when it was published."""
    outlet = markup.isolated(markup.link(article.outlet, article.url))
    if article.published_at is None:
        return f"{outlet}, {e(say('evidence.undated'))}"
    if article.precision != "time":
        return markup.source(article.outlet, article.url, article.published_at, article.precision)
    return f"{outlet}, {markup.moment_here(article.published_at, zones)}"


def copies(others: Sequence[ArticleEntry], number: int, links: Links) -> str:
    """The other articles of a story."""
    if not number:
        return ""
    named = ", ".join(links.to(one.outlet, "evidence", article=one.article) for one in others)
    more = (
        f" {markup.said('evidence.more_copies', count=str(number - len(others)))}"
        if number > len(others)
        else ""
    )
    return f"<p class='meta copies'>{e(say('evidence.copies', count=number))} {named}{more}</p>"


def troubles(article: ArticleEntry, unread: str) -> str:
    """Why nothing was looked for in an article, or nothing found: it was removed, could not be read, or is not."""
    said = ""
    if article.removed is not None:
        said += f"<p class='meta'>{markup.said('evidence.removed_why', why=e(article.removed))}</p>"
    if article.failure is not None:
        said += f"<p class='meta'>⚠ {markup.said('evidence.failed', why=e(article.failure))}</p>"
    if unread:
        language = said_of("languages", article.language, otherwise=article.language)
        said += f"<p class='meta'>{markup.said('evidence.unread', language=e(language))}</p>"
    return said


def passages(said: Sequence[Said]) -> list[list[Said]]:
    """Claims by their passage, in the order in which the passages come first."""
    order: dict[tuple[str, str, str], list[Said]] = {}
    for one in said:
        key = one.passage.before, one.passage.quote, one.passage.after
        order.setdefault(key, []).append(one)
    return list(order.values())


def told(said: Sequence[Said], topic: TopicEntry, language: str, limit: int = _PASSAGES) -> str:
    """The first passages, each under what it says; what is said twice in the same words on a channel, once."""
    html = ""
    for group in passages(said)[:limit]:
        once = {
            (claim_view.word_of(one.claim), one.claim.channel, one.claim.background): one for one in group
        }
        lines = "".join(claim_view.says(one.claim, topic) for one in once.values())
        html += f"<div class='told'>{lines}{claim_view.quotation(group[0], language)}</div>"
    return html


def _report(report: Report, shown: ListPage) -> str:
    article, links = report.article, shown.links
    tongue = ""
    if article.language and article.language != "en":
        name = said_of("languages", article.language, otherwise=article.language)
        tongue = f" <span class='tag plain'>{e(name)}</span>"
    said = told(report.said, shown.topic, article.language)
    hidden = len(passages(report.said)) - _PASSAGES
    if hidden > 0:
        more = links.to(say("evidence.more", count=hidden), "evidence", article=article.article)
        said += f"<p class='meta'>{more}</p>"
    trouble = troubles(article, "" if report.said else report.unread)
    if not said and not trouble:
        said = f"<p class='meta'>{e(say('evidence.nothing'))}</p>"
    return (
        f"<li>{headline(article, links)}<p class='meta'>{where(article, shown.zones)}{tongue}</p>"
        f"{trouble}{said}{copies(report.copies, report.copied, links)}</li>"
    )


def _count(shown: ListPage) -> str:
    found = shown.reports
    count = say("evidence.count", count=found.count)
    if found.is_more:
        count = say("evidence.many", count=f"{found.count:,}")
    first = (shown.number - 1) * PER_PAGE + 1
    last = first + len(found.reports) - 1
    parts = [e(say("evidence.range", count=count, first=f"{first:,}", last=f"{last:,}"))]
    if shown.only:
        parts.append(e(say("evidence.only", filters=", ".join(shown.only))))
    if shown.asked:
        parts.append(shown.links.to(say("evidence.clear"), "evidence"))
    return " · ".join(parts)


def _turn(shown: ListPage) -> str:
    """Links to the newer and the older stories."""
    last = shown.number * PER_PAGE
    links = []
    if shown.number > 1:
        links.append(_to_page(shown, shown.number - 1, say("evidence.newer")))
    if shown.reports.is_more or last < shown.reports.count:
        links.append(_to_page(shown, shown.number + 1, say("evidence.older")))
    if not links:
        return ""
    return f"<nav class='turn' aria-label='{e(say('evidence.turn'))}'>{''.join(links)}</nav>"


def _to_page(shown: ListPage, number: int, label: str) -> str:
    return shown.links.to(label, "evidence", **{**shown.asked, "p": "" if number == 1 else str(number)})


def _empty(shown: ListPage) -> str:
    if shown.number > 1:
        first = shown.links.to(say("evidence.first_page"), "evidence", **shown.asked)
        return f"<section class='empty'><p>{e(say('evidence.no_page'))}</p><p>{first}</p></section>"
    if shown.asked:
        clear = shown.links.to(say("evidence.clear"), "evidence")
        return f"<section class='empty'><p>{e(say('evidence.none'))}</p><p>{clear}</p></section>"
    return f"<section class='empty'><p>{e(say('evidence.nothing_yet'))}</p></section>"

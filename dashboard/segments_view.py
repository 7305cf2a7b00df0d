"""A channel's segments as a table, newest first: the charts' twin, with the passages that say so. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from dashboard import markup, words
from dashboard.catalogue import say
from dashboard.ladder_view import Step, lasted, silence
from dashboard.links import Links
from dashboard.markup import e
from monitor.readmodel.queries import AlertMark, ArticleEntry, Evidence, SegmentForm

_QUOTES = 2


def table(
    label: str,
    channel: str,
    steps: Sequence[Step],
    alerts: Iterable[AlertMark],
    articles: Mapping[str, ArticleEntry],
    links: Links,
) -> str:
    """The table of a channel called `label` (plain text); `articles` are those of the evidence, by their ids."""
    found = list(alerts)
    rows = "".join(_row(channel, step, found, articles, links) for step in reversed(steps))
    heads = markup.heads(
        [say("timeline.when"), say("timeline.status"), say("timeline.sure"), say("timeline.says_so")]
    )
    return (
        f"<table class='segments' id='table-{e(channel)}' tabindex='-1' aria-label=\"{e(label)}\">"
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(
    channel: str,
    step: Step,
    alerts: Sequence[AlertMark],
    articles: Mapping[str, ArticleEntry],
    links: Links,
) -> str:
    segment, look = step.segment, words.look(step.segment.status)
    name = segment.name if segment.name.lower() != look.word.lower() else ""
    named = f"<br><span class='meta'>{e(name)}</span>" if name else ""
    contested = f"<br><span class='tag'>⚠ {e(say('timeline.contested'))}</span>" if segment.contested else ""
    began = markup.start(segment.start_earliest, segment.start_latest, word=False)
    more = links.to(say("timeline.evidence"), "evidence", channel=channel, status=segment.status)
    until = e(say("status.tag_last")) if step.is_old else _until(segment, step, links)
    further = [f"<span class='more'>{more}</span>", *_alerts(step, alerts, links)]
    return (
        f"<tr{' class=stale' if step.is_old else ''}><td>{began}<br>{until}<br>"
        f"<span class='meta'>{'<br>'.join(e(one) for one in (lasted(step), silence(step)) if one)}</span></td>"
        f"<td>{markup.chip(segment.status)} <b>{e(look.word)}</b>{named}{contested}</td>"
        f"<td>{words.confidence(segment.confidence)} ({segment.confidence:.0%})<br>"
        f"<span class='meta'>{e(segment.certainty)}</span></td>"
        f"<td>{_quotes(segment.evidence, articles)}<p class='meta'>{' · '.join(further)}</p></td></tr>"
    )


def _until(segment: SegmentForm, step: Step, links: Links) -> str:
    if segment.end is None:
        is_dated = any(links.past) and segment.start is not None
        day = markup.day(step.end - timedelta(days=1)) if is_dated else ""
        return markup.said("timeline.until", day=day) if day else e(say("timeline.latest"))
    if segment.start_latest is not None and segment.end <= segment.start_latest:
        return e(say("timeline.short"))  # the next began within the same uncertain days
    return markup.said("timeline.until", day=markup.day(segment.end))


def _alerts(step: Step, alerts: Sequence[AlertMark], links: Links) -> list[str]:
    """Links to what was told of the segment's beginning."""
    segment = step.segment
    return [
        links.to(say("timeline.alerts", count=1), "alerts", alert=alert.alert)
        for alert in alerts
        if alert.to == segment.status
        and (segment.start or step.start) <= alert.day <= max(step.start, step.end)
    ]


def _quotes(evidence: Sequence[Evidence], articles: Mapping[str, ArticleEntry]) -> str:
    """The heaviest passages, those of one article together under its title."""
    together: dict[str, list[Evidence]] = {}
    for quote in evidence[:_QUOTES]:
        together.setdefault(quote.article, []).append(quote)
    quotes = "".join(_figure(quotes, articles.get(id_)) for id_, quotes in together.items())
    hidden = len(evidence) - _QUOTES
    return quotes + (f"<p class='meta'>{e(say('timeline.more', count=hidden))}</p>" if hidden > 0 else "")


def _figure(quotes: Sequence[Evidence], article: ArticleEntry | None) -> str:
    first = quotes[0]
    precision = article.precision if article else "day"
    where = markup.source(first.outlet, first.url, first.published_at, precision)
    title = article.title if article and article.title not in {quote.quote for quote in quotes} else ""
    return markup.figure("".join(markup.quotation(quote.quote) for quote in quotes), where, note=title)

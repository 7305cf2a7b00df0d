"""The Timeline page as HTML: for each channel its segments as a strip and as a table with their articles. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from dashboard import markup, words
from dashboard.markup import e
from monitor.readmodel.queries import (
    ArticleEntry,
    ChannelTimeline,
    Evidence,
    SegmentForm,
    TopicEntry,
    TopicTimeline,
)

_QUOTES = 4
_LEAST_WIDTH = 1.5
"""Per cent of the strip: a status of one day in a year must still be seen."""


def page(
    topic: TopicEntry, timeline: TopicTimeline, articles: Mapping[str, ArticleEntry], today: date
) -> str:
    """The whole page; `articles` are those that the evidence names, by their ids."""
    channels = "".join(_channel(topic, channel, articles, today) for channel in timeline.channels)
    return f"<h1 class='plain'>Timeline</h1><p class='fresh'>{e(topic.label)}</p>{channels}"


def _channel(
    topic: TopicEntry, channel: ChannelTimeline, articles: Mapping[str, ArticleEntry], today: date
) -> str:
    label = e(topic.channels.get(channel.channel, channel.channel))
    if not channel.segments:
        return f"<section><h2>{label}</h2><p class='meta'>Nothing known yet.</p></section>"
    rows = "".join(_row(segment, articles) for segment in reversed(channel.segments))
    return (
        f"<section><h2>{label}</h2>{_strip(channel.segments, today)}"
        "<table class='segments'><thead><tr><th scope='col'>When</th><th scope='col'>Status</th>"
        "<th scope='col'>How sure</th><th scope='col'>What says so</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></section>"
    )


def _row(segment: SegmentForm, articles: Mapping[str, ArticleEntry]) -> str:
    if segment.end is None:
        until = "<br>latest known"
    elif segment.start_latest is not None and segment.end <= segment.start_latest:
        until = "<br>not for long"  # the next began within the same uncertain days
    else:
        until = f"<br>until {markup.day(segment.end)}"
    look = words.look(segment.status)
    named = (
        ""
        if segment.name.lower() == look.word.lower()
        else f"<br><span class='meta'>{e(segment.name)}</span>"
    )
    contested = "<br><span class='tag'>⚠ contested</span>" if segment.contested else ""
    quotes = _quotes(segment.evidence[:_QUOTES], articles)
    hidden = len(segment.evidence) - _QUOTES
    more = f"<p class='meta'>and {words.count(hidden, 'more passage')}</p>" if hidden > 0 else ""
    return (
        f"<tr><td>{markup.start(segment.start_earliest, segment.start_latest, word=False)}{until}</td>"
        f"<td>{markup.chip(segment.status)} <b>{look.word}</b>{named}{contested}</td>"
        f"<td>{words.confidence(segment.confidence)} ({segment.confidence:.0%})<br>"
        f"<span class='meta'>{e(segment.certainty)}</span></td><td>{quotes}{more}</td></tr>"
    )


def _quotes(evidence: Sequence[Evidence], articles: Mapping[str, ArticleEntry]) -> str:
    """The passages, those of one article together under its title."""
    together: dict[str, list[Evidence]] = {}
    for quote in evidence:
        together.setdefault(quote.article, []).append(quote)
    return "".join(_figure(quotes, articles.get(id_)) for id_, quotes in together.items())


def _figure(quotes: Sequence[Evidence], article: ArticleEntry | None) -> str:
    first = quotes[0]
    where = markup.source(
        first.outlet, first.url, first.published_at, article.precision if article else "day"
    )
    title = article.title if article and article.title not in {quote.quote for quote in quotes} else ""
    return markup.figure("".join(markup.quotation(quote.quote) for quote in quotes), where, note=title)


def _strip(segments: list[SegmentForm], today: date) -> str:
    """The segments as a bar of time from the first known day to today; the table says the same."""
    placed = [(start, segment) for segment in segments if (start := segment.start)]
    if not placed:
        return ""
    first, last = placed[0][0], max(today, placed[-1][0]) + timedelta(days=1)
    ends = [start for start, _ in placed[1:]] + [last]
    days = [max((end - start).days, 0) for (start, _), end in zip(placed, ends, strict=True)]
    whole = (last - first).days
    shares = [max(100 * number / whole, _LEAST_WIDTH) for number in days]
    parts = "".join(
        f'<span class="{markup.status_class(segment.status)}{" hatch" if segment.contested else ""}" '
        f'style="flex-grow:{share:.2f}"></span>'
        for (_, segment), share in zip(placed, shares, strict=True)
    )
    said = "; ".join(
        f"{words.look(segment.status).word} {words.start(segment.start_earliest, segment.start_latest)}"
        for _, segment in placed
    )
    return (
        f'<div class="strip" role="img" aria-label="{e(said)}">{parts}</div>'
        f'<p class="ends"><span>{e(words.day(first))}</span><span>now</span></p>'
    )

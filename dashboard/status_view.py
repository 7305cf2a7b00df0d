"""The Status page as HTML: where the talks stand, since when, how sure, and which sentences say so. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dashboard import markup, words
from dashboard.alerts_view import alert_line
from dashboard.links import Links, Past
from dashboard.markup import e
from dashboard.words import Zones
from monitor.readmodel.queries import (
    AlertEntry,
    ChannelStatus,
    Freshness,
    Passage,
    Passages,
    SegmentForm,
    TopicEntry,
    TopicStatus,
    TopicTimeline,
)

_QUOTES = 3
_AGAINST = 2
_STEPS_BACK = 6


@dataclass(frozen=True)
class StatusPage:
    """Everything that the page shows."""

    topic: TopicEntry
    status: TopicStatus
    leading: ChannelStatus | None
    timeline: TopicTimeline
    passages: Passages
    alerts: Sequence[AlertEntry]
    freshness: Freshness
    today: date
    zones: Zones
    past: Past

    def segments(self, channel: str) -> list[SegmentForm]:
        """A channel's segments, oldest first."""
        return next((part.segments for part in self.timeline.channels if part.channel == channel), [])


def title(topic: TopicEntry, status: TopicStatus) -> str:
    """The browser tab's title: it says the state."""
    look = words.look(status.status)
    last = "Last known: " if status.stale else ""
    return f"{look.glyph} {last}{look.word.lower() if last else look.word} – {topic.label}"


def page(shown: StatusPage) -> str:
    """The whole page."""
    return (
        f"{_fresh(shown)}<div class='two'><div>{_hero(shown)}{_channels(shown)}{_way(shown)}</div>"
        f"<div>{_latest(shown)}</div></div>"
    )


def _fresh(shown: StatusPage) -> str:
    fresh = shown.freshness
    parts = [shown.topic.label, words.count(fresh.articles, "article") + " read"]
    if fresh.last_article_at:
        parts.append(f"newest seen {words.moment_here(fresh.last_article_at, shown.zones)}")
    if fresh.dead_letters:
        parts.append(words.count(fresh.dead_letters, "event") + " could not be shown")
    return f'<p class="fresh">{e(" · ".join(parts))}</p>'


def _hero(shown: StatusPage) -> str:
    status, leading = shown.status, shown.leading
    look = words.look(status.status)
    segments = shown.segments(leading.channel) if leading else []
    if leading is None or not segments:
        return (
            f'<section class="hero s-none" aria-label="Current status"><p class="over">{e(shown.topic.label)}</p>'
            f"<h1>{markup.chip('none', 'big')}{look.word}</h1>"
            f"<p>{_nothing(shown.freshness)}</p></section>"
        )
    now = segments[-1]
    word = f"Last known: {look.word.lower()}" if status.stale else look.word
    channel = shown.topic.channels.get(leading.channel, leading.channel)
    over = f"{channel} · {'last known status' if status.stale else 'status now'}"
    return (
        f'<section class="hero {markup.status_class(status.status)}{" stale" if status.stale else ""}" '
        f'aria-label="Current status"><p class="over">{e(over)}</p>'
        f"<h1>{markup.chip(status.status, 'big')}{e(word)}</h1>"
        f'<p class="since"><b>{markup.start(now.start_earliest, now.start_latest)}</b>{_ago(now, shown.today)}'
        f"{_named(now, look.word)}</p>"
        f"{_stale(shown, now)}{_contested(shown)}{_facts(now, segments)}"
        f"{_quotes(shown.passages.carrying, _QUOTES)}</section>"
    )


def _nothing(fresh: Freshness) -> str:
    if not fresh.articles:
        return "No reports on this topic yet. Sources are being read; this page updates by itself."
    return f"{words.count(fresh.articles, 'article')} read, and none says where the talks stand."


def _ago(segment: SegmentForm, today: date) -> str:
    since = segment.start_latest or segment.start_earliest
    if since is None or since > today:
        return ""
    days = (today - since).days
    return f" · {words.count(days, 'day')} ago" if days else " · today"


def _named(segment: SegmentForm, word: str) -> str:
    return "" if segment.name.lower() == word.lower() else f" · {e(segment.name)}"


def _stale(shown: StatusPage, now: SegmentForm) -> str:
    if not shown.status.stale:
        return ""
    days = [quote.published_at.date() for quote in now.evidence if quote.published_at]
    newest = f" since {markup.day(max(days))}" if days else " for a long time"
    return markup.banner("◷", "Not current:", f"no new evidence{newest}. The status may have changed.", "old")


def _contested(shown: StatusPage) -> str:
    if not shown.status.contested:
        return ""
    against = shown.passages.against
    outlets = len({passage.outlet for passage in against})
    count = words.count(outlets, "outlet says", "outlets say") if outlets else "other reports say"
    quotes = _quotes(against, _AGAINST)
    return markup.banner("⚠", "Contested:", f"{e(count)} otherwise.", "contested") + (
        f'<details class="against"><summary>What speaks against it</summary>{quotes}</details>'
        if quotes
        else ""
    )


def _facts(now: SegmentForm, segments: list[SegmentForm]) -> str:
    articles = {quote.article for quote in now.evidence}
    outlets = {quote.outlet for quote in now.evidence}
    rows = [
        ("How sure", markup.meter(now.confidence)),
        ("Certainty", e(words.certainty(now.certainty))),
        ("Evidence", e(f"{words.count(len(articles), 'article')}, {words.count(len(outlets), 'outlet')}")),
    ]
    if len(segments) > 1:
        before = segments[-2]
        rows.append(
            (
                "Before that",
                f"{e(words.look(before.status).word)} "
                f"<small>({markup.start(before.start_earliest, before.start_latest, word=False)})</small>",
            )
        )
    return markup.facts(rows)


def _quotes(passages: Sequence[Passage], limit: int) -> str:
    """The heaviest passages, those of different outlets first."""
    first: dict[str, Passage] = {}
    for passage in passages:
        first.setdefault(passage.outlet, passage)
    others = [passage for passage in passages if passage not in first.values()]
    return "".join(_quote(passage) for passage in [*first.values(), *others][:limit])


def _quote(passage: Passage) -> str:
    where = markup.source(passage.outlet, passage.url, passage.published_at, passage.precision)
    return markup.figure(markup.quotation(passage.quote, before=passage.before, after=passage.after), where)


def _channels(shown: StatusPage) -> str:
    rows = "".join(_channel(shown, channel) for channel in shown.status.channels)
    return (
        f'<section aria-label="Channels"><h2>Who talks with whom</h2><ul class="rows">{rows}</ul></section>'
    )


def _channel(shown: StatusPage, channel: ChannelStatus) -> str:
    label = e(shown.topic.channels.get(channel.channel, channel.channel))
    look = words.look(channel.status)
    segments = shown.segments(channel.channel)
    if not segments:
        return f"<li>{markup.chip('none')}<div><b>{label}</b><p class='meta'>{look.word}</p></div></li>"
    now = segments[-1]
    marks = "".join(
        f' <span class="tag">{mark}</span>'
        for mark, shows in (("last known", channel.stale), ("⚠ contested", channel.contested))
        if shows
    )
    old = ' class="stale"' if channel.stale else ""
    quote = channel.evidence[0] if channel.evidence else None
    said = ""
    if quote:
        where = markup.source(quote.outlet, quote.url, quote.published_at)
        said = f"<p class='said' dir='auto'>{markup.inline(quote.quote)} — {where}</p>"
    return (
        f"<li{old}>{markup.chip(channel.status)}<div><b>{label}: {look.word.lower()}</b>{marks}"
        f"<p class='meta'>{markup.start(now.start_earliest, now.start_latest)} · "
        f"{markup.sure(now.confidence, now.certainty)}</p>{said}</div></li>"
    )


def _way(shown: StatusPage) -> str:
    leading = shown.leading
    if leading is None:
        return ""
    segments = shown.segments(leading.channel)[-_STEPS_BACK:]
    steps = "".join(
        f"<li{' class=now' if segment is segments[-1] else ''}>{markup.chip(segment.status)}<div>"
        f"<b>{e(words.sentence(segment.name))}</b>"
        f"<p class='meta'>{markup.start(segment.start_earliest, segment.start_latest, word=False)}"
        f"{' · contested' if segment.contested else ''}</p></div></li>"
        for segment in segments
    )
    more = Links(shown.topic.topic, shown.past).to("The whole timeline", "timeline")
    return (
        f'<section aria-label="How we got here"><h2>How we got here</h2><ol class="way">{steps}</ol>'
        f"<p>{more}</p></section>"
    )


def _latest(shown: StatusPage) -> str:
    more = Links(shown.topic.topic, shown.past).to("All alerts", "alerts")
    if not shown.alerts:
        inner = "<p>No alerts yet.</p>"
    else:
        lines = "".join(alert_line(alert, shown.topic, shown.zones) for alert in shown.alerts)
        inner = f'<ul class="rows">{lines}</ul><p>{more}</p>'
    return f'<section aria-label="Latest alerts"><h2>Latest alerts</h2>{inner}</section>'

"""The Timeline page as HTML: for each channel a ladder of its statuses, what was written, and a table. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard import volume_view, words
from dashboard.catalogue import say
from dashboard.ladder_view import Step, is_seen, ladder, steps
from dashboard.links import Links
from dashboard.markup import e
from dashboard.period import Period
from dashboard.segments_view import table
from monitor.readmodel.queries import (
    AlertMark,
    ArticleEntry,
    BadInputError,
    ChannelTimeline,
    TopicEntry,
    TopicTimeline,
    VolumeEntry,
)


@dataclass(frozen=True)
class TimelinePage:
    """What the page shows, seen from `today`; `articles` are those that the evidence names, by their ids."""

    topic: TopicEntry
    timeline: TopicTimeline
    articles: Mapping[str, ArticleEntry]
    volume: Sequence[VolumeEntry]
    alerts: Sequence[AlertMark]
    period: Period
    today: date
    links: Links
    channel: str | None = None
    """The one that is shown; None: all."""
    is_current: bool = True
    """False while the sources are not read: the last statuses are only the last known."""


def chosen(timeline: TopicTimeline, channel: str | None) -> TopicTimeline:
    """Of the one channel that an address asks for; without one of all.

    Raises:
        BadInputError: the topic has no such channel; the message names those that there are.
    """
    if not channel:
        return timeline
    found = [one for one in timeline.channels if one.channel == channel]
    if not found:
        known = ", ".join(one.channel for one in timeline.channels)
        raise BadInputError(
            say("timeline.unknown_channel", channel=channel[:40], topic=timeline.topic, known=known)
        )
    return timeline.model_copy(update={"channels": found})


def seen(timeline: TopicTimeline, period: Period, today: date) -> TopicTimeline:
    """The segments that the period touches, and those without any day."""
    return timeline.model_copy(
        update={
            "channels": [
                one.model_copy(update={"segments": [step.segment for step in _steps(one, period, today)]})
                for one in timeline.channels
            ]
        }
    )


def page(shown: TimelinePage) -> str:
    """The whole page."""
    channels = "".join(_channel(shown, channel) for channel in shown.timeline.channels)
    span = say("period.span", first=words.day(shown.period.first), last=words.day(shown.period.last))
    return f"<p class='fresh'>{e(shown.topic.label)} · {e(span)}</p>{_switch(shown)}{channels}"


def _switch(shown: TimelinePage) -> str:
    """Links to each channel, where there are several."""
    if len(shown.topic.channels) == 1:
        return ""
    asked = _asked(shown.period)
    links = [
        (shown.links.to(label, "timeline", channel=channel, **asked), channel == (shown.channel or ""))
        for channel, label in {"": say("timeline.all_channels"), **shown.topic.channels}.items()
    ]
    parts = "".join(
        link.replace("<a ", '<a aria-current="true" ', 1) if is_shown else link for link, is_shown in links
    )
    return f'<nav class="topics" aria-label="{e(say("timeline.channels"))}">{parts}</nav>'


def _asked(period: Period) -> dict[str, str]:
    if period.range is not None:
        return {"range": period.range}
    return {"from": period.first.isoformat(), "until": period.last.isoformat()}


def _steps(channel: ChannelTimeline, period: Period, today: date, *, is_current: bool = True) -> list[Step]:
    """The undated segments first: they are the least known."""
    never = (date.min,) * 4
    undated = [Step(segment, *never) for segment in channel.segments if segment.start is None]
    dated = steps(channel.segments, today + timedelta(days=1), is_current=is_current)
    return undated + [step for step in dated if is_seen(step, period)]


def _channel(shown: TimelinePage, channel: ChannelTimeline) -> str:
    label = shown.topic.channels.get(channel.channel, channel.channel)
    written = [one for one in shown.volume if one.channel == channel.channel]
    alerts = [one for one in shown.alerts if one.channel == channel.channel]
    if not channel.segments:
        body = f"<p class='meta'>{e(say('timeline.nothing'))}</p>"
        return f"<section><h2>{e(label)}</h2>{body}{_written(label, written, shown) if written else ''}</section>"
    found = _steps(channel, shown.period, shown.today, is_current=shown.is_current)
    if not found:
        body = _empty(shown, channel.channel)
        return f"<section><h2>{e(label)}</h2>{body}{_written(label, written, shown) if written else ''}</section>"
    chart = ladder(
        label,
        channel.segments,
        shown.period,
        shown.today,
        written,
        alerts,
        is_past=any(shown.links.past),
        is_current=shown.is_current,
    )
    skip = f"<a class='skip' href='#table-{e(channel.channel)}' target='_self'>{e(say('timeline.skip'))}</a>"
    return (
        f"<section><h2>{e(label)}</h2>{skip}{chart}{_written(label, written, shown)}"
        f"<h3>{e(say('timeline.changes'))}</h3>"
        f"{table(label, channel.channel, found, alerts, shown.articles, shown.links)}</section>"
    )


def _written(label: str, written: Sequence[VolumeEntry], shown: TimelinePage) -> str:
    return f"<h3>{e(say('timeline.written'))}</h3>{volume_view.chart(label, written, shown.period)}"


def _empty(shown: TimelinePage, channel: str) -> str:
    said = say("timeline.empty", first=words.day(shown.period.first), last=words.day(shown.period.last))
    whole = shown.links.to(
        say("timeline.show_all"), "timeline", channel=channel if shown.channel else "", range="all"
    )
    return f"<p class='meta'>{e(said)} {whole}</p>"

"""How the read model's answers look on a terminal."""

from collections.abc import Iterable, Mapping
from datetime import date

from rich.console import Console
from rich.text import Text

from dashboard import words
from monitor.cli.terminal import console as console
from monitor.cli.terminal import line as line
from monitor.cli.terminal import plain as plain
from monitor.cli.terminal import table as table
from monitor.cli.terminal import when as when
from monitor.readmodel.forms import (
    AlertEntry,
    ChannelStatus,
    ClaimEntry,
    Evidence,
    SegmentForm,
    TopicStatus,
    TopicTimeline,
)
from monitor.topics import Topic
from monitor.vocabulary import WITHHELD

QUOTES = 3
QUOTE = 110
"""So many characters of a quote are shown where there is one line for it."""


def since(segment: ChannelStatus | SegmentForm | TopicStatus) -> str:
    """The start in words: "since 2025-05-29", "between ... and ...", "by 2025-05-24"."""
    if isinstance(segment, SegmentForm):
        return interval(segment.start_earliest, segment.start_latest)
    return f"since {segment.since}" if segment.since else "since an unknown day"


def interval(earliest: date | None, latest: date | None) -> str:
    """An uncertain start in words."""
    if earliest is None and latest is None:
        return "since an unknown day"
    if earliest is None:
        return f"by {latest}"
    if latest is None:
        return f"after {earliest}"
    return f"since {earliest}" if earliest == latest else f"between {earliest} and {latest}"


def sureness(certainty: str | None, confidence: float | None, contested: bool) -> str:
    """How sure, in words: "confirmed, 92 %, contested"."""
    parts = [
        certainty or "",
        f"{confidence:.0%}" if confidence is not None else "",
        "contested" if contested else "",
    ]
    return ", ".join(part for part in parts if part)


def status(answer: TopicStatus, topic: Topic, *, past: bool = False) -> None:
    """The headline, then each channel with its quotes; `past`: it was asked about an earlier time."""
    out = console()
    if answer.status == "none":
        hint = "nothing was known then." if past else "nothing is known yet. Add articles with `parley seed`."
        out.print(f"{topic.label}: {hint}")
        return
    sure = sureness(answer.certainty, answer.confidence, answer.contested)
    out.print(f"{topic.label}: {standing(answer)}, {since(answer)} ({sure})")
    for channel in answer.channels:
        out.print()
        _channel(out, channel, _labels(topic))


def standing(answer: TopicStatus | ChannelStatus) -> str:
    """The status in words: "talks rejected", "last known: talks under way"."""
    known = "last known: " if answer.stale else ""
    return known + words.look(answer.status).word.lower()


def _channel(out: Console, channel: ChannelStatus, labels: Mapping[str, str]) -> None:
    label = labels.get(channel.channel, channel.channel)
    if channel.status == "none":
        out.print(f"  {label}: nothing known")
        return
    sure = sureness(channel.certainty, channel.confidence, channel.contested)
    line(out, Text(f"{label}: {standing(channel)}, {since(channel)} ({sure})"), 2)
    for piece in channel.evidence[:QUOTES]:
        line(out, Text(f"{marked(plain(piece.quote))} ({plain(_byline(piece))})"), 4)


def _byline(piece: Evidence | ClaimEntry) -> str:
    """Outlet and day."""
    return f"{piece.outlet}, {piece.published_at:%Y-%m-%d}" if piece.published_at else piece.outlet


def timeline(answer: TopicTimeline, topic: Topic) -> None:
    """A table per channel, oldest first."""
    for channel in answer.channels:
        rows = [
            (
                segment.name,
                segment.status,
                since(segment),
                _until(segment),
                sureness(segment.certainty, segment.confidence, segment.contested),
                _said_by(segment.evidence),
            )
            for segment in channel.segments
        ]
        label = _labels(topic).get(channel.channel, channel.channel)
        if rows:
            table(("what", "status", "when", "until", "how sure", "said by"), rows, title=label)
        else:
            console().print(f"{label}: nothing known")
        console().print()


def _until(segment: SegmentForm) -> str:
    """The day on which the next segment began; not where that lies within the uncertain days of this one's start."""
    if segment.end is None:
        return ""
    return (
        "not for long" if segment.start_latest and segment.end <= segment.start_latest else str(segment.end)
    )


def _said_by(evidence: Iterable[Evidence]) -> str:
    return ", ".join(dict.fromkeys(piece.outlet for piece in evidence))


def quoted(text: str, byline: str) -> str:
    """The first words of a quote, and whose they are."""
    return f"{marked(text if len(text) <= QUOTE else text[: QUOTE - 1].rstrip() + '…')} ({byline})"


def marked(quote: str) -> str:
    """A quote in its marks; what stands in place of a removed one is nobody's words."""
    return quote if quote == WITHHELD else f"“{quote}”"


def alerts(answer: list[AlertEntry]) -> None:
    """What was told, when and why, and by whose words; newest first."""
    if not answer:
        console().print("No alerts yet.")
        return
    out = console()
    for alert in answer:
        state = "not sent" if alert.state == "suppressed" else alert.state
        noted = "; acknowledged" if alert.acknowledged else ""
        told = f"{state} – {words.reason(alert.reason)}{noted}"
        change = f"{alert.topic}/{alert.channel}: {alert.name} ({alert.from_} → {alert.to})"
        effective = interval(alert.start_earliest, alert.start_latest)
        out.print(Text(plain(f"{alert.raised_at:%Y-%m-%d %H:%M} UTC  {change} [{alert.alert[:8]}]")))
        line(out, Text(plain(f"{effective}, {alert.certainty}; {told}")), 22)
        for piece in alert.articles[:1]:
            by = _byline(piece) if piece.quote == WITHHELD else piece.outlet
            line(out, Text(plain(quoted(piece.quote, by))), 22)


def claims(answer: list[ClaimEntry]) -> None:
    """A line per claim."""
    if not answer:
        console().print("No claims yet.")
        return
    rows = [
        (
            claim.id[:8],
            claim.channel,
            claim.kind,
            claim.mood,
            claim.attribution,
            when(claim.when),
            f"{claim.confidence:.2f}",
            claim.outlet,
            f"{WITHHELD} ({_byline(claim)})" if claim.span["text"] == WITHHELD else claim.span["text"],
        )
        for claim in answer
    ]
    table(("id", "channel", "kind", "mood", "who", "when", "conf.", "outlet", "passage"), rows)


def _labels(topic: Topic) -> dict[str, str]:
    return {channel.id: channel.label for channel in topic.channels}

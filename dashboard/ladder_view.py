"""A channel's timeline as a ladder: a row for each status, a bar for each segment, steps between them. Pure.

Position tells the status without colour. What a mark is stands below the chart while it is pointed at, touched or has
the focus, by style alone: the note follows its mark in the page and is placed by the sheet (timeline.css).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from dashboard import markup, words
from dashboard.catalogue import said_of, say
from dashboard.markup import e
from dashboard.period import Period
from monitor.readmodel.queries import AlertMark, SegmentForm, VolumeEntry

ROWS = tuple(words.STATUSES)
_NONE = ROWS.index("none")
_ALERTS = len(ROWS)
"""The row below the statuses."""


@dataclass(frozen=True)
class Step:
    """A segment as it is drawn: unsure from `lead` to `start`, sure up to `old`, the last known from there to `end`."""

    segment: SegmentForm
    lead: date
    start: date
    old: date
    end: date

    @property
    def row(self) -> int:
        """Its status's row."""
        status = self.segment.status
        return ROWS.index(status) if status in ROWS else _NONE

    @property
    def is_old(self) -> bool:
        """Whether it is the channel's last, and only the last known."""
        return self.segment.end is None and self.old < self.end


def steps(segments: Sequence[SegmentForm], after: date, *, is_current: bool = True) -> list[Step]:
    """The segments of which it is known when they began, oldest first; the last one ends at `after`.

    Where nothing says how early one may have begun, it may have done so since the one before did. Unless it
    `is_current`, which it is not while the sources are not read, the last one is the last known from its start.
    """
    dated = [segment for segment in segments if segment.start is not None]
    found: list[Step] = []
    for number, segment in enumerate(dated):
        start = segment.start_latest or segment.start_earliest or after
        lead = segment.start_earliest or (found[-1].start if found else start - _OPEN)
        following = dated[number + 1].start if number + 1 < len(dated) else None
        end = max(following or after, segment.start or after)
        start = min(start, end)
        old = segment.stale_from or end if is_current or segment.end else start
        found.append(Step(segment, min(lead, start), start, min(max(old, start), end), end))
    return found


_OPEN = timedelta(days=30)
"""How long the unsure part of a beginning is drawn that nothing bounds."""


def ladder(
    label: str,
    segments: Sequence[SegmentForm],
    period: Period,
    now: date,
    volume: Iterable[VolumeEntry],
    alerts: Iterable[AlertMark],
    *,
    is_past: bool = False,
    is_current: bool = True,
) -> str:
    """The chart of a channel called `label` (plain text), as it is known on the day `now`, which `is_past` or today.

    Where it is not `is_current`, its last status is only the last known.
    """
    drawn = [
        step
        for step in steps(segments, now + timedelta(days=1), is_current=is_current)
        if is_seen(step, period)
    ]
    about = say("ladder.name", channel=label, first=words.day(period.first), last=words.day(period.last))
    marks = "".join(
        [
            *_unknown(segments, period),
            *_bars(drawn, period, now, words.day(now) if is_past else say("ladder.now")),
            *_dots(volume, period),
            *_alerts(alerts, period),
        ]
    )
    rows = "".join(
        f'<span class="row" style="--r:{number}">{markup.chip(status)}{e(look.word)}</span>'
        for number, (status, look) in enumerate(words.STATUSES.items())
    )
    return (
        f'<div class="ladder" role="group" aria-label="{e(about)}" style="--rows:{_ALERTS + 1}">'
        f'<div class="labels" aria-hidden="true">{rows}'
        f'<span class="row" style="--r:{_ALERTS}">{e(say("ladder.alerts"))}</span></div>'
        f'<div class="plot">{"".join(_connectors(drawn, period))}{marks}{axis(period)}'
        f'<p class="hint meta">{e(say("ladder.hint"))}</p></div></div>'
    )


def axis(period: Period) -> str:
    """The named days along the bottom; the marks say their days themselves."""
    labels = "".join(
        f'<span style="--x:{period.place(day):.2f}">{e(label)}</span>' for day, label in period.ticks()
    )
    return f'<div class="axis" aria-hidden="true">{labels}</div>'


def mark(kind: str, said: str, style: str, *, inside: str = "", reached: bool = True) -> str:
    """A mark of a chart that says what it is (plain text) when pointed at; not `reached` by Tab, only by touch."""
    return (
        f'<span class="mark {kind}" role="img" tabindex="{0 if reached else -1}" aria-label="{e(said)}" '
        f'style="{style}">{inside}</span><span class="note" aria-hidden="true">{e(said)}</span>'
    )


def is_seen(step: Step, period: Period) -> bool:
    """Whether any of it lies in the period."""
    return min(step.lead, step.start) <= period.last and step.end > period.first


def _unknown(segments: Sequence[SegmentForm], period: Period) -> Iterator[str]:
    """The time before anything is known."""
    first = segments[0] if segments else None
    end = (first.start_earliest or first.start_latest) if first else None
    if end is not None and end > period.first:
        style = f"--r:{_NONE};--x:0;--w:{period.place(end):.2f}"
        yield mark("bar s-none", say("ladder.unknown", day=words.day(end)), style)


def _bars(drawn: Sequence[Step], period: Period, now: date, called: str) -> Iterator[str]:
    for step in drawn:
        segment = step.segment
        colour, row = markup.status_class(segment.status), f"--r:{step.row}"
        lead, start, end = (period.place(day) for day in (step.lead, step.start, step.end))
        if start > lead:
            yield f'<i class="lead {colour}" style="{row};--x:{lead:.2f};--w:{start - lead:.2f}"></i>'
        if step.start <= period.last:
            kind = f"bar {colour}{' contested' if segment.contested else ''}"
            style = f"{row};--x:{start:.2f};--w:{end - start:.2f}"
            first, last = (min(max(day, period.first), period.after) for day in (step.start, step.end))
            yield mark(kind, describe(step), style, inside=markup.old_part(first, step.old, last))
        if segment.end is None and period.holds(now):
            yield f'<b class="now" aria-hidden="true" style="{row};--x:{end:.2f}">{e(called)}</b>'


def describe(step: Step) -> str:
    """A segment in a line: what, when, how long, how sure."""
    segment = step.segment
    parts = [
        words.state(segment.status, is_old=step.is_old),
        words.start(segment.start_earliest, segment.start_latest),
        lasted(step),
        silence(step),
        f"{words.confidence(segment.confidence)} ({segment.confidence:.0%})",
        words.certainty(segment.certainty),
    ]
    more = [say("ladder.contested")] if segment.contested else []
    return say("ladder.between").join(filter(None, parts + more))


def lasted(step: Step) -> str:
    """For how long: "for 12 days so far", "for 3 to 5 days"; empty where nothing says when it began."""
    segment, is_last = step.segment, step.segment.end is None
    until = step.end - timedelta(days=1) if is_last and segment.start else step.end
    length = words.held(segment.start_earliest, segment.start_latest, until)
    if not length:
        return ""
    return say("ladder.so_far", length=length) if is_last else say("ladder.lasted", length=length)


def silence(step: Step) -> str:
    """Since when nothing bore it out; empty where something did while it lasted."""
    segment = step.segment
    return words.silence(segment.last_evidence, segment.stale_from, step.end - timedelta(days=1))


def _connectors(drawn: Sequence[Step], period: Period) -> Iterator[str]:
    """What joins a bar to the one before it, where that ends."""
    for before, after in pairwise(drawn):
        if period.first <= before.end <= period.last and before.row != after.row:
            top, height = min(before.row, after.row), abs(before.row - after.row)
            yield f'<i class="step" style="--r:{top};--h:{height};--x:{period.place(before.end):.2f}"></i>'


def _dots(volume: Iterable[VolumeEntry], period: Period) -> Iterator[str]:
    """What articles said, on the row of the status that they told of; the volume chart below says the same."""
    found: dict[tuple[date, str], int] = {}
    for entry in volume:
        key = period.bucket(entry.day), entry.status
        found[key] = found.get(key, 0) + entry.articles
    for (bucket, status), count in sorted(found.items()):
        row = ROWS.index(status) if status in ROWS else _NONE
        middle = (period.place(bucket) + period.place(period.bucket_end(bucket) + timedelta(days=1))) / 2
        said = say(
            "ladder.articles", count=count, status=said_of("stances", status), when=when(bucket, period)
        )
        style = f"--r:{row};--x:{middle:.2f}"
        yield mark(f"dot {markup.status_class(status)}", said, style, reached=False)


def _alerts(alerts: Iterable[AlertMark], period: Period) -> Iterator[str]:
    for alert in sorted(
        (one for one in alerts if period.holds(one.day)), key=lambda one: (one.day, one.alert)
    ):
        day = alert.day
        told = said_of("alert_states", alert.state)
        said = say("ladder.alert", state=told, name=alert.name, day=words.day(day))
        kind = "alert held" if alert.state == "suppressed" else "alert"
        middle = period.place(day) + 50 / period.days
        yield mark(kind, said, f"--r:{_ALERTS};--x:{middle:.2f}")


def when(bucket: date, period: Period) -> str:
    """The days of a bucket, in words."""
    last = period.bucket_end(bucket)
    return (
        words.day(bucket)
        if last == bucket
        else say("period.span", first=words.day(bucket), last=words.day(last))
    )

"""How much was written, and on which side: a column for each day, week or month, talks above the line. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from dashboard import markup, words
from dashboard.catalogue import said_of, say
from dashboard.ladder_view import axis, mark, when
from dashboard.markup import e
from dashboard.period import Period
from monitor.readmodel.queries import VolumeEntry

ABOVE = ("proposed", "scheduled", "underway", "agreed")
"""What says that there are talks or will be, from the line outwards."""
BELOW = ("none", "stalled", "rejected", "collapsed")
"""What says that there are none, from the line outwards; of `none` are the articles that deny the talks."""

Columns = Mapping[date, Counter[str]]


def chart(label: str, volume: Iterable[VolumeEntry], period: Period) -> str:
    """The chart of a channel called `label` (plain text); it says so where nothing was written."""
    columns = _columns(volume, period)
    if not columns:
        return f"<p class='meta'>{e(say('volume.nothing'))}</p>"
    above = max(_of(column, ABOVE) for column in columns.values())
    below = max(_of(column, BELOW) for column in columns.values())
    share = 100 / (above + below)
    marks = "".join(_column(bucket, columns[bucket], period, share, below) for bucket in sorted(columns))
    about = say("volume.name", channel=label, first=words.day(period.first), last=words.day(period.last))
    ends = _ends(above, below, share)
    return (
        f'<div class="volume" role="group" aria-label="{e(about)}">'
        f'<div class="labels" aria-hidden="true">{ends}</div>'
        f'<div class="plot"><i class="line" style="--y:{below * share:.2f}"></i>{marks}{axis(period)}'
        f'<p class="hint meta">{e(say("volume.hint"))}</p></div></div>'
    )


def _columns(volume: Iterable[VolumeEntry], period: Period) -> Columns:
    found: dict[date, Counter[str]] = {}
    for entry in volume:
        found.setdefault(period.bucket(entry.day), Counter())[entry.status] += entry.articles
    return found


def _of(column: Counter[str], statuses: Sequence[str]) -> int:
    return sum(column[status] for status in statuses)


def _column(bucket: date, column: Counter[str], period: Period, share: float, below: int) -> str:
    left = period.place(bucket)
    width = period.place(period.bucket_end(bucket) + timedelta(days=1)) - left
    parts, told = "", []
    for statuses, way in ((ABOVE, 1), (BELOW, -1)):
        at = 0
        for status in statuses:
            if count := column[status]:
                low = at if way == 1 else -at - count
                place = f"--y:{(below + low) * share:.2f};--h:{count * share:.2f}"
                parts += f'<i class="{markup.status_class(status)}" style="{place}"></i>'
                told.append(say("volume.count", count=count, status=said_of("stances", status)))
                at += count
    said = say("volume.column", when=when(bucket, period), told=", ".join(told))
    return mark("column", said, f"--x:{left:.2f};--w:{width:.2f}", inside=parts)


def _ends(above: int, below: int, share: float) -> str:
    line = below * share
    up = (
        f'<span style="--y:{(100 + line) / 2:.2f}">{e(say("volume.above", count=above))}</span>'
        if above
        else ""
    )
    down = f'<span style="--y:{line / 2:.2f}">{e(say("volume.below", count=below))}</span>' if below else ""
    return up + down

"""How we got here, as HTML: the last states with their lengths, and the last twelve months as a strip. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta

from dashboard import markup, words
from dashboard.catalogue import say
from dashboard.markup import e
from monitor.readmodel.queries import SegmentForm

_STEPS = 5
_YEAR = timedelta(days=365)
_LEAST_SHARE = 1.5
"""Per cent of the strip: a status of one day in a year must still be seen."""


def page(segments: Sequence[SegmentForm], today: date, more: str, *, is_now: bool) -> str:
    """The section; `segments` are one channel's, oldest first; `more` is HTML.

    They are seen from `today`, which is a past day unless it `is_now`.
    """
    if not segments:
        return ""
    steps = "".join(
        _step(segment, follower, today, is_now) for segment, follower in _pairs(segments)[-_STEPS:]
    )
    title = e(say("status.way"))
    return (
        f'<section class="path" aria-label="{title}"><h2>{title}</h2><ol class="way">{steps}</ol>'
        f"{_strip(segments, today, is_now)}<p>{more}</p></section>"
    )


def _pairs(segments: Sequence[SegmentForm]) -> list[tuple[SegmentForm, SegmentForm | None]]:
    """Each segment with the one that follows it."""
    return list(zip(segments, [*segments[1:], None], strict=True))


def _step(segment: SegmentForm, follower: SegmentForm | None, today: date, is_now: bool) -> str:
    start = segment.start
    day = words.start(segment.start_earliest, segment.start_latest, word=False)
    day = day.replace(f" {today.year}", "")  # there is little room
    parts = [markup.time(start, day) if start else e(day)]
    if start is not None:
        length = e(words.days((_until(segment, follower, today) - start).days))
        parts += [length, e(say("status.today"))] if follower is None and is_now else [length]
    if segment.contested:
        parts.append(e(say("status.step_contested")))
    if follower:  # of the last one the head says so
        silent = words.silence(segment.last_evidence, segment.stale_from, _until(segment, follower, today))
        parts += [e(silent)] if silent else []
    now = " class='now'" if follower is None else ""
    return (
        f"<li{now}>{markup.chip(segment.status)}<div><b>{e(words.sentence(segment.name))}</b>"
        f"<p class='meta'>{' · '.join(parts)}</p></div></li>"
    )


def _until(segment: SegmentForm, follower: SegmentForm | None, today: date) -> date:
    """Its end: where the next begins, or today; never before its own start."""
    end = (follower.start if follower else None) or segment.end or today
    return max(end, segment.start or end)


def _strip(segments: Sequence[SegmentForm], today: date, is_now: bool) -> str:
    first = today - _YEAR
    placed = [
        (max(start, first), until, segment)
        for segment, follower in _pairs(segments)
        if (start := segment.start)
        and (until := _until(segment, follower, today)) >= first
        and start <= today
    ]
    if not placed:
        return ""
    said, parts = [], ""
    begun = placed[0][0]
    if begun > first:
        said.append(say("status.strip_unknown", day=words.day(begun)))
        parts += _span(markup.status_class("none"), begun - first)
    for start, until, segment in placed:
        parts += _part(segment, start, until)
        said.append(_said(segment, start, until))
    label = f"{say('status.strip')} {'; '.join(said)}"
    last = say("status.today") if is_now else words.day(today)
    ends = (words.month_or_day(first, "month"), say("status.twelve"), last)
    return (
        f'<div class="strip" role="img" aria-label="{e(label)}">{parts}</div>'
        f'<p class="ends" aria-hidden="true">{"".join(f"<span>{e(end)}</span>" for end in ends)}</p>'
    )


def _said(segment: SegmentForm, start: date, until: date) -> str:
    values = {
        "word": words.look(segment.status).word,
        "day": words.day(start),
        "length": words.days((until - start).days),
    }
    part = (
        say("status.strip_contested", **values) if segment.contested else say("status.strip_part", **values)
    )
    silent = words.silence(segment.last_evidence, segment.stale_from, until)
    return f"{part}, {silent}" if silent else part


def _part(segment: SegmentForm, start: date, until: date) -> str:
    """A segment's part of the strip, grey from where it is only the last known."""
    kind = f"{markup.status_class(segment.status)}{' hatch' if segment.contested else ''}"
    return _span(kind, until - start, markup.old_part(start, segment.stale_from, until))


def _span(kind: str, length: timedelta, inside: str = "") -> str:
    share = max(100 * length.days / _YEAR.days, _LEAST_SHARE)
    return f'<span class="{kind}" style="flex-grow:{share:.2f}">{inside}</span>'

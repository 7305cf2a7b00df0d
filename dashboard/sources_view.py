"""The Sources page as HTML: what is in trouble and what to do, every source, and what of them was passed over. Pure."""

from collections.abc import Sequence
from datetime import datetime

from dashboard import markup, source_words, words
from dashboard.markup import e
from dashboard.words import Zones
from monitor.readmodel.queries import Headline, PassedOver, SourceForm

_WORST_FIRST = list(source_words.STANDINGS)
_IN_TROUBLE = frozenset({"gone", "failing", "unstored", "silent"})
_CROWD = 3
"""So many sources in the same trouble, as when the network is down, are told of in one."""
_MOST_OF_EACH = 20
_MOST_IN_ALL = 600
_ADD = "Add one: `parley sources add ADDRESS`, with the address of a feed or of a page that has one."


def headlines_of_each(sources: int) -> int:
    """How many headlines the page shows of each of so many sources."""
    return max(1, min(_MOST_OF_EACH, _MOST_IN_ALL // max(sources, 1)))


def title(sources: Sequence[SourceForm]) -> str:
    """The browser tab's title: it says how many are in trouble."""
    troubled = len(_troubled(sources))
    return f"⚠ {troubled} in trouble – Sources" if troubled else "Sources – Parley"


def page(sources: Sequence[SourceForm], now: datetime, zones: Zones) -> str:
    """The page but what was passed over; `now` to the minute, so that it changes no more often by itself."""
    head = "<h1 class='plain'>Sources</h1>"
    if not sources:
        return f"{head}<p>No sources yet. {e(_ADD)}</p><p>They appear here as soon as Parley runs.</p>"
    return f"{head}{_summary(sources)}{_banners(sources, now)}{_troubles(sources, now, zones)}" + _all(
        sources, now, zones
    )


def passed_over(sources: Sequence[SourceForm], passed: Sequence[PassedOver], zones: Zones) -> list[str]:
    """What was passed over, in a part for each source: one that changes leaves the others unfolded as they are."""
    if not passed:
        return []
    names = {one.id: _name(one) for one in sources}
    named = sorted(passed, key=lambda one: (names.get(one.source, one.source).casefold(), one.source))
    head = (
        "<h2>Passed over in the last week</h2>"
        "<p class='fresh'>Headlines that concern no topic that Parley watches, and why. They are kept for a week.</p>"
    )
    return [head, *(_folded(names.get(one.source, one.source), one, zones) for one in named)]


def _summary(sources: Sequence[SourceForm]) -> str:
    states = [_state(one) for one in sources]
    counts = [
        f"{states.count(state)} {source_words.look(state).word.lower()}"
        for state in sorted(set(states), key=lambda state: (state != "well", _rank(state)))
    ]
    return f"<p class='fresh'>{e(' · '.join([words.count(len(sources), 'source'), *counts]))}</p>"


def _banners(sources: Sequence[SourceForm], now: datetime) -> str:
    """What concerns all sources: none brings news, nothing was polled yet, polling has stopped."""
    said = ""
    if all(one.kind == "folder" for one in sources):
        said += markup.banner(
            "⚠", "No feed yet:", f"only folders are read, so no news arrives. {e(_ADD)}", "old"
        )
    late = sum(
        one.next_poll_at is not None and source_words.is_late(one.next_poll_at, now) for one in sources
    )
    if late:
        body = (
            f"{words.count(late, 'source')} should have been polled more than an hour ago. If Parley does not run, "
            "start it with `parley up`; if it does, `parley doctor` says what is wrong."
        )
        said += markup.banner("⚠", "Overdue:", e(body), "old")
    elif all(one.last_poll_at is None for one in sources):
        said += "<p>Nothing has been polled yet. This page updates by itself.</p>"
    return said


def _troubled(sources: Sequence[SourceForm]) -> list[SourceForm]:
    """What needs a person's eye, the worst first, and of those the longest in trouble."""
    found = [one for one in sources if _state(one) in _IN_TROUBLE]
    return sorted(found, key=lambda one: (_rank(_state(one)), str(one.since or ""), _name_key(one)))


def _troubles(sources: Sequence[SourceForm], now: datetime, zones: Zones) -> str:
    troubled = _troubled(sources)
    alike: dict[tuple[str, str], list[SourceForm]] = {}
    for one in troubled:
        alike.setdefault(_trouble_of(one), []).append(one)
    lines = ""
    for one in troubled:
        crowd = alike[_trouble_of(one)]
        if len(crowd) < _CROWD:
            lines += _trouble(one, now, zones)
        elif one is crowd[0]:
            lines += _crowd(crowd, now, zones)
    if not lines:
        return ""
    return f"<section aria-label='In trouble'><h2>In trouble</h2><ul class='rows'>{lines}</ul></section>"


def _trouble(one: SourceForm, now: datetime, zones: Zones) -> str:
    state = _state(one)
    lasting = f" for {source_words.lasting(now - one.since)}" if one.since else ""
    tag = source_words.look(state).word.lower() + lasting
    facts = [e(one.problem.words)] if one.problem else []
    if one.since:
        facts.append(f"since {_moment(one.since, zones)}")
    if one.error_streak > 1:
        facts.append(f"failed {one.error_streak:,} times in a row")
    if one.last_ok_at is None:
        facts.append("it has never succeeded")
    if one.next_poll_at:
        facts.append(f"next poll {source_words.ahead(one.next_poll_at, now)}")
    what = f"<p>{e(one.problem.advice)}</p>" if one.problem else ""
    return (
        f"<li>{_chip(state)}<div><b>{e(_name(one))}</b> <span class='tag'>{e(tag)}</span>{what}"
        f"<p class='meta words'>{' · '.join(facts)}</p></div></li>"
    )


def _trouble_of(one: SourceForm) -> tuple[str, str]:
    """What two sources in the same trouble share; one without a reason shares it with none."""
    return _state(one), one.problem.reason if one.problem else one.id


def _crowd(alike: Sequence[SourceForm], now: datetime, zones: Zones) -> str:
    """Sources in the same trouble, the longest in it first."""
    state, first = _state(alike[0]), alike[0]
    lasting = f" for up to {source_words.lasting(now - first.since)}" if first.since else ""
    facts = [f"the first since {_moment(first.since, zones)}"] if first.since else []
    if due := [one.next_poll_at for one in alike if one.next_poll_at]:
        facts.append(f"next poll {source_words.ahead(min(due), now)}")
    facts.append("`parley sources list` says what each of them answers")
    names = ", ".join(sorted(set(map(_name, alike)), key=str.casefold))
    what = f"<p>{e(first.problem.advice)}</p>" if first.problem else ""
    return (
        f"<li>{_chip(state)}<div><b>{words.count(len(alike), 'source')}</b> "
        f"<span class='tag'>{e(source_words.look(state).word.lower() + lasting)}</span>{what}"
        f"<p class='words'>{e(names)}</p><p class='meta words'>{' · '.join(facts)}</p></div></li>"
    )


def _all(sources: Sequence[SourceForm], now: datetime, zones: Zones) -> str:
    rows = "".join(_row(one, now, zones) for one in sorted(sources, key=_name_key))
    return (
        "<section aria-label='All sources'><h2>All sources</h2><table class='sources'><thead><tr>"
        f"{markup.heads(['Source', 'How it fares', 'Last success', 'Next poll', 'Entries'])}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
        "</section>"
    )


def _row(one: SourceForm, now: datetime, zones: Zones) -> str:
    cells = (
        ("How it fares", _fares(one, now)),
        ("Last success", _last(one, now, zones)),
        ("Next poll", _next(one, now, zones)),
        ("Entries", _entries(one, now)),
    )
    # On a narrow screen the row is a block, and its cells are labelled by their columns (style.css).
    said = "".join(f"<td data-label='{label}'><div>{html}</div></td>" for label, html in cells)
    return f"<tr><th scope='row'>{_what(one)}</th>{said}</tr>"


def _what(one: SourceForm) -> str:
    id_ = [] if _name(one) == one.id else [one.id]
    note = _meta(f"At the last poll: {one.note}") if one.note else ""
    return f"<b>{e(_name(one))}</b>{_meta(' · '.join([*id_, one.kind, *one.topics]))}{_meta(one.place)}{note}"


def _fares(one: SourceForm, now: datetime) -> str:
    state = _state(one)
    fares = f"{_chip(state)} <b>{e(source_words.look(state).word)}</b>"
    if one.since:
        return fares + _meta(f"for {source_words.lasting(now - one.since)}")
    return fares + (_meta(f"go on with `parley sources resume {one.id}`") if state == "paused" else "")


def _last(one: SourceForm, now: datetime, zones: Zones) -> str:
    if one.last_ok_at is None:
        return "never"
    return f"{source_words.ago(one.last_ok_at, now)}<p class='meta'>{_moment(one.last_ok_at, zones)}</p>"


def _next(one: SourceForm, now: datetime, zones: Zones) -> str:
    if one.next_poll_at is None:
        return "none"
    return (
        f"{source_words.ahead(one.next_poll_at, now)}<p class='meta'>{_moment(one.next_poll_at, zones)}</p>"
    )


def _entries(one: SourceForm, now: datetime) -> str:
    said = e(source_words.a_week(one.entries_per_week))
    if one.entries_seen is not None:
        share = f" ({source_words.share(one.share_relevant)})" if one.share_relevant is not None else ""
        said += _meta(f"{one.entries_relevant:,} of {one.entries_seen:,} taken in{share}")
    if one.newest_at:
        said += _meta(f"newest seen {source_words.ago(one.newest_at, now)}")
    return said


def _folded(name: str, passed: PassedOver, zones: Zones) -> str:
    lines = "".join(_headline(one, zones) for one in passed.headlines)
    rest = passed.count - len(passed.headlines)
    more = f"<p class='meta'>and {rest:,} more of the last week</p>" if rest > 0 else ""
    return (
        f"<details class='passed'><summary><b>{e(name)}</b>: {words.count(passed.count, 'headline')}</summary>"
        f"<ul>{lines}</ul>{more}</details>"
    )


def _headline(one: Headline, zones: Zones) -> str:
    return (
        f"<li><p dir='auto'>{markup.link(one.title, one.url)}</p>"
        f"<p class='meta'>{_moment(one.seen_at, zones)} · {e(one.why)}</p></li>"
    )


def _meta(text: str) -> str:
    return f"<p class='meta words'>{e(text)}</p>"


def _moment(moment: datetime, zones: Zones) -> str:
    return markup.moment_here(moment, zones)


def _state(one: SourceForm) -> str:
    """How it fares, as this page says it: a source that is well may have brought what could not be stored."""
    return "unstored" if one.problem and one.state in {"well", "new"} else one.state


def _rank(state: str) -> int:
    return _WORST_FIRST.index(state) if state in _WORST_FIRST else len(_WORST_FIRST)


def _chip(state: str) -> str:
    look = source_words.look(state)
    known = state if state in source_words.STANDINGS else "paused"
    return f'<span class="chip f-{known}" aria-hidden="true">{look.glyph}</span>'


def _name(one: SourceForm) -> str:
    return one.outlet or one.id


def _name_key(one: SourceForm) -> tuple[str, str]:
    return _name(one).casefold(), one.id

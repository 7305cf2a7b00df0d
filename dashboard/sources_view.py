"""The Sources page as HTML: what is in trouble and what to do, every source, and what of them was passed over. Pure."""

from collections.abc import Sequence
from datetime import datetime

from dashboard import markup, source_words
from dashboard.catalogue import said_of, say
from dashboard.markup import e
from dashboard.words import Zones
from monitor.readmodel.queries import Headline, PassedOver, SourceForm

_WORST_FIRST = list(source_words.STANDINGS)
_IN_TROUBLE = frozenset({"gone", "failing", "unstored", "silent"})
_CROWD = 3
"""So many sources in the same trouble, as when the network is down, are told of in one."""
_MOST_OF_EACH = 20
_MOST_IN_ALL = 600


def headlines_of_each(sources: int) -> int:
    """How many headlines the page shows of each of so many sources."""
    return max(1, min(_MOST_OF_EACH, _MOST_IN_ALL // max(sources, 1)))


def title(sources: Sequence[SourceForm]) -> str:
    """The browser tab's title: it says how many are in trouble."""
    troubled = len(_troubled(sources))
    return say("sources.tab_trouble", number=troubled) if troubled else say("sources.tab")


def page(sources: Sequence[SourceForm], now: datetime, zones: Zones) -> str:
    """The page but what was passed over; `now` to the minute, so that it changes no more often by itself."""
    head = f"<h1 class='plain'>{e(say('pages.sources'))}</h1>"
    if not sources:
        none = say("sources.none", add=say("sources.add"))
        return f"{head}<p>{markup.told(none)}</p><p>{e(say('sources.none_more'))}</p>"
    return f"{head}{_summary(sources)}{_banners(sources, now)}{_troubles(sources, now, zones)}" + _all(
        sources, now, zones
    )


def passed_over(sources: Sequence[SourceForm], passed: Sequence[PassedOver], zones: Zones) -> list[str]:
    """What was passed over, in a part for each source: one that changes leaves the others unfolded as they are."""
    if not passed:
        return []
    names = {one.id: _name(one) for one in sources}
    named = sorted(passed, key=lambda one: (names.get(one.source, one.source).casefold(), one.source))
    head = f"<h2>{e(say('sources.passed'))}</h2><p class='fresh'>{e(say('sources.passed_more'))}</p>"
    return [head, *(_folded(names.get(one.source, one.source), one, zones) for one in named)]


def _summary(sources: Sequence[SourceForm]) -> str:
    states = [_state(one) for one in sources]
    counts = [
        f"{states.count(state)} {source_words.within(state)}"
        for state in sorted(set(states), key=lambda state: (state != "well", _rank(state)))
    ]
    return f"<p class='fresh'>{e(' · '.join([say('sources.count', count=len(sources)), *counts]))}</p>"


def _banners(sources: Sequence[SourceForm], now: datetime) -> str:
    """What concerns all sources: none brings news, nothing was polled yet, polling has stopped."""
    said = ""
    if all(one.kind == "folder" for one in sources):
        body = say("sources.no_feed_more", add=say("sources.add"))
        said += markup.banner("⚠", say("sources.no_feed"), markup.told(body), "old")
    late = sum(
        one.next_poll_at is not None and source_words.is_late(one.next_poll_at, now) for one in sources
    )
    if late:
        body = say("sources.late_more", count=late)
        said += markup.banner("⚠", say("sources.late"), markup.told(body), "old")
    elif all(one.last_poll_at is None for one in sources):
        said += f"<p>{e(say('sources.unpolled'))}</p>"
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
    return markup.section(say("sources.trouble"), f"<ul class='rows'>{lines}</ul>")


def _trouble(one: SourceForm, now: datetime, zones: Zones) -> str:
    state = _state(one)
    tag = source_words.within(state)
    if one.since:
        tag = say("sources.lasting", state=tag, length=source_words.lasting(now - one.since))
    facts = [e(one.problem.words)] if one.problem else []
    if one.since:
        facts.append(markup.said("sources.since", moment=_moment(one.since, zones)))
    if one.error_streak > 1:
        facts.append(e(say("sources.streak", number=f"{one.error_streak:,}")))
    if one.last_ok_at is None:
        facts.append(e(say("sources.never_well")))
    if one.next_poll_at:
        facts.append(e(say("sources.next", when=source_words.ahead(one.next_poll_at, now))))
    what = f"<p>{markup.told(one.problem.advice)}</p>" if one.problem else ""
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
    tag, facts = source_words.within(state), []
    if first.since:
        tag = say("sources.lasting_most", state=tag, length=source_words.lasting(now - first.since))
        facts.append(markup.said("sources.first_since", moment=_moment(first.since, zones)))
    if due := [one.next_poll_at for one in alike if one.next_poll_at]:
        facts.append(e(say("sources.next", when=source_words.ahead(min(due), now))))
    facts.append(markup.told(say("sources.each")))
    names = ", ".join(sorted(set(map(_name, alike)), key=str.casefold))
    what = f"<p>{markup.told(first.problem.advice)}</p>" if first.problem else ""
    return (
        f"<li>{_chip(state)}<div><b>{e(say('sources.count', count=len(alike)))}</b> "
        f"<span class='tag'>{e(tag)}</span>{what}"
        f"<p class='words'>{e(names)}</p><p class='meta words'>{' · '.join(facts)}</p></div></li>"
    )


def _all(sources: Sequence[SourceForm], now: datetime, zones: Zones) -> str:
    rows = "".join(_row(one, now, zones) for one in sorted(sources, key=_name_key))
    heads = markup.heads(
        [
            say("sources.source"),
            say("sources.fares"),
            say("sources.last_success"),
            say("sources.next_poll"),
            say("sources.entries"),
        ]
    )
    table = f"<table class='sources'><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return markup.section(say("sources.all"), table)


def _row(one: SourceForm, now: datetime, zones: Zones) -> str:
    cells = (
        (say("sources.fares"), _fares(one, now)),
        (say("sources.last_success"), _last(one, now, zones)),
        (say("sources.next_poll"), _next(one, now, zones)),
        (say("sources.entries"), _entries(one, now)),
    )
    # On a narrow screen the row is a block, and its cells are labelled by their columns (style.css).
    said = "".join(f"<td data-label='{e(label)}'><div>{html}</div></td>" for label, html in cells)
    return f"<tr><th scope='row'>{_what(one)}</th>{said}</tr>"


def _what(one: SourceForm) -> str:
    kind = said_of("source_kinds", one.kind, otherwise=one.kind)
    id_ = [] if _name(one) == one.id else [one.id]
    note = _meta(say("sources.note", note=one.note)) if one.note else ""
    return f"<b>{e(_name(one))}</b>{_meta(' · '.join([*id_, kind, *one.topics]))}{_meta(one.place)}{note}"


def _fares(one: SourceForm, now: datetime) -> str:
    state = _state(one)
    fares = f"{_chip(state)} <b>{e(source_words.look(state).word)}</b>"
    if one.since:
        return fares + _meta(say("sources.for", length=source_words.lasting(now - one.since)))
    return fares + (_meta(say("sources.resume", id=one.id)) if state == "paused" else "")


def _last(one: SourceForm, now: datetime, zones: Zones) -> str:
    if one.last_ok_at is None:
        return e(say("sources.never"))
    return f"{e(source_words.ago(one.last_ok_at, now))}<p class='meta'>{_moment(one.last_ok_at, zones)}</p>"


def _next(one: SourceForm, now: datetime, zones: Zones) -> str:
    if one.next_poll_at is None:
        return e(say("sources.not_due"))
    return f"{e(source_words.ahead(one.next_poll_at, now))}<p class='meta'>{_moment(one.next_poll_at, zones)}</p>"


def _entries(one: SourceForm, now: datetime) -> str:
    said = e(source_words.a_week(one.entries_per_week))
    if one.entries_seen is not None:
        taken = {"part": f"{one.entries_relevant:,}", "whole": f"{one.entries_seen:,}"}
        if one.share_relevant is None:
            said += _meta(say("sources.taken", **taken))
        else:
            said += _meta(say("sources.taken_share", **taken, share=source_words.share(one.share_relevant)))
    if one.newest_at:
        said += _meta(say("sources.newest", when=source_words.ago(one.newest_at, now)))
    return said


def _folded(name: str, passed: PassedOver, zones: Zones) -> str:
    lines = "".join(_headline(one, zones) for one in passed.headlines)
    rest = passed.count - len(passed.headlines)
    more = f"<p class='meta'>{e(say('sources.more', number=f'{rest:,}'))}</p>" if rest > 0 else ""
    many = e(say("sources.headlines", count=passed.count))
    return (
        f"<details class='passed'><summary><b>{e(name)}</b>: {many}</summary><ul>{lines}</ul>{more}</details>"
    )


def _headline(one: Headline, zones: Zones) -> str:
    return (
        f"<li><p dir='auto'>{markup.link(one.title, one.url)}</p>"
        f"<p class='meta'>{_moment(one.seen_at, zones)} · {e(one.why)}</p></li>"
    )


def _meta(text: str) -> str:
    return f"<p class='meta words'>{markup.told(text)}</p>"


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

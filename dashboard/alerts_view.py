"""The Alerts page as HTML: what Parley told, or did not tell and why, by the day on which it did. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby

from dashboard import markup, words
from dashboard.catalogue import said_of, say, template
from dashboard.links import Links
from dashboard.markup import e
from dashboard.words import Zones
from monitor.readmodel.queries import AlertEntry, Delivered, Listed, TopicEntry

PER_PAGE = 50
_STEPS = 3
"""So many changes of an alert stand in the list, the last ones; its own page has them all."""
_ARROW = f"<span aria-hidden='true'>→</span><span class='unseen'>{e(say('alerts.to'))}</span>"
Deliveries = Mapping[str, Sequence[Delivered]]


@dataclass(frozen=True)
class AlertsPage:
    """What the page shows."""

    topic: TopicEntry
    parties: Mapping[str, str]
    """Party id -> its name."""
    alerts: Sequence[Listed]
    total: int
    deliveries: Deliveries
    zones: Zones
    links: Links
    number: int = 1
    """Which page of them, from 1."""
    asked: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The filters as the address has them: to keep from page to page."""
    only: Sequence[str] = ()
    """The same in words."""
    passed_over: Sequence[str] = ()
    """Parts of the address that this page does not know."""
    visited_at: datetime | None = None
    """When the viewer was here last."""
    exports: Mapping[str, str] = field(default_factory=dict)
    """Name of a form -> its address at the API, where it is to be had."""


def page(shown: AlertsPage) -> str:
    """The whole page."""
    head = f"<p class='fresh'>{_count(shown)}</p>{_passed_over(shown)}{_exports(shown)}"
    if not shown.alerts:
        return head + (_nothing_chosen(shown) if shown.only else f"<p>{e(say('alerts.none'))}</p>")
    days = groupby(shown.alerts, key=lambda one: words.local_day(one.entry.raised_at, shown.zones))
    return (
        head
        + _new_since(shown)
        + "".join(_day(shown, day, list(group)) for day, group in days)
        + _turn(shown)
    )


def _turn(shown: AlertsPage) -> str:
    """Links to the newer and the older alerts."""
    last = -(-shown.total // PER_PAGE)
    number = min(shown.number, last)
    if last < 2:
        return ""
    newer = _to_page(shown, number - 1, say("alerts.newer")) if number > 1 else ""
    older = _to_page(shown, number + 1, say("alerts.older")) if number < last else ""
    here = f"<span>{e(say('alerts.page', number=number, last=last))}</span>"
    return f"<nav class='turn' aria-label='{e(say('alerts.turn'))}'>{newer}{here}{older}</nav>"


def _to_page(shown: AlertsPage, number: int, label: str) -> str:
    return shown.links.to(label, "alerts", **shown.asked, p="" if number == 1 else str(number))


def title(topic: TopicEntry) -> str:
    """The browser tab's."""
    return say("alerts.tab", topic=topic.label)


def _count(shown: AlertsPage) -> str:
    zone = shown.zones.viewer or "UTC"
    found = say("alerts.count", count=shown.total, number=f"{shown.total:,}", zone=zone)
    parts = [found, *shown.only]
    clear = f" · {shown.links.to(say('alerts.clear'), 'alerts')}" if shown.only else ""
    return " · ".join(e(part) for part in parts) + clear


def _passed_over(shown: AlertsPage) -> str:
    if not shown.passed_over:
        return ""
    names = e(", ".join(shown.passed_over))
    return f"<p class='meta words'>{markup.said('alerts.passed_over', names=names)}</p>"


def _exports(shown: AlertsPage) -> str:
    if not shown.exports or not shown.alerts:
        return ""
    links = " · ".join(markup.link(name, address) for name, address in shown.exports.items())
    return f"<p class='meta'>{markup.said('alerts.export', links=links)}</p>"


def _nothing_chosen(shown: AlertsPage) -> str:
    clear = shown.links.to(say("alerts.clear"), "alerts")
    return f"<div class='empty'><p><b>{e(say('alerts.nothing_chosen'))}</b></p><p>{clear}</p></div>"


def _new_since(shown: AlertsPage) -> str:
    if shown.visited_at is None:
        return ""
    new = sum(is_new(one.entry, shown.visited_at) for one in shown.alerts)
    when = markup.moment_here(shown.visited_at, shown.zones)
    if not new:
        return f"<p class='meta visit'>{markup.said('alerts.nothing_new', when=when)}</p>"
    said = e(template("alerts.new_since", new)).format(number=new, when=when)
    return f"<p class='meta visit'><b>{said}</b></p>"


def is_new(entry: AlertEntry, visited_at: datetime | None) -> bool:
    """Whether something was told of it, or decided, after that visit."""
    return visited_at is not None and entry.changes[-1].at > visited_at


def _day(shown: AlertsPage, day: date, alerts: Sequence[Listed]) -> str:
    lines = "".join(_line(shown, one) for one in alerts)
    return f"<section><h2>{markup.time(day, words.long_day(day))}</h2><ul class='rows alerts'>{lines}</ul></section>"


def _line(shown: AlertsPage, one: Listed) -> str:
    alert = one.entry
    name = e(words.sentence(alert.name))
    address = e(shown.links.address("alerts", alert=alert.alert))
    channel = shown.topic.channels.get(alert.channel, alert.channel)
    gone = " class='gone'" if alert.state == "cancelled" else ""
    new = f" {_tag(markup.said('alerts.new'), 'new')}" if is_new(alert, shown.visited_at) else ""
    details = [
        words.start(alert.start_earliest, alert.start_latest),
        words.reason(alert.reason).replace(":", ",", 1),
        said_by(one, shown.parties),
        delivered(shown.deliveries.get(alert.alert, ())),
    ]
    return (
        f"<li{gone}>{markup.chip(alert.to)}<div><a class='name' href='{address}' target='_self'>{name}</a> "
        f"<span class='meta'>{e(channel)}</span> {label(one)}{new}"
        f"<p class='meta'>{markup.clock(alert.raised_at, shown.zones)} · {change(alert)}</p>"
        f"<p class='meta'>{' · '.join(e(one) for one in details if one)}</p>"
        f"{_quote(alert)}{_thread(shown, one)}</div></li>"
    )


def change(alert: AlertEntry) -> str:
    """From which status to which, and how sure that is."""
    from_, to = words.look(alert.from_).word, words.look(alert.to).word
    sure = [] if alert.confidence is None else [words.confidence(alert.confidence)]
    contested = (
        f" · <b><span aria-hidden='true'>⚠</span> {e(say('alerts.contested'))}</b>" if alert.contested else ""
    )
    known = e(", ".join([*sure, said_of("certainty_short", alert.certainty)]))
    return f"{e(from_)} {_ARROW} <b>{e(to)}</b> · {known}{contested}"


def label(one: Listed) -> str:
    """What became of an alert, where it is not simply told."""
    if one.entry.state == "cancelled":
        word = markup.said("alerts.corrected") if one.replaced_by else markup.said("alerts.taken_back")
        return _tag(word, "struck")
    return _tag(markup.said("alerts.not_sent"), "held") if one.entry.state == "suppressed" else ""


def _tag(word: str, kind: str) -> str:
    return f"<span class='tag {kind}'>{word}</span>"


def said_by(one: Listed, parties: Mapping[str, str]) -> str:
    """Who says what it was told on: "said by a party, on the record: the dockers' union"."""
    if one.claim is None:
        return ""
    speaker = parties.get(one.claim.speaker or "", one.claim.speaker)
    return ": ".join(filter(None, [said_of("said_by", one.claim.attribution), speaker]))


def delivered(numbers: Sequence[Delivered]) -> str:
    """How many messages got where: "email 3 sent, 1 waiting; webhook 1 failed"."""
    return "; ".join(
        f"{said_of('channels_of_delivery', channel)} "
        + ", ".join(f"{one.count:,} {said_of('outcomes', one.outcome)}" for one in ones)
        for channel, ones in groupby(numbers, key=lambda one: one.channel)
    )


def _quote(alert: AlertEntry) -> str:
    if not alert.articles:
        return ""
    first = alert.articles[0]
    more = len(alert.articles) - 1
    others = f" · {e(say('alerts.more', count=more, number=str(more)))}" if more else ""
    where = markup.source(first.outlet, first.url, first.published_at)
    said = f"<p class='said'{markup.script(first.quote)}>{markup.inline(first.quote)}</p>"
    return f"{said}<p class='meta'>— {where}{others}</p>"


def _thread(shown: AlertsPage, one: Listed) -> str:
    """What happened to the alert after it was raised, and what was told in its stead."""
    if len(one.entry.changes) < 2 and one.replaced_by is None:
        return ""
    later = one.entry.changes[1:]
    lines = [
        f"{markup.moment_here(step.at, shown.zones)}: {e(words.alert_state(step.state).lower())}, "
        f"{e(words.reason(step.reason))}"
        for step in later[-_STEPS:]
    ]
    if len(later) > _STEPS:
        label = say("alerts.all_changes", number=str(len(later) + 1))
        lines.insert(0, shown.links.to(label, "alerts", alert=one.entry.alert))
    lines += instead(one, shown.links)
    return f"<ul class='changes'>{''.join(f'<li>{line}</li>' for line in lines)}</ul>"


def instead(one: Listed, links: Links) -> list[str]:
    """What was told in an alert's stead, with its link."""
    if one.replaced_by is None:
        return []
    other = links.to(words.sentence(one.replaced_by.name), "alerts", alert=one.replaced_by.alert)
    return [markup.said("alerts.instead", other=other)]

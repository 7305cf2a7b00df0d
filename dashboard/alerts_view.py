"""The Alerts page as HTML: what Parley told, or did not tell and why, by the day on which it happened. Pure."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from dashboard import markup, words
from dashboard.markup import e
from dashboard.words import Zones
from monitor.readmodel.queries import AlertEntry, TopicEntry


def page(
    topic: TopicEntry,
    alerts: Sequence[AlertEntry],
    limit: int,
    zones: Zones,
    chosen: str | None = None,
) -> str:
    """The whole page; `alerts` as the read model gives them, newest first; `chosen` is the alert of the address."""
    head = f"<h1 class='plain'>Alerts</h1><p class='fresh'>{e(topic.label)}</p>{_chosen(topic, alerts, zones, chosen)}"
    if not alerts:
        return head + (
            "<p>No alerts yet. An alert appears here when the status of a channel changes, "
            "also one that is not sent, with the reason.</p>"
        )
    kept = sum(alert.state == "suppressed" for alert in alerts)
    most = f"the newest {limit:,}, " if len(alerts) == limit else ""
    count = f"{most}{words.count(len(alerts), 'alert')}, {kept:,} of them not sent"
    # An undated alert stands at the end; within a day the order of telling holds.
    dated = sorted(alerts, key=lambda alert: str(_since(alert) or ""), reverse=True)
    days = "".join(
        f"<section><h2>{markup.day(when) if when else 'Day unknown'}</h2><ul class='rows'>"
        f"{''.join(alert_line(alert, topic, zones, whole=True) for alert in group)}</ul></section>"
        for when, group in groupby(dated, key=_since)
    )
    return f"{head}<p class='fresh'>{e(count)} · by the day on which it happened</p>{days}"


def _chosen(topic: TopicEntry, alerts: Sequence[AlertEntry], zones: Zones, chosen: str | None) -> str:
    """The alert that a message's link leads to, before all others."""
    if chosen is None:
        return ""
    line = "".join(alert_line(alert, topic, zones, whole=True) for alert in alerts if alert.alert == chosen)
    if not line:
        return markup.banner(
            "⚠", "There is no alert", f"{e(chosen)} among these. It may be an older one.", "old"
        )
    return f"<section aria-label='This alert'><h2>This alert</h2><ul class='rows'>{line}</ul></section>"


def alert_line(alert: AlertEntry, topic: TopicEntry, zones: Zones, *, whole: bool = False) -> str:
    """One alert as a list item; `whole` with its evidence and everything that happened to it."""
    name = words.sentence(alert.name)
    channel = topic.channels.get(alert.channel, alert.channel)
    from_, to = words.look(alert.from_).word, words.look(alert.to).word
    parts = [f"{from_} → <b>{to}</b>", e(alert.certainty)]
    if whole or alert.reason != "new_shift":
        parts.append(_told(alert))
    if not whole:
        parts.insert(0, e(words.start(alert.start_earliest, alert.start_latest, word=False)))
    elif alert.start_earliest != alert.start_latest:
        parts.insert(0, e(words.start(alert.start_earliest, alert.start_latest)))
    more = _evidence(alert) + _changes(alert, zones) if whole else ""
    taken_back = " class='gone'" if alert.state == "cancelled" else ""
    return (
        f"<li{taken_back}>{markup.chip(alert.to)}<div><b>{e(name)}</b> "
        f"<span class='meta'>{e(channel)}</span><p class='meta'>{' · '.join(parts)}</p>{more}</div></li>"
    )


def _since(alert: AlertEntry) -> date | None:
    return alert.start_earliest or alert.start_latest


def _told(alert: AlertEntry) -> str:
    state = words.alert_state(alert.state)
    if alert.reason == "new_shift":
        return e(state.lower())
    reason = words.reason(alert.reason)
    return f'<span class="tag">{e(state.lower())}: {e(reason.split(":")[0])}</span>'


def _evidence(alert: AlertEntry) -> str:
    return "".join(
        markup.figure(
            markup.quotation(quote.quote), markup.source(quote.outlet, quote.url, quote.published_at)
        )
        for quote in alert.articles
    )


def _changes(alert: AlertEntry, zones: Zones) -> str:
    lines = "".join(
        f"<li>{markup.moment_here(change.at, zones)}: "
        f"{e(words.alert_state(change.state).lower())} – {e(words.reason(change.reason))}</li>"
        for change in alert.changes
    )
    return f"<ul class='changes'>{lines}</ul>"

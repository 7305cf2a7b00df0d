"""One alert as HTML, where every message about it leads: what changed, how sure, who says so and who says otherwise.

Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard import alerts_view, claim_view, markup, words
from dashboard.catalogue import said_of, say
from dashboard.links import Links
from dashboard.markup import e
from dashboard.words import Zones
from monitor.readmodel.queries import (
    AlertChange,
    ChannelStatus,
    Delivered,
    Listed,
    Passage,
    Passages,
    TopicEntry,
)


@dataclass(frozen=True)
class AlertPage:
    """What the page shows."""

    topic: TopicEntry
    parties: Mapping[str, str]
    """Party id -> its name."""
    alert: Listed
    passages: Passages
    deliveries: Sequence[Delivered]
    now: ChannelStatus | None
    """Where its channel stands."""
    zones: Zones
    links: Links


def title(shown: AlertPage) -> str:
    """The browser tab's: the status's glyph, and what the alert says."""
    alert = shown.alert.entry
    name = words.sentence(alert.name)
    return say("alert.tab", glyph=words.look(alert.to).glyph, name=name, topic=shown.topic.label)


def page(shown: AlertPage) -> str:
    """The whole page."""
    back = f"<p class='back'>{shown.links.to(say('alert.back'), 'alerts')}</p>"
    return f"{back}{_head(shown)}{_sides(shown)}{_changes(shown)}"


def unknown(id_: str, links: Links) -> str:
    """There is none under this id."""
    back = links.to(say("alert.back"), "alerts")
    return markup.notice(say("alert.unknown", id=id_), say("alert.unknown_more"), links=back)


def _head(shown: AlertPage) -> str:
    alert = shown.alert.entry
    channel = shown.topic.channels.get(alert.channel, alert.channel)
    gone, stale = (" class='struck'", "stale ") if alert.state == "cancelled" else ("", "")
    return (
        f"<section class='hero alert {stale}{markup.status_class(alert.to)}' aria-label='{e(say('alert.this'))}'>"
        f"<p class='over'>{e(shown.topic.label)} · {e(channel)} {alerts_view.label(shown.alert)}</p>"
        f"<h1{gone}>{markup.chip(alert.to, 'big')}<span>{e(words.sentence(alert.name))}</span></h1>"
        f"<p>{alerts_view.change(alert)} · {markup.start(alert.start_earliest, alert.start_latest)}</p>"
        f"{_standing(shown)}{_since_then(shown)}{markup.facts(_facts(shown))}"
        f"<p class='words'>{e(alert.text)}</p>{_found(shown.alert)}</section>"
    )


def _found(alert: Listed) -> str:
    if alert.claim is None:
        return f"<p class='meta'>{markup.said('alert.no_claim')}</p>"
    return claim_view.found(alert.claim)


def _counts(shown: AlertPage) -> str:
    """Why what was said counts as it does."""
    if shown.alert.entry.certainty != "confirmed":
        return say("alert.counts_reported")
    itself = any(one.attribution == "party" for one in shown.passages.carrying)
    return say("alert.counts_party") if itself else say("alert.counts_outlets")


def _standing(shown: AlertPage) -> str:
    """Why it was not sent, or that it stands no more and what was told instead."""
    alert = shown.alert.entry
    reason = e(words.reason(alert.reason))
    if alert.state == "suppressed":
        return markup.banner("⊘", say("alert.not_sent"), reason, "old")
    if alert.state == "cancelled":
        more = " · ".join([reason, *alerts_view.instead(shown.alert, shown.links)])
        return markup.banner("⚠", say("alert.gone"), more, "old")
    return ""


def _since_then(shown: AlertPage) -> str:
    """Where the channel stands, if that is no longer what the alert tells: its link may be followed months later."""
    alert, now = shown.alert.entry, shown.now
    if alert.state == "cancelled" or now is None or now.since is None:
        return ""
    began = alert.start_latest or alert.start_earliest
    if now.status == alert.to and (began is None or now.since <= began):
        return ""
    state = shown.links.to(words.state(now.status, is_old=now.stale), "")
    more = markup.said("alert.since_then_more", state=state, start=markup.start(now.since, now.since))
    return markup.banner("→", say("alert.since_then"), more, "past")


def _facts(shown: AlertPage) -> list[tuple[str, str]]:
    alert = shown.alert.entry
    sure = f"{markup.meter(alert.confidence)}<br>" if alert.confidence is not None else ""
    outlets = len({quote.outlet for quote in alert.articles})
    articles = len({quote.article for quote in alert.articles})
    quoted = say("alert.articles", count=articles, number=str(articles))
    named = say("alert.outlets", count=outlets, number=str(outlets))
    by = alerts_view.said_by(shown.alert, shown.parties)
    sent = alerts_view.delivered(shown.deliveries)
    if not sent:
        sent = say("alert.held_back") if alert.state == "suppressed" else say("alert.sent_to_nobody")
    noted = say("alert.noted") if alert.acknowledged else say("alert.not_noted")
    is_gone = alert.state == "cancelled"
    how_sure = f"{sure}{e(words.certainty(alert.certainty))}"
    return [
        (say("alert.was_sure") if is_gone else say("alert.sure"), how_sure),
        *([] if is_gone else [(say("alert.counts"), e(_counts(shown)))]),
        (say("alert.evidence"), e(", ".join(filter(None, [quoted, named, by])))),
        (say("alert.told"), markup.moment(alert.raised_at, shown.zones)),
        (say("alert.deliveries"), e(sent)),
        (say("alert.acknowledged"), e(noted)),
    ]


def _sides(shown: AlertPage) -> str:
    carrying, against = shown.passages.carrying, shown.passages.against
    other = next((one.status for one in against if one.status not in {"none", shown.alert.entry.to}), None)
    says_other = words.look(other).word if other else say("alert.otherwise")
    return (
        "<div class='sides'>"
        + _side(shown, words.look(shown.alert.entry.to).word, shown.alert.entry.to, carrying)
        + _side(shown, says_other, other or "none", against)
        + "</div>"
    )


def _side(shown: AlertPage, word: str, status: str, passages: Sequence[Passage]) -> str:
    head = f"<h2>{markup.chip(status)}<span>{e(say('alert.says', word=word, number=str(len(passages))))}</span></h2>"
    if not passages:
        return f"<div>{head}<p class='meta'>{e(say('alert.nobody'))}</p></div>"
    return f"<div>{head}{''.join(_passage(shown, one) for one in passages)}</div>"


def _passage(shown: AlertPage, one: Passage) -> str:
    return markup.figure(
        markup.quotation(one.quote, before=one.before, after=one.after),
        markup.whence(one, shown.zones),
        note=said_of("attributions", one.attribution),
    )


def _changes(shown: AlertPage) -> str:
    lines = "".join(f"<li>{_step(shown, step)}</li>" for step in shown.alert.entry.changes)
    return f"<section><h2>{e(say('alert.changes'))}</h2><ol class='thread'>{lines}</ol></section>"


def _step(shown: AlertPage, step: AlertChange) -> str:
    sure = [] if step.confidence is None else [f"{words.confidence(step.confidence)} ({step.confidence:.0%})"]
    known = [] if step.certainty is None else [said_of("certainty_short", step.certainty)]
    contested = [say("alerts.contested")] if step.contested else []
    about = ", ".join([words.reason(step.reason), *sure, *known, *contested])
    return (
        f"<b>{e(words.alert_state(step.state))}</b> <span class='meta'>{markup.moment(step.at, shown.zones)}</span>"
        f"<p class='meta'>{e(about)}</p>"
    )

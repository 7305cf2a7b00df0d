"""What stands beside the status as HTML: the topic's other channels, and the latest alerts. Pure."""

from dashboard import markup, words
from dashboard.catalogue import say
from dashboard.markup import e
from dashboard.status_page import StatusPage
from monitor.readmodel.queries import AlertEntry, ChannelStatus


def page(shown: StatusPage) -> str:
    """The whole column."""
    return _channels(shown) + _latest(shown)


def _channels(shown: StatusPage) -> str:
    """The channels beside the one above."""
    if not shown.others:
        return ""
    name = e(say("status.others") if shown.leading else say("status.channels"))
    rows = "".join(_channel(shown, one) for one in shown.others)
    return f'<section aria-label="{name}"><h2>{name}</h2><ul class="rows">{rows}</ul></section>'


def _channel(shown: StatusPage, channel: ChannelStatus) -> str:
    label = e(shown.topic.channels.get(channel.channel, channel.channel))
    look, segments = words.look(channel.status), shown.segments(channel.channel)
    if not segments:
        return f"<li>{markup.chip('none')}<div><b>{label}</b><p class='meta'>{e(look.word)}</p></div></li>"
    now = segments[-1]
    is_old = shown.is_last_known(channel)
    tags = ((say("status.tag_last"), is_old), (say("status.tag_contested"), channel.contested))
    marks = "".join(f' <span class="tag">{e(mark)}</span>' for mark, shows in tags if shows)
    said = ""
    if channel.evidence:
        quote = channel.evidence[0]
        where = markup.source(quote.outlet, quote.url, quote.published_at)
        said = f"<p class='said'{markup.script(quote.quote)}>{markup.inline(quote.quote)}</p>"
        said += f"<p class='meta'>— {where}</p>"
    return (
        f"<li{' class=stale' if is_old else ''}>{markup.chip(channel.status)}<div>"
        f"<b>{label}: {e(look.word.lower())}</b>"
        f"{marks}<p class='meta'>{markup.start(now.start_earliest, now.start_latest)} · "
        f"{markup.sure(now.confidence, now.certainty)}</p>{said}</div></li>"
    )


def _latest(shown: StatusPage) -> str:
    if shown.alerts:
        inner = f'<ul class="rows">{"".join(_alert(shown, alert) for alert in shown.alerts)}</ul>'
        inner += f"<p>{shown.links.to(say('status.all_alerts'), 'alerts')}</p>"
    else:
        inner = f"<p>{e(say('status.no_alerts'))}</p>"
    name = e(say("status.latest"))
    return f'<section aria-label="{name}"><h2>{name}</h2>{inner}</section>'


def _alert(shown: StatusPage, alert: AlertEntry) -> str:
    title = shown.links.to(words.sentence(alert.name), "alerts", alert=alert.alert)
    day = words.start(alert.start_earliest, alert.start_latest, word=False)
    to = words.look(alert.to).word
    parts = [e(day), f"{e(words.look(alert.from_).word)} → <b>{e(to)}</b>", e(alert.certainty)]
    if len(shown.topic.channels) > 1:
        parts.insert(1, e(shown.topic.channels.get(alert.channel, alert.channel)))
    tag = ""
    if alert.state in {"suppressed", "cancelled"}:
        why = f"{words.alert_state(alert.state).lower()}: {words.reason(alert.reason).split(':')[0]}"
        tag = f' <span class="tag">{e(why)}</span>'
    gone = " class='gone'" if alert.state == "cancelled" else ""
    said = f"<b>{title}</b><p class='meta'>{' · '.join(parts)}{tag}</p>"
    return f"<li{gone}>{markup.chip(alert.to)}<div>{said}</div></li>"

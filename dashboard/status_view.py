"""The Status page as HTML: where the talks stand, since when, how sure, and which sentences say so. Pure."""

from datetime import timedelta

from dashboard import beside_view, markup, way_view, words
from dashboard.catalogue import said_of, say
from dashboard.links import Links, Past
from dashboard.markup import e
from dashboard.status_page import StatusPage
from monitor.readmodel.queries import ChannelStatus, Passage, SegmentForm

_TOLD_BY_HOUR = timedelta(hours=48)
"""For so long after the first report, hours say more than days."""
_AGO = {"yesterday": 1, "week": 7, "month": 30}
_NAMED = 3
_OTHERS = ("timeline", "alerts", "evidence", "sources")


def title(shown: StatusPage) -> str:
    """The browser tab's title: it says the state."""
    glyph = words.look(shown.status.status).glyph
    return say("live.tab_topic", title=f"{glyph} {word(shown)}", topic=shown.topic.label)


def page(shown: StatusPage) -> str:
    """The whole page, but for what ticks."""
    leading = shown.leading.channel if shown.leading else ""
    whole = shown.links.to(say("status.whole"), "timeline")
    is_now = not any(shown.past)
    way = way_view.page(shown.segments(leading), shown.today, f"{whole}{_ago(shown)}", is_now=is_now)
    return (
        f'<div class="status"><div class="two"><div>{_hero(shown)}{_pages(shown.links)}{way}</div>'
        f"<div>{beside_view.page(shown)}</div></div>{_foot(shown)}</div>"
    )


def _ago(shown: StatusPage) -> str:
    """The way from now to days past."""
    if any(shown.past):
        return ""
    days = {name: shown.today - timedelta(days=ago) for name, ago in _AGO.items()}
    links = [
        Links(shown.topic.topic, Past(as_of=day)).to(said_of("ago", name), "") for name, day in days.items()
    ]
    other = shown.links.to(say("status.other_day"), "timeline")
    return f"<br>{e(say('status.as_it_was'))} {' · '.join([*links, other])}"


def word(shown: StatusPage) -> str:
    """The status in words; what is old is the last known."""
    return words.state(shown.status.status, is_old=shown.is_old)


def _hero(shown: StatusPage) -> str:
    status, leading = shown.status, shown.leading
    segments = shown.segments(leading.channel) if leading else []
    region = f'aria-label="{e(say("status.region"))}"'
    if leading is None or not segments:
        return (
            f'<section class="hero s-none" {region}><p class="over">{e(shown.topic.label)}</p>'
            f"<h1>{markup.chip('none', 'big')}{e(word(shown))}</h1>"
            f"<p>{e(nothing(shown))}</p></section>"
        )
    now = segments[-1]
    old = " stale" if shown.is_old else ""
    return (
        f'<section class="hero {markup.status_class(status.status)}{old}" {region}>'
        f'<p class="over">{e(over(shown, leading))}</p>'
        f"<h1>{markup.chip(status.status, 'big')}{e(word(shown))}</h1>"
        f'<p class="since">{since(shown, now)}</p>{_elsewhere(shown)}'
        f"{stale(shown, now)}{_contested(shown)}{_facts(shown, segments)}{_quotes(shown)}</section>"
    )


def _elsewhere(shown: StatusPage) -> str:
    """The other channels in a line each, for screens on which their own part lies further down."""
    rows = ""
    for one in shown.others:
        if one.status != "none":
            is_old = shown.is_last_known(one)
            label = shown.topic.channels.get(one.channel, one.channel)
            said = f"{label}: {words.state(one.status, is_old=is_old).lower()}"
            rows += (
                f"<li{' class=stale' if is_old else ''}>{markup.chip(one.status)}<span>{e(said)}</span></li>"
            )
    name = e(say("status.others"))
    return f'<ul class="elsewhere" aria-label="{name}">{rows}</ul>' if rows else ""


def nothing(shown: StatusPage) -> str:
    """Why there is no status."""
    if any(shown.past):
        return say("status.none_then")
    read = shown.freshness.articles
    return say("status.silent", count=read) if read else say("status.none_read")


def over(shown: StatusPage, leading: ChannelStatus) -> str:
    """What stands above the status: whose it is, and of when."""
    channel = shown.topic.channels.get(leading.channel, leading.channel)
    if shown.is_old:
        return say("status.last", channel=channel)
    if any(shown.past):
        return say("status.past", channel=channel)
    return say("status.now", channel=channel, day=words.day(shown.today))


def since(shown: StatusPage, now: SegmentForm) -> str:
    """For how long and since when: by the hour where the first report is of these hours, else by the day."""
    name = "" if now.name.lower() == words.look(now.status).word.lower() else f" · {e(now.name)}"
    first = shown.front.carrying.first_at
    age = shown.now - first if first and not any(shown.past) and first.date() == now.start else None
    if first and age is not None and timedelta() <= age < _TOLD_BY_HOUR:
        hours = timedelta(hours=age // timedelta(hours=1))
        length = words.lasting(hours) if hours else say("time.less_than_an_hour")
        when = markup.said("status.first_reported", moment=markup.moment(first, shown.zones))
    else:
        length = words.held(now.start_earliest, now.start_latest, shown.today)
        when = markup.start(now.start_earliest, now.start_latest)
    held = markup.said("status.for", length=f"<b>{e(length)}</b>") + " · " if length else ""
    return held + when + name


def stale(shown: StatusPage, now: SegmentForm) -> str:
    """That there has been no new evidence for long."""
    if not shown.status.stale:
        return ""
    days = [one.published_at.date() for one in shown.front.passages.carrying if one.published_at]
    more = (
        markup.said("status.stale_since", day=markup.day(max(days))) if days else e(say("status.stale_long"))
    )
    return markup.banner("◷", say("status.stale"), more, "old")


def _contested(shown: StatusPage) -> str:
    """Who says what, in numbers, and the way to both sides."""
    if not shown.status.contested or shown.leading is None:
        return ""
    both = shown.links.to(say("status.see_both"), "evidence", view="both", channel=shown.leading.channel)
    return markup.banner("⚠", say("status.contested"), f"{e(sides(shown))} {both}", "contested")


def sides(shown: StatusPage) -> str:
    """Who says what of a contested status: how many outlets, and which parties stand against it with their names."""
    against = [one for one in shown.front.against.on_record if one not in shown.front.carrying.on_record]
    named = f" {say('status.against_party', party=', '.join(against))}" if against else ""
    return _outlets(shown) + named


def _outlets(shown: StatusPage) -> str:
    ours, theirs = shown.front.carrying, shown.front.against
    values = {
        "ours": say("status.say", count=len(ours.outlets)),
        "theirs": say("status.say", count=len(theirs.outlets)),
        "word": words.look(shown.status.status).word.lower(),
    }
    others = {one.status for one in shown.front.passages.against}
    if len(others) == 1 and (other := next(iter(others))) in words.KNOWN and other != shown.status.status:
        return say("status.sides_named", other=words.look(other).word.lower(), **values)
    return say("status.sides", **values)


def _facts(shown: StatusPage, segments: list[SegmentForm]) -> str:
    now, side = segments[-1], shown.front.carrying
    support = say(
        "status.support",
        articles=say("status.articles", count=side.articles),
        outlets=say("status.outlets", count=len(side.outlets)),
    )
    channel = shown.leading.channel if shown.leading else ""
    rows = [
        (say("status.sure"), markup.meter(now.confidence)),
        (say("status.certainty"), e(certainty(shown, now))),
        (
            say("status.evidence"),
            f"<b>{shown.links.to(support, 'evidence', channel=channel)}</b>"
            f"<br><small>{e(' · '.join(_named(side.outlets) + _otherwise(shown)))}</small>",
        ),
    ]
    if len(segments) > 1:
        before = segments[-2]
        length = words.held(before.start_earliest, before.start_latest, now.start or shown.today)
        more = f" <small>({e(length)})</small>" if length else ""
        rows.append((say("status.before"), f"<b>{e(words.sentence(before.name))}</b>{more}"))
    return markup.facts(rows)


def _named(outlets: frozenset[str]) -> list[str]:
    """Who says so, by name; of many, the first few."""
    names = sorted(outlets)
    few = ", ".join(names[:_NAMED])
    if len(names) > _NAMED:
        return [say("status.and_more", names=few, count=len(names) - _NAMED)]
    return [few] if few else []


def _otherwise(shown: StatusPage) -> list[str]:
    """Whether anybody says otherwise; where it is contested, a banner tells more."""
    if shown.status.contested:
        return []
    outlets = len(shown.front.against.outlets)
    return [say("status.otherwise", count=outlets) if outlets else say("status.nobody_otherwise")]


def certainty(shown: StatusPage, now: SegmentForm) -> str:
    """Whether it is confirmed, and by whom."""
    if now.certainty != "confirmed":
        return words.certainty(now.certainty)
    parties = shown.front.carrying.on_record
    return (
        say("status.confirmed_party", party=", ".join(parties))
        if parties
        else say("status.confirmed_outlets")
    )


def _quotes(shown: StatusPage) -> str:
    """The decisive passage, and where it is contested the heaviest of the other side."""
    carrying, against = shown.front.passages.carrying[:1], shown.front.passages.against[:1]
    said = "".join(quote(shown, passage) for passage in carrying)
    if shown.status.contested and against:
        said += f'<p class="over against">{e(say("status.against"))}</p>{quote(shown, against[0])}'
    return said


def quote(shown: StatusPage, passage: Passage) -> str:
    """A passage with outlet, link and time, and who stands behind it."""
    quotation = markup.quotation(passage.quote, before=passage.before, after=passage.after)
    behind = said_of("attributions", passage.attribution)
    return markup.figure(quotation, markup.whence(passage, shown.zones), note=behind)


def _pages(links: Links) -> str:
    """The way to the other pages, for screens on which the navigation is folded away."""
    said = " ".join(links.to(words.page(name), name) for name in _OTHERS)
    return f'<nav class="pages" aria-label="{e(say("status.pages"))}">{said}</nav>'


def _foot(shown: StatusPage) -> str:
    fresh = shown.freshness
    if any(shown.past):
        return ""
    plain = shown.links.to(say("status.plain"), "now")
    parts = [say("status.articles_read", count=fresh.articles)]
    if fresh.last_article_at:
        parts.append(say("status.newest", moment=words.moment_here(fresh.last_article_at, shown.zones)))
    if fresh.dead_letters:
        parts.append(say("status.unshown", count=fresh.dead_letters))
    return f'<p class="foot">{e(" · ".join(parts))} · {plain}</p>'

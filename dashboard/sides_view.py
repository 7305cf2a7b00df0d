"""Both sides as HTML: what speaks for where a channel stands, and beside it what speaks against it. Pure."""

from collections.abc import Callable, Sequence
from datetime import date

from dashboard import claim_view, markup, words
from dashboard.catalogue import say
from dashboard.evidence_view import copies, passages, where
from dashboard.links import Links
from dashboard.markup import e
from dashboard.words import Zones
from monitor.readmodel.queries import ClaimEntry, Sides, StorySide, TopicEntry

_PASSAGES = 2
"""So many passages of an article stand here; its own page has them all."""
Judge = Callable[[ClaimEntry], str]
"""HTML beside a claim: an operator's way to dismiss it."""


def page(
    topic: TopicEntry,
    channels: Sequence[str],
    sides: Sequence[Sides | None],
    links: Links,
    zones: Zones,
    judge: Judge = lambda _: "",
    *,
    today: date,
) -> str:
    """Each channel with its two columns, seen from `today`; one of which nothing is known says so."""
    return "".join(
        _channel(topic.channels.get(channel, channel), found, links, zones, judge, today)
        for channel, found in zip(channels, sides, strict=True)
    )


def _channel(label: str, found: Sides | None, links: Links, zones: Zones, judge: Judge, today: date) -> str:
    head = f"<section class='channel' aria-label='{e(label)}'><h2>{e(label)}</h2>"
    if found is None:
        return f"{head}<p class='meta'>{e(say('sides.unknown'))}</p></section>"
    segment = found.segment
    began = markup.start(segment.start_earliest, segment.start_latest)
    is_old = segment.stale_from is not None and segment.stale_from <= today
    state = f"{e(words.state(segment.status, is_old=is_old))} {began}"
    contested = ""
    if segment.contested:
        contested = markup.banner("⚠", say("sides.contested"), e(say("sides.contested_more")), "contested")
    against = _column(found.against, links, zones, judge) or (
        f"<h3>{e(say('sides.none'))}</h3><p class='meta'>{e(say('sides.none_more'))}</p>"
    )
    cut = f"<p class='meta'>{e(say('sides.cut'))}</p>" if found.is_cut else ""
    return (
        f"{head}<p class='meta'>{state} · {markup.sure(segment.confidence, segment.certainty)}</p>{contested}"
        f"<div class='sides'><div>{_column(found.carrying, links, zones, judge)}</div><div>{against}</div></div>{cut}"
        "</section>"
    )


def _column(side: Sequence[StorySide], links: Links, zones: Zones, judge: Judge) -> str:
    """Stories by what they say, the heaviest first, under a count."""
    stories: dict[str, list[StorySide]] = {}
    for story in side:
        stories.setdefault(claim_view.word_of(story.said[0].claim), []).append(story)
    return "".join(
        f"<h3>{markup.chip(group[0].said[0].claim.status)} {e(say('sides.says', says=says, count=len(group)))}</h3>"
        f"{''.join(_story(story, links, zones, judge) for story in group)}"
        for says, group in stories.items()
    )


def _story(story: StorySide, links: Links, zones: Zones, judge: Judge) -> str:
    """The heaviest passages of a story, where it stands, and how sure Parley is that it says so."""
    article, claim = story.article, story.said[0].claim
    quotes = "".join(
        claim_view.quotation(group[0], article.language) + judge(group[0].claim)
        for group in passages(story.said)[:_PASSAGES]
    )
    sure = f"{words.confidence(claim.confidence)} ({claim.confidence:.0%})"
    more = links.to(say("sides.article"), "evidence", article=article.article)
    return (
        f"<figure>{quotes}<figcaption>— {where(article, zones)} · {e(sure)} · {more}{claim_view.tags(claim)}"
        f"{copies(story.copies, story.copied, links)}</figcaption></figure>"
    )

"""The Method page as HTML: what the words mean, how evidence becomes a status, and how right that has proved. Pure."""

from collections.abc import Mapping
from itertools import pairwise

from dashboard import markup, words
from dashboard.catalogue import said_of, say
from dashboard.markup import e
from monitor.readmodel.queries import Proved

_FEW = 20
"""Shifts of which a share says little."""


def page(proved: Mapping[str, Proved]) -> str:
    """The page; `proved` is by the word for the confidence, the surest first."""
    return (
        f"<div class='method'><h1 class='plain'>{e(say('method.title'))}</h1><p>{e(say('method.lead'))}</p>"
        f"{_statuses()}{_how()}{_sure()}{_proved(proved)}{_limits()}{_sources()}</div>"
    )


def _statuses() -> str:
    rows = "".join(
        f"<tr><th scope='row'><span class='which'>{markup.chip(status)} {e(look.word)}</span></th>"
        f"<td>{e(said_of('method_statuses', status))}</td></tr>"
        for status, look in words.STATUSES.items()
    )
    return markup.section(
        say("method.statuses"), f"<p>{e(say('method.statuses_more'))}</p><table class='plain'>{rows}</table>"
    )


def _how() -> str:
    steps = (
        (say("method.read"), say("method.read_more")),
        (say("method.claims"), say("method.claims_more")),
        (say("method.weigh"), say("method.weigh_more")),
        (say("method.tell"), say("method.tell_more")),
        (say("method.correct"), say("method.correct_more")),
    )
    items = "".join(f"<li><b>{e(name)}</b> {e(more)}</li>" for name, more in steps)
    return markup.section(say("method.how"), f"<ol class='numbered'>{items}</ol>")


def _sure() -> str:
    facts = (
        (say("method.certainty"), say("method.certainty_more")),
        (say("method.contested"), say("method.contested_more")),
        (say("method.stale"), say("method.stale_more")),
        (say("method.unchecked"), say("method.unchecked_more")),
    )
    terms = "".join(f"<dt>{e(name)}</dt><dd>{e(more)}</dd>" for name, more in facts)
    rows = "".join(
        f"<tr><th scope='row'>{e(said_of('confidence', word))}</th><td>{e(span)}</td></tr>"
        for word, span in _spans()
    )
    return markup.section(
        say("method.sure"),
        f"<p>{e(say('method.sure_more'))}</p><table class='plain narrow'>{rows}</table><dl>{terms}</dl>",
    )


def _spans() -> list[tuple[str, str]]:
    """Each word with the percentages for which it is said."""
    bounds = [1.0, *words.LEAST.values()]
    return [
        (word, say("method.span", least=f"{least:.0%}", most=f"{most:.0%}"))
        for word, (most, least) in zip(words.LEAST, pairwise(bounds), strict=True)
    ]


def _proved(proved: Mapping[str, Proved]) -> str:
    told = sum(one.told for one in proved.values())
    if not told:
        return markup.section(say("method.proved"), f"<p>{e(say('method.proved_none'))}</p>")
    few = f"<p>{e(say('method.proved_few', count=told))}</p>" if told < _FEW else ""
    head = markup.heads(
        [
            say("method.word"),
            say("method.told"),
            say("method.stood"),
            say("method.withdrawn"),
            say("method.confirmed"),
        ]
    )
    rows = "".join(_row(word, one) for word, one in proved.items() if one.told)
    return markup.section(
        say("method.proved"),
        f"<p>{e(say('method.proved_more'))}</p>{few}"
        f"<table class='sources even proved'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        f"<p class='meta'>{e(say('method.proved_note'))}</p>",
    )


def _row(word: str, one: Proved) -> str:
    share = f" ({one.stood / one.told:.0%})" if one.told >= _FEW else ""
    cells = (
        (say("method.told"), f"{one.told:,}"),
        (say("method.stood"), f"{one.stood:,}{share}"),
        (say("method.withdrawn"), f"{one.withdrawn:,}"),
        (say("method.confirmed"), say("method.of", count=one.reported, part=f"{one.confirmed:,}")),
    )
    said = "".join(f"<td data-label='{e(label)}'><div>{e(value)}</div></td>" for label, value in cells)
    return f"<tr><th scope='row'><b>{e(said_of('confidence', word))}</b></th>{said}</tr>"


def _limits() -> str:
    limits = (
        say("method.limit_press"),
        say("method.limit_secret"),
        say("method.limit_words"),
        say("method.limit_false"),
        say("method.limit_language"),
    )
    items = "".join(f"<li>{e(limit)}</li>" for limit in limits)
    return markup.section(say("method.limits"), f"<ul class='dots'>{items}</ul>")


def _sources() -> str:
    said = markup.said(
        "method.sources_more", sources=f"<a href='sources' target='_self'>{e(say('pages.sources'))}</a>"
    )
    operators = f"<a href='login?next=operations' target='_self'>{e(say('method.operators'))}</a>"
    return markup.section(
        say("method.sources"),
        f"<p>{said}</p><p>{e(say('method.licence'))}</p><p class='meta'>{operators}</p>",
    )

"""A claim as HTML: what it says, who says it, when it holds, how sure it is, and by which words it was found. Pure."""

import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from dashboard import markup, words
from dashboard.catalogue import said_of, say
from dashboard.markup import e
from monitor.readmodel.queries import WITHHELD, ClaimEntry, Said, TopicEntry

_RULE = re.compile(
    r"(?:learned (?P<learned>[\w-]+) over )?(?P<composed>.*?)(?:: (?P<forms>.*?))?(?:; (?P<note>.*))?",
    re.DOTALL,
)
_QUOTED = re.compile(r'<blockquote(?: lang="\w+")?')
_OPERATOR = re.compile(r"((?:NOT )?[A-Z_]+|NOT)\((.*)\)", re.DOTALL)


class Rule(NamedTuple):
    """How a claim was put together: operators from the outside in, each with the form that showed it ("": not told)."""

    operators: list[tuple[str, str]]
    noun: str
    learned: str
    """What was learned from labelled sentences made of it; empty: the rules alone."""
    note: str


class Names(NamedTuple):
    """What a topic's channels and parties are called, by their ids."""

    channels: Mapping[str, str]
    parties: Mapping[str, str]

    def party(self, id_: str | None) -> str:
        """A party's name; of somebody else that which the text has."""
        return self.parties.get(id_, id_) if id_ else ""


def rule_of(told: str) -> Rule:
    """The parts of a claim's rule, as "REJECT(RESUME(talks)): ~refuse, ~resume; told of an earlier time"."""
    found = _RULE.fullmatch(told)
    parts = (
        found.groupdict(default="") if found else {"composed": told, "forms": "", "learned": "", "note": ""}
    )
    names, noun = [], parts["composed"]
    while inner := _OPERATOR.fullmatch(noun):
        names.append(inner[1])
        noun = inner[2]
    forms = parts["forms"].split(", ") if parts["forms"] else []
    if len(forms) != len(names):  # one word for all of it
        forms = [parts["forms"], *[""] * len(names)][: len(names)]
    return Rule(list(zip(names, map(_form, forms), strict=True)), noun, parts["learned"], parts["note"])


def word_of(claim: ClaimEntry) -> str:
    """What a claim says, in words."""
    return say("claim.denies") if claim.kind == "denied" else words.look(claim.status).word


def chip(claim: ClaimEntry) -> str:
    """Its status's glyph; hollow where it says nothing about now."""
    return markup.chip(claim.status, "" if speaks_of_now(claim) else "hollow")


def speaks_of_now(claim: ClaimEntry) -> bool:
    """False of what is told of an earlier time, and of what only might be."""
    return not claim.background and claim.mood in {"asserted", "planned"}


def says(claim: ClaimEntry, topic: TopicEntry) -> str:
    """What it says in a line: glyph, word, channel, how sure, and what sets it apart."""
    channel = topic.channels.get(claim.channel, claim.channel)
    sure = f"{words.confidence(claim.confidence)} ({claim.confidence:.0%})"
    return (
        f"<p class='says'>{chip(claim)} <b>{e(word_of(claim))}</b> "
        f"<span class='meta'>{e(channel)} · {e(sure)}</span>{tags(claim)}</p>"
    )


def quotation(said: Said, language: str) -> str:
    """Its passage amid the text around it."""
    passage = said.passage
    if passage.quote == WITHHELD:
        return markup.quotation(passage.quote)
    return markup.quotation(passage.quote, before=passage.before, after=passage.after, language=language)


def tongue(language: str) -> str:
    """The attribute that names a language, for its fonts and its voice."""
    return f' lang="{e(language)}"' if language else ""


def card(number: int, said: Said, names: Names, language: str, *, held: bool = True) -> str:
    """A claim in full, under the number that marks its passage."""
    claim = said.claim
    title = e(say("claim.numbered", number=number, says=word_of(claim)))
    until = "" if held or claim.known_until is None else _until(claim)
    return (
        f"<section class='claim' id='claim-{number}' aria-label='{title}'>"
        f"<h3><span class='nr' aria-hidden='true'>{number}</span>{chip(claim)} {e(word_of(claim))}{tags(claim)}</h3>"
        f"{until}{quotation(said, language)}{markup.facts(_facts(claim, names))}{found(claim)}</section>"
    )


def _until(claim: ClaimEntry) -> str:
    assert claim.known_until is not None  # noqa: S101 - the caller has looked
    return f"<p class='meta'>{markup.said('claim.until', day=markup.day(claim.known_until.date()))}</p>"


def tags(claim: ClaimEntry) -> str:
    """What sets a claim apart: it is of an earlier time, planned, on a condition, ..."""
    found = []
    if claim.background:
        found.append(say("claim.background"))
    if claim.mood != "asserted":
        found.append(said_of("moods", claim.mood))
    return "".join(f" <span class='tag plain'>{e(tag)}</span>" for tag in found)


def _facts(claim: ClaimEntry, names: Names) -> list[tuple[str, str]]:
    rows = [
        (say("claim.channel"), e(names.channels.get(claim.channel, claim.channel))),
        (say("claim.sure"), markup.meter(claim.confidence)),
        (say("claim.said_by"), e(said_of("attributions", claim.attribution))),
        (say("claim.speaker"), e(names.party(claim.speaker))),
        (say("claim.principal"), e(names.party(claim.principal))),
        (say("claim.when"), _when(claim)),
        (say("claim.place"), e(said_of("positions", claim.position))),
    ]
    return [(name, value) for name, value in rows if value]


def _when(claim: ClaimEntry) -> str:
    start, end = markup.start(_day(claim, "start_earliest"), _day(claim, "start_latest")), _day(claim, "end")
    return f"{start} {markup.said('claim.to', day=markup.day(end))}" if end else start


def _day(claim: ClaimEntry, name: str) -> date | None:
    value = claim.when.get(name)
    return date.fromisoformat(value) if isinstance(value, str) else value


def found(claim: ClaimEntry) -> str:
    """How Parley read it, on demand."""
    rule = rule_of(claim.rule)
    operators = "".join(_operator(name, form) for name, form in rule.operators)
    learned = f"<p>{markup.said('claim.learned', kind=e(rule.learned))}</p>" if rule.learned else ""
    note = f"<p>{markup.said('claim.note', note=e(rule.note))}</p>" if rule.note else ""
    whole = markup.said("claim.rule", rule=f"<code>{e(claim.rule)}</code>")
    ids = markup.said("claim.ids", code=e(claim.cameo), id=f"<code>{e(claim.id)}</code>")
    return (
        f"<details class='found'><summary>{e(say('claim.found'))}</summary>"
        f"<ol class='operators'>{operators}<li>{e(rule.noun)}</li></ol>{learned}{note}"
        f"<p class='meta'>{whole}</p><p class='meta'>{ids}</p></details>"
    )


def _operator(name: str, form: str) -> str:
    by = " " + markup.said("claim.by", form=f"<q>{e(form)}</q>") if form else ""
    return f"<li><b>{e(name)}</b>{by}</li>"


def _form(form: str) -> str:
    """A form of the lexicon for people: "~refuse" is any form of the word, "a|b" one of two, "<>" a gap."""
    return form.replace("~", "").replace("|", " / ").replace("<>", "…").replace("?", "")

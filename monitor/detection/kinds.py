"""What a chain says at last: its operators make a kind, which the days that stand with it and who consents may turn."""

from datetime import date

from monitor.detection.announced import (
    is_adjourned_to_a_day,
    is_announced,
    is_called_for_a_day,
    is_coming,
    is_set_for_a_day,
)
from monitor.detection.chain import Chain
from monitor.detection.consent import is_one_sided
from monitor.detection.denials import are_not_going_on, denies_talks
from monitor.detection.meetings import is_a_likely_absence, tells_of_no_talks
from monitor.detection.parsed import Parsed
from monitor.detection.when import TimeMention


def kind_of(parsed: Parsed, chain: Chain, times: tuple[TimeMention, ...], published: date | None) -> str:
    """The kind of claim, or what is none ("talks", "none"); a chain that announces what is to come becomes planned."""
    kind = chain.settled(parsed)
    if not chain.negated:
        kind = _announced(parsed, chain, kind, times, published)
    if kind in {"underway", "resumed"} and is_coming(parsed, chain, times, published):
        # "Talks open in Doha on Thursday", "We talk again on Monday"
        kind, chain.planned = ("scheduled" if kind == "underway" else kind), True
    if kind == "stalled" and is_adjourned_to_a_day(parsed, chain, times):
        kind, chain.planned = "scheduled", True
    if kind == "proposed" and is_called_for_a_day(parsed, chain, times, published):
        kind, chain.planned = "scheduled", True
    if kind == "agreement" and chain.steps and chain.steps[-1].match.form.text == "~take up":
        kind = "proposed"  # "takes up the truce": what it was offered
    if kind in {"scheduled", "resumed"} and is_one_sided(parsed, chain, times, published):
        kind = "proposed"  # "has agreed to talks, says its leader"
    return _denied(parsed, chain, kind)


def _announced(
    parsed: Parsed, chain: Chain, kind: str, times: tuple[TimeMention, ...], published: date | None
) -> str:
    if kind == "talks" and is_announced(parsed, chain, times, published):
        return "scheduled"  # "First direct talks in Doha on Thursday"
    if kind in {"talks", "underway", "resumed"} and is_set_for_a_day(parsed, chain, times, published):
        chain.planned = kind != "talks"
        return "resumed" if kind == "resumed" else "scheduled"
    return kind


def _denied(parsed: Parsed, chain: Chain, kind: str) -> str:
    if kind == "talks" and chain.negated and not chain.steps and not chain.blocked:
        # "knows of no talks" denies them; "with no talks" is but a setting.
        kind = {"": "rejected", "of": "denied"}.get(chain.adjunct, kind)
        if kind == "rejected" and denies_talks(parsed, chain):
            return "denied"
    return "denied" if kind == "stalled" and are_not_going_on(parsed, chain) else kind


def why_none(parsed: Parsed, chain: Chain, kind: str, *, in_prose: bool) -> str:
    """Why what has the form of a claim of that kind is none, or ""."""
    if kind in {"underway", "agreement"} and tells_of_no_talks(parsed, chain, in_prose=in_prose):
        return "tells of no talks that are held"
    if (
        kind == "agreement"
        and parsed.word(chain.node.end - 1) in _SEVERAL
        and _is_many(parsed.word(chain.start))
    ):
        return "signs a number of papers"
    if kind != "rejected":
        return ""
    if chain.node.entry.value == "accord" and parsed.word(chain.node.start - 1) == "this":
        return "rails at a deal that is there"
    return "somebody may stay away" if is_a_likely_absence(parsed, chain) else ""


_SEVERAL = frozenset({"accords", "agreements", "deals", "pacts"})


def _is_many(word: str) -> bool:
    """True for the 24 of "24 agreements signed": talks end in one, or in one for each of two or three."""
    return word.isdigit() and int(word) > 3

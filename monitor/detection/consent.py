"""Consent of one side: it is ready to talk, but until the other has answered nothing is fixed."""

from datetime import date

from monitor.detection.chain import Chain
from monitor.detection.parsed import Parsed
from monitor.detection.tense import is_to_come
from monitor.detection.when import TimeMention

_REACH = 14
_STRIKES = frozenset(
    {"strike", "strikes", "walkout", "walkouts", "action", "protest", "march", "sit-in", "stoppage"}
)
_CALLED_OFF = frozenset(
    {"off", "suspend", "suspends", "suspended", "postponed", "postpones", "shelved", "shelves"}
)
_TALKING = frozenset({"negotiate", "speak to"})


def is_one_sided(
    parsed: Parsed, chain: Chain, mentions: tuple[TimeMention, ...], published: date | None
) -> bool:
    """True for "the rebels have agreed to talks" and "we will talk to anyone"; not where both agree, nor with a day.

    What makes the talks a plan must be the consent or the will itself: "will hold talks" tells of both.
    """
    if not _consents(chain) or _calls_off_a_strike(parsed):
        return False
    if any(is_to_come(one, published) and _is_theirs(parsed, chain, one) for one in mentions):
        return False
    start = chain.steps[-1].group.start if chain.steps else chain.start
    for i in range(start - 1, max(start - _REACH, 0) - 1, -1):
        if parsed.is_a(i, "both_sides") or (parsed.word(i) in {"and", ","} and _joins_names(parsed, i)):
            return False
        if parsed.is_a(i, "stop") or parsed.is_a(i, "subordinator") or parsed.word(i) in {"that", ","}:
            break
    return True


def _consents(chain: Chain) -> bool:
    if chain.steps:
        last = chain.steps[-1]
        return (last.op == "AGREE" or _names_a_team(chain)) and not last.negated and not last.group.be
    node = chain.node
    if node.entry.kind != "talk_verb" or chain.negated:
        return False
    return node.form.text.startswith("~agree") or (
        node.entry.name in _TALKING and chain.verb_tense == "future"
    )


def _names_a_team(chain: Chain) -> bool:
    return bool(chain.steps) and "<> committee|delegation|team" in chain.steps[-1].match.form.text


def _is_theirs(parsed: Parsed, chain: Chain, mention: TimeMention) -> bool:
    """False for a day of something else, behind a comma: "names a team for talks, threatens a strike on Monday".

    And for that on which the team was named.
    """
    if _names_a_team(chain) and mention.start < parsed.tokens.starts[chain.node.start]:
        return False
    at = parsed.tokens.starting(mention.start, len(parsed.tokens))
    parted = parsed.part_end(chain.end)
    return parted >= at or any(parted < node.start < at for node in parsed.nodes)


def _calls_off_a_strike(parsed: Parsed) -> bool:
    """True where action is called off for the talks: that is done when both have agreed."""
    return bool(_STRIKES.intersection(parsed.words) and _CALLED_OFF.intersection(parsed.words))


def _joins_names(parsed: Parsed, i: int) -> bool:
    """True for the "and" of "Israel and Hamas", not for that of "was freed and has agreed"."""
    return i > 0 and not parsed.is_a(i - 1, "stop") and not parsed.starts_clause_verb(i + 1)

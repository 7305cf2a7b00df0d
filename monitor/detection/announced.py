"""Talks that a sentence announces without a future tense: by a day to come behind a noun or a simple present."""

import re
from datetime import date, timedelta

from monitor.detection.chain import Chain
from monitor.detection.parsed import Parsed
from monitor.detection.tense import is_to_come
from monitor.detection.when import Relation, TimeMention

_ORDERS = frozenset({"order", "orders", "directed", "directs", "summon"})
_ADJOURNED = frozenset({"adjourn", "adjourns", "adjourned", "adjourning"})
_FOR_IT = frozenset({"a", "an", "for", "its", "the", "their"})
_UNTIL = frozenset({"till", "until"})
_SETS = frozenset(
    {"set", "sets", "fix", "fixes", "schedule", "schedules", "book", "books", "plan", "plans", "slate"}
)


def is_announced(
    parsed: Parsed, chain: Chain, mentions: tuple[TimeMention, ...], published: date | None
) -> bool:
    """True for talks named with a day to come and without a verb, as headlines announce them."""
    ahead = any(
        one.ahead is not None and one.start > parsed.tokens.starts[chain.node.start] for one in mentions
    )
    verbs = (
        i
        for i in range(len(parsed.tokens))
        if parsed.starts_clause_verb(i) or parsed.word(i) in parsed.lexicon.pasts
    )
    return ahead and not chain.adjunct and not chain.blocked and next(verbs, None) is None


def is_set_for_a_day(
    parsed: Parsed, chain: Chain, mentions: tuple[TimeMention, ...], published: date | None
) -> bool:
    """True for "guild, port set Dec. 11 session", "set Friday for a return to the table" and "set a June 2 start"."""
    for one in mentions:
        first, behind = parsed.tokens.starting(one.start, 0), parsed.tokens.starting(one.end, -1)
        if parsed.word(first - 1) not in _SETS or behind < 0:
            continue
        is_for_it = chain.start >= behind and _FOR_IT.issuperset(parsed.words[behind : chain.start])
        if is_for_it or 0 <= chain.node.start - behind <= 1:
            return _may_come(one, published)
    return False


def is_adjourned_to_a_day(parsed: Parsed, chain: Chain, mentions: tuple[TimeMention, ...]) -> bool:
    """True for "adjourned until Tuesday" and "until 9.30 in the morning": they go on then."""
    told = chain.outer
    if _ADJOURNED.isdisjoint(parsed.words[told.start : told.end]):
        return False
    until = next((i for i in range(told.start, told.end + 3) if parsed.word(i) in _UNTIL), None)
    if until is None:
        return False
    days = (parsed.tokens.starting(one.start, 0) for one in mentions)
    return until + 1 in days or parsed.word(until + 1)[:1].isdigit()


def is_called_for_a_day(
    parsed: Parsed, chain: Chain, mentions: tuple[TimeMention, ...], published: date | None
) -> bool:
    """True for "third round of talks called for 16 January": it is summoned; "calls for talks" only asks for them.

    And for what a judge "orders" for a day to come.
    """
    if _orders(chain):
        behind = (one for one in mentions if one.start > parsed.tokens.starts[chain.node.start])
        return any(_may_come(one, published) for one in behind)
    if not chain.steps or chain.steps[-1].match.form.text != "~call for":
        return False
    call = chain.steps[-1].match
    return call.start >= chain.node.end and any(
        parsed.tokens.starting(one.start, 0) == call.end for one in mentions
    )


def _may_come(mention: TimeMention, published: date | None) -> bool:
    """True for "Monday", and for "by Monday" before it."""
    return mention.latest is not None and is_to_come(mention, published)


def _orders(chain: Chain) -> bool:
    """True where somebody orders talks, or orders others back to them, and nothing else is said of it."""
    if chain.negated or len(chain.steps) > 2 or any(step.negated for step in chain.steps):
        return False
    inside = {step.op for step in chain.steps[:-1]}
    return not _ORDERS.isdisjoint(re.findall(r"\w+", chain.outer.form.text)) and inside <= {
        "HOLD",
        "BEGIN",
        "RESUME",
    }


def is_coming(
    parsed: Parsed, chain: Chain, mentions: tuple[TimeMention, ...], published: date | None
) -> bool:
    """True for a simple present with a day to come: "talks begin on Monday", "the two sides meet tomorrow"."""
    if published is None or chain.subordinator or not chain.finite:
        return False
    group, letters = chain.outer_group, chain.outer.letters
    if group is None or group.is_helped or group.negated:
        return False
    if chain.outer_op not in {"HOLD", "BEGIN", "RESUME"} or not letters or not set(letters) <= {"b", "s"}:
        return False
    if chain.steps and parsed.is_a(chain.outer.start, "be"):
        return False  # "are holding talks and will be in the room again on Tuesday"
    yesterday = published - timedelta(days=1)
    part = parsed.tokens.ends[parsed.part_end(chain.end) - 1]
    return any(
        not one.modifier
        and parsed.tokens.starts[chain.start] < one.start < part
        and one.relation is Relation.AT
        and (one.ahead is not None or (one.earliest is not None and one.earliest > published))
        and not (one.earliest is not None and yesterday <= one.earliest <= published)
        for one in mentions
    )

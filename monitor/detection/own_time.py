"""Which of a sentence's times dates a claim: that of its own clause, else one that opens the sentence."""

from monitor.detection.chain import Chain
from monitor.detection.parsed import Parsed
from monitor.detection.when import TimeMention
from monitor.detection.when_relation import Relation

OPENING = 40
"""A time that begins so near to a sentence's start may open it."""
_PARTS_OF_TIME = frozenset(
    [
        "as",
        "beginning",
        "close",
        "course",
        "dawn",
        "day",
        "days",
        "early",
        "end",
        "eve",
        "evening",
        "hours",
        "late",
        "middle",
        "morning",
        "night",
        "start",
        "week",
    ]
)


def own_time(parsed: Parsed, chain: Chain, mentions: tuple[TimeMention, ...]) -> TimeMention | None:
    """The time named in the chain's clause, else one that opens the sentence."""
    mentions = tuple(mention for mention in mentions if not names_something(parsed, mention))
    if not mentions:
        return None
    tokens = parsed.tokens
    first = next((i for i in range(chain.start - 1, -1, -1) if _parts(parsed, i)), -1) + 1
    last = next((i for i in range(chain.end, len(tokens)) if _parts(parsed, i)), len(tokens))
    if first >= len(tokens):
        return None
    start, end = tokens.starts[first], tokens.ends[max(last - 1, first)]
    inside = [
        mention
        for mention in mentions
        if start <= mention.start < end
        and not _in_relative(parsed, chain, mention)
        and not _is_the_meetings(parsed, chain, mention)
        and not _is_of_what_follows(parsed, chain, mention)
        and not _is_of_a_plan(parsed, chain, mention)
    ]
    dating = [mention for mention in inside if mention.relation in {Relation.AT, Relation.SINCE}]
    if dating:
        return dating[0]
    opening = [mention for mention in mentions if mention.start < OPENING and mention.relation is Relation.AT]
    if opening and mention_opens(parsed, opening[0]):
        return opening[0]
    return inside[0] if inside else None


def leans_on(parsed: Parsed, chain: Chain, mention: TimeMention) -> bool:
    """True for the dates of "who only last week said that ..." and of "the first since 2008, when talks fell apart"."""
    at = chain.subordinator_at if chain.subordinator == "when" else chain.said_at
    at -= 1 + (parsed.word(at - 1) == ",")
    return at >= 0 and mention.start <= parsed.tokens.starts[at] < mention.end


def names_something(parsed: Parsed, mention: TimeMention) -> bool:
    """True for the date of "the events of 9 May": it tells which events, not when there were talks."""
    at = parsed.tokens.starting(mention.start, 0) - 1
    if at < 1 or parsed.word(at) != "of" or parsed.word(at - 1) in _PARTS_OF_TIME:
        return False
    return not any(node.start < at <= node.end for node in (*parsed.nodes, *parsed.operators))


def _in_relative(parsed: Parsed, chain: Chain, mention: TimeMention) -> bool:
    """True for the time of a relative clause between the talks and their predicate."""
    if chain.relative or not chain.steps:
        return False
    last = chain.steps[-1].group.start
    opened = next(
        (i for i in range(chain.node.end, last) if parsed.word(i) in {"that", "which", "who"}), None
    )
    return opened is not None and parsed.tokens.starts[opened] < mention.start < parsed.tokens.starts[last]


_SET_FOR = frozenset(
    "arranged billed booked due expected foreseen planned scheduled set slated timetabled".split()  # noqa: SIM905
)
_CALLING_OFF = frozenset(
    {
        "~call <> off",
        "~cancel",
        "~scrap",
        "~drop",
        "~axe",
        "~postpone",
        "~delay",
        "~defer",
        "~reschedule",
        "~shelve",
    }
    | {"~put off|back", "~push back", "~push back|off", "~put back"}
)


def _is_the_meetings(parsed: Parsed, chain: Chain, mention: TimeMention) -> bool:
    """True for the day of "talks due on Monday were called off": the talks', not that of the calling off."""
    at = parsed.tokens.starting(mention.start, 0) - 1
    if at >= chain.node.end and any(
        step.match.form.text in _CALLING_OFF and at < step.match.start for step in chain.steps
    ):
        return True
    if parsed.word(at) in {"for", "on", "in", "at"}:
        at -= 1
    is_told = any(step.match.start <= at < step.match.end for step in chain.steps)
    return at >= chain.node.end and parsed.word(at) in _SET_FOR and not is_told


def _is_of_what_follows(parsed: Parsed, chain: Chain, mention: TimeMention) -> bool:
    """True for the day of "preparations were complete and the delegation would leave on Monday": the leaving's.

    And for that of "rejected the deal reached in May": the deal's.
    """
    words = parsed.words[chain.end : parsed.tokens.starting(mention.start, 0)]
    leaves = "and" in words and not _TO_COME.isdisjoint(words[words.index("and") :])
    is_object = bool(chain.steps) and chain.steps[-1].match.end <= chain.node.start
    return leaves or (is_object and not _REACHED.isdisjoint(words))


def _is_of_a_plan(parsed: Parsed, chain: Chain, mention: TimeMention) -> bool:
    """True for the day of "will meet on Friday in a bid to end the deadlock": that of the meeting.

    And for that of "Workers to walk on Friday as talks crash": the walkout's.
    """
    at = parsed.tokens.starting(mention.start, 0)
    if parsed.word(chain.start - 1) == "as":
        verb = at - 1 - (parsed.word(at - 1) == "on")
        return at < chain.start and (parsed.word(verb - 1) == "to" or parsed.word(verb - 1) in _WILL)
    if chain.finite and not (chain.steps and not chain.steps[-1].match.letters):
        return False
    return at < chain.start and not _WILL.isdisjoint(parsed.words[max(at - _REACH, 0) : at])


_WILL = frozenset({"will", "'ll"})
_REACH = 5
_REACHED = frozenset(
    {"reached", "struck", "signed", "initialled", "initialed", "negotiated", "brokered", "agreed"}
)
"""Behind a deal that is refused or accepted: when it was made."""
_TO_COME = frozenset(
    {"will", "'ll", "would", "plan", "plans", "intend", "intends", "hope", "hopes", "expect", "expects"}
)


def mention_opens(parsed: Parsed, mention: TimeMention) -> bool:
    """True for "In November last year, ..." and "October: ...": a comma or a colon right behind the time."""
    following = parsed.tokens.starting(mention.end, -1)
    return parsed.word(following) in {",", ":"} or parsed.is_a(following, "determiner")


_PARTING = frozenset({"stop", "say"})


def _parts(parsed: Parsed, i: int) -> bool:
    word = parsed.words[i]
    if word == ",":
        return not parsed.word(i + 1).isdigit()
    return parsed.is_any(i, _PARTING) or word in {
        "after",
        "before",
        "when",
        "while",
        "since",
        "because",
        "but",
        "until",
        "although",
        "that",
        "which",
        "who",
    }

"""Meetings that are none of talks (a habit, a thing in general, one body), and sittings that come to their end.

A sitting that is over was held, and the next may follow; it takes a word of failure to end the talks with it.
"""

from itertools import islice, takewhile

from monitor.detection.bind import bind
from monitor.detection.chain import Chain
from monitor.detection.forms import Match
from monitor.detection.parsed import Group, Parsed

_BARE = frozenset({"negotiate", "speak to"})
_MEET = frozenset({"meet", "meets", "met", "meeting"})
_TEXTS = frozenset(
    {
        "text",
        "package",
        "deal",
        "agreement",
        "accord",
        "draft",
        "settlement",
        "contract",
        "terms",
        "treaty",
        "pact",
    }
)
_OPENING = frozenset({"that", ":", "“", '"', "—"})
_WHOSE = frozenset({"that", "which", "their", "its", "his", "her"})
_REACH, _SUBJECT = 12, 7
_NAMED = 6
_CLOSES = frozenset({"~end", "over", "finished"})
_ENDS = frozenset({"~end", "~bring <> to an end|close", "~put an end to", "~draw a line under"})
"""What an accord does to talks as well as a failure."""
_BODIES = frozenset(
    {"assembly", "board", "cabinet", "committee", "congress", "council", "court", "parliament", "senate"}
)
_TEAMS = frozenset({"delegation", "delegations", "sides", "team", "teams"})
_CHAMBERS = frozenset({"assembly", "senate"})
_NEGOTIATING = frozenset(
    {
        "bargaining",
        "contact",
        "joint",
        "liaison",
        "mediation",
        "negotiating",
        "negotiation",
        "peace",
        "reconciliation",
    }
)
_BEHIND_A_BODY = frozenset(
    {",", ".", "after", "before", "for", "in", "on", "to", "was", "were", "which", "with"}
)
_BRIEFING = frozenset({"brief", "briefed", "briefs", "briefing"})
_WE_OR_WHO = frozenset({"i", "we", "that", "which", "who"})
_HABITS = frozenset({"always", "often", "usually", "rarely", "seldom"})
_IDEA_OF = frozenset({"about", "before", "for", "of", "on", "toward", "towards", "without"})
_GOES_ON = frozenset({"with", "no", "neither", "after", "and", "but", "as"})
SITTINGS = frozenset({"a meeting of a series", "a meeting"})
_PROCESSES = frozenset({"process", "exercise", "backchannels", "cycle"})


def tells_of_no_talks(parsed: Parsed, chain: Chain, *, in_prose: bool) -> bool:
    """True where the bare verb that the chain rests on is no event; `in_prose` outside of headlines.

    What a headline quotes is prose too, "We talk to governments", and so is "an agency that settles strikes".
    """
    node, group = chain.node, chain.verb_group
    if chain.steps or chain.negated or group is None:
        return False
    in_prose = in_prose or parsed.word(group.start - 1) in _WE_OR_WHO
    before = parsed.words[max(group.start - 1, 0) : node.start]
    is_habit = _is_habit(node.letters, group) or not _HABITS.isdisjoint(before)
    if in_prose and (node.entry.name in _BARE or node.entry.op == "SIGN") and is_habit:
        return True
    if node.entry.op == "SIGN" and "g" in node.letters and parsed.word(group.start - 1) in _IDEA_OF:
        return True  # "terms for settling their dispute"
    if node.entry.name not in _BARE:
        return False
    if "g" in node.letters and not group.be:
        return _is_in_general(parsed, chain)
    if _is_of_a_text(parsed, chain):
        return True
    return parsed.word(node.start) in _MEET and _is_one_body(parsed, chain)


def _is_habit(letters: str, group: Group) -> bool:
    """True for "which negotiates with each of the companies": what happened is told in the past, or goes on."""
    helped = group.be or group.have or group.modal or group.to
    return not helped and bool(letters) and set(letters) <= {"b", "s"}


def _is_in_general(parsed: Parsed, chain: Chain) -> bool:
    """True for "Talking with such a government is unwise"."""
    return chain.start == 0 or parsed.word(chain.start - 1) in _OPENING


def _is_of_a_text(parsed: Parsed, chain: Chain) -> bool:
    """True for "the package negotiated with London" and "a deal (that) their own leaders negotiated"."""
    at = chain.node.start
    if "n" in chain.node.letters and parsed.word(at - 1) in _TEXTS:
        return True
    text = next((i for i in range(at - 2, max(at - _SUBJECT, 0) - 1, -1) if parsed.word(i) in _TEXTS), at)
    return parsed.word(text + 1) in _WHOSE and not any(
        parsed.starts_clause_verb(i) for i in range(text + 1, at)
    )


def _is_one_body(parsed: Parsed, chain: Chain) -> bool:
    """True for "the party's central committee met on Tuesday": nobody else is there to meet."""
    following = chain.node.end
    alone = following >= len(parsed.tokens) or parsed.is_any(
        following, frozenset({"stop", "time", "linking", "adjunct", "subordinator"})
    )
    if (
        not alone
        or parsed.word(following) in {"with", "between"}
        or parsed.word(following - 1) in {"with", "again"}
    ):
        return False
    for i in range(chain.start - 1, max(chain.start - _REACH, 0) - 1, -1):
        if parsed.is_a(i, "both_sides") or parsed.word(i) == "and":
            return False
        if parsed.is_a(i, "subordinator") or parsed.is_a(i, "stop"):
            break
        if parsed.word(i) in {
            "committee",
            "leadership",
            "party",
            "council",
            "cabinet",
            "board",
            "executive",
            "leaders",
        }:
            return True
    return False


def is_of_a_body(parsed: Parsed, node: Match) -> bool:
    """True for the session "of parliament's security committee": a body's that does not negotiate."""
    if parsed.word(node.end) != "of":
        return False
    following = islice(parsed.words, node.end + 1, node.end + 1 + _NAMED)
    named = list(takewhile(lambda word: word not in _BEHIND_A_BODY, following))
    return not _BODIES.isdisjoint(named) and _NEGOTIATING.isdisjoint(named)


def is_of_parliament(parsed: Parsed, node: Match) -> bool:
    """True for "protested in the National Assembly, and the sitting was adjourned": the chamber's own."""
    if "quorum" in parsed.words:
        return (_NEGOTIATING | _TEAMS).isdisjoint(parsed.words)
    chambers = (i for i in range(node.start) if parsed.word(i) in _CHAMBERS)
    return any("in" in parsed.words[max(i - 3, 0) : i] for i in chambers)


def is_a_briefing(parsed: Parsed, node: Match) -> bool:
    """True for the session "at which the general briefed legislators": who is told something negotiates nothing."""
    return not _BRIEFING.isdisjoint(parsed.words[node.end : parsed.part_end(node.end)])


def is_a_likely_absence(parsed: Parsed, chain: Chain) -> bool:
    """True for "is not expected to attend": that somebody may stay away refuses no talks."""
    stays = any(step.match.form.text == "~attend" for step in chain.steps)
    guessed = {parsed.word(i) for step in chain.steps for i in range(step.match.start, step.match.end)}
    return stays and not guessed.isdisjoint({"expected", "likely", "unlikely"})


def are_crowned(parsed: Parsed, chain: Chain) -> bool:
    """True for "a deal ends months of talks" and "reached a deal, ending months of talks": they led to it."""
    if not chain.steps or chain.negated:
        return False
    last = chain.steps[-1]
    if last.op != "END" or last.negated or last.match.form.text not in _ENDS:
        return False
    deals = (node for node in parsed.nodes if node.entry.value == "accord" and node.end <= last.match.start)
    for deal in (found for node in deals for found in bind(parsed, node) if not found.negated):
        if [step.match for step in deal.steps] == [last.match] or deal.node.end == last.match.start:
            return True
        if "g" in last.match.letters and deal.settled(parsed) == "agreement":
            return True
    return False


def _end_of_telling(parsed: Parsed, i: int) -> int:
    """Where the clause ends that goes on behind `i`; "ended, with no date set" goes on."""
    end = parsed.part_end(i)
    while parsed.word(end) == "," and parsed.word(end + 1) in _GOES_ON:
        end = parsed.part_end(end + 1)
    return end


def _is_without_a_thing(parsed: Parsed, i: int) -> bool:
    """True behind "ended without" where what was missing is no result: "the list of demands", "the usual handshake"."""
    return parsed.word(i - 1) == "without" and not any(
        parsed.is_a(at, "result") for at in range(i, i + _NAMED)
    )


def closes_a_sitting(parsed: Parsed, chain: Chain) -> bool:
    """True for "second round over" and "the session ended on Friday", nothing being said of how it failed."""
    if not chain.steps:
        return False
    last = chain.steps[-1]
    if any(at < _end_of_telling(parsed, last.match.end) for at in parsed.all_of("failure")):
        return False
    if last.match.start < chain.node.end:
        return False  # who "ended its last round" has left
    if last.op != "END" or last.negated or len(chain.steps) > 1:
        return False
    if last.match.form.text not in _CLOSES and not _is_without_a_thing(parsed, last.match.end):
        return False
    if {"day", "days"}.intersection(parsed.words[max(chain.node.start - 2, 0) : chain.node.start]):
        return True  # "first day of talks ends"
    if chain.node.entry.name in SITTINGS:
        return _PROCESSES.isdisjoint(parsed.words[chain.node.start : chain.node.end])
    return "for" in parsed.words[chain.end : chain.end + 1] and parsed.word(chain.end + 1) in {
        "now",
        "the",
        "today",
    }

"""What is denied: that there are talks, that somebody left them, or what the sentence before told ("That was wrong.").

"No talks with terrorists" refuses them; "no back-channel talks with the army" denies a report of them.
"""

import re

from monitor.detection.chain import Chain, Step
from monitor.detection.outwards import NOBODY
from monitor.detection.parsed import Parsed

_CONDITIONS = frozenset(
    {
        "until",
        "till",
        "unless",
        "while",
        "without",
        "when",
        "before",
        "if",
        "as",
        "except",
        "either",
        "more",
        "further",
    }
)
_DENIED = {"END": "collapsed", "STALL": "stalled"}
_TOLD = frozenset({"that", "having"})
_SAYS_NO = frozenset({"DENY", "REJECT"})
_RELATED = frozenset({"on", "about", "over"})
_PARTNERED = frozenset({"with", "between", "to", "for"})
_CORRECTION = re.compile(
    r"(?:that|this|it|the (?:report|article|story|statement)) (?:was|is) (?:(?:entirely|simply|plainly) )?"
    r"(?:not (?:so|true|correct|accurate|the case)|wrong|incorrect|inaccurate|false|untrue|an error"
    r"|a mistake|in error)[.;]?",
    re.IGNORECASE,
)
_THERE = 8
_NEAR = 5
_NO_BEFORE = 3


def corrects(text: str) -> bool:
    """True for "That was wrong.", in the outlet's own words: what it told the sentence before is not so."""
    return _CORRECTION.fullmatch(text.strip()) is not None


def denies_talks(parsed: Parsed, chain: Chain) -> bool:
    """True where the "no talks" of a chain without a verb denies that they are held, and does not refuse them."""
    behind = parsed.words[chain.node.end : chain.node.end + 12]
    if _CONDITIONS.intersection(behind) or _CONDITIONS.intersection(
        parsed.words[chain.start : chain.node.start]
    ):
        return False
    named = range(chain.start, chain.node.end)
    if any(parsed.is_a(i, "hidden") for i in named) or parsed.all_of("rumour"):
        return True
    if any(parsed.is_a(i, "afoot") for i in range(chain.node.end, chain.node.end + 6)):
        return True
    before = parsed.words[max(chain.start - _THERE, 0) : chain.start]
    if "there" in before and not {"would", "will", "'ll", "to"}.intersection(before):
        return True
    if behind and behind[0] in _PARTNERED:
        behind = behind[1:]
    about = next((i for i, word in enumerate(behind[:_NEAR]) if word in _RELATED), None)
    return about is not None and not parsed.is_a(chain.node.end + about + 2, "time")


def are_not_going_on(parsed: Parsed, chain: Chain) -> bool:
    """True for "no talks are going on": there are none; not for "are not going on", nor for "had been going on"."""
    if len(chain.steps) != 1 or chain.steps[0].match.form.text != "~go on":
        return False
    node, going = chain.node, chain.steps[0].match
    between = parsed.words[node.end : going.start]
    return (
        "no" in parsed.words[max(node.start - _NO_BEFORE, 0) : node.start]
        and parsed.word(going.start) == "going"
        and "been" not in between
    )


def denied_end(parsed: Parsed, chain: Chain) -> str:
    """The kind that is denied by "did not walk away" and "rejects the charge that it sank talks", or an empty text.

    Talks that "are not over" are still held, and so are those that "neither has left" or that one "refuses to leave".
    """
    if parsed.word(chain.start) in NOBODY:
        return ""
    if not chain.steps:
        return "collapsed" if chain.negated and chain.node.entry.op == "END" else ""
    last = chain.steps[-1]
    if last.op in _SAYS_NO and not last.negated:
        ended = next((step for step in chain.steps[:-1] if step.op in _DENIED), None)
        if ended is None or (last.op == "REJECT" and not _tells_what_was(parsed, last, ended)):
            return ""
        return _DENIED[ended.op]
    leaves = last.negated and last.op == "END" and last.match.end <= chain.node.start
    return "collapsed" if leaves and last.group.is_finite else ""


def _tells_what_was(parsed: Parsed, no: Step, ended: Step) -> bool:
    """True for "rejects the charge that it sank talks", not for "refuses to end talks": it wants them to go on."""
    between = parsed.words[min(no.match.end, ended.match.end) : max(no.match.start, ended.match.start)]
    return not _TOLD.isdisjoint(between)

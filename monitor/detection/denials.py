"""What is denied: that there are talks ("no talks going on"), or that somebody has left them ("we did not walk away").

"No talks with terrorists" refuses them; "no back-channel talks with the army" denies a report of them.
"""

from monitor.detection.chain import Chain
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
_SAYS_NO = frozenset({"DENY", "REJECT"})
_RELATED = frozenset({"on", "about", "over"})
_PARTNERED = frozenset({"with", "between", "to", "for"})
_THERE = 8
_NEAR = 5


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


def denied_end(parsed: Parsed, chain: Chain) -> str:
    """The kind that is denied by "did not walk away" and "rejects the charge that it sank talks", or an empty text.

    Talks that "are not over" are still held, and so are those that "neither has left".
    """
    if parsed.word(chain.start) in NOBODY:
        return ""
    if not chain.steps:
        return "collapsed" if chain.negated and chain.node.entry.op == "END" else ""
    last = chain.steps[-1]
    if last.op in _SAYS_NO and not last.negated:
        return next((_DENIED[step.op] for step in chain.steps[:-1] if step.op in _DENIED), "")
    leaves = last.negated and last.op == "END" and last.match.end <= chain.node.start
    return "collapsed" if leaves and last.group.is_finite else ""

"""What a verb names and what has not come to pass: it nearly happened, or somebody is told to do it."""

from monitor.detection.chain import Chain
from monitor.detection.parsed import Parsed

_NEARLY = frozenset({"nearly", "almost"})
_ASKED_FOR = frozenset({"RESUME", "HOLD", "BEGIN", "CONTINUE"})
_WILL = frozenset({"will", "'ll", "shall"})
_REACH = 5
_OPENS = frozenset({"", ":", '"', "“", "‘", "'"})


def fell_short(parsed: Parsed, chain: Chain) -> bool:
    """True for "talks nearly broke down" and "all but collapsed"."""
    start = (chain.steps[-1].match if chain.steps else chain.node).start
    return parsed.word(start - 1) in _NEARLY or parsed.words[max(start - 2, 0) : start] == ("all", "but")


def is_an_order(parsed: Parsed, chain: Chain) -> bool:
    """True for "Get back to the table, governor tells union": a bare verb opens what is said."""
    step = chain.steps[-1] if chain.steps else None
    group = step.group if step else chain.verb_group
    letters, op = (step.match.letters, step.op) if step else (chain.node.letters, chain.node.entry.op)
    if group is None or op not in _ASKED_FOR or "b" not in letters or chain.planned:
        return False
    if group.be or group.have or group.do or group.modal or group.to:
        return False
    start = step.match.start if step else chain.node.start
    return parsed.word(start - 1) in _OPENS if start else True


def is_to_be_done(parsed: Parsed, chain: Chain) -> bool:
    """True for the opening of "who will chair the opening of the session": the verb that rules it is of the future."""
    if chain.finite:
        return False
    for i in range(chain.start - 1, max(chain.start - _REACH, 1), -1):
        if parsed.word(i) == "," or parsed.is_a(i, "stop") or parsed.is_a(i, "subordinator"):
            return False
        if parsed.word(i - 1) in _WILL:
            return True
    return False

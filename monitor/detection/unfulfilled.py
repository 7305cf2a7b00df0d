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
    start = chain.outer.start
    return parsed.word(start - 1) in _NEARLY or parsed.words[max(start - 2, 0) : start] == ("all", "but")


def is_an_order(parsed: Parsed, chain: Chain) -> bool:
    """True for "Get back to the table, governor tells union": a bare verb opens what is said."""
    group = chain.outer_group
    if group is None or group.is_helped or "b" not in chain.outer.letters:
        return False
    if chain.outer_op not in _ASKED_FOR or chain.planned:
        return False
    return parsed.word(chain.outer.start - 1) in _OPENS


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

"""Workers who walk out: a strike, and no act at the table, unless it is out of talks, a meeting or a room."""

from monitor.detection.forms import Match
from monitor.detection.parsed import Parsed

_WALKS = frozenset({"walk", "walks", "walked", "walking"})
_NEAR = 8
_WHERE = frozenset({"at", "in", "for", "over", "across"})


def is_a_strike(parsed: Parsed, node: Match) -> bool:
    """True for "members walked out at 14 companies", "will walk out on 3 May"; not for "the envoys walked out"."""
    if parsed.word(node.start) not in _WALKS or "out" not in parsed.words[node.start : node.end]:
        return False
    following = parsed.word(node.end)
    if following in {"of", "from"}:
        return False
    if _has_workers_as_subject(parsed, node.start):
        return True
    if any(parsed.is_a(i, "at_table") for i in range(len(parsed.tokens))):
        return False
    group = parsed.group(node.start)
    is_dated = following == "on" and (
        parsed.word(node.end + 1).isdigit() or parsed.is_a(node.end + 1, "time")
    )
    return group.modal == "will" or following in _WHERE or is_dated or bool(parsed.all_of("workforce"))


def _has_workers_as_subject(parsed: Parsed, verb: int) -> bool:
    """True where the nearest noun before the verb names workers, be it through "who" or "whose members"."""
    for i in range(verb - 1, max(verb - _NEAR, 0) - 1, -1):
        if parsed.is_a(i, "stop") or parsed.word(i) == "," or parsed.is_a(i, "at_table"):
            return False
        if parsed.is_a(i, "workforce"):
            return True
    return False

"""The time of which a sentence speaks, by its words alone: the tense of its main verb, and what leads back to now."""

from datetime import date

from monitor.detection.parsed import Parsed
from monitor.detection.when import TimeMention

_RESETS = frozenset({"now", "currently", "today", "presently", "recently", "freshly", "latest"})

_NEWS = frozenset({("fresh", "development"), ("new", "development")})


def resets(parsed: Parsed, anew: bool) -> bool:
    """True for "now", "in a fresh development", "this time"."""
    if not _RESETS.isdisjoint(parsed.words):
        return True
    if "time" not in parsed.words and "development" not in parsed.words:
        return False
    pairs = set(zip(parsed.words, parsed.words[1:], strict=False))
    return (anew and ("this", "time") in pairs) or not _NEWS.isdisjoint(pairs)


def main_tense(parsed: Parsed) -> str:
    """Tense of the first finite verb outside of relative clauses and of what has been so "since", or ""."""
    skip, behind = False, 0
    be, pasts = parsed.lexicon.words["be"], parsed.lexicon.pasts
    for i, word in enumerate(parsed.words):
        if i < behind:
            continue
        if word == "since" and i:
            behind = parsed.part_end(i)
        elif word in {"who", "which"}:
            skip = True
        elif word in {"is", "are", "has", "have", "'re", "'ve"}:
            if not skip:
                return "present"
            skip = False
        elif word in be or word in {"had", "did"} or word in pasts or (word.endswith("ed") and len(word) > 4):
            if not skip:
                return "past"
            skip = False
    return ""


def dates_the_saying(parsed: Parsed, mention: TimeMention) -> bool:
    """True for the Sunday of "Geo News reported on Sunday"."""
    at = parsed.tokens.starting(mention.start, -1)
    return any(parsed.is_a(i, "say") for i in range(max(at - 3, 0), at))


def tells_which(parsed: Parsed, mention: TimeMention) -> bool:
    """True for the March of "was part of a delegation that came in March": it dates the coming, not the story.

    And for that of "the first contact since his arrest in March".
    """
    at = parsed.tokens.starting(mention.start, 0)
    for i in range(at - 1, 1, -1):
        if parsed.is_a(i, "stop") or parsed.word(i) == ",":
            return False
        if parsed.word(i) in {"that", "which", "who"}:
            return not parsed.is_a(i - 1, "say")
        if parsed.word(i) == "since":
            return not any(parsed.starts_clause_verb(j) for j in range(i + 1, at))
    return False


def is_to_come(mention: TimeMention, published: date | None) -> bool:
    """True for a day that may lie ahead, and for one that counts from something else ("within a week")."""
    if mention.ahead is not None or mention.latest is None:
        return True
    return published is not None and mention.latest > published

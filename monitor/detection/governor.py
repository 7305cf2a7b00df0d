"""Leftwards from the talks: the nearest operator that takes what the chain says so far.

The scan stops at what shuts the talks off from a verb (another verb, a clause, a preposition that is not its own) and
notes it: what shuts a clause off may condition it.
"""

from monitor.detection.chain import Chain
from monitor.detection.forms import Match
from monitor.detection.parsed import Parsed

_OBJECT_GAP = 9
_AFOOT = frozenset({"afoot", "underway", "under", "way", "on", "ongoing"})
_VERB_LINKS = frozenset({"of", "for", "to", "into", "on", "about"})
_SHUTTING = frozenset(
    {
        "stop",
        "conjunction",
        "linking",
        "adjunct",
        "pronoun",
        "say",
        "subordinator",
        "negator",
        "adverb",
        "relative",
    }
)
_BETWEEN = frozenset({"adverb", "time"})
_TAKES_NO_PURPOSE = frozenset({"STALL", "END"})
_TAKES_OBJECT_IN_PASSIVE = frozenset({"PROPOSE", "ALLOW", "URGE"})


def shuts(parsed: Parsed, i: int) -> bool:
    """True for words that no noun phrase holds."""
    return parsed.word(i) in {",", "(", ")"} or parsed.is_any(i, _SHUTTING) or parsed.starts_clause_verb(i)


def governor_of(
    parsed: Parsed, chain: Chain, *, infinitive: bool = False, gerund: bool = False
) -> Match | None:
    """The nearest operator on the left that takes what the chain says so far, or None; notes what shut the way."""
    for match in parsed.gapped:
        holds = match.gap is not None and match.gap[0] <= chain.node.start < match.gap[1]
        if not holds or infinitive or gerund or "object" not in match.entry.binds:
            continue
        if parsed.word(match.end - 1) == "against":
            continue  # "voted by 54 per cent to 46 against" what follows
        if match not in chain.matches() and is_over(match, chain):
            return match
    if infinitive:
        for match in parsed.ending.get(chain.start + 1, ()):
            if match.start < chain.start and is_over(match, chain) and not parsed.is_modifier(match):
                return match
    links: set[str] = set()
    i, gap = chain.start - 1, 0
    limit = 3 if gerund else _OBJECT_GAP
    while i >= 0 and gap <= limit:
        for match in parsed.ending.get(i + 1, ()):
            if _fits(parsed, chain, match, links, gap, infinitive, gerund):
                return match
        word = parsed.word(i)
        if word == ",":
            before = parenthesis(parsed, i)
            if before is None or not (
                parsed.is_a(before + 2, "linking")
                or parsed.is_a(before + 2, "adjunct")
                or parsed.is_a(before + 2, "adverb")
            ):
                return None
            i = before
            continue
        if parsed.is_a(i, "stop"):
            return None
        if infinitive and (word in _AFOOT or parsed.is_a(i, "be")):
            # "Efforts are under way to revive the talks": the noun governs over its own predicate.
            gap += 1
            i -= 1
            continue
        if word in parsed.lexicon.words["linking"]:
            if not links and gap == 0:
                chain.adjunct = word
            links.add(word)
        elif (
            parsed.is_a(i, "adjunct")
            and not (infinitive and word in {"by", "from", "between", "with"})
            and not (gerund and word == "from")
            and not (links and _is_somebodys(parsed, i))
        ):
            if gap == 0:
                chain.adjunct = word
            _note_subordinator(parsed, chain, i)
            return None
        elif parsed.is_a(i, "subordinator") or word in {"but", "yet"}:
            _note_subordinator(parsed, chain, i)
            return None
        elif parsed.is_a(i, "say"):
            chain.said_at = i
            return None
        elif parsed.starts_clause_verb(i) or word in {"who", "which"}:
            return None
        gap += 3 if word in {"and", "or"} else 1
        i -= 1
    return None


def _note_subordinator(parsed: Parsed, chain: Chain, i: int) -> None:
    if parsed.is_a(i, "subordinator"):
        chain.subordinator = parsed.word(i)


def _is_somebodys(parsed: Parsed, i: int) -> bool:
    """True for the "by" of "a request by the crews' union for talks": whose request it is."""
    return parsed.word(i) == "by" and any("of" in match.entry.binds for match in parsed.ending.get(i, ()))


def is_over(match: Match, chain: Chain) -> bool:
    """True when the operator may lie over what the chain says so far (`over` in the lexicon)."""
    over = match.entry.over
    return not over or chain.value in over or ("report" in over and chain.reported)


def _fits(
    parsed: Parsed, chain: Chain, match: Match, links: set[str], gap: int, infinitive: bool, gerund: bool
) -> bool:
    """True when the operator, `gap` words to the left, can take what the chain says so far."""
    if match in chain.matches() or not match.entry.binds & {"object", "of"} or not is_over(match, chain):
        return False
    if (
        match.form.text == "in"
        or parsed.is_modifier(match)
        or (match.gap and match.gap[0] < match.gap[1] and "object" not in match.entry.binds)
    ):
        return False
    lexicon = parsed.lexicon
    last = parsed.word(match.end - 1)
    if match.form.text == "~be":
        return (
            not infinitive
            and not gerund
            and gap <= 4
            and parsed.word(parsed.group(match.start).start - 1) == "there"
        )
    if infinitive:
        return match.entry.name in lexicon.infinitive and (
            gap <= 4 or "of" in match.entry.binds or match.entry.name == "URGE"
        )
    if gerund:
        return match.entry.name in lexicon.gerund or last in {"of", "to", "for", "in", "from"}
    if "of" in match.entry.binds:
        return bool(links) or last in lexicon.words["linking"] or "between" in links
    if match.form.text == "~have" and _is_auxiliary(parsed, match):
        return False
    if links - _VERB_LINKS:
        return False
    if match.entry.name in _TAKES_NO_PURPOSE and "for" in links and last != "for":
        return False  # "suspended a strike for talks": it is the strike that stops
    if last in lexicon.words["linking"] and links - {"of"}:
        return False
    passive = "n" in match.letters and parsed.group(match.start).be and match.size == 1
    return not passive or match.entry.name in _TAKES_OBJECT_IN_PASSIVE


def _is_auxiliary(parsed: Parsed, match: Match) -> bool:
    """True for the "have" of "have dissolved" and "have this month carried"."""
    following = next(
        (i for i in range(match.end, match.end + 4) if not parsed.is_any(i, _BETWEEN)), match.end
    )
    word = parsed.word(following)
    return (
        word.endswith("ed")
        or word in parsed.lexicon.pasts
        or word in parsed.lexicon.participles
        or (parsed.is_a(following, "negator") and word != "no")
    )


def parenthesis(parsed: Parsed, comma: int) -> int | None:
    """Index before the opening comma of ", in Brussels," or None where the comma closes nothing."""
    for i in range(comma - 1, max(comma - 14, 0), -1):
        if parsed.word(i) == ",":
            return i - 1
        if parsed.is_a(i, "stop"):
            return None
    return None

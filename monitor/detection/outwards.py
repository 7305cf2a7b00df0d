"""Outwards from the first operator: infinitive by infinitive to the finite verb, and what governs its clause.

"decided to end", "denied that ... had begun", "rejected reports that ...": each step lies over what is inside it.
"""

from monitor.detection.chain import Chain, Step, attach, tense_of
from monitor.detection.forms import Match
from monitor.detection.governor import governor_of, is_over, parenthesis, shuts
from monitor.detection.parsed import Group, Parsed
from monitor.detection.predicate import predicates

_CLAUSE_GAP = 18
MAX_STEPS = 7


def attach_nominal(parsed: Parsed, chain: Chain, match: Match) -> None:
    """Attaches a noun that governs the talks ("collapse of"); "no" before it negates it."""
    i, negated = match.start - 1, match.form.text.startswith("no ")
    for _ in range(4):
        if parsed.word(i) in {"no", "without", "neither", "hardly"}:
            negated = True
            break
        if i < 0 or shuts(parsed, i) or parsed.ending.get(i + 1):
            break
        i -= 1
    else:
        i = match.start - 1
    start = i if negated and not match.form.text.startswith("no ") else match.start
    # "no intention of" is an entry of its own whose refusal is already in it.
    step = Step(match, Group(start), negated and not match.form.text.startswith("no "), "")
    attach(parsed, chain, step)
    chain.start = min(chain.start, start)
    if parsed.is_a(chain.start - 1, "determiner"):
        chain.start -= 1


def is_finite(letters: str, group: Group) -> bool:
    """True for a verb that closes its clause."""
    if group.is_finite:
        return True
    if group.to or group.have or group.be:
        return False
    return bool(set(letters) & {"d", "s", "b"}) or not letters


def outwards(parsed: Parsed, chain: Chain, governor: Match | None) -> None:
    """Attaches governors one by one until a finite verb closes the clause, then what governs the clause."""
    while governor is not None and len(chain.steps) < MAX_STEPS:
        if "of" in governor.entry.binds and not governor.letters:
            attach_nominal(parsed, chain, governor)
            governor = governor_of(parsed, chain)
            if governor is None or governor.entry.clause:
                right = next((r for r in predicates(parsed, chain) if not r.relative), None)
                if right is not None and (governor is None or right.steps[-1].group.is_finite):
                    chain.take(right)
                    over_clause(parsed, chain)
                    return
            if governor is None:
                return
            continue
        group = parsed.group(governor.start)
        attach(
            parsed,
            chain,
            Step(
                governor,
                group,
                group.negated ^ parsed.is_negated_inside(governor),
                tense_of(governor.letters, group),
            ),
        )
        chain.start = group.start
        if is_finite(governor.letters, group):
            chain.finite = True
            negate_by_subject(parsed, chain)
            over_clause(parsed, chain)
            return
        governor = governor_of(parsed, chain, infinitive=group.to, gerund="g" in governor.letters)
        if governor is None and group.to:
            unruled_infinitive(parsed, chain)


def unruled_infinitive(parsed: Parsed, chain: Chain) -> None:
    """Tells a headline's future ("PTI to resume talks") from a purpose ("met to resume talks")."""
    i = chain.start - 1
    if i < 0 or parsed.word(i) == "," or parsed.is_a(i, "stop"):
        chain.purpose = True
        return
    for k in range(i, -1, -1):
        if parsed.is_a(k, "stop") or parsed.word(k) == ",":
            break
        if (
            parsed.starts_clause_verb(k)
            or parsed.word(k) in parsed.lexicon.pasts
            or parsed.word(k).endswith("ed")
        ):
            chain.purpose = True
            return
    chain.finite = True
    chain.planned = True
    if chain.steps:
        chain.steps[-1].tense = "future"
    else:
        chain.verb_tense = "future"
    chain.recompute(parsed)


NOBODY = frozenset({"no", "nobody", "none", "neither", "nothing", "no-one", "nor"})
_ONES = frozenset({"one", "party", "side", "group", "faction"})


def negate_by_subject(parsed: Parsed, chain: Chain) -> None:
    """Negates "Neither side has agreed to talks": the subject does it."""
    for i in range(chain.start - 1, max(chain.start - 7, -1), -1):
        if parsed.word(i) in NOBODY or (parsed.word(i) == "not" and parsed.word(i + 1) in {"a", "one"}):
            chain.start = i
            _turn(parsed, chain)
            return
        if (
            parsed.starts_clause_verb(i)
            or parsed.is_a(i, "stop")
            or parsed.word(i) in {",", "that"}
            or parsed.is_a(i, "subordinator")
        ):
            return


def negate_by_object(parsed: Parsed, chain: Chain) -> None:
    """Negates "is speaking to nobody" and "are being held with no one"; not "will speak with no agenda"."""
    at = chain.end + (parsed.word(chain.end) in {"with", "to"})
    word = parsed.word(at)
    if word in NOBODY - {"nor", "no"} or (word == "no" and parsed.word(at + 1) in _ONES):
        _turn(parsed, chain)


def _turn(parsed: Parsed, chain: Chain) -> None:
    """Negates the outermost operator, or the talks themselves where there is none."""
    if chain.steps:
        chain.steps[-1].negated = not chain.steps[-1].negated
    else:
        chain.negated = not chain.negated
    chain.recompute(parsed)


def over_clause(parsed: Parsed, chain: Chain) -> None:
    """What governs the finished clause: "denied that", "reports that"; else who says it, and its subordinator."""
    chain.subject_end = chain.start
    i, gap, that = chain.start - 1, 0, False
    while i >= 0 and gap < _CLAUSE_GAP and len(chain.steps) < MAX_STEPS:
        for match in parsed.ending.get(i + 1, ()):
            if _governs_clause(parsed, chain, match, that):
                _attach_over_clause(parsed, chain, match)
                return
        word = parsed.word(i)
        if parsed.is_a(i, "stop"):
            return
        if word == ",":
            before = parenthesis(parsed, i)
            if before is None:
                return
            i, gap = before, gap + 4
            continue
        if word == "that":
            that = chain.reported_speech = True
        elif parsed.is_a(i, "subordinator") and not (word == "as" and that):
            chain.subordinator, chain.subordinator_at = word, i
            return
        elif word in {"who", "which", "whose", "whom"}:
            chain.relative = True
            return
        elif parsed.is_a(i, "say"):
            chain.said_at = i
            return
        elif (
            (word in {"but", "yet", "and"} and gap > 5)
            or parsed.starts_clause_verb(i)
            or (word in parsed.lexicon.pasts and not parsed.ending.get(i + 1) and gap > 1)
        ):
            return
        gap += 1
        i -= 1


def _governs_clause(parsed: Parsed, chain: Chain, match: Match, that: bool) -> bool:
    if (
        not match.entry.clause
        or _is_noun_after_all(parsed, match)
        or match in chain.matches()
        or not is_over(match, chain)
        or parsed.is_modifier(match)
        or parsed.word(match.end) in {"and", "but", "or"}
    ):
        return False
    if "of" in match.entry.binds and not match.letters:
        return "that" in (parsed.word(match.end), parsed.word(match.end - 1))
    if that or parsed.word(match.end - 1) == "that" or match.end == chain.start:
        return True
    return match.entry.name in {"DENY", "PASS", "AGREE", "ALLOW"} and bool(
        set(match.letters) & {"d", "s", "g"}
    )


def _is_noun_after_all(parsed: Parsed, match: Match) -> bool:
    """True for "report" in "denied a newspaper report that", which could be a verb."""
    if set(match.letters) != {"b"} or not any(not other.letters for other in parsed.ending[match.end]):
        return False
    group = parsed.group(match.start)
    before = parsed.word(group.start - 1)
    helped = group.to or group.modal or group.do or not before
    return not (helped or before.endswith("s") or before == "and" or parsed.is_a(group.start - 1, "pronoun"))


def _attach_over_clause(parsed: Parsed, chain: Chain, match: Match) -> None:
    chain.reported_speech = True
    if "of" in match.entry.binds and not match.letters:
        attach_nominal(parsed, chain, match)
        outwards(parsed, chain, governor_of(parsed, chain))
        if not chain.steps[-1].match.letters:
            right = next((r for r in predicates(parsed, chain) if not r.relative), None)
            if right is not None:
                chain.take(right)
        return
    group = parsed.group(match.start)
    attach(parsed, chain, Step(match, group, group.negated, tense_of(match.letters, group)))
    chain.start = group.start
    if is_finite(match.letters, group):
        negate_by_subject(parsed, chain)
        over_clause(parsed, chain)
    else:
        outwards(parsed, chain, governor_of(parsed, chain, infinitive=group.to, gerund="g" in match.letters))

"""Operators bound to a talk noun: what governs the talks, what governs that, and so on outwards.

From the noun leftwards stand the verbs and nouns that take it ("refused to hold TALKS", "collapse of TALKS");
rightwards its predicate ("TALKS between them were called off"), see `predicate`. The nearest is the innermost;
a clause may be governed in turn ("denied that ..."). Every scan is bounded: a sentence costs what its length costs.
"""

from monitor.detection.chain import Chain, Step, attach, tense_of
from monitor.detection.forms import Match
from monitor.detection.governor import governor_of, is_over, shuts
from monitor.detection.outwards import (
    MAX_STEPS,
    attach_nominal,
    is_finite,
    negate_by_object,
    negate_by_subject,
    outwards,
    over_clause,
    unruled_infinitive,
)
from monitor.detection.parsed import Group, Parsed
from monitor.detection.predicate import predicates


def bind(parsed: Parsed, node: Match) -> list[Chain]:
    """The chains of a talk noun or verb, that of the main clause first."""
    chain = Chain(node, node.start, node.end, value=node.entry.value)
    if node.entry.kind == "talk_verb":
        return _bind_verb(parsed, chain)
    _noun_phrase(parsed, chain)
    _nominals(parsed, chain)
    governor = governor_of(parsed, chain)
    rights = predicates(parsed, chain)
    main = next((right for right in rights if not right.relative and not right.later), None)
    if main is not None and _is_in_a_longer_subject(parsed, chain, main):
        chain.adjunct, main = parsed.word(chain.start - 1), None
        rights = [right for right in rights if right.relative]
    if main is not None and (governor is None or _takes_clause(parsed, governor, chain, main)):
        over_clause(parsed, main)
        negate_by_object(parsed, main)
        return [main, *(right for right in rights if right is not main)]
    if main is not None and governor is not None and _takes_participle(parsed, governor, main):
        outwards(parsed, main, governor)
        return [main]
    if governor is not None:
        outwards(parsed, chain, governor)
    else:
        _bare(parsed, chain)
    return [chain, *(right for right in rights if right.relative)]


_SINCE = frozenset({"since", "after", "before", "during", "following", "until"})


def _is_in_a_longer_subject(parsed: Parsed, chain: Chain, main: Chain) -> bool:
    """True for the truce of "A first contact since the truce was made on Sunday.": the verb is that of the contact.

    Where another verb follows before a comma, that one is; and headlines may have none.
    """
    at = chain.start - 1
    first = next((i + 1 for i in range(at - 1, -1, -1) if parsed.is_a(i, "stop")), 0)
    if parsed.word(at) not in _SINCE or at <= first or parsed.word(len(parsed.tokens) - 1) != ".":
        return False
    if not parsed.is_a(first, "determiner") or parsed.is_any(at - 1, frozenset({"time", "adverb", "stop"})):
        return False
    if "," in parsed.words[first:at] or not parsed.lexicon.pasts.isdisjoint(parsed.words[first:at]):
        return False
    end = parsed.part_end(main.end)
    behind = range(main.end, end if end < len(parsed.tokens) else main.end)
    return not any(parsed.begins_with_a_verb(i) for i in (*range(first, at), *behind))


def _takes_participle(parsed: Parsed, governor: Match, main: Chain) -> bool:
    """True for "get talks resumed", "wants talks suspended"."""
    return (
        main.bare
        and governor.entry.name in {"PASS", "URGE", "WILLING", "ALLOW", "EFFORT"}
        and "n" in main.steps[-1].match.letters
    )


def _takes_clause(parsed: Parsed, governor: Match, chain: Chain, main: Chain) -> bool:
    """True for "confirmed talks had collapsed": the verb on the left governs the clause, not the talks alone."""
    if main.bare and governor.entry.name == "REJECT":
        return False  # "rejected the deal reached in May"
    group = parsed.group(governor.start)
    if not main.steps or group.to or (governor.letters == "g" and not group.is_finite):
        return False
    if not governor.entry.clause and governor.entry.name not in {"WILLING", "SUPPORT"}:
        return False
    return main.steps[-1].group.is_finite or main.steps[-1].group.to or "d" in main.steps[-1].match.letters


def _bind_verb(parsed: Parsed, chain: Chain) -> list[Chain]:
    """A talk verb ("negotiate", "sit down with") holds talks by itself."""
    group = parsed.group(chain.node.start)
    letters = chain.node.letters
    group.negated ^= parsed.is_negated_inside(chain.node)
    chain.verb_group = group
    chain.verb_tense = tense_of(letters, group)
    if not letters and not group.is_finite and _tells_past(parsed, chain.node):
        chain.verb_tense = "past"
    chain.negated = group.negated
    chain.start = group.start
    joined = _joined_infinitive(parsed, group) if "b" in letters else -1
    if joined >= 0:
        group.to, chain.start = True, joined
        chain.verb_tense = ""
    wanted = None if letters or group.is_finite else governor_of(parsed, chain, infinitive=True)
    if wanted is not None and (
        wanted.entry.name in {"WILLING", "URGE", "EFFORT", "ALLOW"}
        or (wanted.entry.name == "PROPOSE" and wanted.letters)
    ):
        outwards(parsed, chain, wanted)  # "want them back at the table"
    elif is_finite(letters, group):
        chain.finite = True
        negate_by_subject(parsed, chain)
        negate_by_object(parsed, chain)
        over_clause(parsed, chain)
    else:
        governor = governor_of(parsed, chain, infinitive=group.to, gerund="g" in letters)
        if governor is not None:
            outwards(parsed, chain, governor)
            negate_by_object(parsed, chain)
        elif group.to:
            unruled_infinitive(parsed, chain)
    return [chain]


def _tells_past(parsed: Parsed, node: Match) -> bool:
    """True for a phrase with its verb inside, in the past: "the delegation flew to"."""
    return any(parsed.word(i) in parsed.lexicon.pasts for i in range(node.start, node.end))


_JOINT_REACH = 6


def _joined_infinitive(parsed: Parsed, group: Group) -> int:
    """Where the "to" stands that rules the second of two verbs, "to go to Doha and negotiate"; -1 where none does."""
    if group.is_finite or group.to or parsed.word(group.start - 1) not in {"and", "or"}:
        return -1
    found = -1
    for i in range(group.start - 2, max(group.start - 2 - _JOINT_REACH, -1), -1):
        if parsed.is_a(i, "stop") or parsed.word(i) == "," or parsed.starts_clause_verb(i):
            break
        if parsed.word(i) == "to":
            found = i
    return found


_NOT_A_SINGLE = ("not", "a", "single")


def _noun_phrase(parsed: Parsed, chain: Chain) -> None:
    """Takes in the modifiers and the determiner before the noun; "no", "not one" and "not a single" negate it."""
    i = chain.start - 1
    for _ in range(6):
        if i < 0:
            return
        word = parsed.word(i)
        if word in {"no", "neither"}:
            chain.negated, chain.start = True, i
            return
        if (word == "one" and parsed.word(i - 1) == "not") or parsed.words[i - 2 : i + 1] == _NOT_A_SINGLE:
            chain.negated, chain.start = True, i - 1 - (word == "single")
            return
        if word == "that":
            return
        if word in {"or", "nor"} and "no" in parsed.words[max(i - 4, 0) : i]:
            chain.negated = True  # "no deal or dialogue"
            return
        if parsed.is_a(i, "determiner"):
            chain.start = i
            if word not in {"more", "further"}:
                return
        elif shuts(parsed, i) or any(not parsed.is_modifier(match) for match in parsed.ending.get(i + 1, ())):
            return
        else:
            chain.start = i
        i -= 1


def _nominals(parsed: Parsed, chain: Chain) -> None:
    """Nouns around the talks that make a noun phrase with them: "talks deadlock", "the collapse of the talks"."""
    for match in parsed.starting.get(chain.end, ()):
        if "compound" in match.entry.binds and is_over(match, chain):
            attach(parsed, chain, Step(match, Group(match.start), False, ""))
            chain.end = match.end
            break
    while len(chain.steps) < MAX_STEPS:
        governor = governor_of(parsed, chain)
        if governor is None or "of" not in governor.entry.binds:
            return
        attach_nominal(parsed, chain, governor)


def _is_in_talks(parsed: Parsed, chain: Chain) -> bool:
    """True for a headline's "PTI in talks with government"."""
    if (
        chain.steps
        or parsed.is_a(chain.start, "determiner")
        or chain.node.start - chain.start > 1
        or chain.start < 2
    ):
        return False
    verbs = (
        i
        for i in range(chain.start - 1)
        if parsed.starts_clause_verb(i) or parsed.word(i) in parsed.lexicon.pasts
    )
    return not shuts(parsed, chain.start - 2) and next(verbs, None) is None


def _bare(parsed: Parsed, chain: Chain) -> None:
    """A noun phrase that nothing governs: what stands before it may still shut or condition it."""
    i = chain.start - 1
    if i >= 0 and parsed.is_a(i, "subordinator"):
        chain.subordinator = parsed.word(i)
    for match in parsed.ending.get(chain.start, ()):
        if match.form.text == "in" and _is_in_talks(parsed, chain):
            chain.start = i
            attach(parsed, chain, Step(match, Group(i), False, "present"))
            chain.finite = True
            over_clause(parsed, chain)
            return

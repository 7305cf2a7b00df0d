"""Operators bound to a talk noun: what governs the talks, what governs that, and so on outwards.

From the noun leftwards stand the verbs and nouns that take it ("refused to hold TALKS", "collapse of TALKS");
rightwards its predicate ("TALKS between them were called off"), see `predicate`. The nearest is the innermost;
a clause may be governed in turn ("denied that ..."). Every scan is bounded: a sentence costs what its length costs.
"""

from monitor.detection.chain import Chain, Step, attach, tense_of
from monitor.detection.lexicon import Match
from monitor.detection.parsed import Group, Parsed
from monitor.detection.predicate import predicates

_OBJECT_GAP = 9
_CLAUSE_GAP = 18
_MAX_STEPS = 7
_AFOOT = frozenset({"afoot", "underway", "under", "way", "on", "ongoing"})
_VERB_LINKS = frozenset({"of", "for", "to", "into", "on", "about"})
_TAKES_OBJECT_IN_PASSIVE = frozenset({"PROPOSE", "ALLOW", "URGE"})


def bind(parsed: Parsed, node: Match) -> list[Chain]:
    """The chains of a talk noun or verb, that of the main clause first."""
    chain = Chain(node, node.start, node.end, value=node.entry.value)
    if node.entry.kind == "talk_verb":
        return _bind_verb(parsed, chain)
    _noun_phrase(parsed, chain)
    _nominals(parsed, chain)
    governor = _governor(parsed, chain)
    rights = predicates(parsed, chain)
    main = next((right for right in rights if not right.relative and not right.later), None)
    if main is not None and (governor is None or _takes_clause(parsed, governor, chain, main)):
        _clauses(parsed, main)
        _with_nobody(parsed, main)
        return [main, *(right for right in rights if right is not main)]
    if main is not None and governor is not None and _takes_participle(parsed, governor, main):
        _outwards(parsed, main, governor)
        return [main]
    if governor is not None:
        _outwards(parsed, chain, governor)
    else:
        _bare(parsed, chain)
    return [chain, *(right for right in rights if right.relative)]


def _takes_participle(parsed: Parsed, governor: Match, main: Chain) -> bool:
    """True for "get talks resumed", "wants talks suspended"."""
    return (
        main.bare
        and governor.entry.name in {"PASS", "URGE", "WILLING", "ALLOW", "EFFORT"}
        and "n" in main.steps[-1].match.letters
    )


def _with_nobody(parsed: Parsed, chain: Chain) -> None:
    """Negates "are being held with no one": the talks' other side is nobody."""
    if parsed.word(chain.end) in {"with", "to"} and parsed.word(chain.end + 1) in _NOBODY and chain.steps:
        chain.steps[-1].negated = not chain.steps[-1].negated
        chain.recompute(parsed)


def _takes_clause(parsed: Parsed, governor: Match, chain: Chain, main: Chain) -> bool:
    """True for "confirmed talks had collapsed": the verb on the left governs the clause, not the talks alone."""
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
    chain.negated = group.negated
    chain.start = group.start
    wanted = None if letters or group.is_finite else _governor(parsed, chain, infinitive=True)
    if wanted is not None and wanted.entry.name in {"WILLING", "URGE", "EFFORT", "ALLOW"}:
        _outwards(parsed, chain, wanted)  # "want them back at the table"
    elif _is_finite(letters, group):
        chain.finite = True
        _negated_subject(parsed, chain, None)
        _negated_object(parsed, chain)
        _clauses(parsed, chain)
    else:
        governor = _governor(parsed, chain, infinitive=group.to, gerund="g" in letters)
        if governor is not None:
            _outwards(parsed, chain, governor)
        elif group.to:
            _unruled_infinitive(parsed, chain)
    return [chain]


def _noun_phrase(parsed: Parsed, chain: Chain) -> None:
    """Takes in the modifiers and the determiner before the noun; "no" negates it."""
    i = chain.start - 1
    for _ in range(6):
        if i < 0:
            return
        word = parsed.word(i)
        if word in {"no", "neither"}:
            chain.negated, chain.start = True, i
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
        elif _shuts(parsed, i) or any(
            not parsed.is_modifier(match) for match in parsed.ending.get(i + 1, ())
        ):
            return
        else:
            chain.start = i
        i -= 1


def _shuts(parsed: Parsed, i: int) -> bool:
    """True for words that no noun phrase holds."""
    kinds = (
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
    )
    return (
        parsed.word(i) in {",", "(", ")"}
        or any(parsed.is_a(i, kind) for kind in kinds)
        or parsed.starts_clause_verb(i)
    )


def _nominals(parsed: Parsed, chain: Chain) -> None:
    """Nouns around the talks that make a noun phrase with them: "talks deadlock", "the collapse of the talks"."""
    for match in parsed.starting.get(chain.end, ()):
        if "compound" in match.entry.binds:
            attach(parsed, chain, Step(match, Group(match.start), False, ""))
            chain.end = match.end
            break
    while len(chain.steps) < _MAX_STEPS:
        governor = _governor(parsed, chain)
        if governor is None or "of" not in governor.entry.binds:
            return
        _attach_nominal(parsed, chain, governor)


def _attach_nominal(parsed: Parsed, chain: Chain, match: Match) -> None:
    i, negated = match.start - 1, match.form.text.startswith("no ")
    for _ in range(4):
        if parsed.word(i) in {"no", "without", "neither", "hardly"}:
            negated = True
            break
        if i < 0 or _shuts(parsed, i) or parsed.ending.get(i + 1):
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


def _governor(
    parsed: Parsed, chain: Chain, *, infinitive: bool = False, gerund: bool = False
) -> Match | None:
    """The nearest operator on the left that takes what the chain says so far, or None; notes what shut the way."""
    for match in parsed.gapped:
        holds = match.gap is not None and match.gap[0] <= chain.node.start < match.gap[1]
        if not holds or infinitive or gerund or "object" not in match.entry.binds:
            continue
        if match not in chain.matches() and _over(match, chain):
            return match
    if infinitive:
        for match in parsed.ending.get(chain.start + 1, ()):
            if match.start < chain.start and _over(match, chain) and not parsed.is_modifier(match):
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
            before = _parenthesis(parsed, i)
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


def _over(match: Match, chain: Chain) -> bool:
    over = match.entry.over
    return not over or chain.value in over or ("report" in over and chain.reported)


def _fits(
    parsed: Parsed, chain: Chain, match: Match, links: set[str], gap: int, infinitive: bool, gerund: bool
) -> bool:
    """True when the operator, `gap` words to the left, can take what the chain says so far."""
    if match in chain.matches() or not match.entry.binds & {"object", "of"} or not _over(match, chain):
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
    if last in lexicon.words["linking"] and links - {"of"}:
        return False
    passive = "n" in match.letters and parsed.group(match.start).be and match.size == 1
    return not passive or match.entry.name in _TAKES_OBJECT_IN_PASSIVE


def _is_auxiliary(parsed: Parsed, match: Match) -> bool:
    """True for the "have" of "have dissolved"."""
    following = next((i for i in range(match.end, match.end + 4) if not parsed.is_a(i, "adverb")), match.end)
    word = parsed.word(following)
    return (
        word.endswith("ed")
        or word in parsed.lexicon.pasts
        or word == "been"
        or (parsed.is_a(following, "negator") and word != "no")
    )


def _parenthesis(parsed: Parsed, comma: int) -> int | None:
    """Index before the opening comma of ", in Brussels," or None where the comma closes nothing."""
    for i in range(comma - 1, max(comma - 14, 0), -1):
        if parsed.word(i) == ",":
            return i - 1
        if parsed.is_a(i, "stop"):
            return None
    return None


def _is_finite(letters: str, group: Group) -> bool:
    if group.is_finite:
        return True
    if group.to or group.have or group.be:
        return False
    return bool(set(letters) & {"d", "s", "b"}) or not letters


def _outwards(parsed: Parsed, chain: Chain, governor: Match | None) -> None:
    """Attaches governors one by one until a finite verb closes the clause, then what governs the clause."""
    while governor is not None and len(chain.steps) < _MAX_STEPS:
        if "of" in governor.entry.binds and not governor.letters:
            _attach_nominal(parsed, chain, governor)
            governor = _governor(parsed, chain)
            if governor is None:
                right = next((r for r in predicates(parsed, chain) if not r.relative), None)
                if right is not None:
                    chain.take(right)
                    _clauses(parsed, chain)
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
        if _is_finite(governor.letters, group):
            chain.finite = True
            _negated_subject(parsed, chain, governor)
            _clauses(parsed, chain)
            return
        governor = _governor(parsed, chain, infinitive=group.to, gerund="g" in governor.letters)
        if governor is None and group.to:
            _unruled_infinitive(parsed, chain)


def _unruled_infinitive(parsed: Parsed, chain: Chain) -> None:
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


_NOBODY = frozenset({"no", "nobody", "none", "neither", "nothing", "no-one", "nor"})


def _negated_subject(parsed: Parsed, chain: Chain, governor: Match | None) -> None:
    """Negates "Neither side has agreed to talks": the subject does it."""
    for i in range(chain.start - 1, max(chain.start - 7, -1), -1):
        if parsed.word(i) in _NOBODY:
            if chain.steps:
                chain.steps[-1].negated = not chain.steps[-1].negated
            else:
                chain.negated = not chain.negated
            chain.start = i
            chain.recompute(parsed)
            return
        if (
            parsed.starts_clause_verb(i)
            or parsed.is_a(i, "stop")
            or parsed.word(i) in {",", "that"}
            or parsed.is_a(i, "subordinator")
        ):
            return


def _negated_object(parsed: Parsed, chain: Chain) -> None:
    """Negates "is speaking to nobody"."""
    if parsed.word(chain.end) in _NOBODY - {"nor"}:
        chain.negated = not chain.negated
        chain.recompute(parsed)


def _clauses(parsed: Parsed, chain: Chain) -> None:
    """What governs the finished clause: "denied that", "reports that"; else who says it, and its subordinator."""
    chain.subject_end = chain.start
    i, gap, that = chain.start - 1, 0, False
    while i >= 0 and gap < _CLAUSE_GAP and len(chain.steps) < _MAX_STEPS:
        for match in parsed.ending.get(i + 1, ()):
            if _governs_clause(parsed, chain, match, that):
                _attach_over_clause(parsed, chain, match)
                return
        word = parsed.word(i)
        if parsed.is_a(i, "stop"):
            return
        if word == ",":
            before = _parenthesis(parsed, i)
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
        or match in chain.matches()
        or not _over(match, chain)
        or parsed.is_modifier(match)
    ):
        return False
    if "of" in match.entry.binds and not match.letters:
        return "that" in (parsed.word(match.end), parsed.word(match.end - 1))
    if that or parsed.word(match.end - 1) == "that" or match.end == chain.start:
        return True
    return match.entry.name in {"DENY", "PASS", "AGREE", "ALLOW"} and bool(
        set(match.letters) & {"d", "s", "g"}
    )


def _attach_over_clause(parsed: Parsed, chain: Chain, match: Match) -> None:
    chain.reported_speech = True
    if "of" in match.entry.binds and not match.letters:
        _attach_nominal(parsed, chain, match)
        _outwards(parsed, chain, _governor(parsed, chain))
        if not chain.steps[-1].match.letters:
            right = next((r for r in predicates(parsed, chain) if not r.relative), None)
            if right is not None:
                chain.take(right)
        return
    group = parsed.group(match.start)
    attach(parsed, chain, Step(match, group, group.negated, tense_of(match.letters, group)))
    chain.start = group.start
    if _is_finite(match.letters, group):
        _clauses(parsed, chain)
    else:
        _outwards(parsed, chain, _governor(parsed, chain, infinitive=group.to, gerund="g" in match.letters))


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
    return not _shuts(parsed, chain.start - 2) and next(verbs, None) is None


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
            _clauses(parsed, chain)
            return

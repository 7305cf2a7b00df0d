"""Rightwards from the talks: the predicate of which they are the subject, stepping over what belongs to the noun.

"TALKS between A and B, which began on Monday, were called off": the relative clause is a chain of its own, marked so.
"""

from monitor.detection.chain import Chain, Step, attach, tense_of
from monitor.detection.forms import Match
from monitor.detection.parsed import Group, Parsed
from monitor.detection.when_words import WORDS

_REACH = 26
_SECOND = 14
_ALONE = frozenset(
    {"on", "over", "off", "dead", "live", "active", "possible", "wrong", "false", "planned", "held", "next"}
)
_NEVER_PASSIVE = frozenset({"~leave"})
"""Talks that "are left" for the autumn, or of which "only the small print is left", have not been walked out of."""
_BEFORE_HEAD = frozenset(
    {"be", "have", "do", "will", "would", "may", "can", "should", "adverb", "reportedly"}
)
_RELATIVES = frozenset({"that", "which", "who"})
_CLOSING = frozenset({"stop", "say", "pronoun", "subordinator"})
_NO_OBJECT = frozenset({"stop", "linking", "adjunct", "subordinator", "conjunction", "say", "adverb"})


def predicates(parsed: Parsed, chain: Chain) -> list[Chain]:
    """Branches of the chain, one for each predicate: relative clauses, the main one, and a second one joined to it."""
    found: list[Chain] = []
    i, gap, relative = chain.end, 0, False
    main: Chain | None = None
    while i < len(parsed.tokens) and gap < _REACH:
        word = parsed.word(i)
        if word in _RELATIVES and not relative and main is None and not _is_of_another(parsed, i):
            relative, i = True, i + 1
            continue
        head = _head(parsed, i)
        if head > i or parsed.starting.get(i):
            joined = main is None or main.bare or parsed.word(i - 1) in _JOINING
            taken = _take(parsed, chain, i, head, relative) if joined else None
            if taken is not None:
                branch, i = taken
                if (
                    main is not None
                    and main.bare
                    and not branch.bare
                    and parsed.word(branch.start - 1) not in _JOINING
                ):
                    # "the meeting scheduled for Monday was cancelled": the bare participle only told which meeting.
                    main.relative, main = True, None
                branch.relative = relative
                branch.later = main is not None
                found.append(branch)
                if not relative and main is None:
                    main, gap = branch, max(gap, _REACH - _SECOND)
                elif not relative:
                    break
                relative = False
                continue
            if head > i and not _only_adverbs(parsed, i, head):
                chain.blocked = chain.blocked or (not relative and main is None)
                if not relative:
                    break
                relative, i = False, head + 1
                continue
        following = _step_over(parsed, i, main is not None and not main.bare)
        if following is None:
            break
        gap += 1
        i = following
    return found


_JOINING = frozenset({"but", "and", "then", "only", "yet", "or", "nor"})


def _is_of_another(parsed: Parsed, pronoun: int) -> bool:
    """True for the "that" of "talks resume in a walkout that has closed the shops": it tells of the walkout."""
    before = {parsed.word(pronoun - 3), parsed.word(pronoun - 2)}
    return parsed.word(pronoun) == "that" and not before.isdisjoint({"a", "an"})


def _head(parsed: Parsed, i: int) -> int:
    """Index of the first word behind the auxiliaries, negators and adverbs that begin at `i`."""
    head = i
    while head - i < 8:
        word = parsed.word(head)
        if (
            word == "to" or word in {"not", "n't", "never", "hardly"} or parsed.is_any(head, _BEFORE_HEAD)
        ) or (word.endswith("ly") and len(word) > 4):
            head += 1
        else:
            break
    return head


def _only_adverbs(parsed: Parsed, start: int, end: int) -> bool:
    return all(parsed.is_a(i, "adverb") or parsed.word(i).endswith("ly") for i in range(start, end)) or (
        parsed.word(start) == "to" and end == start + 1
    )


def _take(parsed: Parsed, chain: Chain, i: int, head: int, relative: bool) -> tuple[Chain, int] | None:
    """The predicate that begins at `i`, the longest where several fit, and the token behind it."""
    best: tuple[tuple[int, bool, bool], Match, Group] | None = None
    for at in range(i, head + 1):
        for match in parsed.starting.get(at, ()):
            if match in chain.matches() or not _over(match, chain) or parsed.is_modifier(match):
                continue
            if match.form.text == "~have" or match.form.text == "~be":
                continue
            group = parsed.group(match.start)
            if group.start < i:
                group.start = i
            rank = (
                match.size,
                bool(match.entry.over),
                "predicate" in match.entry.binds and group.be in {"is", "are", "'s", "'re"},
            )
            if _says(parsed, match, group, relative) and (best is None or rank > best[0]):
                best = (rank, match, group)
    if best is None:
        return None
    _, match, group = best
    branch = chain.branch()
    tense = tense_of(match.letters, group)
    if group.to and not group.is_finite:
        not_yet = group.negated and "yet" in parsed.words[group.start : match.start]
        tense = "perfect" if not_yet else "future"
        branch.planned = not not_yet
    elif not tense or (set(match.letters) == {"d", "n"} and not group.be):
        tense = tense or "present"
    attach(parsed, branch, Step(match, group, group.negated ^ parsed.is_negated_inside(match), tense))
    branch.end = match.end
    branch.finite = True
    branch.bare = not group.is_helped and set(match.letters) != {"d"} and "s" not in match.letters
    return branch, match.end


def _over(match: Match, chain: Chain) -> bool:
    over = match.entry.over
    return not over or chain.value in over or ("report" in over and chain.reported)


def _says(parsed: Parsed, match: Match, group: Group, relative: bool) -> bool:
    """True when the match can be the predicate of the talks on its left."""
    binds = match.entry.binds
    if "predicate" in binds:
        return _is_state(parsed, match, group)
    if not match.form.is_verb or (match.gap and match.gap[0] < match.gap[1]):
        return False
    if relative and parsed.word(group.start - 1) not in _RELATIVES:
        return bool(binds & {"subject", "object"})  # "talks which the minister attended"
    if "subject" in binds and _acts(parsed, match, group):
        return True
    return "object" in binds and _suffers(parsed, match, group)


def _is_state(parsed: Parsed, match: Match, group: Group) -> bool:
    copula = (
        bool(group.be)
        or match.form.is_verb
        or parsed.word(match.start - 1)
        in {
            "remain",
            "remains",
            "remained",
            "seem",
            "seems",
            "stay",
            "look",
            "looks",
            "appear",
            "declared",
            "getting",
            "become",
            "became",
        }
    )
    if (match.size == 1 and parsed.word(match.start) in _ALONE) or (match.size == 1 and not copula):
        return (copula or match.entry.name != "HOLD") and _ends_phrase(parsed, match.end)
    return copula or _ends_phrase(parsed, match.end) or match.size > 1


def _acts(parsed: Parsed, match: Match, group: Group) -> bool:
    """True for "talks collapsed", "talks to resume Monday"; not for "talks to end the war"."""
    if group.be and not group.to and not set(match.letters) <= {"b", "s"}:
        return True
    if group.be and set(match.letters) <= {"b", "s"}:
        return False
    if "object" not in match.entry.binds and match.letters != "g":
        return True
    if match.letters == "g" and not group.be:
        return "object" not in match.entry.binds
    return _ends_phrase(parsed, match.end)


def _suffers(parsed: Parsed, match: Match, group: Group) -> bool:
    """True for the passive: "talks were suspended", "talks suspended" in a headline."""
    if "n" not in match.letters or match.form.text in _NEVER_PASSIVE:
        return False
    return bool(group.be) or (not group.have and not group.modal and _ends_phrase(parsed, match.end))


def _ends_phrase(parsed: Parsed, i: int) -> bool:
    """True when no object follows."""
    if i >= len(parsed.tokens):
        return True
    word = parsed.word(i)
    if parsed.is_a(i, "time") or word in {",", ")", "(", "."}:
        return True
    if parsed.is_any(i, _NO_OBJECT) or (word.endswith("ly") and len(word) > 4):
        return word != "that"
    counts = parsed.is_a(i, "determiner") or word.isdigit() or word in WORDS.numbers
    return counts and any(
        parsed.is_a(k, "time") and not parsed.is_a(k, "subordinator") for k in (i + 1, i + 2)
    )


def _turns(parsed: Parsed, i: int) -> bool:
    """True for the "and" of "ruled out talks, and directed its party to ...": who acts goes on to something else."""
    verb = parsed.word(i + 1)
    is_verb = verb.endswith("ed") or verb in parsed.lexicon.pasts
    return parsed.word(i) == "and" and is_verb and parsed.is_a(i + 2, "determiner")


def _step_over(parsed: Parsed, i: int, second: bool) -> int | None:
    """The next token to look at, or None where the talks' clause is over."""
    word = parsed.word(i)
    if word == ",":
        if parsed.word(i + 1) in {"which", "that", "who", "but", "and", "only"}:
            return i + 1
        close = next(
            (k for k in range(i + 1, min(i + 15, len(parsed.tokens))) if parsed.word(k) == ","), None
        )
        if close is None:
            return i + 1 if "between" in parsed.words[max(i - 6, 0) : i] else None
        return close + 1
    if word == "(":
        close = next(
            (k for k in range(i + 1, min(i + 15, len(parsed.tokens))) if parsed.word(k) == ")"), None
        )
        return i + 1 if close is None else close + 1
    if word == "'s":
        return i + 1
    if parsed.is_any(i, _CLOSING) or _turns(parsed, i):
        return None
    active = [
        match
        for match in parsed.starting.get(i, ())
        if match.form.is_verb and set(match.letters) & {"d", "s"}
    ]
    if (
        active
        and not second
        and all(not parsed.is_modifier(match) for match in active)
        and "n" not in active[0].letters
    ):
        return None
    if (
        second
        and word not in {"but", "and", "then", "only", "yet"}
        and parsed.word(i - 1) in {"but", "and", "yet"}
    ):
        return None
    return i + 1

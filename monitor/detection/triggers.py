"""The words that made a candidate: for the talk noun and each operator over it, the passages that show it.

Auxiliaries and negators count among an operator's words: of "had not yet agreed to talks", "had not yet agreed to".
"""

from collections.abc import Iterable

from monitor.detection.chain import Chain
from monitor.detection.forms import Match
from monitor.detection.model import Sentence, Trigger
from monitor.detection.parsed import Group, Parsed
from monitor.vocabulary import Span

_NEGATORS = frozenset(
    {"no", "not", "n't", "never", "nobody", "none", "neither", "nothing", "no-one", "nor", "hardly"}
)
_FAR = 7
"""So far from its operator a negator stands at most: "neither side has so far agreed"."""


def triggers_of(parsed: Parsed, chain: Chain, sentence: Sentence) -> tuple[Trigger, ...]:
    """Operators from the outside in, then the talk noun or verb."""
    words = [(step.match, step.group) for step in reversed(chain.steps)] + [(chain.node, chain.verb_group)]
    own = [_own(match, group) for match, group in words]
    used = set().union(*own)
    steps = [(step.op, step.negated, step.tense) for step in reversed(chain.steps)]
    steps.append((chain.node.entry.name, chain.negated, chain.verb_tense))
    found = []
    for (match, _), tokens, (name, negated, tense) in zip(words, own, steps, strict=True):
        all_of_it = tokens | _negator(parsed, tokens, used) if negated else tokens
        found.append(Trigger(name, match.form.text, _spans(parsed, sentence, all_of_it), negated, tense))
    return tuple(found)


def _own(match: Match, group: Group | None) -> set[int]:
    """The tokens of the form, without what stands in its gap, and of the auxiliaries before it."""
    form = set(match.places())
    return form | set(range(group.start, match.start)) if group else form


def _negator(parsed: Parsed, own: set[int], used: set[int]) -> set[int]:
    """The word that negates what stands at `own`, where it is not one of these words: the nearest."""
    if any(parsed.word(i) in _NEGATORS for i in own):
        return set()
    first, last = min(own), max(own)
    near = (i for far in range(1, _FAR) for i in (first - far, last + far))
    found = next((i for i in near if parsed.word(i) in _NEGATORS and i not in used), None)
    return set() if found is None else {found}


def _spans(parsed: Parsed, sentence: Sentence, own: Iterable[int]) -> tuple[Span, ...]:
    """Passages of the words at `own`; neighbours make one."""
    runs: list[list[int]] = []
    for i in sorted(own):
        if runs and runs[-1][1] == i - 1:
            runs[-1][1] = i
        else:
            runs.append([i, i])
    tokens = parsed.tokens
    return tuple(sentence.span(tokens.starts[first], tokens.ends[last]) for first, last in runs)

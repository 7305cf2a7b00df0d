"""Tokens into a parsed sentence: which of the lexicon's matches hold where several lie over the same words.

Longer matches rule shorter ones, a word that is noun and verb is read by the word before it, and what is part of a talk
noun is no operator.
"""

import re
from collections.abc import Iterator, Mapping

from monitor.detection.forms import Beginning, Lexicon, Match
from monitor.detection.parsed import Parsed
from monitor.detection.tokens import Tokens

MAX_NODES = 12
"""Talk nouns of a sentence that are looked at; a sentence with more says nothing to a reader either."""


def parse(tokens: Tokens, lexicon: Lexicon, *, whole: bool = True) -> Parsed:
    """The sentence with what the lexicon finds in it; `whole` looks for operators though no talks are named."""
    tokens = _without_commas_of_lists(tokens, lexicon)
    nouns = list(_nouns(tokens, lexicon))
    if not nouns and not whole:
        return Parsed(tokens, lexicon)
    operators: list[Match] = []
    homonyms: list[Match] = []
    for match in _matches(tokens, lexicon, lexicon.governing):
        (operators if match.entry.kind == "operator" else homonyms).append(match)
    operators = _longest(operators, len(tokens))
    if not nouns:
        return Parsed(tokens, lexicon, [], homonyms, operators)
    nodes = _nodes(nouns, operators)[:MAX_NODES]
    inside = {
        i
        for node in nodes
        for i in range(node.start, node.end)
        if node.entry.kind == "noun" and node.entry.strength != "echo" and node.entry.value != "offer"
    }
    long = [node for node in nodes if node.size > 1]
    verbs = {node.start for node in long if node.entry.kind == "talk_verb"}
    operators = [
        match
        for match in operators
        if not (match.size == 1 and (match.start in inside or match.start in verbs))
        and not (long and _inside_node(match, long))
    ]
    parsed = Parsed(tokens, lexicon, nodes, homonyms, operators)
    return Parsed(tokens, lexicon, nodes, homonyms, list(_one_reading(parsed)))


def _without_commas_of_lists(tokens: Tokens, lexicon: Lexicon) -> Tokens:
    """Without the comma of "its last, best offer", which parts nothing."""
    words, describing = tokens.words, lexicon.words["adjective"]
    joining = {
        i
        for i, word in enumerate(words[1:-1], start=1)
        if word == ","
        and all(beside in describing and beside not in _COUNTING for beside in (words[i - 1], words[i + 1]))
    }
    return tokens.without(joining) if joining else tokens


_COUNTING = frozenset({"any", "few", "first", "many", "no", "second", "several", "similar", "third"})
"""Of the adjectives those that also open what a comma parts: "said no, new talks would follow"."""


def _nouns(tokens: Tokens, lexicon: Lexicon) -> Iterator[Match]:
    """At each place the best match that names talks."""
    best: Match | None = None
    for match in _matches(tokens, lexicon, lexicon.naming):
        if not _is_talk(tokens, match, lexicon):
            continue
        if best is not None and match.start == best.start and _rank(tokens, match) <= _rank(tokens, best):
            continue
        if best is not None and match.start != best.start:
            yield best
        best = match
    if best is not None:
        yield best


def _matches(tokens: Tokens, lexicon: Lexicon, index: Mapping[str, Beginning]) -> list[Match]:
    """What fits at each place, from left to right."""
    return [
        match for match in lexicon.matches(index, tokens.words) if not _is_misread(tokens, match, lexicon)
    ]


def _is_misread(tokens: Tokens, match: Match, lexicon: Lexicon) -> bool:
    """True for a verb where none can stand; "meeting" and "last" are looked at twice."""
    i = match.start
    if match.letters == "b" and i and _takes_no_verb(tokens.words[i - 1], lexicon):
        return True  # "the message was clear", "over a land deal", "a 13-day strike"
    word = tokens.words[i]
    if match.size == 1 and i + 1 < len(tokens) and tokens.words[i + 1] in _MADE_ANOTHER.get(word, ()):
        return True
    if word == "meeting":
        return bool(match.letters) and not _may_be_verb(tokens, i, lexicon)
    return word == "last" and match.size == 1 and _is_last_week(tokens, i, lexicon)


def _takes_no_verb(before: str, lexicon: Lexicon) -> bool:
    """True for a word behind which no verb has its base form: "was", "over", "13-day"."""
    return before in lexicon.words["be"] or before in _PREPOSITIONS or _SO_MANY.fullmatch(before) is not None


_PREPOSITIONS = frozenset({"about", "by", "from", "in", "into", "of", "on", "over", "under", "with"})
_SO_MANY = re.compile(r"\d+-[a-z]+")
_MADE_ANOTHER = {"back": frozenset({"across", "at", "in", "on", "over"}), "stuck": frozenset({"by", "up"})}
"""Behind these words they are no verb of their own: "threw the offer back across the table", "stuck up for it"."""


def _one_reading(parsed: Parsed) -> Iterator[Match]:
    """Of words that are noun and verb ("calls", "offer", "push") only the reading that fits the word before."""
    nominal = {match.start for match in parsed.operators if "of" in match.entry.binds and not match.letters}
    verbal = {match.start for match in parsed.operators if not {"b", "s"}.isdisjoint(match.letters)}
    both = nominal & verbal
    for match in parsed.operators:
        if match.start in both and (match.letters or "of" in match.entry.binds):
            if bool(match.letters) == _as_noun(parsed, match.start):
                continue
        elif (
            "of" in match.entry.binds
            and match.size == 1
            and parsed.word(match.start - 1) == "to"
            and _is_base(parsed, match)
        ):
            continue  # "to push the system towards talks"
        elif match.size == 1 and parsed.word(match.start) == "last" and parsed.is_a(match.end, "time"):
            continue  # "last month" is no verb
        yield match


def _is_base(parsed: Parsed, match: Match) -> bool:
    return not parsed.word(match.start).endswith("s")


def _as_noun(parsed: Parsed, at: int) -> bool:
    """True where a word that is noun and verb must be a noun."""
    group = parsed.group(at)
    if group.to or group.modal or group.do:
        return False
    if parsed.word(at + 1) == "of":
        return True
    before = parsed.word(at - 1)
    if not before or before == "," or parsed.is_a(at - 1, "say"):
        return True
    if parsed.is_any(at - 1, _BEFORE_NOUN):
        return before != "that"
    if before in {"today", "yesterday"} or (parsed.word(at - 2) == "on" and parsed.is_a(at - 1, "time")):
        at -= 1 if before in {"today", "yesterday"} else 2  # "dismissed on Monday reports of talks"
    return any(match.letters and not parsed.is_a(match.start, "have") for match in parsed.ending.get(at, ()))


_BEFORE_NOUN = frozenset({"determiner", "linking", "adjunct", "adjective", "stop", "negator", "be"})


def _may_be_verb(tokens: Tokens, i: int, lexicon: Lexicon) -> bool:
    """False for the "meeting" of "Monday's meeting with the minister"."""
    kinds = lexicon.kinds.get(tokens.words[i - 1], frozenset()) if i else frozenset()
    return i > 0 and not kinds.isdisjoint(
        {"be", "linking", "adjunct", "subordinator", "adverb", "conjunction"}
    )


def _is_last_week(tokens: Tokens, i: int, lexicon: Lexicon) -> bool:
    """True for the "last" of "last week", "the last meeting", "at last", which is no verb."""
    words, before = tokens.words, tokens.words[i - 1] if i else ""
    following = words[i + 1] if i + 1 < len(words) else ""
    return (
        following in lexicon.words["time"]
        or before in lexicon.words["determiner"]
        or before in {"at", "since"}
    )


def _rank(tokens: Tokens, match: Match) -> tuple[bool, int]:
    """The longer reading first; "have been meeting" is a verb."""
    is_verb = (
        match.letters == "g" and match.start > 0 and tokens.words[match.start - 1] in {"been", "are", "were"}
    )
    return (is_verb, match.size)


def _is_talk(tokens: Tokens, match: Match, lexicon: Lexicon) -> bool:
    """False for the noun "talks" taken as a verb; "talk with" is a verb only where it can be one."""
    word = tokens.words[match.start]
    if (
        match.entry.kind == "talk_verb"
        and match.letters == "g"
        and match.end < len(tokens)
        and match.size == 1
    ):
        # "the negotiating committee": who talks, not that they do.
        return tokens.words[match.end] not in _TALKERS and tokens.words[match.start - 1] not in {
            "the",
            "a",
            "'s",
        }
    if match.entry.kind != "talk_verb" or word not in _NOUNS_TOO:
        return True
    before = tokens.words[match.start - 1] if match.start else ""
    after = tokens.words[match.start + 1] if match.start + 1 < len(tokens) else ""
    if word in {"bargain", "bargains"}:
        return before in _VERB_BEFORE or (after in _ON and before not in lexicon.words["determiner"])
    return word == "talk" and (before in _VERB_BEFORE or after in {"again", "anew"})


_NOUNS_TOO = frozenset({"talk", "talks", "bargain", "bargains"})
_ON = frozenset({"with", "on", "through", "into", "behind", "past", "for", "in", "over", "round"})
"""What follows the verb in "unions bargain through the night"."""
_TALKERS = frozenset(
    {
        "committee",
        "committees",
        "team",
        "teams",
        "partner",
        "partners",
        "side",
        "sides",
        "panel",
        "body",
        "position",
    }
)
_VERB_BEFORE = frozenset(
    {
        "to",
        "will",
        "would",
        "not",
        "n't",
        "may",
        "might",
        "could",
        "can",
        "should",
        "must",
        "and",
        "they",
        "we",
        "i",
    }
    | {"you", "ca", "wo", "'ll", "'d", "never", "let", "or", "now", "only"}
)


def _inside_node(match: Match, nodes: list[Match]) -> bool:
    return any(
        node.size > match.size and node.start <= match.start and match.end <= node.end for node in nodes
    )


def _longest(matches: list[Match], length: int) -> list[Match]:
    """Without those that a longer match covers word by word."""
    # "calls for": a verb of two words, or a noun and its preposition; which, is told by what stands before.
    verbs = {match.start for match in matches if match.size == 2 and set(match.letters) & {"b", "s"}}
    size = [0] * length
    for match in matches:
        for i in match.places():
            if match.size > size[i]:
                size[i] = match.size
    return [
        match
        for match in matches
        if min(map(size.__getitem__, match.places())) <= match.size
        or ("of" in match.entry.binds and match.size == 1 and match.start in verbs)
    ]


def _nodes(nouns: list[Match], operators: list[Match]) -> list[Match]:
    taken = {i for match in operators if match.size > 1 for i in match.places()}
    found: list[Match] = []
    named = any(_names(noun) for noun in nouns)
    for noun in nouns:
        if found and noun.start < found[-1].end and (found[-1].covers(noun.start) or not _names(noun)):
            continue
        # A phrase that could be either says it by itself only where no talks are named.
        if all(i in taken for i in range(noun.start, noun.end)) and (named or noun.entry.kind == "noun"):
            continue
        found.append(noun)
    return found


def _names(noun: Match) -> bool:
    """True for a noun of talks that needs no others beside it."""
    return noun.entry.kind == "noun" and noun.entry.strength in {"strong", "medium"}

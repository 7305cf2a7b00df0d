"""A sentence with the lexicon's matches laid over it: talk nouns, operators, and the verb group before each word.

Longer matches rule shorter ones, homonyms take their words out, and a participle right before a noun ("stalled talks")
is a modifier, not a verb.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from monitor.detection.lexicon import Lexicon, Match
from monitor.detection.tokens import Tokens

MAX_NODES = 12
"""Talk nouns of a sentence that are looked at; a sentence with more says nothing to a reader either."""


@dataclass(slots=True)
class Group:
    """The auxiliaries before a verb: where they begin, and what they make of it."""

    start: int
    negated: bool = False
    modal: str = ""
    have: str = ""
    be: str = ""
    do: str = ""
    to: bool = False
    reportedly: bool = False

    @property
    def is_finite(self) -> bool:
        """True when an auxiliary makes the verb finite."""
        return bool(
            self.modal
            or self.do
            or self.have not in {"", "having", "have+to"}
            or self.be not in {"", "be", "been", "being"}
        )


@dataclass
class Parsed:
    """The sentence as detection sees it."""

    tokens: Tokens
    lexicon: Lexicon
    nodes: list[Match] = field(default_factory=list)
    homonyms: list[Match] = field(default_factory=list)
    operators: list[Match] = field(default_factory=list)

    @property
    def words(self) -> tuple[str, ...]:
        """The words in lower case."""
        return self.tokens.words

    def word(self, i: int) -> str:
        """The word at `i`, or an empty one outside of the sentence."""
        return self.tokens.words[i] if 0 <= i < len(self.tokens) else ""

    def is_a(self, i: int, kind: str) -> bool:
        """True when the word at `i` stands in that list of grammar.toml."""
        return self.word(i) in self.lexicon.words[kind]

    @cached_property
    def ending(self) -> dict[int, list[Match]]:
        """Token -> operators that end right before it."""
        found: dict[int, list[Match]] = {}
        for match in self.operators:
            found.setdefault(match.end, []).append(match)
        # What is made for one thing ("have" a deal) goes before what takes any.
        return {at: sorted(matches, key=lambda match: not match.entry.over) for at, matches in found.items()}

    @cached_property
    def starting(self) -> dict[int, list[Match]]:
        """Token -> operators that begin at it."""
        found: dict[int, list[Match]] = {}
        for match in self.operators:
            found.setdefault(match.start, []).append(match)
        return found

    @cached_property
    def gapped(self) -> list[Match]:
        """Operators with a filled gap in which an object may stand."""
        return [match for match in self.operators if match.gap and match.gap[0] < match.gap[1]]

    def group(self, head: int) -> Group:
        """The verb group before the word `head`."""
        group = Group(head)
        i = head - 1
        while i >= 0 and head - i < 9:
            word = self.words[i]
            if (
                word in self.lexicon.words["negator"]
                and word != "without"
                and not (word == "no" and not self.is_a(i + 1, "adverb"))
            ) or (word == "yet" and group.to):
                group.negated = not group.negated
            elif word == "to" and not group.to and not group.is_finite:
                group.to = True
            elif word in self.lexicon.words["be"] and not group.to:
                group.be = word
            elif word in self.lexicon.words["have"] and not group.to:
                group.have = word
            elif word in self.lexicon.words["do"] and not group.to:
                group.do = word
            elif (modal := self._modal(word)) and not group.to:
                group.modal = modal
            elif word in self.lexicon.words["reportedly"]:
                group.reportedly = True
            elif not (word in self.lexicon.words["adverb"] or (word.endswith("ly") and len(word) > 4)):
                break
            i -= 1
        if group.modal == "may" and group.negated and "could" in self.words[i + 1 : head]:
            group.modal = "could"  # "could not": was unable to
        # Adverbs at the front of the group belong to what is before.
        start = i + 1
        while start < head and self.is_a(start, "adverb") and not self.is_a(start, "have"):
            start += 1
        group.start = start
        return group

    def _modal(self, word: str) -> str:
        for modal in ("will", "would", "may", "can", "should"):
            if word in self.lexicon.words[modal]:
                return modal
        return ""

    def is_modifier(self, match: Match) -> bool:
        """True for a participle that stands before a noun as an adjective does: "the stalled talks"."""
        before = self.word(match.start - 1)
        words = self.lexicon.words
        if match.size != 1 or match.gap or not match.letters:
            return False
        if (
            set(match.letters) & {"b", "s"}
            and before in words["determiner"]
            and before not in {"that", "both", "all"}
        ):
            return True  # a noun after all: "the start", "its calls"
        if not set(match.letters) & {"n", "g"}:
            return False
        if "g" in match.letters:
            return before in words["determiner"] and before not in {"no", "that"}
        if not before or before in words["stop"] or before in {"'s", "newly", ","}:
            return True
        if before in words["determiner"] or before in words["linking"] or before in words["adjunct"]:
            return True
        if before in {"and", "or"}:
            return self.word(match.start - 2) in words["determiner"]
        return any(
            other.letters
            and not self.word(other.start).endswith("ers")
            and not self.is_a(other.start, "be")
            and not self.is_a(other.start, "have")
            and not self.is_modifier(other)
            for other in self.ending.get(match.start, ())
        )

    def is_negated_inside(self, match: Match) -> bool:
        """True for "is not in talks": the form "be in" with its negation within."""
        inside = self.words[match.start : match.gap[0] if match.gap else match.end]
        return "not" not in match.form.text.split() and any(
            word in {"not", "n't", "never"} for word in inside
        )

    def starts_clause_verb(self, i: int) -> bool:
        """True when the word at `i` is surely a verb of its own (an auxiliary, a saying, a known past form)."""
        return any(self.is_a(i, kind) for kind in ("be", "have", "do", "will", "would", "may", "can", "say"))


def parse(tokens: Tokens, lexicon: Lexicon) -> Parsed:
    """The sentence with what the lexicon finds in it."""
    nouns: list[Match] = []
    operators: list[Match] = []
    homonyms: list[Match] = []
    for i in range(len(tokens)):
        if tokens.words[i] not in lexicon.by_word:
            continue
        best: Match | None = None
        for match in lexicon.matches(tokens.words, i):
            if match.entry.kind == "operator":
                operators.append(match)
            elif match.entry.kind == "homonym":
                homonyms.append(match)
            elif (best is None or _rank(tokens, match) > _rank(tokens, best)) and _is_talk(tokens, match):
                best = match
        if best is not None:
            nouns.append(best)
    operators = _longest(operators, len(tokens))
    nodes = _nodes(nouns, operators)[:MAX_NODES]
    inside = {
        i
        for node in nodes
        for i in range(node.start, node.end)
        if node.entry.kind == "noun" and node.entry.strength != "echo" and node.entry.value != "offer"
    }
    verbs = {node.start for node in nodes if node.entry.kind == "talk_verb" and node.size > 1}
    operators = [
        match
        for match in operators
        if not (match.size == 1 and (match.start in inside or match.start in verbs))
        and not _inside_node(match, nodes)
    ]
    parsed = Parsed(tokens, lexicon, nodes, homonyms, operators)
    return Parsed(tokens, lexicon, nodes, homonyms, list(_one_reading(parsed)))


def _one_reading(parsed: Parsed) -> Iterator[Match]:
    """Of words that are noun and verb ("calls", "offer", "push") only the reading that fits the word before."""
    nominal = {match.start for match in parsed.operators if "of" in match.entry.binds and not match.letters}
    verbal = {match.start for match in parsed.operators if match.letters and set(match.letters) <= {"b", "s"}}
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
        yield match


def _is_base(parsed: Parsed, match: Match) -> bool:
    return not parsed.word(match.start).endswith("s")


def _as_noun(parsed: Parsed, at: int) -> bool:
    """True where a word that is noun and verb must be a noun."""
    group = parsed.group(at)
    if group.to or group.modal or group.do:
        return False
    before = parsed.word(at - 1)
    if not before or before == "," or parsed.is_a(at - 1, "say"):
        return True
    if any(
        parsed.is_a(at - 1, kind)
        for kind in ("determiner", "linking", "adjunct", "adjective", "stop", "negator", "be")
    ):
        return before != "that"
    return any(match.letters and not parsed.is_a(match.start, "have") for match in parsed.ending.get(at, ()))


def _rank(tokens: Tokens, match: Match) -> tuple[bool, int]:
    """The longer reading first; "have been meeting" is a verb."""
    is_verb = (
        match.letters == "g" and match.start > 0 and tokens.words[match.start - 1] in {"been", "are", "were"}
    )
    return (is_verb, match.size)


def _is_talk(tokens: Tokens, match: Match) -> bool:
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
    if match.entry.kind != "talk_verb" or word not in {"talk", "talks"}:
        return True
    before = tokens.words[match.start - 1] if match.start else ""
    return word == "talk" and before in _VERB_BEFORE


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
    | {"you", "ca", "wo", "'ll", "'d", "never", "let", "or", "now"}
)


def _inside_node(match: Match, nodes: list[Match]) -> bool:
    return any(
        node.size > match.size and node.start <= match.start and match.end <= node.end for node in nodes
    )


def _longest(matches: list[Match], length: int) -> list[Match]:
    """Without those that a longer match covers word by word."""
    size = [0] * length
    for match in matches:
        for i in range(match.start, match.end):
            if match.covers(i) and match.size > size[i]:
                size[i] = match.size
    return [
        match
        for match in matches
        if any(size[i] <= match.size for i in range(match.start, match.end) if match.covers(i))
    ]


def _nodes(nouns: list[Match], operators: list[Match]) -> list[Match]:
    taken = {
        i for match in operators if match.size > 1 for i in range(match.start, match.end) if match.covers(i)
    }
    found: list[Match] = []
    named = any(noun.entry.kind == "noun" and noun.entry.strength in {"strong", "medium"} for noun in nouns)
    for noun in nouns:
        if found and noun.start < found[-1].end:
            continue
        # A phrase that could be either says it by itself only where no talks are named.
        if all(i in taken for i in range(noun.start, noun.end)) and (named or noun.entry.kind == "noun"):
            continue
        found.append(noun)
    return found

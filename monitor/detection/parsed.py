"""A sentence with the lexicon's matches laid over it: talk nouns, operators, and the verb group before each word.

Longer matches rule shorter ones, homonyms take their words out, and a participle right before a noun ("stalled talks")
is a modifier, not a verb.
"""

from dataclasses import dataclass, field
from functools import cached_property

from monitor.detection.forms import Lexicon, Match
from monitor.detection.tokens import Tokens

_NONE: frozenset[str] = frozenset()
_APPOSITION = 12
_MODALS = ("will", "would", "may", "can", "should")
_VERBS = frozenset({"be", "have", "do", "will", "would", "may", "can", "say"})
_HELPING = frozenset({*_MODALS, "be", "have", "do", "negator"})
_ASIDES = frozenset(
    {"however", "though", "therefore", "nevertheless", "nonetheless", "meanwhile", "moreover"}
)


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
    def is_helped(self) -> bool:
        """True where any auxiliary, or "to", stands before the verb."""
        return bool(self.be or self.have or self.do or self.modal or self.to)

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
    words: tuple[str, ...] = field(init=False)
    """The words in lower case."""

    def __post_init__(self) -> None:
        self.words = self.tokens.words
        self._size = len(self.words)
        self._kinds = self.lexicon.kinds

    def word(self, i: int) -> str:
        """The word at `i`, or an empty one outside of the sentence."""
        return self.words[i] if 0 <= i < self._size else ""

    def is_a(self, i: int, kind: str) -> bool:
        """True when the word at `i` stands in that list of grammar.toml."""
        return 0 <= i < self._size and kind in self._kinds.get(self.words[i], _NONE)

    def is_any(self, i: int, kinds: frozenset[str]) -> bool:
        """True when the word at `i` stands in one of those lists."""
        return 0 <= i < self._size and not kinds.isdisjoint(self._kinds.get(self.words[i], _NONE))

    def all_of(self, kind: str) -> list[int]:
        """Where words of that list of grammar.toml stand."""
        known = self._kinds
        return [i for i, word in enumerate(self.words) if kind in known.get(word, _NONE)]

    def part_end(self, i: int) -> int:
        """Where the part of the sentence ends that `i` begins or goes on: at a comma, a stop, or the sentence's end."""
        ends = (at for at in range(i, self._size) if self.words[at] == "," or self.is_a(at, "stop"))
        return next(ends, self._size)

    @cached_property
    def saying(self) -> list[int]:
        """Where verbs of saying stand."""
        return self.all_of("say")

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
            kinds = self._kinds.get(word, _NONE)
            if (
                "negator" in kinds
                and word != "without"
                and not (word == "no" and not self.is_a(i + 1, "adverb"))
            ) or (word == "yet" and group.to):
                group.negated = not group.negated
            elif word == "alone" and self.word(i - 1) == "let":
                group.negated, i = not group.negated, i - 1  # "let alone negotiate with it"
            elif word == "to" and self.word(i - 1) == "going" and i == head - 1:
                group.modal, i = ("would" if self.word(i - 2) in {"was", "were"} else "will"), i - 1
            elif word == "to" and self.word(i - 1) in {"have", "has"} and i == head - 1:
                group.modal, i = "may", i - 1  # "they have to talk": nobody says that they will
            elif word == "to" and not group.to and not group.is_finite:
                group.to = True
            elif "be" in kinds and not group.to:
                group.be = word
            elif "have" in kinds and not group.to:
                group.have = word
            elif "do" in kinds and not group.to:
                group.do = word
            elif (modal := _modal(kinds)) and not group.to:
                group.modal = "may" if group.modal == "may" else modal  # "will have to" is "may", too
            elif "reportedly" in kinds:
                group.reportedly = True
            elif word == "," and self._is_aside(i):
                i -= 2  # "did not, however, rule out"
            elif not ("adverb" in kinds or (word.endswith("ly") and len(word) > 4)):
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

    def _is_aside(self, comma: int) -> bool:
        """True for the comma that closes an aside of one word between the words of a verb group."""
        inside = self.word(comma - 1) in _ASIDES and self.word(comma - 2) == ","
        return inside and self.is_any(comma - 3, _HELPING)

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
        if not set(match.letters) & {"n", "g"} or (before == "to" and "b" in match.letters):
            return False  # "refused to quit talks"
        if "g" in match.letters:
            return before in words["determiner"] and before not in {"no", "that"}
        if before == "," and "," in self.words[max(match.start - _APPOSITION, 0) : match.start - 1]:
            return False  # "the rail minister, Huw Merriman, held talks"
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
        return "not" not in match.form.text.replace("|", " ").split() and any(
            word in {"not", "n't", "never"} for word in inside
        )

    def starts_clause_verb(self, i: int) -> bool:
        """True when the word at `i` is surely a verb of its own (an auxiliary, a saying, a known past form)."""
        return self.is_any(i, _VERBS)

    def begins_with_a_verb(self, i: int) -> bool:
        """True when what stands at `i` is a finite verb: one that is surely one, or an operator's."""
        return self.starts_clause_verb(i) or any(
            not {"d", "s"}.isdisjoint(match.letters) for match in self.starting.get(i, ())
        )


def _modal(kinds: frozenset[str]) -> str:
    return next((modal for modal in _MODALS if modal in kinds), "") if kinds else ""

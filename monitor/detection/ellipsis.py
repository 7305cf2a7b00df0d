"""What a text says of talks without naming them again: "They resume on Friday", "It has been revived".

The pronoun stands for the nearest talk noun that fits it in number, at most two sentences back or in the headline, and
only where what is said of it is said of talks. So does a bare "the process": without such a noun it may be any process.
"""

from dataclasses import dataclass, replace

from monitor.detection.chain import Chain
from monitor.detection.forms import Match
from monitor.detection.parsed import Parsed
from monitor.detection.tokens import Tokens

REACH = 2
"""So many sentences back a talk noun, or a party, is still what a pronoun means."""
NO_ANTECEDENT = "what “{word}” means is told neither within two sentences nor in the headline"
_READ_AS = {"they": ("talks", "efforts"), "these": ("talks", "efforts"), "it": ("dialogue", "effort")}
"""Pronoun -> what is read in its place: for talks, and for what only echoes them ("a fresh effort")."""
_SAID_OF_TALKS = frozenset({"RESUME", "STALL", "END", "BEGIN", "CONTINUE", "ADVANCE", "HOLD"})
_OF_PEOPLE_TOO = frozenset({"~stop", "~halt"})
_POSSESSIVES = frozenset({"its", "his", "her", "their", "our"})
_NAMING = frozenset({"strong", "medium", "echo"})
_OPENS = frozenset({"that", "and", "but", ",", "however", "then", "now"})
_BARE = frozenset(
    {"process", "meeting", "meetings", "session", "sessions", "sitting", "exercise", "conference", "summit"}
)
_COMPLETED = frozenset({"of", "between", "with", "among", "on"})


@dataclass(frozen=True, slots=True)
class StandIn:
    """A sentence's tokens with a talk noun in the place of the pronoun at `at`; `found` is false where none is near."""

    tokens: Tokens
    at: int
    word: str
    found: bool
    is_echo: bool


@dataclass(frozen=True, slots=True)
class _Named:
    """A talk noun of sentence `number`: the pronoun that fits it, and whether its clause was about it."""

    number: int
    pronoun: str
    is_subject: bool
    is_echo: bool


@dataclass
class TalksNamed:
    """The talk nouns of a text as they come up."""

    headline: frozenset[str] = frozenset()
    """Of the headline: the pronouns that its talk nouns fit."""
    _last: tuple[_Named, ...] = ()

    def advance(self, parsed: Parsed, number: int, *, in_title: bool, spoken_of: bool) -> None:
        """Remembers the talk nouns of a sentence; "the process" is one where talks are `spoken_of` or were near."""
        near = spoken_of or self.are_near(number)
        fitting = tuple(
            _Named(number, _pronoun(parsed, node), _is_subject(parsed, node), node.entry.strength == "echo")
            for node in parsed.nodes
            if node.entry.kind == "noun"
            and (node.entry.strength in _NAMING or (near and is_bare(parsed, node)))
        )
        if in_title:
            self.headline |= {one.pronoun for one in fitting if not one.is_echo}
        self._last = (*(one for one in self._last if number - one.number < REACH), *fitting)

    def carry(self, stand_in: StandIn, number: int) -> None:
        """A pronoun that was understood carries its talks on to the sentences that follow."""
        self._last = (
            *self._last,
            _Named(number, "it" if stand_in.word == "it" else "they", True, stand_in.is_echo),
        )

    def are_near(self, number: int) -> bool:
        """True where talks were named at most two sentences before that one, or in the headline."""
        near = (number - one.number <= REACH for one in self._last if not one.is_echo)
        return bool(self.headline) or any(near)

    def stand_in(self, parsed: Parsed, number: int) -> StandIn | None:
        """The sentence with the talks in place of its pronoun; None where no clause begins with one."""
        tokens = parsed.tokens
        at = next((i for i, word in enumerate(tokens.words) if word in _READ_AS and _opens(parsed, i)), None)
        if at is None:
            return None
        word = tokens.words[at]
        pronoun = "it" if word == "it" else "they"
        near = (one for one in reversed(self._last) if one.pronoun == pronoun and _reaches(one, number))
        named = next(near, None)
        is_echo = named is not None and named.is_echo
        words = (*tokens.words[:at], _READ_AS[word][is_echo], *tokens.words[at + 1 :])
        found = named is not None or pronoun in self.headline
        return StandIn(replace(tokens, words=words), at, word, found, is_echo)


def _opens(parsed: Parsed, i: int) -> bool:
    return i == 0 or parsed.word(i - 1) in _OPENS or parsed.is_a(i - 1, "say")


def _reaches(named: _Named, number: int) -> bool:
    """What a clause is about reaches two sentences on, what it only mentions one."""
    return number - named.number <= (REACH if named.is_subject else 1)


def _pronoun(parsed: Parsed, node: Match) -> str:
    last = parsed.word(node.end - 1)
    return "they" if last.endswith("s") and not last.endswith("ss") else "it"


def _is_subject(parsed: Parsed, node: Match) -> bool:
    """True where no verb stands before the noun in its clause, but one of saying."""
    for i in range(node.start - 1, -1, -1):
        if parsed.is_a(i, "say"):
            return True
        if parsed.starts_clause_verb(i) or parsed.word(i) in parsed.lexicon.pasts:
            return False
    return True


def says_it_of_talks(parsed: Parsed, chain: Chain, stand_in: StandIn) -> bool:
    """True for what is said of talks and hardly of people: they resume, collapse, were held, but did not "refuse"."""
    if chain.node.start != stand_in.at or chain.relative or not chain.steps:
        return False
    step = chain.steps[0]
    if step.op not in _SAID_OF_TALKS or step.match.start < chain.node.end:
        return False
    if not step.group.be and step.match.form.text in _OF_PEOPLE_TOO:
        return False
    owned = parsed.word(chain.end) in _POSSESSIVES  # "they continued their march"
    return not owned and not (parsed.is_a(chain.end, "determiner") and not parsed.is_a(chain.end + 1, "time"))


def is_bare(parsed: Parsed, node: Match) -> bool:
    """True for "the process" or "the meeting" that nothing tells more of: some talks' only where talks are near."""
    return (
        node.size == 1
        and parsed.word(node.start) in _BARE
        and parsed.word(node.start - 1) in {"the", "this", "that"}
        and parsed.word(node.end) not in _COMPLETED
    )

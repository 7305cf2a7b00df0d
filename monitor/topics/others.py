"""What only looks like a party's name: another person of that surname, an agency's credit, a place, an opponent.

Text comes in folded (`spelling.fold`). Every rule prefers to miss a name to taking one that means somebody else.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from monitor.topics.spelling import TITLES


class Role(StrEnum):
    """As what a name stands for its party."""

    ALIAS = "alias"
    GENERIC = "generic"
    """Names the party only where another party of the topic is named nearby; the caller decides."""
    SPOKESPERSON = "spokesperson"
    LEADER = "leader"


class Short(StrEnum):
    """Which part of a fuller name of the same party a name is."""

    FIRST = "first"
    """As "Imran" is of "Imran Khan"."""
    LAST = "last"
    """As "Khan" is of "Imran Khan"."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name of a party, or (`party` None) a homonym."""

    text: str
    party: str | None = None
    role: Role = Role.ALIAS
    short: Short | None = None
    kin: frozenset[str] = frozenset()
    """Of a first name: the surnames of the party's people who have it; of a surname: their initials."""
    is_place: bool = False


PEOPLE = frozenset({Role.LEADER, Role.SPOKESPERSON})
_WORD_BEFORE = re.compile(r"([^\W\d_][\w.'-]*) $")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\"(\n] ?)$")
_WORD_AFTER = re.compile(r"(?:'s)? ([^\W\d_][\w.]*)")
_INITIAL = re.compile(r"[A-Z]\.?")
_LOOK_BACK = 40
_APART_BEFORE = re.compile(r"\b(?:ex|anti|non|pro)-$", re.IGNORECASE)
_APART_AFTER = re.compile(
    r"-(?:backed|aligned|affiliated|allied|linked|friendly|supported|funded|controlled|occupied|held|installed|appointed"
    r"|born|trained|made|based)\b",
    re.IGNORECASE,
)
_APPOSITION = re.compile(r"\s(?![A-Z][a-z]+day\b)[A-Z]\w")
_IN_PLACE = re.compile(
    r"\b(?:(?:in|at|near|inside|outside|around|across|throughout|into|within|via|leave|leaves|leaving|left|reach|reached"
    r"|reaching|enter|entered|capital|capital of)"
    r"|(?:arriv|return|fl[ey]|flew|flown|travel|head|trip|visit|back|came|come|coming|mov|tour|route|journey|went|go|goes"
    r"|going)\w*\s(?:\w+\s){0,2}?(?:to|from|for|of)|visit(?:s|ed|ing)?)"
    r"\s(?:the\s|[A-Z][\w-]+(?:,\s[A-Z][\w-]+)?,?\s(?:and|or)\s)?$"
)
_BUILT = re.compile(
    r"(?:\s[A-Z][a-z]+)?\s(?:Airport|Avenue|Bridge|Building|Centre|Center|College|Foundation|Gardens?|Hall|Hospital|Institute"
    r"|Library|Museum|Park|Road|School|Square|Stadium|Street|Theatre|Theater|Towers?|Trust|University)\b"
)
_LINE_START = re.compile(r"(?:^|\n)\s*$")
_DATELINE = re.compile(r"\s?(?:,|\(|:|/|\s[-–—]|--)(?=[^\n]{0,80}[a-z])")
_AGENCY_LINE = re.compile(r"(?:,\s[A-Z][\w ]{2,20})?\s?(?:\([A-Z][\w ]{1,20}\)|\s[-–—]\s)")


def is_somebody_else(
    name: Name, folded: str, found: re.Match[str], previous_party: str | None, previous_end: int
) -> bool:
    """True where what was `found` as `name` means nobody of the party; `previous` is the mention before it.

    An agency's credit for an acronym ("LAHORE, May 2 (PTI) ..."), another man's surname ("Wali Khan said"), who is
    against the party or only backed by it ("anti-PTI", "Iran-backed"), and where a place is but a place ("in Tehran").
    """
    if _in_brackets(folded, found) and name.text.isupper():
        beside = previous_party == name.party and not folded[previous_end : found.start() - 1].strip()
        return not (beside or _abbreviates_a_word(folded, found.start() - 1))
    if name.role not in PEOPLE and _is_apart(folded, found):
        return True
    if name.role is Role.GENERIC and found.group().islower() and _APPOSITION.match(folded, found.end()):
        return True  # "the rail union TSSA": whoever is named there says for himself whether he is the party
    if name.is_place and _is_but_a_place(folded, found):
        return True
    if name.role in PEOPLE and _BUILT.match(folded, found.end()):
        return True  # "Khan Hall", "Sharif Medical College"
    match name.short:
        case Short.LAST:
            return _has_other_first_name(name, folded, found)
        case Short.FIRST:
            return _has_other_surname(name, folded, found)
        case None:
            return False


def _in_brackets(folded: str, match: re.Match[str]) -> bool:
    return folded[match.start() - 1 : match.start()] == "(" and folded[match.end() : match.end() + 1] == ")"


def _abbreviates_a_word(folded: str, bracket: int) -> bool:
    """A bracketed acronym abbreviates what stands before it: the party's name, or a plain word ("the party (PTI)")."""
    before = _WORD_BEFORE.search(folded, max(0, bracket - _LOOK_BACK), bracket)
    return before is not None and before.group(1)[0].islower()


def _is_apart(folded: str, match: re.Match[str]) -> bool:
    before = _APART_BEFORE.search(folded, max(0, match.start() - len("anti-")), match.start())
    return before is not None or _APART_AFTER.match(folded, match.end()) is not None


def _is_but_a_place(folded: str, match: re.Match[str]) -> bool:
    """True of "in Tehran", "flew to Moscow", "MOSCOW, May 2 (Agency)"; but "a message to Tehran", "Moscow said"."""
    if _IN_PLACE.search(folded, max(0, match.start() - _LOOK_BACK), match.start()):
        return True
    if not _LINE_START.search(folded, max(0, match.start() - 3), match.start()):
        return False
    opens = _DATELINE if match.group().isupper() and len(match.group()) > len("USA") else _AGENCY_LINE
    return opens.match(folded, match.end()) is not None


def _has_other_first_name(name: Name, folded: str, match: re.Match[str]) -> bool:
    """A capitalised word that is no title stands before the surname, in running text (Title Case says nothing)."""
    before = _WORD_BEFORE.search(folded, max(0, match.start() - _LOOK_BACK), match.start())
    if before is None or not before.group(1)[0].isupper():
        return False
    word = before.group(1)
    if _INITIAL.fullmatch(word):
        return word.endswith(".") and word[0] not in name.kin
    if word.isupper() or word.rstrip(".").lower() in TITLES or word.endswith("'s"):
        return False
    if _SENTENCE_START.search(folded[max(0, before.start() - 3) : before.start()]):
        return False
    after = _WORD_AFTER.match(folded, match.end())
    return after is None or after.group(1)[0].islower()


def _has_other_surname(name: Name, folded: str, match: re.Match[str]) -> bool:
    """A capitalised word follows, and after it none: "Imran Ismail said", but not "Imran Rejects Talks"."""
    following = _WORD_AFTER.match(folded, match.end())
    if following is None or not following[1][0].isupper() or folded[match.end()] == "'":
        return False
    further = _WORD_AFTER.match(folded, following.end())
    if further is None or further[1][0].islower():
        return True
    return further[1] in name.kin and following[1] not in name.kin  # "Imran Riaz Khan"

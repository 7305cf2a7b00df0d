"""How one name may be spelled: folding of diacritics and typographic signs that keeps every offset, and patterns."""

import re
import unicodedata

_SIGNS = {
    **dict.fromkeys("‘’ʼ´`′", "'"),
    **dict.fromkeys("“”„″«»", '"'),
    **dict.fromkeys("‐‑‒–—−", "-"),
    **dict.fromkeys("\u00a0\u2007\u202f\u2009\t", " "),
}
_LATIN_RANGES = ((0x00C0, 0x0250), (0x1E00, 0x1F00))
_UNDECOMPOSED = {"ı": "i", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ħ": "h", "Ħ": "H"}


def _folding() -> dict[int, str]:
    table = {ord(sign): plain for sign, plain in {**_SIGNS, **_UNDECOMPOSED}.items()}
    for first, last in _LATIN_RANGES:
        for code in range(first, last):
            base = unicodedata.normalize("NFD", chr(code))[0]
            if base.isascii():
                table.setdefault(code, base)
    return table


_FOLDING = _folding()
_SEPARATOR = r"(?:\s{1,2}|\s?-\s?)"
_SEPARATOR_AFTER_SHORT_WORD = r"(?:\.?\s{1,2}|\.?\s?-\s?)"
_LONGEST_TITLE = 4
_LONGEST_ACRONYM = 5
_SHORTEST_SURNAME = 3
TITLES = frozenset(
    """mr mrs ms miss dr prof sir lord lady barrister advocate justice gen general maj major lt col colonel brig
    brigadier field marshal capt captain chairman chairperson chief president premier prime minister pm cm mp mna mpa
    senator sen leader founder secretary speaker spokesman spokesperson spokeswoman ambassador governor cricketer
    envoy commander chancellor ayatollah sheikh monsignor comrade
    jailed incarcerated imprisoned deposed ousted former ex""".split()  # noqa: SIM905 - a list of words reads as one
)
"""Words that may stand before a surname without making it somebody else's."""


def fold(text: str) -> str:
    """The text with plain letters, quotes, hyphens and spaces; as long as before, so that offsets hold."""
    return text if text.isascii() else text.translate(_FOLDING)


def words_of(name: str) -> list[str]:
    """The words of a name, folded; hyphens and spaces part them."""
    return [word for word in re.split(r"[\s-]+", fold(name)) if word]


def same_spelling(name: str) -> str:
    """What two spellings of one name have in common, for finding doubles."""
    return " ".join(words_of(name)).casefold()


def name_pattern(name: str, *, person: bool = False) -> str:
    """A regular expression (without groups) for the name in folded text, at word boundaries.

    With `person` the first name may be an initial ("I. Khan"), or be followed by one ("Imran A. Khan").
    """
    words = words_of(name)
    with_initials = person and _has_first_name(words)
    pieces = []
    for place, word in enumerate(words):
        separator = _SEPARATOR_AFTER_SHORT_WORD if len(word) <= _LONGEST_TITLE else _SEPARATOR
        pattern = _word_pattern(word)
        if with_initials and place == 0:
            pattern, separator = f"(?:{pattern}|{word[0]}\\.)", rf"{separator}(?:[A-Z]\.?\s)?"
        pieces.append(pattern + ("" if place == len(words) - 1 else separator))
    return r"(?<!\w)" + "".join(pieces) + r"(?!\w)"


def starting_words(name: str, *, person: bool = False) -> set[str]:
    """The words, in lower case, with which a match of the name can begin."""
    words = words_of(name)
    word = re.match(r"\w+", words[0])
    starts = {word.group().lower()} if word else set()
    initial = _is_acronym(words[0]) or (person and _has_first_name(words))
    return starts | ({words[0][0].lower()} if initial else set())


def surname_of(name: str) -> str | None:
    """The surname of a person who is named in full; None of an office, or where it is too short to stand alone."""
    words = words_of(name)
    if not _has_first_name(words) or len(words[-1]) < _SHORTEST_SURNAME or words[-1].lower() in TITLES:
        return None
    return words[-1]


def _has_first_name(words: list[str]) -> bool:
    """True for "Imran Khan", not for "party founder", "PTI founder", "Khan"."""
    return len(words) > 1 and all(word.istitle() for word in (words[0], words[-1])) and len(words[0]) > 1


def _is_acronym(word: str) -> bool:
    return word.isalpha() and word.isupper() and 1 < len(word) <= _LONGEST_ACRONYM


def _word_pattern(word: str) -> str:
    if _is_acronym(word):
        dotted = r"\.\s?".join(word) + r"\.?"
        return f"(?:{word}|{dotted})"
    if word == word.lower():
        return f"(?i:{re.escape(word)})"
    return f"(?:{re.escape(word)}|{re.escape(word.upper())})"

"""The lexicon, read once from its TOML files and indexed by first word.

A form is a row of elements; an element is a set of words, may be missing, or is a gap in which an object stands.
What is wrong in a file is said with the entry and the form.
"""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from monitor.detection.inflect import forms as inflected
from monitor.errors import BadInputError

FOLDER = Path(__file__).parent
DATA_FILES = ("lexicon.toml", "composition.toml", "grammar.toml", "times.toml", "channels.toml")
BINDS = frozenset({"object", "subject", "predicate", "of", "compound"})
_MAX_GAP = 8


@dataclass(frozen=True, slots=True)
class Element:
    """One place of a form: word -> the letters of its verb forms (empty for a plain word)."""

    words: Mapping[str, str]
    optional: bool = False
    gap: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One entry of the lexicon. `kind` is noun, talk_verb, homonym or operator."""

    kind: str
    name: str
    binds: frozenset[str]
    clause: bool
    over: frozenset[str]
    strength: str
    value: str
    op: str
    """Of a talk verb: the operator that it is by itself, over talks."""
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """One surface form of an entry."""

    entry: Entry
    elements: tuple[Element, ...]
    text: str
    is_verb: bool


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """A form found in a sentence: tokens `start` .. `end` (exclusive); the gap, where it has one, holds the object."""

    form: Form
    start: int
    end: int
    letters: str
    gap: tuple[int, int] | None
    size: int

    @property
    def entry(self) -> Entry:
        """The entry whose form it is."""
        return self.form.entry

    def covers(self, token: int) -> bool:
        """True when the token is a word of the form itself, not of its gap."""
        if not self.start <= token < self.end:
            return False
        return self.gap is None or not self.gap[0] <= token < self.gap[1]


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Everything that detection knows of words."""

    entries: tuple[Entry, ...]
    by_word: Mapping[str, tuple[Form, ...]]
    words: Mapping[str, frozenset[str]]
    pasts: frozenset[str]
    """Past and third-person forms of the verbs known, by which a finite verb is told."""
    compose: Mapping[str, Mapping[str, Mapping[str, str]]]
    final: Mapping[str, str]
    infinitive: frozenset[str]
    gerund: frozenset[str]

    def matches(self, words: tuple[str, ...], start: int) -> Iterator[Match]:
        """Every form that begins at the token `start`."""
        for form in self.by_word.get(words[start], ()):
            found = _match(form.elements, 0, words, start, self.words["inner"])
            if found is not None:
                end, gap, size = found
                yield Match(form, start, end, form.elements[0].words.get(words[start], ""), gap, size)


Found = tuple[int, tuple[int, int] | None, int]


def _match(
    elements: tuple[Element, ...], at: int, words: tuple[str, ...], i: int, adverbs: frozenset[str]
) -> Found | None:
    """End of the form's rest from the token `i`, its gap and the number of its words; None where it does not fit."""
    if at == len(elements):
        return i, None, 0
    element = elements[at]
    if element.gap:
        for end in range(i, min(i + _MAX_GAP, len(words)) + 1):
            rest = _match(elements, at + 1, words, end, frozenset()) if end < len(words) else None
            if rest is not None:
                return rest[0], (i, end), rest[2]
            if end < len(words) and words[end] in {",", ";", ":", "—"}:
                return None
        return None
    if i < len(words) and words[i] in element.words:
        rest = _match(elements, at + 1, words, i + 1, adverbs)
        if rest is not None:
            return rest[0], rest[1], rest[2] + 1
    if element.optional:
        return _match(elements, at + 1, words, i, adverbs)
    # One adverb may stand between the words of a form: "walked abruptly out of".
    if (
        at
        and i + 1 < len(words)
        and (words[i] in adverbs or words[i].endswith("ly"))
        and words[i + 1] in element.words
    ):
        rest = _match(elements, at + 1, words, i + 2, adverbs)
        if rest is not None:
            return rest[0], rest[1], rest[2] + 1
    return None


@cache
def lexicon() -> Lexicon:
    """The lexicon of this release.

    Raises:
        BadInputError: a file of the lexicon is wrong; the message has the file and the entry.
    """
    grammar = _read("grammar.toml")
    return build(_read("lexicon.toml"), _read("composition.toml"), grammar)


def build(data: Mapping[str, Any], composition: Mapping[str, Any], grammar: Mapping[str, Any]) -> Lexicon:
    """A lexicon from what its three files hold, checked.

    Raises:
        BadInputError: an entry lacks something, or names an operator that composition.toml does not have.
    """
    irregular = grammar["irregular"]
    entries: list[Entry] = []
    index: dict[str, list[Form]] = {}
    pasts: set[str] = set()
    for kind in ("noun", "talk_verb", "homonym", "operator"):
        for raw in data.get(kind, ()):
            entry = _entry(kind, raw, composition)
            entries.append(entry)
            for text in (variant for form in raw["forms"] for variant in _variants(form)):
                form = _form(entry, text, irregular)
                for word in _first_words(form):
                    index.setdefault(word, []).append(form)
                if form.is_verb:
                    pasts.update(
                        word for word, letters in form.elements[0].words.items() if set(letters) & {"d"}
                    )
    words = {name: frozenset(value) for name, value in grammar["words"].items() if isinstance(value, list)}
    say = {word for verb in grammar["words"]["say"]["verbs"] for word in inflected(verb, irregular)}
    words["say"] = frozenset(say - words["not_say"])
    return Lexicon(
        entries=tuple(entries),
        by_word={word: tuple(found) for word, found in index.items()},
        words=words,
        pasts=frozenset(pasts),
        compose={name: composition.get(name, {}) for name in ("plain", "not", "will", "wont")},
        final=composition["final"],
        infinitive=frozenset(composition["governs"]["infinitive"]),
        gerund=frozenset(composition["governs"]["gerund"]),
    )


def data_hash() -> str:
    """Eight hex digits of what the data files hold, for the detector's version."""
    found = hashlib.blake2b(digest_size=4)
    for name in DATA_FILES:
        path = FOLDER / name
        if path.exists():
            found.update(path.read_bytes())
    return found.hexdigest()


def _read(name: str) -> dict[str, Any]:
    try:
        return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadInputError(f"the lexicon's file {name} cannot be read: {error}") from error


def _entry(kind: str, raw: Mapping[str, Any], composition: Mapping[str, Any]) -> Entry:
    name = raw.get("op") if kind == "operator" else raw.get("name")
    if not name or not raw.get("forms") or not raw.get("examples"):
        raise BadInputError(
            f"lexicon.toml: a [[{kind}]] needs {'op' if kind == 'operator' else 'name'}, forms and examples: {raw}"
        )
    binds = set(raw.get("binds", ()))
    if "both" in binds:
        binds = (binds - {"both"}) | {"object", "subject"}
    if kind == "operator" and (not binds or binds - BINDS):
        raise BadInputError(
            f"lexicon.toml: {name}: binds must be of {sorted(BINDS | {'both'})}, not {sorted(binds)}"
        )
    if kind == "operator" and name not in composition.get("plain", {}):
        raise BadInputError(f"lexicon.toml: {name}: composition.toml has no [plain.{name}]")
    return Entry(
        kind=kind,
        name=str(name),
        binds=frozenset(binds),
        clause=bool(raw.get("clause", False)),
        over=frozenset(raw.get("over", ())),
        strength=str(raw.get("strength", "")),
        value=_value(kind, raw, composition),
        op=str(raw.get("op", "HOLD")),
        examples=tuple((text, kind_) for text, kind_ in raw["examples"]),
    )


def _value(kind: str, raw: Mapping[str, Any], composition: Mapping[str, Any]) -> str:
    if kind != "talk_verb":
        return str(raw.get("value", "talks"))
    row = composition.get("plain", {}).get(raw.get("op", "HOLD"))
    if row is None:
        raise BadInputError(
            f"lexicon.toml: {raw.get('name')}: composition.toml has no [plain.{raw.get('op')}]"
        )
    return str(row.get("talks", row["any"]))


def _variants(text: str) -> Iterator[str]:
    """A form with its alternatives of several words ("run_into") written out as forms of their own."""
    parts = text.split()
    for at, part in enumerate(parts):
        alternatives = part.removesuffix("?").split("|")
        longer = [alternative for alternative in alternatives if "_" in alternative]
        if not longer:
            continue
        plain = "|".join(alternative for alternative in alternatives if "_" not in alternative)
        mark = "?" if part.endswith("?") else ""
        for alternative in [plain + mark] * bool(plain) + longer:
            yield from _variants(" ".join([*parts[:at], *alternative.split("_"), *parts[at + 1 :]]))
        return
    yield text


def _form(entry: Entry, text: str, irregular: Mapping[str, Any]) -> Form:
    elements = []
    for part in text.split():
        if part == "<>":
            elements.append(Element({}, gap=True))
            continue
        optional = part.endswith("?")
        words: dict[str, str] = {}
        for word in part.removesuffix("?").split("|"):
            if word.startswith("~"):
                words.update(inflected(word[1:], irregular))
            elif word:
                words.setdefault(word, "")
        if "~be" in part.removesuffix("?").split("|"):
            words.update({"is": "s", "are": "s", "am": "s", "'s": "s", "'re": "s", "'m": "s", "were": "d"})
            words.pop("bes", None)
        elements.append(Element(words, optional))
    if not elements or elements[0].gap or all(element.optional for element in elements):
        raise BadInputError(f"lexicon.toml: {entry.name}: a form must begin with a word: {text!r}")
    return Form(entry, tuple(elements), text, any("~" in part for part in text.split()[:1]))


def _first_words(form: Form) -> set[str]:
    found: set[str] = set()
    for element in form.elements:
        found |= set(element.words)
        if not element.optional:
            break
    return found

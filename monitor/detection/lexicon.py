"""The lexicon, read once from its TOML files and indexed by first word.

What is wrong in a file is said with the entry and the form.
"""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from sys import intern
from typing import Any
from zipfile import ZipFile

from monitor.detection.forms import Beginning, Element, Entry, Form, Lexicon, is_loose
from monitor.detection.inflect import forms as inflected
from monitor.errors import BadInputError

FOLDER = Path(__file__).parent
DATA_FILES = (
    "lexicon.toml",
    "ellipsis.toml",
    "composition.toml",
    "grammar.toml",
    "times.toml",
    "channels.toml",
    "kin.tsv",
    "learned.json",
    "encoder.npz",
)
_KINDS = ("noun", "talk_verb", "homonym", "operator")
BINDS = frozenset({"object", "subject", "predicate", "of", "compound"})


@cache
def lexicon() -> Lexicon:
    """The lexicon of this release.

    Raises:
        BadInputError: a file of the lexicon is wrong; the message has the file and the entry.
    """
    grammar = _read("grammar.toml")
    whole, further = _read("lexicon.toml"), _read("ellipsis.toml")
    for kind in _KINDS:
        whole[kind] = [*whole.get(kind, ()), *further.get(kind, ())]
    return build(whole, _read("composition.toml"), grammar)


def build(data: Mapping[str, Any], composition: Mapping[str, Any], grammar: Mapping[str, Any]) -> Lexicon:
    """A lexicon from what its three files hold, checked.

    Raises:
        BadInputError: an entry lacks something, or names an operator that composition.toml does not have.
    """
    irregular = grammar["irregular"]
    entries: list[Entry] = []
    naming: dict[str, list[Form]] = {}
    governing: dict[str, list[Form]] = {}
    pasts: set[str] = set()
    for kind in _KINDS:
        index = naming if kind in {"noun", "talk_verb"} else governing
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
    words = {
        name: frozenset(map(intern, value))
        for name, value in grammar["words"].items()
        if isinstance(value, list)
    }
    say = {word for verb in grammar["words"]["say"]["verbs"] for word in inflected(verb, irregular)}
    words["say"] = frozenset(map(intern, say - words["not_say"]))
    return Lexicon(
        entries=tuple(entries),
        naming={word: _beginning(found, words["inner"]) for word, found in naming.items()},
        governing={word: _beginning(found, words["inner"]) for word, found in governing.items()},
        words=words,
        kinds=_kinds(words),
        pasts=frozenset(pasts),
        participles=frozenset(parts[-1] for parts in irregular.values()),
        compose={name: composition.get(name, {}) for name in ("plain", "not", "will", "wont")},
        final=composition["final"],
        infinitive=frozenset(composition["governs"]["infinitive"]),
        gerund=frozenset(composition["governs"]["gerund"]),
    )


def data_hash() -> str:
    """Eight hex digits of what the data files hold, for the detector's version.

    An archive of arrays says by itself what each holds: to read its megabytes would make every command wait.
    """
    found = hashlib.blake2b(digest_size=4)
    for name in DATA_FILES:
        path = FOLDER / name
        if path.suffix == ".npz" and path.exists():
            with ZipFile(path) as archive:
                members = archive.infolist()
            for member in members:
                found.update(f"{member.filename} {member.CRC}\n".encode())
        elif path.exists():
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
    return str(row.get("talks", row.get("any", "none")))


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
        elements.append(Element({intern(word): letters for word, letters in words.items()}, optional))
    fixed = [element.words for element in elements if element.words and not element.optional]
    if not fixed or elements[0].gap:
        raise BadInputError(f"lexicon.toml: {entry.name}: a form must begin with a word: {text!r}")
    return Form(
        entry=entry,
        elements=tuple(elements),
        text=text,
        is_verb="~" in text.split()[0],
        is_word=len(elements) == 1,
        seconds=_seconds(elements),
        last=frozenset(fixed[-1]),
    )


def _seconds(elements: list[Element]) -> frozenset[str] | None:
    """The words that may stand second in a form; None where it may end before, or a gap may begin."""
    first = next(at for at, element in enumerate(elements) if not element.optional)
    found: set[str] = set()
    for at, element in enumerate(elements[1:], 1):
        if element.gap:
            return None
        found.update(element.words)
        if at > first and not element.optional:
            return frozenset(found)
    return None


def _beginning(forms: list[Form], inner: frozenset[str]) -> Beginning:
    loose: list[Form] = []
    by_second: dict[str, list[Form]] = {}
    for form in forms:
        if form.seconds is None:
            for found in (loose, *by_second.values()):
                found.append(form)
        else:
            for word in form.seconds:
                by_second.setdefault(word, [*loose]).append(form)
    for word in by_second:
        if word in inner or is_loose(word):
            by_second[word] = forms  # it may stand between the words of a form as well
    shared: dict[tuple[Form, ...], tuple[Form, ...]] = {}
    seconds = {word: shared.setdefault(tuple(found), tuple(found)) for word, found in by_second.items()}
    return Beginning(tuple(forms), tuple(loose), seconds)


def _kinds(words: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for kind, listed in words.items():
        for word in listed:
            found.setdefault(word, set()).add(kind)
    return {word: frozenset(kinds) for word, kinds in found.items()}


def _first_words(form: Form) -> set[str]:
    found: set[str] = set()
    for element in form.elements:
        found |= set(element.words)
        if not element.optional:
            break
    return found

"""Sentences about talks with labels that are known beforehand, drawn by hypothesis from frames.toml."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

DATA: dict[str, Any] = tomllib.loads((Path(__file__).parent / "frames.toml").read_text(encoding="utf-8"))
FAMILIES: dict[str, list[list[str]]] = {name: family["frames"] for name, family in DATA["families"].items()}
FAMILIES["dressed"] = [
    [dressed, *labels]
    for family in ("active", "passive", "nominal")
    for frame, *labels in FAMILIES[family]
    if "{reporter}" not in frame
    for dressed in ("{front}" + frame[0].lower() + frame[1:], frame.removesuffix(".") + "{tail}.")
]
PLAIN = (*(name for name, family in DATA["families"].items() if family.get("plain")), "dressed")
_SLOT = re.compile(r"\{([^}]+)\}")
_FORMS = {"base": 0, "past": 2, "done": 3, "ing": 4}
_AGREEING = {"be": ("is", "are"), "was": ("was", "were"), "have": ("has", "have")}


@dataclass(frozen=True)
class Sentence:
    """A sentence of the grammar; `labels` are those that the rules allow, the first the best."""

    family: str
    frame: str
    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class _Noun:
    text: str
    is_plural: bool


@st.composite
def sentences(draw: st.DrawFn, family: str, at: int | None = None) -> Sentence:
    """Any sentence of a family, or any of its frame `at`."""
    frames = FAMILIES[family]
    frame, *labels = frames[draw(st.integers(0, len(frames) - 1)) if at is None else at]
    text = _Filler(draw(st.randoms(use_true_random=True))).fill(frame)
    return Sentence(family, frame, text, tuple(labels))


def sample(family: str, size: int, number: int) -> list[Sentence]:
    """So many tries at each frame of a family, the same for the same seed `number`; what comes twice is there once."""
    found: dict[str, Sentence] = {}
    for at in range(len(FAMILIES[family])):

        @seed(f"{number} {family} {at}")
        @settings(
            max_examples=size,
            database=None,
            phases=(Phase.generate,),
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(sentences(family, at))
        def gather(sentence: Sentence) -> None:
            found[sentence.text] = sentence

        gather()
    return list(found.values())


class _Filler:
    """Fills the slots of one frame; parties and the talk noun stay what they were drawn as."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        words = DATA["words"]
        parties = [
            _Noun(text, many)
            for many in (False, True)
            for text in words["parties"]["many" if many else "one"]
        ]
        talks = [
            _Noun(text, many) for many in (False, True) for text in words["talks"]["many" if many else "one"]
        ]
        self.nouns = dict(zip("ABC", chance.sample(parties, 3), strict=True))
        self.nouns["T"] = chance.choice(talks)
        self.nouns["one"] = _Noun("", is_plural=False)
        self.nouns["AB"] = _Noun("", is_plural=True)
        self.bare = chance.choice(words["talks"]["many"])

    def fill(self, frame: str) -> str:
        """The frame as a sentence."""
        text = _SLOT.sub(lambda slot: self.word(slot[1]), frame)
        return text[0].upper() + text[1:]

    def word(self, slot: str) -> str:
        """What stands in a slot."""
        if slot == "talks":
            return self.bare
        if slot == "its":
            return "their" if self.nouns["A"].is_plural else "its"
        if slot in {"T", "T^"}:
            text = self.nouns["T"].text
            text = text if text.startswith("the ") else f"the {text}"
            return text[0].upper() + text[1:] if "^" in slot else text
        if slot[0] in "ABC" and slot[1:] in {"", "-"}:
            text = self.nouns[slot[0]].text
            return _bare(text) if slot.endswith("-") else text
        name, _, noun = re.sub(r"\+\w+$", "", slot).partition(":" if ":" in slot else ">")
        form = slot.partition("+")[2]
        if name in _AGREEING:
            return _AGREEING[name][self.nouns[noun].is_plural]
        if name in DATA["verbs"]:
            return self.verb(name, noun, form)
        word = self.chance.choice(DATA["words"][name.rstrip("^-")])
        word = _SLOT.sub(lambda inner: self.word(inner[1]), word)
        if name.endswith("-"):
            word = _bare(word)
        return word[0].upper() + word[1:] if name.endswith("^") else word

    def verb(self, name: str, noun: str, form: str) -> str:
        """A verb of that list: in the form asked for, or finite, agreeing with the noun."""
        verb = self.chance.choice(DATA["verbs"][name])
        if form in _FORMS:
            return str(verb[_FORMS[form]])
        many = self.nouns[noun].is_plural
        tense = form or self.chance.choice(["past", "perfect", "present"])
        if tense == "past":
            return str(verb[2])
        if tense == "perfect":
            return f"{'have' if many else 'has'} {verb[3]}"
        return str(verb[0] if many else verb[1])


def _bare(text: str) -> str:
    """Without its article, as a headline has it."""
    text = re.sub(r"^(?:the|an?) ", "", text)
    return text[0].upper() + text[1:]

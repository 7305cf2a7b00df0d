"""The vocabularies and patterns of times.toml, read once and compiled."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib import resources
from typing import Any

_DATA: dict[str, Any] = tomllib.loads(
    resources.files("monitor.detection").joinpath("times.toml").read_text(encoding="utf-8")
)
NTH = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_NUMBERED = re.compile(r"\{(\w+?)(\d)\}")


@dataclass(frozen=True)
class Pattern:
    """One way to say a time: what it looks like, as a regular expression, and which rule dates it."""

    rule: str
    source: str
    example: str
    starts: frozenset[str]
    """The words, in lower case, that a match may begin with; "0" stands for every number.

    "the" stands with the word behind it: it begins so much else.
    """

    @cached_property
    def form(self) -> re.Pattern[str]:
        """The expression, compiled when a text first asks for it: one text needs few of them."""
        return re.compile(self.source, re.IGNORECASE)


class Words:
    """The words of times.toml as tables."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        words = data["words"]
        abbreviated: list[str] = words["month_abbreviations"]
        self.months = {name: number for number, name in enumerate(abbreviated, 1)}
        self.weekdays = {name.lower(): number for number, name in enumerate(words["weekdays"])}
        self.ordinals: dict[str, int] = words["ordinals"]
        self.nth = {name: number for number, name in enumerate(NTH, 1)}
        self.units: dict[str, str] = words["units"]
        self.parts: dict[str, int] = words["parts"]
        self.seasons: dict[str, int] = words["seasons"]
        self.numbers: dict[str, int] = words["numbers"]
        self.vague_numbers: dict[str, tuple[int, int]] = words["vague_numbers"]
        self.day_words: dict[str, tuple[int, int]] = words["days"]
        self.feasts: dict[str, tuple[int, int]] = {name.lower(): day for name, day in words["feasts"].items()}
        self.ambiguous_months = frozenset(words["ambiguous_months"])
        self.month_leads = frozenset(words["month_leads"])
        self.year_leads = frozenset(words["year_leads"])
        self.counted = frozenset(words["counted"])
        self.not_a_day_after = frozenset(words["not_a_day_after"])
        self.not_a_day_before = frozenset(words["not_a_day_before"])
        self.forums = frozenset(data["relations"]["words"]["forums"])
        self.small = frozenset(data["relations"]["words"]["small"])
        self.near: dict[str, list[str]] = data["relations"]["near"]
        self.far: dict[str, list[str]] = data["relations"]["far"]
        self.determiners = frozenset(data["modifiers"]["determiners"])
        self.prepositions = frozenset(data["modifiers"]["prepositions"])
        self.event_nouns = frozenset(data["modifiers"]["nouns"])
        self.closing = frozenset(data["modifiers"]["closing"])
        self.to: list[str] = data["stretches"]["to"]

    @cached_property
    def first_words(self) -> dict[str, frozenset[str]]:
        """Placeholder -> the words that its vocabulary begins with."""
        words = _DATA["words"]
        months = [*words["month_names"], *words["month_abbreviations"], "Sept"]
        lists: dict[str, Iterable[str]] = {
            "month": months,
            "month_name": months,
            "weekday": self.weekdays,
            "number": self.numbers,
            "vague": self.vague_numbers,
            "units": [*self.units, *(f"{unit}s" for unit in self.units)],
            "ordinal": self.ordinals,
            "part": self.parts,
            "past": words["past"],
            "present": words["present"],
            "future": words["future"],
            "season": self.seasons,
            "day_word": self.day_words,
            "feast": self.feasts,
        }
        return {name: frozenset(_first_word(phrase) for phrase in phrases) for name, phrases in lists.items()}

    @cached_property
    def vocabularies(self) -> dict[str, str]:
        """Placeholder -> regular expression; months that are other words too keep their capital."""
        words = _DATA["words"]
        full, short = words["month_names"], words["month_abbreviations"]
        day = r"(?:0?[1-9]|[12]\d|3[01])"
        return {
            "month_name": _month_form(full, self.ambiguous_months),
            "month": _month_form([*full, "Sept", *short], frozenset([*full, "Sept", *short]), dot=True),
            "weekday": _any_of(words["weekdays"]),
            "year": r"(?:1[89]|20)\d\d(?!\d)|'\d\d(?!\d)"
            r"|(?:of )?(?:last|this|next|the previous|previous|the last) year",
            "yearx": r"(?:1[89]|20)\d\d",
            "day": rf"{day}(?:st|nd|rd|th)?(?![\d%]|[.,:]\d)",
            "ordinal_day": rf"{day}(?:st|nd|rd|th)",
            "mm": r"\d\d",
            "dd": r"\d\d",
            "d": r"\d{1,2}",
            "number": _any_of(self.numbers) + r"|\d{1,4}",
            "vague": _any_of(self.vague_numbers),
            "units": f"(?:{_any_of(self.units)})s?",
            "near_units": "(?:hour|day|week|fortnight|month)s?",
            "ordinal": _any_of(self.ordinals),
            "part": _any_of(self.parts),
            "past": _any_of(words["past"]),
            "present": _any_of(words["present"]),
            "future": _any_of(words["future"]),
            "season": _any_of(self.seasons),
            "day_word": _any_of(self.day_words),
            "feast": _any_of(words["feasts"]),
        }

    def pattern(self, form: str) -> str:
        """A form of times.toml as a regular expression: {name} and {name2} are named groups, spaces elastic."""
        groups = {name: f"(?P<{name}>{regex})" for name, regex in self.vocabularies.items()}
        groups["year4"] = f"(?P<year4>{self.vocabularies['yearx']})"
        for name, number in _NUMBERED.findall(form):
            groups.setdefault(f"{name}{number}", f"(?P<{name}{number}>{self.vocabularies[name]})")
        filled = form.format(**groups)
        elastic = filled.replace(" ?", r"\s{0,2}").replace(" ", r"\s{1,3}")
        return rf"(?<!\w)(?:{elastic})(?!\w)"


_GROUP = re.compile(r"\((?:\?:|\?P<\w+>)(?P<inner>[^()]*)\)(?P<optional>\??)")
_LOOKBEHIND = re.compile(r"\(\?<=[^)]*\)")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_NUMBERS = frozenset({"year4", "day", "ordinal_day", "d1"})
_GONE_BY = 20
"""A year of two figures is at most so many years ahead, else of the last century: '24, but '92."""
_YEAR_STARTS = frozenset({"0", "of", "last", "this", "next", "the previous", "the last", "previous"})


def _starts(form: str) -> frozenset[str]:
    """The words with which a match of the form can begin."""
    form = _LOOKBEHIND.sub("", form).lstrip(" ")
    if group := _GROUP.match(form):
        words = frozenset().union(*(_starts(choice) for choice in group["inner"].split("|")))
        rest = form[group.end() :]
        words |= _starts(rest) if group["optional"] else frozenset()
    elif placeholder := _PLACEHOLDER.match(form):
        words, rest = _first_words_of(placeholder[1]), form[placeholder.end() :]
    else:
        word = "0" if form.startswith("\\d") else _first_word(form)
        words, rest = frozenset({word}), form.removeprefix(word)
    if "the" not in words or not rest.strip():
        return words
    return words - {"the"} | {f"the {word}" for word in _starts(rest)}


def _first_words_of(name: str) -> frozenset[str]:
    if name in _NUMBERS:
        return frozenset({"0"})
    if name == "year":
        return _YEAR_STARTS
    vocabulary = WORDS.first_words[name]
    return vocabulary | {"0"} if name == "number" else vocabulary


def _any_of(words: Mapping[str, Any] | list[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", " ") for word in sorted(words, key=len, reverse=True))


def _first_word(phrase: str) -> str:
    word = re.match(r"\d|(?:the )?\w+", phrase.lower())
    if word is None:
        raise ValueError(f"times.toml: {phrase!r} begins with no word")
    return "0" if word.group().isdigit() else word.group()


def _month_form(names: list[str], capital: frozenset[str], *, dot: bool = False) -> str:
    def form(name: str) -> str:
        return f"(?-i:{name}|{name.upper()})" if name in capital else name

    ending = r"\.?" if dot else ""
    return "(?:" + "|".join(map(form, sorted(names, key=len, reverse=True))) + ")" + ending


WORDS = Words(_DATA)
PATTERNS = tuple(
    Pattern(entry["rule"], WORDS.pattern(entry["form"]), entry["example"], _starts(entry["form"]))
    for entry in _DATA["pattern"]
)


def year_of(caught: Mapping[str, str | None], published: date, key: str = "year") -> int | None:
    """The year as a number: "2024", "'24", "last year", "of this year"; None where none is named."""
    text = caught.get(key)
    if text is None:
        return None
    if text[-4:].isdigit():
        return int(text[-4:])
    if text.startswith("'"):
        century = published.year - published.year % 100
        return century + int(text[1:]) - (100 if int(text[1:]) > published.year % 100 + _GONE_BY else 0)
    offsets = {"last": -1, "previous": -1, "this": 0, "next": 1}
    return published.year + next(offset for word, offset in offsets.items() if word in text.lower())


def month_of(caught: Mapping[str, str | None], key: str = "month") -> int:
    """The month as a number."""
    name = (caught.get(key) or caught["month_name"] or "")[:3].title()
    return WORDS.months[name]


def count_of(text: str | None) -> int:
    """A number in figures or words; KeyError for what is none."""
    word = " ".join((text or "").lower().split())
    return int(word) if word.isdigit() else WORDS.numbers[word]

"""What the screens say, in one catalogue for each language: `strings/LANGUAGE.toml`.

A string's key is its table and its name, `alerts.none`. What varies stands in it as `{name}`. A string that counts is a
table of forms, `one` and `other` in English, chosen by the value `count`.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGE = "en"
_FOLDER = Path(__file__).with_name("strings")


@cache
def strings(language: str = LANGUAGE) -> Mapping[str, Any]:
    """A language's tables of strings."""
    return tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


def template(key: str, count: object = None) -> str:
    """A string as the catalogue has it; KeyError: it has none of that key."""
    table, _, name = key.partition(".")
    found = strings()[table][name]
    if isinstance(found, Mapping):
        found = found["one" if count == 1 else "other"]
    return str(found)


def say(key: str, **values: object) -> str:
    """A string with its values in it, as plain text: nothing is escaped."""
    return template(key, values.get("count")).format(**values)


def said_of(table: str, word: str, *, otherwise: str = "") -> str:
    """What a word of the vocabulary is called; one that this version does not know, by itself or `otherwise`."""
    return str(strings()[table].get(word, otherwise or word.replace("_", " ")))

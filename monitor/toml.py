"""What is wrong with a TOML file, for people: the line on which a key stands (tomllib tells none), what is expected."""

import re
from collections.abc import Collection, Iterator

from pydantic import ValidationError
from pydantic_core import ErrorDetails

Key = tuple[int | str, ...]
"""A path as pydantic gives it: ("parties", 1, "aliases", 3)."""

_EXPECTED = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dict_type": "a table of keys",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "missing": "a value",
    "model_type": "a table of keys",
    "path_type": "a path in quotes",
    "string_type": "a text in quotes",
    "tuple_type": 'a list, as in ["...", "..."]',
}
"""What pydantic calls an error -> what was expected, for people who write no Python."""
_TABLE = re.compile(r"^\s*\[\[?\s*([\w-]+)\s*\]\]?")


def line_of(source: str, key: Key) -> int | None:
    """The line (from 1) of the key, or of the nearest thing above it that stands in the file."""
    lines = source.splitlines()
    first, last, rest = _section(lines, key)
    name = next((part for part in rest if isinstance(part, str)), None)
    if name is None:
        return first or None
    at = _line_matching(lines, first, last, rf'^\s*"?{re.escape(name)}"?\s*=')
    if at is None:
        return first or None
    item = next((part for part in rest if isinstance(part, int)), None)
    return at if item is None else _item_line(lines, at, last, item)


def spelled(key: Key) -> str:
    """The key as people write it: `parties[2].aliases[4]`, counted from 1."""
    text = ""
    for part in key:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def faults(error: ValidationError, private: Collection[str]) -> Iterator[tuple[Key, str]]:
    """Every setting that is wrong: its key, and its name, what is expected, its value where that may be shown.

    Args:
        error: as pydantic raised it.
        private: keys whose values are secrets or addresses, which must not end up in a log.
    """
    for problem in error.errors():
        yield problem["loc"], _fault(problem, private)


def _fault(problem: ErrorDetails, private: Collection[str]) -> str:
    keys = problem["loc"]
    name, kind, value = spelled(keys), problem["type"], problem["input"]
    if kind == "extra_forbidden":
        return f"there is no setting {name!r}"
    said = (
        f"expected {_EXPECTED[kind]}" if kind in _EXPECTED else problem["msg"].removeprefix("Value error, ")
    )
    is_shown = isinstance(value, str | int | float) and not set(private).intersection(keys)
    return f"{name}: {said}{f', not {value!r}' if is_shown else ''}"


def _section(lines: list[str], key: Key) -> tuple[int, int, Key]:
    """First and last line of the table that holds the key, and what of the key is left within it."""
    headers = [(number, match[1]) for number, line in enumerate(lines, 1) if (match := _TABLE.match(line))]
    starts = [number for number, _ in headers] + [len(lines) + 1]
    same = [place for place, (_, name) in enumerate(headers) if key and name == key[0]]
    in_list = len(key) > 1 and isinstance(key[1], int)
    which, rest = (int(key[1]), key[2:]) if in_list else (0, key[1:])
    if which < len(same):
        return starts[same[which]], starts[same[which] + 1] - 1, rest
    return 0, starts[0] - 1, key


def _line_matching(lines: list[str], first: int, last: int, pattern: str) -> int | None:
    wanted = re.compile(pattern)
    return next((number for number in range(first + 1, last + 1) if wanted.match(lines[number - 1])), None)


def _item_line(lines: list[str], at: int, last: int, item: int) -> int:
    """The line of the `item`-th string of the list that begins on line `at`."""
    seen = -1
    for number in range(at, last + 1):
        text = lines[number - 1].partition("=")[2] if number == at else lines[number - 1]
        seen += len(re.findall(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'', text.split(" #")[0]))
        if seen >= item:
            return number
    return at

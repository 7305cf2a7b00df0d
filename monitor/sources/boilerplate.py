"""Takes away what a page says around its article: date line, menus, repeated titles, share buttons, the author's box.

The rules stand in `boilerplate.toml`; sentences of the article are never touched.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources

# An author's box or a list of links is short; a longer rest is likely to be the article going on.
_TAIL_CHARS = 1_500
_TAIL_SHARE = 1 / 3
_TITLE_CHARS = 220
_TITLE_WORDS = 3
_SENTENCE_ENDS = (".", "!", "…", ":", ";", ",")
_CLOSING_QUOTES = "\"'”’»"
# Repetitions are looked for in texts of a page's size only: the work grows with the square of the lines.
_REPEATED_CHARS = 40
_REPEATED_LINES = 400


@dataclass(frozen=True, slots=True)
class Stripped:
    """An article without its page: its text, the title and the day that stood above it, where they did."""

    text: str
    title: str | None
    day: datetime | None


@dataclass(frozen=True, slots=True)
class _Rules:
    heads: re.Pattern[str]
    menu: re.Pattern[str]
    lines: re.Pattern[str]
    tails: re.Pattern[str]


@cache
def _rules() -> _Rules:
    table = tomllib.loads(resources.files(__package__).joinpath("boilerplate.toml").read_text("utf-8"))
    return _Rules(
        heads=_any_of(table["heads"]),
        menu=_any_of([table["menu"]]),
        lines=_any_of(table["lines"]),
        tails=_any_of(table["tails"]),
    )


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def strip_boilerplate(text: str) -> Stripped:
    """The article in a plain text that was copied from a page."""
    day, text = _take_date(text)
    lines = _without_menu(_without_tail([line.strip() for line in text.split("\n")]))
    title, lines = _take_title(_without_repetitions(lines))
    lines = [line for line in lines if not _rules().lines.fullmatch(line)]
    return Stripped(_paragraphs(lines), title, day)


def _take_date(text: str) -> tuple[datetime | None, str]:
    found = _rules().heads.match(text.lstrip())
    if found is None:
        return None, text
    try:
        day = datetime.strptime(found["date"], "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None, text  # it looks like a date and is none
    return day, text.lstrip()[found.end() :]


def _without_tail(lines: list[str]) -> list[str]:
    total = rest = sum(map(len, lines))
    for number, line in enumerate(lines):
        if rest <= min(_TAIL_CHARS, total * _TAIL_SHARE) and _rules().tails.fullmatch(line):
            return lines[:number]
        rest -= len(line)
    return lines


def _without_menu(lines: list[str]) -> list[str]:
    for number, line in enumerate(lines):
        if line and not _rules().menu.fullmatch(line):
            return lines[number:]
    return lines  # nothing but bullets: then they are the article


def _take_title(lines: list[str]) -> tuple[str | None, list[str]]:
    """The first line is a title when it is short, ends no sentence, and other text follows; its copies go with it."""
    first = next((line for line in lines if line), "")
    if len(first) > _TITLE_CHARS or len(first.split()) < _TITLE_WORDS:
        return None, lines
    if _rules().lines.fullmatch(first):
        return None, lines
    if first.rstrip(_CLOSING_QUOTES).endswith(_SENTENCE_ENDS) or not any(
        line not in ("", first) for line in lines
    ):
        return None, lines
    return first, [line for line in lines if line != first]


def _without_repetitions(lines: list[str]) -> list[str]:
    """Highlights and pulled quotes repeat a passage that stands in a paragraph too: there it stays."""
    if len(lines) > _REPEATED_LINES:
        return lines
    longer = {line for line in lines if len(line) > _REPEATED_CHARS}
    return [
        line
        for line in lines
        if len(line) < _REPEATED_CHARS or not any(line in other for other in longer if other != line)
    ]


def _paragraphs(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

"""What an article's headline and address tell: that it explains, looks back or argues; that it is about talks. Pure."""

import re
import tomllib
from functools import lru_cache
from importlib.resources import files

from monitor.vocabulary import Value


class Genre(Value):
    """A pattern of `genres.toml`, with the examples that a test runs."""

    pattern: str
    examples: tuple[str, ...]


GENRES: dict[str, tuple[Genre, ...]] = {
    part: tuple(Genre.model_validate(row) for row in rows)
    for part, rows in tomllib.loads(
        files(__package__).joinpath("genres.toml").read_text(encoding="utf-8")
    ).items()
}


def _any_of(part: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{genre.pattern})" for genre in GENRES[part]), re.IGNORECASE)


_HEADLINE, _SECTION, _TALKS = _any_of("headline"), _any_of("section"), _any_of("talks")


@lru_cache(maxsize=4096)
def brings_no_news(title: str, url: str | None) -> bool:
    """True for an explainer, a retelling or an opinion: what it says of the present is no news of the day."""
    return bool(_HEADLINE.search(title) or (url and _SECTION.search(url)))


@lru_cache(maxsize=4096)
def names_talks(title: str) -> bool:
    """True when a headline names talks, so that its article is about them."""
    return bool(_TALKS.search(title))

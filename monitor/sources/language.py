"""Which language a text is in. What its source states is believed, unless the text clearly says otherwise.

Feeds often state the language that their software came with: an Urdu page that says "en-US" would be read as English.
The other way round, a headline of nothing but foreign names must not take an English article out of sight.
"""

import re
from dataclasses import replace
from functools import cache
from typing import Protocol

from monitor.sources.model import ArticleFound

_ENOUGH_CHARS = 600
_SURE = 0.4
"""The language itself must be so probable before it is named."""
_RULED_OUT = 0.002
"""A stated language that is less probable than this is contradicted: of 27,809 English sentences none is, of their
first six words three are, all of them rows of foreign names."""
_UNHEARD_OF = 0.9
"""A stated language that is not known to the model gives way to one that is so probable."""
_CODE = re.compile(r"\s*([A-Za-z]{2})(?![A-Za-z])")
_LETTER = re.compile(r"[^\W\d_]")


class _Identifier(Protocol):
    labels: list[str]

    def set_languages(self, langs: list[str]) -> None: ...
    def rank(self, text: str) -> list[tuple[str, float]]: ...


def language_of(text: str, stated: str = "") -> str:
    """The language of a text as ISO 639-1, or "" when it cannot be told. The text's beginning decides.

    Args:
        text: plain text, cleaned; a headline will do.
        stated: what the source says (`en`, `en-US`, `UR`), empty when it says nothing; what is no code counts as that.
    """
    code = _CODE.match(stated)
    believed = code[1].lower() if code else ""
    sample = text[:_ENOUGH_CHARS]
    if not _LETTER.search(sample):
        return believed
    ranking = _identifier().rank(sample)
    (best, probability), known = ranking[0], dict(ranking)
    if believed and (known[believed] >= _RULED_OUT if believed in known else probability < _UNHEARD_OF):
        return believed
    return best if probability >= _SURE else ""


def with_language(found: ArticleFound) -> ArticleFound:
    """The article with the language of its title and text; what it has is taken as stated."""
    return replace(found, language=language_of(f"{found.title}\n{found.text}", found.language))


@cache
def _identifier() -> _Identifier:
    # Half a second and 75 MB, which only what fetches news should pay, and only once there is a text. It has no types.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]  # as said above

    identifier: _Identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([label for label in identifier.labels if len(label) == 2])
    return identifier

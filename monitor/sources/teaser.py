"""Whether an entry's text is the article or only an invitation to read it.

A careful person would say "there is more on the page" when the text breaks off (an ellipsis, "Read more"), and when it
is too short for a report. In doubt it is a teaser: the cost is one page fetched, against an article of which only the
first sentence was read. The words and lengths stand in `teaser.toml`.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from monitor.sources.text import size_of

_TAIL_CHARS = 200
_ELLIPSIS = r"(?:…|\.\s?\.\s?\.)"
_CLOSING = r"[\s\])>»›→⟶.]*$"
_AFTER = r"[^.!?\n]{0,80}"
"""What may follow the phrase: the outlet, the title."""


@dataclass(frozen=True, slots=True)
class _Rules:
    goes_on: re.Pattern[str]
    trailer: re.Pattern[str]
    least: dict[bool, int]


@cache
def _rules() -> _Rules:
    table = tomllib.loads(resources.files(__package__).joinpath("teaser.toml").read_text("utf-8"))
    phrases = "|".join(re.escape(phrase) for phrase in table["phrases"])
    return _Rules(
        goes_on=re.compile(
            rf"{_ELLIPSIS}{_CLOSING}|(?:^|[\n.!?…»\])\u06d4।:]|{_ELLIPSIS})\W*(?:{phrases}){_AFTER}{_CLOSING}",
            re.IGNORECASE,
        ),
        trailer=re.compile(table["trailer"], re.IGNORECASE),
        least={True: table["least_chars"]["content"], False: table["least_chars"]["summary"]},
    )


def is_teaser(text: str, *, is_content: bool) -> bool:
    """Whether the page has more than this text. `is_content`: the feed offers it as the content, not as a summary."""
    rules = _rules()
    if size_of(text) < rules.least[is_content]:
        return True
    before, _, last = text.rpartition("\n")
    end = (before if rules.trailer.match(last) else text).rstrip()
    return bool(rules.goes_on.search(end[-_TAIL_CHARS:]))

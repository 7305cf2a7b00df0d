"""A title for an article that came without one: from the words of its address, else from its first sentence."""

import re
from collections import Counter
from urllib.parse import unquote, urlsplit

from monitor.sources.text import clean_title, shortened

MAX_CHARS = 120
_SLUG_WORDS = 4
_SLUG_NOISE = re.compile(r"\d{5,}|html?|php|aspx?|amp")
# Words within a sentence: the capital of its first word says nothing.
_INNER_WORD = re.compile(r"(?<=[\w,;)]\s)\w+(?:[’']\w+)?")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’']?\s")


def made_up_title(url: str | None, text: str) -> tuple[str, str]:
    """A title and a note that says where it comes from."""
    if title := title_of_address(url, text):
        return title, "title from the address"
    sentence = _first_sentence(text).rstrip(".")
    if len(sentence) > MAX_CHARS:
        sentence = shortened(sentence, MAX_CHARS - 1) + "…"
    return clean_title(sentence), "title from the first sentence"


def title_of_address(url: str | None, text: str) -> str:
    """The words of the address's last part, written as the text writes them; empty when it has too few words.

    Addresses are all lower case and without apostrophes: `imran-khans-release` becomes "Imran Khan’s release".
    """
    slug = unquote(urlsplit(url or "").path.rstrip("/").rpartition("/")[2])
    words = [word for word in re.split(r"[-_.+ ]+", slug) if word and not _SLUG_NOISE.fullmatch(word)]
    if len(words) < _SLUG_WORDS or not all(word.isalnum() for word in words):
        return ""
    written: dict[str, Counter[str]] = {}
    for word in _INNER_WORD.findall(text):
        written.setdefault(_bare(word), Counter())[word] += 1
    title = " ".join(_as_written(written.get(word), word) for word in map(_bare, words))
    return clean_title(title[:1].upper() + title[1:])


def _as_written(forms: Counter[str] | None, word: str) -> str:
    return forms.most_common(1)[0][0] if forms else word


def _bare(word: str) -> str:
    return re.sub("[’']", "", word).casefold()


def _first_sentence(text: str) -> str:
    paragraph = next((line for line in text.split("\n") if line.strip()), "")[:2_000]
    return _SENTENCE_END.split(paragraph, maxsplit=1)[0]

"""Untrusted text made safe to store: what no text needs goes, every sentence stays as it was written.

HTML becomes plain text by a real parser (never by patterns over tags), one whose time grows with the length only,
which the standard library's does not: unclosed comments hold it for minutes. Blocks become paragraphs.
"""

import re

from lxml import etree

MAX_CHARS = 1_000_000
MAX_TITLE_CHARS = 300

_SURROGATE = re.compile("[\ud800-\udfff]")
_NEWLINE = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Control characters, and the marks that turn the direction of what follows (they can make a headline read differently
# from what it says). Joiners and direction marks that Urdu and Arabic need stay.
_UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]")
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_BLANK_LINES = re.compile(r"\n{3,}")
_SPACES = re.compile(r"\s+")


def clean_text(raw: str, limit: int = MAX_CHARS) -> tuple[str, tuple[str, ...]]:
    """The text fit to store, and notes on what was cut. Doing it twice changes nothing.

    Lone surrogates become U+FFFD, every way of ending a line becomes a newline, several blank lines become one.
    """
    text = _SURROGATE.sub("\ufffd", raw[: 2 * limit])
    text = _UNWANTED.sub("", _NEWLINE.sub("\n", text))
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    text = _BLANK_LINES.sub("\n\n", text).strip()
    if len(text) <= limit:
        return text, ()
    return shortened(text, limit), (f"cut from {len(raw)} characters to {limit}",)


def clean_title(raw: str) -> str:
    """A title on one line, of at most `MAX_TITLE_CHARS` characters."""
    text = _SPACES.sub(" ", clean_text(raw, 10 * MAX_TITLE_CHARS)[0])
    return text if len(text) <= MAX_TITLE_CHARS else shortened(text, MAX_TITLE_CHARS - 1) + "…"


def shortened(text: str, limit: int) -> str:
    """The first `limit` characters at most, cut between words where there is a space to cut at."""
    if len(text) <= limit:
        return text
    head, space, _ = text[: limit + 1].rpartition(" ")
    return (head if space and len(head) > limit // 2 else text[:limit]).rstrip()


_BLOCKS = """address article aside blockquote br caption dd details div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table td th tr ul"""
_UNSEEN = "script style template noscript iframe object svg math head title select button"
_IS_BLOCK = frozenset(_BLOCKS.split())
_IS_UNSEEN = frozenset(_UNSEEN.split())


def html_to_text(html: str) -> str:
    """What a reader sees of a piece of HTML, as paragraphs of plain text."""
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True
    )
    page = f"<div>{html[: 4 * MAX_CHARS]}</div>".encode("utf-8", "replace")
    parts: list[str] = []
    walk = etree.iterwalk(etree.fromstring(page, parser), events=("start", "end"))
    for event, element in walk:
        if element.tag in _IS_BLOCK:
            parts.append("\n\n")
        if event == "end":
            parts.append((element.tail or "").replace("\n", " "))
        elif element.tag in _IS_UNSEEN:
            walk.skip_subtree()
        else:
            parts.append((element.text or "").replace("\n", " "))
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n\n".join(line for line in lines if line)


def size_of(text: str) -> int:
    """How long a text is: its characters, those of scripts that write a word with one or two of them thrice."""
    return len(text) + 2 * len(_HAN.findall(text))

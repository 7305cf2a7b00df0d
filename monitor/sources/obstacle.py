"""What keeps a reader from an article on its page: a paywall, a dialog, a test for humans; or there is none to read.

Told by the page's structure, by what it says of itself, and by how much of its text is the words of such obstacles.
The words stand in `obstacles.toml`.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from monitor.sources.markup import Marks
from monitor.sources.text import html_to_text, size_of

_WORDS = {
    "paywall": "is for subscribers, and shows the beginning only",
    "consent": "asks for consent to cookies before it shows anything",
    "login": "asks for a login",
    "challenge": "asks for proof that a person reads it",
    "video": "holds a film and hardly any text",
    "gallery": "holds pictures and hardly any text",
    "list": "lists other articles",
    "nothing": "holds no article text that could be found",
}
_SENTENCE = 40
"""What is shorter is a line of a menu, a byline, a label."""
_BLOCK = 500
"""The words of an obstacle stand in short blocks."""
_LABEL = 22
"""A mark such as "for subscribers" may hang on a link to another article."""
_HARDLY = 500
_LEAD = 1_200
_MUCH = 2_000
_REST = 200
_CARD = 1_500
_MAX_CARDS = 300
_MANY_PICTURES = 5
_HIDDEN = "//*[@hidden or contains(translate(@style, ' ', ''), 'display:none')]"
_CAPTIONS = "//figcaption | //*[contains(@class, 'caption')]"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a page gives no article: a word for counting, and what the page does, in words that follow "its page"."""

    reason: str

    @property
    def words(self) -> str:
        """The rest of a sentence that begins with "its page"."""
        return _WORDS[self.reason]


@dataclass(frozen=True, slots=True)
class _Read:
    """A page as far as the verdict needs it: its blocks in order, and which of them tell the story."""

    title: str
    blocks: tuple[str, ...]
    is_prose: tuple[bool, ...]
    listed: int
    captions: int

    def prose(self, first: int = 0) -> int:
        """How much of the story stands from a block on."""
        pairs = zip(self.blocks[first:], self.is_prose[first:], strict=True)
        return sum(size_of(block) for block, is_prose in pairs if is_prose)

    def holding(self, kind: str) -> list[int]:
        """The short blocks that hold words of an obstacle."""
        return [
            number
            for number, block in enumerate(self.blocks)
            if len(block) <= _BLOCK and holds_words(kind, block)
        ]


def holds_words(kind: str, text: str) -> bool:
    """True when a text holds words that are usual of an obstacle; `kind` is a table of `obstacles.toml`."""
    return bool(_patterns()[kind].search(text))


def obstacle_of(tree: HtmlElement, marks: Marks, text: str) -> Obstacle | None:
    """What stands in the way on a page whose main text was found to be `text`; None when that is an article."""
    read = _read(tree, text)
    for reason, stands_there in (
        ("challenge", _is_dialog(read, "challenge")),
        ("paywall", _is_paywall(read, marks)),
        (
            "login",
            _is_dialog(read, "login")
            or (bool(tree.xpath("//input[@type='password']")) and read.prose() < _REST),
        ),
        ("list", _is_list(read, marks)),
        ("video", _is_video(tree, marks) and read.prose() < _HARDLY),
        ("gallery", read.captions >= _MANY_PICTURES and read.prose() < _HARDLY),
        ("consent", _is_dialog(read, "consent")),
        ("nothing", read.prose() == 0 and not _is_told_to_machines(marks, text)),
    ):
        if stands_there:
            return Obstacle(reason)
    return None


def _is_dialog(read: _Read, kind: str) -> bool:
    """The words of the dialog outweigh the story."""
    held = read.holding(kind)
    weight = sum(size_of(read.blocks[number]) for number in held)
    told = sum(
        size_of(block)
        for number, block in enumerate(read.blocks)
        if read.is_prose[number] and number not in held
    )
    if holds_words(kind, read.title):
        return told < _HARDLY
    return weight > told


def _is_paywall(read: _Read, marks: Marks) -> bool:
    told = read.prose()
    beside = read.holding("beside")
    gates = [
        number
        for number in read.holding("gate")
        if size_of(read.blocks[number]) >= _LABEL and number not in beside
    ]
    if marks.is_free is False and told < _LEAD:
        return True
    if not gates:
        return told < _HARDLY and len(read.holding("offer")) > 1
    if told < _HARDLY:
        return True
    return not marks.is_free and told < _MUCH and read.prose(gates[0] + 1) < _REST


def _is_list(read: _Read, marks: Marks) -> bool:
    told = read.prose()
    return read.listed > told or ("CollectionPage" in marks.kinds and not marks.is_article and told < _LEAD)


def _is_video(tree: HtmlElement, marks: Marks) -> bool:
    if any(kind.startswith("video") for kind in marks.kinds):
        return True
    return not marks.is_article and ("VideoObject" in marks.kinds or bool(tree.xpath("//video")))


def _is_told_to_machines(marks: Marks, text: str) -> bool:
    """The page's data hold the article, which a script shows to readers."""
    return marks.is_article and marks.is_free is not False and size_of(text) >= _HARDLY


def _read(tree: HtmlElement, text: str) -> _Read:
    title = " ".join(tree.xpath("string(//title)").split())[:_BLOCK]
    cards, captions = (
        _card_blocks(tree, title),
        {_key(_text_of(one)) for one in tree.xpath(_CAPTIONS)[:_MAX_CARDS]},
    )
    found = {_key(line) for line in text.split("\n") if size_of(line) >= _SENTENCE}
    for element in tree.xpath(_HIDDEN):
        if element.getparent() is not None:
            element.drop_tree()
    unseen = [_text_of(one) for one in tree.xpath("//noscript")[:_MAX_CARDS]]
    blocks = [*html_to_text(etree.tostring(tree, encoding="unicode", method="html")).split("\n\n"), *unseen]
    keys = [_key(block) for block in blocks]
    listed = sum(
        size_of(block) for block, key in zip(blocks, keys, strict=True) if key in cards and key in found
    )
    kept = [number for number, key in enumerate(keys) if key not in cards]
    return _Read(
        title,
        tuple(blocks[number] for number in kept),
        tuple(keys[number] in found and keys[number] not in captions for number in kept),
        listed,
        len(captions),
    )


def _card_blocks(tree: HtmlElement, title: str) -> set[str]:
    """What stands in the cards that lead to other articles: a headline that is a link, and what goes with it.

    Some sites link the headline of the page to the page itself.
    """
    headlines = tree.xpath("//*[self::h2 or self::h3 or self::h4][.//a[@href] or parent::a[@href]]")
    others = (one for one in headlines[:_MAX_CARDS] if _text_of(one) not in title)
    return {key for headline in others for key in _blocks_of_card(headline)}


def _blocks_of_card(headline: HtmlElement) -> Iterator[str]:
    link = next(headline.iter("a"), None)
    link = headline.getparent() if link is None else link
    card = headline.getparent() if headline.getparent() is not link else link.getparent()
    # A link within the page is the headline of a part of it.
    if card is None or "#" in link.get("href", "") or len(_text_of(card)) > _CARD:
        return
    for element in islice(card.iter("p", "div", "span", "h2", "h3", "h4", "li"), _MAX_CARDS):
        yield _key(_text_of(element))


def _text_of(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _key(text: str) -> str:
    """What a passage is known by, however its markup and its spaces are taken."""
    return re.sub(r"\W+", "", text[:200])[:60]


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    table = tomllib.loads(resources.files(__package__).joinpath("obstacles.toml").read_text("utf-8"))
    return {kind: _any_of(entry["words"]) for kind, entry in table.items()}


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)

"""A document into sentences: headline, then text, line by line, with what is no news text left out.

Every line is a paragraph. Menus, "Also read", captions, author boxes, trending lists, repeated headlines are dropped,
datelines stepped over. Over-long sentences are cut and the cut is recorded: any text is read in linear time.
"""

import re
from collections.abc import Iterator

from monitor.detection.model import Document, Dropped, Sentence
from monitor.vocabulary import Position

MAX_SENTENCE = 900
"""Code points of a sentence that are read; what is beyond is recorded as dropped."""

_LEAD_SENTENCES = 2
_LEADING = 3
"""So many spaces has a sentence that may be the lead."""
_LINE = re.compile(r"[^\n\r\u2028\u2029\v\f]+")
_BOILERPLATE = re.compile(
    r"\s*(?:[•▪◦»>|]|(?:also|must) read\b|read (?:more|also|next)\b|related(?: (?:stories|news|articles?))?\s*[:|]"
    r"|trending\b|story highlights\b|about the author|share (?:on|this)\b|follow us\b|subscribe\b|sign up\b"
    r"|add .{1,30} as a preferred source|advertisement\b"
    r"|(?:photo|image|file photo|pic|picture|video|caption|credit)s?\s*[:/]"
    r"|copyright\b|©|all rights reserved|click here|watch(?: live)?\s*[:|]|tags?\s*:|topics?\s*:|published (?:on|in)\b"
    r"|with over \d+ years of experience|story first published|disclaimer\b|comments?\s*$)",
    re.IGNORECASE,
)
_DATE_LINE = re.compile(r"\s*date \d{4}-\d{2}-\d{2}\s+")
_DATELINE = re.compile(
    r"\s*(?:[A-Z][A-Z.'’ ]{2,30}(?:,\s*[A-Z][\w. ]{1,20})?(?:\s*\([^)]{1,20}\))?\s*(?::|[-–—]{1,2})\s+"
    r"|\([A-Z][\w ]{1,12}\)\s*[-–—]{1,2}\s+"
    r"|[A-Z][a-z]+(?: [A-Z][a-z]+)?(?:, [A-Z]\w+)? \((?:AP|AFP|Reuters|APP|Web Desk|dpa|EFE)\)\s*[-–—:]{0,2}\s+)"
)
_END = re.compile(
    r"\s(?:(?<=[.!?…]\s)|(?<=[.!?…][\"”’')\]]\s)|(?<=[.!?…]’’\s)|(?<=[.!?…][’”]”\s))\s*(?=[\"“‘'(\[]{0,2}[A-Z0-9؀-ۿ])"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Gen|Lt|Col|Maj|Brig|Capt|Sgt|Sen|Rep|Gov|St|Jr|Sr|No|vs|Adm|Rev|Hon|Jan|Feb|Mar|Apr|Jun|Jul"
    r"|Aug|Sept?|Oct|Nov|Dec|Inc|Ltd|Co|Corp|Retd|Ch|Adv|etc|approx|e\.g|i\.e)|\b[A-Z])\.$"
)


def sentences(document: Document) -> tuple[list[Sentence], list[Dropped]]:
    """The sentences of title and text in order, and what was cut off or left out."""
    found: list[Sentence] = []
    dropped: list[Dropped] = []
    if document.title.strip():
        found += _split(document.title, 0, len(document.title), True, 0, dropped)
    title = _bare(document.title)
    body = 0
    for line in _LINE.finditer(document.text):
        raw = line.group()
        if not raw.strip():
            continue
        start = line.start() + _skipped(raw)
        reason = "boilerplate" if _BOILERPLATE.match(raw) else None
        if reason is None and title and len(raw) < MAX_SENTENCE and _bare(raw) == title:
            reason = "the headline repeated"
        if reason:
            whole = Sentence(line.start(), line.end(), raw, Position.BODY)
            dropped.append(Dropped(whole.span(0, min(len(raw), MAX_SENTENCE)), None, reason))
            continue
        part = _split(document.text, start, line.end(), False, body, dropped)
        body += sum(map(_leads, part)) if body < _LEAD_SENTENCES else 0
        found += part
    return found, dropped


def _bare(text: str) -> str:
    return " ".join(text.split()).casefold()


def _skipped(line: str) -> int:
    """How many code points of a line are a date stamp or a dateline."""
    match = _DATE_LINE.match(line) or _DATELINE.match(line)
    rest = line[match.end() :] if match else ""
    # "Trump: no deal" is a headline, not a dateline: a dateline opens a sentence of its own.
    return match.end() if match and len(rest) > 40 else len(line) - len(line.lstrip())


def _split(
    text: str, start: int, end: int, in_title: bool, already: int, dropped: list[Dropped]
) -> list[Sentence]:
    found: list[Sentence] = []
    for first, last in _bounds(text, start, end):
        position = Position.BODY
        if in_title:
            position = Position.HEADLINE
        elif already < _LEAD_SENTENCES:
            position = Position.LEAD
        cut = min(last, first + MAX_SENTENCE)
        found.append(Sentence(first, cut, text[first:cut], position, in_title))
        already += already < _LEAD_SENTENCES and _leads(found[-1])
        if cut < last:
            rest = Sentence(cut, last, text[cut : min(last, cut + 80)], position, in_title)
            dropped.append(
                Dropped(rest.span(0, len(rest.text)), None, "the sentence is too long to be read whole")
            )
    return found


def _leads(sentence: Sentence) -> bool:
    """False for "[Transcript]" and "Good morning.": what is told first comes behind them."""
    return sentence.text[:1] != "[" and sentence.text.count(" ") >= _LEADING


def _bounds(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence within a line, without the spaces around."""
    first = start
    for match in _END.finditer(text, start, end):
        if _ABBREVIATION.search(text, max(first, match.start() - 8), match.start()):
            continue
        yield first, match.start()
        first = match.end()
    last = end
    while last > first and text[last - 1].isspace():
        last -= 1
    while first < last and text[first].isspace():
        first += 1
    if first < last:
        yield first, last

"""Time expressions: where a sentence names a time, which days are meant, and how the clause stands to them.

A small grammar of our own, since general libraries miss what news copy says ("two nights ago", "in the third week of
March"). Words and forms are in times.toml, what they mean in when_rules.py; here they are found, joined and judged.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from monitor.detection.when_days import UNKNOWN, Days, Reading
from monitor.detection.when_relation import Relation, is_modifier, next_word, relation_of
from monitor.detection.when_rules import RULES
from monitor.detection.when_words import PATTERNS, WORDS, Pattern
from monitor.topics.spelling import fold


@dataclass(frozen=True, slots=True)
class TimeMention:
    """A time named at `start` .. `end` (code points into the sentence).

    It means some of the days `earliest` .. `latest`, None where unknown; a time that counts from something else than
    publication ("within a week", in a report) is unknown on both sides. `modifier` is true when the time only tells
    which thing is meant ("the November march", "May 9 cases") and does not date the clause. `ahead` has the days for
    a clause that looks ahead ("will meet on Sunday"), where they differ.
    """

    start: int
    end: int
    text: str
    earliest: date | None
    latest: date | None
    relation: Relation = Relation.AT
    modifier: bool = False
    ahead: Days | None = None

    def looking_ahead(self) -> "TimeMention":
        """The same time in a clause about the future."""
        if self.ahead is None:
            return self
        return replace(self, earliest=self.ahead[0], latest=self.ahead[1], ahead=None)


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    rule: str
    reading: Reading


_ANCHOR = re.compile(
    r"\d|ago\b|back\b|day|night|week|month|year|quarter|morning|evening|afternoon|spring|summer|autumn|fall\b|winter"
    r"|january|february|march|april|may\b|june|july|august|september|october|november|december|morrow|christmas|ahead"
)
"""Without one of these there is no time in a sentence: most sentences are done here."""
_WORD = re.compile(r"\w+")
_LAST_WORD = re.compile(r"([\w'-]+)\W{0,2}$")
_LOOK_BACK = 90
_SUPERLATIVE = re.compile(r"\b(?:first|time|best|worst|only|once|twice|most|biggest)\b[^,;.]*$")
_MARCHES = frozenset({"on", "to", "towards", "toward", "against", "day"})
_JOINED_DATE = re.compile(r",?\s?\(?(?:the )?")
_STRETCHES = frozenset({"stretch", "days_of_month"})
_STRETCH = re.compile(r"\s?(to|until|till|through|-|and)\s?(?:the )?", re.IGNORECASE)
_OPENING = re.compile(r"\b(between|from)\s(?:the )?$", re.IGNORECASE)
_DEFAULT_DAY = date(2000, 1, 1)
"""Stands in for an unknown publication day; only absolute readings survive it."""
_ABSOLUTE = frozenset({"iso", "numeric", "decade"})
_ABSOLUTE_WITH_YEAR = frozenset(
    {
        "date",
        "days_of_month",
        "month",
        "part_of_month",
        "part_of_year",
        "week_of_month",
        "piece_of_year",
        "season",
        "year",
        "feast",
    }
)


def find_times(text: str, published: date | None) -> tuple[TimeMention, ...]:
    """The times that a sentence names, in order of place, none overlapping another.

    Weekdays and dates without a year are read as a report means them: the last ones up to `published` (a date at most
    45 days ahead is the coming one); `looking_ahead()` gives the other reading. Without `published` only what has
    a year of its own has days. Linear in the text; never raises, a day that does not exist is unknown.
    """
    if _ANCHOR.search(text.lower()) is None:
        return ()
    folded = fold(text)
    found = list(_joined(folded, _found(folded, published)))
    if any(item.rule != "clock" for item in found):
        found = [item for item in found if item.rule != "clock"]
    return tuple(_mention(text, folded, item) for item in found)


def _found(folded: str, published: date | None) -> Iterator[_Found]:
    """The longest match at each place, from left to right."""
    done = 0
    for word in _WORD.finditer(folded):
        if word.start() < done:
            continue
        best: tuple[re.Match[str], Pattern] | None = None
        for pattern in _candidates(word.group()):
            match = pattern.form.match(folded, word.start())
            if match is None or not _is_a_time(folded, pattern.rule, match):
                continue
            if best is None or match.end() > best[0].end():
                best = match, pattern
        if best is not None:
            match, pattern = best
            done = match.end()
            yield _Found(match.start(), match.end(), pattern.rule, _reading(match, pattern.rule, published))


def _candidates(word: str) -> tuple[Pattern, ...]:
    key = "0" if word[0].isdigit() else word.lower()
    return _BY_FIRST_WORD.get(key, ())


def _by_first_word() -> dict[str, tuple[Pattern, ...]]:
    """First word (or "0" for any number) -> the patterns that may begin with it; over-wide is only slower."""
    starts: dict[str, list[Pattern]] = {}
    for pattern in PATTERNS:
        for word in pattern.starts:
            starts.setdefault(word, []).append(pattern)
    return {word: tuple(patterns) for word, patterns in starts.items()}


_BY_FIRST_WORD = _by_first_word()


def _reading(match: re.Match[str], rule: str, published: date | None) -> Reading:
    caught = match.groupdict()
    if published is None and not _is_absolute(rule, caught):
        return Reading(UNKNOWN)
    try:
        reading = RULES[rule](caught, published or _DEFAULT_DAY)
    except (ValueError, OverflowError):
        return Reading(UNKNOWN)
    if published is None:
        return Reading(_whole(reading))
    return reading


def _is_absolute(rule: str, caught: dict[str, str | None]) -> bool:
    return rule in _ABSOLUTE or (rule in _ABSOLUTE_WITH_YEAR and (caught.get("year") or "")[-4:].isdigit())


def _whole(reading: Reading) -> Days:
    """Both halves of a stretch that the stand-in day has cut in two."""
    return (reading.days[0], reading.ahead[1]) if reading.ahead else reading.days


def _is_a_time(folded: str, rule: str, match: re.Match[str]) -> bool:
    """False for words that only look like a time: "the Long March", "may", "Sunday Times", "in March 13 people"."""
    before, after = _last_word(folded, match.start()), next_word(folded, match.end())
    match rule:
        case "month" if (
            match["month_name" if "month_name" in match.groupdict() else "month"] == match.group()
        ):
            return _is_lone_month(match.group(), before, after)
        case "year" if match.group()[-1].isdigit():
            return _is_lone_year(before, after)
        case "date" if match.group()[-1].isdigit():
            return after.lower() not in WORDS.counted
        case "weekday" | "day_word":
            return after not in WORDS.not_a_day_after and before not in WORDS.not_a_day_before
        case "hence" | "past_stretch":
            return _SUPERLATIVE.search(folded, max(0, match.start() - _LOOK_BACK), match.start()) is None
        case "ordinal_day":
            return after.lower() in WORDS.closing or not after
        case _:
            return True


def _is_lone_month(name: str, before: str, after: str) -> bool:
    if name.title() not in WORDS.ambiguous_months:
        return True
    # "in March to help": a march to somewhere is not gone "in".
    if after.lower() in _MARCHES and before.lower() not in {"from", "between", "in"}:
        return False
    if before.lower() in WORDS.month_leads:
        return True
    return before.lower() in WORDS.determiners and after in WORDS.event_nouns and after != "march"


def _is_lone_year(before: str, after: str) -> bool:
    if after.lower() in WORDS.counted:
        return False
    return before.lower() in WORDS.year_leads or (before.lower() in WORDS.determiners and after[:1].islower())


def _last_word(folded: str, at: int) -> str:
    match = _LAST_WORD.search(folded, max(0, at - 30), at)
    return match[1] if match else ""


def _joined(folded: str, found: Iterator[_Found]) -> Iterator[_Found]:
    """One time each for "Sunday, November 24" and "from May 3 to May 7"."""
    current: _Found | None = None
    for item in found:
        if current is None:
            current = item
            continue
        both = _one_day(folded, current, item) or _one_stretch(folded, current, item)
        if both is None:
            yield current
        current = both or item
    if current is not None:
        yield current


def _one_day(folded: str, day: _Found, named: _Found) -> _Found | None:
    """A weekday or "today" with its date: the date counts, in the reading that falls on that day."""
    is_pair = day.rule in {"weekday", "day_word"} and named.rule in {"date", "iso", "numeric", "ordinal_day"}
    if not is_pair or _JOINED_DATE.fullmatch(folded, day.end, named.start) is None:
        return None
    end = named.end + (
        folded[day.end : named.start].endswith("(") and folded[named.end : named.end + 1] == ")"
    )
    reading = named.reading
    if reading.days == UNKNOWN:
        reading = day.reading
    elif reading.ahead and _same_weekday(day, reading.ahead[0]) and not _same_weekday(day, reading.days[0]):
        reading = Reading(reading.ahead)
    return _Found(day.start, end, named.rule, reading)


def _same_weekday(day: _Found, exact: date | None) -> bool:
    first = day.reading.days[0]
    return first is not None and exact is not None and first.weekday() == exact.weekday()


def _one_stretch(folded: str, first: _Found, last: _Found) -> _Found | None:
    joint = _STRETCH.fullmatch(folded, first.end, last.start)
    opening = _OPENING.search(folded, max(0, first.start - 16), first.start)
    if joint is None or opening is None or (joint[1] == "and") != (opening[1].lower() == "between"):
        return None
    return _Found(first.start, last.end, "stretch", Reading(_from_to(first.reading, last.reading)))


def _from_to(first: Reading, last: Reading) -> Days:
    """First day of one to last day of the other, moved into order: "from March to May", said in April."""
    begin, end = first.days[0], last.days[1]
    if begin is None or end is None or begin <= end:
        return begin, end
    if last.ahead and last.ahead[1] and begin <= last.ahead[1]:
        return begin, last.ahead[1]
    months = 12 * end.year + end.month - (12 if begin.month > end.month else 0)
    return begin.replace(year=(months - 1) // 12, day=min(begin.day, 28)), end


def _mention(text: str, folded: str, found: _Found) -> TimeMention:
    is_stretch = found.rule in _STRETCHES and _OPENING.search(folded, max(0, found.start - 16), found.start)
    modifier = not is_stretch and is_modifier(folded, found.start, found.end)
    relation = Relation.AT if is_stretch else relation_of(folded, found.start, modifier=modifier)
    days, ahead = found.reading.days, found.reading.ahead
    if relation is Relation.UNTIL and ahead is not None:
        days, ahead = ahead, None
    return TimeMention(
        found.start, found.end, text[found.start : found.end], days[0], days[1], relation, modifier, ahead
    )


__all__ = ["Relation", "TimeMention", "find_times"]

"""Time expressions: where a sentence names a time, which days are meant, and how the clause stands to them.

A small grammar of our own, since general libraries miss what news copy says ("two nights ago", "in the third week of
March"). Words and forms are in times.toml, what they mean in when_rules.py; here they are found, joined and judged.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from monitor.detection.when_days import UNKNOWN, Days, Reading
from monitor.detection.when_joined import OPENING, STRETCHES, Found, joined
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


_ANCHORS = tuple(
    """day night week month year quarter morning evening afternoon spring summer autumn winter january february march
    april june july august september october november december morrow christmas ahead decade""".split()  # noqa: SIM905 - a list of words reads as one
)
_ANCHOR = re.compile(r"\d|ago\b|back\b|fall\b|may\b|\bon (?:mon|tue|wed|thu|fri)|the past\b")
"""Without one of these, or of the anchors, there is no time in a sentence."""
_WORD = re.compile(r"\w+")
_LAST_WORD = re.compile(r"([\w'-]+)\W{0,2}$")
_LOOK_BACK = 90
_SUPERLATIVE = re.compile(r"\b(?:first|time|best|worst|only|once|twice|most|biggest)\b[^,;.]*$")
_MARCHES = frozenset({"on", "to", "towards", "toward", "against", "day"})
_JUST, _FAR_OFF = timedelta(days=60), timedelta(days=180)
_DEFAULT_DAY = date(2000, 1, 1)
"""Stands in for an unknown publication day; only absolute readings survive it."""
_ABSOLUTE = frozenset({"iso", "timestamp", "numeric", "decade", "years"})
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
        "nth_of_month",
        "weekday_of_month",
        "turn_of_year",
    }
)


def find_times(text: str, published: date | None) -> tuple[TimeMention, ...]:
    """The times that a sentence names, in order of place, none overlapping another.

    Weekdays and dates without a year are read as a report means them: the last ones up to `published` (a date at most
    45 days ahead is the coming one); `looking_ahead()` gives the other reading. Without `published` only what has
    a year of its own has days. Linear in the text; never raises, a day that does not exist is unknown.
    """
    if not _is_anchored(text.lower()):
        return ()
    folded = fold(text)
    found = list(joined(folded, _found(folded, published)))
    if any(item.rule != "clock" for item in found):
        found = [item for item in found if item.rule != "clock"]
    return tuple(_mention(text, folded, item, published) for item in found)


def _is_anchored(lowered: str) -> bool:
    return any(anchor in lowered for anchor in _ANCHORS) or _ANCHOR.search(lowered) is not None


def _found(folded: str, published: date | None) -> Iterator[Found]:
    """The longest match at each place, from left to right."""
    done = 0
    for word in _WORD.finditer(folded):
        key = _key(word.group())
        if key == "the" and (following := _WORD.search(folded, word.end())):
            key = f"the {_key(following.group())}"
        patterns = _BY_FIRST_WORD.get(key)
        if patterns is None or word.start() < done:
            continue
        best: tuple[re.Match[str], Pattern] | None = None
        for pattern in patterns:
            match = pattern.form.match(folded, word.start())
            if match is None or not _is_a_time(folded, pattern.rule, match):
                continue
            if best is None or match.end() > best[0].end():
                best = match, pattern
        if best is not None:
            match, pattern = best
            done = match.end()
            yield Found(match.start(), match.end(), pattern.rule, _reading(match, pattern.rule, published))


@lru_cache(maxsize=8192)
def _key(word: str) -> str:
    return "0" if word[0].isdigit() else word.lower()


def _by_first_word() -> dict[str, tuple[Pattern, ...]]:
    """First word (or "0" for any number) -> the patterns that may begin with it; over-wide is only slower."""
    starts: dict[str, list[Pattern]] = {}
    for pattern in PATTERNS:
        for word in pattern.starts:
            starts.setdefault(word, []).append(pattern)
    return {word: tuple(patterns) for word, patterns in starts.items()}


_BY_FIRST_WORD = _by_first_word()


def _reading(match: re.Match[str], rule: str, published: date | None) -> Reading:
    caught = {**match.groupdict(), "whole": match.group()}
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
    match rule:
        case "month" if (
            match["month_name" if "month_name" in match.groupdict() else "month"] == match.group()
        ):
            return _is_lone_month(match.group(), *_beside(folded, match))
        case "year" if match.group()[-1].isdigit():
            return _is_lone_year(*_beside(folded, match))
        case "date" if match.group()[-1].isdigit():
            return next_word(folded, match.end()).lower() not in WORDS.counted
        case "weekday" | "day_word":
            before, after = _beside(folded, match)
            return after not in WORDS.not_a_day_after and before not in WORDS.not_a_day_before
        case "hence" | "past_stretch":
            return _SUPERLATIVE.search(folded, max(0, match.start() - _LOOK_BACK), match.start()) is None
        case "ordinal_day":
            # "the 27th of Ramazan" is a day of another calendar: unknown.
            after = next_word(folded, match.end())
            return not after or (after.lower() in WORDS.closing and after.lower() != "of")
        case "weekday_short":
            return match["short_day"][0].isupper()
        case "years":
            return next_word(folded, match.end()).lower() not in WORDS.counted
        case _:
            return True


def _beside(folded: str, match: re.Match[str]) -> tuple[str, str]:
    """The words right before and right behind the match."""
    before = _LAST_WORD.search(folded, max(0, match.start() - 30), match.start())
    return before[1] if before else "", next_word(folded, match.end())


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


def _mention(text: str, folded: str, found: Found, published: date | None) -> TimeMention:
    is_stretch = found.rule in STRETCHES and OPENING.search(folded, max(0, found.start - 16), found.start)
    modifier = not is_stretch and is_modifier(folded, found.start, found.end)
    relation = Relation.AT if is_stretch else relation_of(folded, found.start, modifier=modifier)
    days, ahead = found.reading.days, found.reading.ahead
    if relation is Relation.UNTIL and ahead is not None:
        days, ahead = days if _has_just_been(days, ahead, published) else ahead, None
    return TimeMention(
        found.start, found.end, text[found.start : found.end], days[0], days[1], relation, modifier, ahead
    )


def _has_just_been(days: Days, ahead: Days, published: date | None) -> bool:
    """True where "by the end of May" is said in June: it has just been, and comes again in a year."""
    last, first = days[1], ahead[0]
    if published is None or last is None or first is None:
        return False
    return published - last <= _JUST and first - published > _FAR_OFF


__all__ = ["Relation", "TimeMention", "find_times"]

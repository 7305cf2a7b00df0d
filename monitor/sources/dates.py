"""Dates as feeds write them -> a moment in UTC and how exactly it is known.

feedparser reads those with words. What it misreads (`1:05 PM`, `PKT`, figures alone) or cannot read is read here, and
only when there is one way to read it: a date that is wrong is worse than none.
"""

import calendar
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from dateutil import parser

from monitor.vocabulary import Precision

OF_A_PAGE = {"original_date": True, "extensive_search": False}
"""How trafilatura looks for a page's day: those that its story tells of, or on which it was changed, are not it."""
_MAX_CHARS = 80
_HAS_TIME = re.compile(r"\d:\d\d|\dT\d{4}|\d\s*[ap]\.?m\b", re.IGNORECASE)
_MIDNIGHT = re.compile(
    r"(?<![\d:+-])(?:0?0:00(?::00(?:[.,]0+)?)?(?![\d:])(?!\s*p)|12:00(?::00)?\s*a\.?m)|\dT0000(?!\d*[1-9])",
    re.IGNORECASE,
)
_MONTH_ONLY = re.compile(r"(\d{4})-(\d{2})")
_NO_DAY = re.compile(r"(?!\d{8}$)\d{1,9}|\d{4}[-/]?w?\d{1,3}", re.IGNORECASE)
"""A year, a week, a number: what some parsers make a day of."""
_SINCE_1970 = re.compile(r"(1\d{9})(?:\d{3})?(?:\.\d+)?")
_HALF_DAY = re.compile(r"\d\s*[ap]\.?m\b", re.IGNORECASE)
_ZONE = re.compile(r":\d\d(?:\.\d+)?\s*([A-Za-z]{3,5})$")
_WORD = re.compile(r"[^\W\d_]{2}")
"""Of dates in figures alone feedparser makes up what it does not understand: midnight, or the present day."""
_OFFSET = re.compile(r"\b(?:GMT|UTC) ?([+-])(\d\d?)(?::?(\d\d))?(?!\d)(?: ?\([^()]*\))?")
"""Hours east of Greenwich, as people write them; some parsers drop them, and some take them for hours west."""
_BEFORE_CHRIST = re.compile(r"(?<!\S)-00+1(?!\d)")
"""What content systems write for a date of zeros: 30 November of the year before 1."""
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
# Hours from UTC of zones by name, as far as a name means one: IST is India's and BST Britain's, as most write them.
_ZONES = {
    "WEST": 1.0, "BST": 1.0, "CET": 1.0, "MEZ": 1.0, "CEST": 2.0, "MESZ": 2.0, "EET": 2.0, "SAST": 2.0, "EEST": 3.0,
    "MSK": 3.0, "TRT": 3.0, "EAT": 3.0, "IRST": 3.5, "GST": 4.0, "AFT": 4.5, "PKT": 5.0, "UZT": 5.0, "IST": 5.5,
    "NPT": 5.75, "BDT": 6.0, "ICT": 7.0, "WIB": 7.0, "HKT": 8.0, "SGT": 8.0, "MYT": 8.0, "PHT": 8.0, "JST": 9.0,
    "KST": 9.0, "AEST": 10.0, "AEDT": 11.0, "NZST": 12.0, "NZDT": 13.0,
}  # fmt: skip
_ZONES_OF_FEEDPARSER = {
    "UTC": 0.0, "GMT": 0.0, "UT": 0.0, "Z": 0.0, "EDT": -4.0, "EST": -5.0, "CDT": -5.0, "CST": -6.0, "MDT": -6.0,
    "MST": -7.0, "PDT": -7.0, "PST": -8.0,
}  # fmt: skip
# What a date that does not state its year, month and day is filled up from: then the answers differ.
_FILL = (datetime(2001, 2, 3), datetime(2004, 5, 6))  # noqa: DTZ001 - the zone is what is read


def read_date(stated: str, parsed: tuple[int, ...] | None = None) -> tuple[datetime | None, Precision]:
    """The moment that a feed states, in UTC (a time without a zone is taken as UTC), or None.

    `parsed` is what feedparser made of it (UTC). Midnight sharp is what is written when only the day is known.
    """
    stated = " ".join(stated.split())
    if not stated or len(stated) > _MAX_CHARS:
        return None, Precision.UNKNOWN
    if month := _MONTH_ONLY.fullmatch(stated):
        moment, precision = _month(*map(int, month.groups())), Precision.MONTH
    elif since := _SINCE_1970.fullmatch(stated):
        moment, precision = datetime.fromtimestamp(int(since[1]), UTC), Precision.TIME
    elif _NO_DAY.fullmatch(stated) or _BEFORE_CHRIST.search(stated):
        moment = None
    elif (plain := _OFFSET.sub(_offset, stated)) != stated:
        moment, precision = _moment(plain, None), _precision(plain)
    else:
        moment, precision = _moment(stated, parsed), _precision(stated)
    return (moment, precision) if moment else (None, Precision.UNKNOWN)


def _offset(found: re.Match[str]) -> str:
    sign, hours, minutes = found.groups()
    return f"{sign}{int(hours):02}{minutes or '00'}"


def _moment(stated: str, parsed: tuple[int, ...] | None) -> datetime | None:
    zone = _ZONE.search(stated)
    has_word = _WORD.search(stated[: zone.start()] if zone else stated)
    misread = _HALF_DAY.search(stated) or (zone and zone[1].upper() in _ZONES) or not has_word
    theirs = None if parsed is None or misread else _of_feedparser(parsed, stated)
    return theirs or _iso(stated) or _unambiguous(stated)


def _of_feedparser(parsed: tuple[int, ...], stated: str) -> datetime | None:
    """What feedparser read, unless it is of another year than is stated: then it took the present day for its own."""
    try:
        moment = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
        near = {str((moment + timedelta(days=days)).year) for days in (-1, 1)}  # a zone can change the year
    except (ValueError, OverflowError, OSError):  # a date that no calendar has
        return None
    years = _YEAR.findall(stated)
    return moment if not years or near & set(years) else None


def _iso(stated: str) -> datetime | None:
    try:
        return _in_utc(datetime.fromisoformat(stated.upper()))
    except (ValueError, OverflowError):
        return None


def _unambiguous(stated: str) -> datetime | None:
    """The date when all ways to read it agree: day or month first, whatever is filled in for what is not stated."""
    orders = (False,) if stated[:4].isdigit() else (False, True)  # after a year comes the month
    try:
        read = {
            _in_utc(parser.parse(stated, default=fill, dayfirst=dayfirst, tzinfos=_zone))
            for fill in _FILL
            for dayfirst in orders
        }
    except (ValueError, OverflowError):  # no date
        return None
    return read.pop() if len(read) == 1 else None


def _zone(name: str | None, offset: int | None) -> tzinfo | None:
    """What dateutil asks for each zone: its name and its seconds from UTC, where they are stated."""
    if offset is not None:
        return timezone(timedelta(seconds=offset))
    hours = (_ZONES | _ZONES_OF_FEEDPARSER).get((name or "").upper())
    return None if hours is None else timezone(timedelta(hours=hours))


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _month(year: int, month: int) -> datetime | None:
    return datetime(year, month, 1, tzinfo=UTC) if year and 1 <= month <= 12 else None


def _precision(stated: str) -> Precision:
    return Precision.TIME if _HAS_TIME.search(stated) and not _MIDNIGHT.search(stated) else Precision.DAY

"""What a feed says of when to poll it: RSS's `ttl`, `skipHours` and `skipDays`, and the syndication module."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from lxml import etree

MAX_TTL = timedelta(days=31)
_NUMBER = re.compile(r"\s*(\d{1,9})\b")
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def ttl(feed: dict[str, Any]) -> timedelta | None:
    """How long to wait between polls, at most `MAX_TTL`: RSS's `ttl` in minutes, else the module's period.

    `feed` is feedparser's dictionary of the channel.
    """
    minutes = _number(feed.get("ttl"))
    if minutes:
        return min(timedelta(minutes=minutes), MAX_TTL)
    period, frequency = feed.get("sy_updateperiod"), _number(feed.get("sy_updatefrequency"))
    if not isinstance(period, str) and frequency is None:
        return None
    length = _PERIODS.get(str(period or "daily").strip().lower())
    return min(length / (frequency or 1), MAX_TTL) if length else None


def skips(body: bytes) -> tuple[frozenset[int], frozenset[int]]:
    """The hours (UTC, 0 to 23) and days (Monday is 0) in which an RSS feed asks not to be polled.

    feedparser keeps the last of several hours only. A feed that may never be read has said nothing.
    """
    said: dict[str, set[int]] = {"hour": set(), "day": set()}
    for name, text in _values(body):
        hour = _number(text)
        if name == "hour" and hour is not None and hour <= 24:
            said["hour"].add(hour % 24)  # RSS 0.91 counts from 1 to 24
        elif name == "day" and text.strip().lower() in _DAYS:
            said["day"].add(_DAYS.index(text.strip().lower()))
    hours, days = frozenset(said["hour"]), frozenset(said["day"])
    return (hours if len(hours) < 24 else frozenset()), (days if len(days) < len(_DAYS) else frozenset())


def _values(body: bytes) -> Iterator[tuple[str, str]]:
    """The hours and days within the elements that list them, as far as the body can be read."""
    # Names and figures are ASCII, and Latin-1 finds fault with no byte, whatever charset is declared.
    options = {"recover": True, "resolve_entities": False, "no_network": True, "encoding": "iso-8859-1"}
    walk = etree.iterparse(io.BytesIO(body), events=("end",), **options)
    try:
        for _, element in walk:
            parent = element.getparent()
            within = etree.QName(parent).localname.lower() if parent is not None else ""
            if isinstance(element.tag, str) and within in ("skiphours", "skipdays"):
                yield etree.QName(element).localname.lower(), element.text or ""
            elif within == "channel":
                element.clear()
    except etree.XMLSyntaxError:
        return  # what was read until then counts; feedparser says what is broken


def _number(text: object) -> int | None:
    found = _NUMBER.match(text) if isinstance(text, str) else None
    return int(found[1]) if found else None

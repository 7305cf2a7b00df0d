"""What the headers of an answer say about time: how long it stays fresh, how long to wait, whether to trust it again.

Pure functions of headers (names in any case) and, where needed, of the present moment `now` (UTC-aware). Headers that
cannot be read count as not sent. Sources of the rules: RFC 9110 (dates, Retry-After) and RFC 9111 (freshness).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.request import parse_http_list

LONGEST = timedelta(days=31)
"""No server's word binds Parley for longer: nothing would be heard again of one that is wrong by years."""
_MOST_DIGITS = 12


def fresh_for(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How much longer the answer says that it stays fresh, 0 to 31 days; None when it says nothing, or takes it back.

    `max-age` counts before `Expires`, which is relative to the server's own `Date`; what a cache on the way has kept it
    for (`Age`) is gone already. `no-cache` and `no-store` void both.
    """
    directives = _cache_control(headers)
    if {"no-cache", "no-store"} & directives.keys():
        return None
    if "max-age" in directives:
        lifetime = _seconds(directives["max-age"])
    elif expires := http_date(headers.get("expires", "")):
        lifetime = expires - _sent_at(headers, now)
    else:
        return None
    return (
        None if lifetime is None else _clamped(lifetime - (_seconds(headers.get("age", "")) or timedelta()))
    )


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long the server asks to wait, 0 to 31 days: seconds, or a date that counts from the server's own clock."""
    stated = headers.get("retry-after", "").strip()
    until = http_date(stated)
    wait = until - _sent_at(headers, now) if until else _seconds(stated)
    return None if wait is None else _clamped(wait)


def keeps_validators(headers: Mapping[str, str]) -> bool:
    """Whether the validators of an answer may be sent back.

    An answer that calls itself stale in a way that no date does (`Expires: 0`), or wants no old cache to keep it
    (`Pragma: no-cache`), comes from servers that go on to answer 304 when there is news. `Cache-Control: no-cache` only
    asks for the question that validators put.
    """
    expires, pragma = headers.get("expires", "").strip(), headers.get("pragma", "").lower()
    return expires not in ("0", "-1") and "no-cache" not in pragma


def http_date(text: str) -> datetime | None:
    """A date in any of HTTP's three forms, UTC-aware, or None when it is none."""
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):  # also an end of time that lies west of Greenwich
        return None


def _sent_at(headers: Mapping[str, str], now: datetime) -> datetime:
    return http_date(headers.get("date", "")) or now


def _cache_control(headers: Mapping[str, str]) -> dict[str, str]:
    """Directive -> its argument ("" for none). The first one counts; one that names fields speaks of those only."""
    found: dict[str, str] = {}
    for directive in parse_http_list(headers.get("cache-control", "")):
        name, _, argument = directive.partition("=")
        name, argument = name.strip().lower(), argument.strip().strip('"')
        if not (name in ("no-cache", "private") and argument):
            found.setdefault(name, argument)
    return found


def _seconds(text: str) -> timedelta | None:
    text = text.strip()
    if not (text.isdecimal() and text.isascii()):
        return None
    return LONGEST if len(text) > _MOST_DIGITS else timedelta(seconds=int(text))


def _clamped(wait: timedelta) -> timedelta:
    return min(max(wait, timedelta()), LONGEST)

"""What a receiver's answer over HTTP means, or that there was none: accepted, try again (when), or never again."""

import logging
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpcore
import httpx

from monitor.errors import DeliveryError

# At INFO and DEBUG they write whole URLs, and a receiver's URL is often its password.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


def failure(error: Exception, timeout: float, *, late: bool) -> tuple[str, str]:
    """Why there was no answer, as a word for counting and in words; `late`: because the time was over."""
    if late or isinstance(error, httpx.TimeoutException | httpcore.TimeoutException):
        return "timeout", f"no answer within {timeout:g} s"
    if isinstance(error.__cause__, ssl.SSLError) or "SSL" in str(error):
        return "tls", str(error)
    return "unreachable", f"{type(error).__name__}: {error}"


def objection(status: int, headers: httpx.Headers, now: datetime) -> DeliveryError | None:
    """What the answer means. Everything but 410 may be a passing state of the receiver (a deployment, a wrong rule)."""
    if 200 <= status < 300:
        return None
    reason = _REASONS.get(status) or _REASONS.get(status // 100, "refused")
    return DeliveryError(
        reason,
        f"the receiver answered {status}",
        retry=status != 410,
        retry_after=_retry_after(headers.get("Retry-After"), now),
    )


_REASONS = {
    410: "gone",
    429: "rate_limited",
    401: "auth",
    403: "auth",
    1: "refused",
    3: "redirect",
    5: "server",
}
"""Status, or its first digit -> reason."""


def _retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that the header asks for, be it in seconds or as a date; None when it says nothing sensible."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((aware - now).total_seconds(), 0.0)

"""Whether a subscription wants an alert, and when it is told: now, later, or not at all, and why not. Pure.

Times of day are meant in the subscriber's time zone. Where the clock is set back, a time that comes twice counts the
first time; where it is set forward, a time that is left out counts as if the clock had not been touched yet. So quiet
hours begin and end once a night, and a daily digest comes once a day, all the year round.
"""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from monitor.alerts.config import SEVERITIES, Wishes
from monitor.log.events import AlertRaised, Severity
from monitor.vocabulary import Certainty


class Dropped(StrEnum):
    """Why a subscription is not told of something that it wants to know of."""

    QUIET_HOURS = "quiet_hours"
    WITHDRAWN = "withdrawn"
    """The alert was taken back before it was sent; so there is nothing to take back either."""
    SUPERSEDED = "superseded"
    """A newer state of the alert is told in its place."""
    UNCONFIRMED = "unconfirmed"
    """What confirmed it fell away before it was sent, and only what is confirmed is wanted."""


def wants(wishes: Wishes, topic: str, alert: AlertRaised) -> bool:
    """Whether a subscription that wishes so wants this alert of the topic, as it stands."""
    return (
        (not wishes.topics or topic in wishes.topics)
        and (not wishes.channels or alert.channel in wishes.channels)
        and (not wishes.statuses or alert.to_status in wishes.statuses)
        and SEVERITIES.index(alert.severity) >= SEVERITIES.index(wishes.min_severity)
        and sure_enough(wishes, alert.certainty)
    )


def sure_enough(wishes: Wishes, certainty: str) -> bool:
    """Whether what is so certain is told already."""
    return certainty == Certainty.CONFIRMED or wishes.min_certainty is Certainty.REPORTED


def when(
    wishes: Wishes, severity: Severity, now: datetime, *, correction: bool = False
) -> datetime | Dropped:
    """The moment to tell of an alert that came up `now` (UTC-aware), never before `now`; or why it is not told.

    A `correction` of what was told waits as an alert does, but is never dropped: a person would go on believing it.
    """
    if is_urgent(wishes, severity):
        return now
    if quiet_until(wishes, now) and wishes.quiet_then == "drop" and not correction:
        return Dropped.QUIET_HOURS
    at = _next(wishes, now)
    return quiet_until(wishes, at) or at


def is_urgent(wishes: Wishes, severity: Severity) -> bool:
    """Whether alerts of this severity wait for nothing."""
    return wishes.urgent is not None and SEVERITIES.index(severity) >= SEVERITIES.index(wishes.urgent)


def quiet_until(wishes: Wishes, moment: datetime) -> datetime | None:
    """When the quiet hours end in which the moment lies (both UTC-aware); None when it lies in none."""
    begin, end = wishes.quiet_from, wishes.quiet_until
    if begin is None or end is None:
        return None
    zone = ZoneInfo(wishes.time_zone)
    today = moment.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        last_day = day if begin < end else day + timedelta(days=1)
        ending = _at(last_day, end, zone)
        if _at(day, begin, zone) <= moment < ending:
            return ending
    return None


def _next(wishes: Wishes, now: datetime) -> datetime:
    """When what comes up now is sent with what else waits, quiet hours apart."""
    zone = ZoneInfo(wishes.time_zone)
    local = now.astimezone(zone)
    if wishes.digest == "daily":
        at = _at(local.date(), wishes.digest_at, zone)
        return at if at > now else _at(local.date() + timedelta(days=1), wishes.digest_at, zone)
    if wishes.digest == "hourly":
        past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return now + timedelta(hours=1) - past
    return now + timedelta(seconds=wishes.group_s)


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock.replace(tzinfo=None, fold=0), zone).astimezone(UTC)

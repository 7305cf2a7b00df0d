"""When a subscription is told: quiet hours, digests, groups, and what waits for nothing."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.config import SEVERITIES, Wishes
from monitor.alerts.timing import Dropped, is_urgent, quiet_until, when

KARACHI = {"time_zone": "Asia/Karachi"}  # UTC+5, no summer time
BERLIN = {"time_zone": "Europe/Berlin"}  # 2026: forward on 29 March at 02:00, back on 25 October at 03:00
NIGHT = {"quiet_from": time(22), "quiet_until": time(7)}


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("wishes", "now", "told"),
    [
        ({}, "2026-03-01T12:00", "2026-03-01T12:00"),
        # Over midnight: 22:00 to 07:00 in Karachi is 17:00 to 02:00 UTC.
        (KARACHI | NIGHT, "2026-03-01T16:59:59", "2026-03-01T16:59:59"),
        (KARACHI | NIGHT, "2026-03-01T17:00", "2026-03-02T02:00"),
        (KARACHI | NIGHT, "2026-03-02T01:59:59", "2026-03-02T02:00"),
        (KARACHI | NIGHT, "2026-03-02T02:00", "2026-03-02T02:00"),
        # Within a day.
        (KARACHI | {"quiet_from": time(13), "quiet_until": time(15)}, "2026-03-01T09:00", "2026-03-01T10:00"),
        (KARACHI | {"quiet_from": time(13), "quiet_until": time(15)}, "2026-03-01T12:00", "2026-03-01T12:00"),
        # The night in which the clock is set forward is an hour shorter, the one in which it is set back longer.
        (BERLIN | NIGHT, "2026-03-28T21:00", "2026-03-29T05:00"),
        (BERLIN | NIGHT, "2026-10-24T20:00", "2026-10-25T06:00"),
        # 02:30 comes twice: quiet hours end the first time, and do not begin again.
        (BERLIN | {"quiet_from": time(22), "quiet_until": time(2, 30)}, "2026-10-25T00:00", "2026-10-25T00:30"),
        (BERLIN | {"quiet_from": time(22), "quiet_until": time(2, 30)}, "2026-10-25T01:10", "2026-10-25T01:10"),
        # 02:30 does not come: quiet hours end as if the clock had not been touched.
        (BERLIN | {"quiet_from": time(22), "quiet_until": time(2, 30)}, "2026-03-29T00:59", "2026-03-29T01:30"),
        # Digests.
        (KARACHI | {"digest": "hourly"}, "2026-03-01T12:00:01", "2026-03-01T13:00"),
        ({"digest": "hourly", "time_zone": "Asia/Kathmandu"}, "2026-03-01T12:00", "2026-03-01T12:15"),
        (KARACHI | {"digest": "daily"}, "2026-03-01T02:59", "2026-03-01T03:00"),
        (KARACHI | {"digest": "daily"}, "2026-03-01T03:00", "2026-03-02T03:00"),
        (BERLIN | {"digest": "daily"}, "2026-03-28T08:00", "2026-03-29T06:00"),
        (BERLIN | {"digest": "daily"}, "2026-10-24T08:00", "2026-10-25T07:00"),
        # A digest whose moment lies in quiet hours comes when they end.
        (KARACHI | NIGHT | {"digest": "daily", "digest_at": time(6)}, "2026-03-01T12:00", "2026-03-02T02:00"),
        (KARACHI | NIGHT | {"digest": "hourly"}, "2026-03-01T16:30", "2026-03-02T02:00"),
        # Groups.
        ({"group_s": 30}, "2026-03-01T12:00", "2026-03-01T12:00:30"),
        (KARACHI | NIGHT | {"group_s": 30}, "2026-03-01T16:59:45", "2026-03-02T02:00"),
        # Quiet hours that drop take nothing that came before they began.
        (KARACHI | NIGHT | {"quiet_then": "drop", "group_s": 30}, "2026-03-01T16:59:45", "2026-03-02T02:00"),
    ],
)  # fmt: skip
def test_when_an_alert_is_told(wishes, now, told):
    assert when(Wishes(**wishes), "major", utc(now)) == utc(told)


def test_what_is_urgent_waits_for_nothing():
    wishes = Wishes(**KARACHI, **NIGHT, quiet_then="drop", digest="daily", urgent="major")
    now = utc("2026-03-01T20:00")
    assert when(wishes, "major", now) == when(wishes, "critical", now) == now
    assert when(wishes, "minor", now) is Dropped.QUIET_HOURS
    all_wait = wishes.model_copy(update={"urgent": None})
    assert when(all_wait, "critical", now) is Dropped.QUIET_HOURS


def test_a_correction_in_quiet_hours_that_drop_waits_until_they_end():
    wishes = Wishes(**KARACHI, **NIGHT, quiet_then="drop")
    now = utc("2026-03-01T20:00")
    assert when(wishes, "minor", now) is Dropped.QUIET_HOURS
    assert when(wishes, "minor", now, correction=True) == utc("2026-03-02T02:00")


TIMES = st.times().map(lambda moment: moment.replace(microsecond=0))
ZONES = st.sampled_from(
    ["UTC", "Asia/Karachi", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
)
MOMENTS = st.integers(0, 5 * 365 * 86400).map(
    lambda s: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
)
SEVERITY = st.sampled_from(SEVERITIES)


@st.composite
def any_wishes(draw):
    begin, end = draw(st.lists(TIMES, min_size=2, max_size=2, unique=True))
    quiet = {"quiet_from": begin, "quiet_until": end} if draw(st.booleans()) else {}
    return Wishes(
        time_zone=draw(ZONES),
        quiet_then=draw(st.sampled_from(["hold", "drop"])),
        digest=draw(st.sampled_from(["off", "hourly", "daily"])),
        digest_at=draw(TIMES),
        group_s=draw(st.integers(0, 3600)),
        urgent=draw(st.sampled_from([None, *SEVERITIES])),
        **quiet,
    )


@given(any_wishes(), SEVERITY, MOMENTS, st.booleans())
def test_nobody_is_told_before_time_nor_in_quiet_hours_nor_after_two_days(wishes, severity, now, correction):
    told = when(wishes, severity, now, correction=correction)
    if isinstance(told, Dropped):
        assert wishes.quiet_then == "drop"
        assert quiet_until(wishes, now)
        assert not correction
        return
    assert now <= told <= now + timedelta(hours=50)
    assert quiet_until(wishes, told) is None or is_urgent(wishes, severity)


@given(any_wishes(), SEVERITY, MOMENTS, st.timedeltas(timedelta(0), timedelta(days=2)))
def test_what_comes_later_is_never_told_earlier(wishes, severity, now, later):
    first, second = when(wishes, severity, now), when(wishes, severity, now + later)
    if not isinstance(first, Dropped) and not isinstance(second, Dropped):
        assert first <= second


@given(ZONES, TIMES, st.dates(date(2024, 1, 1), date(2029, 1, 1)))
def test_a_daily_digest_comes_once_for_each_local_day(zone, at, day):
    wishes = Wishes(time_zone=zone, digest="daily", digest_at=at, urgent=None)
    noon = datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC)
    moments = [noon]
    for _ in range(3):
        moments.append(when(wishes, "minor", moments[-1]))
    for before, after in pairwise(moments[1:]):
        assert timedelta(hours=22) <= after - before <= timedelta(hours=26)

"""What the screens say: days, certainty and reasons in words."""

from datetime import UTC, date, datetime

import pytest

from dashboard import words
from dashboard.catalogue import strings
from dashboard.words import Zones
from monitor.alerts.decision import Reason


@pytest.mark.parametrize(
    ("earliest", "latest", "said"),
    [
        (date(2025, 5, 29), date(2025, 5, 29), "since 29 May 2025"),
        (date(2025, 5, 29), None, "since 29 May 2025"),
        (None, date(2025, 5, 24), "by 24 May 2025"),
        (date(2025, 5, 22), date(2025, 5, 24), "some time between 22 and 24 May 2025"),
        (date(2025, 5, 29), date(2025, 6, 2), "some time between 29 May and 2 Jun 2025"),
        (date(2024, 12, 30), date(2025, 1, 2), "some time between 30 Dec 2024 and 2 Jan 2025"),
        (None, None, "start unknown"),
    ],
)
def test_a_start_is_said_as_exactly_as_it_is_known(
    earliest: date | None, latest: date | None, said: str
) -> None:
    assert words.start(earliest, latest) == said


@pytest.mark.parametrize(
    ("value", "word"),
    [(1.0, "Almost certain"), (0.8, "Very likely"), (0.79, "Likely"), (0.5, "Uncertain"), (0.0, "Unclear")],
)
def test_a_confidence_has_a_word(value: float, word: str) -> None:
    assert words.confidence(value) == word


@pytest.mark.parametrize(
    ("precision", "said"), [("day", "14 Apr 2025"), ("week", "about 14 Apr 2025"), ("month", "Apr 2025")]
)
def test_a_publication_day_is_said_as_exactly_as_it_is_known(precision: str, said: str) -> None:
    assert words.month_or_day(date(2025, 4, 14), precision) == said


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Asia/Karachi", "29 May 2025, 02:30 PKT"),
        ("UTC", "28 May 2025, 21:30 UTC"),
        (None, "28 May 2025, 21:30 UTC"),
        ("../../etc/passwd", "28 May 2025, 21:30 UTC"),
        ("No/Where", "28 May 2025, 21:30 UTC"),
        ("\x00", "28 May 2025, 21:30 UTC"),
    ],
)
def test_a_moment_is_said_in_the_viewers_zone_else_in_utc(zone: str | None, said: str) -> None:
    assert words.moment_here(datetime(2025, 5, 28, 21, 30, tzinfo=UTC), Zones(zone)) == said


@pytest.mark.parametrize(
    ("viewer", "topic", "said"),
    [
        ("Europe/London", "Asia/Karachi", "28 May 2025, 22:30 BST (29 May, 02:30 PKT · 21:30 UTC)"),
        ("Asia/Karachi", "Asia/Karachi", "29 May 2025, 02:30 PKT (28 May, 21:30 UTC)"),
        ("America/Los_Angeles", None, "28 May 2025, 14:30 PDT (21:30 UTC)"),
        ("UTC", "Asia/Tehran", "28 May 2025, 21:30 UTC (29 May, 01:00 UTC+03:30)"),
        (None, None, "28 May 2025, 21:30 UTC"),
        ("Etc/GMT", "Africa/Abidjan", "28 May 2025, 21:30 GMT"),
    ],
)
def test_other_clocks_stand_beside_the_viewers_where_they_differ(
    viewer: str, topic: str | None, said: str
) -> None:
    assert words.moment(datetime(2025, 5, 28, 21, 30, tzinfo=UTC), Zones(viewer, topic)) == said


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_of_an_alert_has_words(reason: Reason) -> None:
    assert "_" not in words.reason(reason)
    assert words.reason(reason) != reason.value or reason.value.isalpha()
    assert reason.value in strings()["reasons"]


def test_a_status_of_a_later_version_is_shown_as_unknown() -> None:
    assert words.look("<b>thawing</b>").word == "Unknown status"

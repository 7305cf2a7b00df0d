"""Addresses within the dashboard, and what an address asks for."""

from datetime import UTC, date, datetime

import pytest

from dashboard.links import Links, Past
from monitor.errors import BadInputError

NOW = datetime(2026, 1, 2, 3, tzinfo=UTC)


def test_a_link_keeps_the_topic_and_the_past() -> None:
    past = Past.asked({"as_of": "2025-05-29", "known_at": "2025-06-01", "alert": "x"}, NOW)
    assert past == Past(date(2025, 5, 29), datetime(2025, 6, 1, 23, 59, 59, 999999, UTC))
    assert Links("pti", past).address("alerts", q="a&b", to="") == (
        "alerts?topic=pti&as_of=2025-05-29&known_at=2025-06-01&q=a%26b"
    )


def test_without_a_past_it_is_now() -> None:
    assert Past.asked({}, NOW) == Past()
    assert Links("pti").to("All <alerts>", "alerts") == (
        '<a href="alerts?topic=pti" target="_self">All &lt;alerts&gt;</a>'
    )


@pytest.mark.parametrize("value", ["yesterday", "2025-02-30", "20250529", "9999-12-31", "0001-01-01", "<b>"])
def test_what_is_no_day_is_refused(value: str) -> None:
    with pytest.raises(BadInputError, match="is no day"):
        Past.asked({"known_at": value}, NOW)


def test_the_day_from_which_things_are_seen() -> None:
    assert Past().today(NOW) == date(2026, 1, 2)
    assert Past.asked({"known_at": "2025-06-01"}, NOW).today(NOW) == date(2025, 6, 1)
    assert Past.asked({"known_at": "2025-06-01", "as_of": "2025-05-01"}, NOW).today(NOW) == date(2025, 5, 1)


def test_a_day_that_has_not_come_anywhere_is_refused() -> None:
    late = datetime(2026, 1, 2, 11, tzinfo=UTC)  # in the Line Islands it is the next day already
    assert Past.asked({"as_of": "2026-01-03"}, late).as_of == date(2026, 1, 3)
    for name in ("as_of", "known_at"):
        with pytest.raises(BadInputError, match="2026-01-04 has not come yet"):
            Past.asked({name: "2026-01-04"}, late)

"""How long things lasted, in words; and the way of a year, said in its label as its colours show it."""

import re
from datetime import date, timedelta

import pytest

from dashboard import way_view, words
from monitor.readmodel.queries import SegmentForm

TODAY = date(2026, 3, 1)


def segment(
    status: str,
    earliest: date | None,
    latest: date | None,
    *,
    contested: bool = False,
    seen: date | None = None,
) -> SegmentForm:
    return SegmentForm(
        status=status, name=f"talks {status}", start=earliest or latest, start_earliest=earliest,
        start_latest=latest, end=None, last_evidence=seen, stale_from=seen and seen + timedelta(days=31),
        certainty="reported", confidence=0.8, contested=contested, evidence=[],
    )  # fmt: skip


def shown(*segments: SegmentForm) -> str:
    return way_view.page(segments, TODAY, "<a>more</a>", is_now=True)


def label(page: str) -> str:
    found = re.search(r'role="img" aria-label="([^"]*)"', page)
    return found.group(1) if found else ""


def shares(page: str) -> list[float]:
    return [float(one) for one in re.findall(r"flex-grow:([0-9.]+)", page)]


def test_the_strip_says_in_words_what_it_shows() -> None:
    first, second = date(2026, 1, 20), date(2026, 2, 9)
    page = shown(segment("underway", first, first), segment("stalled", None, second, contested=True))
    assert label(page) == (
        "The last 12 months: nothing known until 20 Jan 2026; Talks under way from 20 Jan 2026 for 20 days; "
        "Talks stalled (contested) from 9 Feb 2026 for 20 days"
    )
    assert 's-stalled hatch"' in page
    assert sum(shares(page)) == pytest.approx(100, abs=0.1)
    assert "<li class='now'>" in page
    assert "by 9 Feb</time> · 20 days · now · contested" in page


def test_what_began_before_the_year_is_cut_and_a_day_of_it_is_still_seen() -> None:
    start, yesterday = date(2019, 5, 1), TODAY - timedelta(days=1)
    page = shown(segment("stalled", start, start), segment("underway", yesterday, yesterday))
    assert label(page).startswith("The last 12 months: Talks stalled from 1 Mar 2025 for 12 months;")
    assert shares(page)[1] == 1.5
    assert "1 May 2019</time> · 7 years" in page


def test_a_status_that_nothing_bore_out_for_long_is_grey_from_then_on_and_says_so() -> None:
    first, second = date(2025, 3, 1), date(2026, 2, 9)
    page = shown(segment("stalled", first, first, seen=date(2025, 3, 7)), segment("underway", second, second))
    assert re.findall(r'<i class="old" style="--w:([0-9.]+)"></i>', page) == ["89.28"]
    silent = "no report of it after 7 Mar 2025"
    assert f"Talks stalled from 1 Mar 2025 for 11 months, {silent}; Talks under way" in label(page)
    assert f"1 Mar 2025</time> · 11 months · {silent}" in page


def test_only_the_last_five_states_are_steps() -> None:
    days = [date(2026, 1, 1) + timedelta(days=3 * number) for number in range(8)]
    page = shown(*(segment("underway", day, day) for day in days))
    assert page.count("<li") == 5
    assert page.count("flex-grow") == 9


def test_without_a_state_there_is_no_way() -> None:
    assert shown() == ""
    assert label(shown(segment("underway", None, None))) == ""


@pytest.mark.parametrize(
    ("earliest", "latest", "said"),
    [
        (TODAY, TODAY, "less than a day"),
        (date(2026, 2, 28), date(2026, 2, 28), "1 day"),
        (date(2026, 2, 24), date(2026, 2, 26), "3 to 5 days"),
        (date(2026, 2, 24), TODAY, "less than a day to 5 days"),
        (None, date(2026, 2, 27), "2 days or more"),
        (date(2025, 2, 1), date(2025, 2, 1), "13 months"),
        (date(2020, 2, 1), date(2025, 2, 1), "13 months to 6 years"),
        (date(2026, 3, 2), date(2026, 3, 2), ""),
        (None, None, ""),
    ],
)
def test_how_long_it_has_held(earliest: date | None, latest: date | None, said: str) -> None:
    assert words.held(earliest, latest, TODAY) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-3, "0 s"), (28, "28 s"), (60, "1 min"), (119, "1 min"), (11_520, "3 h 12 min"), (187_200, "2 d 4 h")],
)  # fmt: skip
def test_a_length_of_time_has_two_units_at_most(seconds: int, said: str) -> None:
    assert words.lasting(timedelta(seconds=seconds)) == said

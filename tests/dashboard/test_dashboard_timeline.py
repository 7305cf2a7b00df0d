"""The Timeline page's parts: its period, the ladder, the volume, the table; and its address."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import volume_view, words
from dashboard.ladder_view import ladder, steps
from dashboard.period import Period
from monitor.readmodel.queries import AlertMark, BadInputError, SegmentForm, VolumeEntry
from tests.dashboard.conftest import TODAY
from tests.readmodel.story import Story

Shown = Callable[[], str]
NOW = date(2026, 3, 31)
MARCH = Period(date(2026, 3, 1), NOW)


def segment(
    status: str, earliest: date | None, latest: date | None, end: date | None, *, contested: bool = False,
    last_evidence: date | None = None, stale_from: date | None = None,
) -> SegmentForm:  # fmt: skip
    return SegmentForm(
        status=status, name=f"talks {status}", start=earliest or latest, start_earliest=earliest, start_latest=latest,
        end=end, last_evidence=last_evidence, stale_from=stale_from, certainty="reported", confidence=0.8,
        contested=contested, evidence=[],
    )  # fmt: skip


SEGMENTS = [
    segment("proposed", date(2026, 3, 5), date(2026, 3, 5), date(2026, 3, 11)),
    segment("stalled", date(2026, 3, 11), date(2026, 3, 21), date(2026, 3, 31)),
    segment("rejected", date(2026, 3, 31), date(2026, 3, 31), None, contested=True),
]


def asked(known: date | None = None, **address: str) -> Period:
    return Period.asked(address, NOW, known)


def test_the_last_90_days_are_shown_unless_the_address_says_otherwise() -> None:
    assert asked() == Period(date(2026, 1, 1), NOW, "90d")
    assert asked(range="30d") == Period(date(2026, 3, 2), NOW, "30d")
    assert asked(range="1y").days == 365
    assert asked(date(2020, 2, 3), range="all") == Period(date(2020, 2, 3), NOW, "all")
    assert asked(range="all") == Period(NOW, NOW, "all")


def test_any_days_can_be_asked_for() -> None:
    assert asked(**{"from": "2025-01-01", "until": "2025-02-01"}) == Period(
        date(2025, 1, 1), date(2025, 2, 1)
    )
    assert asked(**{"from": "2026-03-01"}) == MARCH
    assert asked(until="2026-02-01", range="30d") == Period(date(2026, 1, 3), date(2026, 2, 1))
    assert asked(**{"from": "2027-01-01"}) == Period(date(2027, 1, 1), date(2027, 1, 1))


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ({"range": "<b>"}, "no range '<b>'. There is: 30d, 90d, 1y, all"),
        ({"from": "soon"}, "'soon' is no day"),
        ({"from": "2026-02-02", "until": "2026-02-01"}, "2 Feb 2026 is after 1 Feb 2026"),
    ],
)
def test_what_cannot_be_shown_is_refused(address: dict[str, str], message: str) -> None:
    with pytest.raises(BadInputError, match=re.escape(message)):
        asked(**address)


@pytest.mark.parametrize("days", [1, 7, 30, 90, 365, 1500, 40000])
def test_a_handful_of_days_is_named_and_the_buckets_cover_them(days: int) -> None:
    period = Period(NOW - timedelta(days=days - 1), NOW)
    assert len(list(period.ticks())) <= 9
    buckets = {period.bucket(period.first + timedelta(days=number)) for number in range(days)}
    assert len(buckets) <= max(110, days / 28)
    assert all(period.bucket(period.bucket_end(one)) == one for one in buckets)
    assert (period.place(period.first), period.place(NOW + timedelta(days=1))) == (0, 100)


def test_an_uncertain_start_is_drawn_from_the_first_day_to_the_last_that_it_may_be() -> None:
    drawn = steps(SEGMENTS, NOW + timedelta(days=1))
    assert [(one.lead.day, one.start.day, one.end.day) for one in drawn] == [
        (5, 5, 11),
        (11, 21, 31),
        (31, 31, 1),
    ]
    html = ladder("Pay", SEGMENTS, MARCH, NOW, [], [])
    assert f'<i class="lead s-stalled" style="--r:5;--x:{1000 / 31:.2f};--w:{1000 / 31:.2f}">' in html
    assert html.count('class="lead') == 1


def test_a_start_without_a_first_day_may_be_as_early_as_the_one_before() -> None:
    late = [SEGMENTS[0], segment("stalled", None, date(2026, 3, 21), None)]
    assert steps(late, NOW)[1].lead == date(2026, 3, 5)
    assert 'class="lead' in ladder("Pay", late[1:], MARCH, NOW, [], [])


def test_the_ladder_has_a_row_for_each_status_and_says_each_mark_in_words() -> None:
    alert = AlertMark("x", "pay", "stalled", "talks <i>stalled</i>", "suppressed", date(2026, 3, 21))
    html = ladder("Pay <b>", SEGMENTS, MARCH, NOW, [VolumeEntry(NOW, "pay", "rejected", 2)], [alert])
    assert 'aria-label="Pay &lt;b&gt;: statuses from 1 Mar 2026 to 31 Mar 2026"' in html
    assert re.findall(r"</span>([A-Z][a-z ]+)</span>", html) == [
        look.word for look in words.STATUSES.values()
    ]
    for said in (
        "Nothing known before 5 Mar 2026",
        "Talks proposed · since 5 Mar 2026 · for 6 days · Very likely (80%) · Reported, not yet confirmed",
        "Talks rejected · since 31 Mar 2026 · for less than a day so far · Very likely (80%)"
        " · Reported, not yet confirmed · contested",
        "31 Mar 2026: 2 articles say talks rejected",
        "Not sent: talks &lt;i&gt;stalled&lt;/i&gt; · 21 Mar 2026",
    ):
        assert f'aria-label="{said}"' in html
        assert f'<span class="note" aria-hidden="true">{said}</span>' in html
    assert 'class="mark bar s-rejected contested"' in html
    assert html.count('class="step"') == 2
    assert '<b class="now" aria-hidden="true" style="--r:6;--x:100.00">now</b>' in html
    assert ">31 Mar 2026</b>" in ladder("Pay", SEGMENTS, MARCH, NOW, [], [], is_past=True)


def test_while_the_sources_are_not_read_the_last_status_is_drawn_and_told_as_the_last_known() -> None:
    html = ladder("Pay", SEGMENTS, MARCH, NOW, [], [], is_current=False)
    assert html.count('<i class="old" style="--w:100.00"></i>') == html.count('class="old"') == 1
    assert 'aria-label="Last known: talks rejected · since' in html
    assert "no report of it" not in html
    assert 'class="old"' not in ladder("Pay", SEGMENTS, MARCH, NOW, [], [])


def test_a_status_that_nothing_bore_out_any_more_is_grey_from_then_on_whether_or_not_another_followed() -> (
    None
):
    silent = [
        segment("proposed", date(2026, 3, 1), date(2026, 3, 1), date(2026, 3, 11),
                last_evidence=date(2026, 3, 2), stale_from=date(2026, 3, 6)),
        segment("stalled", date(2026, 3, 11), date(2026, 3, 11), None,
                last_evidence=date(2026, 3, 13), stale_from=date(2026, 3, 17)),
    ]  # fmt: skip
    html = ladder("Pay", silent, MARCH, NOW, [], [])
    assert re.findall(r'<i class="old" style="--w:([0-9.]+)"></i>', html) == ["50.00", "71.43"]
    assert (
        'aria-label="Talks proposed · since 1 Mar 2026 · for 10 days · no report of it after 2 Mar 2026'
        in html
    )
    assert (
        "Last known: talks stalled · since 11 Mar 2026 · for 20 days so far · no report of it after 13 Mar"
        in html
    )
    cut = ladder("Pay", silent, Period(date(2026, 3, 26), NOW), NOW, [], [])
    assert re.findall(r'<i class="old" style="--w:([0-9.]+)"></i>', cut) == ["100.00"]
    before = ladder("Pay", silent[1:], MARCH, date(2026, 3, 16), [], [])
    assert 'class="old"' not in before
    assert "no report of it" not in before


def test_what_lies_outside_the_days_shown_is_not_drawn() -> None:
    html = ladder("Pay", SEGMENTS, Period(date(2026, 3, 12), date(2026, 3, 15)), NOW, [], [])
    assert "mark bar" not in html
    assert 'class="lead s-stalled" style="--r:5;--x:0.00;--w:100.00"' in html
    assert 'class="now"' not in html
    assert "mark bar s-proposed" in ladder(
        "Pay", SEGMENTS, Period(date(2026, 3, 6), date(2026, 3, 7)), NOW, [], []
    )


def test_articles_for_talks_stand_above_the_line_and_others_below() -> None:
    volume = [
        VolumeEntry(date(2026, 3, 3), "pay", "underway", 3),
        VolumeEntry(date(2026, 3, 3), "pay", "none", 1),
        VolumeEntry(date(2026, 3, 4), "pay", "rejected", 1),
    ]
    html = volume_view.chart("Pay", volume, MARCH)
    said = "3 Mar 2026: 3 articles say talks under way, 1 article says that there are no talks"
    assert f'aria-label="{said}"' in html
    assert '<i class="s-underway" style="--y:25.00;--h:75.00"></i>' in html
    assert '<i class="s-none" style="--y:0.00;--h:25.00"></i>' in html
    assert '<i class="s-rejected" style="--y:0.00;--h:25.00"></i>' in html
    assert "For talks, up to 3" in html
    assert volume_view.chart("Pay", [], MARCH) == (
        "<p class='meta'>No article of these days says how the talks stand.</p>"
    )


@pytest.fixture
def timeline(told: Story, app: AppTest, shown: Shown) -> Callable[..., str]:
    """The page under an address."""

    def ask(**address: str) -> str:
        if not app.get("html"):
            shown()
            app.switch_page("pages_/timeline.py")
        for name in ("range", "from", "until", "channel", "as_of", "known_at"):
            if name in app.query_params:
                del app.query_params[name]
        for name, value in address.items():
            app.query_params[name] = value
        return shown()

    return ask


def test_one_channel_can_be_chosen_and_an_unknown_one_is_named(timeline: Callable[..., str]) -> None:
    page = timeline(channel="pay", range="1y")
    assert page.count("<h2>") == 1
    assert 'aria-current="true" href="timeline?topic=docks&amp;channel=pay&amp;range=1y"' in page
    assert 'href="evidence?topic=docks&amp;channel=pay&amp;status=rejected"' in page
    assert page.count('href="alerts?topic=docks&amp;alert=') == 4
    page = timeline(channel="<b>")
    assert "There is no channel &#x27;&lt;b&gt;&#x27; in docks. There is: pay, safety, mediation." in page


def test_days_of_which_nothing_is_known_say_so_and_lead_to_all(timeline: Callable[..., str]) -> None:
    page = timeline(**{"from": "2001-01-01", "until": "2001-02-01"})
    assert page.count("Nothing is known of the days from 1 Jan 2001 to 1 Feb 2001.") == 2
    assert 'href="timeline?topic=docks&amp;range=all"' in page


def test_the_page_answers_for_the_past(timeline: Callable[..., str]) -> None:
    before = (TODAY - timedelta(days=5)).isoformat()
    page = timeline(as_of=before, channel="pay")
    assert "Talks rejected</b>" not in page
    assert "Talks stalled</b>" in page
    assert f"to {words.day(TODAY - timedelta(days=5))}" in page
    assert f'href="alerts?topic=docks&amp;as_of={before}&amp;alert=' in page
    assert "<h2>Union and ministry</h2><p class='meta'>Nothing known yet.</p>" in timeline(as_of=before)
    known = "2026-02-28"  # the story is told on 1 March 2026
    assert timeline(known_at=known).count("Nothing known yet.</p>") == 3
    assert "Talks stalled</b>" in timeline(known_at="2026-03-01", as_of=before)
    assert timeline(as_of="1950-01-01").count("Nothing known yet.</p>") == 3
    tomorrow = (TODAY + timedelta(days=2)).isoformat()
    assert f"{tomorrow} has not come yet" in timeline(as_of=tomorrow)


def test_the_widgets_show_what_the_address_says_and_write_it(
    timeline: Callable[..., str], app: AppTest, shown: Shown
) -> None:
    timeline(range="1y", as_of=TODAY.isoformat())
    ranges = app.get("button_group")[0]
    assert ranges.value == "1y"
    ranges.set_value("30d").run()
    assert app.query_params["range"] == "30d"
    until = next(one for one in app.date_input if one.key == "timeline.until")
    until.set_value(TODAY - timedelta(days=30)).run()
    assert "range" not in app.query_params
    assert app.query_params["until"] == (TODAY - timedelta(days=30)).isoformat()
    assert app.query_params["as_of"] == TODAY.isoformat()
    app.get("button_group")[0].set_value("all").run()
    assert "until" not in app.query_params

"""The page Sources as a function of what is known."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard import source_words, sources_view
from dashboard.words import Zones
from monitor.readmodel.forms import Headline, PassedOver, SourceForm, SourceProblem
from monitor.sources.health import standing
from monitor.sources.state import SourceState, stamp
from tests.readmodel.story import HOSTILE

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ZONE = Zones("Asia/Karachi")


def source(id_: str, **more: Any) -> SourceForm:
    """A source that is well."""
    known: dict[str, Any] = {
        "id": id_, "outlet": "", "kind": "feed", "topics": ["pti"], "place": f"https://{id_}.example/feed",
        "state": "well", "since": None, "problem": None, "last_ok_at": NOW - 4 * MINUTE,
        "last_poll_at": NOW - 4 * MINUTE, "next_poll_at": NOW + 12 * MINUTE, "error_streak": 0,
        "entries_per_week": 21.3, "entries_seen": 412, "entries_relevant": 23, "share_relevant": 23 / 412,
        "newest_at": NOW - 5 * HOUR, "note": "",
    }  # fmt: skip
    return SourceForm(**{**known, **more})


def failing(id_: str, days: int, reason: str = "timeout", **more: Any) -> SourceForm:
    problem = SourceProblem(reason=reason, words=f"{id_} said {reason}", advice=f"Do this about {reason}.")
    trouble = {"state": "failing", "since": NOW - days * DAY, "problem": problem, "error_streak": days}
    return source(id_, **{**trouble, **more})


def page(*sources: SourceForm, now: datetime = NOW) -> str:
    return re.sub(r' title="[^"]*"', "", sources_view.page(sources, now, ZONE))  # other clocks


def test_what_is_in_trouble_comes_first_the_worst_and_longest_before_the_others() -> None:
    shown = page(
        source("well"),
        source("silent", state="silent", since=NOW - 9 * DAY),
        failing("short", 1),
        failing("long", 7),
        failing("gone", 2, "gone", state="gone", next_poll_at=None),
    )
    trouble, _, rest = shown.partition("All sources")
    places = [trouble.index(f"<b>{name}</b>") for name in ("gone", "long", "short", "silent")]
    assert places == sorted(places)
    assert "<b>well</b>" not in trouble
    assert all(f"<b>{name}</b>" in rest for name in ("gone", "long", "short", "silent", "well"))
    assert "5 sources · 1 well · 1 gone · 2 failing · 1 silent" in trouble


def test_trouble_says_since_when_why_what_to_do_and_when_it_is_tried_again() -> None:
    shown = page(failing("post", 7, outlet="Harbour Post", last_ok_at=None)).partition("All sources")[0]
    assert (
        "<b>Harbour Post</b> <span class='tag'>failing for 7 days</span><p>Do this about timeout.</p>"
        in shown
    )
    assert (
        'post said timeout · since <time datetime="2026-02-25T12:00:00+00:00">25 Feb 2026, 17:00 PKT</time>'
        " · failed 7 times in a row · it has never succeeded · next poll in 12 minutes" in shown
    )


def test_many_in_the_same_trouble_are_told_of_once_with_all_their_names() -> None:
    lost = [failing(f"lost-{number}", number, "connection") for number in (1, 3, 2)]
    lost += [failing(f"dawn-{number}", 1, "connection", outlet="Dawn") for number in (1, 2)]
    two = [failing("late", 5), failing("later", 6)]
    shown = page(*lost, *two, source("well")).partition("All sources")[0]
    assert shown.count("Do this about connection.") == 1
    assert "<b>5 sources</b> <span class='tag'>failing for up to 3 days</span>" in shown
    assert "<p class='words'>Dawn, lost-1, lost-2, lost-3</p>" in shown
    assert 'the first since <time datetime="2026-03-01T12:00:00+00:00">' in shown
    assert "next poll in 12 minutes" in shown
    assert "<code>parley sources list</code> says what each of them answers" in shown
    assert shown.count("Do this about timeout.") == 2  # two are no crowd
    assert shown.index("<b>later</b>") < shown.index("<b>late</b>") < shown.index("<b>5 sources</b>")


def test_a_source_whose_articles_were_not_stored_is_in_trouble_though_it_is_well() -> None:
    problem = SourceProblem(reason="not_stored", words="Redis does not answer", advice="Nothing is lost.")
    one = source("post", problem=problem)
    assert "<span class='tag'>not stored</span><p>Nothing is lost.</p>" in page(one)
    assert sources_view.title([one]) == "⚠ 1 in trouble – Sources"
    assert "In trouble" not in page(source("post", state="paused", problem=problem, next_poll_at=None))


def test_a_row_says_how_the_source_fares_and_what_it_brings() -> None:
    shown = page(
        source("post", outlet="Harbour Post", topics=["pti", "rail-uk"], note="one entry without a day")
    )
    assert "In trouble" not in shown
    assert sources_view.title([source("post")]) == "Sources – Parley"
    for part in (
        "post · feed · pti · rail-uk",
        "https://post.example/feed",
        "At the last poll: one entry without a day",
        "4 minutes ago<p class='meta'><time datetime=\"2026-03-04T11:56:00+00:00\">4 Mar 2026, 16:56 PKT</time>",
        "in 12 minutes<p class='meta'><time datetime=\"2026-03-04T12:12:00+00:00\">4 Mar 2026, 17:12 PKT</time>",
        "about 21 entries a week",
        "23 of 412 taken in (6%)",
        "newest seen 5 hours ago",
    ):
        assert part in shown, part


def test_what_is_not_known_is_said_and_is_no_nought() -> None:
    unknown = dict.fromkeys(
        (
            "last_ok_at",
            "last_poll_at",
            "entries_per_week",
            "entries_seen",
            "entries_relevant",
            "share_relevant",
            "newest_at",
        )
    )
    shown = page(source("post", state="new", **unknown))
    assert "Not polled yet" in shown
    assert "rhythm not known yet" in shown
    assert "<div>never</div>" in shown
    assert "taken in" not in shown
    assert "newest" not in shown
    assert "Nothing has been polled yet" in shown


def test_without_sources_the_page_says_how_to_add_one() -> None:
    assert "parley sources add" in page()
    only_folders = page(source("seeds", kind="folder", place="/home/reader/seeds"))
    assert "No feed yet:" in only_folders
    assert "parley sources add" in only_folders
    assert "No feed yet:" not in page(source("seeds", kind="folder"), source("post"))


def test_sources_that_nobody_polls_any_more_are_not_shown_as_due() -> None:
    on_time, late = source("a", next_poll_at=NOW - HOUR), source("b", next_poll_at=NOW - 3 * DAY)
    assert "due now" in page(on_time)
    assert "Overdue:" not in page(on_time)
    shown = page(on_time, late)
    assert "Overdue:</b> 1 source should have been polled more than an hour ago." in shown
    assert "overdue for 3 days" in shown


def test_a_paused_source_says_how_to_go_on() -> None:
    shown = page(source("post", state="paused", next_poll_at=None))
    assert "go on with <code>parley sources resume post</code>" in shown
    assert "<div>none</div>" in shown


def test_hostile_text_stays_text() -> None:
    one = failing(
        "post", 3, outlet=HOSTILE, topics=[HOSTILE], place=HOSTILE, note=HOSTILE, kind=HOSTILE,
        problem=SourceProblem(reason=HOSTILE, words=HOSTILE, advice=HOSTILE),
    )  # fmt: skip
    headline = Headline(title=HOSTILE, url="javascript:alert(1)", why=HOSTILE, seen_at=NOW)
    passed = PassedOver(source="post", count=9, headlines=[headline])
    whole = page(one, source("other", state=HOSTILE)) + "".join(
        sources_view.passed_over([one], [passed], ZONE)
    )
    assert whole.count("&lt;script&gt;window.__x=1&lt;/script&gt;") == 13, "once for each that is shown"
    assert HOSTILE not in whole
    for tag in ("<script", "<img", "<form", "<style", "<b>&quot;Outlet", 'href="javascript:'):
        assert tag not in whole, tag


def test_headlines_passed_over_are_folded_in_a_part_for_each_source_and_bounded() -> None:
    headlines = [
        Headline(
            title=f"Title {at}", url=f"https://a.example/{at}", why="pti: nobody", seen_at=NOW - at * HOUR
        )
        for at in range(2)
    ]
    passed = [
        PassedOver(source="tide", count=47, headlines=headlines),
        PassedOver(source="post", count=1, headlines=headlines[:1]),
        PassedOver(source="no-longer-there", count=1, headlines=headlines[:1]),
    ]
    known = [source("tide", outlet="Daily Tide"), source("post", outlet="Anchor")]
    head, anchor, tide, other = sources_view.passed_over(known, passed, ZONE)
    assert "Passed over in the last week" in head
    assert "<summary><b>Anchor</b>: 1 headline</summary>" in anchor
    assert "more of the last week" not in anchor
    assert tide.startswith("<details class='passed'><summary><b>Daily Tide</b>: 47 headlines</summary>")
    assert tide.index("Title 0") < tide.index("Title 1")
    assert '<a href="https://a.example/0" target="_blank"' in tide
    assert "4 Mar 2026, 17:00 PKT</time> · pti: nobody" in tide
    assert "and 45 more of the last week" in tide
    assert "<b>no-longer-there</b>" in other
    assert sources_view.passed_over(known, [], ZONE) == []


@pytest.mark.parametrize(("sources", "each"), [(0, 20), (1, 20), (30, 20), (60, 10), (600, 1), (9_999, 1)])
def test_the_more_sources_the_fewer_headlines_of_each(sources: int, each: int) -> None:
    assert sources_view.headlines_of_each(sources) == each


@pytest.mark.parametrize(
    ("gap", "ahead", "ago"),
    [
        (timedelta(), "due now", "just now"),
        (timedelta(seconds=59), "in less than a minute", "just now"),
        (MINUTE, "in 1 minute", "1 minute ago"),
        (119 * MINUTE, "in 119 minutes", "119 minutes ago"),
        (2 * HOUR, "in 2 hours", "2 hours ago"),
        (2 * DAY - MINUTE, "in 47 hours", "47 hours ago"),
        (2 * DAY, "in 2 days", "2 days ago"),
    ],
)
def test_moments_are_told_by_their_distance(gap: timedelta, ahead: str, ago: str) -> None:
    assert source_words.ahead(NOW + gap, NOW) == ahead
    assert source_words.ago(NOW - gap, NOW) == ago
    assert source_words.ago(NOW + timedelta(seconds=30), NOW) == "just now", (
        "the page's time is a full minute"
    )


@pytest.mark.parametrize(
    ("part", "said"),
    [(0.0, "0%"), (0.001, "less than 1%"), (0.055, "6%"), (0.999, "99%"), (1.0, "100%")],
)
def test_a_share_never_says_none_or_all_where_it_is_not(part: float, said: str) -> None:
    assert source_words.share(part) == said


def test_every_standing_has_a_look() -> None:
    def row(**more: Any) -> SourceState:
        return SourceState(source_id="post", place="x", host="x", due_at=stamp(NOW), **more)

    rows = [
        row(), row(polled_once=True), row(error_streak=1), row(is_paused=True),
        row(is_paused=True, last_error="gone: words"), row(newest_at=stamp(NOW - 99 * DAY)),
    ]  # fmt: skip
    standings = {standing(one, NOW) for one in rows}
    assert len(standings) == len(rows)
    assert standings <= set(source_words.STANDINGS)

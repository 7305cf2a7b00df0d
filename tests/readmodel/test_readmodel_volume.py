"""How much was written on which day: kept as events come, on SQLite and PostgreSQL."""

from datetime import UTC, date, datetime

import pytest

from monitor.errors import BadInputError
from monitor.ids import fact_id
from monitor.log.events import ClaimJudged
from monitor.readmodel import queries
from monitor.readmodel.model import ReadModel
from monitor.readmodel.queries import VolumeEntry
from monitor.readmodel.rebuild import rebuild
from monitor.vocabulary import Mood
from tests.readmodel.story import TOPIC, Story, claim, dump, project

ALWAYS = date(2000, 1, 1), date(2100, 1, 1)
DAY = date(2026, 3, 4)
TEXT = (
    "Talks on pay go on. There are no talks at all. The port rejected the talks. Talks collapsed last year."
)
GO_ON, NONE_AT_ALL, REJECTED, COLLAPSED = TEXT.removesuffix(".").split(". ")


def of_day(model: ReadModel, day: date = DAY) -> dict[str, int]:
    return {one.status: one.articles for one in queries.volume(model, "docks", day, day)}


def test_each_article_counts_on_its_day_for_what_it_says(told: Story, model: ReadModel) -> None:
    assert queries.volume(model, "docks", *ALWAYS) == [
        VolumeEntry(date(2026, 1, 12), "pay", "proposed", 1),
        VolumeEntry(date(2026, 1, 20), "pay", "underway", 1),
        VolumeEntry(date(2026, 2, 9), "pay", "stalled", 1),
        VolumeEntry(date(2026, 2, 26), "pay", "rejected", 1),
        VolumeEntry(date(2026, 2, 27), "safety", "proposed", 1),
    ]
    assert [one.status for one in queries.volume(model, "docks", date(2026, 1, 20), date(2026, 2, 9))] == [
        "underway",
        "stalled",
    ]
    assert queries.first_day(model, "docks") == date(2026, 1, 12)
    with pytest.raises(BadInputError, match="nope"):
        queries.volume(model, "nope", *ALWAYS)


def test_an_article_counts_once_for_each_status_of_the_present(told: Story, model: ReadModel) -> None:
    article = told.article("b1", "Post", DAY, "Talks", TEXT)
    told.claims(
        article,
        claim(article, "pay", "underway", GO_ON, DAY, DAY),
        claim(article, "pay", "progress", "Talks on pay", DAY, DAY),
        claim(article, "pay", "denied", NONE_AT_ALL, DAY, DAY),
        claim(article, "pay", "rejected", REJECTED, DAY, DAY, mood=Mood.CONDITIONAL),
        claim(article, "pay", "collapsed", COLLAPSED, None, DAY, background=True),
    )
    project(told, model)
    assert of_day(model) == {"underway": 1, "none": 1}


def test_what_is_dismissed_or_revised_counts_no_more_and_what_is_removed_still_does(
    told: Story, model: ReadModel
) -> None:
    first, second = (told.article(key, "Post", DAY, "Talks", TEXT) for key in ("b1", "b2"))
    found = claim(first, "pay", "underway", GO_ON, DAY, DAY)
    told.claims(first, found)
    told.claims(second, claim(second, "pay", "underway", GO_ON, DAY, DAY))
    project(told, model)
    assert of_day(model) == {"underway": 2}
    before = told.now
    judged = ClaimJudged(claim_id=found.id, operator_id="op1", why="a joke")
    told.tell("claim.dismissed", judged, fact_id("dismissed", found.id))
    revised = told.article("b2", "Post", DAY, "Talks", TEXT + " More.", previous=second)
    project(told, model)
    assert of_day(model) == {}
    told.claims(revised, claim(revised, "pay", "rejected", REJECTED, DAY, DAY))
    told.remove(revised.data["article_id"])
    project(told, model)
    assert of_day(model) == {"rejected": 1}
    kept = dump(model)["volume"]
    rebuild(model, told.log, [TOPIC])
    assert dump(model)["volume"] == kept
    then = queries.volume(model, "docks", DAY, DAY, known_at=before)
    assert then == [VolumeEntry(DAY, "pay", "underway", 2)]


def test_what_was_known_now_is_what_is_known(told: Story, model: ReadModel) -> None:
    assert queries.volume(model, "docks", *ALWAYS, known_at=told.now) == queries.volume(
        model, "docks", *ALWAYS
    )
    assert queries.volume(model, "docks", *ALWAYS, known_at=datetime(1990, 1, 1, tzinfo=UTC)) == []


def test_alerts_are_marked_on_their_day_as_they_stood(told: Story, model: ReadModel) -> None:
    marks = queries.alert_marks(model, "docks", date(2026, 1, 20), date(2026, 2, 26))
    assert [(one.day, one.to, one.state) for one in marks] == [
        (date(2026, 1, 20), "underway", "suppressed"),
        (date(2026, 2, 9), "stalled", "raised"),
        (date(2026, 2, 26), "rejected", "raised"),
    ]
    before = told.now
    shift = next(
        one.event for one in told.log.read_all("docks") if one.event.data.get("name") == "talks rejected"
    )
    told.withdraw(shift)
    project(told, model)
    day = date(2026, 2, 26)
    assert [one.state for one in queries.alert_marks(model, "docks", day, day)] == ["cancelled"]
    assert [one.state for one in queries.alert_marks(model, "docks", day, day, known_at=before)] == ["raised"]
    long_ago = datetime(1990, 1, 1, tzinfo=UTC)
    assert queries.alert_marks(model, "docks", *ALWAYS, known_at=long_ago) == []


def test_a_timeline_as_csv_has_a_line_for_each_segment(told: Story, model: ReadModel) -> None:
    lines = queries.timeline_csv(queries.timeline(model, "docks")).split("\r\n")
    assert lines[0].startswith(
        "topic,channel,status,name,start_earliest,start_latest,end,last_evidence,stale_from,certainty"
    )
    assert lines[3] == (
        "docks,pay,stalled,talks stalled,,2026-02-09,2026-02-26,2026-02-09,,reported,0.85,false,"
        + fact_id("test-article", "a3")
    )
    assert len(lines) == 1 + 5 + 1

"""Evidence: stories with what they say, both sides of a channel, and one article with all its claims."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import Engine

from monitor.errors import BadInputError
from monitor.ids import fact_id
from monitor.log.events import Event
from monitor.readmodel import queries
from monitor.readmodel.display import METADATA as DISPLAYS
from monitor.readmodel.display import note_displays
from monitor.readmodel.model import ReadModel
from monitor.readmodel.queries import EvidenceFilter, Reports
from monitor.vocabulary import WITHHELD, Mood, Position
from tests.readmodel.story import Story, claim, project

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 3, tzinfo=UTC)


def known(key: str) -> str:
    return fact_id("test-article", key)


def asked(model: ReadModel, **chosen: object) -> list[str]:
    """The titles of the stories that are chosen."""
    found = queries.reports(model, "docks", EvidenceFilter(**chosen))
    return titles(found)


def titles(found: Reports) -> list[str]:
    return [report.article.title for report in found.reports]


def end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, UTC)


def copies(story: Story, number: int, of: str = "a4") -> list[Event]:
    """Copies of an article of the story, a day later each, in outlets of their own."""
    first = next(
        one.event for one in story.log.read_all("docks") if one.event.data.get("article_id") == known(of)
    )
    made = []
    for nth in range(number):
        text, title = first.data["text"], first.data["title"]
        copy = story.article(
            f"{of}-{nth}", f"Copyist {nth}", DAY, title, text, story_id=first.data["story_id"]
        )
        quote = "The dockers’ leader rejected a new round of talks"
        story.claims(copy, claim(copy, "pay", "rejected", quote, DAY, DAY, confidence=0.8 - nth / 20))
        made.append(copy)
    return made


def test_stories_stand_newest_first_with_what_they_say_amid_their_text(told: Story, model: ReadModel) -> None:
    found = queries.reports(model, "docks", EvidenceFilter())
    assert titles(found)[1:] == [
        "Dockers reject new round", "Dock talks on hold", "Pay talks open at the docks", "Port offers dockers talks",
    ]  # fmt: skip
    (said,) = found.reports[1].said
    assert (said.claim.status, said.claim.channel) == ("rejected", "pay")
    assert said.passage.quote == "The dockers’ leader rejected a new round of talks"
    assert said.passage.after == ", three delegates said, and called for a strike vote instead."
    assert (found.count, found.is_more) == (5, False)


def test_copies_are_folded_into_their_story(told: Story, model: ReadModel) -> None:
    copies(told, 10)
    project(told, model)
    found = queries.reports(model, "docks", EvidenceFilter())
    assert titles(found).count("Dockers reject new round") == 1
    report = found.reports[1]
    assert report.article.outlet == "Evening Anchor"
    assert report.copied == 10
    assert len(report.copies) == 8
    assert {copy.outlet for copy in report.copies} <= {f"Copyist {nth}" for nth in range(10)}
    assert found.count == 5


def test_a_story_is_told_by_its_first_article_of_those_that_are_chosen(told: Story, model: ReadModel) -> None:
    copies(told, 2)
    project(told, model)
    found = queries.reports(model, "docks", EvidenceFilter(outlet="Copyist 1"))
    (report,) = found.reports
    assert report.article.outlet == "Copyist 1"
    assert [copy.outlet for copy in report.copies] == ["Evening Anchor", "Copyist 0"]


CHOSEN: Sequence[tuple[dict[str, object], list[str]]] = [
    ({"channel": "pay", "status": "stalled"}, ["Dock talks on hold"]),
    ({"channel": "safety", "status": "stalled"}, []),
    ({"channel": "mediation"}, []),
    ({"outlet": "Daily Tide"}, ["Pay talks open at the docks"]),
    ({"words": "customs house"}, ["Pay talks open at the docks"]),
    ({"words": "talks customs", "outlet": "Harbour Post"}, []),
    ({"language": "ur"}, []),
    ({"first": datetime(2026, 1, 13, tzinfo=UTC), "last": end_of(date(2026, 2, 9))},
     ["Dock talks on hold", "Pay talks open at the docks"]),
    ({"known_at": datetime(2026, 2, 1, tzinfo=UTC)}, []),
]  # fmt: skip


@pytest.mark.parametrize(("chosen", "expected"), CHOSEN)
def test_stories_are_chosen(
    told: Story, model: ReadModel, chosen: dict[str, object], expected: list[str]
) -> None:
    assert asked(model, **chosen) == expected


def test_a_denial_is_chosen_by_its_kind(told: Story, model: ReadModel) -> None:
    article = told.article(
        "no", "Daily Tide", DAY, "No talks", "The port said that there are no talks at all."
    )
    told.claims(article, claim(article, "pay", "denied", "The port said that there are no talks", DAY, DAY))
    project(told, model)
    assert asked(model, status="denied") == ["No talks"]
    assert "No talks" not in asked(model, status="proposed")


def test_what_is_asked_for_stands_before_what_is_heavier(told: Story, model: ReadModel) -> None:
    text = "The union rejected talks. The port offered talks on pay."
    article = told.article("both", "Daily Tide", DAY, "Two answers", text)
    heavy = claim(article, "pay", "rejected", "The union rejected talks", DAY, DAY)
    light = claim(
        article, "pay", "proposed", "The port offered talks on pay", DAY, DAY, position=Position.BODY
    )
    told.claims(article, heavy, light)
    project(told, model)
    for status, first in ((None, heavy), ("rejected", heavy), ("proposed", light)):
        found = queries.reports(model, "docks", EvidenceFilter(status=status))
        report = next(one for one in found.reports if one.article.title == "Two answers")
        assert report.said[0].claim.id == first.id
        assert len(report.said) == 2


def test_pages_leave_nothing_out_and_show_nothing_twice(told: Story, model: ReadModel) -> None:
    copies(told, 3)
    project(told, model)
    whole = titles(queries.reports(model, "docks", EvidenceFilter()))
    parts = [
        titles(queries.reports(model, "docks", EvidenceFilter(), limit=2, offset=offset))
        for offset in (0, 2, 4, 6)
    ]
    assert [len(part) for part in parts] == [2, 2, 1, 0]
    assert [title for part in parts for title in part] == whole


def test_a_removed_article_stays_without_words(told: Story, model: ReadModel) -> None:
    told.remove(known("a4"))
    project(told, model)
    report = queries.reports(model, "docks", EvidenceFilter()).reports[1]
    assert (report.article.title, report.article.removed) == ("", "asked by its outlet")
    assert [said.passage.quote for said in report.said] == [WITHHELD]
    assert report.said[0].passage.before == report.said[0].passage.after == ""
    assert asked(model, words="delegates") == []


def test_what_is_not_read_says_why(told: Story, model: ReadModel) -> None:
    told.article("urdu", "Sahil", DAY, "مذاکرات", "مذاکرات جاری ہیں۔", language="ur")
    project(told, model)
    (report,) = queries.reports(model, "docks", EvidenceFilter(language="ur")).reports
    assert "'ur'" in report.unread
    assert queries.choices(model, "docks").languages == ["en", "ur"]
    assert queries.choices(model, "docks").outlets[0] == "Harbour Post"


def test_both_sides_hold_each_story_once_heaviest_first(told: Story, model: ReadModel) -> None:
    copies(told, 2)
    for nth, confidence in enumerate((0.3, 0.4)):
        text = f"Talks on pay go on behind closed doors, an aide said, number {nth}."
        article = told.article(
            f"on{nth}", f"Port Gazette {nth}", date(2026, 2, 26), f"They go on {nth}", text
        )
        quote = "Talks on pay go on behind closed doors"
        day = date(2026, 2, 26)
        said = claim(article, "pay", "underway", quote, day, day, confidence=confidence)
        told.claims(article, said)
    project(told, model)
    found = queries.sides(model, "docks", "pay")
    assert found is not None
    assert found.segment.status == "rejected"
    assert [side.article.outlet for side in found.carrying] == ["Evening Anchor"]
    assert {copy.outlet for copy in found.carrying[0].copies} == {"Copyist 0", "Copyist 1"}
    assert [side.article.outlet for side in found.against] == ["Port Gazette 1", "Port Gazette 0"]
    assert not found.is_cut


def test_both_sides_are_of_the_past_that_is_asked_for(told: Story, model: ReadModel) -> None:
    then = queries.sides(model, "docks", "pay", as_of=date(2026, 1, 25))
    assert then is not None
    assert then.segment.status == "underway"
    assert then.against == []
    assert queries.sides(model, "docks", "pay", known_at=datetime(2026, 2, 1, tzinfo=UTC)) is None
    assert queries.sides(model, "docks", "mediation") is None
    with pytest.raises(BadInputError, match="no channel 'nowhere'"):
        queries.sides(model, "docks", "nowhere")
    with pytest.raises(BadInputError, match="no channel 'nowhere'"):
        queries.reports(model, "docks", EvidenceFilter(channel="nowhere"))


def test_an_article_holds_its_text_where_its_source_permits_it(
    told: Story, model: ReadModel, service: Engine
) -> None:
    shown = queries.article_evidence(model, "docks", known("a4"))
    assert shown is not None
    assert (shown.display, shown.text) == ("excerpt", None)
    DISPLAYS.create_all(service)
    note_displays(service, {"made-up": "text"})
    shown = queries.article_evidence(model, "docks", known("a4"))
    assert shown is not None
    assert shown.text is not None
    span = shown.said[0].claim.span
    assert shown.text[span["start"] : span["end"]] == span["text"]
    assert queries.article_evidence(model, "docks", "nothing") is None


def test_an_article_keeps_what_was_held_true_of_it_apart(told: Story, model: ReadModel) -> None:
    article = next(
        one.event for one in told.log.read_all("docks") if one.event.data.get("article_id") == known("a4")
    )
    before = told.now
    new = claim(
        article, "pay", "stalled", "called for a strike vote instead", DAY, DAY, mood=Mood.CONDITIONAL
    )
    told.claims(article, new, version="2")
    project(told, model)
    shown = queries.article_evidence(model, "docks", known("a4"))
    assert shown is not None
    assert [said.claim.kind for said in shown.said] == ["stalled"]
    assert [said.claim.kind for said in shown.former] == ["rejected"]
    then = queries.article_evidence(model, "docks", known("a4"), known_at=before)
    assert then is not None
    assert [said.claim.kind for said in then.said] == ["rejected"]
    assert then.former == []

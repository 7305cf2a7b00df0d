"""What was decided, in the order of the log: told without what was held back, the same after a rebuild."""

from datetime import date
from pathlib import Path

import pytest

from monitor.errors import BadInputError
from monitor.ids import fact_id
from monitor.log.events import Event
from monitor.log.stream import Recorded
from monitor.readmodel.decisions import BEGINNING, after, newest_place, told_alerts
from monitor.readmodel.model import ReadModel
from monitor.readmodel.projection import project_event
from monitor.readmodel.rebuild import rebuild
from monitor.status.state import TopicState
from monitor.vocabulary import WITHHELD, Status
from tests.readmodel.story import Story, claim, dump, project, tell_all


def raise_alert(story: Story, key: str, type_: str) -> Event:
    """An article whose claim makes a shift, and its alert; the shift's event."""
    quote = f"The port authority has offered talks, report {key} said"
    article = story.article(key, "Harbour Post", date(2026, 3, 1), "Port offers talks", f"{quote}.")
    found = claim(article, "pay", "proposed", quote, date(2026, 3, 1), date(2026, 3, 1))
    story.claims(article, found)
    start = date(2026, 3, 1), date(2026, 3, 1)
    shift = story.shift(article, "pay", Status.NONE, Status.PROPOSED, "talks proposed", start, [found])
    story.alert(shift, article, [found], type_=type_, reason="new_shift")
    return shift


def test_shifts_and_alerts_are_told_in_the_order_of_the_log(told: Story, model: ReadModel) -> None:
    every = [one.event for one in told.log.read_all("docks")]
    expected = [one for one in every if one.type in {"status.shifted", "alert.raised"}]
    assert len(expected) == 8
    assert after(model, "docks", BEGINNING, limit=100).events == expected
    assert newest_place(model, "docks") == expected[-1].id
    assert after(model, "docks", expected[2].id, limit=2).events == expected[3:5]
    alerts = told_alerts(model, "docks", limit=100)
    assert alerts.events == [one for one in reversed(expected) if one.type == "alert.raised"]
    assert alerts.moved_at == every[-1].recorded_at


def test_the_end_of_an_alert_is_told_only_when_its_beginning_was(story: Story, model: ReadModel) -> None:
    story.define()
    told = raise_alert(story, "b1", "alert.raised")
    held_back = raise_alert(story, "b2", "alert.suppressed")
    _, cancelled = story.withdraw(told)
    withdrawn, _ = story.withdraw(held_back)
    project(story, model)
    types = [event.type for event in after(model, "docks", BEGINNING, limit=100).events]
    assert types.count("alert.cancelled") == 1
    assert told_alerts(model, "docks", limit=1).events == [cancelled]
    assert newest_place(model, "docks") == withdrawn.id


def project_at(model: ReadModel, story: Story, positions: str) -> list[Event]:
    """Project the story as a log would hold it that gave its entries these positions; its decisions that are told."""
    events = [one.event for one in story.log.read_all("docks")]
    state = TopicState(story.topic)
    with model.write() as session:
        for number, event in enumerate(events):
            project_event(session, state, Recorded(positions.format(number), event))
    return [event for event in events if event.type in {"status.shifted", "alert.raised"}]


def test_positions_are_ordered_as_numbers(story: Story, model: ReadModel) -> None:
    """In one millisecond the log counts on: its tenth entry comes after the ninth."""
    tell_all(story)
    told = project_at(model, story, "9-{}")
    assert after(model, "docks", BEGINNING, limit=100).events == told
    assert newest_place(model, "docks") == told[-1].id


def test_places_outlive_a_rebuild(told: Story, model: ReadModel, data_dir: Path) -> None:
    before = after(model, "docks", BEGINNING, limit=100), dump(model)["decision"]
    rebuild(ReadModel(data_dir), told.log, [told.topic])
    assert (after(model, "docks", BEGINNING, limit=100), dump(model)["decision"]) == before


def test_places_outlive_another_redis(told: Story, model: ReadModel, tmp_path: Path) -> None:
    """A server gives positions at the moment of appending; ids are those of the facts."""
    place = after(model, "docks", BEGINNING, limit=3).events[-1].id
    other = ReadModel(tmp_path)
    assert project_at(other, told, "77{}-0")
    assert after(other, "docks", place, limit=100) == after(model, "docks", place, limit=100)


def test_an_unknown_place_and_an_unknown_topic_are_told_apart(told: Story, model: ReadModel) -> None:
    assert not after(model, "docks", fact_id("never"), limit=5).known
    with pytest.raises(BadInputError, match="docks"):
        after(model, "dokcs", BEGINNING, limit=5)


def test_a_topic_without_decisions_stands_at_its_beginning(story: Story, model: ReadModel) -> None:
    story.define()
    project(story, model)
    assert newest_place(model, "docks") == BEGINNING
    assert after(model, "docks", BEGINNING, limit=5) == (story.topic, [], True)


@pytest.mark.parametrize("before", [True, False], ids=["removed before it is told", "removed afterwards"])
def test_the_words_of_a_removed_article_are_told_to_nobody(
    story: Story, model: ReadModel, *, before: bool
) -> None:
    story.define()
    quote = "The port authority has offered talks, two aides said"
    article = story.article("b1", "Harbour Post", date(2026, 3, 1), "Port offers talks", f"{quote}.")
    found = claim(article, "pay", "proposed", quote, date(2026, 3, 1), date(2026, 3, 1))
    story.claims(article, found)
    start = date(2026, 3, 1), date(2026, 3, 1)
    shift = story.shift(article, "pay", Status.NONE, Status.PROPOSED, "talks proposed", start, [found])
    if before:
        story.remove(article.data["article_id"])
    story.alert(shift, article, [found], type_="alert.raised", reason="new_shift")
    if not before:
        project(story, model)
        assert quote in str(dump(model)["decision"])
        story.remove(article.data["article_id"])
    project(story, model)
    assert quote not in str(dump(model)["decision"])
    [event] = told_alerts(model, "docks", limit=5).events
    assert [one["text"] for one in event.data["evidence"]] == [WITHHELD]

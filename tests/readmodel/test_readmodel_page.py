"""Events projected many at a time leave what they leave one by one, whatever fails."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.ids import fact_id
from monitor.log.events import AlertAcknowledged, ClaimJudged, SilenceBegun, SilenceEnded, StatusWithdrawn
from monitor.log.stream import EventLog, Recorded
from monitor.readmodel.model import ReadModel
from monitor.readmodel.page import Page
from monitor.readmodel.projection import project_page
from monitor.readmodel.rebuild import rebuild
from monitor.status.model import Segment
from monitor.status.state import TopicState
from monitor.vocabulary import Status
from tests.readmodel.story import TOPIC, Story, claim, dump, project_live, tell_all


def tell_more(story: Story) -> None:
    """What else can happen to articles, claims and alerts, and something that fails."""
    tell_all(story)
    events = [one.event for one in story.log.read_all(TOPIC.id)]
    anchor = next(event for event in events if event.data.get("outlet") == "Evening Anchor")
    found = next(event for event in events if event.type == "claims.detected" and event.data["claims"])
    raised = next(event for event in events if event.type == "alert.raised")
    shift = next(event for event in events if event.id == raised.cause)
    day = date(2026, 2, 26)
    text = "The dockers’ leader agreed to a new round of talks, three delegates said."
    revised = story.article("a4", "Evening Anchor", day, "Dockers agree", text, previous=anchor)
    story.claims(revised, claim(revised, "pay", "scheduled", "agreed to a new round of talks", day, day))
    for type_ in ("claim.dismissed", "claim.restored"):
        judged = ClaimJudged(claim_id=found.data["claims"][0]["id"], operator_id="op1", why="a test")
        story.tell(type_, judged, fact_id(type_))
    known = AlertAcknowledged(alert_id=raised.data["alert_id"], operator_id="op1")
    story.tell("alert.acknowledged", known, fact_id("known"), raised.id)
    nobody = StatusWithdrawn(shift_id="0" * 32, channel="pay", to_status=Status.STALLED, reason="withdrawn")
    story.tell("status.withdrawn", nobody, fact_id("poison"))
    begun = SilenceBegun(
        silence_id=fact_id("silence"),
        channel=None,
        since=story.now,
        until=story.now,
        operator_id="op1",
        why="-",
    )
    story.tell("silence.begun", begun, fact_id("begun"))
    ended = SilenceEnded(silence_id=fact_id("silence"), operator_id="op1")
    story.tell("silence.ended", ended, fact_id("ended"))
    story.withdraw(shift)
    story.remove(anchor.data["article_id"])
    story.article("a9", "Harbour Post", day, "A last word", "The port authority has nothing to add.")


@pytest.fixture
def whole(story: Story, model: ReadModel) -> Story:
    """All that can happen, projected event by event."""
    tell_more(story)
    project_live(story, model)
    return story


def by_pages(model: ReadModel, events: Sequence[Recorded], ends: Sequence[int]) -> None:
    state = TopicState(TOPIC)
    for start, end in zip([0, *ends], [*ends, len(events)], strict=True):
        with model.write(TOPIC.id) as session:
            project_page(session, state, events[start:end])


@pytest.mark.drill
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.sets(st.integers(1, 40), max_size=8))
def test_wherever_pages_end_the_rows_are_those_of_single_events(
    tmp_path_factory: pytest.TempPathFactory, whole: Story, model: ReadModel, cuts: set[int]
) -> None:
    events = list(whole.log.read_all(TOPIC.id))
    other = ReadModel(tmp_path_factory.mktemp("pages"))
    by_pages(other, events, sorted(cut for cut in cuts if cut < len(events)))
    assert {**dump(other), "checkpoint": []} == {**dump(model), "checkpoint": []}
    assert len(dump(other)["dead_letter"]) == 1


def test_a_rebuild_leaves_the_same_dead_letters(whole: Story, model: ReadModel) -> None:
    live = dump(model)
    rebuild(model, whole.log, [TOPIC])
    assert dump(model) == live


def test_what_fails_when_a_page_is_told_whole_is_projected_event_by_event(
    story: Story, model: ReadModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A timeline that cannot be told: the events of the page are asked one by one whose fault it is."""
    real = TopicState.segments

    def segments(state: TopicState, channel: str) -> Sequence[Segment]:
        if any(article.title == "A last word" for article in state.articles.values()):
            raise ArithmeticError("no end of it")
        return real(state, channel)

    monkeypatch.setattr(TopicState, "segments", segments)
    tell_more(story)
    story.article("b1", "Harbour Post", date(2026, 3, 1), "After it", "Nobody knows when that was.")
    project_live(story, model)
    other = ReadModel(tmp_path)
    rebuild(other, story.log, [TOPIC])
    assert dump(other) == dump(model)
    letters = [row[3] for row in dump(other)["dead_letter"]]
    assert letters == ["status.withdrawn", "article.ingested", "article.ingested"]


def test_a_rebuild_goes_on_where_it_stood_after_such_a_page(
    story: Story, model: ReadModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake_log: EventLog
) -> None:
    """Pages of five events, of which one in the midst fails once."""
    monkeypatch.setattr("monitor.log.stream.PAGE", 5)
    monkeypatch.setattr(EventLog.read, "__defaults__", (*EventLog.read.__defaults__[:1], 5))
    tell_more(story)
    project_live(story, model)
    real, calls = project_page, iter(range(100))

    def failing(*given: object) -> None:
        if next(calls) == 3:
            raise ArithmeticError("once")
        real(*given)

    monkeypatch.setattr("monitor.readmodel.rebuild.project_page", failing)
    other = ReadModel(tmp_path)
    rebuild(other, fake_log, [TOPIC])
    assert dump(other) == dump(model)


@pytest.mark.parametrize("at_once", [True, False])
def test_a_revision_that_fails_half_way_leaves_the_article_with_its_text(
    story: Story, model: ReadModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, at_once: bool
) -> None:
    day = date(2026, 2, 26)
    first = story.article("a1", "Harbour Post", day, "A title", "The first text.")
    if not at_once:
        project_live(story, model)
    story.article("a1", "Harbour Post", day, "Another title", "The second text.", previous=first)

    def failing(_page: Page, recorded: Recorded) -> None:
        if recorded.event.type == "article.revised":
            raise ArithmeticError("after its rows were written")

    monkeypatch.setattr("monitor.readmodel.decisions.keep", failing)
    project_live(story, model)
    rebuild(other := ReadModel(tmp_path), story.log, [TOPIC])
    for tables in (dump(model), dump(other)):
        assert [row[2] for row in tables["article_body"]] == ["The first text."]
        assert [row[6] for row in tables["article"]] == ["A title"]
        assert len(tables["dead_letter"]) == 1

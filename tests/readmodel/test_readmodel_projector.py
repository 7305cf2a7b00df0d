"""The projector: each event once, in order, whatever happens in between."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import fakeredis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.errors import CorruptEventError, DataLostError, StoreError
from monitor.ids import fact_id
from monitor.log.events import (
    AlertAcknowledged,
    AlertRaised,
    ClaimJudged,
    Event,
    SilenceBegun,
    SilenceEnded,
    StatusWithdrawn,
    data_of,
)
from monitor.log.keys import key
from monitor.log.stream import EventLog, Recorded, Stream
from monitor.readmodel import queries, store
from monitor.readmodel.files import current_path
from monitor.readmodel.model import ReadModel
from monitor.readmodel.projector import Projector
from monitor.vocabulary import Status
from tests.postgres import IN_FILES
from tests.readmodel.story import TOPIC, Story, claim, dump, project_live, take_away, tell_all


@pytest.fixture
def told(story: Story, model: ReadModel) -> Story:
    """The whole story, told and projected as a reader does it."""
    tell_all(story)
    project_live(story, model)
    return story


def test_every_kind_of_event_leaves_its_rows(told: Story, model: ReadModel) -> None:
    rows = {name: len(found) for name, found in dump(model).items()}
    assert rows == {
        "alert": 5,
        "alert_record": 5,
        "article": 5,
        "article_body": 5,
        "checkpoint": 1,
        "claim": 5,
        "dead_letter": 0,
        "decision": 8,
        "dismissal": 0,
        "segment": 5,
        "shift": 5,
        "silence": 0,
        "topic": 1,
        "volume": 5,
    }


def acknowledge(told: Story, model: ReadModel, alert: Event, cause: str | None) -> None:
    known = AlertAcknowledged(alert_id=alert.data["alert_id"], operator_id="op1")
    told.tell("alert.acknowledged", known, fact_id("known", cause), cause)
    project_live(told, model)


def test_an_alert_is_acknowledged_until_it_changes(told: Story, model: ReadModel) -> None:
    events = [one.event for one in told.log.read_all(TOPIC.id)]
    raised = next(event for event in events if event.type == "alert.raised")
    shift = next(event for event in events if event.id == raised.cause)

    def is_acknowledged() -> bool:
        (entry,) = (one for one in queries.alerts(model, TOPIC.id) if one.alert == raised.data["alert_id"])
        return entry.acknowledged

    acknowledge(told, model, raised, raised.id)
    assert is_acknowledged()
    alert = data_of(raised, AlertRaised).model_copy(update={"reason": "confirmed"})
    updated = told.tell("alert.updated", alert, fact_id("updated"), shift.id)
    project_live(told, model)
    assert not is_acknowledged()
    acknowledge(told, model, raised, fact_id("long ago"))  # it had changed before that came in
    assert not is_acknowledged()
    acknowledge(told, model, raised, updated.id)
    assert is_acknowledged()
    told.withdraw(shift)
    project_live(told, model)
    assert not is_acknowledged()


def test_an_alert_that_waited_counts_from_when_it_was_raised(told: Story, model: ReadModel) -> None:
    events = [one.event for one in told.log.read_all(TOPIC.id)]
    held = next(event for event in events if event.type == "alert.suppressed")
    alert = data_of(held, AlertRaised).model_copy(update={"reason": "confirmed"})
    raised = told.tell("alert.raised", alert, fact_id("raised at last"), held.cause)
    project_live(told, model)
    newest = queries.alerts(model, TOPIC.id)[0]
    assert (newest.alert, newest.state, newest.raised_at) == (alert.alert_id, "raised", raised.recorded_at)
    assert [change.state for change in newest.changes] == ["suppressed", "raised"]


def test_silences_are_listed_newest_first_until_they_are_over(told: Story, model: ReadModel) -> None:
    for day, channel in ((0, None), (1, "pay")):
        begun = SilenceBegun(
            silence_id=fact_id("silence", day),
            channel=channel,
            since=told.now + timedelta(days=day),
            until=told.now + timedelta(days=day + 2),
            operator_id="op1",
            why="a strike that everybody knows of",
        )
        told.tell("silence.begun", begun, fact_id("begun", day))
    ended = SilenceEnded(silence_id=fact_id("silence", 0), operator_id="op2")
    event = told.tell("silence.ended", ended, fact_id("ended"), fact_id("begun", 0))
    project_live(told, model)
    of_channel, whole = queries.silences(model, TOPIC.id)
    assert (of_channel.channel, of_channel.ended_at, whole.channel, whole.ended_at) == (
        "pay",
        None,
        None,
        event.recorded_at,
    )
    assert (of_channel.until - of_channel.from_, of_channel.operator) == (timedelta(days=2), "op1")
    assert [one.is_over(told.now) for one in (of_channel, whole)] == [False, True]
    assert of_channel.is_over(of_channel.until)


def test_a_position_that_was_passed_is_passed_over(told: Story, model: ReadModel) -> None:
    before = dump(model)
    projector = project_live(told, model)
    assert not any(projector.project(recorded) for recorded in told.log.read_all(TOPIC.id))
    assert dump(model) == before


@pytest.mark.drill
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stops=st.sets(st.integers(1, 20), max_size=4))
def test_stopping_anywhere_and_starting_again_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, told: Story, model: ReadModel, stops: set[int]
) -> None:
    other = ReadModel(tmp_path_factory.mktemp("stopped"))
    projector = Projector(other, TOPIC)
    projector.catch_up(told.log)
    for number, recorded in enumerate(told.log.read_all(TOPIC.id)):
        if number in stops:
            projector = Projector(other, TOPIC)
            projector.catch_up(told.log)
        assert projector.project(recorded)
    assert dump(other) == dump(model)


def test_the_checkpoint_names_the_last_event_and_the_log(told: Story, model: ReadModel) -> None:
    checkpoint = project_live(told, model).checkpoint
    assert checkpoint is not None
    assert checkpoint.position == told.log.head(TOPIC.id)
    assert checkpoint.epoch == told.log.epoch(TOPIC.id)
    told.log.check(TOPIC.id, checkpoint)


def test_a_log_that_lost_the_checkpoint_is_refused(told: Story, model: ReadModel) -> None:
    emptied = EventLog(fakeredis.FakeRedis(protocol=2, legacy_responses=False, server=fakeredis.FakeServer()))
    Story(emptied).define()
    with pytest.raises(DataLostError):
        Projector(model, TOPIC).catch_up(emptied)


def test_a_poison_event_leaves_a_dead_letter_and_the_projection_goes_on(
    story: Story, model: ReadModel
) -> None:
    story.define()
    unknown = StatusWithdrawn(shift_id="0" * 32, channel="pay", to_status=Status.STALLED, reason="withdrawn")
    story.tell("status.withdrawn", unknown, fact_id("poison"))
    article = story.article("late", "Post", date(2026, 2, 1), "A title", "A text")
    project_live(story, model)
    tables = dump(model)
    assert [row[1] for row in tables["article"]] == [article.data["article_id"]]
    [letter] = tables["dead_letter"]
    assert letter[2:4] == (fact_id("poison"), "status.withdrawn")
    assert "Traceback" in letter[-1]
    assert "KeyError" in letter[-1]


@IN_FILES
def test_a_locked_database_fails_clearly_and_the_event_is_projected_later(
    story: Story, model: ReadModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(store, "BUSY_TIMEOUT_S", 0.1)
    tell_all(story)
    recorded = list(story.log.read_all(TOPIC.id))
    projector = Projector(model, TOPIC)
    projector.catch_up(story.log)
    path = None
    for number, one in enumerate(recorded):
        if number in {3, 11}:
            path = current_path(model.data_dir)
            blocker = sqlite3.connect(str(path), isolation_level=None)
            blocker.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="locked"):
                projector.project(one)
            blocker.execute("ROLLBACK")
            blocker.close()
        assert projector.project(one)
    undisturbed = ReadModel(tmp_path)
    project_live(story, undisturbed)
    assert dump(model) == dump(undisturbed)


def test_an_event_that_failed_at_the_commit_is_folded_once(
    story: Story, model: ReadModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tell_all(story)
    projector = Projector(model, TOPIC)
    projector.catch_up(story.log)
    failures = iter([True] * 3)

    def full_disk(name: str) -> None:
        if name == "commit.before" and next(failures, False):
            raise OSError(28, "No space left on device")

    for number, one in enumerate(story.log.read_all(TOPIC.id)):
        if number == 15:  # a decision: folding it twice would count it twice
            monkeypatch.setattr("monitor.readmodel.model.reached", full_disk)
            for _ in range(3):
                with pytest.raises(StoreError, match="No space left"):
                    projector.project(one)
        assert projector.project(one)
    assert projector.state.decisions == story.log.decisions(TOPIC.id)
    undisturbed = ReadModel(tmp_path)
    project_live(story, undisturbed)
    assert dump(model) == dump(undisturbed)


def test_a_read_model_that_was_taken_away_is_not_filled_from_the_middle(
    told: Story, model: ReadModel
) -> None:
    projector = project_live(told, model)
    take_away(model)
    told.article("more", "Post", date(2026, 3, 1), "A title", "A text")
    with pytest.raises(StoreError, match="start again"):
        projector.project(last_of(told))


def test_an_entry_that_is_no_event_is_parked_and_passed(told: Story, model: ReadModel) -> None:
    told.log._redis.xadd(key(TOPIC.id, Stream.LOG), {b"event": b"{not json"})
    projector = project_past_corrupt(told, model)
    told.article("more", "Post", date(2026, 3, 1), "A title", "A text")
    assert projector.project(last_of(told))
    again = Projector(model, TOPIC)
    again.catch_up(told.log)
    assert again.state.decisions == projector.state.decisions
    [letter] = dump(model)["dead_letter"]
    assert "not an event" in letter[-1]


def project_past_corrupt(story: Story, model: ReadModel) -> Projector:
    projector = Projector(model, TOPIC)
    projector.catch_up(story.log)
    with pytest.raises(CorruptEventError) as caught:
        list(story.log.read_all(TOPIC.id))
    projector.park(caught.value)
    projector.park(caught.value)  # met again after a restart
    return projector


def last_of(story: Story) -> Recorded:
    found = story.log.get(TOPIC.id, story.log.head(TOPIC.id))
    assert found is not None
    return found


def test_a_dismissed_claim_is_closed_and_a_restored_one_known_anew(told: Story, model: ReadModel) -> None:
    entry = next(row for row in dump(model)["claim"] if row[4] == "rejected")
    for type_ in ("claim.dismissed", "claim.restored"):
        judged = ClaimJudged(claim_id=entry[1], operator_id="op1", why="it is about another port")
        told.tell(type_, judged, fact_id(type_))
        project_live(told, model)
        last = [row for row in dump(model)["segment"] if row[1] == "pay"][-1]
        assert last[3] == ("stalled" if type_ == "claim.dismissed" else "rejected")
    records = [row for row in dump(model)["claim"] if row[1] == entry[1]]
    assert [row[2] for row in records] == [0, 1]
    known = [(row[-3], row[-2]) for row in records]
    assert known[0][1] is not None
    assert known[1][0] > known[0][1]
    assert known[1][1] is None


def test_a_revision_supersedes_the_claims_of_the_older_text(told: Story, model: ReadModel) -> None:
    first = next(
        one.event for one in told.log.read_all(TOPIC.id) if one.event.data.get("outlet") == "Evening Anchor"
    )
    text = "The dockers’ leader agreed to a new round of talks, three delegates said."
    revised = told.article("a4", "Evening Anchor", date(2026, 2, 26), "Dockers agree", text, previous=first)
    quote = "agreed to a new round of talks"
    told.claims(revised, claim(revised, "pay", "scheduled", quote, date(2026, 2, 26), date(2026, 2, 26)))
    project_live(told, model)
    tables = dump(model)
    article = next(row for row in tables["article"] if row[4] == "Evening Anchor")
    assert article[2] == revised.id
    assert [row[3] for row in tables["segment"] if row[1] == "pay"][-1] == "scheduled"
    assert [row[-2] is None for row in tables["claim"] if row[6] == first.data["article_id"]].count(True) == 1


def test_a_removed_article_stays_listed_with_the_reason_and_its_words_are_nowhere(
    told: Story, model: ReadModel
) -> None:
    before = dump(model)
    article = next(row for row in before["article"] if row[4] == "Evening Anchor")
    told.remove(article[1])
    project_live(told, model)
    tables = dump(model)
    assert next(row for row in tables["article"] if row[1] == article[1])[-2] == "asked by its outlet"
    assert tables["segment"] == before["segment"]
    assert "rejected a new round" in str(before)
    for words in ("Dockers reject new round", "rejected a new round", "called for a strike vote"):
        assert words not in str(tables)


def test_words_that_the_log_brings_after_the_removal_are_not_shown_either(
    told: Story, model: ReadModel
) -> None:
    """Written by somebody who did not know of it yet: a revision, its claims, an alert that was decided on before."""
    first = next(
        one.event for one in told.log.read_all(TOPIC.id) if one.event.data.get("outlet") == "Evening Anchor"
    )
    shift = next(
        one.event for one in told.log.read_all(TOPIC.id) if one.event.data.get("name") == "talks rejected"
    )
    told.remove(first.data["article_id"])
    text = "A herring gull spoke: the dockers’ leader rejected a herring."
    day = date(2026, 2, 26)
    revised = told.article("a4", "Evening Anchor", day, "Herring gull", text, previous=first)
    found = [claim(revised, "pay", "rejected", "rejected a herring", day, day)]
    told.claims(revised, *found)
    told.alert(shift, revised, found, type_="alert.updated", reason="confirmed")
    project_live(told, model)
    tables = dump(model)
    article = next(row for row in tables["article"] if row[4] == "Evening Anchor")
    assert (article[2], article[-3:-1]) == (revised.id, (1, "asked by its outlet"))
    assert "herring" not in str(tables).lower()
    assert tables["dead_letter"] == []


def test_readers_of_several_topics_that_start_together_make_one_read_model(data_dir: Path) -> None:
    models = [ReadModel(data_dir) for _ in range(8)]
    together = threading.Barrier(len(models))

    def begin(model: ReadModel) -> str:
        together.wait()
        try:
            with model.write() as session:
                return str(session.connection().engine.url.database)
        finally:
            model.close()

    with ThreadPoolExecutor(len(models)) as pool:
        files = set(pool.map(begin, models))
    assert files == {str(current_path(data_dir))}
    assert [path.name for path in (data_dir / "readmodel").glob("*.sqlite")] == ["1.sqlite"]

"""A rebuild: the same rows as live, switched at once, with readers and the live projector at work."""

import threading
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.errors import CorruptEventError, StoreError
from monitor.ids import fact_id
from monitor.log.events import AlertAcknowledged, ClaimJudged
from monitor.log.keys import key
from monitor.log.stream import EventLog, Stream
from monitor.readmodel import queries
from monitor.readmodel.files import create, current_path, new_path
from monitor.readmodel.model import ReadModel
from monitor.readmodel.rebuild import rebuild
from tests.postgres import IN_FILES
from tests.readmodel.story import TOPIC, Story, dump, project_live, tell_all


def files(data_dir: Path) -> list[str]:
    return sorted(path.name for path in (data_dir / "readmodel").iterdir() if path.suffix == ".sqlite")


@pytest.fixture
def told(story: Story, model: ReadModel) -> Story:
    """The whole story, told and projected as a reader does it."""
    tell_all(story)
    project_live(story, model)
    return story


def test_a_rebuild_gives_the_same_tables_row_by_row(told: Story, model: ReadModel) -> None:
    shift = next(one.event for one in told.log.read_all(TOPIC.id) if one.event.type == "status.shifted")
    alert = next(one.event for one in told.log.read_all(TOPIC.id) if one.event.type == "alert.raised")
    told.withdraw(shift)
    taken = AlertAcknowledged(alert_id=alert.data["alert_id"], operator_id="op1")
    told.tell("alert.acknowledged", taken, fact_id("acknowledged"))
    project_live(told, model)
    live = dump(model)
    told_count = len(list(told.log.read_all(TOPIC.id)))
    seen: list[tuple[str, int]] = []
    counts = rebuild(model, told.log, [TOPIC], lambda topic, number: seen.append((topic, number)))
    assert counts == {TOPIC.id: told_count}
    assert seen == [(TOPIC.id, told_count)]
    assert dump(model) == live


@pytest.mark.drill
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_live_equals_rebuilt_whatever_a_person_dismisses_and_restores(
    tmp_path_factory: pytest.TempPathFactory, fake_log: EventLog, data: st.DataObject
) -> None:
    fake_log._redis.flushall()
    story, model = Story(fake_log), ReadModel(tmp_path_factory.mktemp("judged"))
    tell_all(story)
    claims = [row[1] for row in dump_after(story, model)["claim"]]
    steps = data.draw(st.lists(st.tuples(st.sampled_from(claims), st.booleans()), max_size=6))
    for number, (claim_id, dismissed) in enumerate(steps):
        type_ = "claim.dismissed" if dismissed else "claim.restored"
        judged = ClaimJudged(claim_id=claim_id, operator_id="op", why="a test")
        story.tell(type_, judged, fact_id(type_, number))
    live = dump_after(story, model)
    rebuild(model, fake_log, [TOPIC])
    assert dump(model) == live


@pytest.mark.drill
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_live_equals_rebuilt_whenever_articles_are_removed(
    tmp_path_factory: pytest.TempPathFactory, fake_log: EventLog, data: st.DataObject
) -> None:
    fake_log._redis.flushall()
    story, model = Story(fake_log), ReadModel(tmp_path_factory.mktemp("removed"))
    removed = data.draw(st.dictionaries(st.sampled_from(["a1", "a2", "a3", "a4", "a5"]), st.integers(0, 24)))
    for number in range(25):
        for key_ in (key_ for key_, when in removed.items() if when == number):
            story.remove(fact_id("test-article", key_))
        if number == 12:
            tell_all(story)
        if data.draw(st.booleans()):
            project_live(story, model)
    live = dump_after(story, model)
    rebuild(model, fake_log, [TOPIC])
    assert dump(model) == live


def dump_after(story: Story, model: ReadModel) -> dict[str, list[tuple[Any, ...]]]:
    project_live(story, model)
    return dump(model)


def test_a_rebuild_needs_no_read_model_to_begin_with(told: Story, tmp_path: Path, model: ReadModel) -> None:
    other = ReadModel(tmp_path / "new")
    rebuild(other, told.log, [TOPIC])
    assert dump(other) == dump(model)


@IN_FILES
def test_the_replaced_file_and_half_built_ones_are_removed(told: Story, model: ReadModel) -> None:
    create(new_path(model.data_dir))  # a rebuild that was killed half way
    assert files(model.data_dir) == ["1.sqlite", "2.sqlite"]
    assert str(current_path(model.data_dir)).endswith("1.sqlite")
    rebuild(model, told.log, [TOPIC])
    assert files(model.data_dir) == ["3.sqlite"]
    assert str(current_path(model.data_dir)).endswith("3.sqlite")


def test_an_entry_that_is_no_event_stops_a_rebuild_and_the_old_tables_stay(
    told: Story, model: ReadModel
) -> None:
    before = dump(model)
    told.log._redis.xadd(key(TOPIC.id, Stream.LOG), {b"event": b"[]"})
    with pytest.raises(CorruptEventError):
        rebuild(model, told.log, [TOPIC])
    assert dump(model) == before


def test_the_live_projector_goes_on_in_the_new_file_without_losing_an_event(
    told: Story, model: ReadModel
) -> None:
    """It wrote to the old file before, knows nothing of the rebuild, and the rebuild knows events that it does not."""
    projector = project_live(told, model)
    head = told.log.head(TOPIC.id)
    told.article("b1", "Post", date(2026, 3, 1), "Seen by the rebuild first", "A text")
    rebuild(model, told.log, [TOPIC])
    told.article("b2", "Post", date(2026, 3, 1), "Seen by the projector first", "A text")
    outcomes = [projector.project(recorded) for recorded in told.log.read(TOPIC.id, head)]
    assert outcomes == [False, True]
    live = dump(model)
    rebuild(model, told.log, [TOPIC])
    assert dump(model) == live


@pytest.mark.drill
def test_a_rebuild_amid_writing_and_reading_loses_nothing_and_shows_no_gap(
    told: Story, model: ReadModel
) -> None:
    stop = threading.Event()
    failures: list[Exception] = []
    counts: list[int] = []

    def read() -> None:
        while not stop.is_set():
            try:
                counts.append(len(dump(model)["article"]))
            except Exception as error:  # noqa: BLE001 - the test is about which there are
                failures.append(error)

    def write() -> None:
        try:
            projector = project_live(told, model)
            position = told.log.head(TOPIC.id)
            for number in range(60):
                told.article(f"c{number}", "Post", date(2026, 3, 1), f"Title {number}", "A text")
                [recorded] = told.log.read(TOPIC.id, position)
                projector.project(recorded)
                position = recorded.position
        except Exception as error:  # noqa: BLE001 - the test is about which there are
            failures.append(error)

    threads = [threading.Thread(target=read), threading.Thread(target=write)]
    for thread in threads:
        thread.start()
    while threads[1].is_alive():
        rebuild(model, told.log, [TOPIC])
    threads[1].join()
    stop.set()
    threads[0].join()
    assert failures == []
    assert counts == sorted(counts)
    live = dump(model)
    assert len(live["article"]) == 65
    rebuild(model, told.log, [TOPIC])
    assert dump(model) == live


@IN_FILES
def test_a_damaged_read_model_is_named_with_the_way_out_and_can_be_rebuilt(
    told: Story, model: ReadModel
) -> None:
    project_live(told, model)
    before = dump(model)
    path = current_path(model.data_dir)
    assert path is not None
    model.close()
    for rest in ("-wal", "-shm"):
        path.with_name(path.name + rest).unlink(missing_ok=True)
    path.write_bytes(b"no database at all " * 1000)
    with pytest.raises(StoreError, match="parley rebuild"):
        queries.timeline(ReadModel(model.data_dir), TOPIC.id)
    rebuild(model, told.log, [TOPIC])
    assert dump(ReadModel(model.data_dir)) == before

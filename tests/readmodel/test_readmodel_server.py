"""What only a server does: it refuses characters, restarts, holds locks, and keeps what a killed rebuild left."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlmodel import Session

from monitor.errors import StoreError
from monitor.log.stream import Recorded
from monitor.readmodel import projection, queries
from monitor.readmodel import store as stores
from monitor.readmodel.model import ReadModel
from monitor.readmodel.projection import project_page
from monitor.readmodel.projector import Projector
from monitor.readmodel.rebuild import rebuild
from monitor.readmodel.store import Store
from monitor.status.state import TopicState
from tests.postgres import IN_POSTGRES, Postgres
from tests.readmodel.story import TOPIC, Story, dump, project, stored_text, tell_all


@pytest.mark.parametrize(("odd", "kept"), [("\0", "\ufffd"), ("\x01", "\x01"), ("\U0010ffff", "\U0010ffff")])
def test_a_text_with_any_character_is_projected(
    told: Story, model: ReadModel, store: Store, odd: str, kept: str
) -> None:
    words = f"A herring{odd} spoke."
    article = told.article("odd", "Post", date(2026, 3, 1), words, words, author=odd)
    project(told, model)
    assert dump(model)["dead_letter"] == []
    expected = words.replace(odd, kept) if store.url else words
    assert stored_text(model, TOPIC.id, article.data["article_id"]) == expected
    assert queries.articles(model, TOPIC.id, ids=["\0"]) == [], "nor is it refused in a question"


def test_a_failing_statement_leaves_a_dead_letter_and_what_came_before_it(
    told: Story, model: ReadModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dump(model)
    told.article("bad", "Post", date(2026, 3, 1), "A title", "A text")

    def fail(session: Session, state: TopicState, events: Sequence[Recorded]) -> None:
        project_page(session, state, events)
        session.connection().exec_driver_sql("INSERT INTO dead_letter (topic) VALUES (NULL)")

    with monkeypatch.context() as broken:
        broken.setattr(projection, "project_page", fail)
        project(told, model)
    [letter] = dump(model)["dead_letter"]
    assert "IntegrityError" in str(letter)
    told.article("good", "Post", date(2026, 3, 1), "A title", "Another text")
    project(told, model)
    assert len(dump(model)["article"]) == len(before["article"]) + 1


@IN_POSTGRES
def test_a_lock_that_is_never_let_go_fails_clearly_and_the_event_is_projected_later(
    story: Story, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "BUSY_TIMEOUT_S", 0.2)
    model = ReadModel(store)
    tell_all(story)
    first, second, *_ = story.log.read_all(TOPIC.id)
    projector = Projector(model, TOPIC)
    projector.catch_up(story.log)
    assert projector.project(first)
    with model._models._writer().connect() as other, other.begin():
        other.exec_driver_sql("LOCK TABLE read_model_in_use IN EXCLUSIVE MODE")
        with pytest.raises(StoreError, match="lock timeout"):
            projector.project(second)
    assert projector.project(second)
    model.close()


@IN_POSTGRES
def test_what_a_killed_rebuild_left_is_removed_by_the_next(told: Story, model: ReadModel) -> None:
    with model.write() as session:
        session.connection().exec_driver_sql("CREATE SCHEMA parley_read_7")
    before, name = dump(model), model.in_use()
    rebuild(model, told.log, [TOPIC])
    assert dump(model) == before
    with model.read() as session:
        found = session.scalars(
            text("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'parley_read_')")
        ).all()
    assert found == [model.in_use()]
    assert name not in found


@IN_POSTGRES
def test_two_rebuilds_at_one_time_do_not_disturb_each_other(told: Story, model: ReadModel) -> None:
    before = dump(model)
    other = ReadModel(model.store)
    with model.replacement(), pytest.raises(StoreError, match="another rebuild"):
        rebuild(other, told.log, [TOPIC])
    other.close()
    rebuild(model, told.log, [TOPIC])
    assert dump(model) == before


@pytest.fixture
def own_server(request: pytest.FixtureRequest) -> Iterator[Postgres]:
    """A server that may be stopped."""
    request.getfixturevalue("postgres")
    server = Postgres()
    yield server
    server.close()


@IN_POSTGRES
def test_a_server_that_restarts_is_named_meanwhile_and_no_event_is_missing_after(
    told: Story, own_server: Postgres, store: Store, model: ReadModel
) -> None:
    """It may have forgotten the last commits, which did not wait for its disk; then one starts again after them."""
    there = ReadModel(Store(store.data, own_server.fresh()))
    projector = project(told, there)
    own_server.stop()
    with pytest.raises(StoreError, match="PostgreSQL database"):
        queries.status(there, TOPIC.id, now=datetime(2026, 3, 2, tzinfo=UTC))
    own_server.start()
    told.article("more", "Post", date(2026, 3, 1), "A title", "A text")
    *_, last = told.log.read_all(TOPIC.id)
    with suppress(StoreError):
        assert projector.project(last)
    project(told, there)
    project(told, model)
    assert dump(there) == dump(model)
    there.close()
    own_server.drop(there.store.url)

"""What the detector considered in an article, over HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.detection import DETECTOR
from monitor.ids import fact_id
from monitor.log.stream import EventLog
from monitor.readmodel.display import note_displays
from monitor.readmodel.queries import ReadModel
from monitor.service.wiring import open_service
from tests.api.serving import context_of, served
from tests.readmodel.story import Story, project

ADDRESS = f"/v1/topics/docks/articles/{fact_id('test-article', 'said')}/explain"
TITLE = "Dockers reject talks with port authority"
REFUSED = "The dockers have rejected a new round of talks with the port authority, three delegates said."
RAIN = "Rain fell on the quay."


@pytest.fixture
def story(fake_log: EventLog) -> Story:
    story = Story(fake_log)
    story.define()
    story.article("said", "Evening Anchor", story.now.date(), TITLE, f"{RAIN} {REFUSED}")
    return story


@pytest.fixture
def model(story: Story, tmp_path: Path) -> ReadModel:
    model = ReadModel(tmp_path / "data")
    project(story, model)
    engine = open_service(model.store)
    note_displays(engine, {"made-up": "text"})
    engine.dispose()
    return model


@pytest.fixture
def asked(model: ReadModel) -> Iterator[httpx.Client]:
    with served(context_of(model)) as client:
        yield client


def explained(asked: httpx.Client, address: str = ADDRESS) -> dict[str, Any]:
    answer = asked.get(address)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_every_sentence_says_what_was_considered_and_by_which_words(asked: httpx.Client) -> None:
    found = explained(asked)
    assert found["detector"] == DETECTOR.version
    assert [one["text"] for one in found["sentences"]] == [TITLE, RAIN, REFUSED]
    assert found["sentences"][1]["candidates"] == []
    (refused,) = found["sentences"][2]["candidates"]
    assert (refused["verdict"], refused["kind"], refused["channel"]) == ("accepted", "rejected", "pay")
    assert [(one["name"], one["words"][0]["text"]) for one in refused["operators"]] == [
        ("REJECT", "have rejected")
    ]
    assert refused["talk_noun"]["words"][0]["text"] == "new round of talks"
    assert refused["claim"]


def test_of_a_text_that_may_not_be_shown_only_the_sentences_with_claims_stand(
    asked: httpx.Client, model: ReadModel
) -> None:
    engine = open_service(model.store)
    note_displays(engine, {})
    engine.dispose()
    found = explained(asked)
    assert [one["text"] for one in found["sentences"]] == [TITLE, REFUSED]
    assert found["passed_over"] == []


def test_of_a_removed_article_no_word_stands(asked: httpx.Client, story: Story, model: ReadModel) -> None:
    story.remove(fact_id("test-article", "said"))
    project(story, model)
    found = explained(asked)
    assert found["sentences"] == []
    assert found["article"]["removed"] == "asked by its outlet"
    assert "reject" not in str(found)


def test_a_language_that_is_not_read_says_so(asked: httpx.Client, story: Story, model: ReadModel) -> None:
    day = story.now.date()
    story.article("urdu", "Sahil", day, "مذاکرات", "مذاکرات جاری ہیں۔", language="ur")
    project(story, model)
    found = explained(
        asked, ADDRESS.replace(fact_id("test-article", "said"), fact_id("test-article", "urdu"))
    )
    assert "'ur'" in found["unread"]
    assert found["sentences"] == []


def test_an_unknown_article_is_not_found(asked: httpx.Client) -> None:
    answer = asked.get("/v1/topics/docks/articles/none/explain")
    assert answer.status_code == 404
    assert "there is no article 'none' in docks" in answer.text
    assert asked.get("/v1/topics/none/articles/none/explain").status_code == 404

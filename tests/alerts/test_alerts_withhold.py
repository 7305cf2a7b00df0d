"""Once an article is removed, nobody is sent its words any more: not what is queued, not what is still to come."""

from dataclasses import replace

import pytest
from sqlmodel import Session, select

from monitor import ids
from monitor.alerts.fanout import follow
from monitor.alerts.queue import claim
from monitor.alerts.tables import MessageRow
from monitor.alerts.withhold import withhold
from monitor.log.events import ArticleRemoved, Event
from monitor.vocabulary import WITHHELD

WORDS = "Khan has rejected any dialogue with the government."
ARTICLE = ids.fact_id("article")


@pytest.fixture
def desk(story, clock):
    """Somebody who subscribed before the server appends anything."""
    clock.now = clock.now.replace(year=2020)
    story.subscribe(story.webhook("desk"))


def append(log, *recorded):
    for entry in recorded:
        log.append("pti", [entry.event], expected_decisions=log.decisions("pti"))


def remove(log, story):
    data = ArticleRemoved(article_id=ARTICLE, reason="asked by its outlet")
    id_ = ids.removal_id(ARTICLE)
    log.append(
        "pti", [Event.of("article.removed", data, id_=id_, topic="pti", at=story.now, cause=None, by="test")]
    )


def contents(engine):
    with Session(engine) as session:
        return [str(row.content) for row in session.exec(select(MessageRow))]


@pytest.mark.usefixtures("desk")
def test_what_is_queued_when_an_article_is_removed_is_sent_without_its_words(
    story, engine, clock, embedded_log
):
    append(embedded_log, story.alert("a"))
    follow(engine, embedded_log, "pti", story.render, clock)
    assert WORDS in contents(engine)[0]
    remove(embedded_log, story)
    follow(engine, embedded_log, "pti", story.render, clock)
    [delivery] = claim(engine, clock(), 9)
    message = delivery.message
    assert WORDS not in message.model_dump_json()
    assert f"> {WITHHELD}\n  WION, 1 March 2026, 12:00 UTC\n" in message.text
    assert f"<p>{WITHHELD}</p>" in message.html
    assert message.payload["data"]["evidence"][0]["quote"] == WITHHELD
    assert message.payload["data"]["name"] == "talks rejected"


@pytest.mark.usefixtures("desk")
def test_what_was_decided_before_the_removal_and_is_queued_after_it_has_no_words_either(
    story, engine, clock, embedded_log
):
    append(embedded_log, story.alert("a"))
    remove(embedded_log, story)
    append(embedded_log, story.update("a"), story.alert("b"))
    assert follow(engine, embedded_log, "pti", story.render, clock) == 3
    assert len(contents(engine)) == 3
    assert WORDS not in "".join(contents(engine))


@pytest.mark.usefixtures("desk")
def test_the_words_of_other_articles_and_of_other_topics_are_sent_as_ever(story, engine, clock, embedded_log):
    quote = story.alert().event.data["evidence"][0]
    other = {**quote, "article_id": ids.fact_id("other"), "text": "They will meet on Monday."}
    append(embedded_log, story.alert("a", evidence=(quote, other)))
    follow(engine, embedded_log, "pti", story.render, clock)
    elsewhere = replace(story.alert("c"), event=story.alert("c").event.model_copy(update={"topic": "docks"}))
    embedded_log.append("docks", [elsewhere.event], expected_decisions=0)
    assert withhold(engine, embedded_log, "pti", ARTICLE, story.render) == 1
    follow(engine, embedded_log, "docks", story.render, clock)
    mine, theirs = contents(engine)
    assert WORDS not in mine
    assert "They will meet on Monday." in mine
    assert WORDS in theirs


@pytest.mark.usefixtures("desk")
def test_withholding_twice_is_withholding_once(story, engine, clock, embedded_log):
    append(embedded_log, story.alert("a"), story.update("a"), story.cancel("a"))
    follow(engine, embedded_log, "pti", story.render, clock)
    assert withhold(engine, embedded_log, "pti", ARTICLE, story.render) == 2
    before = contents(engine)
    assert withhold(engine, embedded_log, "pti", ARTICLE, story.render) == 0
    assert contents(engine) == before


@pytest.mark.usefixtures("desk")
def test_what_is_queued_while_the_log_is_looked_through_has_no_words_either(
    story, engine, clock, embedded_log, monkeypatch
):
    read_all = embedded_log.read_all

    def meanwhile(*args, **kwargs):
        monkeypatch.undo()
        found = list(read_all(*args, **kwargs))
        append(embedded_log, story.alert("a"))  # decided on before the removal
        follow(engine, embedded_log, "pti", story.render, clock)
        return iter(found)

    monkeypatch.setattr(embedded_log, "read_all", meanwhile)
    withhold(engine, embedded_log, "pti", ARTICLE, story.render)
    assert len(contents(engine)) == 1
    assert WORDS not in contents(engine)[0]


@pytest.mark.usefixtures("desk")
def test_killed_before_the_queue_was_rewritten_doing_it_again_goes_on(story, engine, clock, embedded_log):
    append(embedded_log, story.alert("a"))
    follow(engine, embedded_log, "pti", story.render, clock)

    def dies(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        withhold(engine, embedded_log, "pti", ARTICLE, dies)
    assert withhold(engine, embedded_log, "pti", ARTICLE, story.render) == 1
    assert WORDS not in contents(engine)[0]

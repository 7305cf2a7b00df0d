"""The queries: the forms of the contract, computed at the moment of asking, without Redis."""

import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from monitor.errors import BadInputError, StoreError
from monitor.ids import fact_id
from monitor.log.events import ClaimJudged, ClaimsFailed, Detector
from monitor.readmodel import queries
from monitor.readmodel.display import METADATA as DISPLAY_TABLES
from monitor.readmodel.display import note_displays
from monitor.readmodel.files import current_path
from monitor.readmodel.model import ReadModel
from monitor.readmodel.queries import ClaimFilter
from monitor.readmodel.reading import topic_of
from monitor.readmodel.records import segment_form
from monitor.status.model import Segment
from monitor.topics.model import Topic
from monitor.vocabulary import Certainty, Status
from tests.postgres import IN_FILES
from tests.readmodel.story import HOSTILE, START, TOPIC, Story, claim, dump, project, stored_text, tell_all

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
EVIDENCE = {"article", "outlet", "published_at", "quote", "url"}


def test_the_status_has_the_form_of_the_contract(told: Story, model: ReadModel) -> None:
    answer = queries.status(model, "docks", now=NOW).to_json()
    assert set(answer) == {
        "topic", "status", "since", "certainty", "confidence", "contested", "stale", "channels", "last_shift",
    }  # fmt: skip
    pay = answer["channels"][0]
    assert set(pay) == {
        "channel", "status", "since", "certainty", "confidence", "contested", "stale", "evidence",
    }  # fmt: skip
    assert (answer["status"], answer["since"], answer["stale"]) == ("rejected", "2026-02-26", False)
    assert pay["evidence"] == [
        {
            "article": fact_id("test-article", "a4"),
            "outlet": "Evening Anchor",
            "published_at": "2026-02-26T06:00:00Z",
            "quote": "The dockers’ leader rejected a new round of talks",
            "url": "https://eveninganchor.example/a4",
        }
    ]
    assert [channel["channel"] for channel in answer["channels"]] == ["pay", "safety", "mediation"]
    nothing = answer["channels"][2]
    assert (nothing["status"], nothing["since"], nothing["evidence"]) == ("none", None, [])
    assert answer["last_shift"]["name"] == "talks proposed"
    assert (answer["last_shift"]["from"], answer["last_shift"]["to"]) == ("none", "proposed")


def test_the_timeline_has_the_form_of_the_contract(told: Story, model: ReadModel) -> None:
    answer = queries.timeline(model, "docks").to_json()
    segments = answer["channels"][0]["segments"]
    assert set(segments[0]) == {
        "status", "name", "start", "start_earliest", "start_latest", "end", "last_evidence", "stale_from", "certainty",
        "confidence", "contested", "evidence",
    }  # fmt: skip
    assert set(segments[0]["evidence"][0]) == EVIDENCE
    assert [segment["status"] for segment in segments] == ["proposed", "underway", "stalled", "rejected"]
    stalled = segments[2]
    assert (stalled["start_earliest"], stalled["start_latest"], stalled["start"]) == (
        None,
        "2026-02-09",
        "2026-02-09",
    )
    assert (stalled["last_evidence"], stalled["stale_from"]) == ("2026-02-09", None)
    assert (segments[-1]["last_evidence"], segments[-1]["stale_from"]) == ("2026-02-26", "2026-03-29")


def test_the_alerts_have_the_form_of_the_contract(told: Story, model: ReadModel) -> None:
    answer = [alert.to_json() for alert in queries.alerts(model)]
    assert {
        "alert", "shift", "channel", "from", "to", "name", "status", "effective_at", "raised_at", "certainty", "state",
        "reason", "articles",
    } <= set(answer[0])  # fmt: skip
    assert set(answer[0]["articles"][0]) == EVIDENCE
    assert [(alert["name"], alert["state"], alert["reason"]) for alert in answer] == [
        ("talks proposed", "raised", "new_shift"),
        ("talks rejected", "raised", "new_shift"),
        ("talks stalled", "raised", "new_shift"),
        ("talks begun", "suppressed", "history"),
        ("talks proposed", "suppressed", "history"),
    ]
    assert queries.alerts(model, "docks", limit=2) == queries.alerts(model)[:2]


def test_an_alert_keeps_everything_that_happened_to_it(told: Story, model: ReadModel) -> None:
    shift = next(
        one.event for one in told.log.read_all("docks") if one.event.data.get("name") == "talks rejected"
    )
    told.withdraw(shift)
    project(told, model)
    alert = next(alert for alert in queries.alerts(model, "docks") if alert.name == "talks rejected")
    assert alert.state == "cancelled"
    assert [change.state for change in alert.changes] == ["raised", "cancelled"]
    assert alert.articles, "what it once said stays"
    last = queries.status(model, "docks", now=NOW).last_shift
    assert last is not None
    assert last.shift != alert.shift


def test_staleness_is_computed_when_asked_and_never_stored(told: Story, model: ReadModel) -> None:
    before = dump(model)
    fresh = queries.status(model, "docks", now=NOW)
    old = queries.status(model, "docks", now=NOW + timedelta(days=60))
    assert (fresh.stale, old.stale) == (False, True)
    assert (fresh.status, old.status) == ("rejected", "rejected")
    assert dump(model) == before


def test_the_headline_is_that_of_the_first_channel_that_is_not_stale(told: Story, model: ReadModel) -> None:
    """`pay` was last heard of on 26 February, `safety` a day later: on the day between, safety speaks."""
    between = datetime(2026, 2, 26, tzinfo=UTC) + timedelta(days=TOPIC.stale_after_days + 1)
    answer = queries.status(model, "docks", now=between)
    leading = queries.leading(answer)
    assert leading is not None
    assert (leading.channel, answer.status, answer.stale) == ("safety", "proposed", False)


def test_as_of_answers_for_another_day(told: Story, model: ReadModel) -> None:
    answer = queries.status(model, "docks", now=NOW, as_of=date(2026, 1, 25))
    assert (answer.status, answer.since, answer.stale) == ("underway", date(2026, 1, 20), False)
    assert answer.last_shift is not None
    assert answer.last_shift.name == "talks begun"
    nothing = queries.status(model, "docks", now=NOW, as_of=date(2025, 1, 1))
    assert (nothing.status, nothing.since, nothing.last_shift) == ("none", None, None)
    assert [
        len(channel.segments)
        for channel in queries.timeline(model, "docks", as_of=date(2026, 1, 25)).channels
    ] == [
        2,
        0,
        0,
    ]


def test_known_at_answers_with_what_was_known_then(told: Story, model: ReadModel) -> None:
    entry = next(claim for claim in queries.claims(model, "docks") if claim.kind == "rejected")
    judged = ClaimJudged(claim_id=entry.id, operator_id="op1", why="about another port")
    told.now += timedelta(days=1)
    told.tell("claim.dismissed", judged, fact_id("dismissed"))
    project(told, model)
    assert queries.status(model, "docks", now=NOW + timedelta(days=1)).status == "stalled"
    then = queries.status(model, "docks", now=NOW, known_at=START + timedelta(hours=1))
    assert then.status == "rejected"
    assert then.channels[0].evidence[0].quote == entry.span["text"]
    before_all = queries.status(model, "docks", now=NOW, known_at=START - timedelta(days=1))
    assert before_all.status == "none"


def test_a_question_about_the_present_and_one_computed_from_records_agree(
    told: Story, model: ReadModel
) -> None:
    assert queries.timeline(model, "docks", known_at=told.now) == queries.timeline(model, "docks")


def test_claims_can_be_chosen(told: Story, model: ReadModel) -> None:
    def kinds(**chosen: Any) -> list[str]:
        return [claim.kind for claim in queries.claims(model, "docks", ClaimFilter(**chosen))]

    assert kinds() == ["proposed", "rejected", "stalled", "underway", "proposed"]
    assert kinds(channel="pay") == ["rejected", "stalled", "underway", "proposed"]
    assert kinds(kind="proposed", channel="pay") == ["proposed"]
    assert kinds(article=fact_id("test-article", "a3")) == ["stalled"]
    assert kinds(first=datetime(2026, 2, 1, tzinfo=UTC)) == ["proposed", "rejected", "stalled"]
    assert kinds(last=datetime(2026, 1, 15, tzinfo=UTC)) == ["proposed"]
    first = queries.claims(model, "docks", limit=1)[0]
    assert first.cameo == "036"
    assert first.span["text"].startswith(HOSTILE)


def test_claims_of_an_article_come_in_the_order_of_its_text(told: Story, model: ReadModel) -> None:
    text = "The port offered talks. " + "Word. " * 300 + "The union rejected talks. Both sides held talks."
    article = told.article("order", "Post", date(2026, 3, 1), "A title", text)
    quotes = [("proposed", "offered talks"), ("rejected", "rejected talks"), ("underway", "held talks")]
    day = date(2026, 3, 1)
    told.claims(article, *[claim(article, "pay", kind, quote, day, day) for kind, quote in reversed(quotes)])
    project(told, model)
    found = queries.claims(model, "docks", ClaimFilter(article=article.data["article_id"]))
    assert [one.kind for one in found] == [kind for kind, _ in quotes]


def test_superseded_claims_come_only_when_asked_for(told: Story, model: ReadModel) -> None:
    entry = queries.claims(model, "docks")[0]
    told.tell(
        "claim.dismissed", ClaimJudged(claim_id=entry.id, operator_id="op", why="x"), fact_id("dismissed")
    )
    project(told, model)
    assert entry.id not in {claim.id for claim in queries.claims(model, "docks")}
    everything = queries.claims(model, "docks", ClaimFilter(superseded=True))
    assert [claim.known_until is not None for claim in everything if claim.id == entry.id] == [True]


def test_passages_stand_amid_the_sentence_of_the_stored_text(told: Story, model: ReadModel) -> None:
    [rejected] = queries.front(model, "docks", "pay").passages.carrying
    assert rejected.before == ""
    assert rejected.quote == "The dockers’ leader rejected a new round of talks"
    assert rejected.after == ", three delegates said, and called for a strike vote instead."
    text = stored_text(model, "docks", rejected.article)
    assert text is not None
    assert rejected.quote + rejected.after in text
    assert queries.front(model, "docks", "mediation").passages.carrying == []


def test_of_an_article_only_the_sentences_of_its_evidence_are_shown_unless_its_source_permits_more(
    told: Story, model: ReadModel, service: Engine
) -> None:
    id_ = fact_id("test-article", "a4")
    text = stored_text(model, "docks", id_)
    assert text is not None
    excerpt = queries.article(model, "docks", id_)
    assert excerpt is not None
    assert (excerpt.display, excerpt.text) == ("excerpt", None)
    sentences = [one.before + one.quote + one.after for one in excerpt.passages]
    assert sentences == [text.removeprefix("The answer came at night. ")]
    assert queries.article(model, "docks", id_) == excerpt, "a database of before has no such table"
    DISPLAY_TABLES.create_all(service)
    note_displays(service, {"made-up": "text", "other": "excerpt"})
    whole = queries.article(model, "docks", id_)
    assert whole is not None
    assert (whole.display, whole.text) == ("text", text)
    note_displays(service, {"other": "text"})
    assert queries.article(model, "docks", id_) == excerpt, "what is permitted can be taken back"


def test_of_a_removed_article_nothing_is_shown_whatever_its_source_permits(
    told: Story, model: ReadModel, service: Engine
) -> None:
    DISPLAY_TABLES.create_all(service)
    note_displays(service, {"made-up": "text"})
    id_ = fact_id("test-article", "a4")
    told.remove(id_)
    project(told, model)
    shown = queries.article(model, "docks", id_)
    assert shown is not None
    assert (shown.text, shown.article.title) == (None, "")
    assert [(one.before, one.quote, one.after) for one in shown.passages] == [("", queries.WITHHELD, "")]
    assert queries.article(model, "docks", "no such article") is None


def test_articles_come_newest_first_and_by_their_ids(told: Story, model: ReadModel) -> None:
    found = queries.articles(model, "docks")
    assert [article.outlet for article in found][1:3] == ["Evening Anchor", "Harbour Post"]
    assert queries.articles(model, "docks", ids=[found[2].article]) == [found[2]]
    assert queries.articles(model, "docks", ids=[]) == []


def test_freshness_says_how_far_the_log_is_projected(told: Story, model: ReadModel) -> None:
    fresh = queries.freshness(model, "docks")
    assert fresh.position == told.log.head("docks")
    assert fresh.articles == 5
    assert fresh.dead_letters == 0
    assert fresh.last_event_at == told.now
    assert fresh.last_article_at is not None
    assert fresh.last_article_at.tzinfo is UTC


def test_the_topics_come_with_their_channels_in_order(told: Story, model: ReadModel) -> None:
    [topic] = queries.topics(model)
    assert (topic.topic, topic.label) == ("docks", "Dock workers – Port")
    assert list(topic.channels) == ["pay", "safety", "mediation"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda model: queries.status(model, "nope", now=NOW),
        lambda model: queries.timeline(model, "nope"),
        lambda model: queries.alerts(model, "nope"),
        lambda model: queries.claims(model, "nope"),
        lambda model: queries.articles(model, "nope"),
        lambda model: queries.freshness(model, "nope"),
        lambda model: queries.front(model, "nope", "pay"),
    ],
)
def test_an_unknown_topic_is_bad_input_that_names_the_known_ones(told: Story, model: ReadModel, ask) -> None:
    with pytest.raises(BadInputError, match=r"'nope'.*docks"):
        ask(model)


def test_without_a_read_model_there_are_no_topics_and_questions_say_what_to_do(model: ReadModel) -> None:
    assert queries.topics(model) == []
    assert not model.exists()
    with pytest.raises(StoreError, match="parley up"):
        queries.status(model, "docks", now=NOW)


def test_asking_never_makes_a_read_model(model: ReadModel) -> None:
    assert not queries.wait_for(model, "docks", "1-0", timeout_s=0)
    assert not model.exists()
    assert not model.data_dir.exists()


@IN_FILES
@pytest.mark.parametrize("damage", ["file", "missing", "pointer"])
def test_a_damaged_read_model_is_a_store_error_in_one_line(
    told: Story, model: ReadModel, damage: str
) -> None:
    path = current_path(model.data_dir)
    assert path is not None
    for part in path.parent.glob("*.sqlite-*"):
        part.unlink()
    if damage == "file":
        path.write_bytes(b"this is no database" * 500)
    elif damage == "missing":
        path.unlink()
    else:
        (path.parent / "current").write_text("../../etc/passwd\n")
    with pytest.raises(StoreError) as caught:
        queries.status(model, "docks", now=NOW)
    assert "\n" not in str(caught.value)


def test_readers_cannot_write(told: Story, model: ReadModel) -> None:
    with pytest.raises(StoreError, match=r"read-?only"), model.read() as session:
        session.connection().exec_driver_sql("DELETE FROM alert")
    assert len(queries.alerts(model)) == 5


def test_one_can_wait_for_a_position(story: Story, model: ReadModel) -> None:
    tell_all(story)
    head = story.log.head("docks")
    assert not queries.wait_for(model, "docks", head, timeout_s=0)
    writer = threading.Thread(target=project, args=(story, model))
    writer.start()
    assert queries.wait_for(model, "docks", head, timeout_s=20)
    writer.join()


@IN_FILES
def test_a_data_folder_with_odd_characters_works(told: Story, tmp_path: Path) -> None:
    model = ReadModel(tmp_path / "a folder? #1 % ü")
    project(told, model)
    assert queries.status(model, "docks", now=NOW).status == "rejected"


def test_what_a_detector_said_of_an_article_when_it_failed_goes_with_the_words(
    told: Story, model: ReadModel
) -> None:
    article = told.article("b1", "Post", date(2026, 3, 1), "A title", "A herring spoke.")
    failed = ClaimsFailed(
        article_event=article.id,
        article_id=article.data["article_id"],
        detector=Detector(name="by-hand", version="1"),
        topic_hash=TOPIC.hash,
        error="ValueError: cannot read 'A herring spoke.'",
    )
    told.tell("claims.failed", failed, fact_id("failed"), article.id)
    told.remove(article.data["article_id"])
    project(told, model)
    [entry] = queries.articles(model, "docks", ids=[article.data["article_id"]])
    assert entry.failure == "ValueError"
    assert "A herring spoke" not in str(dump(model))


def test_a_topic_is_only_read_anew_when_it_was_defined_anew(told: Story, model: ReadModel) -> None:
    def found() -> Topic:
        with model.read() as session:
            return topic_of(session, told.topic.id)

    before = found()
    assert found() is before
    told.topic = before.model_copy(update={"label": "Dockers"})
    told.define()
    project(told, model)
    assert found().label == "Dockers"


def test_a_segment_whose_start_is_uncertain_is_not_told_to_fall_silent_before_it() -> None:
    segment = Segment(
        channel="pay", status=Status.COLLAPSED, name="talks collapsed", start_earliest=date(2026, 1, 1),
        start_latest=date(2026, 1, 31), end=date(2026, 5, 1), certainty=Certainty.REPORTED, confidence=0.8,
        contested=False, claim_ids=(), last_evidence=date(2026, 1, 1),
    )  # fmt: skip
    form = segment_form(TOPIC, segment, [])
    assert (form.last_evidence, form.stale_from) == (date(2026, 1, 31), date(2026, 2, 1))

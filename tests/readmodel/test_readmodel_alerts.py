"""Alerts as lists and pages show them: chosen, searched, as they were known, with both sides and what was delivered."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from monitor.alerts.config import SubscriptionConfig
from monitor.alerts.delivery import State
from monitor.alerts.subscriptions import Subscriptions, subscription_id
from monitor.alerts.tables import DeliveryRow, MessageRow
from monitor.alerts.vault import Vault
from monitor.errors import NotFoundError
from monitor.ids import fact_id
from monitor.log.events import Event
from monitor.readmodel import alert_lists, queries
from monitor.readmodel.model import ReadModel
from monitor.readmodel.queries import AlertFilter, Delivered
from monitor.service.schema import migrate
from monitor.vocabulary import Status
from tests.postgres import IN_FILES
from tests.readmodel.story import START, TOPIC, Story, claim, project

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def shift_called(story: Story, name: str) -> Event:
    return next(
        one.event
        for one in story.log.read_all("docks")
        if one.event.type == "status.shifted" and one.event.data["name"] == name
    )


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, ["proposed", "rejected", "stalled", "underway", "proposed"]),
        ({"status": ("rejected", "stalled")}, ["rejected", "stalled"]),
        ({"state": ("suppressed",)}, ["underway", "proposed"]),
        ({"state": ("raised", "updated"), "channel": "pay"}, ["rejected", "stalled"]),
        ({"contested": True}, []),
        ({"contested": False, "channel": "safety"}, ["proposed"]),
        ({"q": "HARBOUR"}, ["stalled", "proposed"]),
        ({"q": "harbour  HOLD"}, ["stalled"]),
        ({"q": "harbour rejected"}, []),
        ({"q": "harb"}, ["stalled", "proposed"]),
        ({"q": '"harbour post" "on hold"'}, ["stalled"]),
        ({"q": '"hold on"'}, []),
        ({"q": "%"}, []),
        ({"q": "dockers’ leader"}, ["rejected"]),
        ({"as_of": date(2026, 1, 31)}, ["underway", "proposed"]),
        ({"last": START}, []),
        ({"known_at": START}, []),
        ({"known_at": START, "state": ("raised",)}, []),
    ],
)
def test_alerts_are_chosen_and_counted(
    told: Story, model: ReadModel, chosen: dict[str, Any], expected: list[str]
) -> None:
    asked = AlertFilter(**chosen)
    found = queries.alerts_page(model, "docks", asked)
    assert [one.entry.to for one in found.alerts] == expected
    assert found.total == len(expected)
    assert queries.alerts(model, "docks", asked) == [one.entry for one in found.alerts]


def test_pages_follow_each_other_and_the_last_one_answers_for_those_after_it(
    told: Story, model: ReadModel
) -> None:
    every = [one.entry.alert for one in queries.alerts_page(model, "docks").alerts]
    pages = [queries.alerts_page(model, "docks", number=number, size=2) for number in (1, 2, 3, 99)]
    assert [[one.entry.alert for one in page.alerts] for page in pages] == [
        every[:2],
        every[2:4],
        every[4:],
        every[4:],
    ]
    assert {page.total for page in pages} == {5}


def test_an_unknown_channel_is_refused(told: Story, model: ReadModel) -> None:
    with pytest.raises(NotFoundError, match="no channel"):
        queries.alerts_page(model, "docks", AlertFilter(channel="tea"))


def test_an_alert_says_how_sure_it_was_and_on_which_claim_it_was_told(told: Story, model: ReadModel) -> None:
    first = queries.alerts_page(model, "docks").alerts[1]
    assert (first.entry.confidence, first.entry.contested) == (0.8, False)
    assert first.claim is not None
    assert (first.claim.rule, first.claim.attribution) == ("by hand", "officials")
    assert first.entry.changes[0].confidence == 0.8
    assert queries.alert(model, first.entry.alert) == first
    assert queries.alert(model, "nothing") is None


def test_what_was_taken_back_names_what_was_told_in_its_stead(told: Story, model: ReadModel) -> None:
    stalled, rejected = shift_called(told, "talks stalled"), shift_called(told, "talks rejected")
    told.withdraw(stalled)
    told.withdraw(rejected)
    found = told.article("a9", "Post", date(2026, 3, 1), "Talks go on", "Talks on pay are going on.")
    claims = [claim(found, "pay", "underway", "Talks on pay are going on", None, date(2026, 3, 1))]
    told.claims(found, *claims)
    again = told.shift(
        found, "pay", stalled.data["from"], "underway", "talks go on", (None, date(2026, 3, 1))
    )
    told.alert(again, found, claims, type_="alert.raised", reason="new_shift")
    project(told, model)
    page = queries.alerts_page(model, "docks", AlertFilter(state=("cancelled",)))
    assert [one.replaced_by and one.replaced_by.name for one in page.alerts] == ["talks go on", "talks go on"]
    before = AlertFilter(state=("cancelled",), known_at=told.now - timedelta(seconds=3))
    assert [one.replaced_by for one in queries.alerts_page(model, "docks", before).alerts] == [None, None]


def test_known_at_shows_an_alert_as_it_stood(told: Story, model: ReadModel) -> None:
    before = told.now
    told.withdraw(shift_called(told, "talks rejected"))
    project(told, model)
    now = next(one for one in queries.alerts(model, "docks") if one.name == "talks rejected")
    assert now.state == "cancelled"
    for chosen in (
        AlertFilter(known_at=before),
        AlertFilter(known_at=before, state=("raised",), q="talks rejected"),
    ):
        then = next(one for one in queries.alerts(model, "docks", chosen) if one.name == "talks rejected")
        assert (then.state, then.reason, len(then.changes)) == ("raised", "new_shift", 1)
        assert then.articles == now.articles
    gone = AlertFilter(known_at=before, state=("cancelled",))
    assert queries.alerts(model, "docks", gone) == []
    assert queries.alerts_page(model, "docks", gone).total == 0
    shown = queries.alert(model, now.alert, known_at=before)
    assert shown is not None
    assert shown.entry.state == "raised"
    assert queries.alert(model, now.alert, known_at=START) is None


def test_known_at_tells_and_orders_what_was_told_then(told: Story, model: ReadModel) -> None:
    """What was held back is raised and renamed later: then its day, name, certainty and place in the list change."""
    before, begun = told.now, shift_called(told, "talks begun")
    project(told, model)
    was = queries.alerts(model, "docks", AlertFilter(known_at=before))
    article = next(one.event for one in told.log.read_all("docks") if one.event.type == "article.ingested")
    again = told.shift(
        article, "pay", Status.STALLED, Status.UNDERWAY, "talks resumed", (date(2026, 1, 19), date(2026, 1, 19)),
        type_="status.updated", first=begun.data["shift_id"], certainty="confirmed",
    )  # fmt: skip
    told.alert(again, article, [], type_="alert.raised", reason="confirmed")
    project(told, model)
    now = queries.alerts(model, "docks")
    assert now[0].name == "talks resumed"
    then = queries.alerts(model, "docks", AlertFilter(known_at=before))
    assert [(one.name, one.from_, one.certainty, one.raised_at) for one in then] == [
        (one.name, one.from_, one.certainty, one.raised_at) for one in was
    ]
    sure = AlertFilter(certainty="confirmed")
    assert queries.alerts_page(model, "docks", sure).total == 1
    assert queries.alerts_page(model, "docks", replace(sure, known_at=before)).total == 0
    assert len(queries.alerts(model, "docks", AlertFilter(known_at=before, last=before))) == len(was)


@IN_FILES
def test_alerts_as_they_were_known_are_listed_by_an_index(told: Story, model: ReadModel) -> None:
    with model.read() as session:
        stood, query = alert_lists._chosen(session, "docks", AlertFilter(known_at=NOW, state=("raised",)))
        sql = str(
            query.order_by(*alert_lists._newest(stood)).compile(
                session.get_bind(), compile_kwargs={"render_postcompile": True}
            )
        )
        cursor = session.connection().connection.cursor()
        steps = [row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {sql}", ("docks",) * sql.count("?"))]
    assert steps[0] == "SEARCH alert_record USING INDEX alert_record_newest (topic=?)"
    assert not [step for step in steps if "SCAN" in step or "TEMP B-TREE" in step]


def test_the_words_of_a_removed_article_are_found_no_more(told: Story, model: ReadModel) -> None:
    chosen = AlertFilter(q="dockers leader")
    assert len(queries.alerts(model, "docks", chosen)) == 1
    told.remove(fact_id("test-article", "a4"))
    project(told, model)
    assert queries.alerts(model, "docks", chosen) == []
    assert len(queries.alerts(model, "docks", AlertFilter(q="evening anchor"))) == 1


def test_an_alert_shows_both_sides(told: Story, model: ReadModel) -> None:
    entry = next(one for one in queries.alerts(model, "docks") if one.name == "talks rejected")
    found = queries.alert_passages(model, entry)
    assert [one.quote for one in found.carrying] == ["The dockers’ leader rejected a new round of talks"]
    assert found.against == []
    day = date(2026, 2, 26)
    text = "Talks on pay are going on, the port authority’s chief said on the quay."
    article = told.article("other", "Daily Tide", day, "Talks go on", text)
    told.claims(
        article,
        claim(article, "pay", "underway", "Talks on pay are going on", day, day, confidence=0.6),
    )
    project(told, model)
    assert [one.outlet for one in queries.alert_passages(model, entry).against] == ["Daily Tide"]
    assert queries.alert_passages(model, entry, known_at=told.now - timedelta(seconds=2)).against == []


def test_deliveries_are_numbers_by_kind_of_channel(told: Story, model: ReadModel, service: Engine) -> None:
    assert queries.delivered(model.store, ["a"]) == {}
    migrate(service)
    configs = [
        SubscriptionConfig(id="mail", kind="email", address="desk@press.example"),
        SubscriptionConfig(id="mail2", kind="email", address="tip@press.example"),
        SubscriptionConfig(id="log", kind="file", path="/tmp/alerts.jsonl"),
    ]
    Subscriptions(service, Vault("a" * 43 + "=")).sync(configs, NOW)
    outcomes = [
        ("mail", State.SUCCEEDED),
        ("mail2", State.SUCCEEDED),
        ("mail2", State.ABANDONED),
        ("log", State.FAILED),
        ("log", State.PENDING),
        ("log", State.DROPPED),
    ]
    with Session(service) as session:
        session.add(MessageRow(event_id="e", topic="docks", alert="a", kind="alert", content={}))
        session.flush()
        for number, (name, state) in enumerate(outcomes):
            session.add(
                DeliveryRow(
                    delivery_id=str(number),
                    event_id="e",
                    alert="a",
                    subscription=subscription_id(name),
                    kind="alert",
                    state=state,
                    next_try_at=NOW,
                    created_at=NOW,
                )
            )
        session.commit()
    assert queries.delivered(model.store, ["a", "b"]) == {
        "a": [
            Delivered("email", "failed", 1),
            Delivered("email", "sent", 2),
            Delivered("file", "dropped", 1),
            Delivered("file", "waiting", 2),
        ]
    }


def test_a_table_holds_no_formula(told: Story, model: ReadModel) -> None:
    entry = queries.alerts(model, "docks")[1]
    evil = [
        quote.model_copy(update={"outlet": "=HYPERLINK(1)", "quote": 'a, "b"\nc'}) for quote in entry.articles
    ]
    rows = list(
        csv.DictReader(
            io.StringIO("".join(queries.alerts_csv([[entry.model_copy(update={"articles": evil})]])))
        )
    )
    assert rows[0]["outlets"] == "'=HYPERLINK(1)"
    assert rows[0]["quotes"] == 'a, "b"\nc'
    assert rows[0]["to"] == "rejected"
    assert rows[0]["raised_at"].endswith("Z")
    assert TOPIC.id == rows[0]["topic"]

"""What operators are told of Parley itself: once when it begins, once when it is over, also without the log."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from monitor.alerts.config import SubscriptionConfig
from monitor.alerts.delivery import State, Verdict, outcome
from monitor.alerts.outcomes import record_outcomes
from monitor.alerts.queue import claim, settle
from monitor.alerts.subscriptions import UNCONFIRMED, subscription_id
from monitor.alerts.tables import DeliveryRow, MessageRow, SubscriptionRow, TroubleRow, transaction
from monitor.alerts.troubles import (
    ABANDONED,
    BEHIND,
    GATHERED_FOR,
    LOST,
    Found,
    abandoned,
    notice,
    tell_troubles,
)
from monitor.log.events import SYSTEM_TOPIC, Event

DASHBOARD = "https://parley.example"
MINUTE = timedelta(minutes=1)


def operators(*names: str) -> list[SubscriptionConfig]:
    return [
        SubscriptionConfig(id=name, kind="email", address=f"{name}@example.org", topics=(SYSTEM_TOPIC,))
        for name in names
    ]


def told(engine: Engine) -> list[tuple[str, dict[str, Any]]]:
    """Who is told what, of what operators are told."""
    with Session(engine) as session:
        rows = session.exec(
            select(DeliveryRow.subscription, MessageRow.content)
            .where(MessageRow.event_id == DeliveryRow.event_id, MessageRow.topic == SYSTEM_TOPIC)
            .order_by(DeliveryRow.seq)
        )
        return [(subscription, content) for subscription, content in rows]


def subjects(engine: Engine) -> list[str]:
    return [content["subject"] for _, content in told(engine)]


@pytest.fixture
def behind(story: Any) -> Callable[..., int]:
    """Note that the readers of these topics are behind, and tell what is to be told."""

    def look(*topics: str) -> int:
        found = {topic: Found(story.clock(), "12 events wait") for topic in topics}
        notice(story.engine, BEHIND, found, story.clock())
        return tell_troubles(story.engine, DASHBOARD, story.clock())

    return look


def test_a_trouble_is_told_when_it_begins_and_when_it_is_over(story: Any, behind: Callable[..., int]) -> None:
    story.subscribe(*operators("ops"))
    for _ in range(10):
        behind("pti")
        story.clock.turn(MINUTE)
    assert subjects(story.engine) == ["[Parley] The reader of pti is behind the log"]
    for _ in range(10):
        behind()
        story.clock.turn(MINUTE)
    assert subjects(story.engine)[1:] == ["[Parley] The reader of pti has caught up"]
    ((_, first), (_, second)) = told(story.engine)
    assert "since 01 March 2026, 12:00 UTC: 12 events wait" in first["text"]
    assert "parley doctor" in first["text"]
    assert "it was behind since 01 March 2026, 12:00 UTC" in second["text"]
    with Session(story.engine) as session:
        assert session.exec(select(TroubleRow)).all() == []


def test_a_trouble_that_comes_back_is_told_again(story: Any, behind: Callable[..., int]) -> None:
    story.subscribe(*operators("ops"))
    for topics in (("pti",), (), ("pti",)):
        for _ in range(3):
            behind(*topics)
            story.clock.turn(MINUTE)
    assert len(subjects(story.engine)) == 3


def test_what_was_cured_before_anybody_was_told_is_not_worth_a_word(
    story: Any, behind: Callable[..., int]
) -> None:
    story.subscribe(*operators("ops"))
    behind("pti")
    story.clock.turn(GATHERED_FOR / 2)
    for _ in range(5):
        behind()
        story.clock.turn(MINUTE)
    assert subjects(story.engine) == []


def test_what_is_in_trouble_again_before_its_end_was_told_was_never_well(
    story: Any, behind: Callable[..., int]
) -> None:
    story.subscribe(*operators("ops"))
    behind("pti")
    story.clock.turn(MINUTE)
    behind("pti")
    behind()
    story.clock.turn(MINUTE / 2)
    behind("pti")
    story.clock.turn(10 * MINUTE)
    behind("pti")
    assert subjects(story.engine) == ["[Parley] The reader of pti is behind the log"]


def test_many_at_once_are_one_message(story: Any, behind: Callable[..., int]) -> None:
    story.subscribe(*operators("ops"))
    topics = [f"topic-{number}" for number in range(12)]
    behind(*topics[:6])
    story.clock.turn(MINUTE / 2)
    assert behind(*topics) == 0
    story.clock.turn(MINUTE / 2)
    assert behind(*topics) == 1
    assert subjects(story.engine) == ["[Parley] Readers: 12 are behind the log"]


def test_lost_data_is_told_at_once_and_the_log_learns_of_it_when_it_can(story: Any) -> None:
    story.subscribe(*operators("ops"))
    lost = {"watch pti": Found(story.clock(), "data of the log of pti was lost")}
    notice(story.engine, LOST, lost, story.clock(), among=["watch pti"])
    assert tell_troubles(story.engine, DASHBOARD, story.clock()) == 1
    assert subjects(story.engine) == ["[Parley] The role watch pti has stopped: the log has lost data"]
    learned: list[Event] = []
    record_outcomes(story.engine, learned.append)
    ((_, content),) = told(story.engine)
    assert [(event.type, event.topic) for event in learned] == [("trouble.began", SYSTEM_TOPIC)]
    with Session(story.engine) as session:  # what the outcome of its delivery names as its cause
        assert session.exec(select(MessageRow.event_id)).one() == learned[0].id
    assert "parley rebuild --accept-loss" in content["text"]


def test_how_one_role_fares_says_nothing_of_the_others(story: Any) -> None:
    story.subscribe(*operators("ops"))
    for role in ("watch pti", "notify"):
        notice(story.engine, LOST, {role: Found(story.clock(), "lost")}, story.clock(), among=[role])
    notice(story.engine, LOST, {}, story.clock(), among=["notify"])
    tell_troubles(story.engine, DASHBOARD, story.clock())
    assert subjects(story.engine) == ["[Parley] The role watch pti has stopped: the log has lost data"]


def give_up(story: Any, key: str, state: State = State.ABANDONED) -> None:
    """An alert whose delivery to each subscriber comes to this end."""
    story.tell(story.alert(key))
    for delivery in claim(story.engine, story.clock(), 10):
        detail = None if state is State.SUCCEEDED else "<anna@example.org> is unknown here"
        reason = "accepted" if state is State.SUCCEEDED else "refused"
        settle(
            story.engine,
            [outcome(delivery, Verdict(state, reason, detail), at=story.clock(), by="test")],
        )


def look_for_abandoned(story: Any) -> int:
    with Session(story.engine) as session:
        found = abandoned(session)
    notice(story.engine, ABANDONED, found, story.clock())
    story.clock.turn(MINUTE)
    return tell_troubles(story.engine, DASHBOARD, story.clock())


def test_a_delivery_given_up_is_told_through_every_other_subscription(story: Any) -> None:
    both = SubscriptionConfig(id="both", kind="email", address="b@example.org", topics=("pti", SYSTEM_TOPIC))
    story.subscribe(story.email("anna"), both, *operators("ops"))
    give_up(story, "a")
    give_up(story, "b")
    assert look_for_abandoned(story) == 1
    ((subscription, content),) = told(story.engine)
    assert subscription == subscription_id(
        "ops"
    )  # not anna, who is no operator, nor both, which fails itself
    assert content["subject"] == "[Parley] Subscriptions: 2 do not get what they are sent"
    assert (
        "anna does not get what it is sent since 01 March 2026, 12:00 UTC: 2 deliveries were given up (refused)"
        in (content["text"])
    )
    assert "parley deliveries retry --abandoned --subscription anna" in content["text"]
    assert "example.org" not in str(content)
    assert look_for_abandoned(story) == 0


def test_it_is_over_when_something_arrives(story: Any) -> None:
    story.subscribe(story.email("anna"), *operators("ops"))
    give_up(story, "a")
    assert look_for_abandoned(story) == 1
    story.clock.turn(MINUTE)
    give_up(story, "b", State.SUCCEEDED)
    assert look_for_abandoned(story) == 1
    assert subjects(story.engine) == [
        "[Parley] anna does not get what it is sent",
        "[Parley] anna gets what it is sent again",
    ]
    assert look_for_abandoned(story) == 0


def test_of_a_subscription_that_has_ended_nothing_more_is_told(story: Any) -> None:
    story.subscribe(story.email("anna"), *operators("ops"))
    give_up(story, "a")
    assert look_for_abandoned(story) == 1
    story.subscribe(*operators("ops"))
    assert look_for_abandoned(story) == 0
    assert len(subjects(story.engine)) == 1
    with Session(story.engine) as session:
        assert session.exec(select(TroubleRow)).all() == []


def test_an_address_that_nobody_confirmed_is_no_trouble(story: Any) -> None:
    story.subscribe(story.email("anna"), *operators("ops"))
    give_up(story, "a")
    with transaction(story.engine) as session:
        session.get_one(SubscriptionRow, subscription_id("anna")).paused_because = UNCONFIRMED
    assert look_for_abandoned(story) == 0


def test_where_there_is_no_other_way_nothing_is_queued(story: Any) -> None:
    both = SubscriptionConfig(id="both", kind="email", address="b@example.org", topics=("pti", SYSTEM_TOPIC))
    story.subscribe(both)
    give_up(story, "a")
    assert look_for_abandoned(story) == 0
    assert told(story.engine) == []

"""People who subscribe themselves: what is sent to whom, what is kept, and what is forgotten."""

import base64
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from monitor.alerts.audit import history
from monitor.alerts.config import Wishes
from monitor.alerts.delivery import outcome, verdict
from monitor.alerts.links import CONFIRM, MINE, UNSUBSCRIBE, link
from monitor.alerts.people import (
    CONFIRM_WITHIN,
    MAIL_EVERY,
    MOST_MAILS,
    REFUSED_FOR,
    People,
    forget_unconfirmed,
)
from monitor.alerts.queue import claim, settle
from monitor.alerts.subscriptions import UNCONFIRMED, opened
from monitor.alerts.tables import DeliveryRow, OutcomeRow, SubscriptionRow
from monitor.alerts.troubles import abandoned
from monitor.alerts.vault import Vault
from monitor.errors import BadInputError, DeliveryError, NotFoundError

API = "https://api.parley.example"
ANNA = "anna@example.org"


@pytest.fixture
def people(engine, story, clock):
    return People(engine, story.vault, API, clock, {"pti": story.topic}, is_open=True)


def rows(engine):
    with Session(engine) as session:
        return list(session.exec(select(SubscriptionRow)))


def audited(engine, subscription):
    with Session(engine) as session:
        return [(row.what, row.by, row.fields) for row in history(session, subscription)]


def sent(engine, clock):
    """What is due goes out, and arrives."""
    due = claim(engine, clock(), 9)
    settle(engine, [outcome(one, verdict(1, None, clock(), 0), at=clock(), by="test") for one in due])
    return due


def token(story, purpose, row, until=None):
    return parse_qs(urlsplit(link(story.vault, API, purpose, row.id, until)).query)["token"][0]


def token_in(delivery):
    [line] = [line for line in delivery.message.text.splitlines() if "://" in line]
    return parse_qs(urlsplit(line.partition(": ")[2]).query)["token"][0]


@pytest.fixture
def confirmed(people, engine, clock):
    """A subscription that its owner has confirmed."""
    people.ask(ANNA, Wishes())
    people.confirm(token_in(sent(engine, clock)[0]))
    [row] = rows(engine)
    return row


def test_an_address_gets_a_mail_and_no_alerts_until_its_owner_confirms(people, engine, story, clock):
    people.ask(ANNA, Wishes(topics=("pti",)))
    clock.turn(timedelta(minutes=1))
    assert story.tell(story.alert("early")) == 0
    [mail] = sent(engine, clock)
    assert opened(mail.recipient, story.vault, API).target == ANNA
    assert mail.kind == "confirm"
    assert "PTI's talks" in mail.message.text
    assert people.confirm(token_in(mail)).state == "served"
    clock.turn(timedelta(minutes=1))
    assert story.tell(story.alert("late")) == 1
    [alert] = sent(engine, clock)
    assert alert.kind == "alert"


def test_confirming_twice_changes_nothing(people, engine, clock):
    people.ask(ANNA, Wishes())
    given = token_in(sent(engine, clock)[0])
    people.confirm(given)
    [before] = rows(engine)
    clock.turn(timedelta(hours=1))
    assert people.confirm(given).state == "served"
    assert rows(engine) == [before]


def test_an_alert_that_waits_does_not_pass_for_who_has_not_confirmed(people, engine, story, clock, confirmed):
    story.tell(story.alert())
    with Session(engine) as session:
        row = session.get(SubscriptionRow, confirmed.id)
        row.paused_because = UNCONFIRMED
        session.add(row)
        session.commit()
    assert claim(engine, clock(), 9) == []


def test_an_address_is_not_bombed_with_mails(people, engine, clock):
    mails = 0
    for _ in range(60):
        people.ask(ANNA, Wishes())
        people.ask(ANNA.upper(), Wishes())
        mails += len(sent(engine, clock))
        clock.turn(MAIL_EVERY / 3)
    assert mails == MOST_MAILS
    assert len(rows(engine)) == 1


def test_who_is_subscribed_already_is_told_how_to_change_it(people, engine, story, clock, confirmed):
    people.ask(ANNA, Wishes(min_severity="critical"))
    assert sent(engine, clock) == []  # the last mail is not old enough
    clock.turn(MAIL_EVERY)
    people.ask(ANNA, Wishes(min_severity="critical"))
    [mail] = sent(engine, clock)
    assert "already" in mail.message.subject
    assert people.shown(MINE, token_in(mail)).wishes == Wishes()


def test_a_new_wish_before_confirming_is_the_one_that_counts(people, engine, clock):
    people.ask(ANNA, Wishes())
    people.ask(ANNA, Wishes(min_severity="critical"))
    [mail] = sent(engine, clock)
    assert people.confirm(token_in(mail)).wishes.min_severity == "critical"


def test_an_address_that_nobody_confirms_is_forgotten(people, engine, clock):
    people.ask(ANNA, Wishes())
    [mail] = sent(engine, clock)
    clock.turn(CONFIRM_WITHIN + timedelta(seconds=1))
    with pytest.raises(NotFoundError, match="too old"):
        people.confirm(token_in(mail))
    forget_unconfirmed(engine, clock())
    [old] = rows(engine)
    assert (old.target, old.target_mark) == ("", "")
    assert audited(engine, old.id)[-1] == ("ended", "parley", [])


def test_who_does_not_want_it_is_not_asked_again_for_a_month(people, engine, story, clock):
    people.ask(ANNA, Wishes())
    assert len(sent(engine, clock)) == 1
    people.end(token(story, UNSUBSCRIBE, rows(engine)[0]))
    clock.turn(REFUSED_FOR)
    people.ask(ANNA, Wishes())
    assert sent(engine, clock) == []
    assert rows(engine)[0].target == ""
    clock.turn(timedelta(seconds=1))
    people.ask(ANNA, Wishes())
    assert len(sent(engine, clock)) == 1


def test_ending_is_at_once_for_good_and_forgets_the_address(people, engine, story, clock, confirmed):
    story.tell(story.alert())
    for _ in range(2):
        people.end(token(story, UNSUBSCRIBE, confirmed))
    assert sent(engine, clock) == []
    assert story.tell(story.alert("b")) == 0
    with engine.connect() as connection:
        stored = str(connection.execute(text("SELECT * FROM subscription")).all())
    assert confirmed.target not in stored
    assert confirmed.target_mark not in stored
    with Session(engine) as session:
        states = session.exec(select(DeliveryRow.kind, DeliveryRow.state)).all()
    assert ("alert", "abandoned") in states
    assert [entry[0] for entry in audited(engine, confirmed.id)] == ["asked", "confirmed", "ended"]


def test_no_correction_waits_for_who_has_ended_it(people, engine, story, clock, confirmed):
    clock.turn(timedelta(minutes=1))
    story.tell(story.alert())
    assert len(sent(engine, clock)) == 1
    people.end(token(story, UNSUBSCRIBE, confirmed))
    assert story.tell(story.update(), story.cancel()) == 0


def test_a_link_ends_it_even_when_the_key_of_its_address_is_lost(people, engine, story, confirmed):
    with Session(engine) as session:
        row = session.get(SubscriptionRow, confirmed.id)
        row.target = Vault(base64.urlsafe_b64encode(b"x" * 32).decode()).seal(ANNA)
        session.add(row)
        session.commit()
    assert people.shown(UNSUBSCRIBE, token(story, UNSUBSCRIBE, confirmed)).place == ""
    people.end(token(story, UNSUBSCRIBE, confirmed))
    assert rows(engine)[0].target == ""


def test_who_ended_it_can_ask_again(people, engine, story, clock, confirmed):
    people.end(token(story, UNSUBSCRIBE, confirmed))
    people.ask(ANNA, Wishes())
    [mail] = sent(engine, clock)
    assert people.confirm(token_in(mail)).state == "served"


def test_wishes_change_and_the_names_of_what_changed_are_kept(people, engine, story, confirmed):
    mine = token(story, MINE, confirmed)
    changed = people.change(mine, {"min_severity": "critical", "digest": "off"})
    assert changed.wishes == Wishes(min_severity="critical")
    assert audited(engine, confirmed.id)[-1] == ("changed", "person", ["min_severity"])
    with pytest.raises(BadInputError, match="time_zone"):
        people.change(mine, {"time_zone": "Nowhere"})
    with pytest.raises(NotFoundError, match="there is: pti"):
        people.change(mine, {"topics": ["_system"]})
    assert people.shown(MINE, mine).wishes == changed.wishes


@pytest.mark.parametrize("wishes", [Wishes(topics=("_system",)), Wishes(channels=("nobody",))])
def test_what_is_not_watched_cannot_be_wished(people, engine, wishes):
    with pytest.raises(NotFoundError, match="there is"):
        people.ask(ANNA, wishes)
    assert rows(engine) == []


def test_who_ends_what_the_settings_name_stays_without_it_after_a_restart(people, engine, story, clock):
    story.subscribe(story.email("anna"))
    [row] = rows(engine)
    people.end(token(story, UNSUBSCRIBE, row))
    clock.turn(timedelta(minutes=1))
    story.subscribe(story.email("anna"))
    assert story.tell(story.alert()) == 0
    assert rows(engine)[0].target == ""
    story.subscribe(story.email("anna", "other@example.org"))
    clock.turn(timedelta(minutes=1))
    assert story.tell(story.alert("b")) == 1


def test_what_the_settings_say_cannot_be_changed_by_a_link(people, engine, story):
    story.subscribe(story.email("anna"))
    [row] = rows(engine)
    assert not people.shown(UNSUBSCRIBE, token(story, UNSUBSCRIBE, row)).changeable
    with pytest.raises(BadInputError, match="operator"):
        people.change(token(story, MINE, row), {"min_severity": "critical"})


def test_strangers_cannot_fill_the_log(people, engine, clock):
    people.ask(ANNA, Wishes())
    assert len(sent(engine, clock)) == 1
    with Session(engine) as session:
        assert session.exec(select(OutcomeRow)).all() == []


def test_no_link_does_what_another_is_for(people, story, engine, confirmed):
    for purpose in (CONFIRM, MINE):
        with pytest.raises(NotFoundError, match="not valid"):
            people.end(token(story, purpose, confirmed))
    assert rows(engine) == [confirmed]


def test_no_operator_is_told_of_a_misspelt_address_or_of_what_ended(people, engine, story, clock):
    people.ask("anna@misspelt.example", Wishes())
    story.subscribe(story.email("desk"))
    [desk] = [row for row in rows(engine) if row.name]
    clock.turn(timedelta(minutes=1))
    story.tell(story.alert())
    refused = verdict(1, DeliveryError("refused", "550", retry=False), clock(), 0)
    due = claim(engine, clock(), 9)
    settle(engine, [outcome(one, refused, at=clock(), by="test") for one in due])
    with Session(engine) as session:
        assert list(abandoned(session)) == [desk.id]
    people.end(token(story, UNSUBSCRIBE, desk))
    with Session(engine) as session:
        assert abandoned(session) == {}

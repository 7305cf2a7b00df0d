"""Alerts as CAP 1.2: the elements in the order of the standard, references, tests, and text that XML cannot hold."""

from datetime import UTC, date, datetime, timedelta

import pytest
from lxml import etree

from monitor.alerts.cap import NAMESPACE, cap_of
from monitor.ids import alert_id, fact_id
from monitor.log.events import AlertCancelled, AlertRaised, Event, Quote
from monitor.topics.model import Channel, Topic
from monitor.vocabulary import Certainty, Status

TOPIC = Topic(id="docks", label="Dock talks", channels=(Channel(id="pay", label="Union and port"),))
NOW = datetime(2026, 2, 3, 14, 5, 6, 789, tzinfo=UTC)
SHIFT = fact_id("shift")
RAISED, UPDATED = fact_id("raised"), fact_id("updated")
SENT = {RAISED: NOW - timedelta(days=1), UPDATED: NOW - timedelta(hours=2)}
ORDER = [
    "identifier", "sender", "sent", "status", "msgType", "scope", "references", "info",
    "language", "category", "event", "urgency", "severity", "certainty", "onset", "headline", "description",
    "parameter",
]  # fmt: skip


def alert(type_="alert.raised", **more):
    plain = {
        "alert_id": alert_id(SHIFT),
        "shift_id": SHIFT,
        "channel": "pay",
        "from_status": Status.PROPOSED,
        "to_status": Status.REJECTED,
        "name": "talks rejected",
        "effective_at": date(2026, 2, 2),
        "severity": "major",
        "certainty": Certainty.REPORTED,
        "text": "Union and port: talks rejected (reported), since 2 February 2026.",
        "evidence": (),
        "reason": "new_shift",
    }
    return event(type_, AlertRaised(**{**plain, **more}))


def event(type_, data):
    return Event.of(type_, data, id_=fact_id("now"), topic="docks", at=NOW, cause=None, by="test")


def quote(text):
    return Quote(
        claim_id=fact_id("c"),
        article_id=fact_id("a"),
        outlet="Harbour <Post>",
        url=None,
        published_at=NOW,
        text=text,
    )


def read(one, sent=SENT):
    root = etree.fromstring(cap_of(one, TOPIC, sender="parley@news.example", sent=sent))
    assert root.tag == f"{{{NAMESPACE}}}alert"
    names = [etree.QName(part).localname for part in root] + [
        etree.QName(part).localname for part in root[-1]
    ]
    assert [ORDER.index(name) for name in names] == sorted(ORDER.index(name) for name in names)
    return lambda path: root.findtext("/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/")))


def test_a_new_alert_names_what_changed_and_how_sure_that_is():
    told = read(alert())
    assert told("identifier") == fact_id("now")
    assert told("sent") == "2026-02-03T14:05:06-00:00"
    assert (told("status"), told("msgType"), told("scope")) == ("Actual", "Alert", "Public")
    assert told("references") is None
    assert (told("info/event"), told("info/severity"), told("info/certainty")) == (
        "talks rejected",
        "Moderate",
        "Likely",
    )
    assert told("info/onset") == "2026-02-02T00:00:00-00:00"
    assert told("info/headline").startswith("Union and port: talks rejected")


@pytest.mark.parametrize(
    ("severity", "certainty", "contested", "words"),
    [
        ("critical", Certainty.CONFIRMED, False, ("Severe", "Observed")),
        ("minor", Certainty.REPORTED, False, ("Minor", "Likely")),
        ("major", Certainty.REPORTED, True, ("Moderate", "Possible")),
    ],
)
def test_severity_and_certainty_are_in_caps_words(severity, certainty, contested, words):
    told = read(alert(severity=severity, certainty=certainty, contested=contested))
    assert (told("info/severity"), told("info/certainty")) == words


def test_an_update_refers_to_what_was_told_before():
    told = read(alert("alert.updated", references=(RAISED, UPDATED), certainty=Certainty.CONFIRMED))
    assert told("msgType") == "Update"
    assert told("references") == (
        f"parley@news.example,{RAISED},2026-02-02T14:05:06-00:00 "
        f"parley@news.example,{UPDATED},2026-02-03T12:05:06-00:00"
    )


def test_a_cancellation_says_what_it_takes_back():
    gone = AlertCancelled(
        alert_id=alert_id(SHIFT),
        shift_id=SHIFT,
        channel="pay",
        severity="major",
        text="Union and port: withdrawn.",
        reason="withdrawn",
        references=(RAISED,),
    )
    told = read(event("alert.cancelled", gone))
    assert (told("msgType"), told("info/urgency"), told("info/severity")) == ("Cancel", "Past", "Moderate")
    assert RAISED in told("references")


def test_a_cancellation_of_the_first_schema_is_whole():
    gone = AlertCancelled(
        alert_id=alert_id(SHIFT), shift_id=SHIFT, channel="pay", text="withdrawn", reason="withdrawn"
    )
    told = read(event("alert.cancelled", gone))
    assert (told("info/severity"), told("info/certainty"), told("info/onset")) == ("Unknown", "Unknown", None)


def test_a_test_says_that_it_is_one():
    assert read(alert(test=True))("status") == "Test"


def test_strangers_text_cannot_break_out_of_its_element():
    hostile = "</description><status>Test</status> & \x00\x1b[1m \ud800 \uffff \u202eback"
    description = read(alert(evidence=(quote(hostile),)))("info/description")
    assert description.startswith("Harbour <Post>: “</description><status>Test</status> & ")
    assert not set(description) & set("\x00\x1b\uffff\u202e")

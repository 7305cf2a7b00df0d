"""Whether, why and how a change of status is told: tables of cases, no log and no clock."""

from datetime import UTC, date, datetime

import pytest

from monitor.alerts.decision import (
    SEVERITY,
    Circumstances,
    Reason,
    alert_cancelled_for,
    alert_for,
    alert_update_for,
)
from monitor.ids import alert_id, fact_id
from monitor.log.events import StatusChange, StatusWithdrawn
from monitor.status.model import ClaimRecord
from monitor.topics.model import Channel, Topic
from monitor.vocabulary import Certainty, Claim, ClaimKind, Position, Precision, Span, Status, When

TOPIC = Topic(
    id="pti", label="PTI", channels=(Channel(id="government", label="PTI and the federal government"),)
)
SHIFT = fact_id("a shift")
DAY = date(2025, 5, 29)


def change(**more):
    plain = {
        "shift_id": SHIFT,
        "channel": "government",
        "from_status": Status.PROPOSED,
        "to_status": Status.REJECTED,
        "name": "talks rejected",
        "start_earliest": DAY,
        "start_latest": DAY,
        "certainty": Certainty.REPORTED,
        "confidence": 0.8,
        "contested": False,
        "claim_ids": (),
        "reason": "new_shift",
    }
    return StatusChange(**{**plain, **more})


def record(
    nth=0,
    *,
    history=False,
    background=False,
    outlet="WION",
    text="Khan rejects dialogue",
    since=DAY,
    place="lead",
):
    moment = datetime(2025, 5, 29, tzinfo=UTC)
    return ClaimRecord(
        claim=Claim(
            id=fact_id("claim", nth),
            channel="government",
            kind=ClaimKind.REJECTED,
            background=background,
            position=Position(place),
            when=When(start_earliest=since, start_latest=DAY),
            span=Span(start=0, end=len(text), text=text),
            confidence=0.8,
            rule="test",
        ),
        article_id=fact_id("article", nth),
        article_event=fact_id("event", nth),
        story_id=fact_id("story", nth),
        outlet=outlet,
        published_at=moment,
        precision=Precision.DAY,
        first_seen_at=moment,
        history=history,
        known_from=moment,
    )


MONTH_AGO = date(2025, 4, 25)
MONTH_OLD = {"start_earliest": MONTH_AGO, "start_latest": MONTH_AGO}
TALKS = change(to_status=Status.UNDERWAY, name="talks begun", **MONTH_OLD)
PAST_WEEK = record(background=True, since=date(2025, 5, 23))
PAST_WINTER = record(background=True, since=date(2024, 12, 1))


def found(*records, learned="2025-05-29", is_current=True, **more):
    moment = datetime.fromisoformat(learned).replace(tzinfo=UTC)
    return Circumstances(records or (record(),), moment, is_current, **more)


@pytest.mark.parametrize(
    ("case", "told", "circumstances", "reason"),
    [
        ("news", change(), found(), None),
        ("all history", change(), found(record(history=True)), "history"),
        ("history and news", change(), found(record(history=True), record(1)), None),
        ("seven days after", change(), found(learned="2025-06-05"), None),
        ("eight days after", change(), found(learned="2025-06-06"), "late"),
        (
            "open since long, told as present",
            change(start_earliest=date(2025, 5, 1)),
            found(record(since=date(2025, 5, 1))),
            None,
        ),
        (
            "last week, told as past",
            change(start_earliest=date(2025, 5, 23)),
            found(PAST_WEEK, learned="2025-06-02"),
            None,
        ),
        ("some time this winter", change(start_earliest=date(2024, 12, 1)), found(PAST_WINTER), "late"),
        ("come to light weeks after, and still held", TALKS, found(record(since=MONTH_AGO)), None),
        (
            "come to light weeks after, and told below",
            TALKS,
            found(record(since=MONTH_AGO, place="body")),
            "late",
        ),
        ("over weeks ago", change(**MONTH_OLD), found(record(since=MONTH_AGO)), "late"),
        ("history and late", change(), found(record(history=True), learned="2026-05-29"), "history"),
        ("already over", change(), found(is_current=False), "past"),
        ("found by reading again, today", change(), found(is_redetected=True), "redetected"),
        ("told before older news divided it", change(), found(is_told=True), "told"),
        ("found so in history", change(), found(record(history=True), is_redetected=True), "history"),
        (
            "undated past",
            change(start_earliest=None),
            found(record(background=True, since=None)),
            "unplaceable",
        ),
        ("present with an open start", change(start_earliest=None), found(), None),
        ("in a silence", change(), found(is_silenced=True), "silenced"),
        ("late, in a silence", change(), found(is_silenced=True, learned="2025-07-01"), "late"),
        ("back and forth again", change(), found(flaps=True, is_known_contested=True), "flapping"),
        ("in a silence, back and forth", change(), found(flaps=True, is_silenced=True), "silenced"),
        ("contested for another reason", change(), found(is_known_contested=True), None),
        ("told lately", change(), found(cools=True), "cool_down"),
        ("told lately, but sure", change(certainty=Certainty.CONFIRMED), found(cools=True), None),
    ],
)
def test_a_new_shift_is_told_unless_there_is_a_reason_not_to(case, told, circumstances, reason):
    alert = alert_for(TOPIC, told, circumstances)
    assert alert.type == ("alert.suppressed" if reason else "alert.raised"), case
    assert (alert.data.reason, alert.data.alert_id) == (reason or "new_shift", alert_id(SHIFT))


def test_a_change_that_shows_that_reports_turn_back_and_forth_is_told_as_contested():
    alert = alert_for(TOPIC, change(contested=True), found(flaps=True, cools=True))
    assert (alert.type, alert.data.reason, alert.data.contested) == ("alert.raised", "contested", True)
    assert alert.data.text == (
        "PTI and the federal government: talks rejected (reported, contested), since 29 May 2025. "
        "Reports turn back and forth, and none is confirmed."
    )


@pytest.mark.parametrize("why", Reason)
@pytest.mark.parametrize("reason", [Reason.CONFIRMED, Reason.SETTLED, Reason.EVIDENCE_CHANGED])
def test_only_what_waits_for_surer_word_is_raised_when_that_comes(why, reason):
    circumstances = found(learned="2025-07-01")
    alert = alert_update_for(TOPIC, change(reason=reason), circumstances, before="suppressed", why=why)
    surer = reason is not Reason.EVIDENCE_CHANGED and why in {Reason.FLAPPING, Reason.COOL_DOWN}
    assert (alert and alert.type) == ("alert.raised" if surer else None)


@pytest.mark.parametrize(
    ("reason", "circumstances", "before", "is_told"),
    [
        pytest.param(Reason.CONFIRMED, found(), "raised", True, id="confirmed"),
        pytest.param(Reason.CONFIRMED, found(), "updated", True, id="after another update"),
        pytest.param(Reason.CONTESTED, found(), "raised", True, id="contested"),
        pytest.param(Reason.SETTLED, found(), "updated", True, id="settled"),
        pytest.param(Reason.EVIDENCE_CHANGED, found(), "raised", True, id="start moved"),
        pytest.param(Reason.CONFIDENCE_CHANGED, found(), "raised", False, id="confidence alone"),
        pytest.param(Reason.HISTORY_CHANGED, found(), "raised", False, id="another name alone"),
        pytest.param(Reason.CONFIRMED, found(), "suppressed", False, id="held back before"),
        pytest.param(Reason.CONFIRMED, found(), "cancelled", False, id="cancelled before"),
        pytest.param(Reason.CONFIRMED, found(), None, False, id="never decided"),
        pytest.param(Reason.CONFIRMED, found(is_current=False), "raised", False, id="over"),
        pytest.param(
            Reason.CONTESTED, found(is_redetected=True), "raised", False, id="found by reading again"
        ),
        pytest.param(Reason.CONTESTED, found(is_silenced=True), "raised", False, id="in a silence"),
        pytest.param(
            Reason.CONFIRMED, found(learned="2025-07-01"), "raised", False, id="confirmed a month later"
        ),
        pytest.param(
            Reason.CONTESTED, found(learned="2025-07-01"), "raised", True, id="contested a month later"
        ),
    ],
)
def test_an_update_is_told_only_when_it_helps_someone_who_got_the_alert(
    reason, circumstances, before, is_told
):
    alert = alert_update_for(TOPIC, change(reason=reason), circumstances, before=before)
    assert (alert is not None) == is_told
    assert alert is None or (alert.type, alert.data.reason) == ("alert.updated", reason)


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (change(), "talks rejected (reported), since 29 May 2025."),
        (change(certainty=Certainty.CONFIRMED), "talks rejected (confirmed), since 29 May 2025."),
        (change(contested=True), "talks rejected (reported, contested), since 29 May 2025."),
        (change(start_earliest=None), "talks rejected (reported), by 29 May 2025."),
        (
            change(start_earliest=date(2025, 5, 22)),
            "talks rejected (reported), some time between 22 May 2025 and 29 May 2025.",
        ),
        (change(start_earliest=None, start_latest=None), "talks rejected (reported)."),
    ],
)
def test_the_text_is_one_plain_sentence(told, text):
    assert alert_for(TOPIC, told, found()).data.text == f"PTI and the federal government: {text}"


def test_an_unknown_channel_is_called_by_its_id():
    assert alert_for(TOPIC, change(channel="back"), found()).data.text.startswith("back: talks rejected")


def test_a_cancellation_says_what_no_longer_stands():
    withdrawn = StatusWithdrawn(
        shift_id=SHIFT, channel="government", to_status=Status.REJECTED, reason=Reason.WITHDRAWN
    )
    alert = alert_cancelled_for(TOPIC, change(), withdrawn, (fact_id("told"),))
    assert (alert.data.severity, alert.data.certainty, alert.data.effective_at) == ("major", "reported", DAY)
    assert alert.data.references == (fact_id("told"),)
    assert (alert.type, alert.data.alert_id, alert.data.reason) == (
        "alert.cancelled",
        alert_id(SHIFT),
        "withdrawn",
    )
    assert alert.data.text == (
        "PTI and the federal government: withdrawn, the evidence for “talks rejected” since 29 May 2025 no longer"
        " stands."
    )


def test_every_status_has_a_severity():
    assert set(SEVERITY) == set(Status) - {Status.NONE}


def test_three_quotes_at_most_and_different_outlets_first():
    records = [
        record(0),
        record(1),
        record(2, outlet="Dawn"),
        record(3, outlet="Geo"),
        record(4, outlet="ARY"),
    ]
    evidence = alert_for(TOPIC, change(), found(*records)).data.evidence
    assert [quote.outlet for quote in evidence] == ["WION", "Dawn", "Geo"]


def test_what_a_headline_and_its_first_sentence_both_say_is_quoted_once():
    records = [
        record(0),
        record(1, text="KHAN rejects  dialogue."),
        record(2, text="No talks"),
        record(3, outlet="Geo"),
    ]
    evidence = alert_for(TOPIC, change(), found(*records)).data.evidence
    assert [(quote.outlet, quote.text) for quote in evidence] == [
        ("WION", "Khan rejects dialogue"),
        ("Geo", "Khan rejects dialogue"),
        ("WION", "No talks"),
    ]


def test_a_long_quote_is_cut_but_stays_literal():
    text = "No talks. " * 100
    (quote,) = alert_for(TOPIC, change(), found(record(text=text))).data.evidence
    assert len(quote.text) <= 400
    assert text.startswith(quote.text)

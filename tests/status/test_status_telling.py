"""One alert per real change: sources that turn back and forth, cool-down, silences, and laws of what is told."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.ids import fact_id
from monitor.log.events import AlertAcknowledged, SilenceBegun, SilenceEnded
from monitor.status.decide import DECIDED_AFTER, decide
from monitor.status.rules import RULES
from monitor.status.state import TopicState
from monitor.status.timeline import timeline

START = datetime(2025, 5, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def play(newsroom, said, reports):
    """(hours after START, kind, what else is said of it) of each report; the alert events, in order."""
    events = []
    for hours, kind, *more in reports:
        events += newsroom.publish(said(START + hours * HOUR, kind, **(more[0] if more else {})))
    return [event for event in events if event.type.startswith("alert.")]


def lines(alerts):
    return [(e.type.removeprefix("alert."), e.data.get("to"), e.data["reason"]) for e in alerts]


def flips(every, times, kinds=("underway", "rejected"), first=0):
    return [(first + every * n, kinds[n % 2]) for n in range(times)]


@pytest.mark.parametrize(
    "kinds", [("underway", "rejected"), ("scheduled", "collapsed"), ("agreement", "stalled")]
)
@pytest.mark.parametrize("hours", [37, 48, 60, 96, 140])
def test_sources_that_turn_back_and_forth_are_told_of_once(newsroom, said, hours, kinds):
    alerts = play(newsroom, said, flips(hours, 10, kinds))
    first, second = newsroom.state.segments("government")[:2]
    assert lines(alerts)[:3] == [
        ("raised", first.status, "new_shift"),
        ("raised", second.status, "new_shift"),
        ("raised", first.status, "contested"),
    ]
    assert {(kind, reason) for kind, _, reason in lines(alerts)[3:]} == {("suppressed", "flapping")}
    assert alerts[2].data["contested"]
    assert "contested" in alerts[2].data["text"]
    assert "turn back and forth" in alerts[2].data["text"]
    assert newsroom.state.segments("government")[-1].contested


def test_a_channel_is_contested_by_any_order_of_the_reports(said):
    records = [said(START + hours * HOUR, kind) for hours, kind in flips(48, 5)]
    contested = [segment.contested for segment in timeline(records)["government"]]
    assert contested == [False, False, True, True, True]
    assert timeline(reversed(records)) == timeline(records)


def test_what_waited_is_raised_when_it_is_confirmed(newsroom, said):
    alerts = play(newsroom, said, [*flips(48, 6), (48 * 5 + 10, "rejected", {"confidence": 0.9})])
    assert lines(alerts)[-2:] == [("suppressed", "rejected", "flapping"), ("raised", "rejected", "confirmed")]
    assert not newsroom.state.segments("government")[-1].contested
    assert alerts[-1].data["references"] == []


def test_what_waited_is_raised_when_it_has_held_for_a_while(newsroom, said):
    one = {"outlet": "the only one"}
    held = [(48 * 5 + 24 * days, "rejected", one) for days in (2, 5, 7)]
    alerts = play(newsroom, said, [(hours, kind, one) for hours, kind in flips(48, 6)] + held)
    assert lines(alerts)[-1] == ("raised", "rejected", "settled")
    assert len([line for line in lines(alerts) if line[2] == "settled"]) == 1


def test_after_it_has_settled_a_new_change_is_news_again(newsroom, said):
    confirmed = {"attribution": "party", "speaker": "pti", "principal": "pti"}
    alerts = play(
        newsroom,
        said,
        [*flips(48, 4), (48 * 4, "rejected", confirmed), (48 * 4 + 24 * 9, "underway", confirmed)],
    )
    assert lines(alerts)[-1] == ("raised", "underway", "new_shift")


def test_changes_over_weeks_are_all_told(newsroom, said):
    reports = []
    for n, kind in enumerate(["underway", "stalled", "resumed", "rejected", "underway", "collapsed"]):
        reports += [(24 * 12 * n, kind, {"confidence": 0.9}), (24 * 12 * n + 20, kind, {"confidence": 0.9})]
    assert [line[0] for line in lines(play(newsroom, said, reports))] == ["raised", "updated"] * 6


def test_changes_within_days_are_all_told_when_each_is_confirmed(newsroom, said):
    reports = []
    for n, kind in enumerate(["underway", "stalled", "resumed", "rejected"]):
        reports += [(72 * n, kind, {"confidence": 0.9}), (72 * n + 20, kind, {"confidence": 0.9})]
    alerts = lines(play(newsroom, said, reports))
    told = [line[1] for line in alerts if line[0] == "raised"]
    assert told == ["underway", "stalled", "underway", "rejected"]
    assert not any(line[2] in {"contested", "flapping"} for line in alerts)


def test_the_same_status_again_cools_down(newsroom, said):
    """Talks, a breakdown that is sure, and unconfirmed word of talks again: that is told when it is confirmed."""
    confirmed = {"attribution": "party", "speaker": "pti", "principal": "pti"}
    broken = [(0, "underway"), (48, "collapsed", confirmed), (96, "underway")]
    alerts = play(newsroom, said, broken)
    assert lines(alerts)[-1] == ("suppressed", "underway", "cool_down")
    more = play(newsroom, said, [(110, "underway", {"outlet": "another", "confidence": 0.9})])
    assert lines(more) == [("raised", "underway", "confirmed")]


@pytest.mark.parametrize(("days", "is_told"), [(0, True), (3, True), (7, False)])
def test_how_long_it_cools_down_is_the_topics(new_room, said, days, is_told):
    newsroom = new_room()
    newsroom.state = TopicState(newsroom.topic.model_copy(update={"cool_down_days": days}))
    confirmed = {"attribution": "party", "speaker": "pti", "principal": "pti"}
    alerts = play(newsroom, said, [(0, "underway"), (48, "collapsed", confirmed), (96, "underway")])
    assert (alerts[-1].type == "alert.raised") == is_told


def test_a_status_whose_alert_was_taken_back_does_not_cool_down(newsroom, said):
    """Whoever was told that it was wrong must be told that it was right after all, also by the same revision."""
    first = said(START, "rejected", article="a")
    newsroom.publish(first)
    taken = newsroom.judge("claim.dismissed", first, START + HOUR)
    again = newsroom.judge("claim.restored", first, START + 2 * HOUR)
    other = said(START + 2 * DAY, "rejected", article="a", text="another sentence")
    revised = newsroom.publish(other, revised=True, at=START + 2 * DAY)
    assert lines([taken[1], again[1]]) == [
        ("cancelled", None, "withdrawn"),
        ("raised", "rejected", "new_shift"),
    ]
    assert lines([e for e in revised if e.type.startswith("alert.")]) == [
        ("cancelled", None, "withdrawn"),
        ("raised", "rejected", "new_shift"),
    ]


def test_that_a_channel_is_contested_is_told_again_when_the_alert_that_said_so_is_taken_back(newsroom, said):
    play(newsroom, said, flips(48, 2))
    newsroom.publish(said(START + 4 * DAY, "underway", article="c"))
    other = said(START + 5 * DAY, "agreement", article="c", text="another sentence")
    revised = newsroom.publish(other, revised=True, at=START + 5 * DAY)
    assert lines([e for e in revised if e.type.startswith("alert.")]) == [
        ("cancelled", None, "withdrawn"),
        ("raised", "agreed", "contested"),
    ]


def silence(newsroom, since, until, channel=None, key="one"):
    begun = SilenceBegun(
        silence_id=fact_id(key), channel=channel, since=since, until=until, operator_id="op", why="a summit"
    )
    return newsroom.append("silence.begun", begun, since)


def test_new_alerts_and_updates_are_held_back_while_it_is_silent(newsroom, said):
    newsroom.publish(said(START, "underway"))
    silence(newsroom, START + HOUR, START + 5 * DAY)
    update = newsroom.publish(said(START + 10 * HOUR, "underway", confidence=0.9))
    new = newsroom.publish(said(START + 3 * DAY, "rejected"))
    assert [event.type for event in update] == ["status.updated"]
    assert lines(new[1:]) == [("suppressed", "rejected", "silenced")]
    later = newsroom.publish(
        said(START + 6 * DAY, "stalled"), said(START + 6 * DAY, "rejected", confidence=0.9)
    )
    assert [event.type for event in later] == ["status.updated"]


def test_corrections_are_told_in_silence(newsroom, said):
    record = said(START, "underway")
    newsroom.publish(record)
    silence(newsroom, START + HOUR, START + 5 * DAY)
    gone = newsroom.judge("claim.dismissed", record, START + DAY)
    assert [event.type for event in gone] == ["status.withdrawn", "alert.cancelled"]


@pytest.mark.parametrize(
    ("channel", "hours", "is_told"),
    [(None, 2, False), ("government", 2, False), ("overseas", 2, True), (None, 49, True), (None, 48, True)],
)
def test_a_silence_has_a_channel_and_an_end(newsroom, said, channel, hours, is_told):
    silence(newsroom, START, START + 48 * HOUR, channel)
    (alert,) = play(newsroom, said, [(hours, "underway")])
    assert (alert.type == "alert.raised") == is_told


def test_a_silence_that_was_ended_is_over(newsroom, said):
    begun = silence(newsroom, START, START + 48 * HOUR)
    silence(newsroom, START, START + 40 * HOUR, "overseas", "another")
    ended = SilenceEnded(silence_id=begun.data["silence_id"], operator_id="op")
    newsroom.append("silence.ended", ended, START + HOUR)
    (alert,) = play(newsroom, said, [(2, "underway")])
    assert alert.type == "alert.raised"


def test_updates_and_cancellations_refer_to_what_was_told_before(newsroom, said):
    first = said(START, "rejected", confidence=0.7)
    raised = newsroom.publish(first)[1]
    second = said(START + 10 * HOUR, "rejected", confidence=0.7)
    updated = newsroom.publish(second)[1]
    newsroom.judge("claim.dismissed", first, START + 11 * HOUR)
    cancelled = newsroom.judge("claim.dismissed", second, START + 12 * HOUR)[1]
    assert raised.data["references"] == []
    assert updated.data["references"] == [raised.id]
    assert cancelled.data["references"][:2] == [raised.id, updated.id]
    assert (cancelled.data["severity"], cancelled.data["effective_at"]) == ("major", "2025-05-01")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["underway", "rejected", "underway", "rejected", "scheduled", "collapsed", "denied"]),
        st.sampled_from([2, 20, 37, 48, 60, 100, 200]),
        st.sampled_from(
            ["publish"] * 8 + ["dismiss", "restore", "revise", "silence", "unsilence", "acknowledge"]
        ),
        st.sampled_from(["sources", "sources", "party"]),
    ),
    min_size=2,
    max_size=14,
)
LIVES = settings(max_examples=120, deadline=None)


def live(newsroom, said, steps):
    """A life of a topic with people in it."""
    records, clock = [], START
    for n, (kind, hours, act, attribution) in enumerate(steps):
        clock += hours * HOUR
        told = [event for event in newsroom.log if event.type == "alert.raised"]
        if act == "silence":
            silence(newsroom, clock, clock + hours * HOUR, key=f"s{n}")
        elif act == "unsilence" and (begun := [e for e in newsroom.log if e.type == "silence.begun"]):
            ended = SilenceEnded(silence_id=begun[-1].data["silence_id"], operator_id="op")
            newsroom.append("silence.ended", ended, clock)
        elif act == "acknowledge" and told:
            known = AlertAcknowledged(alert_id=told[-1].data["alert_id"], operator_id="op")
            newsroom.append("alert.acknowledged", known, clock)
        elif act in {"dismiss", "restore"} and records:
            type_ = "claim.dismissed" if act == "dismiss" else "claim.restored"
            newsroom.judge(type_, records[hours % len(records)], clock)
        else:
            revised = act == "revise" and bool(records)
            article = "a0" if revised or not records else f"a{n}"
            party = {"speaker": "pti", "principal": "pti"} if attribution == "party" else {}
            outlet = ["dawn", "geo", "ary"][n % 3]
            records.append(
                said(
                    clock,
                    kind,
                    article=article,
                    outlet=outlet,
                    attribution=attribution,
                    first_seen=clock,
                    **party,
                )
            )
            newsroom.publish(records[-1], revised=revised)


def lives(newsroom):
    """Alert id -> its events in the order of the log."""
    found = defaultdict(list)
    for event in newsroom.log:
        if event.is_decision and event.type.startswith("alert."):
            found[event.data["alert_id"]].append(event)
    return found


@LIVES
@given(steps=STEPS)
def test_an_alert_is_raised_once_then_updated_then_perhaps_taken_back(new_room, said, steps):
    newsroom = new_room()
    live(newsroom, said, steps)
    for events in lives(newsroom).values():
        types = [event.type.removeprefix("alert.") for event in events]
        assert types.count("raised") <= 1
        assert types.count("suppressed") <= 1
        assert types[0] in {"raised", "suppressed"}
        assert "suppressed" not in types[1:]
        assert "cancelled" not in types[:-1]
        assert (
            "updated" not in types[: types.index("raised")] if "raised" in types else "updated" not in types
        )
        if types[:2] == ["suppressed", "raised"]:
            assert events[0].data["reason"] in {"flapping", "cool_down"}
            assert events[1].data["reason"] in {"confirmed", "settled"}
        told = [event for event in events if event.type != "alert.suppressed"]
        assert [event.data["references"] for event in told] == [
            [earlier.id for earlier in told[:n]] for n in range(len(told))
        ]


@LIVES
@given(steps=STEPS)
def test_a_shift_that_was_withdrawn_is_not_told_of_again(new_room, said, steps):
    newsroom = new_room()
    live(newsroom, said, steps)
    gone = set()
    for event in newsroom.log:
        shift = event.data.get("shift_id")
        if event.type.startswith("status.") or event.type == "alert.raised":
            assert shift not in gone
        if event.type == "status.withdrawn":
            gone.add(shift)


@LIVES
@given(steps=STEPS)
def test_in_silence_only_corrections_are_told(new_room, said, steps):
    newsroom = new_room()
    live(newsroom, said, steps)
    silences = {}
    for event in newsroom.log:
        if event.type == "silence.begun":
            silences[event.data["silence_id"]] = SilenceBegun.model_validate(event.data)
        elif event.type == "silence.ended":
            silences.pop(event.data["silence_id"], None)
        elif event.type in {"alert.raised", "alert.updated"}:
            assert not any(one.since <= event.recorded_at < one.until for one in silences.values())


@LIVES
@given(steps=STEPS)
def test_a_reader_that_was_down_meanwhile_tells_the_same(new_room, said, steps):
    """It finds all of the log at once: what it decides on each event is what was decided when that came in."""
    newsroom = new_room()
    live(newsroom, said, steps)
    facts = [event for event in newsroom.log if not event.is_decision]
    late, told = TopicState(newsroom.topic), []
    for event in facts:
        late.apply(event)
        if event.type in DECIDED_AFTER:
            decided = decide(late, event, at=event.recorded_at, by=newsroom.BY)
            late.foresee(decided)
            told += decided
    assert told == [event for event in newsroom.log if event.is_decision]


@LIVES
@given(
    gaps=st.lists(st.integers(37, 24 * (RULES.flapping.days - 1)), min_size=3, max_size=12),
    pair=st.sampled_from([("underway", "rejected"), ("scheduled", "collapsed"), ("rejected", "underway")]),
)
def test_however_long_unconfirmed_sources_alternate_three_alerts_are_told(new_room, said, gaps, pair):
    newsroom, hours, reports = new_room(), 0, []
    for n, gap in enumerate([0, *gaps]):
        hours += gap
        reports.append((hours, pair[n % 2]))
    alerts = play(newsroom, said, reports)
    told = [e for e in alerts if e.type != "alert.suppressed"]
    assert len(told) <= 3
    assert [e.data["contested"] for e in told].count(True) <= 1

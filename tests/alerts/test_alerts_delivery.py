"""What follows from an attempt."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.delivery import LONGEST_WAIT, REPEATS_IN_DOUBT, SCHEDULE, State, verdict
from monitor.errors import DeliveryError

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ATTEMPTS = st.integers(1, len(SCHEDULE))
JITTER = st.floats(0, 1)


def failing(retry_after=None):
    return DeliveryError("server", "the receiver answered 500", retry=True, retry_after=retry_after)


@given(ATTEMPTS, JITTER)
def test_what_was_accepted_is_over(attempt, jitter):
    assert verdict(attempt, None, NOW, jitter).state is State.SUCCEEDED


@given(ATTEMPTS, JITTER)
def test_what_cannot_be_helped_is_given_up_at_once(attempt, jitter):
    judged = verdict(attempt, DeliveryError("gone", "410", retry=False), NOW, jitter)
    assert (judged.state, judged.retry_at) == (State.ABANDONED, None)


def test_the_waits_are_those_of_the_standard():
    waits = [verdict(attempt, failing(), NOW, 1.0).retry_at - NOW for attempt in range(1, len(SCHEDULE))]
    seconds = [wait.total_seconds() for wait in waits]
    assert seconds == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]


def test_after_the_last_attempt_it_is_over():
    assert verdict(len(SCHEDULE), failing(), NOW, 0.5).state is State.ABANDONED
    assert verdict(len(SCHEDULE) - 1, failing(), NOW, 0.5).state is State.FAILED


@given(st.integers(1, len(SCHEDULE) - 1), JITTER, st.none() | st.floats(0, 1e12))
def test_a_wait_is_within_the_schedule_unless_the_receiver_asked_for_more(attempt, jitter, asked):
    wait = verdict(attempt, failing(asked), NOW, jitter).retry_at - NOW
    assert timedelta() <= wait <= LONGEST_WAIT
    if asked is None:
        assert wait <= SCHEDULE[attempt]
    else:
        assert wait >= min(timedelta(seconds=asked), LONGEST_WAIT)


@given(st.integers(1, len(SCHEDULE) - 1), JITTER)
def test_the_wait_is_the_jitters_share_of_the_step(attempt, jitter):
    assert verdict(attempt, failing(), NOW, jitter).retry_at == NOW + SCHEDULE[attempt] * jitter


SILENT = DeliveryError("unknown", "no answer within 15 s", retry=True)


def test_what_may_have_arrived_in_a_chat_is_repeated_once():
    first = verdict(1, SILENT, NOW, 0.5, kind="chat", doubts=0)
    assert (first.state, first.unknown) == (State.FAILED, True)
    second = verdict(4, SILENT, NOW, 0.5, kind="chat", doubts=1)
    assert (second.state, second.reason, second.unknown) == (State.ABANDONED, "unknown", True)
    assert verdict(4, failing(), NOW, 0.5, kind="chat", doubts=1).state is State.FAILED


@pytest.mark.parametrize("kind", ["webhook", "email", "file"])
def test_what_may_have_arrived_elsewhere_is_repeated_as_after_any_failure(kind):
    assert kind not in REPEATS_IN_DOUBT
    assert verdict(5, SILENT, NOW, 0.5, kind=kind, doubts=4).state is State.FAILED


def test_what_is_limited_comes_again_when_it_was_told_and_was_not_tried():
    limited = DeliveryError("limited", "too many", retry=True, retry_after=90.5)
    judged = verdict(len(SCHEDULE), limited, NOW, 0.5)
    assert (judged.state, judged.retry_at) == (State.PENDING, NOW + timedelta(seconds=90.5))

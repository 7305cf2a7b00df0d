"""Not too much at once to one place."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from monitor.alerts.delivery import Recipient, State
from monitor.alerts.dispatch import Dispatcher
from monitor.alerts.limits import Limits
from monitor.alerts.tables import DeliveryRow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def to(target, kind="webhook"):
    return Recipient("subscription", kind, target)


def test_who_comes_too_soon_gets_the_next_free_slot_and_keeps_it():
    limits = Limits({"webhook": 2})
    place = to("https://hook.example/a")
    assert [limits.wait_until(one, place, NOW) for one in "abcde"] == [
        None,
        None,
        NOW + MINUTE,
        NOW + MINUTE,
        NOW + 2 * MINUTE,
    ]
    assert limits.wait_until("d", place, NOW + MINUTE) is None
    assert limits.wait_until("new", place, NOW + MINUTE) == NOW + 2 * MINUTE
    assert limits.wait_until("e", place, NOW + MINUTE) == NOW + 2 * MINUTE


def test_places_and_kinds_do_not_wait_for_each_other():
    limits = Limits({"webhook": 1, "email": 1, "chat": 0})
    hook, other = to("https://hook.example/a"), to("https://other.example/a")
    assert limits.wait_until("a", hook, NOW) is None
    assert limits.wait_until("b", other, NOW) is None
    assert limits.wait_until("c", to("https://HOOK.example/b"), NOW) == NOW + MINUTE
    assert limits.wait_until("d", to("anna@example.org", "email"), NOW) is None
    assert limits.wait_until("e", to("ben@example.net", "email"), NOW) == NOW + MINUTE
    for one in "fgh":
        assert limits.wait_until(one, to("slack://a/b/c", "chat"), NOW) is None
        assert limits.wait_until(one, to("", "console"), NOW) is None


@given(st.integers(1, 5), st.lists(st.integers(0, 90), min_size=1, max_size=40))
def test_no_minute_has_more_than_its_number(most, gaps):
    limits, now = Limits({"webhook": most}), NOW
    slots = []
    for number, gap in enumerate(gaps):
        now += timedelta(seconds=gap)
        slots.append(limits.wait_until(str(number), to("https://hook.example"), now) or now)
    assert slots == sorted(slots)
    for slot in slots:
        assert sum(slot <= one < slot + MINUTE for one in slots) <= most


class Taking:
    """A channel that takes everything."""

    def __init__(self):
        self.sent = []

    def send(self, delivery):
        self.sent.append((delivery.delivery_id, delivery.attempt))


def test_a_limited_delivery_waits_and_no_attempt_is_counted(story, clock):
    story.subscribe(*(story.webhook(f"desk-{number}") for number in range(5)))
    story.tell(story.alert())
    channel, events = Taking(), []
    dispatcher = Dispatcher(
        story.engine, {"webhook": channel}, clock, story.open, events.append, per_minute={"webhook": 2}
    )

    def sent_after(seconds):
        clock.turn(timedelta(seconds=seconds))
        dispatcher.tick()
        assert dispatcher.drain(10)
        dispatcher.tick()
        return len(channel.sent)

    assert sent_after(0) == 2
    with Session(story.engine) as session:
        limited = session.exec(select(DeliveryRow).where(DeliveryRow.state == State.PENDING)).all()
    assert [(row.attempts, row.last_error.partition(":")[0]) for row in limited] == [(0, "limited")] * 3
    assert [sent_after(30) for _ in range(4)] == [2, 4, 4, 5]
    dispatcher.close()
    assert {attempt for _, attempt in channel.sent} == {1}
    assert [event.type for event in events] == ["delivery.succeeded"] * 5

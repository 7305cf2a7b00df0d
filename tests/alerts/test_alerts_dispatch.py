"""The dispatcher: every subscriber on its own, by the schedule, and nothing lost when it dies anywhere."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from monitor.alerts.channels.webhook import WebhookChannel
from monitor.alerts.config import SubscriptionConfig
from monitor.alerts.delivery import SCHEDULE, State
from monitor.alerts.dispatch import FEW, Dispatcher
from monitor.alerts.queue import LEASE, claim
from monitor.alerts.subscriptions import subscription_id
from monitor.alerts.tables import DeliveryRow, SubscriptionRow
from monitor.errors import DeliveryError, LogUnavailableError, SettingsError


class Outbox:
    """A channel that keeps what it is given, and fails as it is told to."""

    def __init__(self):
        self.sent = []
        self.error = None

    def send(self, delivery):
        self.sent.append(delivery)
        if self.error is not None:
            raise self.error


class Recorder:
    """What the log does with outcomes: the same id twice is one event."""

    def __init__(self):
        self.events = {}

    def __call__(self, event):
        assert self.events.setdefault(event.id, event) == event

    @property
    def types(self):
        return [event.type for event in self.events.values()]


@pytest.fixture
def recorder():
    return Recorder()


@pytest.fixture
def outbox():
    return Outbox()


@pytest.fixture
def dispatcher_of(engine, clock, story, recorder):
    """Dispatchers with these channels; all of them are closed in the end."""
    made = []

    def make(channels, **options):
        options = {"jitter": lambda: 1.0, **options}
        made.append(
            Dispatcher(engine, channels, clock, story.open, options.pop("record", recorder), **options)
        )
        return made[-1]

    yield make
    for dispatcher in made:
        dispatcher.close(timeout=2)


@pytest.fixture
def dispatcher(dispatcher_of, outbox):
    return dispatcher_of({"webhook": outbox})


def run(dispatcher):
    started = dispatcher.tick()
    assert dispatcher.drain(10)
    assert dispatcher.tick() == 0  # the log learns of the outcomes
    return started


def states(engine):
    with Session(engine) as session:
        return [row.state for row in session.exec(select(DeliveryRow).order_by(DeliveryRow.seq))]


def test_what_is_due_is_sent_once_and_its_outcome_recorded(story, engine, dispatcher, outbox, recorder):
    story.subscribe(story.webhook("desk"))
    raised = story.alert()
    story.tell(raised)
    assert run(dispatcher) == 1
    assert run(dispatcher) == 0
    [delivery] = outbox.sent
    [event] = recorder.events.values()
    assert states(engine) == [State.SUCCEEDED]
    assert (event.type, event.topic, event.cause) == ("delivery.succeeded", "pti", raised.event.id)
    assert event.data == {
        "delivery_id": delivery.delivery_id,
        "alert_id": raised.event.data["alert_id"],
        "subscription_id": subscription_id("desk"),
        "message": "alert",
        "attempt": 1,
        "outcome": "accepted",
    }


def test_one_tick_delivers_everything_that_is_due_in_order(story, engine, dispatcher, outbox):
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert("a"), story.update("a"), story.alert("b"), story.cancel("a"))
    run(dispatcher)
    assert [delivery.kind for delivery in outbox.sent] == ["alert", "update", "alert", "cancel"]
    assert set(states(engine)) == {State.SUCCEEDED}


def test_a_failing_receiver_is_tried_by_the_schedule_and_then_given_up(
    story, engine, clock, dispatcher, outbox, recorder
):
    outbox.error = DeliveryError("server", "the receiver answered 500", retry=True)
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert())
    run(dispatcher)
    for wait in SCHEDULE[1:]:
        clock.turn(wait - timedelta(seconds=1))
        assert run(dispatcher) == 0
        clock.turn(timedelta(seconds=1))
        assert run(dispatcher) == 1
    clock.turn(timedelta(days=30))
    assert run(dispatcher) == 0
    assert states(engine) == [State.ABANDONED]
    assert recorder.types == ["delivery.failed"] * 9 + ["delivery.abandoned"]
    assert len({delivery.delivery_id for delivery in outbox.sent}) == 1
    assert [delivery.attempt for delivery in outbox.sent] == list(range(1, 11))


def test_a_receiver_that_comes_back_gets_its_alert(story, engine, clock, dispatcher, outbox, recorder):
    outbox.error = DeliveryError("server", "500", retry=True)
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert())
    run(dispatcher)
    outbox.error = None
    clock.turn(timedelta(seconds=5))
    run(dispatcher)
    assert states(engine) == [State.SUCCEEDED]
    assert recorder.types == ["delivery.failed", "delivery.succeeded"]


def test_the_receiver_is_left_alone_as_long_as_it_asked(story, clock, dispatcher, outbox):
    outbox.error = DeliveryError("rate_limited", "429", retry=True, retry_after=3600)
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert())
    run(dispatcher)
    clock.turn(timedelta(seconds=3599))
    assert run(dispatcher) == 0
    clock.turn(timedelta(seconds=1))
    assert run(dispatcher) == 1


def test_410_disables_the_subscription(story, engine, clock, receiver, dispatcher_of, recorder):
    receiver.answers["/hook"] = (410, {})
    dispatcher = dispatcher_of({"webhook": WebhookChannel(clock, timeout=5)})
    story.subscribe(story.webhook("desk", receiver.url + "/hook"))
    story.tell(story.alert("a"))
    run(dispatcher)
    assert story.tell(story.alert("b")) == 0
    assert recorder.types == ["delivery.abandoned"]
    with Session(engine) as session:
        assert "410" in session.exec(select(SubscriptionRow)).one().paused_because


def test_a_receiver_that_hangs_delays_nobody_else(story, engine, clock, receiver, dispatcher_of):
    release = threading.Event()
    receiver.odd["/hang"] = lambda _: release.wait(20)
    dispatcher = dispatcher_of({"webhook": WebhookChannel(clock, timeout=20)}, hands=3)
    story.subscribe(
        story.webhook("hang", receiver.url + "/hang"), story.webhook("desk", receiver.url + "/desk")
    )
    story.tell(*(story.alert(str(number)) for number in range(20)))
    dispatcher.tick()
    with receiver.arrived:
        assert receiver.arrived.wait_for(
            lambda: sum(request.path == "/desk" for request in receiver.requests) == 20, 10
        )
    assert [request.path for request in receiver.requests].count("/hang") == 1
    assert not release.is_set()
    dispatcher.close(timeout=0)
    release.set()


def test_while_all_hands_are_busy_nothing_is_leased(story, engine, dispatcher_of):
    release = threading.Event()

    class Slow(Outbox):
        def send(self, delivery):
            super().send(delivery)
            release.wait(10)

    slow = Slow()
    dispatcher = dispatcher_of({"webhook": slow}, hands=2)
    story.subscribe(*(story.webhook(f"s{number}") for number in range(5)))
    story.tell(story.alert())
    assert dispatcher.tick() == 2
    assert dispatcher.tick() == 0
    assert states(engine).count(State.LEASED) == 2
    release.set()
    assert dispatcher.drain(10)
    assert len(slow.sent) == 5


def test_receivers_that_hang_delay_nobody_else(story, engine, dispatcher_of):
    release, quick = threading.Event(), Outbox()

    class Odd(Outbox):
        def send(self, delivery):
            if delivery.recipient.target.endswith("hang"):
                release.wait(60)
            quick.send(delivery)

    dispatcher = dispatcher_of({"webhook": Odd()}, hands=10)
    story.subscribe(*(story.webhook(f"h{number}", "http://127.0.0.1:9/hang") for number in range(9)))
    story.tell(story.alert("first"))
    assert dispatcher.tick() == 9
    story.subscribe(
        *(story.webhook(f"h{number}", "http://127.0.0.1:9/hang") for number in range(9)),
        *(story.webhook(f"q{number}") for number in range(5)),
    )
    story.tell(*(story.alert(str(number)) for number in range(3)))
    dispatcher.tick()
    assert reaches(lambda: len(quick.sent) == 15, seconds=30)
    # The last one is sent a moment before that is written down.
    assert reaches(lambda: states(engine).count(State.LEASED) == 9)
    release.set()


def reaches(state, seconds=10):
    """Whether it comes to that in time."""
    end = time.monotonic() + seconds
    while not state() and time.monotonic() < end:
        time.sleep(0.01)
    return state()


def test_slow_receivers_are_served_by_as_many_hands_as_there_are(story, dispatcher_of):
    together = threading.Barrier(10, timeout=10)

    class Slow(Outbox):
        def send(self, delivery):
            together.wait()  # until ten are being sent at once
            super().send(delivery)

    slow = Slow()
    dispatcher = dispatcher_of({"webhook": slow}, hands=10)
    story.subscribe(*(story.webhook(f"s{number}") for number in range(20)))
    story.tell(story.alert())
    run(dispatcher)
    assert len(slow.sent) == 20


def test_receivers_that_answer_at_once_are_served_by_a_few_hands(story, dispatcher_of, monkeypatch):
    monkeypatch.setattr("monitor.alerts.dispatch.PATIENCE_S", 60)
    hands = set()

    class Watched(Outbox):
        def send(self, delivery):
            hands.add(threading.get_ident())
            super().send(delivery)

    quick = Watched()
    dispatcher = dispatcher_of({"webhook": quick}, hands=32)
    story.subscribe(*(story.webhook(f"s{number}") for number in range(100)))
    story.tell(story.alert())
    run(dispatcher)
    assert len(quick.sent) == 100
    assert len(hands) <= FEW


def test_who_closes_gives_back_what_is_not_being_sent_yet(
    story, engine, clock, dispatcher_of, outbox, recorder, monkeypatch
):
    monkeypatch.setattr("monitor.alerts.dispatch.PATIENCE_S", 60)
    release = threading.Event()

    class Slow(Outbox):
        def send(self, delivery):
            super().send(delivery)
            release.wait(10)

    slow = Slow()
    dispatcher = dispatcher_of({"webhook": slow}, hands=10)
    story.subscribe(*(story.webhook(f"s{number}") for number in range(8)))
    story.tell(story.alert())
    assert dispatcher.tick() == 8
    assert reaches(lambda: len(slow.sent) == FEW)
    dispatcher.close(timeout=0.2)
    with Session(engine) as session:
        found = sorted((row.state, row.attempts) for row in session.exec(select(DeliveryRow)))
    assert found == [(State.LEASED, 1)] * FEW + [(State.PENDING, 0)] * (8 - FEW)
    release.set()
    run(dispatcher_of({"webhook": outbox}))
    assert {delivery.attempt for delivery in outbox.sent} == {1}
    assert len({delivery.delivery_id for delivery in slow.sent + outbox.sent}) == 8
    assert set(recorder.types) == {"delivery.succeeded"}


def test_a_system_without_threads_to_spare_costs_time_and_no_delivery(
    story, engine, dispatcher_of, monkeypatch, caplog
):
    monkeypatch.setattr("monitor.alerts.dispatch.FEW", 1)
    release, submit, called = threading.Event(), ThreadPoolExecutor.submit, []

    def scarce(pool, call):
        called.append(call)
        if len(called) > 2:  # the first hand and the clerk
            raise RuntimeError("can't start new thread")
        return submit(pool, call)

    class Slow(Outbox):
        def send(self, delivery):
            super().send(delivery)
            release.wait(10)

    slow = Slow()
    dispatcher = dispatcher_of({"webhook": slow}, hands=10)
    story.subscribe(*(story.webhook(f"s{number}") for number in range(5)))
    story.tell(story.alert())
    monkeypatch.setattr(ThreadPoolExecutor, "submit", scarce)
    assert dispatcher.tick() == 5
    assert reaches(lambda: "new thread" in caplog.text)
    monkeypatch.setattr(ThreadPoolExecutor, "submit", submit)
    release.set()
    dispatcher.tick()
    assert dispatcher.drain(10)
    assert len(slow.sent) == 5
    assert set(states(engine)) == {State.SUCCEEDED}


def test_one_whose_address_cannot_be_opened_holds_up_nobody(story, engine, dispatcher_of, outbox, caplog):
    address = "anna@example.org"

    def open_(recipient):
        if recipient.subscription == subscription_id("sealed"):
            raise SettingsError("sealed with another key")
        if recipient.subscription == subscription_id("odd"):
            raise RuntimeError(address)
        return story.open(recipient)

    dispatcher = Dispatcher(engine, {"webhook": outbox}, story.clock, open_, lambda _: None)
    story.subscribe(*(story.webhook(name) for name in ("sealed", "odd", "desk")))
    story.tell(story.alert())
    assert run(dispatcher) == 3
    dispatcher.close()
    with Session(engine) as session:
        found = {row.subscription: row for row in session.exec(select(DeliveryRow))}
    assert found[subscription_id("desk")].state == State.SUCCEEDED
    for name, reason in (("sealed", "sealed"), ("odd", "defect")):
        row = found[subscription_id(name)]
        assert (row.state, row.last_error.partition(":")[0]) == (State.FAILED, reason)
    assert "anna@" not in caplog.text


def test_two_dispatchers_share_the_work_and_send_nothing_twice(story, engine, dispatcher_of, outbox):
    pair = [dispatcher_of({"webhook": outbox}, hands=4) for _ in range(2)]
    story.subscribe(*(story.webhook(f"s{number}") for number in range(10)))
    story.tell(*(story.alert(str(number)) for number in range(5)))
    threads = [threading.Thread(target=run, args=(dispatcher,)) for dispatcher in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outbox.sent) == len({delivery.delivery_id for delivery in outbox.sent}) == 50
    assert set(states(engine)) == {State.SUCCEEDED}


def test_a_defect_of_a_channel_is_told_of_without_its_words_and_tried_again(
    story, engine, dispatcher, outbox, caplog, recorder
):
    outbox.error = RuntimeError("cannot reach anna@example.org")
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert())
    run(dispatcher)
    assert states(engine) == [State.FAILED]
    assert "RuntimeError" in caplog.text
    assert "in send" in caplog.text
    assert "anna@" not in caplog.text
    assert [event.data["outcome"] for event in recorder.events.values()] == ["defect"]


def test_a_kind_without_a_channel_waits_until_it_is_configured(story, engine, clock, dispatcher_of, outbox):
    story.subscribe(story.email("anna"))
    story.tell(story.alert())
    run(dispatcher_of({}))
    assert states(engine) == [State.FAILED]
    clock.turn(timedelta(seconds=5))
    run(dispatcher_of({"email": outbox}))
    assert states(engine) == [State.SUCCEEDED]


def test_deliveries_go_on_while_the_log_is_away_and_it_learns_of_them_later(
    story, engine, dispatcher_of, outbox, recorder
):
    away = True

    def record(event):
        if away:
            raise LogUnavailableError("no Redis")
        recorder(event)

    dispatcher = dispatcher_of({"webhook": outbox}, record=record)
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert())
    run(dispatcher)
    assert (states(engine), recorder.types) == ([State.SUCCEEDED], [])
    away = False
    dispatcher.tick()
    assert recorder.types == ["delivery.succeeded"]


def test_a_tick_never_raises(story, engine, clock, dispatcher, outbox, caplog):
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE delivery RENAME TO elsewhere")
        connection.exec_driver_sql("ALTER TABLE unrecorded_outcome RENAME TO nowhere")
    assert dispatcher.tick() == 0
    assert re.search("no such table|does not exist", caplog.text)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO delivery")
        connection.exec_driver_sql("ALTER TABLE nowhere RENAME TO unrecorded_outcome")
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert())
    assert run(dispatcher) == 1


def test_a_closed_dispatcher_takes_nothing_more(story, engine, dispatcher, outbox):
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert())
    dispatcher.close()
    assert dispatcher.tick() == 0
    assert outbox.sent == []


class Killed(BaseException):
    """The process dies here: no handler of ours may catch it."""


class Fate:
    """Dies at the N-th step that is reached, once; counts steps otherwise."""

    def __init__(self, at):
        self.at, self.steps = at, 0

    def __call__(self, name):
        self.steps += 1
        if self.steps == self.at:
            raise Killed(name)


def live(story, events, channel, record, fate, engine, clock):
    """One life of the process: fan out, deliver; True when it lived to the end."""

    def recording(event):
        fate("record.before")
        record(event)
        fate("record.after")

    dispatcher = Dispatcher(
        engine, {"webhook": channel}, clock, story.open, recording, hands=1, jitter=lambda: 1.0
    )
    try:
        story.tell(*events)
        dispatcher.tick()
        while not dispatcher.drain(0.05):
            if fate.steps >= fate.at > 0:
                return False
        dispatcher.tick()
    except Killed:
        return False
    finally:
        # What a killed process does not do: nothing of it may be left to help the next one.
        dispatcher._pool.shutdown(wait=True)
    return fate.steps < fate.at


@pytest.mark.drill
def test_killed_at_any_step_nothing_is_lost_and_repeats_carry_the_same_id(
    tmp_path, monkeypatch, clock, story_on
):
    """Dies at every step there is, one after the other; the next life finishes what the last one left."""
    step, lived = 0, False
    expected = None
    while not lived:
        step += 1
        engine, story = story_on(tmp_path / f"{step}.sqlite")
        story.subscribe(story.webhook("one"), story.webhook("two"))
        events = [story.alert(), story.update()]
        channel, recorder = Outbox(), Recorder()
        fate = Fate(step)
        for room in ("tables", "attempt"):
            monkeypatch.setattr(f"monitor.alerts.{room}.reached", fate)
        lived = live(story, events, channel, recorder, fate, engine, clock)
        monkeypatch.undo()
        for _ in range(3):  # the lease runs out, then what waited for it is done
            clock.turn(LEASE)
            live(story, events, channel, recorder, Fate(0), engine, clock)
        assert set(states(engine)) == {State.SUCCEEDED}
        sent = {delivery.delivery_id for delivery in channel.sent}
        succeeded = {
            event.data["delivery_id"]
            for event in recorder.events.values()
            if event.type == "delivery.succeeded"
        }
        expected = expected or sent
        assert sent == succeeded == expected
        assert len(sent) == 4
        assert len(channel.sent) <= 5  # one death repeats one message at most
        engine.dispose()
    assert step > 30


def test_a_chat_message_whose_dispatcher_died_twice_is_not_sent_again_but_corrected(
    story, engine, clock, dispatcher_of, outbox, recorder
):
    story.subscribe(SubscriptionConfig(id="room", kind="chat", url="json://chat.example/room"))
    story.tell(story.alert())
    for _ in range(2):  # leased, and perhaps sent
        claim(engine, clock(), 1)
        clock.turn(LEASE)
    dispatcher = dispatcher_of({"chat": outbox})
    run(dispatcher)
    assert (outbox.sent, states(engine)) == ([], [State.ABANDONED])
    assert [event.data["outcome"] for event in recorder.events.values()] == ["unknown"]
    story.tell(story.cancel())
    run(dispatcher)
    assert [delivery.kind for delivery in outbox.sent] == ["cancel"]


def test_a_chat_message_whose_dispatcher_died_once_is_repeated(story, engine, clock, dispatcher_of, outbox):
    story.subscribe(SubscriptionConfig(id="room", kind="chat", url="json://chat.example/room"))
    story.tell(story.alert())
    claim(engine, clock(), 1)
    clock.turn(LEASE)
    run(dispatcher_of({"chat": outbox}))
    assert [delivery.attempt for delivery in outbox.sent] == [2]


def test_what_was_sent_while_the_database_was_away_is_settled_when_it_is_back(
    story, engine, dispatcher, outbox, recorder, monkeypatch, caplog
):
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert())

    def away(_, outcomes):
        if outcomes:
            raise OperationalError("UPDATE delivery", {}, Exception("connection refused"))

    with monkeypatch.context() as patched:
        patched.setattr("monitor.alerts.queue.write_down", away)
        assert dispatcher.tick() == 1
        assert dispatcher.drain(10)
        for _ in range(3):
            dispatcher.tick()
    assert states(engine) == [State.LEASED]
    run(dispatcher)
    assert states(engine) == [State.SUCCEEDED]
    assert len(outbox.sent) == len(recorder.events) == 1
    assert "Traceback" not in caplog.text
    assert "deliveries wait for the database: connection refused" in caplog.text
